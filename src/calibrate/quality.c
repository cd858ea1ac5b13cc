/* Blur and the first checks of a photo's quality. */
#include "calibrate/calibrate.h"

#include "base/filter.h"
#include "colour/colour.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define BLUR_PROBE      1.5   /* px, the known blur added to measure the photo's own */
#define BLUR_SIDE       1400  /* px, side of the central part that is looked at */
#define BLUR_EDGE_SHARE 0.004 /* share of pixels taken as edges */
#define BLUR_LIMIT      2.5   /* px */
#define CLIP_LIMIT      0.5   /* % of skin */
#define UNEVEN_LIMIT    35.0  /* %, of the light's level over the skin */
#define SKIN_LIMIT      20.0  /* % of the photo */
#define SIDE_LIMIT      800   /* px, longer side */

/* ---- blur ----
 * Re-blur method (Zhuo and Sim 2011, "Defocus map estimation from a single image"): where an edge
 * of blur s is blurred again by p, its gradient falls by the factor R = sqrt(s^2+p^2)/s. Taken over
 * the strongest edges; the lower quartile, since hairs and mole borders are not ideal steps and
 * only look more blurred than the lens made them. */

struct edge {
    float strength, blur;
};

static int by_strength(const void *a, const void *b)
{
    const struct edge *x = a, *y = b;
    return (x->strength < y->strength) - (x->strength > y->strength);
}

static int by_blur(const void *a, const void *b)
{
    const struct edge *x = a, *y = b;
    return (x->blur > y->blur) - (x->blur < y->blur);
}

static float gradient(const struct plane *p, int x, int y)
{
    const float *row = plane_row(p, y);
    return hypotf(row[x + 1] - row[x - 1], plane_row(p, y + 1)[x] - plane_row(p, y - 1)[x]) / 2;
}

/* The central part of the green channel, encoded as sRGB so that noise is even. */
static striae_status central_part(const struct image *image, struct plane *out, int origin[2],
                                  striae_error *error)
{
    int width = image->width < BLUR_SIDE ? image->width : BLUR_SIDE;
    int height = image->height < BLUR_SIDE ? image->height : BLUR_SIDE;
    striae_status status = plane_init(out, width, height, error);
    origin[0] = (image->width - width) / 2;
    origin[1] = (image->height - height) / 2;
    for (int y = 0; y < height && status == STRIAE_OK; y++)
        for (int x = 0; x < width; x++)
            plane_row(out, y)[x] =
                sqrtf(fmaxf(plane_row(&image->channel[1], y + origin[1])[x + origin[0]], 0));
    return status;
}

static size_t collect_edges(const struct plane *sharp, const struct plane *soft,
                            const struct mask *skin, const int origin[2], struct edge *edges)
{
    size_t count = 0;
    for (int y = 1; y + 1 < sharp->height; y++)
        for (int x = 1; x + 1 < sharp->width; x++) {
            if (!mask_row(skin, y + origin[1])[x + origin[0]])
                continue;
            float before = gradient(sharp, x, y), after = gradient(soft, x, y);
            float ratio = before / fmaxf(after, 1e-6f);
            if (ratio < 1.02f)
                continue;
            edges[count++] = (struct edge){before, (float)(BLUR_PROBE / sqrt(ratio * ratio - 1))};
        }
    return count;
}

striae_status calibrate_blur(const struct image *image, const struct mask *skin, int threads,
                             double *blur, striae_error *error)
{
    struct plane sharp = {0}, soft = {0};
    struct edge *edges = NULL;
    int origin[2];
    striae_status status = central_part(image, &sharp, origin, error);
    if (status == STRIAE_OK)
        status = filter_gaussian(&sharp, BLUR_PROBE, threads, &soft, error);
    if (status == STRIAE_OK) {
        edges = calloc((size_t)sharp.width * (size_t)sharp.height, sizeof *edges);
        if (!edges)
            status = fail_memory(error);
    }
    if (status == STRIAE_OK) {
        size_t count = collect_edges(&sharp, &soft, skin, origin, edges);
        size_t used = (size_t)((double)count * BLUR_EDGE_SHARE);
        qsort(edges, count, sizeof *edges, by_strength);
        if (used >= 50) {
            qsort(edges, used, sizeof *edges, by_blur);
            *blur = fmin(fmax(edges[used / 4].blur, 0.3), 8);
        } else {
            *blur = 0.7; /* hardly any edge: the blur of a focused Bayer camera */
        }
    }
    free(edges);
    plane_free(&sharp);
    plane_free(&soft);
    return status;
}

/* ---- checks ---- */

struct light {
    double skin_share, clipped_share, unevenness; /* % */
};

/* Unevenness: half the range (10 % to 90 %) of the block means of luminance over the skin, relative
 * to their median. */
static void look_at_light(const struct image *image, const struct mask *skin, struct light *light)
{
    enum { BLOCKS = 24 };
    double level[BLOCKS * BLOCKS];
    int known = 0;
    size_t skin_count = 0, clipped = 0;
    for (int by = 0; by < BLOCKS; by++)
        for (int bx = 0; bx < BLOCKS; bx++) {
            double sum = 0;
            size_t count = 0;
            int top = by * image->height / BLOCKS, bottom = (by + 1) * image->height / BLOCKS;
            int left = bx * image->width / BLOCKS, right = (bx + 1) * image->width / BLOCKS;
            for (int y = top; y < bottom; y++)
                for (int x = left; x < right; x++) {
                    if (!mask_row(skin, y)[x])
                        continue;
                    float r = plane_row(&image->channel[0], y)[x];
                    float g = plane_row(&image->channel[1], y)[x];
                    float b = plane_row(&image->channel[2], y)[x];
                    count++;
                    sum += g;
                    clipped += r > 0.99f || g > 0.99f || b > 0.99f;
                }
            skin_count += count;
            if (count * 2 > (size_t)(bottom - top) * (size_t)(right - left))
                level[known++] = sum / (double)count;
        }
    for (int i = 1; i < known; i++) /* insertion sort of a few hundred numbers */
        for (int j = i; j > 0 && level[j] < level[j - 1]; j--) {
            double swap = level[j];
            level[j] = level[j - 1];
            level[j - 1] = swap;
        }
    double total = (double)image->width * image->height;
    light->skin_share = 100 * (double)skin_count / total;
    light->clipped_share = skin_count ? 100 * (double)clipped / (double)skin_count : 0;
    light->unevenness =
        known > 4 ? 50 * (level[known * 9 / 10] - level[known / 10]) / level[known / 2] : 0;
}

static striae_status check(struct qc *qc, const char *name, bool good, double value, double limit,
                           const char *good_text, const char *bad_text, striae_error *error)
{
    return qc_add(qc, name, good ? QC_PASS : QC_WARN, value, limit, good ? good_text : bad_text,
                  error);
}

striae_status calibrate_quality(const struct image *image, const struct mask *skin, double blur,
                                struct qc *qc, striae_error *error)
{
    struct light light;
    int side = image->width > image->height ? image->width : image->height;
    look_at_light(image, skin, &light);
    striae_status status =
        check(qc, "focus", blur <= BLUR_LIMIT, blur, BLUR_LIMIT, "The photo is sharp.",
              "The photo is blurred: hold the camera still, focus on the skin, retake.", error);
    if (status == STRIAE_OK)
        status = check(
            qc, "resolution", side >= SIDE_LIMIT, side, SIDE_LIMIT, "The photo has enough pixels.",
            "The photo is small: use the original file, not a thumbnail or screenshot.", error);
    if (status == STRIAE_OK)
        status = check(
            qc, "clipping", light.clipped_share <= CLIP_LIMIT, light.clipped_share, CLIP_LIMIT,
            "The skin is not over-exposed.",
            "Part of the skin is over-exposed: lower the exposure or avoid shine, retake.", error);
    if (status == STRIAE_OK)
        status =
            check(qc, "light", light.unevenness <= UNEVEN_LIMIT, light.unevenness, UNEVEN_LIMIT,
                  "The light is even.",
                  "The light is uneven over the skin: use diffuse light from the front.", error);
    if (status == STRIAE_OK)
        status =
            check(qc, "skin", light.skin_share >= SKIN_LIMIT, light.skin_share, SKIN_LIMIT,
                  "Skin fills the photo.",
                  "Little of the photo is skin: move closer so that the skin fills it.", error);
    return status;
}
