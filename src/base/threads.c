#include "base/threads.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#define MOST_THREADS 64

int threads_resolve(int requested)
{
    long count = requested > 0 ? requested : sysconf(_SC_NPROCESSORS_ONLN);
    if (count < 1)
        count = 1;
    return count > MOST_THREADS ? MOST_THREADS : (int)count;
}

struct batch {
    atomic_int next;
    int count;
    void (*task)(void *, int);
    void *context;
};

static void *work(void *argument)
{
    struct batch *batch = argument;
    for (int i; (i = atomic_fetch_add(&batch->next, 1)) < batch->count;)
        batch->task(batch->context, i);
    return NULL;
}

void threads_run(int threads, int count, void (*task)(void *context, int index), void *context)
{
    struct batch batch = {.count = count, .task = task, .context = context};
    pthread_t handle[MOST_THREADS];
    int started = 0;
    threads = threads_resolve(threads);
    if (threads > count)
        threads = count;
    while (started < threads - 1 && pthread_create(&handle[started], NULL, work, &batch) == 0)
        started++;
    work(&batch);
    for (int i = 0; i < started; i++)
        pthread_join(handle[i], NULL);
}
