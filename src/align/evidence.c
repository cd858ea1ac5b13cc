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

/* Catmull-Rom */
static inline float between(float t, float a, float b, float c, float d)
{
    float wa = ((-0.5f * t + 1) * t - 0.5f) * t, wb = (1.5f * t - 2.5f) * t * t + 1;
    float wc = ((-1.5f * t + 2) * t + 0.5f) * t, wd = (0.5f * t - 0.5f) * t * t;
    return wa * a + wb * b + wc * c + wd * d;
}

/* Values and weights at (u[k], v[k]); 0 outside, and a value without weight is 0. Without branches:
 * what is outside is read at the edge, and dropped. */
VECTORISED static void sample_row(const struct plane *later, const struct plane *later_weight,
                                  const float *restrict u, const float *restrict v, int count,
                                  float *restrict value, float *restrict weight)
{
    const float *restrict p = later->data, *restrict w = later_weight->data;
    int stride = (int)later->stride;
    float right = (float)(later->width - 2), bottom = (float)(later->height - 2);
    float last_x = nextafterf(right, 0), last_y = nextafterf(bottom, 0);
    for (int k = 0; k < count; k++) {
        float x = u[k] > 1 ? u[k] : 1, y = v[k] > 1 ? v[k] : 1;
        x = x < last_x ? x : last_x;
        y = y < last_y ? y : last_y;
        int px = (int)x, py = (int)y, at = py * stride + px;
        float tx = x - (float)px, ty = y - (float)py;
        float top = w[at] + tx * (w[at + 1] - w[at]);
        float low = w[at + stride] + tx * (w[at + stride + 1] - w[at + stride]);
        float known = (1 - ty) * top + ty * low;
        int a = at - stride - 1, b = at - 1, c = at + stride - 1, d = at + 2 * stride - 1;
        float sum = between(ty, between(tx, p[a], p[a + 1], p[a + 2], p[a + 3]),
                            between(tx, p[b], p[b + 1], p[b + 2], p[b + 3]),
                            between(tx, p[c], p[c + 1], p[c + 2], p[c + 3]),
                            between(tx, p[d], p[d + 1], p[d + 2], p[d + 3]));
        float moved = fabsf(x - u[k]) + fabsf(y - v[k]);
        known = moved == 0 ? known : 0;
        weight[k] = known;
        value[k] = sum * (known > 0 ? 1.0f : 0.0f); /* a choice would be a branch */
    }
}

static void lay_row(const struct gathering *g, int y, float *u, float *v, float *value,
                    float *weight)
{
    int width = g->first->width;
    float pixel = (float)g->pixel;
    if (g->later->width < 4 || g->later->height < 4) {
        memset(value, 0, (size_t)width * sizeof *value);
        memset(weight, 0, (size_t)width * sizeof *weight);
        return;
    }
    lattice_map_row(g->map, (y + 0.5) * g->pixel - 0.5, 0.5 * g->pixel - 0.5, g->pixel, width, u,
                    v);
    for (int x = 0; x < width; x++) {
        u[x] = (u[x] + 0.5f) / pixel - 0.5f;
        v[x] = (v[x] + 0.5f) / pixel - 0.5f;
    }
    sample_row(g->later, g->later_weight, u, v, width, value, weight);
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
