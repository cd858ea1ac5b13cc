#include "measure/mix.h"

#include <math.h>
#include <stdlib.h>

#define SHRINK 0.3
#define BLOCK  4 /* rows per block, px */

struct block {
    double centre[3], side[4][3]; /* sides: far left, left, right, far right */
    bool known, side_known[4];
};

/* Mean density over rows [row, row+BLOCK) and offsets [low, high]; false with too few pixels. */
static bool mean_density(const struct strip *strip, size_t row, double low, double high,
                         double mean[3])
{
    int from = (int)ceil(low), to = (int)floor(high), asked = 0, seen = 0;
    double sum[3] = {0};
    from = from < -strip->reach ? -strip->reach : from;
    to = to > strip->reach ? strip->reach : to;
    for (size_t r = row; r < row + BLOCK && r < strip->rows; r++)
        for (int k = from; k <= to; k++) {
            size_t at = strip_at(strip, r, k);
            asked++;
            if (!strip->ok[at])
                continue;
            seen++;
            for (int c = 0; c < 3; c++)
                sum[c] += strip->value[c][at];
        }
    for (int c = 0; c < 3; c++)
        mean[c] = seen ? sum[c] / seen : 0;
    return asked > 0 && 2 * seen >= asked;
}

static void take_block(const struct strip *strip, size_t row, double width, struct block *block)
{
    double core = fmax(0.5, 0.25 * width), near = 0.75 * width + 1.5, size = 2 * core;
    block->known = mean_density(strip, row, -core, core, block->centre);
    const double from[4] = {-near - 2 * size - 1, -near - size, near, near + size + 1};
    for (int s = 0; s < 4; s++)
        block->side_known[s] = mean_density(strip, row, from[s], from[s] + size, block->side[s]);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

striae_status signature_take(const struct strip *strip, double width, struct signature *signature,
                             striae_error *error)
{
    size_t most = strip->rows / BLOCK + 1, count = 0;
    double pairs = 0, *contrast = calloc(most * 3, sizeof *contrast);
    *signature = (struct signature){0};
    if (!contrast)
        return fail_memory(error);
    for (size_t row = 0; row + BLOCK <= strip->rows; row += BLOCK) {
        struct block b;
        take_block(strip, row, width, &b);
        if (!b.known || !b.side_known[1] || !b.side_known[2])
            continue;
        for (size_t c = 0; c < 3; c++)
            contrast[c * most + count] = b.centre[c] - 0.5 * (b.side[1][c] + b.side[2][c]);
        count++;
        for (int s = 0; s < 4; s += 2) {
            if (!b.side_known[s] || !b.side_known[s + 1])
                continue;
            pairs++;
            for (int i = 0; i < 3; i++)
                for (int j = 0; j < 3; j++)
                    signature->noise[i][j] +=
                        0.5 * (b.side[s][i] - b.side[s + 1][i]) * (b.side[s][j] - b.side[s + 1][j]);
        }
    }
    signature->length = (double)(count * BLOCK);
    for (size_t c = 0; c < 3 && count > 0; c++) {
        /* the median: a fold or a mole across the stria must not choose its colour */
        qsort(contrast + c * most, count, sizeof *contrast, ascending);
        signature->contrast[c] = contrast[c * most + count / 2];
    }
    for (int i = 0; i < 3 && pairs > 0; i++)
        for (int j = 0; j < 3; j++)
            signature->noise[i][j] /= pairs;
    free(contrast);
    return STRIAE_OK;
}

/* x = a^-1 b by Cramer's rule; false when a is singular. */
static bool solve3(double a[3][3], const double b[3], double x[3])
{
    double cofactor[3][3];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            int r0 = (i + 1) % 3, r1 = (i + 2) % 3, c0 = (j + 1) % 3, c1 = (j + 2) % 3;
            cofactor[i][j] = a[r0][c0] * a[r1][c1] - a[r0][c1] * a[r1][c0];
        }
    double determinant =
        a[0][0] * cofactor[0][0] + a[0][1] * cofactor[0][1] + a[0][2] * cofactor[0][2];
    if (!(fabs(determinant) > 1e-30))
        return false;
    for (int i = 0; i < 3; i++)
        x[i] =
            (cofactor[0][i] * b[0] + cofactor[1][i] * b[1] + cofactor[2][i] * b[2]) / determinant;
    return true;
}

void signature_mix(const struct signature *signatures, size_t count, double shading, double mix[3])
{
    double contrast[3] = {0}, noise[3][3] = {{0}}, length = 0;
    for (size_t s = 0; s < count; s++) {
        length += signatures[s].length;
        for (int i = 0; i < 3; i++) {
            contrast[i] += signatures[s].length * signatures[s].contrast[i];
            for (int j = 0; j < 3; j++)
                noise[i][j] += signatures[s].length * signatures[s].noise[i][j];
        }
    }
    double mean = (noise[0][0] + noise[1][1] + noise[2][2]) / 3, total = 0;
    double shade = 0;
    for (int c = 0; c < 3 && length > 0; c++)
        shade += shading * shading * contrast[c] * contrast[c] / (3 * length);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            noise[i][j] =
                (1 - SHRINK) * noise[i][j] + (i == j ? SHRINK * mean + 1e-9 * length : 0) + shade;
    if (!(length > 0) || !solve3(noise, contrast, mix))
        mix[0] = mix[1] = mix[2] = 1;
    for (int c = 0; c < 3; c++)
        total += fabs(mix[c]);
    for (int c = 0; c < 3; c++)
        mix[c] = total > 0 ? mix[c] / total : 1.0 / 3;
}
