#include "align/hunt.h"

#include "base/filter.h"
#include "base/threads.h"
#include "base/vector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PI          3.14159265358979323846
#define WIDE_SIDE   180  /* px: longest side of the octave that is searched, at most */
#define PIECE       32   /* px of that octave: side of a piece */
#define ROUND       10   /* px: what wraps around meets the border, where no piece can be centred */
#define PIECE_STEP  20   /* between pieces */
#define LEAST_KNOWN 0.75 /* share of a piece that is skin */
#define ZOOM_STEP   1.1
#define BORDER      6 /* px at the edge where no piece can be centred */

double hunt_zoom(int index)
{
    return pow(ZOOM_STEP, index);
}

int hunt_level(const struct hunt *h, int zoom, double *ratio)
{
    int level = h->wide_level + (int)lround(log2(hunt_zoom(zoom)));
    level = level < 0 ? 0 : level >= h->narrow->levels ? h->narrow->levels - 1 : level;
    *ratio = hunt_zoom(zoom) * ldexp(1, h->wide_level - level);
    return level;
}

struct spot *hunt_spots(const struct hunt *h, int zoom, int piece)
{
    return h->spots + ((size_t)zoom * HUNT_PIECES + (size_t)piece) * HUNT_TURNS;
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

/* Pieces on a grid over the narrow picture, thinned out evenly to HUNT_PIECES. */
static void choose_pieces(struct hunt *h, int zoom)
{
    double ratio;
    const struct plane *weight = &h->narrow->weight[hunt_level(h, zoom, &ratio)];
    double step = PIECE_STEP * ratio, half = 0.4 * PIECE * ratio, found[512][2];
    int count = 0;
    for (double v = half; v <= weight->height - half && count < 512; v += step)
        for (double u = half; u <= weight->width - half && count < 512; u += step)
            if (known_share(weight, u, v, ratio) >= LEAST_KNOWN) {
                found[count][0] = u;
                found[count++][1] = v;
            }
    h->pieces[zoom] = count < HUNT_PIECES ? count : HUNT_PIECES;
    for (int p = 0; p < h->pieces[zoom]; p++)
        memcpy(h->piece[zoom][p], found[(p * count + count / 2) / h->pieces[zoom]],
               sizeof found[0]);
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
            out[row * (size_t)h->fft.width + column] = band_value(
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

void hunt_matrix(int turn, double ratio, double m[4])
{
    double angle = 2 * PI * turn / HUNT_TURNS;
    m[0] = m[3] = ratio * cos(angle);
    m[2] = ratio * sin(angle);
    m[1] = -m[2];
}

/* All pieces at one zoom and turn. */
static void hunt_task(void *context, int index)
{
    struct hunt *h = context;
    int zoom = h->first_zoom + index / HUNT_TURNS, turn = index % HUNT_TURNS;
    size_t bins = (size_t)h->fft.height * (size_t)(h->fft.width / 2 + 1);
    double ratio, m[4];
    int level = hunt_level(h, zoom, &ratio);
    float *real = fft_real_alloc(&h->fft);
    fftwf_complex *part = fft_complex_alloc(&h->fft), *sum = fft_complex_alloc(&h->fft);
    hunt_matrix(turn, ratio, m);
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
        hunt_spots(h, zoom, p)[turn] = highest(h, real);
    }
    fftwf_free(real);
    fftwf_free(part);
    fftwf_free(sum);
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
            for (int x = 0; x < band->width; x++)
                real[(size_t)y * (size_t)h->fft.width + (size_t)x] =
                    band_cut(plane_row(band, y)[x]);
        fft_forward(&h->fft, real, h->spectrum[c]);
    }
    fftwf_free(real);
    return status;
}

striae_status hunt_run(struct hunt *h, int threads, striae_error *error)
{
    const struct plane *full = h->wide->weight;
    int longest = full->width > full->height ? full->width : full->height;
    while (h->wide_level + 1 < h->wide->levels && (longest >> h->wide_level) > WIDE_SIDE)
        h->wide_level++;
    const struct plane *weight = &h->wide->weight[h->wide_level];
    atomic_init(&h->failed, false);
    h->piece = calloc(HUNT_ZOOMS, sizeof *h->piece);
    h->pieces = calloc(HUNT_ZOOMS, sizeof *h->pieces);
    h->spots = calloc((size_t)HUNT_ZOOMS * HUNT_PIECES * HUNT_TURNS, sizeof *h->spots);
    if (!h->piece || !h->pieces || !h->spots)
        return fail_memory(error);
    striae_status status = fft_init(&h->fft, fft_good_size(weight->width + ROUND),
                                    fft_good_size(weight->height + ROUND), error);
    if (status == STRIAE_OK)
        status = transform_wide(h, error);
    if (status != STRIAE_OK)
        return status;
    for (int zoom = h->first_zoom; zoom < HUNT_ZOOMS; zoom++)
        choose_pieces(h, zoom);
    threads_run(threads, (HUNT_ZOOMS - h->first_zoom) * HUNT_TURNS, hunt_task, h);
    return atomic_load(&h->failed) ? fail_memory(error) : STRIAE_OK;
}

void hunt_free(struct hunt *h)
{
    for (int c = 0; c < BAND_CHANNELS; c++)
        fftwf_free(h->spectrum[c]);
    fft_free(&h->fft);
    free(h->piece);
    free(h->pieces);
    free(h->spots);
}
