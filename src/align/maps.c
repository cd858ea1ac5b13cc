#include "align/maps.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAP_STEP          16.0 /* photo px between nodes of the maps, at least */
#define LEAST_SEEN        0.3  /* share of a node's pixels that must have been compared */
#define LEAST_CORRELATION 0.2
#define REACH_OUT         2    /* nodes known beyond the evidence */
#define REACH_COVERED     6    /* the same where there is skin without evidence */
#define ERROR_FLOOR       0.05 /* working px: interpolation and lens residue */
#define ERROR_GROWTH      0.02 /* px per px of distance from evidence */
#define UNKNOWN           99

/* ---- which nodes are known ------------------------------------------------------------------ */

static double coverage_at(const struct channels *c, double x, double y)
{
    int px = (int)lround(x), py = (int)lround(y);
    if (px < 0 || py < 0 || px >= c->coverage.width || py >= c->coverage.height)
        return 0;
    return (double)plane_row(&c->coverage, py)[px];
}

/* Correlation over 3x3 nodes: one node's own is too noisy to judge by. */
static double correlation_around(const struct elastic *e, int i, int j)
{
    double sum = 0, weight = 0;
    for (int dj = -1; dj <= 1; dj++)
        for (int di = -1; di <= 1; di++) {
            int c = i + di, r = j + dj;
            if (c < 0 || r < 0 || c >= e->map.columns || r >= e->map.rows)
                continue;
            size_t at = (size_t)r * (size_t)e->map.columns + (size_t)c;
            sum += e->seen[at] * e->correlation[at];
            weight += e->seen[at];
        }
    return weight > 0 ? sum / weight : 0;
}

struct knowledge { /* per node of the lattice */
    int *distance; /* in nodes from evidence, 0 = evidence, UNKNOWN */
    double *error; /* of the nearest evidence, working px */
};

static void adopt_neighbours(const struct elastic *e, const struct channels *first, int pass,
                             struct knowledge *k)
{
    int columns = e->map.columns, rows = e->map.rows;
    for (int j = 0; j < rows; j++)
        for (int i = 0; i < columns; i++) {
            size_t at = (size_t)j * (size_t)columns + (size_t)i;
            if (k->distance[at] != UNKNOWN)
                continue;
            double x = (i - 1) * e->map.step, y = (j - 1) * e->map.step;
            if (pass > REACH_OUT && coverage_at(first, x, y) < 0.5)
                continue;
            double best = INFINITY;
            for (int dj = -1; dj <= 1; dj++)
                for (int di = -1; di <= 1; di++) {
                    int c = i + di, r = j + dj;
                    if (c < 0 || r < 0 || c >= columns || r >= rows)
                        continue;
                    size_t n = (size_t)r * (size_t)columns + (size_t)c;
                    if (k->distance[n] < pass)
                        best = fmin(best, k->error[n]);
                }
            if (best < INFINITY) {
                k->distance[at] = pass;
                k->error[at] = best;
            }
        }
}

static striae_status learn(const struct elastic *e, const struct channels *first,
                           struct knowledge *k, striae_error *error)
{
    size_t count = (size_t)e->map.columns * (size_t)e->map.rows;
    *k = (struct knowledge){malloc(count * sizeof(int)), malloc(count * sizeof(double))};
    if (!k->distance || !k->error)
        return fail_memory(error);
    for (int j = 0; j < e->map.rows; j++)
        for (int i = 0; i < e->map.columns; i++) {
            size_t at = (size_t)j * (size_t)e->map.columns + (size_t)i;
            bool evidence = e->seen[at] >= LEAST_SEEN && isfinite(e->error[at]) &&
                            correlation_around(e, i, j) >= LEAST_CORRELATION;
            k->distance[at] = evidence ? 0 : UNKNOWN;
            k->error[at] = evidence ? e->error[at] : INFINITY;
        }
    for (int pass = 1; pass <= REACH_COVERED; pass++)
        adopt_neighbours(e, first, pass, k);
    for (size_t at = 0; at < count; at++) {
        double far = ERROR_GROWTH * e->map.step * k->distance[at];
        k->error[at] = sqrt(k->error[at] * k->error[at] + far * far + ERROR_FLOOR * ERROR_FLOOR);
    }
    return STRIAE_OK;
}

static void knowledge_free(struct knowledge *k)
{
    free(k->distance);
    free(k->error);
    *k = (struct knowledge){0};
}

/* Nearest node's distance and error at working px (x,y). */
static int known_at(const struct lattice *l, const struct knowledge *k, double x, double y,
                    double *error)
{
    int i = (int)lround(x / l->step + 1), j = (int)lround(y / l->step + 1);
    *error = INFINITY;
    if (i < 0 || j < 0 || i >= l->columns || j >= l->rows)
        return UNKNOWN;
    size_t at = (size_t)j * (size_t)l->columns + (size_t)i;
    *error = k->error[at];
    return k->distance[at];
}

/* ---- forward -------------------------------------------------------------------------------- */

static void fill_forward(const struct channels *first, const struct channels *later,
                         const struct lattice *map, const struct knowledge *k, struct warp *warp)
{
    for (int j = 0; j < warp->rows; j++)
        for (int i = 0; i < warp->columns; i++) {
            size_t at = (size_t)j * (size_t)warp->columns + (size_t)i;
            double x = to_working(i * warp->step, first->scale), u, v, sigma;
            double y = to_working(j * warp->step, first->scale);
            if (known_at(map, k, x, y, &sigma) == UNKNOWN)
                continue;
            lattice_map(map, x, y, &u, &v, NULL);
            u = to_photo(u, later->scale);
            v = to_photo(v, later->scale);
            double margin = warp->step; /* so that pixels at the very edge have all their nodes */
            if (u < -margin || v < -margin || u > warp->target_width - 1 + margin ||
                v > warp->target_height - 1 + margin)
                continue;
            warp->x[at] = (float)u;
            warp->y[at] = (float)v;
            warp->error[at] = (float)(sigma / later->scale);
        }
}

/* ---- backward ------------------------------------------------------------------------------- */

/* Solves map(x,y) = (u,v) from the given start; false when Newton's method does not settle. */
static bool invert(const struct lattice *map, double u, double v, double at[2], double jac[4])
{
    for (int round = 0; round < 30; round++) {
        double mu, mv;
        lattice_map(map, at[0], at[1], &mu, &mv, jac);
        double det = jac[0] * jac[3] - jac[1] * jac[2], du = u - mu, dv = v - mv;
        if (!(fabs(det) > 1e-9))
            return false;
        at[0] += (jac[3] * du - jac[1] * dv) / det;
        at[1] += (jac[0] * dv - jac[2] * du) / det;
        if (!isfinite(at[0]) || !isfinite(at[1]))
            return false;
        if (du * du + dv * dv < 1e-8)
            return true;
    }
    return false;
}

/* Along each row the start is the neighbour's answer, at first the middle of the picture. */
static void fill_backward(const struct channels *first, const struct channels *later,
                          const struct lattice *map, const struct knowledge *k, struct warp *warp)
{
    double middle[2] = {first->density.width / 2.0, first->density.height / 2.0};
    for (int j = 0; j < warp->rows; j++) {
        double start[2] = {middle[0], middle[1]};
        for (int i = 0; i < warp->columns; i++) {
            size_t at = (size_t)j * (size_t)warp->columns + (size_t)i;
            double u = to_working(i * warp->step, later->scale), jac[4], sigma;
            double v = to_working(j * warp->step, later->scale), p[2] = {start[0], start[1]};
            if (!invert(map, u, v, p, jac)) {
                p[0] = middle[0];
                p[1] = middle[1];
                if (!invert(map, u, v, p, jac))
                    continue;
            }
            memcpy(start, p, sizeof start);
            double det = jac[0] * jac[3] - jac[1] * jac[2];
            if (known_at(map, k, p[0], p[1], &sigma) == UNKNOWN || !(det > 0))
                continue;
            double x = to_photo(p[0], first->scale), y = to_photo(p[1], first->scale);
            double margin = warp->step;
            if (x < -margin || y < -margin || x > warp->target_width - 1 + margin ||
                y > warp->target_height - 1 + margin)
                continue;
            warp->x[at] = (float)x;
            warp->y[at] = (float)y;
            warp->error[at] = (float)(sigma / sqrt(det) / first->scale);
        }
    }
}

/* ---- summary -------------------------------------------------------------------------------- */

/* The distance below which the share p of all points lies, when each node's error is normal in
 * both coordinates (Rayleigh in distance). */
static double error_quantile(const double *sigma, size_t count, double p)
{
    double low = 0, high = 0;
    for (size_t i = 0; i < count; i++)
        high = fmax(high, 5 * sigma[i]);
    for (int round = 0; round < 60; round++) {
        double middle = (low + high) / 2, below = 0;
        for (size_t i = 0; i < count; i++)
            below += 1 - exp(-middle * middle / (2 * sigma[i] * sigma[i]));
        if (below < p * (double)count)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

static striae_status summarise(const struct channels *first, const struct warp *forward,
                               struct alignment *alignment, striae_error *error)
{
    size_t nodes = (size_t)forward->columns * (size_t)forward->rows, count = 0;
    double *sigma = malloc(nodes * sizeof *sigma), skin = 0, common = 0;
    if (!sigma)
        return fail_memory(error);
    for (int j = 0; j < forward->rows; j++)
        for (int i = 0; i < forward->columns; i++) {
            double x = i * forward->step, y = j * forward->step, jac[4];
            double cover =
                coverage_at(first, to_working(x, first->scale), to_working(y, first->scale));
            size_t at = (size_t)j * (size_t)forward->columns + (size_t)i;
            float u = forward->x[at], v = forward->y[at];
            skin += cover;
            if (cover < 0.5 || !(u >= 0 && v >= 0 && u <= (float)(forward->target_width - 1) &&
                                 v <= (float)(forward->target_height - 1)))
                continue;
            common += cover;
            if (warp_jacobian(forward, x, y, jac))
                sigma[count++] = (double)forward->error[at] /
                                 sqrt(fmax(fabs(jac[0] * jac[3] - jac[1] * jac[2]), 1e-6));
        }
    alignment->overlap_percent = skin > 0 ? 100 * common / skin : 0;
    if (count > 0) {
        alignment->error = error_quantile(sigma, count, 0.5);
        alignment->error_low = error_quantile(sigma, count, 0.025);
        alignment->error_high = error_quantile(sigma, count, 0.975);
    }
    free(sigma);
    return STRIAE_OK;
}

/* ---- the face ------------------------------------------------------------------------------- */

striae_status maps_make(const struct align_input *first, const struct align_input *later,
                        const struct channels *first_channels,
                        const struct channels *later_channels, const struct elastic *elastic,
                        struct alignment *alignment, striae_error *error)
{
    const struct image *a = first->image, *b = later->image;
    struct knowledge knowledge = {0};
    striae_status status = learn(elastic, first_channels, &knowledge, error);
    if (status == STRIAE_OK)
        status = warp_init(&alignment->forward, a->width, a->height, b->width, b->height, MAP_STEP,
                           error);
    if (status == STRIAE_OK)
        status = warp_init(&alignment->backward, b->width, b->height, a->width, a->height, MAP_STEP,
                           error);
    if (status == STRIAE_OK) {
        fill_forward(first_channels, later_channels, &elastic->map, &knowledge,
                     &alignment->forward);
        fill_backward(first_channels, later_channels, &elastic->map, &knowledge,
                      &alignment->backward);
        status = summarise(first_channels, &alignment->forward, alignment, error);
    }
    knowledge_free(&knowledge);
    return status;
}
