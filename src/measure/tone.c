#include "measure/tone.h"

#include "colour/colour.h"

#include <math.h>
#include <stdlib.h>

#define RING_NEAR   1.0 /* mm */
#define RING_FAR    3.0
#define TRIM        0.2
#define GRAIN       0.3 /* mm: scale of the roughness; half the wavelength passed best */
#define GRAIN_BARE  3   /* px, without scale */
#define SKIN_STRIDE 5   /* px between samples of the skin */

static void ring(const struct trace_point *p, double px_per_mm, double *near, double *far)
{
    *near = px_per_mm > 0 ? RING_NEAR * px_per_mm : 0.5 * trace_width(p);
    *far = px_per_mm > 0 ? RING_FAR * px_per_mm : 1.5 * trace_width(p);
    *near = fmax(*near, 2);
    *far = fmax(*far, *near + 3);
}

int tone_reach(const struct trace *trace, double px_per_mm)
{
    double reach = 4;
    for (size_t i = 0; i < trace->count; i++) {
        const struct trace_point *p = &trace->points[i];
        double near, far;
        if (isnan(p->left))
            continue;
        ring(p, px_per_mm, &near, &far);
        reach = fmax(reach, far + fmax(fabs(p->left), fabs(p->right)) + 1);
    }
    return (int)ceil(fmin(reach, 1000));
}

static int ascending(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static double trimmed_mean(float *values, size_t count)
{
    size_t cut = (size_t)(TRIM * (double)count);
    double sum = 0;
    qsort(values, count, sizeof *values, ascending);
    for (size_t i = cut; i < count - cut; i++)
        sum += values[i];
    return sum / (double)(count - 2 * cut);
}

/* Trimmed mean per channel over offsets [low, high] of a row; false with under a third seen. */
static bool ring_mean(const struct strip *strip, size_t row, double low, double high,
                      float *scratch, double mean[3])
{
    int from = (int)ceil(fmax(low, -strip->reach)), to = (int)floor(fmin(high, strip->reach));
    size_t seen = 0;
    for (int c = 0; c < 3; c++) {
        seen = 0;
        for (int k = from; k <= to; k++)
            if (strip->ok[strip_at(strip, row, k)])
                scratch[seen++] = strip->value[c][strip_at(strip, row, k)];
        if (3 * seen < high - low || seen < 2)
            return false;
        mean[c] = trimmed_mean(scratch, seen);
    }
    return true;
}

/* Plain mean over offsets [low, high]; false with under two thirds seen. */
static bool core_mean(const struct strip *strip, size_t row, double low, double high,
                      double mean[3])
{
    int from = (int)ceil(low), to = (int)floor(high), seen = 0;
    if (from > to)
        from = to = (int)lround(0.5 * (low + high));
    from = from < -strip->reach ? -strip->reach : from;
    to = to > strip->reach ? strip->reach : to;
    mean[0] = mean[1] = mean[2] = 0;
    for (int k = from; k <= to; k++) {
        size_t at = strip_at(strip, row, k);
        if (!strip->ok[at])
            continue;
        seen++;
        for (int c = 0; c < 3; c++)
            mean[c] += strip->value[c][at];
    }
    for (int c = 0; c < 3; c++)
        mean[c] /= seen ? seen : 1;
    return from <= to && 3 * seen >= 2 * (to - from + 1);
}

/* Contrast between the edges. Blur, and edges that wander within a few rows, move part of it
 * outside, but leave its integral across the stria as it is: that is taken over all that the edges
 * reach, and the share which a sharp photo would have between them is given back to the width
 * (partial volume; without it stripes of 3 px lost a third of their colour). Where the surroundings
 * are hidden, the mean between the edges has to do. */
static bool core_contrast(const struct strip *strip, size_t row, const struct trace_point *p,
                          const double beside[3], double contrast[3])
{
    double margin = fmin(2 * p->soft, 0.75 * trace_width(p) + 2), mean[3];
    double low = p->left - margin, high = p->right + margin;
    if (p->inner > 0 && core_mean(strip, row, low, high, mean)) {
        double samples = floor(high) - ceil(low) + 1;
        for (int c = 0; c < 3; c++)
            contrast[c] = (mean[c] - beside[c]) * samples * p->inner / trace_width(p);
        return true;
    }
    if (!core_mean(strip, row, p->left, p->right, mean))
        return false;
    for (int c = 0; c < 3; c++)
        contrast[c] = mean[c] - beside[c];
    return true;
}

static void take_contrast(const struct strip *strip, size_t row, double px_per_mm, float *scratch,
                          struct trace_point *p)
{
    double near, far, left[3], right[3], beside[3];
    ring(p, px_per_mm, &near, &far);
    bool has_left = ring_mean(strip, row, p->left - far, p->left - near, scratch, left);
    bool has_right = ring_mean(strip, row, p->right + near, p->right + far, scratch, right);
    if (!has_left && !has_right)
        return;
    for (int c = 0; c < 3; c++)
        beside[c] =
            has_left && has_right ? 0.5 * (left[c] + right[c]) : (has_left ? left[c] : right[c]);
    (void)core_contrast(strip, row, p, beside, p->contrast);
}

/* Mean square of the second difference along the line, over offsets [low, high]: a band-pass that
 * does not see the stria's own profile. NaN with too few pixels. */
static double roughness(const struct strip *strip, size_t row, size_t grain, double low,
                        double high)
{
    double sum = 0;
    int seen = 0;
    if (row < grain || row + grain >= strip->rows)
        return NAN;
    for (int k = (int)ceil(fmax(low, -strip->reach)); k <= fmin(high, strip->reach); k++) {
        size_t at = strip_at(strip, row, k), before = strip_at(strip, row - grain, k);
        size_t after = strip_at(strip, row + grain, k);
        double value = 0;
        if (!strip->ok[at] || !strip->ok[before] || !strip->ok[after])
            continue;
        for (int c = 0; c < 3; c++)
            value += (double)strip->value[c][at] -
                     0.5 * ((double)strip->value[c][before] + (double)strip->value[c][after]);
        sum += value * value / 9;
        seen++;
    }
    return seen >= 2 ? sum / seen : NAN;
}

striae_status tone_take(const struct strip *strip, double px_per_mm, struct trace *trace,
                        striae_error *error)
{
    float *scratch = calloc((size_t)strip_columns(strip), sizeof *scratch);
    size_t grain = (size_t)lround(px_per_mm > 0 ? fmax(2, GRAIN * px_per_mm) : GRAIN_BARE);
    if (!scratch)
        return fail_memory(error);
    for (size_t i = 0; i < trace->count; i++) {
        struct trace_point *p = &trace->points[i];
        double near, far;
        if (isnan(p->left))
            continue;
        take_contrast(strip, i, px_per_mm, scratch, p);
        ring(p, px_per_mm, &near, &far);
        double inset = 0.1 * trace_width(p);
        p->rough[0] = roughness(strip, i, grain, p->left + inset, p->right - inset);
        double left = roughness(strip, i, grain, p->left - far, p->left - near);
        double right = roughness(strip, i, grain, p->right + near, p->right + far);
        p->rough[1] = isnan(left) ? right : isnan(right) ? left : 0.5 * (left + right);
    }
    free(scratch);
    return STRIAE_OK;
}

striae_status tone_skin(const struct measure_photo *photo, const struct labels *owner,
                        double density[3], striae_error *error)
{
    size_t width = (size_t)photo->image->width, height = (size_t)photo->image->height;
    float *values = malloc((width / SKIN_STRIDE + 1) * (height / SKIN_STRIDE + 1) * sizeof *values);
    if (!values)
        return fail_memory(error);
    for (int c = 0; c < 3; c++) {
        const struct plane *plane = &photo->image->channel[c];
        size_t n = 0;
        for (size_t y = 0; y < height; y += SKIN_STRIDE)
            for (size_t x = 0; x < width; x += SKIN_STRIDE)
                if (photo->skin->data[y * width + x] && !owner->data[y * width + x])
                    values[n++] = plane->data[y * plane->stride + x];
        qsort(values, n, sizeof *values, ascending);
        density[c] = n > 20 ? (double)colour_density(values[n / 2]) : NAN;
    }
    free(values);
    return STRIAE_OK;
}

void tone_differences(const double skin[3], const double contrast[3], double difference[6])
{
    double beside[3], inside[3];
    for (int c = 0; c < 3; c++) {
        beside[c] = exp(-skin[c]);
        inside[c] = exp(-skin[c] - contrast[c]);
    }
    struct lab a = colour_lab(beside[0], beside[1], beside[2]);
    struct lab b = colour_lab(inside[0], inside[1], inside[2]);
    difference[0] = b.l - a.l;
    difference[1] = b.a - a.a;
    difference[2] = b.b - a.b;
    difference[3] = colour_delta_e00(a, b);
    difference[4] = colour_erythema(inside[0], inside[1]) - colour_erythema(beside[0], beside[1]);
    difference[5] = colour_melanin(inside[0]) - colour_melanin(beside[0]);
}
