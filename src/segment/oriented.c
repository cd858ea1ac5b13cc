#include "segment/oriented.h"

#include "base/threads.h"
#include "base/vector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PI          3.14159265358979323846
#define SIDE_OFFSET 2.6    /* of what lies beside a line, in sigmas across */
#define LOGIT_LOW   (-5.f) /* differences beyond these say nothing more */
#define LOGIT_HIGH  3.f
#define LEAST_GAIN  1e-7

double oriented_along(int scale)
{
    return 2.5 * evidence_sigma(scale) + 2.5;
}

void oriented_side(int scale, int direction, double offset[2])
{
    double angle = direction * PI / DIRECTION_COUNT;
    double reach = SIDE_OFFSET * evidence_sigma(scale);
    offset[0] = -sin(angle) * reach;
    offset[1] = cos(angle) * reach;
}

/* ---- the pictures ---- */

struct filling {
    const struct channels *channels;
    const struct plane *logit;
    struct spectra *spectra;
    bool no_memory[PLANE_COUNT];
};

static void fill_plane(const struct filling *filling, int c, float *real)
{
    const struct spectra *spectra = filling->spectra;
    size_t stride = (size_t)spectra->fft.width;
    memset(real, 0, stride * (size_t)spectra->fft.height * sizeof *real);
    for (int y = 0; y < spectra->height; y++) {
        float *out = real + (size_t)y * stride;
        if (c != NETWORK)
            memcpy(out, plane_row(&filling->channels->value[c], y),
                   (size_t)spectra->width * sizeof *real);
        for (int x = 0; c == NETWORK && x < spectra->width; x++)
            out[x] =
                fminf(fmaxf(plane_row(filling->logit, y)[x], LOGIT_LOW), LOGIT_HIGH) - LOGIT_LOW;
    }
}

static void spectrum_task(void *context, int c)
{
    struct filling *filling = context;
    struct spectra *spectra = filling->spectra;
    float *real = fft_real_alloc(&spectra->fft);
    spectra->plane[c] = fft_complex_alloc(&spectra->fft);
    filling->no_memory[c] = !real || !spectra->plane[c];
    if (!filling->no_memory[c]) {
        fill_plane(filling, c, real);
        fft_forward(&spectra->fft, real, spectra->plane[c]);
    }
    fftwf_free(real);
}

striae_status spectra_init(const struct channels *channels, const struct plane *logit, int threads,
                           struct spectra *spectra, striae_error *error)
{
    int border = (int)ceil(2 * oriented_along(SCALE_COUNT - 1));
    *spectra = (struct spectra){.width = channels->skin.width, .height = channels->skin.height};
    struct filling filling = {.channels = channels, .logit = logit, .spectra = spectra};
    striae_status status = fft_init(&spectra->fft, fft_good_size(spectra->width + border),
                                    fft_good_size(spectra->height + border), error);
    if (status != STRIAE_OK)
        return status;
    threads_run(threads, PLANE_COUNT, spectrum_task, &filling);
    for (int c = 0; c < PLANE_COUNT; c++)
        if (filling.no_memory[c])
            status = fail_memory(error);
    if (status != STRIAE_OK)
        spectra_free(spectra);
    return status;
}

void spectra_free(struct spectra *spectra)
{
    for (int c = 0; c < PLANE_COUNT; c++)
        fftwf_free(spectra->plane[c]);
    fft_free(&spectra->fft);
    *spectra = (struct spectra){0};
}

/* ---- the grid ---- */

/* Places along a side: its spectrum is that of the picture, cut short. */
static int places(int length, int scale)
{
    return fft_good_size((int)ceil(length * evidence_sigma(0) / evidence_sigma(scale)));
}

/* How many of them lie over the picture or next to it. */
static int covering(int length, double step)
{
    return (int)((length - 1) / step) + 2;
}

striae_status store_init(const struct spectra *spectra, struct store *store, striae_error *error)
{
    *store = (struct store){0};
    for (int d = 0; d < DIRECTION_COUNT; d++)
        for (int c = 0; c < PLANE_COUNT; c++) {
            store->plane[d][c] = fft_real_alloc(&spectra->fft); /* the finest grid has this size */
            if (!store->plane[d][c]) {
                store_free(store);
                return fail_memory(error);
            }
        }
    return STRIAE_OK;
}

void store_free(struct store *store)
{
    for (int d = 0; d < DIRECTION_COUNT; d++)
        for (int c = 0; c < PLANE_COUNT; c++)
            fftwf_free(store->plane[d][c]);
    *store = (struct store){0};
}

striae_status grid_init(const struct spectra *spectra, int scale, const struct store *store,
                        struct grid *grid, striae_error *error)
{
    *grid = (struct grid){.scale = scale};
    striae_status status = fft_init(&grid->fft, places(spectra->fft.width, scale),
                                    places(spectra->fft.height, scale), error);
    if (status != STRIAE_OK)
        return status;
    grid->step_x = (double)spectra->fft.width / grid->fft.width;
    grid->step_y = (double)spectra->fft.height / grid->fft.height;
    grid->width = covering(spectra->width, grid->step_x);
    grid->height = covering(spectra->height, grid->step_y);
    grid->stride = (size_t)grid->fft.width;
    for (int d = 0; d < DIRECTION_COUNT; d++)
        for (int c = 0; c < PLANE_COUNT; c++)
            grid->smooth[d][c] = store->plane[d][c];
    return STRIAE_OK;
}

void grid_free(struct grid *grid)
{
    fft_free(&grid->fft);
    *grid = (struct grid){0};
}

striae_status grid_pick(const struct grid *grid, const struct plane *plane, struct plane *out,
                        striae_error *error)
{
    striae_status status = plane_init(out, grid->width, grid->height, error);
    for (int y = 0; y < grid->height && status == STRIAE_OK; y++) {
        long row = lround(fmin(y * grid->step_y, plane->height - 1));
        for (int x = 0; x < grid->width; x++)
            plane_row(out, y)[x] =
                plane_row(plane, (int)row)[lround(fmin(x * grid->step_x, plane->width - 1))];
    }
    return status;
}

/* ---- smoothing ---- */

/* The gains of one direction, row by row of the grid's spectrum; nothing but from[y]..to[y] - 1. */
struct gains {
    float *value;
    int *from, *to;
};

static void gains_free(struct gains *gains)
{
    free(gains->value);
    free(gains->from);
}

/* The frequency of row y, in steps of the spectrum. */
static int row_of(const struct grid *grid, int y)
{
    return y <= (grid->fft.height - 1) / 2 ? y : y - grid->fft.height;
}

/* exp(-(xx x^2 + 2 xy x + yy)) along row y. */
static void fill_gains(const struct spectra *spectra, const struct grid *grid, int direction, int y,
                       struct gains *gains)
{
    double angle = direction * PI / DIRECTION_COUNT, c = cos(angle), s = sin(angle);
    double l = oriented_along(grid->scale), n = evidence_sigma(grid->scale), k = 2 * PI * PI;
    double fx = 1.0 / spectra->fft.width, fy = row_of(grid, y) / (double)spectra->fft.height;
    double xx = k * fx * fx * (l * l * c * c + n * n * s * s);
    double xy = k * fx * fy * (l * l - n * n) * c * s;
    double yy = k * fy * fy * (l * l * s * s + n * n * c * c);
    double middle = -xy / xx, square = middle * middle + (-log(LEAST_GAIN) - yy) / xx;
    double reach = square > 0 ? sqrt(square) : -1;
    double scale = 1.0 / ((double)spectra->fft.width * spectra->fft.height);
    int width = grid->fft.width;
    /* At half its sampling rate a grid cannot tell two frequencies apart: left out. */
    int usable = grid->scale ? (width + 1) / 2 : width / 2 + 1;
    float *value = gains->value + (size_t)y * (size_t)(width / 2 + 1);
    int from = (int)fmin(fmax(ceil(middle - reach), 0), usable);
    int to = (int)fmin(fmax(floor(middle + reach) + 1, from), usable);
    for (int x = from; x < to; x++)
        value[x] = (float)(scale * exp(-((xx * x + 2 * xy) * x + yy)));
    gains->from[y] = from;
    gains->to[y] = to;
}

static bool gains_init(const struct spectra *spectra, const struct grid *grid, int direction,
                       struct gains *gains)
{
    size_t height = (size_t)grid->fft.height, half = (size_t)(grid->fft.width / 2 + 1);
    gains->value = malloc(height * half * sizeof *gains->value);
    gains->from = malloc(2 * height * sizeof *gains->from);
    if (!gains->value || !gains->from)
        return false;
    gains->to = gains->from + height;
    for (int y = 0; y < grid->fft.height; y++)
        fill_gains(spectra, grid, direction, y, gains);
    return true;
}

VECTORISED static void multiply_row(const float *restrict gains, const fftwf_complex *restrict in,
                                    int from, int to, int half, fftwf_complex *restrict out)
{
    memset(out, 0, (size_t)from * sizeof *out);
    for (int x = from; x < to; x++) {
        out[x][0] = gains[x] * in[x][0];
        out[x][1] = gains[x] * in[x][1];
    }
    memset(out + to, 0, (size_t)(half - to) * sizeof *out);
}

/* The spectrum of plane p, smoothed. */
static void multiply(const struct spectra *spectra, const struct grid *grid,
                     const struct gains *gains, int p, fftwf_complex *out)
{
    size_t half = (size_t)(grid->fft.width / 2 + 1), whole = (size_t)(spectra->fft.width / 2 + 1);
    for (int y = 0; y < grid->fft.height; y++) {
        int row = row_of(grid, y);
        const fftwf_complex *in = (const fftwf_complex *)spectra->plane[p] +
                                  whole * (size_t)(row < 0 ? row + spectra->fft.height : row);
        multiply_row(gains->value + (size_t)y * half, in, gains->from[y], gains->to[y], (int)half,
                     out + (size_t)y * half);
    }
}

bool grid_smooth(const struct spectra *spectra, int direction, struct grid *grid)
{
    fftwf_complex *product = fft_complex_alloc(&grid->fft);
    struct gains gains;
    bool ok = gains_init(spectra, grid, direction, &gains) && product;
    for (int p = 0; ok && p < PLANE_COUNT; p++) {
        multiply(spectra, grid, &gains, p, product);
        fft_inverse(&grid->fft, product, grid->smooth[direction][p]);
    }
    fftwf_free(product);
    gains_free(&gains);
    return ok;
}
