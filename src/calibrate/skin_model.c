/* The colour of skin in this photo. */
#include "calibrate/skin_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DARK_DENSITY   4.2f /* -ln linear: under 1.5 % of white is deep shade */
#define CLIPPED_LINEAR 0.985f
#define DISTANCE_LIMIT 14.0  /* squared Mahalanobis; the 99.9 % point of chi2(2) */
#define CORE_LIMIT     6.0   /* the same; what is certainly of the colour of skin, */
#define CORE_WEAVE     2.f   /* may have this much more fine contrast: striae in hard light do */
#define SPREAD_FLOOR   0.035 /* ln units; keeps an even photo's model from becoming a pinhole */
#define SPREAD_CEILING 0.16
#define WEAVE_FACTOR   4.0f /* fine contrast over the skin's median one */
#define WEAVE_FLOOR    0.05f
#define SAMPLES        9973 /* pixels; a prime, so that columns are not favoured */
#define STEPS          12   /* of concentration */
#define POPULATIONS    4    /* looked at: skin, cloth, wall, floor */
#define SKIN_U         0.5
#define SKIN_V         0.33
#define SPREAD_U       0.25
#define SPREAD_V       0.3
#define LEAST_SHARE    0.04 /* of the picture */

bool skin_lit(const struct skin_features *f, int x, int y)
{
    return plane_row(&f->shade, y)[x] < DARK_DENSITY &&
           plane_row(&f->bright, y)[x] < CLIPPED_LINEAR;
}

static double chroma_distance(const struct skin_model *m, double u, double v)
{
    double du = u - m->mean[0], dv = v - m->mean[1];
    return m->inverse[0] * du * du + 2 * m->inverse[1] * du * dv + m->inverse[2] * dv * dv;
}

/* The model of the pixels marked in `use`. */
static void fit_model(const struct skin_features *f, const struct mask *use, struct skin_model *m)
{
    double sum = 0, mean[2] = {0}, c[3] = {0};
    for (int pass = 0; pass < 2; pass++) {
        for (int y = 0; y < use->height; y++)
            for (int x = 0; x < use->width; x++) {
                if (!mask_row(use, y)[x])
                    continue;
                double weight = (double)plane_row(&f->central, y)[x];
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
    *m = (struct skin_model){{mean[0], mean[1]},
                             {c[2] / determinant, -c[1] / determinant, c[0] / determinant},
                             INFINITY};
}

static int compare_floats(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

float skin_median(float *values, size_t count)
{
    if (!count)
        return 0;
    qsort(values, count, sizeof *values, compare_floats);
    return values[count / 2];
}

/* Marks where a population is looked for next: among the lit pixels that are not taken yet, the
 * warmer ones, since neutral things (walls, linen) are the least warm under any white balance, but
 * not the very warmest (lips, moles, coloured cloth). false: too few are left. */
static bool start(const struct skin_features *f, const struct mask *taken, float *scratch,
                  struct mask *use)
{
    size_t count = 0;
    for (int y = 0; y < use->height; y++)
        for (int x = 0; x < use->width; x++)
            if (skin_lit(f, x, y) && !mask_row(taken, y)[x])
                scratch[count++] = plane_row(&f->u, y)[x] + 0.5f * plane_row(&f->v, y)[x];
    if ((double)count < LEAST_SHARE * use->width * use->height || count < 1)
        return false;
    qsort(scratch, count, sizeof *scratch, compare_floats);
    float low = scratch[count * 4 / 10], high = scratch[count * 98 / 100];
    for (int y = 0; y < use->height; y++)
        for (int x = 0; x < use->width; x++) {
            float warm = plane_row(&f->u, y)[x] + 0.5f * plane_row(&f->v, y)[x];
            bool in = skin_lit(f, x, y) && !mask_row(taken, y)[x] && warm >= low && warm <= high;
            mask_row(use, y)[x] = in ? 255 : 0;
        }
    return true;
}

static void classify(const struct skin_features *f, const struct skin_model *m, double limit,
                     struct mask *skin)
{
    for (int y = 0; y < skin->height; y++)
        for (int x = 0; x < skin->width; x++) {
            double distance = chroma_distance(m, plane_row(&f->u, y)[x], plane_row(&f->v, y)[x]);
            float most = distance < CORE_LIMIT ? CORE_WEAVE * m->weave : m->weave;
            bool woven = plane_row(&f->weave, y)[x] > most;
            mask_row(skin, y)[x] = skin_lit(f, x, y) && distance < limit && !woven ? 255 : 0;
        }
}

/* Median fine contrast of the pixels in `use`; of every few of them, for it is asked for often. */
static float median_weave(const struct skin_features *f, const struct mask *use, float *scratch)
{
    size_t count = 0;
    int step = 1 + use->width * use->height / SAMPLES;
    for (int i = 0; i < use->width * use->height; i += step)
        if (use->data[i])
            scratch[count++] = plane_row(&f->weave, i / use->width)[i % use->width];
    return skin_median(scratch, count);
}

/* Concentration steps from the pixels in `use`; leaves there those that fit. */
static void concentrate(const struct skin_features *f, float *scratch, struct mask *use,
                        struct skin_model *model)
{
    for (int step = 0; step <= STEPS; step++) {
        fit_model(f, use, model);
        model->weave = fmaxf(WEAVE_FACTOR * median_weave(f, use, scratch), WEAVE_FLOOR);
        classify(f, model, step < STEPS ? CORE_LIMIT : DISTANCE_LIMIT, use);
    }
}

/* Share of the picture, by what counts. */
static double presence(const struct skin_features *f, const struct mask *use)
{
    double sum = 0;
    for (int y = 0; y < use->height; y++)
        for (int x = 0; x < use->width; x++)
            if (mask_row(use, y)[x])
                sum += (double)plane_row(&f->central, y)[x];
    return sum;
}

static void take(const struct skin_features *f, const struct skin_model *m, const struct mask *use,
                 struct mask *taken)
{
    for (int y = 0; y < use->height; y++)
        for (int x = 0; x < use->width; x++)
            if (mask_row(use, y)[x] ||
                chroma_distance(m, plane_row(&f->u, y)[x], plane_row(&f->v, y)[x]) < DISTANCE_LIMIT)
                mask_row(taken, y)[x] = 255;
}

/* Skin of all types lies about (0.5, 0.33) in (ln R/G, ln G/B) under a neutral light; lamps,
 * cameras and editing move it by as much again as the types differ. Over 400 rendered photos, some
 * with more wall than skin, the largest population is another thing in 17, the likeliest in none.
 */
double skin_likelihood(double u, double v)
{
    double du = (u - SKIN_U) / SPREAD_U, dv = (v - SKIN_V) / SPREAD_V;
    return exp(-0.5 * (du * du + dv * dv));
}

striae_status skin_learn(const struct skin_features *f, struct skin_model *model, struct mask *skin,
                         striae_error *error)
{
    struct mask taken = {0}, use = {0};
    size_t size = (size_t)skin->width * (size_t)skin->height;
    float *scratch = malloc((size + 1) * sizeof *scratch);
    double best = 0;
    striae_status status = scratch ? STRIAE_OK : fail_memory(error);
    *model = (struct skin_model){{0, 0}, {1, 0, 1}, INFINITY};
    if (status == STRIAE_OK)
        status = mask_init(&taken, skin->width, skin->height, error);
    if (status == STRIAE_OK)
        status = mask_init(&use, skin->width, skin->height, error);
    for (int k = 0; k < POPULATIONS && status == STRIAE_OK; k++) {
        struct skin_model now;
        if (!start(f, &taken, scratch, &use))
            break;
        concentrate(f, scratch, &use, &now);
        take(f, &now, &use, &taken);
        double points = skin_likelihood(now.mean[0], now.mean[1]) * sqrt(presence(f, &use));
        if (points > best) {
            best = points;
            *model = now;
            memcpy(skin->data, use.data, size);
        }
    }
    mask_free(&taken);
    mask_free(&use);
    free(scratch);
    return status;
}
