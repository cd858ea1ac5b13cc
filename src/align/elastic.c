#include "align/elastic.h"

#include "align/certainty.h"
#include "align/evidence.h"
#include "align/shading.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NODE_STEP 16                /* px of the level between nodes */
#define OCTAVES   CERTAINTY_OCTAVES /* compared at once: the level's own and coarser ones */
#define COARSEST  3                 /* level to start from: features have done the coarser part */
#define ROUNDS    3                 /* per level */
#define STIFFNESS 3000 /* of the plate: at usual information it averages over some 20 px */
#define LEAST_RHO 0.08 /* correlation below which an octave says nothing */

/* px of the level over which residuals are alike: JPEG halves the colour and quantises it coarsely.
 * Counting colour's information as fully as the density's made the rendered pairs worse (median
 * error 0.12 against 0.10 px on two pairs of another generator). */
static const double noise_area[BAND_CHANNELS] = {8.0, 27.0};

/* ---- from sums to information --------------------------------------------------------------- */

/* Binomial smoothing over 3x3 nodes, for what must not be judged from one small window. */
static void smooth_sums(const double *in, int columns, int rows, double *out)
{
    for (int j = 0; j < rows; j++)
        for (int i = 0; i < columns; i++)
            for (int k = 0; k < SUM_COUNT; k++) {
                double sum = 0;
                for (int dj = -1; dj <= 1; dj++)
                    for (int di = -1; di <= 1; di++) {
                        int c = i + di, r = j + dj;
                        if (c < 0 || r < 0 || c >= columns || r >= rows)
                            continue;
                        double w = (di ? 0.5 : 1) * (dj ? 0.5 : 1);
                        sum +=
                            w *
                            in[((size_t)r * (size_t)columns + (size_t)c) * SUM_COUNT + (size_t)k];
                    }
                out[((size_t)j * (size_t)columns + (size_t)i) * SUM_COUNT + (size_t)k] = sum;
            }
}

/* Adds one view (octave and channel). With correlation rho the common pattern has only the share
 * rho of the gradients' energy, and the residual's variance says how noisy its match is. */
static void add_view(const double *sums, const double *smooth, size_t nodes, int level, int channel,
                     double full, struct node *out)
{
    double pixel = (double)(1 << level);
    for (size_t n = 0; n < nodes; n++) {
        const double *s = sums + n * SUM_COUNT, *t = smooth + n * SUM_COUNT;
        if (t[SUM_1] < 20 || s[SUM_1] < 1e-3 || !(t[SUM_FF] > 0) || !(t[SUM_GG] > 0))
            continue;
        double rho = t[SUM_FG] / sqrt(t[SUM_FF] * t[SUM_GG]);
        double variance = fmax(t[SUM_RR] / t[SUM_1], 0.02);
        double energy = (t[SUM_XX] + t[SUM_YY]) / t[SUM_1];
        out[n].rho += rho * s[SUM_1] * pixel * pixel * energy;
        out[n].rho_weight += s[SUM_1] * pixel * pixel * energy;
        out[n].seen = fmax(out[n].seen, s[SUM_1] * pixel * pixel / full);
        if (rho < LEAST_RHO)
            continue;
        double w = 1 / (variance * noise_area[channel]),
               signal = fmin(rho, 1) * w / (pixel * pixel);
        out[n].xx += signal * s[SUM_XX];
        out[n].xy += signal * s[SUM_XY];
        out[n].yy += signal * s[SUM_YY];
        out[n].x -= w / pixel * s[SUM_XR];
        out[n].y -= w / pixel * s[SUM_YR];
    }
}

/* views (may be NULL): room for VIEWS arrays of nodes, each of what one view says by itself. */
static striae_status gather_nodes(const struct bands *first, const struct bands *later,
                                  const struct lattice *map, int level, int threads,
                                  struct node *nodes, struct node *views, striae_error *error)
{
    size_t count = (size_t)map->columns * (size_t)map->rows;
    double *sums = malloc(BAND_CHANNELS * count * SUM_COUNT * sizeof *sums);
    double *smooth = malloc(count * SUM_COUNT * sizeof *smooth);
    int top = first->levels < later->levels ? first->levels : later->levels, view = 0;
    striae_status status = sums && smooth ? STRIAE_OK : fail_memory(error);
    memset(nodes, 0, count * sizeof *nodes);
    for (int k = level; k < level + OCTAVES && k < top && status == STRIAE_OK; k++) {
        status = evidence_gather(first, later, k, map, threads, sums, error);
        for (int c = 0; c < BAND_CHANNELS && status == STRIAE_OK; c++, view++) {
            const double *own = sums + (size_t)c * count * SUM_COUNT;
            double full = map->step * map->step;
            if (!first->band[k][c].data)
                continue;
            smooth_sums(own, map->columns, map->rows, smooth);
            add_view(own, smooth, count, k, c, full, nodes);
            if (views)
                add_view(own, smooth, count, k, c, full, views + (size_t)view * count);
        }
    }
    free(sums);
    free(smooth);
    return status;
}

struct work {
    const struct bands *first, *later;
    const struct datum *anchors;
    size_t anchor_count;
    struct lattice *map;
    struct node *nodes;
    struct datum *data; /* one per node, then the anchors */
    double stiffness;
    int threads;
};

/* ---- one step ------------------------------------------------------------------------------- */

/* The move that a node asks for, cut to `longest` px; directions without information stay. */
static void node_move(const struct node *n, double longest, double move[2])
{
    double ridge = 0.02 * (n->xx + n->yy) + 1e-9;
    double xx = n->xx + ridge, yy = n->yy + ridge, det = xx * yy - n->xy * n->xy;
    move[0] = (yy * n->x - n->xy * n->y) / det;
    move[1] = (xx * n->y - n->xy * n->x) / det;
    double length = hypot(move[0], move[1]);
    if (length > longest) {
        move[0] *= longest / length;
        move[1] *= longest / length;
    }
}

static void node_datum(const struct lattice *map, const struct node *n, int i, int j,
                       double longest, struct datum *d)
{
    double u, v, jac[4], move[2];
    double x = (i - 1) * map->step, y = (j - 1) * map->step;
    lattice_map(map, x, y, &u, &v, jac);
    node_move(n, longest, move);
    *d = (struct datum){.at_x = x, .at_y = y};
    d->to_x = u + jac[0] * move[0] + jac[1] * move[1];
    d->to_y = v + jac[2] * move[0] + jac[3] * move[1];
    /* information about the target: inverse-transposed derivative on both sides */
    double det = jac[0] * jac[3] - jac[1] * jac[2];
    double a = jac[3] / det, b = -jac[1] / det, c = -jac[2] / det, e = jac[0] / det;
    d->xx = a * a * n->xx + 2 * a * c * n->xy + c * c * n->yy;
    d->xy = a * b * n->xx + (a * e + b * c) * n->xy + c * e * n->yy;
    d->yy = b * b * n->xx + 2 * b * e * n->xy + e * e * n->yy;
}

/* Fits, weighs down what strays from its neighbours by far more than its own error, fits again. */
static striae_status fit_moves(struct lattice *map, struct datum *data, size_t count,
                               double stiffness, striae_error *error)
{
    striae_status status = STRIAE_OK;
    for (int round = 0; round < 2 && status == STRIAE_OK; round++) {
        for (size_t k = 0; round > 0 && k < count; k++) {
            double u, v;
            lattice_map(map, data[k].at_x, data[k].at_y, &u, &v, NULL);
            double dx = u - data[k].to_x, dy = v - data[k].to_y;
            double square = data[k].xx * dx * dx + 2 * data[k].xy * dx * dy + data[k].yy * dy * dy;
            double weight = 1 / (1 + square / 9);
            data[k].xx *= weight;
            data[k].xy *= weight;
            data[k].yy *= weight;
        }
        status = lattice_fit(map, data, count, stiffness, 200, error);
    }
    return status;
}

static striae_status step(struct work *w, int level, striae_error *error)
{
    struct lattice *map = w->map;
    size_t count = (size_t)map->columns * (size_t)map->rows;
    striae_status status =
        gather_nodes(w->first, w->later, map, level, w->threads, w->nodes, NULL, error);
    if (status != STRIAE_OK)
        return status;
    double longest = 1.5 * (1 << level);
    for (int j = 0; j < map->rows; j++)
        for (int i = 0; i < map->columns; i++) {
            size_t at = (size_t)j * (size_t)map->columns + (size_t)i;
            node_datum(map, &w->nodes[at], i, j, longest, &w->data[at]);
        }
    if (w->anchor_count)
        memcpy(w->data + count, w->anchors, w->anchor_count * sizeof *w->anchors);
    return fit_moves(map, w->data, count + w->anchor_count, w->stiffness, error);
}

/* ---- the face ------------------------------------------------------------------------------- */

static striae_status finish(struct work *w, struct elastic *elastic, striae_error *error)
{
    size_t count = (size_t)w->map->columns * (size_t)w->map->rows;
    struct node *views = calloc(VIEWS * count, sizeof *views);
    elastic->error = malloc(count * sizeof(double));
    elastic->correlation = malloc(count * sizeof(double));
    elastic->seen = malloc(count * sizeof(double));
    elastic->prominence = malloc(PROMINENCE_OCTAVES * count * sizeof(double));
    striae_status status =
        views && elastic->error && elastic->correlation && elastic->seen && elastic->prominence
            ? STRIAE_OK
            : fail_memory(error);
    if (status == STRIAE_OK)
        status =
            prominence_gather(w->first, w->later, w->map, w->threads, elastic->prominence, error);
    if (status == STRIAE_OK)
        status = gather_nodes(w->first, w->later, w->map, 0, w->threads, w->nodes, views, error);
    if (status == STRIAE_OK)
        status = certainty(w->nodes, views, w->stiffness, elastic, error);
    if (status == STRIAE_OK)
        status = shading_correct(views, elastic, error);
    free(views);
    return status;
}

static striae_status refine_level(struct work *work, int level, int rounds, struct elastic *elastic,
                                  striae_error *error)
{
    struct lattice *map = &elastic->map;
    size_t count = (size_t)map->columns * (size_t)map->rows;
    struct work w = *work;
    w.map = map;
    w.nodes = malloc(count * sizeof *w.nodes);
    w.data = malloc((count + w.anchor_count) * sizeof *w.data);
    striae_status status = w.nodes && w.data ? STRIAE_OK : fail_memory(error);
    for (int round = 0; round < rounds && status == STRIAE_OK; round++)
        status = step(&w, level, error);
    if (status == STRIAE_OK && !lattice_unfold(map, 0.1))
        status = fail_with(error, STRIAE_ERROR_INTERNAL, "the alignment folds over itself");
    if (status == STRIAE_OK && level == 0)
        status = finish(&w, elastic, error);
    free(w.nodes);
    free(w.data);
    return status;
}

striae_status elastic_refine(const struct bands *first, const struct bands *later,
                             const struct lattice *start, const struct datum *anchors,
                             size_t anchor_count, int threads, struct elastic *elastic,
                             striae_error *error)
{
    int width = first->weight[0].width, height = first->weight[0].height;
    int top = (first->levels < later->levels ? first->levels : later->levels) - 1;
    const struct lattice *from = start;
    striae_status status = STRIAE_OK;
    *elastic = (struct elastic){0};
    struct work work = {first, later, anchors, anchor_count, NULL, NULL, NULL, STIFFNESS, threads};
    for (int level = top < COARSEST ? top : COARSEST; level >= 0 && status == STRIAE_OK; level--) {
        struct lattice map = {0};
        status = lattice_resample(from, width, height, NODE_STEP * (1 << level), &map, error);
        if (status != STRIAE_OK)
            break;
        lattice_free(&elastic->map);
        elastic->map = map;
        from = &elastic->map;
        status = refine_level(&work, level, level > 0 ? ROUNDS : 2, elastic, error);
    }
    if (status != STRIAE_OK)
        elastic_free(elastic);
    return status;
}

void elastic_free(struct elastic *elastic)
{
    lattice_free(&elastic->map);
    free(elastic->error);
    free(elastic->correlation);
    free(elastic->seen);
    free(elastic->prominence);
    *elastic = (struct elastic){0};
}
