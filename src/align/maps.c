#include "align/maps.h"

#include "base/filter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAP_STEP          16.0 /* photo px between nodes of the maps, at least */
#define PLACED_REACH      1.0  /* fields around a placed one that it speaks for */
#define LEAST_SEEN        0.3  /* share of a node's pixels that must have been compared */
#define LEAST_CORRELATION 0.2
#define REACH_OUT         2    /* nodes known beyond the evidence */
#define REACH_COVERED     6    /* the same where there is skin without evidence */
#define ERROR_FLOOR       0.05 /* working px: interpolation and lens residue */
#define ERROR_GROWTH      0.02 /* px per px of distance from evidence */
#define UNKNOWN           99

/* ---- which nodes are known ------------------------------------------------------------------ */

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

/* Whether evidence lies within REACH_COVERED in at least three of the four directions: between
 * known places the map is bridged, beyond them it would be a guess. */
static bool enclosed(const struct knowledge *k, int columns, int rows, int i, int j)
{
    static const int step[4][2] = {{1, 0}, {-1, 0}, {0, 1}, {0, -1}};
    int sides = 0;
    for (int d = 0; d < 4; d++)
        for (int n = 1; n <= REACH_COVERED; n++) {
            int c = i + n * step[d][0], r = j + n * step[d][1];
            if (c < 0 || r < 0 || c >= columns || r >= rows)
                break;
            if (k->distance[(size_t)r * (size_t)columns + (size_t)c] == 0) {
                sides++;
                break;
            }
        }
    return sides >= 3;
}

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
            if (pass > REACH_OUT &&
                (sample_nearest(&first->coverage, x, y) < 0.5 || !enclosed(k, columns, rows, i, j)))
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

/* Marks the nodes of the lattice that lie in or beside a placed field. */
static void mark_placed(const struct lattice *map, const struct global *global, bool *placed)
{
    double reach = PLACED_REACH * global->field;
    for (size_t k = 0; k < global->anchor_count; k++) {
        const struct datum *d = &global->anchors[k];
        int left = (int)ceil((d->at_x - reach) / map->step) + 1;
        int right = (int)floor((d->at_x + reach) / map->step) + 1;
        int top = (int)ceil((d->at_y - reach) / map->step) + 1;
        int bottom = (int)floor((d->at_y + reach) / map->step) + 1;
        for (int j = top < 0 ? 0 : top; j <= bottom && j < map->rows; j++)
            for (int i = left < 0 ? 0 : left; i <= right && i < map->columns; i++)
                placed[(size_t)j * (size_t)map->columns + (size_t)i] = true;
    }
}

static striae_status learn(const struct maps_input *input, struct knowledge *k, striae_error *error)
{
    const struct elastic *e = input->elastic;
    size_t count = (size_t)e->map.columns * (size_t)e->map.rows;
    *k = (struct knowledge){malloc(count * sizeof(int)), malloc(count * sizeof(double))};
    bool *placed = calloc(count, sizeof *placed);
    if (!k->distance || !k->error || !placed) {
        free(placed);
        return fail_memory(error);
    }
    mark_placed(&e->map, input->global, placed);
    for (int j = 0; j < e->map.rows; j++)
        for (int i = 0; i < e->map.columns; i++) {
            size_t at = (size_t)j * (size_t)e->map.columns + (size_t)i;
            bool evidence = placed[at] && elastic_prominence(e, at) >= ELASTIC_LEAST_PROMINENCE &&
                            e->seen[at] >= LEAST_SEEN && isfinite(e->error[at]) &&
                            correlation_around(e, i, j) >= LEAST_CORRELATION;
            k->distance[at] = evidence ? 0 : UNKNOWN;
            k->error[at] = evidence ? e->error[at] : INFINITY;
        }
    free(placed);
    for (int pass = 1; pass <= REACH_COVERED; pass++)
        adopt_neighbours(e, input->first_channels, pass, k);
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

/* Whether the pixel of a node is skin that the map knows and that is inside the other photo. */
static bool is_common(const struct channels *channels, const struct warp *warp, int i, int j)
{
    double cover = sample_nearest(&channels->coverage, to_working(i * warp->step, channels->scale),
                                  to_working(j * warp->step, channels->scale));
    size_t at = (size_t)j * (size_t)warp->columns + (size_t)i;
    float u = warp->x[at], v = warp->y[at];
    return cover >= 0.5 && u >= 0 && v >= 0 && u <= (float)(warp->target_width - 1) &&
           v <= (float)(warp->target_height - 1);
}

/* Percent of the photo's skin. */
static double overlap(const struct channels *channels, const struct warp *warp)
{
    double skin = 0, common = 0;
    for (int j = 0; j < warp->rows; j++)
        for (int i = 0; i < warp->columns; i++) {
            skin += sample_nearest(&channels->coverage, to_working(i * warp->step, channels->scale),
                                   to_working(j * warp->step, channels->scale)) >= 0.5;
            common += is_common(channels, warp, i, j);
        }
    return skin > 0 ? 100 * common / skin : 0;
}

static striae_status summarise(const struct channels *first, const struct warp *forward,
                               struct alignment *alignment, striae_error *error)
{
    size_t count = 0;
    double *sigma = malloc((size_t)forward->columns * (size_t)forward->rows * sizeof *sigma);
    if (!sigma)
        return fail_memory(error);
    for (int j = 0; j < forward->rows; j++)
        for (int i = 0; i < forward->columns; i++) {
            double jac[4];
            size_t at = (size_t)j * (size_t)forward->columns + (size_t)i;
            if (is_common(first, forward, i, j) &&
                warp_jacobian(forward, i * forward->step, j * forward->step, jac))
                sigma[count++] = (double)forward->error[at] /
                                 sqrt(fmax(fabs(jac[0] * jac[3] - jac[1] * jac[2]), 1e-6));
        }
    if (count > 0) {
        alignment->error = error_quantile(sigma, count, 0.5);
        alignment->error_low = error_quantile(sigma, count, 0.025);
        alignment->error_high = error_quantile(sigma, count, 0.975);
    }
    free(sigma);
    return STRIAE_OK;
}

/* ---- the face ------------------------------------------------------------------------------- */

striae_status maps_make(const struct maps_input *input, struct alignment *alignment,
                        striae_error *error)
{
    const struct image *a = input->first->image, *b = input->later->image;
    const struct channels *first = input->first_channels, *later = input->later_channels;
    const struct lattice *map = &input->elastic->map;
    struct knowledge knowledge = {0};
    striae_status status = learn(input, &knowledge, error);
    if (status == STRIAE_OK)
        status = warp_init(&alignment->forward, a->width, a->height, b->width, b->height, MAP_STEP,
                           error);
    if (status == STRIAE_OK)
        status = warp_init(&alignment->backward, b->width, b->height, a->width, a->height, MAP_STEP,
                           error);
    if (status == STRIAE_OK) {
        fill_forward(first, later, map, &knowledge, &alignment->forward);
        fill_backward(first, later, map, &knowledge, &alignment->backward);
        alignment->overlap_percent = overlap(first, &alignment->forward);
        alignment->overlap_later_percent = overlap(later, &alignment->backward);
        status = summarise(first, &alignment->forward, alignment, error);
    }
    knowledge_free(&knowledge);
    return status;
}
