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
#define CORE_LIMIT     6.0   /* the same; what is certainly of the colour of skin, */
#define CORE_WEAVE     2.f   /* may have this much more fine contrast: striae in hard light do */
#define SPREAD_FLOOR   0.035 /* ln units; keeps an even photo's model from becoming a pinhole */
#define SPREAD_CEILING 0.16
#define WEAVE_FACTOR   4.0f /* fine contrast over the skin's median one */
#define WEAVE_FLOOR    0.05f
#define EDGE_SHARE     0.008 /* margin at the border of the skin, share of the photo's diagonal */
#define HOLE_SHARE     0.05  /* of the skin; smaller holes in it are striae, navels, moles */
/* Steps between neighbouring working pixels that a body's shading does not take, a contour does. */
#define STEP_CHROMA    0.08f
#define STEP_BLUE      0.15f /* the noisiest channel */
#define STEP_SHADE     0.20f
#define CONTOUR_FACTOR 4.f   /* over the median step */
#define CALM           1.2   /* px sigma */
#define CUT_LEAST      0.004 /* of the largest part: smaller ones are bits of skin between creases */
#define CUT_MOST       0.25  /* larger ones are as good as the largest */
#define CUT_WIDTH      3     /* working px that a contour takes on either side */
#define COOLER         3.0 /* standard deviations that shaded or saturated skin may be less warm */

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
            double distance = chroma_distance(m, plane_row(&f->u, y)[x], plane_row(&f->v, y)[x]);
            float most = distance < CORE_LIMIT ? CORE_WEAVE * weave_limit : weave_limit;
            bool woven = plane_row(&f->weave, y)[x] > most;
            mask_row(skin, y)[x] = lit(f, x, y) && distance < limit && !woven ? 255 : 0;
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

static int within(int value, int end)
{
    return value < 0 ? 0 : value < end ? value : end - 1;
}

/* The step from (x,y) over the next pixel in direction (dx,dy), from one pixel before to one behind
 * since a contour is never quite sharp; 1 = more than skin does. */
static float step_over(const struct features *f, int x, int y, int dx, int dy)
{
    int x0 = within(x - dx, f->u.width), y0 = within(y - dy, f->u.height);
    int x1 = within(x + 2 * dx, f->u.width), y1 = within(y + 2 * dy, f->u.height);
    float du = (plane_row(&f->u, y1)[x1] - plane_row(&f->u, y0)[x0]) / STEP_CHROMA;
    float dv = (plane_row(&f->v, y1)[x1] - plane_row(&f->v, y0)[x0]) / STEP_BLUE;
    float ds = (plane_row(&f->shade, y1)[x1] - plane_row(&f->shade, y0)[x0]) / STEP_SHADE;
    return sqrtf(du * du + dv * dv + ds * ds);
}

/* Skin goes on where nothing stops it: into shade, and into colours that an edited or overexposed
 * photo drives away from the rest, as long as these are no cooler and no contour lies between. */
static striae_status spread(const struct features *f, const struct chroma_model *m, float weave,
                            struct mask *skin, striae_error *error)
{
    int width = skin->width, height = skin->height, depth = 0;
    int *stack = malloc(((size_t)width * (size_t)height + 1) * sizeof *stack);
    if (!stack)
        return fail_memory(error);
    double determinant = m->inverse[0] * m->inverse[2] - m->inverse[1] * m->inverse[1];
    double least_u = m->mean[0] - COOLER * sqrt(m->inverse[2] / determinant);
    double least_v = m->mean[1] - COOLER * sqrt(m->inverse[0] / determinant);
    for (int i = 0; i < width * height; i++)
        if (skin->data[i])
            stack[depth++] = i;
    while (depth) {
        int at = stack[--depth], x = at % width, y = at / width;
        for (int k = 0; k < 4; k++) {
            int nx = x + (k == 0) - (k == 1), ny = y + (k == 2) - (k == 3);
            if (nx < 0 || ny < 0 || nx >= width || ny >= height || mask_row(skin, ny)[nx])
                continue;
            if (!lit(f, nx, ny) || plane_row(&f->weave, ny)[nx] > weave ||
                plane_row(&f->u, ny)[nx] < least_u || plane_row(&f->v, ny)[nx] < least_v ||
                step_over(f, x, y, nx - x, ny - y) > 1)
                continue;
            mask_row(skin, ny)[nx] = 255;
            stack[depth++] = ny * width + nx;
        }
    }
    free(stack);
    return STRIAE_OK;
}

static float contrast_at(const struct features *f, int x, int y)
{
    return fmaxf(step_over(f, x, y, 1, 0), step_over(f, x, y, 0, 1));
}

/* The step that makes a contour: more than skin takes, and well over the photo's own noise. */
static striae_status contour_step(const struct features *f, const struct mask *skin, float *step,
                                  striae_error *error)
{
    size_t count = 0;
    float *steps = malloc(((size_t)skin->width * (size_t)skin->height + 1) * sizeof *steps);
    if (!steps)
        return fail_memory(error);
    for (int y = 0; y < skin->height; y++)
        for (int x = 0; x < skin->width; x++)
            if (mask_row(skin, y)[x])
                steps[count++] = contrast_at(f, x, y);
    qsort(steps, count, sizeof *steps, compare_floats);
    *step = count ? fmaxf(1, CONTOUR_FACTOR * steps[count / 2]) : 1;
    free(steps);
    return STRIAE_OK;
}

/* Takes away what is skin by its colour alone but lies beyond a contour and at the border of the
 * picture: walls, wood, cloth. */
static striae_status cut_at_contours(const struct features *f, struct mask *skin,
                                     striae_error *error)
{
    size_t size = (size_t)skin->width * (size_t)skin->height;
    struct mask parts = {0};
    struct features calm = {0}; /* the skin's own relief makes no contour */
    striae_status status = mask_init(&parts, skin->width, skin->height, error);
    if (status == STRIAE_OK)
        status = filter_gaussian(&f->u, CALM, 1, &calm.u, error);
    if (status == STRIAE_OK)
        status = filter_gaussian(&f->v, CALM, 1, &calm.v, error);
    if (status == STRIAE_OK)
        status = filter_gaussian(&f->shade, CALM, 1, &calm.shade, error);
    float contour = 1;
    if (status == STRIAE_OK)
        status = contour_step(&calm, skin, &contour, error);
    for (int y = 0; y < skin->height && status == STRIAE_OK; y++)
        for (int x = 0; x < skin->width; x++)
            mask_row(&parts, y)[x] =
                mask_row(skin, y)[x] && contrast_at(&calm, x, y) < contour ? 255 : 0;
    if (status == STRIAE_OK)
        status = region_keep_outer(&parts, CUT_LEAST, CUT_MOST, error);
    for (int k = 0; k < CUT_WIDTH && status == STRIAE_OK; k++)
        status = region_grow_within(&parts, skin, error);
    for (size_t i = 0; i < size && status == STRIAE_OK; i++)
        if (parts.data[i])
            skin->data[i] = 0;
    mask_free(&parts);
    features_free(&calm);
    return status;
}

static striae_status learn(const struct features *f, struct mask *skin, striae_error *error)
{
    struct chroma_model model;
    float *scratch = malloc((size_t)skin->width * (size_t)skin->height * sizeof *scratch);
    striae_status status = scratch ? start_mask(f, skin, error) : fail_memory(error);
    if (status == STRIAE_OK) {
        for (int step = 0; step < 12; step++) {
            fit_model(f, skin, &model);
            classify(f, &model, CORE_LIMIT, weave_limit(f, skin, scratch), skin);
        }
        fit_model(f, skin, &model);
        float weave = weave_limit(f, skin, scratch);
        classify(f, &model, DISTANCE_LIMIT, weave, skin);
        status = spread(f, &model, weave, skin, error);
    }
    if (status == STRIAE_OK)
        status = cut_at_contours(f, skin, error);
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
        status = region_clean(&small, HOLE_SHARE, 0.15, EDGE_SHARE * diagonal, error);
    }
    if (status == STRIAE_OK)
        status = enlarge(&small, factor, image->width, image->height, skin, error);
    features_free(&f);
    mask_free(&small);
    return status;
}
