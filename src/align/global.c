#include "align/global.h"

#include "base/threads.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PI           3.14159265358979323846
#define LOOKS_RATIO  0.80 /* of squared distances, for the first matches */
#define VOTE_REACH   0.04 /* of the diagonal: how far skin may stray from a similarity */
#define VOTE_TURN    0.45 /* radians a feature's direction may stray */
#define VOTE_STRETCH 0.45 /* ln of the scale likewise */
#define STAGES       4

struct pair { /* a match, ready for arithmetic */
    double ax, ay, bx, by;
    double zoom, turn; /* ln of the scale ratio, radians */
    double precision;  /* 1/px^2 in the later photo */
};

static double wrap(double angle)
{
    return angle - 2 * PI * rint(angle / (2 * PI));
}

static struct pair *pairs_of(const struct features *first, const struct features *later,
                             const struct matches *matches)
{
    struct pair *pairs = calloc(matches->count + 1, sizeof *pairs);
    for (size_t i = 0; pairs && i < matches->count; i++) {
        const struct feature *a = &first->items[matches->items[i].first];
        const struct feature *b = &later->items[matches->items[i].later];
        double sigma = fmax(0.5, 0.15 * (double)b->scale);
        pairs[i] = (struct pair){(double)a->x,
                                 (double)a->y,
                                 (double)b->x,
                                 (double)b->y,
                                 log((double)b->scale / (double)a->scale),
                                 wrap((double)b->angle - (double)a->angle),
                                 1 / (sigma * sigma)};
    }
    return pairs;
}

/* ---- vote ----------------------------------------------------------------------------------- */

struct ballot {
    const struct pair *pairs;
    size_t count;
    double reach; /* px of the first photo */
    int *votes;
};

static bool supports(const struct pair *p, const double m[6], double zoom, double turn,
                     double reach)
{
    double dx = m[0] * p->ax + m[1] * p->ay + m[2] - p->bx;
    double dy = m[3] * p->ax + m[4] * p->ay + m[5] - p->by;
    return dx * dx + dy * dy < reach * reach && fabs(p->zoom - zoom) < VOTE_STRETCH &&
           fabs(wrap(p->turn - turn)) < VOTE_TURN;
}

static void proposal(const struct pair *p, double m[6])
{
    double co = exp(p->zoom) * cos(p->turn), si = exp(p->zoom) * sin(p->turn);
    m[0] = co;
    m[1] = -si;
    m[2] = p->bx - co * p->ax + si * p->ay;
    m[3] = si;
    m[4] = co;
    m[5] = p->by - si * p->ax - co * p->ay;
}

static void vote_task(void *context, int index)
{
    const struct ballot *b = context;
    const struct pair *p = &b->pairs[index];
    double m[6];
    int votes = 0;
    proposal(p, m);
    for (size_t k = 0; k < b->count; k++)
        votes += supports(&b->pairs[k], m, p->zoom, p->turn, b->reach * exp(p->zoom)) ? 1 : 0;
    b->votes[index] = votes;
}

/* Weighted affine least squares; false when the points do not span the plane. */
static bool fit_affine(const struct pair *pairs, const double *weight, size_t count, double m[6])
{
    double s[6] = {0}, r[2][3] = {{0}}; /* sums: xx xy x yy y 1 */
    for (size_t k = 0; k < count; k++) {
        double w = weight[k], x = pairs[k].ax, y = pairs[k].ay;
        double row[3] = {x, y, 1};
        s[0] += w * x * x;
        s[1] += w * x * y;
        s[2] += w * x;
        s[3] += w * y * y;
        s[4] += w * y;
        s[5] += w;
        for (int c = 0; c < 3; c++) {
            r[0][c] += w * row[c] * pairs[k].bx;
            r[1][c] += w * row[c] * pairs[k].by;
        }
    }
    double c0 = s[3] * s[5] - s[4] * s[4], c1 = s[2] * s[4] - s[1] * s[5];
    double c2 = s[1] * s[4] - s[2] * s[3];
    double det = s[0] * c0 + s[1] * c1 + s[2] * c2;
    if (!(fabs(det) > 1e-6 * s[0] * s[3] * s[5] * 1e-6))
        return false;
    double c4 = s[0] * s[5] - s[2] * s[2], c5 = s[1] * s[2] - s[0] * s[4];
    double c8 = s[0] * s[3] - s[1] * s[1];
    for (int v = 0; v < 2; v++) {
        m[3 * v] = (c0 * r[v][0] + c1 * r[v][1] + c2 * r[v][2]) / det;
        m[3 * v + 1] = (c1 * r[v][0] + c4 * r[v][1] + c5 * r[v][2]) / det;
        m[3 * v + 2] = (c2 * r[v][0] + c5 * r[v][1] + c8 * r[v][2]) / det;
    }
    return true;
}

static size_t support_weights(const struct pair *pairs, size_t count, const double m[6],
                              double reach, double *weight)
{
    double det = m[0] * m[4] - m[1] * m[3];
    double zoom = 0.5 * log(fmax(det, 1e-6)), turn = atan2(m[3] - m[1], m[0] + m[4]);
    size_t supporters = 0;
    for (size_t k = 0; k < count; k++) {
        weight[k] = supports(&pairs[k], m, zoom, turn, reach * exp(zoom)) ? 1 : 0;
        supporters += weight[k] > 0;
    }
    return supporters;
}

static bool sane(const double m[6])
{
    double det = m[0] * m[4] - m[1] * m[3];
    double square = m[0] * m[0] + m[1] * m[1] + m[3] * m[3] + m[4] * m[4];
    return det > 0.05 && det < 20 && square < 3.2 * det; /* not crushed to one side */
}

/* The best proposal, polished into an affine map. */
static void elect(const struct pair *pairs, const int *votes, double *weight, size_t count,
                  double reach, struct global *global, double m[6])
{
    size_t best = 0;
    for (size_t k = 1; k < count; k++)
        if (votes[k] > votes[best])
            best = k;
    proposal(&pairs[best], m);
    global->agreed = support_weights(pairs, count, m, reach, weight);
    for (int round = 0; round < 6; round++) {
        double polished[6];
        if (!fit_affine(pairs, weight, count, polished) || !sane(polished))
            break;
        size_t supporters = support_weights(pairs, count, polished, reach, weight);
        if (supporters < global->agreed && round > 1) {
            support_weights(pairs, count, m, reach, weight);
            break;
        }
        global->agreed = supporters;
        memcpy(m, polished, 6 * sizeof *m);
    }
}

/* ---- the smooth map through the matches ----------------------------------------------------- */

/* Fits with weights (1+(r/tolerance)^2)^-2 (Geman and McClure 1987), renewed each round. */
static striae_status fit_plate(const struct pair *pairs, size_t count, double tolerance,
                               double stiffness, struct lattice *map, struct datum *data,
                               striae_error *error)
{
    striae_status status = STRIAE_OK;
    for (int round = 0; round < 5 && status == STRIAE_OK; round++) {
        for (size_t k = 0; k < count; k++) {
            double u, v;
            lattice_map(map, pairs[k].ax, pairs[k].ay, &u, &v, NULL);
            double square =
                (u - pairs[k].bx) * (u - pairs[k].bx) + (v - pairs[k].by) * (v - pairs[k].by);
            double root = 1 / (1 + square / (tolerance * tolerance));
            double info = pairs[k].precision * root * root;
            data[k] =
                (struct datum){pairs[k].ax, pairs[k].ay, pairs[k].bx, pairs[k].by, info, 0, info};
        }
        status = lattice_fit(map, data, count, stiffness, 150, error);
    }
    return status;
}

static int by_value(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

/* data: in, all pairs; out, the global's anchors (taken over, those that follow moved to the
 * front). */
static striae_status measure_fit(struct datum *data, size_t count, double tolerance,
                                 struct global *global, striae_error *error)
{
    double *distance = malloc((count + 1) * sizeof *distance);
    if (!distance)
        return fail_memory(error);
    global->followed = 0;
    for (size_t k = 0; k < count; k++) {
        double u, v;
        lattice_map(&global->map, data[k].at_x, data[k].at_y, &u, &v, NULL);
        double d = hypot(u - data[k].to_x, v - data[k].to_y);
        if (d >= tolerance)
            continue;
        data[global->followed] = data[k];
        distance[global->followed++] = d;
    }
    free(global->anchors);
    global->anchors = data;
    global->anchor_count = global->followed;
    qsort(distance, global->followed, sizeof *distance, by_value);
    global->spread = global->followed ? distance[global->followed / 2] : NAN;
    free(distance);
    return STRIAE_OK;
}

static striae_status soften(const struct features *first, const struct features *later,
                            double diagonal, int threads, struct global *global,
                            striae_error *error)
{
    static const double radius[STAGES] = {0.03, 0.02, 0.012, 0.008}; /* of the diagonal */
    static const double stiffness[STAGES] = {10000, 3000, 1000, 300};
    striae_status status = STRIAE_OK;
    for (int s = 0; s < STAGES && status == STRIAE_OK; s++) {
        struct matches near = {0};
        double reach = fmax(radius[s] * diagonal * global->zoom, 3);
        status = matches_guided(first, later, &global->map, reach, threads, &near, error);
        struct pair *pairs = status == STRIAE_OK ? pairs_of(first, later, &near) : NULL;
        struct datum *data = calloc(near.count + 1, sizeof *data);
        if (status == STRIAE_OK && (!pairs || !data))
            status = fail_memory(error);
        if (status == STRIAE_OK)
            status =
                fit_plate(pairs, near.count, 0.4 * reach, stiffness[s], &global->map, data, error);
        if (status == STRIAE_OK)
            status = measure_fit(data, near.count, 0.4 * reach, global, error);
        free(pairs);
        if (status != STRIAE_OK)
            free(data);
        matches_free(&near);
    }
    return status;
}

/* ---- the face ------------------------------------------------------------------------------- */

striae_status global_find(const struct features *first, const struct features *later, int width,
                          int height, size_t least, int threads, struct global *global,
                          striae_error *error)
{
    struct matches matches = {0};
    double diagonal = hypot(width, height), m[6] = {1, 0, 0, 0, 1, 0};
    *global = (struct global){.zoom = 1, .spread = NAN};
    striae_status status = matches_find(first, later, LOOKS_RATIO, threads, &matches, error);
    if (status != STRIAE_OK)
        return status;
    struct pair *pairs = pairs_of(first, later, &matches);
    int *votes = calloc(matches.count + 1, sizeof *votes);
    double *weight = calloc(matches.count + 1, sizeof *weight);
    if (!pairs || !votes || !weight)
        status = fail_memory(error);
    if (status == STRIAE_OK && matches.count > 0) {
        struct ballot ballot = {pairs, matches.count, VOTE_REACH * diagonal, votes};
        threads_run(threads, (int)matches.count, vote_task, &ballot);
        elect(pairs, votes, weight, matches.count, VOTE_REACH * diagonal, global, m);
    }
    global->matched = matches.count;
    /* A stray match lands in the winner's reach, turn and scale windows with this chance. */
    double share = PI * VOTE_REACH * VOTE_REACH * diagonal * diagonal / ((double)width * height) *
                   (2 * VOTE_TURN / (2 * PI)) * 0.4;
    global->expected = share * (double)matches.count;
    if (status == STRIAE_OK && global->agreed >= least && sane(m)) {
        global->zoom = sqrt(m[0] * m[4] - m[1] * m[3]);
        status = lattice_init(&global->map, width, height, diagonal / 16, m, error);
        if (status == STRIAE_OK)
            status = soften(first, later, diagonal, threads, global, error);
    }
    free(pairs);
    free(votes);
    free(weight);
    matches_free(&matches);
    if (status != STRIAE_OK)
        global_free(global);
    return status;
}

void global_free(struct global *global)
{
    lattice_free(&global->map);
    free(global->anchors);
    *global = (struct global){0};
}
