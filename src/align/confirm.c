#include "align/confirm.h"

#include "align/growing.h"
#include "base/threads.h"

#include <math.h>
#include <stdlib.h>

#define NEAR         2   /* nodes: whom a field is judged with */
#define LEAST_NEAR   2   /* fields there that have been looked at */
#define MOST_Z       8.0 /* so that one mole does not speak for all around it */
#define LEAST_MEAN_Z 4.0 /* over those near: chance stays under it, see above */

struct confirming {
    struct growing growing;
    float *prominence; /* per node; of placed ones that are looked at */
};

/* Fields overlap: every other one says all. */
static bool looked_at(const struct grown *g, int node)
{
    return g->nodes[node].placed && (node % g->columns + node / g->columns) % 2 == 0;
}

static void confirm_task(void *context, int index)
{
    struct confirming *c = context;
    const struct grown *grown = c->growing.grown;
    int node = c->growing.list[index], i = node % grown->columns, j = node / grown->columns;
    struct patch_guess guess;
    if (!growing_predict(grown, grown->affine, i, j, &guess))
        guess = growing_guess(grown->affine, i, j);
    guess.u = grown->nodes[node].u;
    guess.v = grown->nodes[node].v;
    c->prominence[node] = (float)fmin(patch_prominence(c->growing.pair, &guess), MOST_Z);
}

static bool stands_out(const struct confirming *c, int node)
{
    const struct grown *g = c->growing.grown;
    int i = node % g->columns, j = node / g->columns, count = 0;
    double sum = 0;
    for (int row = j - NEAR; row <= j + NEAR; row++)
        for (int column = i - NEAR; column <= i + NEAR; column++)
            if (row >= 0 && column >= 0 && row < g->rows && column < g->columns &&
                looked_at(g, row * g->columns + column)) {
                sum += (double)c->prominence[row * g->columns + column];
                count++;
            }
    return count >= LEAST_NEAR && sum >= LEAST_MEAN_Z * count;
}

static void take_back(struct confirming *c)
{
    struct grown *grown = c->growing.grown;
    bool *keep = c->growing.found;
    int nodes = grown->columns * grown->rows;
    for (int node = 0; node < nodes; node++)
        keep[node] = stands_out(c, node);
    for (int node = 0; node < nodes; node++)
        if (grown->nodes[node].placed && !keep[node]) {
            grown->nodes[node].placed = false;
            grown->placed--;
        }
}

striae_status grow_confirm(const struct patch_pair *pair, int threads, struct grown *grown,
                           striae_error *error)
{
    struct confirming c;
    int nodes = grown->columns * grown->rows, count = 0;
    striae_status status = growing_resume(&c.growing, pair, grown, error);
    c.prominence = calloc((size_t)nodes + 1, sizeof *c.prominence);
    if (status == STRIAE_OK && !c.prominence)
        status = fail_memory(error);
    if (status == STRIAE_OK) {
        for (int node = 0; node < nodes; node++)
            if (looked_at(grown, node))
                c.growing.list[count++] = node;
        threads_run(threads, count, confirm_task, &c);
        take_back(&c);
    }
    free(c.prominence);
    growing_free(&c.growing);
    return status;
}
