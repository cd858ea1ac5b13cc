#include "align/growing.h"

#include "align/affine.h"
#include "base/filter.h"
#include "base/threads.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_ROUNDS  80
#define MOST_TRIES   4
#define NEAR         3    /* nodes: from how far a prediction is made */
#define LARGEST_ODD  2.5  /* px a node may stray from what its neighbours say */
#define LEAST_BESIDE 3    /* placed neighbours of 8; loners are chance */
#define MOST_AREA    3.0  /* by how much the derivative's determinant may leave the hypothesis' */
#define MOST_SHEAR   2.0  /* ratio of the principal stretches against it */
#define MOST_Z       12.0 /* more is not more certain */

/* ---- prediction ----------------------------------------------------------------------------- */

bool growing_plausible(const double affine[6], const double m[4])
{
    double det = affine[0] * affine[4] - affine[1] * affine[3];
    double a = (m[0] * affine[4] - m[1] * affine[3]) / det;
    double b = (m[1] * affine[0] - m[0] * affine[1]) / det;
    double c = (m[2] * affine[4] - m[3] * affine[3]) / det;
    double d = (m[3] * affine[0] - m[2] * affine[1]) / det;
    double area = a * d - b * c, square = a * a + b * b + c * c + d * d;
    return area > 1 / MOST_AREA && area < MOST_AREA &&
           square < (MOST_SHEAR + 1 / MOST_SHEAR) * area;
}

bool growing_predict(const struct grown *g, const double affine[6], int i, int j,
                     struct patch_guess *guess)
{
    struct affine_sums sums = {0};
    double held[6], m[6];
    for (int row = j - NEAR; row <= j + NEAR; row++)
        for (int column = i - NEAR; column <= i + NEAR; column++) {
            if (row < 0 || column < 0 || row >= g->rows || column >= g->columns)
                continue;
            const struct grow_node *n = &g->nodes[row * g->columns + column];
            if (!n->placed || (row == j && column == i))
                continue;
            double x = column - i, y = row - j;
            affine_add(&sums, x, y, n->u, n->v, 1 / (x * x + y * y));
        }
    for (int k = 0; k < 6; k++)
        held[k] = affine[k] * GROW_STEP;
    affine_hold(&sums, held, GROW_RIDGE);
    if (!affine_solve(&sums, m))
        return false;
    guess->u = m[2];
    guess->v = m[5];
    for (int k = 0; k < 4; k++)
        guess->m[k] = m[k / 2 * 3 + k % 2] / GROW_STEP;
    guess->x = grow_place(i);
    guess->y = grow_place(j);
    return growing_plausible(affine, guess->m);
}

struct patch_guess growing_guess(const double m[6], int i, int j)
{
    double x = grow_place(i), y = grow_place(j);
    return (struct patch_guess){
        x, y, m[0] * x + m[1] * y + m[2], m[3] * x + m[4] * y + m[5], {m[0], m[1], m[3], m[4]}};
}

/* ---- rounds --------------------------------------------------------------------------------- */

static void try_task(void *context, int index)
{
    const struct growing *g = context;
    int node = g->list[index], i = node % g->grown->columns, j = node / g->grown->columns;
    struct patch_guess guess;
    g->found[index] = growing_predict(g->grown, g->affine, i, j, &guess) &&
                      patch_search(g->pair, &guess, GROW_REACH, &g->peaks[index]);
}

void growing_place(struct grown *g, int node, const struct patch_peak *peak)
{
    struct grow_node *n = &g->nodes[node];
    n->u = peak->u;
    n->v = peak->v;
    n->z = (float)peak->z;
    n->placed = true;
    g->placed++;
}

int growing_beside(const struct grown *g, int node)
{
    int i = node % g->columns, j = node / g->columns, count = 0;
    for (int row = j - 1; row <= j + 1; row++)
        for (int column = i - 1; column <= i + 1; column++)
            if (row >= 0 && column >= 0 && row < g->rows && column < g->columns &&
                (row != j || column != i))
                count += g->nodes[row * g->columns + column].placed;
    return count;
}

static int list_frontier(struct grown *g, int *list)
{
    int count = 0;
    for (int node = 0; node < g->columns * g->rows; node++)
        if (!g->nodes[node].placed && g->nodes[node].tries < MOST_TRIES &&
            growing_beside(g, node)) {
            g->nodes[node].tries++;
            list[count++] = node;
        }
    return count;
}

/* Takes back what its neighbours speak against. */
static size_t weed(struct grown *g, const double affine[6], int *list)
{
    size_t count = 0;
    for (int node = 0; node < g->columns * g->rows; node++) {
        struct grow_node *n = &g->nodes[node];
        struct patch_guess guess;
        if (!n->placed)
            continue;
        bool odd = growing_beside(g, node) < LEAST_BESIDE ||
                   !growing_predict(g, affine, node % g->columns, node / g->columns, &guess) ||
                   hypot(guess.u - n->u, guess.v - n->v) > LARGEST_ODD;
        if (odd)
            list[count++] = node;
    }
    for (size_t k = 0; k < count; k++)
        g->nodes[list[k]].placed = false;
    g->placed -= count;
    return count;
}

void growing_rounds(struct growing *g, int threads)
{
    int *list = g->list;
    for (int round = 0; round < MOST_ROUNDS; round++) {
        int count = list_frontier(g->grown, list), placed = 0;
        threads_run(threads, count, try_task, g);
        for (int k = 0; k < count; k++)
            if (g->found[k] && g->peaks[k].z >= GROW_Z && g->peaks[k].shift < GROW_REACH) {
                growing_place(g->grown, list[k], &g->peaks[k]);
                placed++;
            }
        if (placed == 0)
            break;
    }
}

void growing_weed(struct growing *g)
{
    while (weed(g->grown, g->affine, g->list) > 0)
        continue;
}

/* ---- beginning and end -------------------------------------------------------------------- */

void growing_sum_up(const struct growing *g)
{
    struct grown *grown = g->grown;
    memcpy(grown->affine, g->affine, sizeof grown->affine);
    for (int node = 0; node < grown->columns * grown->rows; node++) {
        int i = node % grown->columns, j = node / grown->columns;
        struct patch_guess guess;
        if (!growing_predict(grown, g->affine, i, j, &guess))
            guess = growing_guess(g->affine, i, j);
        grown->common += sample_nearest(g->pair->first_weight, guess.x, guess.y) > 0.5f &&
                         sample_nearest(g->pair->later_weight, guess.u, guess.v) > 0.5f;
        double z = fmin((double)grown->nodes[node].z, MOST_Z);
        if (grown->nodes[node].placed)
            grown->evidence += z * z - GROW_Z * GROW_Z;
    }
}

striae_status growing_resume(struct growing *g, const struct patch_pair *pair, struct grown *grown,
                             striae_error *error)
{
    size_t count = (size_t)grown->columns * (size_t)grown->rows;
    *g = (struct growing){.pair = pair,
                          .grown = grown,
                          .list = calloc(count + 1, sizeof *g->list),
                          .peaks = calloc(count + 1, sizeof *g->peaks),
                          .found = calloc(count + 1, sizeof *g->found)};
    memcpy(g->affine, grown->affine, sizeof g->affine);
    return grown->nodes && g->list && g->peaks && g->found ? STRIAE_OK : fail_memory(error);
}

striae_status growing_init(struct growing *g, const struct patch_pair *pair, const double affine[6],
                           struct grown *grown, striae_error *error)
{
    *grown = (struct grown){.columns = pair->first_weight->width / GROW_STEP,
                            .rows = pair->first_weight->height / GROW_STEP};
    size_t count = (size_t)grown->columns * (size_t)grown->rows;
    grown->nodes = calloc(count + 1, sizeof *grown->nodes);
    memcpy(grown->affine, affine, sizeof grown->affine);
    return growing_resume(g, pair, grown, error);
}

void growing_free(struct growing *g)
{
    free(g->list);
    free(g->peaks);
    free(g->found);
}
