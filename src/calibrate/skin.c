/* The skin region.
 *
 * Fixed colour rules for skin (R > G > B and the like) fail as soon as white balance drifts, so the
 * photo's own skin is learned: starting from pixels that are warmer than neutral, a Gaussian in the
 * light-independent plane (ln R/G, ln G/B) is fitted to the largest consistent population by
 * concentration steps (Rousseeuw and Van Driessen 1999, "A fast algorithm for the minimum
 * covariance determinant estimator"), and what fits it, is not clipped, not in deep shade and not
 * woven (cloth has far more fine contrast than skin) is skin. */
#include "calibrate/calibrate.h"

#include "base/filter.h"
#include "calibrate/region.h"
#include "colour/colour.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WORKING_SIDE   400  /* px; skin is a matter of large areas */
#define DARK_DENSITY   4.2f /* -ln linear: under 1.5 % of white is deep shade */
#define CLIPPED_LINEAR 0.985f
#define DISTANCE_LIMIT 14.0  /* squared Mahalanobis; the 99.9 % point of chi2(2) */
#define SPREAD_FLOOR   0.035 /* ln units; keeps an even photo's model from becoming a pinhole */
#define SPREAD_CEILING 0.16
#define WEAVE_FACTOR   4.0f /* fine contrast over the skin's median one */
#define WEAVE_FLOOR    0.05f
#define EDGE_SHARE     0.008 /* margin at the border of the skin, share of the photo's diagonal */

struct features {
    struct plane u, v;   /* ln R/G, ln G/B */
    struct plane shade;  /* mean density */
    struct plane weave;  /* local RMS of fine contrast */
    struct plane bright; /* largest linear channel */
};

struct chroma_model {
    double mean[2], inverse[3]; /* inverse covariance: uu, uv, vv */
};

static void features_free(struct features *f)
{
    plane_free(&f->u);
    plane_free(&f->v);
    plane_free(&f->shade);
    plane_free(&f->weave);
    plane_free(&f->bright);
}

/* Mean over each block of the squared difference of a full-size pixel to the mean of its four
 * neighbours: contrast finer than the working scale, where weave shows. */
static void fine_contrast(const struct plane *green, int factor, struct plane *out)
{
    for (int y = 0; y < out->height; y++)
        for (int x = 0; x < out->width; x++) {
            double sum = 0;
            int count = 0;
            for (int fy = y * factor + 1; fy < (y + 1) * factor + 1; fy++)
                for (int fx = x * factor + 1; fx < (x + 1) * factor + 1; fx++) {
                    if (fx + 1 >= green->width || fy + 1 >= green->height)
                        continue;
                    const float *row = plane_row(green, fy);
                    float around = row[fx - 1] + row[fx + 1] + plane_row(green, fy - 1)[fx] +
                                   plane_row(green, fy + 1)[fx];
                    float ratio = row[fx] / fmaxf(around * 0.25f, 1e-3f) - 1;
                    sum += (double)ratio * ratio;
                    count++;
                }
            plane_row(out, y)[x] = count ? (float)sqrt(sum / count) : 0;
        }
}

static striae_status features_init(const struct image *image, int factor, struct features *f,
                                   striae_error *error)
{
    struct plane reduced[3] = {0}, raw = {0};
    striae_status status = STRIAE_OK;
    *f = (struct features){0};
    for (int c = 0; c < 3 && status == STRIAE_OK; c++)
        status = filter_reduce(&image->channel[c], factor, &reduced[c], error);
    struct plane *made[] = {&f->u, &f->v, &f->shade, &f->bright, &raw};
    for (int k = 0; k < 5 && status == STRIAE_OK; k++)
        status = plane_init(made[k], reduced[0].width, reduced[0].height, error);
    if (status == STRIAE_OK) {
        for (int y = 0; y < f->u.height; y++)
            for (int x = 0; x < f->u.width; x++) {
                float rgb[3], d[3];
                for (int c = 0; c < 3; c++) {
                    rgb[c] = plane_row(&reduced[c], y)[x];
                    d[c] = colour_density(rgb[c]);
                }
                plane_row(&f->u, y)[x] = d[1] - d[0];
                plane_row(&f->v, y)[x] = d[2] - d[1];
                plane_row(&f->shade, y)[x] = (d[0] + d[1] + d[2]) / 3;
                plane_row(&f->bright, y)[x] = fminf(rgb[0], fminf(rgb[1], rgb[2]));
            }
        fine_contrast(&image->channel[1], factor, &raw);
        status = filter_gaussian(&raw, 2.0, 1, &f->weave, error);
    }
    for (int c = 0; c < 3; c++)
        plane_free(&reduced[c]);
    plane_free(&raw);
    if (status != STRIAE_OK)
        features_free(f);
    return status;
}

static bool lit(const struct features *f, int x, int y)
{
    return plane_row(&f->shade, y)[x] < DARK_DENSITY &&
           plane_row(&f->bright, y)[x] < CLIPPED_LINEAR;
}

static double chroma_distance(const struct chroma_model *m, double u, double v)
{
    double du = u - m->mean[0], dv = v - m->mean[1];
    return m->inverse[0] * du * du + 2 * m->inverse[1] * du * dv + m->inverse[2] * dv * dv;
}

/* The model of the pixels marked in `use`; pixels near the middle of the photo count more, since
 * that is what was photographed. */
static void fit_model(const struct features *f, const struct mask *use, struct chroma_model *m)
{
    double sum = 0, mean[2] = {0}, c[3] = {0};
    for (int pass = 0; pass < 2; pass++) {
        for (int y = 0; y < use->height; y++)
            for (int x = 0; x < use->width; x++) {
                if (!mask_row(use, y)[x])
                    continue;
                double dx = (x + 0.5) / use->width - 0.5, dy = (y + 0.5) / use->height - 0.5;
                double weight = exp(-4 * (dx * dx + dy * dy));
                double u = plane_row(&f->u, y)[x], v = plane_row(&f->v, y)[x];
                if (pass == 0) {
                    sum += weight;
                    mean[0] += weight * u;
                    mean[1] += weight * v;
                } else {
                    u -= mean[0];
                    v -= mean[1];
                    c[0] += weight * u * u / sum;
                    c[1] += weight * u * v / sum;
                    c[2] += weight * v * v / sum;
                }
            }
        if (pass == 0 && sum > 0) {
            mean[0] /= sum;
            mean[1] /= sum;
        }
    }
    double floor = SPREAD_FLOOR * SPREAD_FLOOR, ceiling = SPREAD_CEILING * SPREAD_CEILING;
    double shrink = fmin(1, ceiling / fmax(fmax(c[0], c[2]), 1e-9));
    for (int k = 0; k < 3; k++)
        c[k] *= shrink;
    c[0] += floor;
    c[2] += floor;
    double determinant = c[0] * c[2] - c[1] * c[1];
    *m = (struct chroma_model){{mean[0], mean[1]},
                               {c[2] / determinant, -c[1] / determinant, c[0] / determinant}};
}

static int compare_floats(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Median of ln R/G over the lit pixels, to tell warm pixels from neutral ones under any white
 * balance; also the start of the model. */
static striae_status start_mask(const struct features *f, struct mask *use, striae_error *error)
{
    size_t size = (size_t)use->width * (size_t)use->height, count = 0;
    float *values = malloc(size * sizeof *values);
    if (!values)
        return fail_memory(error);
    for (int y = 0; y < use->height; y++)
        for (int x = 0; x < use->width; x++)
            if (lit(f, x, y))
                values[count++] = plane_row(&f->u, y)[x] + 0.5f * plane_row(&f->v, y)[x];
    if (count) {
        qsort(values, count, sizeof *values, compare_floats);
        /* Neutral things (walls, linen) are the least warm: start from the warmer half, but not
         * from the very warmest (lips, moles, coloured cloth). */
        float low = values[count * 4 / 10], high = values[count * 98 / 100];
        for (int y = 0; y < use->height; y++)
            for (int x = 0; x < use->width; x++) {
                float warm = plane_row(&f->u, y)[x] + 0.5f * plane_row(&f->v, y)[x];
                mask_row(use, y)[x] = lit(f, x, y) && warm >= low && warm <= high ? 255 : 0;
            }
    }
    free(values);
    return STRIAE_OK;
}

static void classify(const struct features *f, const struct chroma_model *m, double limit,
                     float weave_limit, struct mask *skin)
{
    for (int y = 0; y < skin->height; y++)
        for (int x = 0; x < skin->width; x++) {
            bool fits = chroma_distance(m, plane_row(&f->u, y)[x], plane_row(&f->v, y)[x]) < limit;
            bool woven = plane_row(&f->weave, y)[x] > weave_limit;
            mask_row(skin, y)[x] = lit(f, x, y) && fits && !woven ? 255 : 0;
        }
}

/* Weave above which a pixel is cloth: several times the median of the pixels in `use`. */
static float weave_limit(const struct features *f, const struct mask *use, float *scratch)
{
    size_t count = 0;
    for (int y = 0; y < use->height; y++)
        for (int x = 0; x < use->width; x++)
            if (mask_row(use, y)[x])
                scratch[count++] = plane_row(&f->weave, y)[x];
    if (!count)
        return INFINITY;
    qsort(scratch, count, sizeof *scratch, compare_floats);
    return fmaxf(WEAVE_FACTOR * scratch[count / 2], WEAVE_FLOOR);
}

static striae_status learn(const struct features *f, struct mask *skin, striae_error *error)
{
    struct chroma_model model;
    float *scratch = malloc((size_t)skin->width * (size_t)skin->height * sizeof *scratch);
    striae_status status = scratch ? start_mask(f, skin, error) : fail_memory(error);
    if (status == STRIAE_OK) {
        for (int step = 0; step < 12; step++) {
            fit_model(f, skin, &model);
            classify(f, &model, 6.0, weave_limit(f, skin, scratch), skin);
        }
        fit_model(f, skin, &model);
        classify(f, &model, DISTANCE_LIMIT, weave_limit(f, skin, scratch), skin);
    }
    free(scratch);
    return status;
}

/* Full-size mask from the working one. */
static striae_status enlarge(const struct mask *small, int factor, int width, int height,
                             struct mask *out, striae_error *error)
{
    striae_status status = mask_init(out, width, height, error);
    if (status != STRIAE_OK)
        return status;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            mask_row(out, y)[x] = mask_row(small, y / factor)[x / factor];
    return STRIAE_OK;
}

striae_status calibrate_skin(const struct image *image, int threads, struct mask *skin,
                             striae_error *error)
{
    (void)threads;
    struct features f = {0};
    struct mask small = {0};
    int side = image->width > image->height ? image->width : image->height;
    int factor = (side + WORKING_SIDE - 1) / WORKING_SIDE;
    *skin = (struct mask){0};
    striae_status status = features_init(image, factor, &f, error);
    if (status == STRIAE_OK)
        status = mask_init(&small, f.u.width, f.u.height, error);
    if (status == STRIAE_OK)
        status = learn(&f, &small, error);
    if (status == STRIAE_OK) {
        double diagonal = hypot(small.width, small.height);
        status = region_clean(&small, 0.02, 0.15, EDGE_SHARE * diagonal, error);
    }
    if (status == STRIAE_OK)
        status = enlarge(&small, factor, image->width, image->height, skin, error);
    features_free(&f);
    mask_free(&small);
    return status;
}
