/* Oriented multi-scale line evidence.
 *
 * Each channel is smoothed along and across 16 directions at 7 widths (elongated Gaussians, in the
 * Fourier domain). A line's contrast is its smoothed value less the mean of the values beside it,
 * as a vector over the channels; it is measured in standard deviations of the same vector over the
 * whole skin (a robust covariance per width), so that the evidence adapts to what this skin does in
 * luminance, redness and yellowness. A step (clothes, contour, shadow) differs from one side only:
 * the smaller of the two sides' contrasts decides. */
#include "segment/evidence.h"

#include "base/fft.h"
#include "base/filter.h"
#include "base/threads.h"
#include "segment/hue.h"

#include <math.h>
#include <string.h>

#define PI                     3.14159265358979323846
#define FIRST_SIGMA            1.3
#define SIGMA_STEP             1.5
#define SIDE_OFFSET            2.6 /* of the side samples, in sigmas across */
#define SAMPLE_STEP            3   /* px, for the covariance */
#define CONCENTRATION_STEPS    4
#define TRIM_LIMIT             7.8   /* squared Mahalanobis distance; 95 % of chi2(3) */
#define CHI2_MEDIAN            2.366 /* of chi2(3) */
#define HUE_SLACK              0.15
#define WRONG_HUE              0.3f /* what is left of a line that is not coloured like a stria */
#define PLANE_COUNT            (CHANNEL_COUNT + 1) /* the last: the network's logit */
#define NETWORK                CHANNEL_COUNT
#define LOGIT_LOW              (-5.f) /* differences beyond these say nothing more */
#define LOGIT_HIGH             3.f
#define DISTANCE_BINS          2048
#define DISTANCE_BINS_PER_UNIT 128.0

double evidence_sigma(int scale)
{
    return FIRST_SIGMA * pow(SIGMA_STEP, scale);
}

static double sigma_along(int scale)
{
    return 2.5 * evidence_sigma(scale) + 2.5;
}

struct bank {
    const struct channels *channels;
    struct evidence *evidence;
    struct fft fft;
    fftwf_complex *spectrum[PLANE_COUNT];
    int scale;
    /* smoothed channels of the scale in work, per direction */
    struct plane smooth[DIRECTION_COUNT][PLANE_COUNT];
    double inverse[6]; /* inverse covariance: 00 01 02 11 12 22 */
    bool no_memory[DIRECTION_COUNT];
};

/* ---- smoothing ---- */

static void multiply(const struct bank *bank, int direction, const fftwf_complex *in,
                     fftwf_complex *out)
{
    int width = bank->fft.width, height = bank->fft.height, half = width / 2 + 1;
    double angle = direction * PI / DIRECTION_COUNT, c = cos(angle), s = sin(angle);
    double across = evidence_sigma(bank->scale), along = sigma_along(bank->scale);
    double scale = 1.0 / ((double)width * height);
    for (int y = 0; y < height; y++) {
        double fy = (y <= height / 2 ? y : y - height) / (double)height;
        for (int x = 0; x < half; x++) {
            double fx = x / (double)width;
            double ft = along * (c * fx + s * fy), fn = across * (-s * fx + c * fy);
            float gain = (float)(scale * exp(-2 * PI * PI * (ft * ft + fn * fn)));
            size_t at = (size_t)y * (size_t)half + (size_t)x;
            out[at][0] = gain * in[at][0];
            out[at][1] = gain * in[at][1];
        }
    }
}

static void smooth_task(void *context, int direction)
{
    struct bank *bank = context;
    float *real = fft_real_alloc(&bank->fft);
    fftwf_complex *product = fft_complex_alloc(&bank->fft);
    bank->no_memory[direction] = !real || !product;
    for (int c = 0; c < PLANE_COUNT && !bank->no_memory[direction]; c++) {
        struct plane *out = &bank->smooth[direction][c];
        multiply(bank, direction, (const fftwf_complex *)bank->spectrum[c], product);
        fft_inverse(&bank->fft, product, real);
        for (int y = 0; y < out->height; y++)
            memcpy(plane_row(out, y), real + (size_t)y * (size_t)bank->fft.width,
                   (size_t)out->width * sizeof *real);
    }
    fftwf_free(real);
    fftwf_free(product);
}

/* ---- contrast ---- */

/* The whole-pixel offset of the side samples. */
static void side_offset(int scale, int direction, int offset[2])
{
    double angle = direction * PI / DIRECTION_COUNT;
    double reach = SIDE_OFFSET * evidence_sigma(scale);
    offset[0] = (int)lround(-sin(angle) * reach);
    offset[1] = (int)lround(cos(angle) * reach);
}

static bool on_skin(const struct plane *skin, int x, int y)
{
    return x >= 0 && y >= 0 && x < skin->width && y < skin->height && plane_row(skin, y)[x] > 0;
}

/* Contrast to the left and to the right of a line through (x,y); false where a side is not skin. */
static bool contrasts(const struct bank *bank, int direction, int x, int y, const int offset[2],
                      double left[CHANNEL_COUNT], double right[CHANNEL_COUNT])
{
    const struct plane *skin = &bank->channels->skin;
    int lx = x + offset[0], ly = y + offset[1], rx = x - offset[0], ry = y - offset[1];
    if (!on_skin(skin, x, y) || !on_skin(skin, lx, ly) || !on_skin(skin, rx, ry))
        return false;
    for (int c = 0; c < CHANNEL_COUNT; c++) {
        const struct plane *p = &bank->smooth[direction][c];
        float middle = plane_row(p, y)[x];
        left[c] = middle - plane_row(p, ly)[lx];
        right[c] = middle - plane_row(p, ry)[rx];
    }
    return true;
}

static double distance(const double inverse[6], const double v[CHANNEL_COUNT])
{
    return inverse[0] * v[0] * v[0] + inverse[3] * v[1] * v[1] + inverse[5] * v[2] * v[2] +
           2 * (inverse[1] * v[0] * v[1] + inverse[2] * v[0] * v[2] + inverse[4] * v[1] * v[2]);
}

static void invert(const double m[6], double out[6])
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

/* Median of the squared distances, from counts of their square roots. */
static double median_distance(const unsigned *counts, double total)
{
    double seen = 0;
    for (int k = 0; k < DISTANCE_BINS; k++) {
        seen += counts[k];
        if (2 * seen >= total)
            return (k + 0.5) * (k + 0.5) / (DISTANCE_BINS_PER_UNIT * DISTANCE_BINS_PER_UNIT);
    }
    return CHI2_MEDIAN;
}

/* One concentration step over the skin: the covariance of the contrasts within `limit`, and the
 * median distance of all under the old covariance. */
static double concentrate(const struct bank *bank, double limit, double covariance[6])
{
    const struct plane *skin = &bank->channels->skin;
    unsigned counts[DISTANCE_BINS] = {0};
    double sum[6] = {0}, kept = 0, total = 0;
    for (int d = 0; d < DIRECTION_COUNT; d++) {
        int offset[2];
        side_offset(bank->scale, d, offset);
        for (int y = 0; y < skin->height; y += SAMPLE_STEP)
            for (int x = 0; x < skin->width; x += SAMPLE_STEP) {
                double left[CHANNEL_COUNT], right[CHANNEL_COUNT], v[CHANNEL_COUNT];
                if (!contrasts(bank, d, x, y, offset, left, right))
                    continue;
                for (int c = 0; c < CHANNEL_COUNT; c++)
                    v[c] = 0.5 * (left[c] + right[c]);
                double far = distance(bank->inverse, v);
                int bin = (int)(sqrt(far) * DISTANCE_BINS_PER_UNIT);
                counts[bin < DISTANCE_BINS ? bin : DISTANCE_BINS - 1]++;
                total++;
                if (far > limit)
                    continue;
                sum[0] += v[0] * v[0];
                sum[1] += v[0] * v[1];
                sum[2] += v[0] * v[2];
                sum[3] += v[1] * v[1];
                sum[4] += v[1] * v[2];
                sum[5] += v[2] * v[2];
                kept++;
            }
    }
    for (int k = 0; k < 6; k++)
        covariance[k] = (kept > 0 ? sum[k] / kept : 0) + (k == 0 || k == 3 || k == 5 ? 1e-6 : 0);
    return median_distance(counts, total);
}

/* Covariance of the contrast vector over the skin with striae and other strong lines trimmed away,
 * scaled so that the median squared distance is that of three Gaussian channels. */
static void estimate_covariance(struct bank *bank)
{
    double covariance[6], limit = INFINITY;
    memset(bank->inverse, 0, sizeof bank->inverse);
    for (int pass = 0; pass < CONCENTRATION_STEPS; pass++) {
        double median = concentrate(bank, limit, covariance);
        if (pass)
            limit = TRIM_LIMIT * median / CHI2_MEDIAN;
        if (pass + 1 == CONCENTRATION_STEPS)
            break;
        invert(covariance, bank->inverse);
    }
    double median = concentrate(bank, 0, covariance);
    for (int k = 0; k < 6; k++)
        bank->inverse[k] *= CHI2_MEDIAN / fmax(median, 1e-9);
}

/* Strength of the line from its two contrasts: what the weaker side still shows, along the
 * direction in colour space that separates the line best. */
static double line_strength(const double inverse[6], const double left[CHANNEL_COUNT],
                            const double right[CHANNEL_COUNT])
{
    double v[CHANNEL_COUNT], w[CHANNEL_COUNT], l = 0, r = 0;
    for (int c = 0; c < CHANNEL_COUNT; c++)
        v[c] = 0.5 * (left[c] + right[c]);
    w[0] = inverse[0] * v[0] + inverse[1] * v[1] + inverse[2] * v[2];
    w[1] = inverse[1] * v[0] + inverse[3] * v[1] + inverse[4] * v[2];
    w[2] = inverse[2] * v[0] + inverse[4] * v[1] + inverse[5] * v[2];
    double full = sqrt(fmax(distance(inverse, v), 1e-12));
    for (int c = 0; c < CHANNEL_COUNT; c++) {
        l += w[c] * left[c] / full;
        r += w[c] * right[c] / full;
    }
    double weaker = fmin(l, r);
    return weaker <= 0 ? 0 : fmin(full, 1.5 * weaker);
}

/* The contrast here in density: undoes the local normalisation. */
static struct hue contrast_hue(const struct channels *channels, int x, int y,
                               const double left[CHANNEL_COUNT], const double right[CHANNEL_COUNT])
{
    double v[CHANNEL_COUNT];
    for (int c = 0; c < CHANNEL_COUNT; c++)
        v[c] = 0.5 * (left[c] + right[c]) * plane_row(&channels->rms[c], y)[x];
    return (struct hue){v[0], v[1], v[2]};
}

/* How far the network's logit on a line through (x,y), which has skin on both sides, stands above
 * that of the side that is more like it. */
static float network_contrast(const struct bank *bank, int direction, int x, int y,
                              const int offset[2])
{
    const struct plane *p = &bank->smooth[direction][NETWORK];
    float left = plane_row(p, y + offset[1])[x + offset[0]];
    float right = plane_row(p, y - offset[1])[x - offset[0]];
    return plane_row(p, y)[x] - fmaxf(left, right);
}

static void keep_larger(float value, int scale, float *largest, uint8_t *scale_of_largest)
{
    if (value > *largest) {
        *largest = value;
        *scale_of_largest = (uint8_t)scale;
    }
}

static void strength_task(void *context, int direction)
{
    struct bank *bank = context;
    struct evidence *e = bank->evidence;
    struct plane *strength = &e->strength[direction];
    int offset[2];
    side_offset(bank->scale, direction, offset);
    for (int y = 0; y < strength->height; y++)
        for (int x = 0; x < strength->width; x++) {
            double left[CHANNEL_COUNT], right[CHANNEL_COUNT];
            if (!contrasts(bank, direction, x, y, offset, left, right))
                continue;
            float found = (float)line_strength(bank->inverse, left, right);
            struct hue hue = contrast_hue(bank->channels, x, y, left, right);
            if (!hue_of_stria(&hue, HUE_SLACK))
                found *= WRONG_HUE;
            keep_larger(found, bank->scale, &plane_row(strength, y)[x],
                        &mask_row(&e->scale[direction], y)[x]);
            keep_larger(network_contrast(bank, direction, x, y, offset), bank->scale,
                        &plane_row(&e->support[direction], y)[x],
                        &mask_row(&e->support_scale[direction], y)[x]);
        }
}

/* ---- the bank ---- */

static void bank_free(struct bank *bank)
{
    for (int c = 0; c < PLANE_COUNT; c++)
        fftwf_free(bank->spectrum[c]);
    for (int d = 0; d < DIRECTION_COUNT; d++)
        for (int c = 0; c < PLANE_COUNT; c++)
            plane_free(&bank->smooth[d][c]);
    fft_free(&bank->fft);
}

/* Plane c as the bank smooths it; the logit clipped. */
static void fill_plane(const struct bank *bank, const struct plane *logit, int c, float *real)
{
    int width = bank->channels->skin.width, height = bank->channels->skin.height;
    memset(real, 0, (size_t)bank->fft.width * (size_t)bank->fft.height * sizeof *real);
    for (int y = 0; y < height; y++) {
        float *out = real + (size_t)y * (size_t)bank->fft.width;
        if (c != NETWORK)
            memcpy(out, plane_row(&bank->channels->value[c], y), (size_t)width * sizeof *real);
        for (int x = 0; c == NETWORK && x < width; x++)
            out[x] = fminf(fmaxf(plane_row(logit, y)[x], LOGIT_LOW), LOGIT_HIGH) - LOGIT_LOW;
    }
}

static striae_status bank_init(struct bank *bank, const struct channels *channels,
                               const struct plane *logit, struct evidence *evidence,
                               striae_error *error)
{
    int width = channels->skin.width, height = channels->skin.height;
    int border = (int)ceil(2 * sigma_along(SCALE_COUNT - 1));
    *bank = (struct bank){.channels = channels, .evidence = evidence};
    striae_status status =
        fft_init(&bank->fft, fft_good_size(width + border), fft_good_size(height + border), error);
    for (int d = 0; d < DIRECTION_COUNT; d++)
        for (int c = 0; c < PLANE_COUNT && status == STRIAE_OK; c++)
            status = plane_init(&bank->smooth[d][c], width, height, error);
    for (int c = 0; c < PLANE_COUNT && status == STRIAE_OK; c++) {
        float *real = fft_real_alloc(&bank->fft);
        bank->spectrum[c] = fft_complex_alloc(&bank->fft);
        if (real && bank->spectrum[c]) {
            fill_plane(bank, logit, c, real);
            fft_forward(&bank->fft, real, bank->spectrum[c]);
        } else {
            status = fail_memory(error);
        }
        fftwf_free(real);
    }
    return status;
}

static striae_status bank_run(struct bank *bank, int threads, striae_error *error)
{
    for (bank->scale = 0; bank->scale < SCALE_COUNT; bank->scale++) {
        threads_run(threads, DIRECTION_COUNT, smooth_task, bank);
        for (int d = 0; d < DIRECTION_COUNT; d++)
            if (bank->no_memory[d])
                return fail_memory(error);
        estimate_covariance(bank);
        threads_run(threads, DIRECTION_COUNT, strength_task, bank);
    }
    return STRIAE_OK;
}

striae_status evidence_init(const struct channels *channels, const struct plane *logit, int threads,
                            struct evidence *evidence, striae_error *error)
{
    struct bank bank = {0};
    striae_status status = STRIAE_OK;
    int width = channels->skin.width, height = channels->skin.height;
    *evidence = (struct evidence){0};
    for (int d = 0; d < DIRECTION_COUNT && status == STRIAE_OK; d++) {
        struct plane *const planes[] = {&evidence->strength[d], &evidence->support[d],
                                        &evidence->fused[d]};
        struct mask *const scales[] = {&evidence->scale[d], &evidence->support_scale[d],
                                       &evidence->fused_scale[d]};
        for (int k = 0; k < 3 && status == STRIAE_OK; k++) {
            status = plane_init(planes[k], width, height, error);
            if (status == STRIAE_OK)
                status = mask_init(scales[k], width, height, error);
        }
    }
    if (status == STRIAE_OK)
        status = bank_init(&bank, channels, logit, evidence, error);
    if (status == STRIAE_OK)
        status = bank_run(&bank, threads, error);
    bank_free(&bank);
    if (status != STRIAE_OK)
        evidence_free(evidence);
    return status;
}

void evidence_free(struct evidence *evidence)
{
    for (int d = 0; d < DIRECTION_COUNT; d++) {
        plane_free(&evidence->strength[d]);
        plane_free(&evidence->support[d]);
        mask_free(&evidence->scale[d]);
        mask_free(&evidence->support_scale[d]);
        plane_free(&evidence->fused[d]);
        mask_free(&evidence->fused_scale[d]);
    }
}

/* Between the two nearest directions' planes; *nearest is the nearer one. */
static double between(const struct plane planes[DIRECTION_COUNT], double x, double y, double angle,
                      int *nearest)
{
    double turn = angle * DIRECTION_COUNT / PI;
    double whole = floor(turn), t = turn - whole;
    int first = (int)(((long)whole % DIRECTION_COUNT + DIRECTION_COUNT) % DIRECTION_COUNT);
    int second = (first + 1) % DIRECTION_COUNT;
    *nearest = t < 0.5 ? first : second;
    if (x < 0 || y < 0 || x > planes[0].width - 1 || y > planes[0].height - 1)
        return 0;
    return (1 - t) * sample_bilinear(&planes[first], x, y) +
           t * sample_bilinear(&planes[second], x, y);
}

double evidence_at(const struct evidence *evidence, double x, double y, double angle, double *sigma)
{
    int nearest;
    double strength = between(evidence->fused, x, y, angle, &nearest);
    const struct mask *scale = &evidence->fused_scale[nearest];
    if (sigma && x >= 0 && y >= 0 && x <= scale->width - 1 && y <= scale->height - 1)
        *sigma = evidence_sigma(mask_row(scale, (int)lround(y))[(int)lround(x)]);
    return strength;
}

double evidence_part_at(const struct plane part[DIRECTION_COUNT], double x, double y, double angle)
{
    int nearest;
    return between(part, x, y, angle, &nearest);
}
