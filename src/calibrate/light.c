#include "calibrate/light.h"

#include "colour/colour.h"

#include <math.h>
#include <stdlib.h>

#define BLOCKS 24 /* the photo is looked at in 24 x 24 blocks */
#define COUNT  (BLOCKS * BLOCKS)

/* Shine throws back the lamp's own white, so that the channel that skin throws back least rises
 * most: a pixel shines where its least channel is that much over its block's. */
#define SHINE_FACTOR 1.7f
#define SHINE_OFFSET 0.04f
#define VEIL         0.3  /* share of white in a block's light */
#define VEIL_BRIGHT  1.15 /* that much brighter than usual: shine adds light */

#define LIGHT_FACTOR 2.0  /* that much less or more light than usual: a stop */
#define SAME_COLOUR  0.12 /* of (ln R/G, ln G/B): skin in shade is skin yet */
#define LEAST_LIGHT  0.002
#define RED_INDEX    0.10 /* of log10(R/G), over the skin's median */

struct block {
    int left, right, top, bottom;
    size_t skin, clipped, shining;
    double light[3]; /* mean of the skin; of all where little is skin */
    bool known;      /* half of it is skin */
};

static size_t area_of(const struct block *block)
{
    return (size_t)(block->bottom - block->top) * (size_t)(block->right - block->left);
}

/* Sums of the block's pixels inside the mask, or of all for NULL; how many. */
static size_t add_up(const struct image *image, const struct mask *skin, const struct block *block,
                     double sum[3])
{
    size_t count = 0;
    for (int y = block->top; y < block->bottom; y++) {
        const float *row[3];
        for (int c = 0; c < 3; c++)
            row[c] = plane_row(&image->channel[c], y);
        const uint8_t *inside = skin ? mask_row(skin, y) : NULL;
        for (int x = block->left; x < block->right; x++) {
            if (inside && !inside[x])
                continue;
            for (int c = 0; c < 3; c++)
                sum[c] += (double)row[c][x];
            count++;
        }
    }
    return count;
}

static void count_spoilt(const struct image *image, const struct mask *skin, struct block *block)
{
    double usual = fmin(block->light[0], fmin(block->light[1], block->light[2]));
    float limit = SHINE_FACTOR * (float)usual + SHINE_OFFSET;
    for (int y = block->top; y < block->bottom; y++) {
        const float *r = plane_row(&image->channel[0], y);
        const float *g = plane_row(&image->channel[1], y);
        const float *b = plane_row(&image->channel[2], y);
        const uint8_t *inside = mask_row(skin, y);
        for (int x = block->left; x < block->right; x++) {
            if (!inside[x])
                continue;
            block->shining += fminf(r[x], fminf(g[x], b[x])) > limit;
            block->clipped += r[x] > 0.99f || g[x] > 0.99f || b[x] > 0.99f;
        }
    }
}

static void look_at_block(const struct image *image, const struct mask *skin, struct block *block)
{
    double sum[3] = {0};
    block->skin = add_up(image, skin, block, sum);
    block->known = block->skin * 2 > area_of(block);
    for (int c = 0; c < 3; c++)
        block->light[c] = block->skin ? sum[c] / (double)block->skin : 0;
    if (block->skin)
        count_spoilt(image, skin, block);
    if (block->known)
        return;
    double all[3] = {0}, count = (double)add_up(image, NULL, block, all);
    for (int c = 0; c < 3; c++)
        block->light[c] = all[c] / fmax(count, 1);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Median of what the known blocks have; values has room for all. */
static double usual(const struct block *blocks, int channel, double *values)
{
    size_t count = 0;
    for (int i = 0; i < COUNT; i++)
        if (blocks[i].known)
            values[count++] = blocks[i].light[channel];
    qsort(values, count, sizeof *values, by_value);
    return count ? values[count / 2] : 0;
}

static double log_ratio(const double light[3], int over, int under)
{
    return log(fmax(light[over], LEAST_LIGHT) / fmax(light[under], LEAST_LIGHT));
}

/* Blocks of the skin's colour beside skin, but in deep shade: they were left out of the skin and
 * still tell of its light. Marks them and counts them. */
static int find_shaded(const struct block *blocks, const double skin[3], bool shaded[COUNT])
{
    int count = 0, before = -1;
    for (int i = 0; i < COUNT; i++)
        shaded[i] = false;
    while (count != before) {
        before = count;
        for (int i = 0; i < COUNT; i++) {
            const double *light = blocks[i].light;
            int x = i % BLOCKS, y = i / BLOCKS;
            bool beside = (x > 0 && (blocks[i - 1].known || shaded[i - 1])) ||
                          (x + 1 < BLOCKS && (blocks[i + 1].known || shaded[i + 1])) ||
                          (y > 0 && (blocks[i - BLOCKS].known || shaded[i - BLOCKS])) ||
                          (y + 1 < BLOCKS && (blocks[i + BLOCKS].known || shaded[i + BLOCKS]));
            if (blocks[i].known || shaded[i] || !beside || light[1] * LIGHT_FACTOR > skin[1] ||
                hypot(log_ratio(light, 0, 1) - log_ratio(skin, 0, 1),
                      log_ratio(light, 1, 2) - log_ratio(skin, 1, 2)) > SAME_COLOUR)
                continue;
            shaded[i] = true;
            count++;
        }
    }
    return count;
}

/* The share of white in this light, taken as a part of the skin's own and a part of white, by
 * least squares. */
static double white_in(const double light[3], const double skin[3])
{
    double ss = 0, s = 0, sl = 0, l = 0;
    for (int c = 0; c < 3; c++) {
        ss += skin[c] * skin[c];
        s += skin[c];
        sl += skin[c] * light[c];
        l += light[c];
    }
    double det = 3 * ss - s * s;
    return det > 1e-9 && light[1] > 0 ? (ss * l - s * sl) / det / light[1] : 0;
}

static double share(double part, double all)
{
    return 100 * part / fmax(all, 1);
}

/* Contrast is taken against the skin beside each stria, so that light that falls off over the body
 * does no harm; what lies in deep shade or under a spot of light does. In the shade all is redder,
 * by light from skin to skin, and what is over-exposed is less red: neither counts for redness. */
static void judge_blocks(const struct block *blocks, struct light *light)
{
    double values[COUNT], skin[3], redness[COUNT];
    bool shaded[COUNT];
    int known = 0, lit = 0, veiled = 0, off = 0, red = 0;
    for (int c = 0; c < 3; c++)
        skin[c] = usual(blocks, c, values);
    int dark = find_shaded(blocks, skin, shaded);
    for (int i = 0; i < COUNT; i++) {
        const struct block *b = &blocks[i];
        if (!b->known)
            continue;
        bool even = b->light[1] * LIGHT_FACTOR >= skin[1] && b->light[1] <= skin[1] * LIGHT_FACTOR;
        known++;
        off += !even;
        veiled += b->light[1] > VEIL_BRIGHT * skin[1] && white_in(b->light, skin) > VEIL;
        if (even && b->clipped * 50 < b->skin)
            redness[lit++] = colour_erythema(b->light[0], b->light[1]);
    }
    qsort(redness, (size_t)lit, sizeof *redness, by_value);
    for (int i = 0; i < lit; i++)
        red += redness[i] > redness[lit / 2] + RED_INDEX;
    light->uneven_share = known > 4 ? share(off + dark, known + dark) : 0;
    light->veil_share = known > 4 ? share(veiled, known) : 0;
    light->red_share = lit > 4 ? share(red, lit) : 0;
}

void light_look(const struct image *image, const struct mask *skin, struct light *light)
{
    struct block blocks[COUNT];
    double clipped = 0, shining = 0, count = 0;
    *light = (struct light){0};
    for (int i = 0; i < COUNT; i++) {
        int bx = i % BLOCKS, by = i / BLOCKS;
        blocks[i] = (struct block){.left = bx * image->width / BLOCKS,
                                   .right = (bx + 1) * image->width / BLOCKS,
                                   .top = by * image->height / BLOCKS,
                                   .bottom = (by + 1) * image->height / BLOCKS};
        look_at_block(image, skin, &blocks[i]);
        count += (double)blocks[i].skin;
        clipped += (double)blocks[i].clipped;
        shining += (double)blocks[i].shining;
    }
    light->skin_share = share(count, (double)image->width * image->height);
    light->clipped_share = share(clipped, count);
    light->shine_share = share(shining, count);
    judge_blocks(blocks, light);
}
