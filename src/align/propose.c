#include "align/propose.h"

#include "align/affine.h"
#include "align/match.h"
#include "base/threads.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PI           3.14159265358979323846
#define LOOKS_RATIO  0.92 /* of squared distances */
#define VOTE_REACH   0.03 /* of the diagonal: how far skin may stray from a similarity */
#define VOTE_TURN    0.45 /* radians a feature's direction may stray */
#define VOTE_STRETCH 0.45 /* ln of the scale likewise */
#define POLISHES     3
#define ENOUGH       6   /* pairs for an affine map; fewer give a similarity */
#define ALIKE        1.0 /* of the reach: proposals closer than that are one */

struct pair { /* a match, ready for arithmetic */
    double ax, ay, bx, by;
    double zoom, turn; /* ln of the scale ratio, radians */
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
        pairs[i] = (struct pair){(double)a->x,
                                 (double)a->y,
                                 (double)b->x,
                                 (double)b->y,
                                 log((double)b->scale / (double)a->scale),
                                 wrap((double)b->angle - (double)a->angle)};
    }
    return pairs;
}

/* ---- votes ---------------------------------------------------------------------------------- */

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

static void propose(const struct pair *p, double m[6])
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
    propose(p, m);
    for (size_t k = 0; k < b->count; k++)
        votes += supports(&b->pairs[k], m, p->zoom, p->turn, b->reach * exp(p->zoom)) ? 1 : 0;
    b->votes[index] = votes;
}

/* ---- polishing ------------------------------------------------------------------------------ */

/* Least squares over the marked pairs; false when the points do not span the plane. */
static bool fit_affine(const struct pair *pairs, const bool *marked, size_t count, double m[6])
{
    struct affine_sums sums = {0};
    for (size_t k = 0; k < count; k++)
        if (marked[k])
            affine_add(&sums, pairs[k].ax, pairs[k].ay, pairs[k].bx, pairs[k].by, 1);
    return affine_solve(&sums, m);
}

/* The same for a turn, a zoom and a shift (complex least squares). */
static bool fit_similarity(const struct pair *pairs, const bool *marked, size_t count, double m[6])
{
    double n = 0, a[2] = {0}, b[2] = {0}, aa = 0, co = 0, si = 0;
    for (size_t k = 0; k < count; k++)
        if (marked[k]) {
            n += 1;
            a[0] += pairs[k].ax;
            a[1] += pairs[k].ay;
            b[0] += pairs[k].bx;
            b[1] += pairs[k].by;
        }
    for (size_t k = 0; k < count; k++)
        if (marked[k]) {
            double x = pairs[k].ax - a[0] / n, y = pairs[k].ay - a[1] / n;
            double u = pairs[k].bx - b[0] / n, v = pairs[k].by - b[1] / n;
            aa += x * x + y * y;
            co += x * u + y * v;
            si += x * v - y * u;
        }
    if (!(aa > 1))
        return false;
    m[0] = m[4] = co / aa;
    m[3] = si / aa;
    m[1] = -m[3];
    m[2] = (b[0] - m[0] * a[0] - m[1] * a[1]) / n;
    m[5] = (b[1] - m[3] * a[0] - m[4] * a[1]) / n;
    return true;
}

static size_t mark_supporters(const struct pair *pairs, size_t count, const double m[6],
                              double reach, bool *marked)
{
    double det = m[0] * m[4] - m[1] * m[3];
    double zoom = 0.5 * log(fmax(det, 1e-6)), turn = atan2(m[3] - m[1], m[0] + m[4]);
    size_t supporters = 0;
    for (size_t k = 0; k < count; k++) {
        marked[k] = supports(&pairs[k], m, zoom, turn, reach * exp(zoom));
        supporters += marked[k];
    }
    return supporters;
}

static bool sane(const double m[6])
{
    double det = m[0] * m[4] - m[1] * m[3];
    double square = m[0] * m[0] + m[1] * m[1] + m[3] * m[3] + m[4] * m[4];
    return det > 0.05 && det < 20 && square < 3.2 * det; /* not crushed to one side */
}

/* The map through those who support the pair's own proposal. */
static size_t polish(const struct pair *pairs, size_t count, size_t index, double reach,
                     bool *marked, double m[6])
{
    propose(&pairs[index], m);
    size_t agreed = mark_supporters(pairs, count, m, reach, marked);
    for (int round = 0; round < POLISHES && agreed > 1; round++) {
        double polished[6];
        bool fits = agreed >= ENOUGH ? fit_affine(pairs, marked, count, polished)
                                     : fit_similarity(pairs, marked, count, polished);
        if (!fits || !sane(polished))
            break;
        size_t supporters = mark_supporters(pairs, count, polished, reach, marked);
        if (supporters < agreed) {
            mark_supporters(pairs, count, m, reach, marked);
            break;
        }
        agreed = supporters;
        memcpy(m, polished, 6 * sizeof *m);
    }
    return agreed;
}

/* ---- collecting ----------------------------------------------------------------------------- */

static bool already(const struct proposals *list, const struct pair *p, double reach)
{
    for (size_t k = 0; k < list->count; k++) {
        const double *m = list->items[k].m;
        double det = m[0] * m[4] - m[1] * m[3];
        if (supports(p, m, 0.5 * log(det), atan2(m[3] - m[1], m[0] + m[4]),
                     ALIKE * reach * sqrt(det)))
            return true;
    }
    return false;
}

static bool keep(const struct pair *pairs, const bool *marked, size_t count, struct proposal *p)
{
    p->seeds = calloc(p->agreed + 1, sizeof *p->seeds);
    for (size_t k = 0, at = 0; p->seeds && k < count; k++)
        if (marked[k])
            p->seeds[at++] = (struct grow_seed){pairs[k].ax, pairs[k].ay, pairs[k].bx, pairs[k].by};
    return p->seeds != NULL;
}

/* Votes first, then the order of the matches. */
static bool collect(const struct pair *pairs, const int *votes, size_t count, double reach,
                    size_t most, struct proposals *out)
{
    bool *marked = calloc(count + 1, sizeof *marked);
    bool enough = marked && (out->items = calloc(most + 1, sizeof *out->items));
    int top = 0;
    for (size_t k = 0; k < count; k++)
        top = votes[k] > top ? votes[k] : top;
    for (int votes_now = top; enough && votes_now >= 1; votes_now--)
        for (size_t k = 0; k < count && out->count < most && enough; k++) {
            struct proposal *p = &out->items[out->count];
            if (votes[k] != votes_now || already(out, &pairs[k], reach))
                continue;
            p->agreed = polish(pairs, count, k, reach, marked, p->m);
            enough = keep(pairs, marked, count, p);
            out->count += enough ? 1 : 0;
        }
    free(marked);
    return enough;
}

striae_status proposals_find(const struct features *first, const struct features *later,
                             double diagonal, size_t most, int threads, struct proposals *out,
                             striae_error *error)
{
    struct matches matches = {0};
    *out = (struct proposals){0};
    striae_status status = matches_find(first, later, LOOKS_RATIO, threads, &matches, error);
    if (status != STRIAE_OK)
        return status;
    struct pair *pairs = pairs_of(first, later, &matches);
    int *votes = calloc(matches.count + 1, sizeof *votes);
    bool enough = pairs && votes;
    if (enough) {
        struct ballot ballot = {pairs, matches.count, VOTE_REACH * diagonal, votes};
        threads_run(threads, (int)matches.count, vote_task, &ballot);
        enough = collect(pairs, votes, matches.count, ballot.reach, most, out);
    }
    free(pairs);
    free(votes);
    matches_free(&matches);
    if (!enough) {
        proposals_free(out);
        return fail_memory(error);
    }
    return STRIAE_OK;
}

void proposals_free(struct proposals *proposals)
{
    for (size_t k = 0; k < proposals->count; k++)
        free(proposals->items[k].seeds);
    free(proposals->items);
    *proposals = (struct proposals){0};
}
