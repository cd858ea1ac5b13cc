#include "align/evidence.h"

#include "base/threads.h"
#include "base/vector.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define ROBUST 2.0f /* residual, in RMS of the channel, at which a pixel's weight is half */

struct gathering {
    const struct plane *first[BAND_CHANNELS], *later[BAND_CHANNELS]; /* those that there are */
    const struct plane *first_weight, *later_weight;
    const struct lattice *map;
    int channels;
    double pixel;  /* px of level 0 per px of this level */
    double *parts; /* per strip and channel: two rows of nodes */
    atomic_bool failed;
};

/* ---- laying the later photo over the first -------------------------------------------------- */

/* Catmull-Rom */
static inline float between(float t, float a, float b, float c, float d)
{
    float wa = ((-0.5f * t + 1) * t - 0.5f) * t, wb = (1.5f * t - 2.5f) * t * t + 1;
    float wc = ((-1.5f * t + 2) * t + 0.5f) * t, wd = (0.5f * t - 0.5f) * t * t;
    return wa * a + wb * b + wc * c + wd * d;
}

/* Where a row of the later photo is read: outside, at the edge. */
struct extent {
    float last_x, last_y;
};

static struct extent extent_of(const struct plane *later)
{
    return (struct extent){nextafterf((float)(later->width - 2), 0),
                           nextafterf((float)(later->height - 2), 0)};
}

static inline float held(float at, float last)
{
    at = at > 1 ? at : 1;
    return at < last ? at : last;
}

/* Weights at (u[k], v[k]); 0 outside. Without branches. */
VECTORISED static void sample_weights(const struct plane *later_weight, const float *restrict u,
                                      const float *restrict v, int count, float *restrict weight)
{
    const float *restrict w = later_weight->data;
    int stride = (int)later_weight->stride;
    struct extent e = extent_of(later_weight);
    for (int k = 0; k < count; k++) {
        float x = held(u[k], e.last_x), y = held(v[k], e.last_y);
        int px = (int)x, py = (int)y, at = py * stride + px;
        float tx = x - (float)px, ty = y - (float)py;
        float top = w[at] + tx * (w[at + 1] - w[at]);
        float low = w[at + stride] + tx * (w[at + stride + 1] - w[at + stride]);
        float known = (1 - ty) * top + ty * low;
        float moved = fabsf(x - u[k]) + fabsf(y - v[k]);
        weight[k] = moved == 0 ? known : 0;
    }
}

/* Values there; a value without weight is 0. */
VECTORISED static void sample_values(const struct plane *later, const float *restrict u,
                                     const float *restrict v, const float *restrict weight,
                                     int count, float *restrict value)
{
    const float *restrict p = later->data;
    int stride = (int)later->stride;
    struct extent e = extent_of(later);
    for (int k = 0; k < count; k++) {
        float x = held(u[k], e.last_x), y = held(v[k], e.last_y);
        int px = (int)x, py = (int)y, at = py * stride + px;
        float tx = x - (float)px, ty = y - (float)py;
        int a = at - stride - 1, b = at - 1, c = at + stride - 1, d = at + 2 * stride - 1;
        float sum = between(ty, between(tx, p[a], p[a + 1], p[a + 2], p[a + 3]),
                            between(tx, p[b], p[b + 1], p[b + 2], p[b + 3]),
                            between(tx, p[c], p[c + 1], p[c + 2], p[c + 3]),
                            between(tx, p[d], p[d + 1], p[d + 2], p[d + 3]));
        value[k] = sum * (weight[k] > 0 ? 1.0f : 0.0f); /* a choice would be a branch */
    }
}

struct rows { /* a window of three rows of the laid-over photo, and where to add */
    float *u, *v;
    float *weight[3], *value[BAND_CHANNELS][3];
    float *sums[BAND_CHANNELS]; /* 2 * SUM_COUNT rows of width */
};

/* Row y of the first photo, into place k of the window. */
static void lay_row(const struct gathering *g, int y, int k, const struct rows *rows)
{
    int width = g->first_weight->width;
    float pixel = (float)g->pixel, *u = rows->u, *v = rows->v;
    if (g->later_weight->width < 4 || g->later_weight->height < 4)
        return; /* all stays zero */
    lattice_map_row(g->map, (y + 0.5) * g->pixel - 0.5, 0.5 * g->pixel - 0.5, g->pixel, width, u,
                    v);
    for (int x = 0; x < width; x++) {
        u[x] = (u[x] + 0.5f) / pixel - 0.5f;
        v[x] = (v[x] + 0.5f) / pixel - 0.5f;
    }
    sample_weights(g->later_weight, u, v, width, rows->weight[k]);
    for (int c = 0; c < g->channels; c++)
        sample_values(g->later[c], u, v, rows->weight[k], width, rows->value[c][k]);
}

/* ---- sums ----------------------------------------------------------------------------------- */

/* One row's products, added to the upper node row with 1-t and to the lower with t. */
VECTORISED static void add_row(const struct gathering *g, int channel, int y, float t,
                               const struct rows *rows)
{
    const struct plane *first = g->first[channel];
    int width = first->width;
    const float *f = plane_row(first, y), *fw = plane_row(g->first_weight, y);
    const float *fa = plane_row(first, y - 1), *fb = plane_row(first, y + 1);
    const float *la = rows->value[channel][0], *l = rows->value[channel][1];
    const float *lb = rows->value[channel][2];
    float *sums = rows->sums[channel];
    const float *wa = rows->weight[0], *w = rows->weight[1], *wb = rows->weight[2];
    for (int x = 1; x < width - 1; x++) {
        /* A neighbour without weight has no value either: no gradient there. */
        float known = wa[x] > 0 && wb[x] > 0 && w[x - 1] > 0 && w[x + 1] > 0 ? 1.0f : 0.0f;
        float r = l[x] - f[x];
        float q = known * w[x] * fw[x] / (1 + r * r * (1 / (ROBUST * ROBUST)));
        float mx = 0.25f * (f[x + 1] - f[x - 1] + l[x + 1] - l[x - 1]);
        float my = 0.25f * (fb[x] - fa[x] + lb[x] - la[x]);
        float term[SUM_COUNT] = {
            q * mx * mx, q * mx * my,     q * my * my,     q * mx * r,      q * my * r,
            q * r * r,   q * f[x] * f[x], q * l[x] * l[x], q * f[x] * l[x], q};
        for (int k = 0; k < SUM_COUNT; k++) {
            sums[k * width + x] += (1 - t) * term[k];
            sums[(SUM_COUNT + k) * width + x] += t * term[k];
        }
    }
}

static void fold_columns(const struct gathering *g, const float *sums, double *part)
{
    int width = g->first_weight->width, columns = g->map->columns;
    for (int x = 1; x < width - 1; x++) {
        double at = ((x + 0.5) * g->pixel - 0.5) / g->map->step + 1;
        int node = (int)at;
        double t = at - node;
        for (int k = 0; k < 2 * SUM_COUNT; k++) {
            double sum = (double)sums[k * width + x];
            size_t row = (size_t)(k / SUM_COUNT) * (size_t)columns, s = (size_t)(k % SUM_COUNT);
            part[(row + (size_t)node) * SUM_COUNT + s] += (1 - t) * sum;
            part[(row + (size_t)node + 1) * SUM_COUNT + s] += t * sum;
        }
    }
}

static void rotate(float *row[3])
{
    float *top = row[0];
    row[0] = row[1];
    row[1] = row[2];
    row[2] = top;
}

static bool rows_init(struct rows *rows, int channels, size_t width)
{
    size_t each = 3 + 2 * SUM_COUNT;
    float *next = calloc((5 + (size_t)channels * each) * width, sizeof *next);
    *rows = (struct rows){.u = next};
    if (!next)
        return false;
    rows->v = next += width;
    for (int k = 0; k < 3; k++)
        rows->weight[k] = next += width;
    for (int c = 0; c < channels; c++) {
        for (int k = 0; k < 3; k++)
            rows->value[c][k] = next += width;
        rows->sums[c] = next += width;
        next += (2 * SUM_COUNT - 1) * width;
    }
    return true;
}

/* Doubles of one strip and channel. */
static size_t part_size(const struct lattice *map)
{
    return 2 * (size_t)map->columns * SUM_COUNT;
}

/* Pixels between node rows `index` and `index`+1. */
static void strip_task(void *context, int index)
{
    struct gathering *g = context;
    int height = g->first_weight->height;
    double step = g->map->step / g->pixel, shift = (0.5 - 0.5 * g->pixel) / g->pixel;
    /* rows y with (y+0.5)*pixel-0.5 in [(index-1)*step, index*step) of level 0 */
    int first = (int)ceil((index - 1) * step + shift), last = (int)ceil(index * step + shift);
    struct rows rows;
    first = first < 1 ? 1 : first;
    last = last > height - 1 ? height - 1 : last;
    if (first >= last)
        return;
    if (!rows_init(&rows, g->channels, (size_t)g->first_weight->width)) {
        atomic_store(&g->failed, true);
        return;
    }
    lay_row(g, first - 1, 0, &rows);
    lay_row(g, first, 1, &rows);
    for (int y = first; y < last; y++) {
        lay_row(g, y + 1, 2, &rows);
        for (int c = 0; c < g->channels; c++) {
            add_row(g, c, y, (float)((y - shift) / step - (index - 1)), &rows);
            rotate(rows.value[c]);
        }
        rotate(rows.weight);
    }
    for (int c = 0; c < g->channels; c++)
        fold_columns(g, rows.sums[c],
                     g->parts + (size_t)(c * g->map->rows + index) * part_size(g->map));
    free(rows.u);
}

striae_status evidence_gather(const struct bands *first, const struct bands *later, int level,
                              const struct lattice *map, int threads, double *out,
                              striae_error *error)
{
    size_t part = part_size(map), row = part / 2, all = (size_t)map->rows * row;
    struct gathering g = {.first_weight = &first->weight[level],
                          .later_weight = &later->weight[level],
                          .map = map,
                          .pixel = (double)(1 << level),
                          .parts = calloc(BAND_CHANNELS * 2 * all, sizeof(double))};
    memset(out, 0, BAND_CHANNELS * all * sizeof *out);
    if (!g.parts)
        return fail_memory(error);
    while (g.channels < BAND_CHANNELS && first->band[level][g.channels].data) {
        g.first[g.channels] = &first->band[level][g.channels];
        g.later[g.channels] = &later->band[level][g.channels];
        g.channels++;
    }
    atomic_init(&g.failed, false);
    threads_run(threads, map->rows - 1, strip_task, &g);
    for (int c = 0; c < g.channels; c++)
        for (int j = 0; j + 1 < map->rows; j++)
            for (size_t k = 0; k < part; k++)
                out[(size_t)c * all + (size_t)j * row + k] +=
                    g.parts[(size_t)(c * map->rows + j) * part + k];
    free(g.parts);
    return atomic_load(&g.failed) ? fail_memory(error) : STRIAE_OK;
}
