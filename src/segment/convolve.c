/* Eight outputs of some neighbouring places are computed at once and stay in registers; the weights
 * of eight outputs and three rows of input stay in the cache. */
#include "segment/convolve.h"

#include "base/threads.h"
#include "base/vector.h"

#include <stdlib.h>
#include <string.h>

#define PLACES    6 /* with 8 outputs each: 12 of SSE's 16 registers, 6 of AVX's */
#define TASK_ROWS 8

/* Need not be aligned. */
typedef float lanes __attribute__((vector_size(sizeof(float) * MODEL_LANES), aligned(4)));

striae_status activations_init(struct activations *activations, int width, int height, int channels,
                               striae_error *error)
{
    size_t places = checked_bytes((size_t)width + 2, (size_t)height + 2, 1);
    size_t bytes = checked_bytes(places, (size_t)channels, sizeof(float));
    size_t rounded = (bytes + 63) / 64 * 64;
    *activations = (struct activations){width, height, channels, NULL};
    if (bytes && rounded >= bytes)
        activations->data = aligned_alloc(64, rounded);
    if (!activations->data)
        return fail_memory(error);
    memset(activations->data, 0, rounded);
    return STRIAE_OK;
}

void activations_free(struct activations *activations)
{
    free(activations->data);
    *activations = (struct activations){0};
}

struct job {
    const struct convolution *convolution;
    const struct activations *in;
    struct activations *out;
    int offset;
};

/* One group of eight outputs at `places` neighbouring places (a constant where this is inlined). */
static inline __attribute__((always_inline)) void convolve_places(const struct job *job, int group,
                                                                  int x, int y, int places)
{
    const struct convolution *c = job->convolution;
    const lanes *weight =
        (const lanes *)(const void *)c->weights + (size_t)group * 9 * (size_t)c->inputs;
    lanes sum[PLACES];
    for (int p = 0; p < places; p++)
        sum[p] = *((const lanes *)(const void *)c->bias + group);
    for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++) {
            const float *in = activations_at(job->in, x + dx, y + dy);
            for (int i = 0; i < c->inputs; i++, weight++)
                for (int p = 0; p < places; p++)
                    sum[p] += *weight * in[(size_t)p * (size_t)c->inputs + (size_t)i];
        }
    for (int p = 0; p < places; p++) {
        float *out = activations_at(job->out, x + p, y) + job->offset + group * MODEL_LANES;
        for (int k = 0; k < MODEL_LANES; k++)
            out[k] = sum[p][k] > 0 ? sum[p][k] : 0;
    }
}

VECTORISED static void convolve_rows(const struct job *job, int from, int to)
{
    int width = job->in->width, groups = job->convolution->outputs / MODEL_LANES;
    for (int y = from; y < to; y++)
        for (int group = 0; group < groups; group++) {
            int x = 0;
            for (; x + PLACES <= width; x += PLACES)
                convolve_places(job, group, x, y, PLACES);
            for (; x < width; x++)
                convolve_places(job, group, x, y, 1);
        }
}

static void convolve_task(void *context, int index)
{
    const struct job *job = context;
    int from = index * TASK_ROWS, to = from + TASK_ROWS;
    convolve_rows(job, from, to < job->in->height ? to : job->in->height);
}

void convolve(const struct convolution *convolution, const struct activations *in, int threads,
              int offset, struct activations *out)
{
    struct job job = {convolution, in, out, offset};
    threads_run(threads, (in->height + TASK_ROWS - 1) / TASK_ROWS, convolve_task, &job);
}
