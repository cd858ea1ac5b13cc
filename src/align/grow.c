#include "align/grow.h"

#include "align/affine.h"
#include "base/filter.h"
#include "base/threads.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SEED_REACH   8   /* px searched around the hypothesis */
#define GROW_REACH   4   /* px searched around a prediction */
#define SEED_Z       4.5 /* standard deviations over chance */
#define GROW_Z       3.5
#define MOST_ROUNDS  80
#define MOST_TRIES   4
#define NEAR         3   /* nodes: from how far a prediction is made */
#define RIDGE        2.0 /* nodes^2: how firmly a prediction keeps the hypothesis' own derivative */
#define LARGEST_ODD  2.5 /* px a node may stray from what its neighbours say */
#define LEAST_BESIDE 3   /* placed neighbours of 8; loners are chance */
#define MOST_AREA    3.0 /* by how much the derivative's determinant may leave the hypothesis' */
#define MOST_SHEAR   2.0 /* ratio of the principal stretches against it */
#define SOWINGS      3   /* how often what grew is continued into the rest */
#define LEAST_SOWN   8   /* placed nodes from which that is done */
#define MOST_Z       12.0 /* more is not more certain */

struct growing {
    const struct patch_pair *pair;
    double affine[6]; /* the hypothesis */
    struct grown *grown;
    const int *list; /* nodes to try in this round */
    struct patch_peak *peaks;
    bool *found;
};

/* ---- prediction ----------------------------------------------------------------------------- */

/* Whether skin could be bent so: m, row by row, against the hypothesis. A growth by chance follows
 * whatever correlates best and ends in maps that magnify one spot. */
static bool plausible(const double affine[6], const double m[4])
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

/* Weighted affine fit to the placed nodes around node (i,j), itself left out, held towards the
 * hypothesis where they are few. false when none is placed. */
static bool predict(const struct grown *g, const double affine[6], int i, int j,
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
    affine_hold(&sums, held, RIDGE);
    if (!affine_solve(&sums, m))
        return false;
    guess->u = m[2];
    guess->v = m[5];
    for (int k = 0; k < 4; k++)
        guess->m[k] = m[k / 2 * 3 + k % 2] / GROW_STEP;
    guess->x = grow_place(i);
    guess->y = grow_place(j);
    return plausible(affine, guess->m);
}

static struct patch_guess hypothesis(const double m[6], int i, int j)
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
    g->found[index] = predict(g->grown, g->affine, i, j, &guess) &&
                      patch_search(g->pair, &guess, GROW_REACH, &g->peaks[index]);
}

static void place(struct grown *g, int node, const struct patch_peak *peak)
{
    struct grow_node *n = &g->nodes[node];
    n->u = peak->u;
    n->v = peak->v;
    n->z = (float)peak->z;
    n->placed = true;
    g->placed++;
}

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
            struct patch_guess guess = hypothesis(m, i, j);
            struct patch_peak peak;
            double dx = guess.x - seeds[k].x, dy = guess.y - seeds[k].y;
            guess.u = seeds[k].u + m[0] * dx + m[1] * dy;
            guess.v = seeds[k].v + m[3] * dx + m[4] * dy;
            if (g->grown->nodes[node].placed || !patch_search(g->pair, &guess, SEED_REACH, &peak) ||
                peak.z < SEED_Z || peak.shift >= SEED_REACH)
                continue;
            place(g->grown, node, &peak);
        }
}

static int placed_beside(const struct grown *g, int node)
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
        if (!g->nodes[node].placed && g->nodes[node].tries < MOST_TRIES && placed_beside(g, node)) {
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
        bool odd = placed_beside(g, node) < LEAST_BESIDE ||
                   !predict(g, affine, node % g->columns, node / g->columns, &guess) ||
                   hypot(guess.u - n->u, guess.v - n->v) > LARGEST_ODD;
        if (odd)
            list[count++] = node;
    }
    for (size_t k = 0; k < count; k++)
        g->nodes[list[k]].placed = false;
    g->placed -= count;
    return count;
}

static void run_rounds(struct growing *g, int *list, int threads)
{
    for (int round = 0; round < MOST_ROUNDS; round++) {
        int count = list_frontier(g->grown, list), placed = 0;
        g->list = list;
        threads_run(threads, count, try_task, g);
        for (int k = 0; k < count; k++)
            if (g->found[k] && g->peaks[k].z >= GROW_Z && g->peaks[k].shift < GROW_REACH) {
                place(g->grown, list[k], &g->peaks[k]);
                placed++;
            }
        if (placed == 0)
            break;
    }
}

static void weed_all(struct growing *g, int *list)
{
    while (weed(g->grown, g->affine, list) > 0)
        continue;
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
    affine_hold(&sums, g->affine, RIDGE * GROW_STEP * GROW_STEP);
    double linear[4];
    if (!affine_solve(&sums, m))
        return false;
    for (int k = 0; k < 4; k++)
        linear[k] = m[k / 2 * 3 + k % 2];
    if (!plausible(g->affine, linear))
        return false;
    memcpy(g->affine, m, sizeof g->affine);
    return true;
}

static void sow_task(void *context, int index)
{
    const struct growing *g = context;
    int node = g->list[index];
    struct patch_guess guess =
        hypothesis(g->affine, node % g->grown->columns, node / g->grown->columns);
    g->found[index] = patch_search(g->pair, &guess, SEED_REACH, &g->peaks[index]);
}

/* Tries the hypothesis on every second node that is not placed. */
static int sow(struct growing *g, int *list, int threads)
{
    int count = 0, sown = 0;
    for (int node = 0; node < g->grown->columns * g->grown->rows; node++) {
        g->grown->nodes[node].tries = 0;
        if (!g->grown->nodes[node].placed &&
            (node % g->grown->columns + node / g->grown->columns) % 2 == 0)
            list[count++] = node;
    }
    g->list = list;
    threads_run(threads, count, sow_task, g);
    for (int k = 0; k < count; k++)
        if (g->found[k] && g->peaks[k].z >= SEED_Z && g->peaks[k].shift < SEED_REACH) {
            place(g->grown, list[k], &g->peaks[k]);
            sown++;
        }
    return sown;
}

static void grow_on(struct growing *g, int *list, int threads)
{
    for (int sowing = 0; sowing < SOWINGS; sowing++) {
        size_t before = g->grown->placed;
        if (before < LEAST_SOWN || !adopt_grown(g) || sow(g, list, threads) == 0)
            break;
        run_rounds(g, list, threads);
        weed_all(g, list);
        if (g->grown->placed <= before + before / 10)
            break;
    }
}

/* ---- the face ------------------------------------------------------------------------------- */

static void sum_up(const struct growing *g)
{
    struct grown *grown = g->grown;
    for (int node = 0; node < grown->columns * grown->rows; node++) {
        int i = node % grown->columns, j = node / grown->columns;
        struct patch_guess guess;
        if (!predict(grown, g->affine, i, j, &guess))
            guess = hypothesis(g->affine, i, j);
        grown->common += sample_nearest(g->pair->first_weight, guess.x, guess.y) > 0.5f &&
                         sample_nearest(g->pair->later_weight, guess.u, guess.v) > 0.5f;
        double z = fmin((double)grown->nodes[node].z, MOST_Z);
        if (grown->nodes[node].placed)
            grown->evidence += z * z - GROW_Z * GROW_Z;
    }
}

striae_status grow(const struct patch_pair *pair, const double affine[6],
                   const struct grow_seed *seeds, size_t seed_count, int threads,
                   struct grown *grown, striae_error *error)
{
    *grown = (struct grown){.columns = pair->first_weight->width / GROW_STEP,
                            .rows = pair->first_weight->height / GROW_STEP};
    size_t count = (size_t)grown->columns * (size_t)grown->rows;
    grown->nodes = calloc(count + 1, sizeof *grown->nodes);
    int *list = calloc(count + 1, sizeof *list);
    struct growing g = {.pair = pair,
                        .grown = grown,
                        .peaks = calloc(count + 1, sizeof *g.peaks),
                        .found = calloc(count + 1, sizeof *g.found)};
    bool enough = grown->nodes && list && g.peaks && g.found;
    memcpy(g.affine, affine, sizeof g.affine);
    if (enough) {
        plant(&g, seeds, seed_count);
        run_rounds(&g, list, threads);
        weed_all(&g, list);
        grow_on(&g, list, threads);
        sum_up(&g);
    } else {
        grown_free(grown);
    }
    free(list);
    free(g.peaks);
    free(g.found);
    return enough ? STRIAE_OK : fail_memory(error);
}

void grown_free(struct grown *grown)
{
    free(grown->nodes);
    *grown = (struct grown){0};
}
