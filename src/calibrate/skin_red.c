/* Red striae and flushed places belong to the skin around them. */
#include "calibrate/skin_parts.h"

#include "calibrate/region.h"

#include <stdlib.h>

/* More blood takes green most, then blue, and hardly any red. Fresh striae of rendered skin of all
 * types against the skin, 5th to 95th percentile: ln R/G +0.02 to +0.48, ln G/B -0.30 to +0.0. */
#define LEAST_RED  0.05f
#define MOST_RED   0.7f
#define BLUER      (-0.9f) /* ln G/B over ln R/G, at least, and */
#define YELLOWER   0.1f    /* at most */
#define SLACK      0.05f   /* of ln G/B */
#define SURROUNDED 0.5     /* of its outline is against skin; the photo's border is not */
#define MOST_SHARE 0.25    /* of the skin: more would be skin's own colour */
#define RIM        3       /* working px of mixed colour, or taken for a contour, around it */

/* Whether a pixel is skin with more blood than the population has. */
static bool bloody(const struct skin_features *f, const struct skin_model *m, int x, int y)
{
    float red = plane_row(&f->u, y)[x] - (float)m->mean[0];
    float blue = plane_row(&f->v, y)[x] - (float)m->mean[1];
    return red > LEAST_RED && red < MOST_RED && blue > BLUER * red - SLACK &&
           blue < YELLOWER * red + SLACK && skin_lit(f, x, y) &&
           plane_row(&f->weave, y)[x] <= m->weave;
}

/* Of each part the sides of pixels that are its outline, and those of them against skin; arrays of
 * parts->count + 1. */
static void measure_outlines(const struct region_parts *parts, const struct mask *skin,
                             int *outline, int *against)
{
    int width = skin->width, height = skin->height;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            int part = parts->part[y * width + x];
            for (int k = 0; k < 4 && part; k++) {
                int nx = x + (k == 0) - (k == 1), ny = y + (k == 2) - (k == 3);
                bool inside = nx >= 0 && ny >= 0 && nx < width && ny < height;
                if (inside && parts->part[ny * width + nx] == part)
                    continue;
                outline[part]++;
                against[part] += inside && mask_row(skin, ny)[nx];
            }
        }
}

striae_status skin_add_red(const struct skin_features *f, const struct skin_model *model,
                           struct mask *skin, striae_error *error)
{
    struct mask red = {0}, rest = {0};
    struct region_parts parts = {0};
    int *outline = NULL, *against = NULL, total = 0;
    striae_status status = mask_init(&red, skin->width, skin->height, error);
    if (status == STRIAE_OK)
        status = mask_init(&rest, skin->width, skin->height, error);
    for (int y = 0; y < skin->height && status == STRIAE_OK; y++)
        for (int x = 0; x < skin->width; x++) {
            bool is_skin = mask_row(skin, y)[x] != 0;
            total += is_skin;
            mask_row(&rest, y)[x] = is_skin ? 0 : 255;
            mask_row(&red, y)[x] = !is_skin && bloody(f, model, x, y) ? 255 : 0;
        }
    for (int k = 0; k < RIM && status == STRIAE_OK; k++)
        status = region_grow_within(&red, &rest, error);
    if (status == STRIAE_OK)
        status = region_parts_find(&red, 255, &parts, error);
    if (status == STRIAE_OK) {
        outline = calloc((size_t)parts.count + 1, sizeof *outline);
        against = calloc((size_t)parts.count + 1, sizeof *against);
        status = outline && against ? STRIAE_OK : fail_memory(error);
    }
    if (status == STRIAE_OK) {
        measure_outlines(&parts, skin, outline, against);
        for (int i = 0; i < skin->width * skin->height; i++) {
            int k = parts.part[i];
            if (k && against[k] >= SURROUNDED * outline[k] && parts.size[k] < MOST_SHARE * total)
                skin->data[i] = 255;
        }
    }
    free(outline);
    free(against);
    region_parts_free(&parts);
    mask_free(&red);
    mask_free(&rest);
    return status;
}
