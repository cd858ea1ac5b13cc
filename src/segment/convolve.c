/* Eight outputs of some neighbouring places are computed at once, two or three such groups
 * together: the sums stay in registers, an input that was read serves all of them. */
#include "segment/convolve.h"

#include "base/threads.h"

#include <stdlib.h>
#include <string.h>

#define TASK_ROWS 8

#define MOST_SUMS 12 /* eight numbers each, of the 16 registers that AVX has */
#define GROUPS    3  /* most of them together */
#define PLACES    6  /* most of them side by side */

/* Processors that multiply and add in one step have registers enough for all of this; on others the
 * last bits differ. */
#if defined __x86_64__ && defined __GNUC__
#define FUSED    __attribute__((target("fma")))
#define CAN_FUSE __builtin_cpu_supports("fma")
#else
#define FUSED
#define CAN_FUSE false
#endif

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

/* `groups` groups of eight outputs from `first` on, at `places` neighbouring places (both constants
 * where this is inlined). */
static inline __attribute__((always_inline)) void
convolve_places(const struct job *job, int first, int groups, int x, int y, int places)
{
    const struct convolution *c = job->convolution;
    const size_t inputs = (size_t)c->inputs, step = 9 * inputs; /* from group to group */
    const lanes *weight = (const lanes *)(const void *)c->weights + (size_t)first * step;
    const lanes *bias = (const lanes *)(const void *)c->bias + first;
    lanes sum[MOST_SUMS];
    for (int g = 0; g < groups; g++)
        for (int p = 0; p < places; p++)
            sum[g * places + p] = bias[g];
    for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++) {
            const float *in = activations_at(job->in, x + dx, y + dy);
            for (size_t i = 0; i < inputs; i++, weight++)
                for (int p = 0; p < places; p++)
                    for (int g = 0; g < groups; g++)
                        sum[g * places + p] +=
                            weight[(size_t)g * step] * in[(size_t)p * inputs + i];
        }
    for (int p = 0; p < places; p++) {
        float *out = activations_at(job->out, x + p, y) + job->offset + first * MODEL_LANES;
        for (int g = 0; g < groups; g++)
            for (int k = 0; k < MODEL_LANES; k++)
                out[g * MODEL_LANES + k] = sum[g * places + p][k] > 0 ? sum[g * places + p][k] : 0;
    }
}

/* One row of some groups (a constant where this is inlined). */
static inline __attribute__((always_inline)) void convolve_groups(const struct job *job, int first,
                                                                  int groups, int y)
{
    const int places = MOST_SUMS / groups < PLACES ? MOST_SUMS / groups : PLACES;
    int x = 0;
    for (; x + places <= job->in->width; x += places)
        convolve_places(job, first, groups, x, y, places);
    for (; x < job->in->width; x++)
        convolve_places(job, first, groups, x, y, 1);
}

/* All groups, so that a single one is left over only where there is no other. */
FUSED static void convolve_row_fused(const struct job *job, int y)
{
    int first = 0, left = job->convolution->outputs / MODEL_LANES;
    for (; left > 4 || left == 3; first += GROUPS, left -= GROUPS)
        convolve_groups(job, first, GROUPS, y);
    for (; left >= 2; first += 2, left -= 2)
        convolve_groups(job, first, 2, y);
    if (left)
        convolve_groups(job, first, 1, y);
}

static void convolve_row(const struct job *job, int y)
{
    for (int first = 0; first < job->convolution->outputs / MODEL_LANES; first++)
        convolve_groups(job, first, 1, y);
}

static void convolve_task(void *context, int from, int to)
{
    const struct job *job = context;
    bool fused = CAN_FUSE;
    for (int y = from; y < to; y++)
        if (fused)
            convolve_row_fused(job, y);
        else
            convolve_row(job, y);
}

void convolve(const struct convolution *convolution, const struct activations *in, int threads,
              int offset, struct activations *out)
{
    struct job job = {convolution, in, out, offset};
    threads_run_rows(threads, in->height, TASK_ROWS, convolve_task, &job);
}
