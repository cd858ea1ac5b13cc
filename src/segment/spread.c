#include "segment/spread.h"

#include "base/threads.h"
#include "base/vector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TRIM_LIMIT    7.8   /* squared Mahalanobis distance; 95 % of chi2(3) */
#define CHI2_MEDIAN   2.366 /* of chi2(3) */
#define FLOOR         1e-6  /* added to the variances */
#define BINS          2048
#define BINS_PER_UNIT 128.f
#define SAMPLE_STEP   2   /* places */
#define BLOCK         256 /* samples summed in single precision */

/* ---- samples ---- */

/* The places that a point beside a line lies between. */
struct side {
    int x, y;       /* of the first, seen from the line's place */
    float share[4]; /* of each */
};

static struct side side_of(const struct grid *grid, int direction, double sign)
{
    double offset[2];
    oriented_side(grid->scale, direction, offset);
    double x = sign * offset[0] / grid->step_x, y = sign * offset[1] / grid->step_y;
    double fx = x - floor(x), fy = y - floor(y);
    return (struct side){(int)floor(x),
                         (int)floor(y),
                         {(float)((1 - fx) * (1 - fy)), (float)(fx * (1 - fy)),
                          (float)((1 - fx) * fy), (float)(fx * fy)}};
}

/* Whether all four places are skin. */
static bool side_on_skin(const struct side *side, const struct plane *skin, int x, int y)
{
    x += side->x;
    y += side->y;
    if (x < 0 || y < 0 || x + 1 >= skin->width || y + 1 >= skin->height)
        return false;
    const float *above = plane_row(skin, y) + x, *below = plane_row(skin, y + 1) + x;
    return above[0] > 0 && above[1] > 0 && below[0] > 0 && below[1] > 0;
}

static float side_value(const struct side *side, const float *at, size_t stride)
{
    const float *above = at + side->y * (ptrdiff_t)stride + side->x, *below = above + stride;
    return side->share[0] * above[0] + side->share[1] * above[1] + side->share[2] * below[0] +
           side->share[3] * below[1];
}

bool samples_init(const struct grid *grid, const struct plane *skin, int direction,
                  struct samples *samples)
{
    const struct side left = side_of(grid, direction, 1), right = side_of(grid, direction, -1);
    size_t most =
        (size_t)(grid->width / SAMPLE_STEP + 1) * (size_t)(grid->height / SAMPLE_STEP + 1);
    float *block = malloc(CHANNEL_COUNT * most * sizeof *block);
    *samples = (struct samples){0};
    if (!block)
        return false;
    for (int c = 0; c < CHANNEL_COUNT; c++)
        samples->value[c] = block + (size_t)c * most;
    for (int y = 0; y < grid->height; y += SAMPLE_STEP)
        for (int x = 0; x < grid->width; x += SAMPLE_STEP) {
            if (!(plane_row(skin, y)[x] > 0) || !side_on_skin(&left, skin, x, y) ||
                !side_on_skin(&right, skin, x, y))
                continue;
            for (int c = 0; c < CHANNEL_COUNT; c++) {
                const float *at = grid->smooth[direction][c] + (size_t)y * grid->stride + (size_t)x;
                samples->value[c][samples->count] =
                    *at - 0.5f * (side_value(&left, at, grid->stride) +
                                  side_value(&right, at, grid->stride));
            }
            samples->count++;
        }
    return true;
}

void samples_free(struct samples *samples)
{
    free(samples->value[0]);
    *samples = (struct samples){0};
}

/* ---- their spread ---- */

/* Of one direction; added up in their order, so that threads change nothing. */
struct sums {
    double product[6], kept;
    unsigned counts[BINS]; /* of distances */
};

struct spread {
    const struct samples *samples;
    double inverse[6];
    float limit; /* on the squared distance, for the products */
    struct sums of[DIRECTION_COUNT];
};

void spread_invert(const double m[6], double out[6])
{
    double c00 = m[3] * m[5] - m[4] * m[4], c01 = m[2] * m[4] - m[1] * m[5];
    double c02 = m[1] * m[4] - m[2] * m[3];
    double determinant = m[0] * c00 + m[1] * c01 + m[2] * c02;
    out[0] = c00 / determinant;
    out[1] = c01 / determinant;
    out[2] = c02 / determinant;
    out[3] = (m[0] * m[5] - m[2] * m[2]) / determinant;
    out[4] = (m[1] * m[2] - m[0] * m[4]) / determinant;
    out[5] = (m[0] * m[3] - m[1] * m[1]) / determinant;
}

/* Squared distances of a block of samples. */
VECTORISED static void distances(const struct samples *samples, const double inverse[6],
                                 size_t from, size_t count, float *restrict far)
{
    const float *a = samples->value[0] + from, *b = samples->value[1] + from;
    const float *c = samples->value[2] + from;
    float m[6];
    for (int k = 0; k < 6; k++)
        m[k] = (float)inverse[k];
    for (size_t i = 0; i < count; i++) {
        float u = m[0] * a[i] + 2 * (m[1] * b[i] + m[2] * c[i]);
        far[i] = u * a[i] + (m[3] * b[i] + 2 * m[4] * c[i]) * b[i] + m[5] * c[i] * c[i];
    }
}

static void add_products(const struct samples *samples, size_t from, size_t count, const float *far,
                         float limit, struct sums *sums)
{
    const float *a = samples->value[0] + from, *b = samples->value[1] + from;
    const float *c = samples->value[2] + from;
    float sum[7] = {0};
    for (size_t i = 0; i < count; i++) {
        float keep = far[i] <= limit ? 1.f : 0.f;
        sum[0] += keep * a[i] * a[i];
        sum[1] += keep * a[i] * b[i];
        sum[2] += keep * a[i] * c[i];
        sum[3] += keep * b[i] * b[i];
        sum[4] += keep * b[i] * c[i];
        sum[5] += keep * c[i] * c[i];
        sum[6] += keep;
    }
    for (int k = 0; k < 6; k++)
        sums->product[k] += (double)sum[k];
    sums->kept += (double)sum[6];
}

static void add_counts(const float *far, size_t count, struct sums *sums)
{
    for (size_t i = 0; i < count; i++) {
        float bin = sqrtf(far[i] > 0 ? far[i] : 0) * BINS_PER_UNIT;
        sums->counts[bin < BINS - 1 ? (int)bin : BINS - 1]++;
    }
}

static void sum_task(void *context, int direction)
{
    struct spread *spread = context;
    const struct samples *samples = &spread->samples[direction];
    struct sums *sums = &spread->of[direction];
    float far[BLOCK];
    memset(sums, 0, sizeof *sums);
    for (size_t from = 0; from < samples->count; from += BLOCK) {
        size_t rest = samples->count - from, count = rest < BLOCK ? rest : BLOCK;
        distances(samples, spread->inverse, from, count, far);
        add_products(samples, from, count, far, spread->limit, sums);
        add_counts(far, count, sums);
    }
}

/* Median of the squared distances, from counts of their square roots. */
static double median_distance(const struct spread *spread)
{
    double total = 0, seen = 0;
    for (int d = 0; d < DIRECTION_COUNT; d++)
        total += (double)spread->samples[d].count;
    for (int k = 0; k < BINS && total > 0; k++) {
        for (int d = 0; d < DIRECTION_COUNT; d++)
            seen += spread->of[d].counts[k];
        double middle = (k + 0.5) / (double)BINS_PER_UNIT;
        if (2 * seen >= total)
            return middle * middle;
    }
    return CHI2_MEDIAN;
}

/* Takes the covariance of the samples that were within the limit. */
static void take_covariance(struct spread *spread)
{
    double sum[6] = {0}, kept = 0;
    for (int d = 0; d < DIRECTION_COUNT; d++) {
        for (int k = 0; k < 6; k++)
            sum[k] += spread->of[d].product[k];
        kept += spread->of[d].kept;
    }
    for (int k = 0; k < 6; k++)
        sum[k] = (kept > 0 ? sum[k] / kept : 0) + (k == 0 || k == 3 || k == 5 ? FLOOR : 0);
    spread_invert(sum, spread->inverse);
}

void spread_inverse(const struct samples samples[DIRECTION_COUNT], int threads, double inverse[6])
{
    struct spread spread = {.samples = samples, .limit = INFINITY};
    threads_run(threads, DIRECTION_COUNT, sum_task, &spread); /* all of them, at distance 0 */
    take_covariance(&spread);
    threads_run(threads, DIRECTION_COUNT, sum_task, &spread);
    spread.limit = (float)(TRIM_LIMIT * median_distance(&spread) / CHI2_MEDIAN);
    threads_run(threads, DIRECTION_COUNT, sum_task, &spread);
    take_covariance(&spread);
    threads_run(threads, DIRECTION_COUNT, sum_task, &spread);
    double median = median_distance(&spread);
    for (int k = 0; k < 6; k++)
        inverse[k] = spread.inverse[k] * CHI2_MEDIAN / fmax(median, 1e-9);
}
