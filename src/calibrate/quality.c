/* Checks of the picture: sharpness, size, exposure, light, shine, skin in view. */
#include "calibrate/calibrate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define BLUR_LIMIT   2.5  /* px */
#define MOTION_LIMIT 1.5  /* px */
#define CLIP_LIMIT   0.5  /* % of skin */
#define SHINE_LIMIT  1.0  /* % of skin */
#define UNEVEN_LIMIT 10.0 /* %, of the light's level over the skin */
#define SKIN_LIMIT   20.0 /* % of the photo */
#define SIDE_LIMIT   800  /* px, longer side */

#define BLOCKS 24 /* the photo is looked at in 24 x 24 blocks */

/* Shine throws back the lamp's own white, so that the channel that skin throws back least rises
 * most: a pixel shines where its least channel is that much over its block's. */
#define SHINE_FACTOR 1.7f
#define SHINE_OFFSET 0.04f

struct light {
    double skin_share, clipped_share, shine_share, unevenness; /* % */
};

struct block {
    int left, right, top, bottom;
    size_t skin, clipped, shining;
    double green; /* mean */
};

static void look_at_block(const struct image *image, const struct mask *skin, struct block *block)
{
    double green = 0, least = 0;
    for (int pass = 0; pass < 2; pass++) {
        float limit = block->skin ? SHINE_FACTOR * (float)(least / (double)block->skin) : 0;
        for (int y = block->top; y < block->bottom; y++) {
            const float *r = plane_row(&image->channel[0], y);
            const float *g = plane_row(&image->channel[1], y);
            const float *b = plane_row(&image->channel[2], y);
            const uint8_t *inside = mask_row(skin, y);
            for (int x = block->left; x < block->right; x++) {
                if (!inside[x])
                    continue;
                float low = fminf(r[x], fminf(g[x], b[x]));
                if (pass == 1) {
                    block->shining += low > limit + SHINE_OFFSET;
                    continue;
                }
                block->skin++;
                green += (double)g[x];
                least += (double)low;
                block->clipped += r[x] > 0.99f || g[x] > 0.99f || b[x] > 0.99f;
            }
        }
    }
    block->green = block->skin ? green / (double)block->skin : 0;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Unevenness: the spread of the block means of green over the skin, relative to their median, as a
 * standard deviation: of a normal distribution, 10 % to 90 % span 2.563 of them. */
static void look_at_light(const struct image *image, const struct mask *skin, struct light *light)
{
    double level[BLOCKS * BLOCKS];
    int known = 0;
    size_t skin_count = 0, clipped = 0, shining = 0;
    for (int i = 0; i < BLOCKS * BLOCKS; i++) {
        int bx = i % BLOCKS, by = i / BLOCKS;
        struct block block = {.left = bx * image->width / BLOCKS,
                              .right = (bx + 1) * image->width / BLOCKS,
                              .top = by * image->height / BLOCKS,
                              .bottom = (by + 1) * image->height / BLOCKS};
        size_t all = (size_t)(block.bottom - block.top) * (size_t)(block.right - block.left);
        look_at_block(image, skin, &block);
        skin_count += block.skin;
        clipped += block.clipped;
        shining += block.shining;
        if (block.skin * 2 > all)
            level[known++] = block.green;
    }
    qsort(level, (size_t)known, sizeof *level, by_value);
    double total = (double)image->width * image->height,
           per_skin = 100 / fmax((double)skin_count, 1);
    light->skin_share = 100 * (double)skin_count / total;
    light->clipped_share = per_skin * (double)clipped;
    light->shine_share = per_skin * (double)shining;
    light->unevenness =
        known > 4 ? 100 / 2.563 * (level[known * 9 / 10] - level[known / 10]) / level[known / 2]
                  : 0;
}

struct check {
    const char *name;
    double value, limit;
    bool at_least; /* the value must reach the limit; else it must not pass it */
    const char *good_text, *bad_text;
};

striae_status calibrate_quality(const struct image *image, const struct mask *skin,
                                const struct blur *blur, struct qc *qc, striae_error *error)
{
    struct light light;
    int side = image->width > image->height ? image->width : image->height;
    look_at_light(image, skin, &light);
    const struct check checks[] = {
        {"focus", blur->sigma, BLUR_LIMIT, false, "The photo is sharp.",
         "The photo is blurred: hold the camera still, focus on the skin, retake."},
        {"motion", blur->motion, MOTION_LIMIT, false, "The camera was still.",
         "The camera moved: rest it on something or use more light, retake."},
        {"resolution", side, SIDE_LIMIT, true, "The photo has enough pixels.",
         "The photo is small: use the original file, not a thumbnail or screenshot."},
        {"clipping", light.clipped_share, CLIP_LIMIT, false, "The skin is not over-exposed.",
         "Part of the skin is over-exposed: lower the exposure or avoid shine, retake."},
        {"shine", light.shine_share, SHINE_LIMIT, false, "The skin does not shine.",
         "The skin shines: dry it, move the lamp or flash to the side or soften it, retake."},
        {"light", light.unevenness, UNEVEN_LIMIT, false, "The light is even.",
         "The light is uneven over the skin: use diffuse light from the front."},
        {"skin", light.skin_share, SKIN_LIMIT, true, "Skin fills the photo.",
         "Little of the photo is skin: move closer so that the skin fills it."},
    };
    striae_status status = STRIAE_OK;
    for (size_t i = 0; i < sizeof checks / sizeof *checks && status == STRIAE_OK; i++) {
        const struct check *c = &checks[i];
        bool good = c->at_least ? c->value >= c->limit : c->value <= c->limit;
        status = qc_add(qc, c->name, good ? QC_PASS : QC_WARN, c->value, c->limit,
                        good ? c->good_text : c->bad_text, error);
    }
    return status;
}
