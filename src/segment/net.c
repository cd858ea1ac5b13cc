#include "segment/net.h"

#include "segment/convolve.h"

#include <math.h>
#include <string.h>

/* What the levels of one run hold. */
struct level {
    struct activations input;  /* from the finer level, halved */
    struct activations first;  /* after the first convolution of either way */
    struct activations joined; /* coarser level enlarged, then this level on the way down */
    struct activations second; /* after the second convolution on the way up */
};

struct run {
    const struct model *model;
    const struct convolution *next;
    int threads;
    struct level levels[MODEL_LEVELS_MOST];
};

static void run_free(struct run *run)
{
    for (int k = 0; k < run->model->levels; k++) {
        activations_free(&run->levels[k].input);
        activations_free(&run->levels[k].first);
        activations_free(&run->levels[k].joined);
        activations_free(&run->levels[k].second);
    }
}

static striae_status run_init(struct run *run, int width, int height, striae_error *error)
{
    const struct model *model = run->model;
    striae_status status = STRIAE_OK;
    for (int k = 0; k < model->levels && status == STRIAE_OK; k++) {
        struct level *level = &run->levels[k];
        int w = width >> k, h = height >> k, own = model->widths[k];
        bool last = k + 1 == model->levels;
        int inputs = k ? model->widths[k - 1] : MODEL_INPUTS * MODEL_BLOCK * MODEL_BLOCK;
        status = activations_init(&level->input, w, h, inputs, error);
        if (status == STRIAE_OK)
            status = activations_init(&level->first, w, h, own, error);
        if (status == STRIAE_OK)
            status = activations_init(&level->second, w, h, own, error);
        if (status == STRIAE_OK && !last)
            status = activations_init(&level->joined, w, h, own + model->widths[k + 1], error);
    }
    return status;
}

/* Blocks of 2 x 2 pixels become channels: input c, pixel (dx, dy) of the block is channel
 * 4 c + 2 dy + dx. */
static void fill_input(const struct channels *channels, struct activations *input)
{
    const struct plane *skin = &channels->skin;
    for (int y = 0; y < skin->height; y++)
        for (int x = 0; x < skin->width; x++) {
            float on = plane_row(skin, y)[x] > 0 ? 1.f : 0.f;
            float *at = activations_at(input, x / 2, y / 2) + 2 * (y % 2) + x % 2;
            for (int c = 0; c < CHANNEL_COUNT; c++)
                at[4 * c] = on * plane_row(&channels->value[c], y)[x];
            at[4 * CHANNEL_COUNT] = on;
        }
}

static float larger(float a, float b)
{
    return a > b ? a : b;
}

/* Largest of each 2 x 2 block; `from` is read from channel `offset` on. */
static void halve(const struct activations *from, int offset, struct activations *to)
{
    for (int y = 0; y < to->height; y++)
        for (int x = 0; x < to->width; x++) {
            const float *a = activations_at(from, 2 * x, 2 * y) + offset;
            const float *b = activations_at(from, 2 * x, 2 * y + 1) + offset;
            const float *c = a + from->channels, *d = b + from->channels;
            float *out = activations_at(to, x, y);
            for (int k = 0; k < to->channels; k++)
                out[k] = larger(larger(a[k], b[k]), larger(c[k], d[k]));
        }
}

/* Every pixel fourfold, into the first channels of `to`. */
static void enlarge(const struct activations *from, struct activations *to)
{
    for (int y = 0; y < to->height; y++)
        for (int x = 0; x < to->width; x++)
            memcpy(activations_at(to, x, y), activations_at(from, x / 2, y / 2),
                   (size_t)from->channels * sizeof(float));
}

static void down(struct run *run, int k)
{
    struct level *level = &run->levels[k];
    bool last = k + 1 == run->model->levels;
    convolve(run->next++, &level->input, run->threads, 0, &level->first);
    convolve(run->next++, &level->first, run->threads, last ? 0 : run->model->widths[k + 1],
             last ? &level->second : &level->joined);
    if (!last)
        halve(&level->joined, run->model->widths[k + 1], &run->levels[k + 1].input);
}

static void up(struct run *run, int k)
{
    struct level *level = &run->levels[k];
    enlarge(&run->levels[k + 1].second, &level->joined);
    convolve(run->next++, &level->joined, run->threads, 0, &level->first);
    convolve(run->next++, &level->first, run->threads, 0, &level->second);
}

/* The last convolution (1 x 1, no ReLU), each of its outputs a pixel of the block. */
static void fill_logit(const struct convolution *last, const struct activations *in,
                       const struct plane *skin, struct plane *logit)
{
    for (int y = 0; y < logit->height; y++)
        for (int x = 0; x < logit->width; x++) {
            int o = 2 * (y % 2) + x % 2;
            const float *at = activations_at(in, x / 2, y / 2);
            float sum = last->bias[o];
            for (int i = 0; i < last->inputs; i++)
                sum += at[i] * last->weights[i * MODEL_LANES + o];
            plane_row(logit, y)[x] = plane_row(skin, y)[x] > 0
                                         ? fminf(fmaxf(sum, NET_NO_SKIN), -NET_NO_SKIN)
                                         : NET_NO_SKIN;
        }
}

striae_status net_run(const struct model *model, const struct channels *channels, int threads,
                      struct plane *logit, striae_error *error)
{
    struct run run = {.model = model, .next = model->convolutions, .threads = threads};
    const struct plane *skin = &channels->skin;
    int side = MODEL_BLOCK << (model->levels - 1);
    int width = (skin->width + side - 1) / side * side / MODEL_BLOCK;
    int height = (skin->height + side - 1) / side * side / MODEL_BLOCK;
    striae_status status = run_init(&run, width, height, error);
    if (status == STRIAE_OK)
        status = plane_init(logit, skin->width, skin->height, error);
    if (status == STRIAE_OK) {
        fill_input(channels, &run.levels[0].input);
        for (int k = 0; k < model->levels; k++)
            down(&run, k);
        for (int k = model->levels - 2; k >= 0; k--)
            up(&run, k);
        fill_logit(run.next, &run.levels[0].second, skin, logit);
    }
    run_free(&run);
    return status;
}
