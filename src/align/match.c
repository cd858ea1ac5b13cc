#include "align/match.h"

#include "base/threads.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PER_TASK   32
#define SAME_PLACE 3.0f /* px: two directions of one blob do not compete */
#define NOWHERE    SIZE_MAX

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

void matches_free(struct matches *matches)
{
    free(matches->items);
    *matches = (struct matches){0};
}
