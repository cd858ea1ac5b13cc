#include "align/evidence.h"

#include "base/threads.h"
#include "base/vector.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define ROBUST 2.0f /* residual, in RMS of the channel, at which a pixel's weight is half */

struct gathering {
    const struct plane *first, *first_weight, *later, *later_weight;
    const struct lattice *map;
    double pixel;  /* px of level 0 per px of this level */
    double *parts; /* per strip: two rows of nodes */
    atomic_bool failed;
};

/* ---- laying the later photo over the first -------------------------------------------------- */

static inline void cubic(float t, float w[4])
{
    w[0] = ((-0.5f * t + 1) * t - 0.5f) * t;
    w[1] = (1.5f * t - 2.5f) * t * t + 1;
    w[2] = ((-1.5f * t + 2) * t + 0.5f) * t;
    w[3] = (0.5f * t - 0.5f) * t * t;
}

static void lay_pixel(const struct gathering *g, float u, float v, float *value, float *weight)
{
    const struct plane *p = g->later;
    *value = *weight = 0;
    if (!(u >= 1 && v >= 1 && u < (float)(p->width - 2) && v < (float)(p->height - 2)))
        return;
    int x = (int)u, y = (int)v;
    float tx = u - (float)x, ty = v - (float)y, wx[4], wy[4], sum = 0;
    const float *w0 = plane_row(g->later_weight, y) + x,
                *w1 = plane_row(g->later_weight, y + 1) + x;
    *weight = (1 - ty) * (w0[0] + tx * (w0[1] - w0[0])) + ty * (w1[0] + tx * (w1[1] - w1[0]));
    if (!(*weight > 0))
        return;
    cubic(tx, wx);
    cubic(ty, wy);
    const float *row = plane_row(p, y - 1) + x - 1;
    for (int j = 0; j < 4; j++, row += p->stride)
        sum += wy[j] * (wx[0] * row[0] + wx[1] * row[1] + wx[2] * row[2] + wx[3] * row[3]);
    *value = sum;
}

VECTORISED static void lay_row(const struct gathering *g, int y, float *u, float *v, float *value,
                               float *weight)
{
    int width = g->first->width;
    float pixel = (float)g->pixel;
    lattice_map_row(g->map, (y + 0.5) * g->pixel - 0.5, 0.5 * g->pixel - 0.5, g->pixel, width, u,
                    v);
    for (int x = 0; x < width; x++)
        lay_pixel(g, (u[x] + 0.5f) / pixel - 0.5f, (v[x] + 0.5f) / pixel - 0.5f, &value[x],
                  &weight[x]);
}

/* ---- sums ----------------------------------------------------------------------------------- */

struct rows { /* a window of three rows of the laid-over photo, and where to add */
    float *u, *v;
    float *value[3], *weight[3];
    float *sums; /* 2 * SUM_COUNT rows of width */
};

/* One row's products, added to the upper node row with 1-t and to the lower with t. */
VECTORISED static void add_row(const struct gathering *g, int y, float t, const struct rows *rows)
{
    int width = g->first->width;
    const float *f = plane_row(g->first, y), *fw = plane_row(g->first_weight, y);
    const float *fa = plane_row(g->first, y - 1), *fb = plane_row(g->first, y + 1);
    const float *la = rows->value[0], *l = rows->value[1], *lb = rows->value[2];
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
            rows->sums[k * width + x] += (1 - t) * term[k];
            rows->sums[(SUM_COUNT + k) * width + x] += t * term[k];
        }
    }
}

static void fold_columns(const struct gathering *g, const struct rows *rows, double *part)
{
    int width = g->first->width, columns = g->map->columns;
    for (int x = 1; x < width - 1; x++) {
        double at = ((x + 0.5) * g->pixel - 0.5) / g->map->step + 1;
        int node = (int)at;
        double t = at - node;
        for (int k = 0; k < 2 * SUM_COUNT; k++) {
            double sum = (double)rows->sums[k * width + x];
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

/* Pixels between node rows `index` and `index`+1. */
static void strip_task(void *context, int index)
{
    struct gathering *g = context;
    int width = g->first->width, height = g->first->height;
    double step = g->map->step / g->pixel, shift = (0.5 - 0.5 * g->pixel) / g->pixel;
    /* rows y with (y+0.5)*pixel-0.5 in [(index-1)*step, index*step) of level 0 */
    int first = (int)ceil((index - 1) * step + shift), last = (int)ceil(index * step + shift);
    first = first < 1 ? 1 : first;
    last = last > height - 1 ? height - 1 : last;
    if (first >= last)
        return;
    size_t w = (size_t)width;
    float *memory = calloc((2 + 6 + 2 * SUM_COUNT) * w, sizeof *memory);
    if (!memory) {
        atomic_store(&g->failed, true);
        return;
    }
    struct rows rows = {.u = memory, .v = memory + w, .sums = memory + 8 * w};
    for (int k = 0; k < 3; k++) {
        rows.value[k] = memory + (2 + (size_t)k) * w;
        rows.weight[k] = memory + (5 + (size_t)k) * w;
    }
    lay_row(g, first - 1, rows.u, rows.v, rows.value[0], rows.weight[0]);
    lay_row(g, first, rows.u, rows.v, rows.value[1], rows.weight[1]);
    for (int y = first; y < last; y++) {
        lay_row(g, y + 1, rows.u, rows.v, rows.value[2], rows.weight[2]);
        add_row(g, y, (float)((y - shift) / step - (index - 1)), &rows);
        rotate(rows.value);
        rotate(rows.weight);
    }
    fold_columns(g, &rows, g->parts + (size_t)index * 2 * (size_t)g->map->columns * SUM_COUNT);
    free(memory);
}

striae_status evidence_gather(const struct bands *first, const struct bands *later, int level,
                              int channel, const struct lattice *map, int threads, double *out,
                              striae_error *error)
{
    size_t row = (size_t)map->columns * SUM_COUNT;
    struct gathering g = {.first = &first->band[level][channel],
                          .first_weight = &first->weight[level],
                          .later = &later->band[level][channel],
                          .later_weight = &later->weight[level],
                          .map = map,
                          .pixel = (double)(1 << level),
                          .parts = calloc((size_t)map->rows * 2 * row, sizeof(double))};
    memset(out, 0, (size_t)map->rows * row * sizeof *out);
    if (!g.parts)
        return fail_memory(error);
    atomic_init(&g.failed, false);
    threads_run(threads, map->rows - 1, strip_task, &g);
    for (int j = 0; j + 1 < map->rows; j++)
        for (size_t k = 0; k < 2 * row; k++)
            out[(size_t)j * row + k] += g.parts[(size_t)j * 2 * row + k];
    free(g.parts);
    return atomic_load(&g.failed) ? fail_memory(error) : STRIAE_OK;
}
