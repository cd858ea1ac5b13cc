#include "calibrate/region.h"

#include "base/filter.h"

#include <stdlib.h>
#include <string.h>

void region_parts_free(struct region_parts *p)
{
    free(p->part);
    free(p->size);
    free(p->at_border);
    *p = (struct region_parts){0};
}

static void flood(const struct mask *mask, uint8_t value, int start, int *stack,
                  struct region_parts *c)
{
    int width = mask->width, height = mask->height, depth = 0, id = ++c->count;
    c->size[id] = 0;
    c->at_border[id] = false;
    stack[depth++] = start;
    c->part[start] = id;
    while (depth) {
        int at = stack[--depth], x = at % width, y = at / width;
        const int next[4] = {at - 1, at + 1, at - width, at + width};
        const bool inside[4] = {x > 0, x<width - 1, y> 0, y < height - 1};
        c->size[id]++;
        for (int k = 0; k < 4; k++) {
            if (!inside[k])
                c->at_border[id] = true;
            else if (!c->part[next[k]] && mask->data[next[k]] == value) {
                c->part[next[k]] = id;
                stack[depth++] = next[k];
            }
        }
    }
}

striae_status region_parts_find(const struct mask *mask, uint8_t value, struct region_parts *parts,
                                striae_error *error)
{
    int total = mask->width * mask->height;
    size_t n = (size_t)total + 1;
    int *stack = calloc(n, sizeof *stack);
    *parts = (struct region_parts){.part = calloc(n, sizeof(int)),
                                   .size = calloc(n, sizeof(int)),
                                   .at_border = calloc(n, sizeof(bool))};
    bool enough = stack && parts->part && parts->size && parts->at_border;
    for (int i = 0; i < total && enough; i++)
        if (mask->data[i] == value && !parts->part[i])
            flood(mask, value, i, stack, parts);
    free(stack);
    if (!enough)
        region_parts_free(parts);
    return enough ? STRIAE_OK : fail_memory(error);
}

int region_largest(const struct region_parts *c)
{
    int most = 0;
    for (int k = 1; k <= c->count; k++)
        if (c->size[k] > most)
            most = c->size[k];
    return most;
}

static striae_status keep_parts(struct mask *mask, double share, striae_error *error)
{
    struct region_parts c;
    striae_status status = region_parts_find(mask, 255, &c, error);
    if (status != STRIAE_OK)
        return status;
    int limit = (int)(share * region_largest(&c));
    for (int i = 0; i < mask->width * mask->height; i++)
        if (c.part[i] && c.size[c.part[i]] < limit)
            mask->data[i] = 0;
    region_parts_free(&c);
    return STRIAE_OK;
}

static striae_status fill_holes(struct mask *mask, double share, striae_error *error)
{
    struct region_parts c;
    int on = 0;
    for (int i = 0; i < mask->width * mask->height; i++)
        on += mask->data[i] != 0;
    striae_status status = region_parts_find(mask, 0, &c, error);
    if (status != STRIAE_OK)
        return status;
    for (int i = 0; i < mask->width * mask->height; i++)
        if (c.part[i] && !c.at_border[c.part[i]] && c.size[c.part[i]] < share * on)
            mask->data[i] = 255;
    region_parts_free(&c);
    return STRIAE_OK;
}

/* Keeps what is still over `level` after smoothing with `sigma`. */
static striae_status smooth(struct mask *mask, double sigma, float level, striae_error *error)
{
    struct plane sharp = {0}, soft = {0};
    striae_status status = plane_init(&sharp, mask->width, mask->height, error);
    if (status == STRIAE_OK) {
        for (int y = 0; y < mask->height; y++)
            for (int x = 0; x < mask->width; x++)
                plane_row(&sharp, y)[x] = mask_row(mask, y)[x] ? 1.f : 0.f;
        status = filter_gaussian(&sharp, sigma, 1, &soft, error);
    }
    if (status == STRIAE_OK)
        for (int y = 0; y < mask->height; y++)
            for (int x = 0; x < mask->width; x++)
                mask_row(mask, y)[x] = plane_row(&soft, y)[x] > level ? 255 : 0;
    plane_free(&sharp);
    plane_free(&soft);
    return status;
}

striae_status region_grow_within(struct mask *mask, const struct mask *limit, striae_error *error)
{
    struct mask from = {0};
    int width = mask->width, height = mask->height;
    striae_status status = mask_init(&from, width, height, error);
    if (status != STRIAE_OK)
        return status;
    memcpy(from.data, mask->data, (size_t)width * (size_t)height);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            bool near = (x > 0 && mask_row(&from, y)[x - 1]) ||
                        (x + 1 < width && mask_row(&from, y)[x + 1]) ||
                        (y > 0 && mask_row(&from, y - 1)[x]) ||
                        (y + 1 < height && mask_row(&from, y + 1)[x]);
            if (near && mask_row(limit, y)[x])
                mask_row(mask, y)[x] = 255;
        }
    mask_free(&from);
    return STRIAE_OK;
}

striae_status region_clean(struct mask *mask, double hole_share, double part_share, double margin,
                           striae_error *error)
{
    striae_status status = smooth(mask, 1.5, 0.5f, error);
    if (status == STRIAE_OK)
        status = keep_parts(mask, part_share, error);
    if (status == STRIAE_OK)
        status = fill_holes(mask, hole_share, error);
    /* A straight edge falls to 0.9 at 1.28 sigma from it. */
    if (status == STRIAE_OK && margin > 0)
        status = smooth(mask, margin / 1.28, 0.9f, error);
    return status;
}
