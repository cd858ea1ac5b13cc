#include "align/grow.h"

#include "align/affine.h"
#include "align/growing.h"
#include "base/threads.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SEED_REACH 8   /* px searched around the hypothesis */
#define SEED_Z     4.5 /* standard deviations over chance */
#define SOWINGS    3   /* how often what grew is continued into the rest */
#define LEAST_SOWN 8   /* placed nodes from which that is done */

static void plant(struct growing *g, const struct grow_seed *seeds, size_t count)
{
    const double *m = g->affine;
    for (size_t k = 0; k < count; k++)
        for (int corner = 0; corner < 4; corner++) {
            int i = (int)floor((seeds[k].x + 0.5) / GROW_STEP - 0.5) + corner % 2;
            int j = (int)floor((seeds[k].y + 0.5) / GROW_STEP - 0.5) + corner / 2;
            if (i < 0 || j < 0 || i >= g->grown->columns || j >= g->grown->rows)
                continue;
            int node = j * g->grown->columns + i;
            struct patch_guess guess = growing_guess(m, i, j);
            struct patch_peak peak;
            double dx = guess.x - seeds[k].x, dy = guess.y - seeds[k].y;
            guess.u = seeds[k].u + m[0] * dx + m[1] * dy;
            guess.v = seeds[k].v + m[3] * dx + m[4] * dy;
            if (g->grown->nodes[node].placed || !patch_search(g->pair, &guess, SEED_REACH, &peak) ||
                peak.z < SEED_Z || peak.shift >= SEED_REACH)
                continue;
            growing_place(g->grown, node, &peak);
        }
}

/* ---- sowing --------------------------------------------------------------------------------- */

/* The hypothesis becomes the affine map through all placed nodes, if skin could be bent so. */
static bool adopt_grown(struct growing *g)
{
    struct affine_sums sums = {0};
    double m[6];
    for (int node = 0; node < g->grown->columns * g->grown->rows; node++) {
        const struct grow_node *n = &g->grown->nodes[node];
        if (n->placed)
            affine_add(&sums, grow_place(node % g->grown->columns),
                       grow_place(node / g->grown->columns), n->u, n->v, 1);
    }
    affine_hold(&sums, g->affine, GROW_RIDGE * GROW_STEP * GROW_STEP);
    double linear[4];
    if (!affine_solve(&sums, m))
        return false;
    for (int k = 0; k < 4; k++)
        linear[k] = m[k / 2 * 3 + k % 2];
    if (!growing_plausible(g->affine, linear))
        return false;
    memcpy(g->affine, m, sizeof g->affine);
    return true;
}

static void sow_task(void *context, int index)
{
    const struct growing *g = context;
    int node = g->list[index];
    struct patch_guess guess =
        growing_guess(g->affine, node % g->grown->columns, node / g->grown->columns);
    g->found[index] = patch_search(g->pair, &guess, SEED_REACH, &g->peaks[index]);
}

/* Tries the hypothesis on every second node that is not placed. */
static int sow(struct growing *g, int threads)
{
    int count = 0, sown = 0, *list = g->list;
    for (int node = 0; node < g->grown->columns * g->grown->rows; node++) {
        g->grown->nodes[node].tries = 0;
        if (!g->grown->nodes[node].placed &&
            (node % g->grown->columns + node / g->grown->columns) % 2 == 0)
            list[count++] = node;
    }
    threads_run(threads, count, sow_task, g);
    for (int k = 0; k < count; k++)
        if (g->found[k] && g->peaks[k].z >= SEED_Z && g->peaks[k].shift < SEED_REACH) {
            growing_place(g->grown, list[k], &g->peaks[k]);
            sown++;
        }
    return sown;
}

static void grow_on(struct growing *g, int threads)
{
    for (int sowing = 0; sowing < SOWINGS; sowing++) {
        size_t before = g->grown->placed;
        if (before < LEAST_SOWN || !adopt_grown(g) || sow(g, threads) == 0)
            break;
        growing_rounds(g, threads);
        growing_weed(g);
        if (g->grown->placed <= before + before / 10)
            break;
    }
}

/* ---- growing -------------------------------------------------------------------------------- */

striae_status grow(const struct patch_pair *pair, const double affine[6],
                   const struct grow_seed *seeds, size_t seed_count, int threads,
                   struct grown *grown, striae_error *error)
{
    struct growing g;
    striae_status status = growing_init(&g, pair, affine, grown, error);
    if (status == STRIAE_OK) {
        plant(&g, seeds, seed_count);
        growing_rounds(&g, threads);
        growing_weed(&g);
        grow_on(&g, threads);
        growing_sum_up(&g);
    } else {
        grown_free(grown);
    }
    growing_free(&g);
    return status;
}

/* ---- an octave finer ------------------------------------------------------------------------ */

/* Where the coarser growth says that the node lies; false where nothing is placed nearby. */
static bool finer_guess(const struct grown *from, int node, int columns, struct patch_guess *guess)
{
    double x = grow_place(node % columns), y = grow_place(node / columns);
    int i = (int)lround((x - 0.5) / 2 / GROW_STEP - 0.5);
    int j = (int)lround((y - 0.5) / 2 / GROW_STEP - 0.5);
    if (i < 0 || j < 0 || i >= from->columns || j >= from->rows ||
        !(from->nodes[j * from->columns + i].placed || growing_beside(from, j * from->columns + i)))
        return false;
    struct patch_guess coarse;
    if (!growing_predict(from, from->affine, i, j, &coarse))
        return false;
    const struct grow_node *n = &from->nodes[j * from->columns + i];
    if (n->placed) {
        coarse.u = n->u;
        coarse.v = n->v;
    }
    double dx = (x - 0.5) / 2 - coarse.x, dy = (y - 0.5) / 2 - coarse.y;
    double u = coarse.u + coarse.m[0] * dx + coarse.m[1] * dy;
    double v = coarse.v + coarse.m[2] * dx + coarse.m[3] * dy;
    *guess = (struct patch_guess){x, y, 2 * u + 0.5, 2 * v + 0.5, {0}};
    memcpy(guess->m, coarse.m, sizeof guess->m);
    return true;
}

struct finer {
    struct growing *growing;
    const struct grown *from;
};

static void finer_task(void *context, int index)
{
    const struct finer *f = context;
    const struct growing *g = f->growing;
    struct patch_guess guess;
    g->found[index] = finer_guess(f->from, index, g->grown->columns, &guess) &&
                      patch_search(g->pair, &guess, GROW_REACH, &g->peaks[index]);
}

striae_status grow_finer(const struct patch_pair *pair, const struct grown *from, int threads,
                         struct grown *grown, striae_error *error)
{
    struct growing g;
    const double *m = from->affine;
    double finer[6] = {m[0], m[1], 2 * m[2] - 0.5 * (m[0] + m[1]) + 0.5,
                       m[3], m[4], 2 * m[5] - 0.5 * (m[3] + m[4]) + 0.5};
    striae_status status = growing_init(&g, pair, finer, grown, error);
    if (status == STRIAE_OK) {
        struct finer f = {&g, from};
        int count = grown->columns * grown->rows;
        threads_run(threads, count, finer_task, &f);
        for (int node = 0; node < count; node++)
            if (g.found[node] && g.peaks[node].z >= GROW_Z && g.peaks[node].shift < GROW_REACH)
                growing_place(grown, node, &g.peaks[node]);
        growing_rounds(&g, threads);
        growing_weed(&g);
        growing_sum_up(&g);
    } else {
        grown_free(grown);
    }
    growing_free(&g);
    return status;
}

void grown_free(struct grown *grown)
{
    free(grown->nodes);
    *grown = (struct grown){0};
}
