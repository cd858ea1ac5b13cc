#include "align/search.h"

#include "base/fft.h"
#include "base/filter.h"
#include "base/threads.h"
#include "base/vector.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define PI            3.14159265358979323846
#define WIDE_SIDE     180 /* px: longest side of the octave that is searched, at most */
#define PIECE         32  /* px of that octave: side of a piece */
#define PIECE_STEP    20  /* between pieces */
#define MOST_PIECES   9
#define LEAST_KNOWN   0.75 /* share of a piece that is skin */
#define TURNS         60   /* over the full circle */
#define ZOOMS         12   /* 1, ZOOM_STEP, ... each way */
#define ZOOM_STEP     1.1
#define BORDER        6    /* px at the edge where no piece can be centred */
#define CHANCE_Z      3.5  /* about what the best of a whole picture reaches anywhere */
#define AGREE_REACH   3.0  /* px of the octave within which another piece confirms ... */
#define AGREE_STRETCH 0.12 /* ... and by how much of its distance more */
#define ALIKE_REACH   30.0 /* coarse px */
#define ALIKE_TURN    0.15 /* of a map's derivative */
#define SOWN          10   /* px from a piece's middle to the other places where it is tried */

struct spot { /* the best place of one piece at one turn and zoom */
    float x, y, z;
};

/* The wide picture is searched for pieces of the narrow one. */
struct hunt {
    const struct bands *wide, *narrow;
    int wide_level;
    struct fft fft;
    fftwf_complex *spectrum[BAND_CHANNELS]; /* of the wide picture */
    double (*piece)[MOST_PIECES][2];        /* per zoom: middles, px of the narrow level */
    int *pieces;                            /* per zoom: how many */
    struct spot *spots;                     /* [zoom][piece][turn] */
    bool swapped;                           /* the wide picture is the later one */
    int first_zoom;                         /* 1 leaves out the zoom of 1 */
    atomic_bool failed;
};

static double zoom_of(int index)
{
    return pow(ZOOM_STEP, index);
}

/* The narrow picture's octave whose px come nearest to those searched, and its px per such px. */
static int narrow_level(const struct hunt *h, int zoom, double *ratio)
{
    int level = h->wide_level + (int)lround(log2(zoom_of(zoom)));
    level = level < 0 ? 0 : level >= h->narrow->levels ? h->narrow->levels - 1 : level;
    *ratio = zoom_of(zoom) * ldexp(1, h->wide_level - level);
    return level;
}

static struct spot *spots_of(const struct hunt *h, int zoom, int piece)
{
    return h->spots + ((size_t)zoom * MOST_PIECES + (size_t)piece) * TURNS;
}

/* ---- pieces --------------------------------------------------------------------------------- */

static double known_share(const struct plane *weight, double u, double v, double ratio)
{
    double sum = 0;
    int count = 0;
    for (int j = -PIECE / 2; j <= PIECE / 2; j += 4)
        for (int i = -PIECE / 2; i <= PIECE / 2; i += 4, count++)
            sum += (double)sample_nearest(weight, u + ratio * i, v + ratio * j);
    return sum / count;
}

/* Pieces on a grid over the narrow picture, thinned out evenly to MOST_PIECES. */
static void choose_pieces(struct hunt *h, int zoom)
{
    double ratio;
    const struct plane *weight = &h->narrow->weight[narrow_level(h, zoom, &ratio)];
    double step = PIECE_STEP * ratio, half = 0.4 * PIECE * ratio, found[512][2];
    int count = 0;
    for (double v = half; v <= weight->height - half && count < 512; v += step)
        for (double u = half; u <= weight->width - half && count < 512; u += step)
            if (known_share(weight, u, v, ratio) >= LEAST_KNOWN) {
                found[count][0] = u;
                found[count++][1] = v;
            }
    h->pieces[zoom] = count < MOST_PIECES ? count : MOST_PIECES;
    for (int p = 0; p < h->pieces[zoom]; p++)
        memcpy(h->piece[zoom][p], found[(p * count + count / 2) / h->pieces[zoom]],
               sizeof found[0]);
}

static inline float value_at(const struct plane *plane, float x, float y)
{
    if (!(x >= 0 && y >= 0 && x < (float)(plane->width - 1) && y < (float)(plane->height - 1)))
        return 0;
    int px = (int)x, py = (int)y;
    float tx = x - (float)px, ty = y - (float)py;
    const float *a = plane_row(plane, py) + px, *b = a + plane->stride;
    return (1 - ty) * (a[0] + tx * (a[1] - a[0])) + ty * (b[0] + tx * (b[1] - b[0]));
}

/* The piece as the wide picture would show it, its middle at (0,0), wrapped around; m maps offsets
 * in the wide picture to the narrow one. */
static void cut_piece(const struct hunt *h, const struct plane *band, const double at[2],
                      const double m[4], float *out)
{
    memset(out, 0, (size_t)h->fft.width * (size_t)h->fft.height * sizeof *out);
    for (int j = -PIECE / 2; j < PIECE / 2; j++)
        for (int i = -PIECE / 2; i < PIECE / 2; i++) {
            size_t row = (size_t)(j < 0 ? j + h->fft.height : j);
            size_t column = (size_t)(i < 0 ? i + h->fft.width : i);
            out[row * (size_t)h->fft.width + column] = value_at(
                band, (float)(at[0] + m[0] * i + m[1] * j), (float)(at[1] + m[2] * i + m[3] * j));
        }
}

/* ---- correlation ---------------------------------------------------------------------------- */

/* sum += wide * conjugate(piece) */
VECTORISED static void add_product(const fftwf_complex *wide, const fftwf_complex *piece,
                                   size_t count, fftwf_complex *sum)
{
    for (size_t k = 0; k < count; k++) {
        float a = wide[k][0], b = wide[k][1], c = piece[k][0], d = piece[k][1];
        sum[k][0] += a * c + b * d;
        sum[k][1] += b * c - a * d;
    }
}

/* The highest place on skin, in standard deviations of the correlation over the skin. */
static struct spot highest(const struct hunt *h, const float *correlation)
{
    const struct plane *weight = &h->wide->weight[h->wide_level];
    struct spot best = {0, 0, 0};
    double squares = 0, count = 0;
    float top = 0;
    for (int y = BORDER; y < weight->height - BORDER; y++) {
        const float *w = plane_row(weight, y);
        const float *c = correlation + (size_t)y * (size_t)h->fft.width;
        for (int x = BORDER; x < weight->width - BORDER; x++) {
            if (w[x] < 0.5f)
                continue;
            squares += (double)(c[x] * c[x]);
            count += 1;
            if (c[x] > top) {
                top = c[x];
                best.x = (float)x;
                best.y = (float)y;
            }
        }
    }
    best.z = squares > 0 ? (float)((double)top / sqrt(squares / count)) : 0;
    return best;
}

static void turn_matrix(int turn, double ratio, double m[4])
{
    double angle = 2 * PI * turn / TURNS;
    m[0] = m[3] = ratio * cos(angle);
    m[2] = ratio * sin(angle);
    m[1] = -m[2];
}

/* All pieces at one zoom and turn. */
static void hunt_task(void *context, int index)
{
    struct hunt *h = context;
    int zoom = h->first_zoom + index / TURNS, turn = index % TURNS;
    size_t bins = (size_t)h->fft.height * (size_t)(h->fft.width / 2 + 1);
    double ratio, m[4];
    int level = narrow_level(h, zoom, &ratio);
    float *real = fft_real_alloc(&h->fft);
    fftwf_complex *part = fft_complex_alloc(&h->fft), *sum = fft_complex_alloc(&h->fft);
    turn_matrix(turn, ratio, m);
    if (!real || !part || !sum)
        atomic_store(&h->failed, true);
    for (int p = 0; real && part && sum && p < h->pieces[zoom]; p++) {
        memset(sum, 0, bins * sizeof *sum);
        for (int c = 0; c < BAND_CHANNELS; c++) {
            cut_piece(h, &h->narrow->band[level][c], h->piece[zoom][p], m, real);
            fft_forward(&h->fft, real, part);
            add_product(h->spectrum[c], part, bins, sum);
        }
        fft_inverse(&h->fft, sum, real);
        spots_of(h, zoom, p)[turn] = highest(h, real);
    }
    fftwf_free(real);
    fftwf_free(part);
    fftwf_free(sum);
}

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
    (void)narrow_level(h, c->zoom, &ratio);
    turn_matrix(c->turn, ratio, m);
    const double *from = h->piece[c->zoom][c->piece], *to = h->piece[c->zoom][q];
    double du = to[0] - from[0], dv = to[1] - from[1], det = m[0] * m[3] - m[1] * m[2];
    const struct spot *s = &spots_of(h, c->zoom, c->piece)[c->turn];
    at[0] = (double)s->x + (m[3] * du - m[1] * dv) / det;
    at[1] = (double)s->y + (m[0] * dv - m[2] * du) / det;
}

/* The spot of piece q, at nearly the same turn, that agrees with the claim; NULL when none does. */
static const struct spot *confirming(const struct hunt *h, const struct claim *c, int q)
{
    double at[2];
    const struct spot *own = &spots_of(h, c->zoom, c->piece)[c->turn], *best = NULL;
    expected(h, c, q, at);
    double far = hypot(at[0] - (double)own->x, at[1] - (double)own->y);
    for (int d = -1; d <= 1; d++) {
        const struct spot *s = &spots_of(h, c->zoom, q)[(c->turn + d + TURNS) % TURNS];
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
    for (int zoom = h->first_zoom; zoom < ZOOMS; zoom++)
        for (int p = 0; p < h->pieces[zoom]; p++)
            for (int turn = 0; turn < TURNS; turn++) {
                struct claim c = {h, zoom, p, turn, above_chance(spots_of(h, zoom, p)[turn].z)};
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
    int level = narrow_level(h, c->zoom, &ratio);
    turn_matrix(c->turn, ratio, m);
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
    *out = (struct proposal){.seeds = calloc((size_t)5 * MOST_PIECES, sizeof *out->seeds)};
    if (!out->seeds)
        return fail_memory(error);
    add_seeds(c, c->piece, &spots_of(h, c->zoom, c->piece)[c->turn], out);
    for (int q = 0; q < h->pieces[c->zoom]; q++) {
        const struct spot *s = q == c->piece ? NULL : confirming(h, c, q);
        if (s && (double)s->z > CHANCE_Z)
            add_seeds(c, q, s, out);
    }
    /* a similarity and its inverse differ by the sign of the turn and of the zoom's logarithm */
    turn_matrix(h->swapped ? -c->turn : c->turn, zoom_of(h->swapped ? -c->zoom : c->zoom), m);
    const struct grow_seed *s = &out->seeds[0];
    double map[6] = {m[0], m[1], s->u - m[0] * s->x - m[1] * s->y,
                     m[2], m[3], s->v - m[2] * s->x - m[3] * s->y};
    memcpy(out->m, map, sizeof map);
    return STRIAE_OK;
}

/* Whether two proposals map the second's first seed alike, at nearly the same turn and zoom. */
static bool alike(const struct proposal *a, const struct proposal *b)
{
    const struct grow_seed *s = &b->seeds[0];
    const double *m = a->m, *n = b->m;
    double zoom = sqrt(n[0] * n[4] - n[1] * n[3]), reach = zoom * ALIKE_REACH;
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

static striae_status collect(const struct claim *claims, size_t count, size_t most,
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
            known = alike(&out->items[i], p);
        if (known)
            free(p->seeds);
        else if (status == STRIAE_OK)
            out->count++;
    }
    return status;
}

/* ---- the face ------------------------------------------------------------------------------- */

static striae_status transform_wide(struct hunt *h, striae_error *error)
{
    float *real = fft_real_alloc(&h->fft);
    striae_status status = real ? STRIAE_OK : fail_memory(error);
    for (int c = 0; c < BAND_CHANNELS && status == STRIAE_OK; c++) {
        const struct plane *band = &h->wide->band[h->wide_level][c];
        h->spectrum[c] = fft_complex_alloc(&h->fft);
        if (!h->spectrum[c]) {
            status = fail_memory(error);
            break;
        }
        memset(real, 0, (size_t)h->fft.width * (size_t)h->fft.height * sizeof *real);
        for (int y = 0; y < band->height; y++)
            memcpy(real + (size_t)y * (size_t)h->fft.width, plane_row(band, y),
                   (size_t)band->width * sizeof *real);
        fft_forward(&h->fft, real, h->spectrum[c]);
    }
    fftwf_free(real);
    return status;
}

static striae_status hunt_run(struct hunt *h, int threads, striae_error *error)
{
    const struct plane *full = h->wide->weight;
    int longest = full->width > full->height ? full->width : full->height;
    while (h->wide_level + 1 < h->wide->levels && (longest >> h->wide_level) > WIDE_SIDE)
        h->wide_level++;
    const struct plane *weight = &h->wide->weight[h->wide_level];
    atomic_init(&h->failed, false);
    h->piece = calloc(ZOOMS, sizeof *h->piece);
    h->pieces = calloc(ZOOMS, sizeof *h->pieces);
    h->spots = calloc((size_t)ZOOMS * MOST_PIECES * TURNS, sizeof *h->spots);
    if (!h->piece || !h->pieces || !h->spots)
        return fail_memory(error);
    striae_status status = fft_init(&h->fft, fft_good_size(weight->width + PIECE / 2),
                                    fft_good_size(weight->height + PIECE / 2), error);
    if (status == STRIAE_OK)
        status = transform_wide(h, error);
    if (status != STRIAE_OK)
        return status;
    for (int zoom = h->first_zoom; zoom < ZOOMS; zoom++)
        choose_pieces(h, zoom);
    threads_run(threads, (ZOOMS - h->first_zoom) * TURNS, hunt_task, h);
    return atomic_load(&h->failed) ? fail_memory(error) : STRIAE_OK;
}

static void hunt_free(struct hunt *h)
{
    for (int c = 0; c < BAND_CHANNELS; c++)
        fftwf_free(h->spectrum[c]);
    fft_free(&h->fft);
    free(h->piece);
    free(h->pieces);
    free(h->spots);
}

striae_status search_find(const struct bands *first, const struct bands *later, size_t most,
                          int threads, struct proposals *out, striae_error *error)
{
    struct hunt hunts[2] = {{.wide = first, .narrow = later},
                            {.wide = later, .narrow = first, .swapped = true, .first_zoom = 1}};
    size_t room = (size_t)2 * ZOOMS * MOST_PIECES * TURNS, count = 0;
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
        status = collect(claims, count, most, out, error);
    }
    if (status != STRIAE_OK)
        proposals_free(out);
    hunt_free(&hunts[0]);
    hunt_free(&hunts[1]);
    free(claims);
    return status;
}
