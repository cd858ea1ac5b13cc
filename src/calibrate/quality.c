/* Checks of the picture: sharpness, size, exposure, light, shine, redness, hair, skin in view. */
#include "calibrate/hair.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define BLUR_LIMIT   2.5  /* px */
#define BLUR_FAIL    6.0  /* px: edges of striae are no longer where they were */
#define MOTION_LIMIT 1.5  /* px */
#define CLIP_LIMIT   0.5  /* % of skin */
#define CLIP_FAIL    50.0 /* % of skin */
#define SHINE_LIMIT  1.0  /* % of skin */
#define UNEVEN_LIMIT 20.0 /* % of skin, in light too far from the usual */
#define LIGHT_FACTOR 2.0  /* that much less or more light than usual: a stop */
#define RED_LIMIT    10.0 /* % of skin */
#define RED_INDEX    0.10 /* of log10(R/G), over the skin's median */
#define HAIR_LIMIT   4.0  /* % of skin */
#define SKIN_LIMIT   20.0 /* % of the photo */
#define SIDE_LIMIT   800  /* px, longer side */

#define BLOCKS 24 /* the photo is looked at in 24 x 24 blocks */

/* Shine throws back the lamp's own white, so that the channel that skin throws back least rises
 * most: a pixel shines where its least channel is that much over its block's. */
#define SHINE_FACTOR 1.7f
#define SHINE_OFFSET 0.04f

struct light {
    double skin_share, clipped_share, shine_share, uneven_share, red_share; /* % */
};

struct block {
    int left, right, top, bottom;
    size_t skin, clipped, shining;
    double green, red; /* mean */
};

static void look_at_block(const struct image *image, const struct mask *skin, struct block *block)
{
    double green = 0, red = 0, least = 0;
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
                red += (double)r[x];
                least += (double)low;
                block->clipped += r[x] > 0.99f || g[x] > 0.99f || b[x] > 0.99f;
            }
        }
    }
    block->green = block->skin ? green / (double)block->skin : 0;
    block->red = block->skin ? red / (double)block->skin : 0;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The share, %, of sorted values outside [low, high]. */
static double outside(const double *sorted, int count, double low, double high)
{
    int out = 0;
    for (int i = 0; i < count; i++)
        out += sorted[i] < low || sorted[i] > high;
    return count > 4 ? 100.0 * out / count : 0;
}

/* Contrast is taken against the skin beside each stria, so that light that falls off over the body
 * does no harm; what lies in deep shade or under a spot of light does. */
static void look_at_light(const struct image *image, const struct mask *skin, struct light *light)
{
    struct block blocks[BLOCKS * BLOCKS];
    double level[BLOCKS * BLOCKS], redness[BLOCKS * BLOCKS];
    int known = 0, lit = 0;
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
        if (block.skin * 2 > all) {
            blocks[known] = block;
            level[known++] = block.green;
        }
    }
    qsort(level, (size_t)known, sizeof *level, by_value);
    double usual = known ? level[known / 2] : 0;
    double low = usual / LIGHT_FACTOR, high = usual * LIGHT_FACTOR;
    /* In the shade all is redder, by light from skin to skin; what is over-exposed is less red. */
    for (int i = 0; i < known; i++)
        if (blocks[i].green >= low && blocks[i].green <= high &&
            blocks[i].clipped * 50 < blocks[i].skin)
            redness[lit++] = colour_erythema(blocks[i].red, blocks[i].green);
    qsort(redness, (size_t)lit, sizeof *redness, by_value);
    double total = (double)image->width * image->height,
           per_skin = 100 / fmax((double)skin_count, 1);
    light->skin_share = 100 * (double)skin_count / total;
    light->clipped_share = per_skin * (double)clipped;
    light->shine_share = per_skin * (double)shining;
    light->uneven_share = outside(level, known, low, high);
    light->red_share =
        outside(redness, lit, -INFINITY, lit ? redness[lit / 2] + RED_INDEX : INFINITY);
}

struct check {
    const char *name;
    double value, limit;
    bool at_least; /* the value must reach the limit; else it must not pass it */
    double fail;   /* beyond it what the check is about cannot be measured; 0 = there is no such */
    const char *good_text, *bad_text;
};

striae_status calibrate_quality(const struct image *image, const struct mask *skin,
                                const struct blur *blur, struct qc *qc, striae_error *error)
{
    struct light light;
    int side = image->width > image->height ? image->width : image->height;
    look_at_light(image, skin, &light);
    double hair = hair_share(image, skin);
    const struct check checks[] = {
        {"focus", blur->sigma, BLUR_LIMIT, false, BLUR_FAIL, "The photo is sharp.",
         "The photo is blurred: hold the camera still, focus on the skin, retake."},
        {"motion", blur->motion, MOTION_LIMIT, false, 0, "The camera was still.",
         "The camera moved: rest it on something or use more light, retake."},
        {"resolution", side, SIDE_LIMIT, true, 0, "The photo has enough pixels.",
         "The photo is small: use the original file, not a thumbnail or screenshot."},
        {"clipping", light.clipped_share, CLIP_LIMIT, false, CLIP_FAIL,
         "The skin is not over-exposed.",
         "Part of the skin is over-exposed: lower the exposure or avoid shine, retake."},
        {"shine", light.shine_share, SHINE_LIMIT, false, 0, "The skin does not shine.",
         "The skin shines: dry it, move the lamp or flash to the side or soften it, retake."},
        {"light", light.uneven_share, UNEVEN_LIMIT, false, 0, "The light reaches all of the skin.",
         "Part of the skin lies in deep shade or under a spot of light: use diffuse light from the "
         "front."},
        {"redness", light.red_share, RED_LIMIT, false, 0, "No patches of fresh redness.",
         "Patches of the skin are red, as after rubbing, heat or a treatment, and hide striae: "
         "wait "
         "until they fade, retake."},
        {"hair", hair, HAIR_LIMIT, false, 0, "Little hair lies over the skin.",
         "Hair lies over the skin and is easily taken for striae: comb it aside or cut it short, "
         "retake."},
        {"skin", light.skin_share, SKIN_LIMIT, true, 0, "Skin fills the photo.",
         "Little of the photo is skin: move closer so that the skin fills it."},
    };
    striae_status status = STRIAE_OK;
    for (size_t i = 0; i < sizeof checks / sizeof *checks && status == STRIAE_OK; i++) {
        const struct check *c = &checks[i];
        bool good = c->at_least ? c->value >= c->limit : c->value <= c->limit;
        bool failed = c->fail > 0 && c->value > c->fail;
        status = qc_add(qc, c->name,
                        failed ? QC_FAIL
                        : good ? QC_PASS
                               : QC_WARN,
                        c->value, c->limit, good ? c->good_text : c->bad_text, error);
    }
    return status;
}
