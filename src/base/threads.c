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

struct row_blocks {
    int rows, block;
    void (*task)(void *, int, int);
    void *context;
};

static void run_block(void *context, int index)
{
    const struct row_blocks *blocks = context;
    int from = index * blocks->block, left = blocks->rows - from;
    blocks->task(blocks->context, from, from + (left < blocks->block ? left : blocks->block));
}

void threads_run_rows(int threads, int rows, int block,
                      void (*task)(void *context, int from, int to), void *context)
{
    struct row_blocks blocks = {rows, block, task, context};
    threads_run(threads, (rows + block - 1) / block, run_block, &blocks);
}
