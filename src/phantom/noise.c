#include "phantom/noise.h"

#include "base/fft.h"

#include <math.h>
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

struct lattice {
    int cells;
    double cell;  /* texels */
    float *x, *y; /* one point per cell, texels from the cell's corner */
    float *level; /* 0..1 per point */
};

static void lattice_free(struct lattice *lattice)
{
    free(lattice->x);
    free(lattice->y);
    free(lattice->level);
}

static striae_status lattice_init(struct lattice *lattice, int size, double spacing,
                                  struct rng *rng, striae_error *error)
{
    int cells = (int)lround(size / spacing);
    *lattice = (struct lattice){.cells = cells < 3 ? 3 : cells};
    lattice->cell = (double)size / lattice->cells;
    size_t count = (size_t)lattice->cells * (size_t)lattice->cells;
    lattice->x = malloc(count * sizeof(float));
    lattice->y = malloc(count * sizeof(float));
    lattice->level = malloc(count * sizeof(float));
    if (!lattice->x || !lattice->y || !lattice->level) {
        lattice_free(lattice);
        return fail_memory(error);
    }
    for (size_t i = 0; i < count; i++) {
        lattice->x[i] = (float)(lattice->cell * rng_range(rng, 0.04, 0.96));
        lattice->y[i] = (float)(lattice->cell * rng_range(rng, 0.04, 0.96));
        lattice->level[i] = (float)rng_uniform(rng);
    }
    return STRIAE_OK;
}

/* Distances to the nearest and second nearest point, in cells. */
static void nearest_two(const struct lattice *lattice, double x, double y, float *first,
                        float *second)
{
    int n = lattice->cells;
    int cx = (int)(x / lattice->cell), cy = (int)(y / lattice->cell);
    float best = 1e30f, next = 1e30f;
    for (int j = cy - 1; j <= cy + 1; j++) {
        int wy = j < 0 ? j + n : j >= n ? j - n : j;
        for (int i = cx - 1; i <= cx + 1; i++) {
            int wx = i < 0 ? i + n : i >= n ? i - n : i;
            size_t k = (size_t)wy * (size_t)n + (size_t)wx;
            float dx = (float)(i * lattice->cell - x) + lattice->x[k];
            float dy = (float)(j * lattice->cell - y) + lattice->y[k];
            float d = dx * dx + dy * dy;
            if (d < best) {
                next = best;
                best = d;
            } else if (d < next) {
                next = d;
            }
        }
    }
    *first = (float)(sqrtf(best) / lattice->cell);
    *second = (float)(sqrtf(next) / lattice->cell);
}

static float furrow_depth(const struct lattice *lattice, double x, double y, double furrow)
{
    float first, second;
    nearest_two(lattice, x, y, &first, &second);
    double gap = second - first; /* 0 on the border between two plates */
    double groove = 1.0 - smoothstep(0.0, 2.0 * furrow, gap);
    return (float)(0.8 * groove + 0.2 * fmin(1.0, (double)(first * first) * 1.6));
}

striae_status tile_furrows(struct tile *tile, int size, double spacing, double sub, double furrow,
                           struct rng *rng, striae_error *error)
{
    struct lattice coarse, fine;
    *tile = (struct tile){0};
    striae_status status = lattice_init(&coarse, size, spacing, rng, error);
    if (status)
        return status;
    status = lattice_init(&fine, size, spacing * 0.47, rng, error);
    if (status) {
        lattice_free(&coarse);
        return status;
    }
    status = tile_alloc(tile, size, error);
    /* Furrows finer than two texels would alias: the depth is averaged over 2 x 2 points. */
    for (int y = 0; y < size && !status; y++) {
        for (int x = 0; x < size; x++) {
            float sum = 0.0f;
            for (int k = 0; k < 4; k++) {
                double px = x + 0.25 + 0.5 * (k & 1), py = y + 0.25 + 0.5 * (k >> 1);
                sum += furrow_depth(&coarse, px, py, furrow);
                if (sub > 0.0)
                    sum += (float)sub * furrow_depth(&fine, px, py, furrow * 1.3);
            }
            tile->data[(size_t)y * (size_t)size + (size_t)x] = sum * 0.25f / (1.0f + (float)sub);
        }
    }
    lattice_free(&coarse);
    lattice_free(&fine);
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
