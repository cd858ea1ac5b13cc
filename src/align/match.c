#include "align/match.h"

#include "base/threads.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PER_TASK   32
#define SAME_PLACE 3.0f /* px: two directions of one blob do not compete */
#define NOWHERE    SIZE_MAX
#define PI         3.14159265358979323846

struct nearest {
    size_t index;
    int product, next; /* the best, and the best elsewhere */
};

static void consider(const struct features *set, size_t candidate, int product,
                     struct nearest *best)
{
    if (best->index == NOWHERE) {
        *best = (struct nearest){candidate, product, 0};
        return;
    }
    const struct feature *a = &set->items[candidate], *b = &set->items[best->index];
    bool elsewhere = fabsf(a->x - b->x) + fabsf(a->y - b->y) > SAME_PLACE;
    if (product > best->product) {
        if (elsewhere)
            best->next = best->product;
        best->product = product;
        best->index = candidate;
    } else if (elsewhere && product > best->next) {
        best->next = product;
    }
}

static float distance_ratio(const struct nearest *best)
{
    float unity = (float)FEATURE_UNITY * (float)FEATURE_UNITY;
    float d1 = fmaxf(unity - (float)best->product, 1), d2 = fmaxf(unity - (float)best->next, 1);
    return d1 / d2;
}

/* ---- everywhere ----------------------------------------------------------------------------- */

struct exhaustive {
    const struct features *from, *to;
    struct nearest *best;
};

static void exhaustive_task(void *context, int index)
{
    const struct exhaustive *e = context;
    size_t begin = (size_t)index * PER_TASK, end = begin + PER_TASK;
    if (end > e->from->count)
        end = e->from->count;
    for (size_t i = begin; i < end; i++) {
        int c = features_channel(e->from, i);
        e->best[i] = (struct nearest){.index = NOWHERE};
        for (size_t k = e->to->start[c]; k < e->to->start[c + 1]; k++)
            consider(
                e->to, k,
                code_product(e->from->codes + i * FEATURE_CODE, e->to->codes + k * FEATURE_CODE),
                &e->best[i]);
    }
}

static void find_nearest(const struct features *from, const struct features *to, int threads,
                         struct nearest *best)
{
    struct exhaustive e = {from, to, best};
    threads_run(threads, (int)((from->count + PER_TASK - 1) / PER_TASK), exhaustive_task, &e);
}

striae_status matches_find(const struct features *first, const struct features *later, double ratio,
                           int threads, struct matches *out, striae_error *error)
{
    *out = (struct matches){0};
    struct nearest *there = calloc(first->count + 1, sizeof *there);
    struct nearest *back = calloc(later->count + 1, sizeof *back);
    out->items = calloc(first->count + 1, sizeof *out->items);
    bool enough = there && back && out->items;
    if (enough) {
        find_nearest(first, later, threads, there);
        find_nearest(later, first, threads, back);
        for (size_t i = 0; i < first->count; i++) {
            size_t k = there[i].index;
            float r = k == NOWHERE ? 1 : distance_ratio(&there[i]);
            if (k != NOWHERE && back[k].index == i && (double)r < ratio)
                out->items[out->count++] = (struct match){i, k, r};
        }
    } else {
        matches_free(out);
    }
    free(there);
    free(back);
    return enough ? STRIAE_OK : fail_memory(error);
}

/* ---- near a prediction ---------------------------------------------------------------------- */

struct shelf { /* features sorted into square fields */
    int columns, rows;
    float field;
    size_t *start; /* of each field in order[], columns*rows + 1 */
    size_t *order;
};

static size_t field_of(const struct shelf *s, float x, float y)
{
    int column = (int)(x / s->field), row = (int)(y / s->field);
    column = column < 0 ? 0 : column >= s->columns ? s->columns - 1 : column;
    row = row < 0 ? 0 : row >= s->rows ? s->rows - 1 : row;
    return (size_t)row * (size_t)s->columns + (size_t)column;
}

static void shelf_free(struct shelf *s)
{
    free(s->start);
    free(s->order);
}

static bool shelf_init(struct shelf *s, const struct features *set, double field)
{
    float right = 0, bottom = 0;
    for (size_t i = 0; i < set->count; i++) {
        right = fmaxf(right, set->items[i].x);
        bottom = fmaxf(bottom, set->items[i].y);
    }
    *s = (struct shelf){.field = (float)field};
    s->columns = (int)(right / s->field) + 1;
    s->rows = (int)(bottom / s->field) + 1;
    size_t fields = (size_t)s->columns * (size_t)s->rows;
    s->start = calloc(fields + 2, sizeof *s->start);
    s->order = calloc(set->count + 1, sizeof *s->order);
    if (!s->start || !s->order) {
        shelf_free(s);
        return false;
    }
    for (size_t i = 0; i < set->count; i++)
        s->start[field_of(s, set->items[i].x, set->items[i].y) + 2]++;
    for (size_t f = 1; f <= fields; f++)
        s->start[f + 1] += s->start[f];
    for (size_t i = 0; i < set->count; i++)
        s->order[s->start[field_of(s, set->items[i].x, set->items[i].y) + 1]++] = i;
    return true;
}

struct guided {
    const struct features *first, *later;
    const struct lattice *map;
    const struct shelf *shelf;
    double radius;
    struct nearest *best;
};

static bool plausible(const struct feature *a, const struct feature *b, double zoom, double turn)
{
    double stretch = log((double)b->scale / ((double)a->scale * zoom));
    double angle = (double)b->angle - (double)a->angle - turn;
    angle -= 2 * PI * rint(angle / (2 * PI));
    return fabs(stretch) < 0.45 && fabs(angle) < 0.5;
}

static void guide(const struct guided *g, size_t i)
{
    const struct feature *a = &g->first->items[i];
    double u, v, j[4];
    int channel = features_channel(g->first, i);
    size_t from = g->later->start[channel], to = g->later->start[channel + 1];
    g->best[i] = (struct nearest){.index = NOWHERE};
    lattice_map(g->map, (double)a->x, (double)a->y, &u, &v, j);
    double zoom = sqrt(fmax(j[0] * j[3] - j[1] * j[2], 1e-6)),
           turn = atan2(j[2] - j[1], j[0] + j[3]);
    const struct shelf *s = g->shelf;
    int reach = 1;
    int column = (int)floor(u / (double)s->field), row = (int)floor(v / (double)s->field);
    for (int r = row - reach; r <= row + reach; r++)
        for (int c = column - reach; c <= column + reach; c++) {
            if (r < 0 || c < 0 || r >= s->rows || c >= s->columns)
                continue;
            size_t f = (size_t)r * (size_t)s->columns + (size_t)c;
            for (size_t k = s->start[f]; k < s->start[f + 1]; k++) {
                const struct feature *b = &g->later->items[s->order[k]];
                if (s->order[k] < from || s->order[k] >= to)
                    continue;
                double dx = (double)b->x - u, dy = (double)b->y - v;
                if (dx * dx + dy * dy > g->radius * g->radius || !plausible(a, b, zoom, turn))
                    continue;
                consider(g->later, s->order[k],
                         code_product(g->first->codes + i * FEATURE_CODE,
                                      g->later->codes + s->order[k] * FEATURE_CODE),
                         &g->best[i]);
            }
        }
}

static void guided_task(void *context, int index)
{
    const struct guided *g = context;
    size_t begin = (size_t)index * PER_TASK, end = begin + PER_TASK;
    for (size_t i = begin; i < end && i < g->first->count; i++)
        guide(g, i);
}

striae_status matches_guided(const struct features *first, const struct features *later,
                             const struct lattice *map, double radius, int threads,
                             struct matches *out, striae_error *error)
{
    const int least = (int)(0.80 * FEATURE_UNITY * FEATURE_UNITY);
    struct shelf shelf = {0};
    *out = (struct matches){0};
    struct nearest *best = calloc(first->count + 1, sizeof *best);
    out->items = calloc(first->count + 1, sizeof *out->items);
    bool enough = best && out->items && shelf_init(&shelf, later, radius);
    if (enough) {
        struct guided g = {first, later, map, &shelf, radius, best};
        threads_run(threads, (int)((first->count + PER_TASK - 1) / PER_TASK), guided_task, &g);
        for (size_t i = 0; i < first->count; i++)
            if (best[i].index != NOWHERE && best[i].product >= least &&
                distance_ratio(&best[i]) < 0.9f)
                out->items[out->count++] =
                    (struct match){i, best[i].index, distance_ratio(&best[i])};
        shelf_free(&shelf);
    } else {
        matches_free(out);
    }
    free(best);
    return enough ? STRIAE_OK : fail_memory(error);
}

void matches_free(struct matches *matches)
{
    free(matches->items);
    *matches = (struct matches){0};
}
