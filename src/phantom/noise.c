#include "phantom/noise.h"

#include "base/fft.h"
#include "base/threads.h"
#include "base/vector.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#define PI 3.14159265358979323846

static striae_status tile_alloc(struct tile *tile, int size, striae_error *error)
{
    *tile = (struct tile){.size = size};
    tile->data = malloc(sizeof(float) * (size_t)size * (size_t)size);
    return tile->data ? STRIAE_OK : fail_memory(error);
}

void tile_free(struct tile *tile)
{
    free(tile->data);
    *tile = (struct tile){0};
}

/* Mean 0, deviation 1. */
static void normalise(struct tile *tile)
{
    size_t count = (size_t)tile->size * (size_t)tile->size;
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < count; i++) {
        sum += tile->data[i];
        squares += (double)tile->data[i] * tile->data[i];
    }
    double mean = sum / (double)count;
    double deviation = sqrt(fmax(squares / (double)count - mean * mean, 1e-12));
    for (size_t i = 0; i < count; i++)
        tile->data[i] = (float)((tile->data[i] - mean) / deviation);
}

static void fill_spectrum(fftwf_complex *spectrum, int size, double slope, double longest,
                          double shortest, struct rng *rng)
{
    double low = size / longest, high = size / shortest;
    for (int y = 0; y < size; y++) {
        for (int x = 0; x <= size / 2; x++) {
            double fy = y <= size / 2 ? y : y - size;
            double f = sqrt((double)x * x + fy * fy);
            double phase = 2.0 * PI * rng_uniform(rng);
            double amplitude = f < low || f > high ? 0.0 : pow(f, -slope);
            amplitude *= sqrt(-log(1.0 - rng_uniform(rng)));
            fftwf_complex *c = &spectrum[(size_t)y * (size_t)(size / 2 + 1) + (size_t)x];
            (*c)[0] = (float)(amplitude * cos(phase));
            (*c)[1] = (float)(amplitude * sin(phase));
        }
    }
}

striae_status tile_cloud(struct tile *tile, int size, double slope, double longest, double shortest,
                         struct rng *rng, striae_error *error)
{
    struct fft fft;
    *tile = (struct tile){0};
    striae_status status = fft_init(&fft, size, size, error);
    if (status)
        return status;
    float *real = fft_real_alloc(&fft);
    fftwf_complex *spectrum = fft_complex_alloc(&fft);
    status = real && spectrum ? tile_alloc(tile, size, error) : fail_memory(error);
    if (!status) {
        fill_spectrum(spectrum, size, slope, longest, shortest, rng);
        fft_inverse(&fft, spectrum, real);
        for (size_t i = 0; i < (size_t)size * (size_t)size; i++)
            tile->data[i] = real[i];
        normalise(tile);
    }
    fftwf_free(real);
    fftwf_free(spectrum);
    fft_free(&fft);
    return status;
}

/* ---- furrows -------------------------------------------------------------------------------- */

/* Scattered points, one per cell of a grid that wraps around; and, for the samples of a row, two
 * per texel, the cell that each lies in. */
struct lattice {
    int cells, stride; /* stride = cells + 2: each row repeats its last point before the first */
    double cell;       /* texels */
    float *x, *y;      /* texels from the corner of the point's cell */
    int *column[2];    /* of the cell left of the sample's own, in a row of the lattice */
    float *offset[2];  /* of the sample from its cell's corner, texels */
};

static void lattice_free(struct lattice *lattice)
{
    free(lattice->x);
    free(lattice->y);
    for (int k = 0; k < 2; k++) {
        free(lattice->column[k]);
        free(lattice->offset[k]);
    }
    *lattice = (struct lattice){0};
}

static striae_status lattice_alloc(struct lattice *lattice, int size, striae_error *error)
{
    size_t count = (size_t)lattice->stride * (size_t)lattice->cells, samples = (size_t)size;
    bool whole = (lattice->x = malloc(count * sizeof(float))) &&
                 (lattice->y = malloc(count * sizeof(float)));
    for (int k = 0; k < 2 && whole; k++)
        whole = (lattice->column[k] = malloc(samples * sizeof(int))) &&
                (lattice->offset[k] = malloc(samples * sizeof(float)));
    if (whole)
        return STRIAE_OK;
    lattice_free(lattice);
    return fail_memory(error);
}

static void scatter(struct lattice *lattice, struct rng *rng)
{
    for (int j = 0; j < lattice->cells; j++) {
        float *x = lattice->x + (size_t)j * (size_t)lattice->stride;
        float *y = lattice->y + (size_t)j * (size_t)lattice->stride;
        for (int i = 1; i <= lattice->cells; i++) {
            x[i] = (float)(lattice->cell * rng_range(rng, 0.04, 0.96));
            y[i] = (float)(lattice->cell * rng_range(rng, 0.04, 0.96));
            (void)rng_uniform(rng); /* unused: a seed keeps the skin it always had */
        }
        x[0] = x[lattice->cells], y[0] = y[lattice->cells];
        x[lattice->cells + 1] = x[1], y[lattice->cells + 1] = y[1];
    }
}

static striae_status lattice_init(struct lattice *lattice, int size, double spacing,
                                  struct rng *rng, striae_error *error)
{
    int cells = (int)lround(size / spacing);
    cells = cells < 3 ? 3 : cells;
    *lattice = (struct lattice){.cells = cells, .stride = cells + 2, .cell = (double)size / cells};
    striae_status status = lattice_alloc(lattice, size, error);
    if (status)
        return status;
    scatter(lattice, rng);
    for (int k = 0; k < 2; k++)
        for (int x = 0; x < size; x++) {
            double at = x + 0.25 + 0.5 * k;
            lattice->column[k][x] = (int)(at / lattice->cell);
            lattice->offset[k][x] = (float)(at - lattice->column[k][x] * lattice->cell);
        }
    return STRIAE_OK;
}

/* The three rows of cells around the samples, and where they begin, texels from the samples' y. */
struct cell_rows {
    const float *x[3], *y[3];
    float top[3];
};

static struct cell_rows rows_around(const struct lattice *lattice, double y)
{
    struct cell_rows rows;
    int n = lattice->cells, middle = (int)(y / lattice->cell);
    for (int k = 0; k < 3; k++) {
        int j = middle + k - 1, wrapped = j < 0 ? j + n : j >= n ? j - n : j;
        rows.x[k] = lattice->x + (size_t)wrapped * (size_t)lattice->stride;
        rows.y[k] = lattice->y + (size_t)wrapped * (size_t)lattice->stride;
        rows.top[k] = (float)(j * lattice->cell - y);
    }
    return rows;
}

/* Adds `weight` times the depth at each sample; steep = 1 / the gap, texels, at which the groove
 * ends: the gap between the distances to the two nearest points is 0 on the border of two plates.
 */
VECTORISED static void add_depth(const struct cell_rows *rows, const int *restrict column,
                                 const float *restrict offset, float cell, float steep,
                                 float weight, int count, float *restrict out)
{
    float bowl = 0.32f / (cell * cell);
    for (int i = 0; i < count; i++) {
        float best = 1e30f, next = 1e30f;
        for (int j = 0; j < 3; j++)
            for (int k = 0; k < 3; k++) {
                float dx = rows->x[j][column[i] + k] + (float)(k - 1) * cell - offset[i];
                float dy = rows->y[j][column[i] + k] + rows->top[j];
                float d = dx * dx + dy * dy, farther = d > best ? d : best;
                next = farther < next ? farther : next;
                best = d < best ? d : best;
            }
        float t = (sqrtf(next) - sqrtf(best)) * steep, middle = best * bowl;
        t = t < 1.0f ? t : 1.0f;
        middle = middle < 0.2f ? middle : 0.2f;
        out[i] += weight * (0.8f * (1.0f - t * t * (3.0f - 2.0f * t)) + middle);
    }
}

struct carving {
    struct tile *tile;
    struct lattice lattice[2]; /* plates; the finer ones inside them */
    float weight[2], furrow[2];
};

/* One row. Furrows finer than two texels would alias: the depth is averaged over 2 x 2 points. */
static void carve_task(void *context, int y)
{
    const struct carving *c = context;
    int size = c->tile->size;
    float *row = c->tile->data + (size_t)y * (size_t)size;
    for (int x = 0; x < size; x++)
        row[x] = 0.0f;
    for (int l = 0; l < 2; l++) {
        const struct lattice *lattice = &c->lattice[l];
        float cell = (float)lattice->cell, steep = 0.5f / (c->furrow[l] * cell);
        for (int k = 0; k < 4 && c->weight[l] > 0.0f; k++) {
            struct cell_rows rows = rows_around(lattice, y + 0.25 + 0.5 * (k >> 1));
            add_depth(&rows, lattice->column[k & 1], lattice->offset[k & 1], cell, steep,
                      c->weight[l], size, row);
        }
    }
}

striae_status tile_furrows(struct tile *tile, int size, double spacing, double sub, double furrow,
                           int threads, struct rng *rng, striae_error *error)
{
    float share = (float)(0.25 / (1.0 + sub));
    struct carving carving = {.tile = tile,
                              .weight = {share, share * (float)sub},
                              .furrow = {(float)furrow, (float)(1.3 * furrow)}};
    *tile = (struct tile){0};
    striae_status status = lattice_init(&carving.lattice[0], size, spacing, rng, error);
    if (!status)
        status = lattice_init(&carving.lattice[1], size, spacing * 0.47, rng, error);
    if (!status)
        status = tile_alloc(tile, size, error);
    if (!status)
        threads_run(threads, size, carve_task, &carving);
    lattice_free(&carving.lattice[0]);
    lattice_free(&carving.lattice[1]);
    return status;
}

/* ---- lines ---------------------------------------------------------------------------------- */

void smooth_line(struct rng *rng, double wavelength, size_t count, float *out)
{
    double knots = fmax(wavelength, 1.0) * 0.5; /* samples between knots */
    double v[4], position = rng_uniform(rng) * knots;
    for (int k = 0; k < 4; k++)
        v[k] = rng_normal(rng);
    for (size_t i = 0; i < count; i++) {
        while (position >= knots) {
            position -= knots;
            v[0] = v[1], v[1] = v[2], v[2] = v[3];
            v[3] = rng_normal(rng);
        }
        double t = position / knots;
        /* Uniform cubic B-spline, scaled back to deviation 1. */
        double a = (1.0 - t) * (1.0 - t) * (1.0 - t), b = 3.0 * t * t * t - 6.0 * t * t + 4.0;
        double c = -3.0 * t * t * t + 3.0 * t * t + 3.0 * t + 1.0, d = t * t * t;
        out[i] = (float)((a * v[0] + b * v[1] + c * v[2] + d * v[3]) / 6.0 * 1.45);
        position += 1.0;
    }
}
