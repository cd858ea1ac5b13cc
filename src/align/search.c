#include "align/search.h"

#include "align/hunt.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CHANCE_Z      3.5   /* about what the best of a whole picture reaches anywhere */
#define AGREE_REACH   3.0   /* px of the octave within which another piece confirms ... */
#define AGREE_STRETCH 0.12  /* ... and by how much of its distance more */
#define ALIKE_REACH   0.025 /* of the first picture's longest side */
#define ALIKE_TURN    0.15  /* of a map's derivative */
#define SOWN          10    /* px from a piece's middle to the other places where it is tried */

/* ---- agreement ------------------------------------------------------------------------------ */

struct claim {
    const struct hunt *hunt;
    int zoom, piece, turn;
    float score;
};

/* Where the wide picture shows the middle of piece q if piece p is at its spot for this turn. */
static void expected(const struct hunt *h, const struct claim *c, int q, double at[2])
{
    double ratio, m[4];
    (void)hunt_level(h, c->zoom, &ratio);
    hunt_matrix(c->turn, ratio, m);
    const double *from = h->piece[c->zoom][c->piece], *to = h->piece[c->zoom][q];
    double du = to[0] - from[0], dv = to[1] - from[1], det = m[0] * m[3] - m[1] * m[2];
    const struct spot *s = &hunt_spots(h, c->zoom, c->piece)[c->turn];
    at[0] = (double)s->x + (m[3] * du - m[1] * dv) / det;
    at[1] = (double)s->y + (m[0] * dv - m[2] * du) / det;
}

/* The spot of piece q, at nearly the same turn, that agrees with the claim; NULL when none does. */
static const struct spot *confirming(const struct hunt *h, const struct claim *c, int q)
{
    double at[2];
    const struct spot *own = &hunt_spots(h, c->zoom, c->piece)[c->turn], *best = NULL;
    expected(h, c, q, at);
    double far = hypot(at[0] - (double)own->x, at[1] - (double)own->y);
    for (int d = -1; d <= 1; d++) {
        const struct spot *s = &hunt_spots(h, c->zoom, q)[(c->turn + d + HUNT_TURNS) % HUNT_TURNS];
        if (hypot((double)s->x - at[0], (double)s->y - at[1]) < AGREE_REACH + AGREE_STRETCH * far &&
            (!best || s->z > best->z))
            best = s;
    }
    return best;
}

static float above_chance(float z)
{
    return z > (float)CHANCE_Z ? (z - (float)CHANCE_Z) * (z - (float)CHANCE_Z) : 0;
}

static size_t make_claims(const struct hunt *h, struct claim *claims)
{
    size_t count = 0;
    for (int zoom = h->first_zoom; zoom < HUNT_ZOOMS; zoom++)
        for (int p = 0; p < h->pieces[zoom]; p++)
            for (int turn = 0; turn < HUNT_TURNS; turn++) {
                struct claim c = {h, zoom, p, turn, above_chance(hunt_spots(h, zoom, p)[turn].z)};
                for (int q = 0; q < h->pieces[zoom]; q++) {
                    const struct spot *s = q == p ? NULL : confirming(h, &c, q);
                    c.score += s ? above_chance(s->z) : 0;
                }
                claims[count++] = c;
            }
    return count;
}

/* ---- proposals ------------------------------------------------------------------------------ */

/* Coarse px of a point of an octave. */
static double coarse(double at, int level)
{
    return to_photo(at, ldexp(1, -level));
}

/* Seeds around one piece: its middle and four places beside it. */
static void add_seeds(const struct claim *c, int piece, const struct spot *s, struct proposal *out)
{
    const struct hunt *h = c->hunt;
    double ratio, m[4];
    int level = hunt_level(h, c->zoom, &ratio);
    hunt_matrix(c->turn, ratio, m);
    for (int k = 0; k < 5; k++) {
        double dx = k ? (k % 2 ? SOWN : -SOWN) : 0, dy = k ? (k > 2 ? SOWN : -SOWN) : 0;
        double x = coarse((double)s->x + dx, h->wide_level);
        double y = coarse((double)s->y + dy, h->wide_level);
        double u = coarse(h->piece[c->zoom][piece][0] + m[0] * dx + m[1] * dy, level);
        double v = coarse(h->piece[c->zoom][piece][1] + m[2] * dx + m[3] * dy, level);
        out->seeds[out->agreed++] =
            h->swapped ? (struct grow_seed){u, v, x, y} : (struct grow_seed){x, y, u, v};
    }
}

static striae_status propose(const struct claim *c, struct proposal *out, striae_error *error)
{
    const struct hunt *h = c->hunt;
    double m[4];
    *out = (struct proposal){.seeds = calloc((size_t)5 * HUNT_PIECES, sizeof *out->seeds)};
    if (!out->seeds)
        return fail_memory(error);
    add_seeds(c, c->piece, &hunt_spots(h, c->zoom, c->piece)[c->turn], out);
    for (int q = 0; q < h->pieces[c->zoom]; q++) {
        const struct spot *s = q == c->piece ? NULL : confirming(h, c, q);
        if (s && (double)s->z > CHANCE_Z)
            add_seeds(c, q, s, out);
    }
    /* a similarity and its inverse differ by the sign of the turn and of the zoom's logarithm */
    hunt_matrix(h->swapped ? -c->turn : c->turn, hunt_zoom(h->swapped ? -c->zoom : c->zoom), m);
    const struct grow_seed *s = &out->seeds[0];
    double map[6] = {m[0], m[1], s->u - m[0] * s->x - m[1] * s->y,
                     m[2], m[3], s->v - m[2] * s->x - m[3] * s->y};
    memcpy(out->m, map, sizeof map);
    return STRIAE_OK;
}

/* Whether two proposals map the second's first seed alike, at nearly the same turn and zoom. */
static bool alike(const struct proposal *a, const struct proposal *b, double side)
{
    const struct grow_seed *s = &b->seeds[0];
    const double *m = a->m, *n = b->m;
    double zoom = sqrt(n[0] * n[4] - n[1] * n[3]), reach = zoom * ALIKE_REACH * side;
    double du = m[0] * s->x + m[1] * s->y + m[2] - s->u;
    double dv = m[3] * s->x + m[4] * s->y + m[5] - s->v;
    return hypot(du, dv) < reach && hypot(m[0] - n[0], m[3] - n[3]) < ALIKE_TURN * zoom;
}

static int by_score(const void *left, const void *right)
{
    const struct claim *a = left, *b = right;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    if (a->hunt->swapped != b->hunt->swapped)
        return a->hunt->swapped ? 1 : -1;
    if (a->zoom != b->zoom)
        return a->zoom < b->zoom ? -1 : 1;
    if (a->piece != b->piece)
        return a->piece < b->piece ? -1 : 1;
    return a->turn < b->turn ? -1 : a->turn > b->turn;
}

static striae_status collect(const struct claim *claims, size_t count, size_t most, double side,
                             struct proposals *out, striae_error *error)
{
    striae_status status = STRIAE_OK;
    out->items = calloc(most + 1, sizeof *out->items);
    if (!out->items)
        return fail_memory(error);
    for (size_t k = 0; k < count && out->count < most && status == STRIAE_OK; k++) {
        struct proposal *p = &out->items[out->count];
        status = propose(&claims[k], p, error);
        bool known = false;
        for (size_t i = 0; i < out->count && !known; i++)
            known = alike(&out->items[i], p, side);
        if (known)
            free(p->seeds);
        else if (status == STRIAE_OK)
            out->count++;
    }
    return status;
}

/* ---- the face ------------------------------------------------------------------------------- */

striae_status search_find(const struct bands *first, const struct bands *later, size_t most,
                          int threads, struct proposals *out, striae_error *error)
{
    struct hunt hunts[2] = {{.wide = first, .narrow = later},
                            {.wide = later, .narrow = first, .swapped = true, .first_zoom = 1}};
    size_t room = (size_t)2 * HUNT_ZOOMS * HUNT_PIECES * HUNT_TURNS, count = 0;
    struct claim *claims = calloc(room, sizeof *claims);
    striae_status status = claims ? STRIAE_OK : fail_memory(error);
    *out = (struct proposals){0};
    for (int k = 0; k < 2 && status == STRIAE_OK; k++) {
        status = hunt_run(&hunts[k], threads, error);
        if (status == STRIAE_OK)
            count += make_claims(&hunts[k], claims + count);
    }
    if (status == STRIAE_OK) {
        qsort(claims, count, sizeof *claims, by_score);
        status = collect(claims, count, most, fmax(first->weight[0].width, first->weight[0].height),
                         out, error);
    }
    if (status != STRIAE_OK)
        proposals_free(out);
    hunt_free(&hunts[0]);
    hunt_free(&hunts[1]);
    free(claims);
    return status;
}
