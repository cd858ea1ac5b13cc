#include "study/overlap.h"

#include "base/status.h"

#include <math.h>
#include <stdlib.h>

double overlap_dice(const struct labels *a, const struct labels *b)
{
    if (a->width != b->width || a->height != b->height) {
        return NAN;
    }
    size_t pixels = (size_t)a->width * (size_t)a->height;
    size_t in_a = 0, in_b = 0, in_both = 0;
    for (size_t i = 0; i < pixels; i++) {
        in_a += a->data[i] != 0;
        in_b += b->data[i] != 0;
        in_both += a->data[i] != 0 && b->data[i] != 0;
    }
    return in_a + in_b == 0 ? 1 : 2 * (double)in_both / (double)(in_a + in_b);
}

/* out[i] = whether any of count values (stride apart) within OVERLAP_REACH of i is set. */
static void spread_line(const uint8_t *in, uint8_t *out, int count, size_t stride)
{
    int last = -1 - OVERLAP_REACH; /* the nearest set one at or before i + REACH */
    for (int i = -OVERLAP_REACH; i < count; i++) {
        int ahead = i + OVERLAP_REACH;
        if (ahead < count && in[(size_t)ahead * stride]) {
            last = ahead;
        }
        if (i >= 0) {
            out[(size_t)i * stride] = last >= i - OVERLAP_REACH;
        }
    }
}

/* near = where `by` is not 0, grown by OVERLAP_REACH in x and y. */
static void grow(const struct labels *by, uint8_t *scratch, uint8_t *near)
{
    size_t width = (size_t)by->width, pixels = width * (size_t)by->height;
    for (size_t i = 0; i < pixels; i++) {
        near[i] = by->data[i] != 0;
    }
    for (int y = 0; y < by->height; y++) {
        spread_line(near + (size_t)y * width, scratch + (size_t)y * width, by->width, 1);
    }
    for (int x = 0; x < by->width; x++) {
        spread_line(scratch + x, near + x, by->height, width);
    }
}

striae_status overlap_covered(const struct labels *objects, const struct labels *by,
                              struct overlap *overlap, striae_error *error)
{
    *overlap = (struct overlap){0};
    if (objects->width != by->width || objects->height != by->height) {
        return fail_with(error, STRIAE_ERROR_ARGUMENT,
                         "the pictures to score differ in size: %d x %d and %d x %d",
                         objects->width, objects->height, by->width, by->height);
    }
    size_t pixels = (size_t)objects->width * (size_t)objects->height;
    uint8_t *near = malloc(pixels), *scratch = malloc(pixels);
    size_t *all = calloc(2 * OVERLAP_IDS, sizeof *all);
    striae_status status = near && scratch && all ? STRIAE_OK : fail_memory(error);
    if (status == STRIAE_OK) {
        grow(by, scratch, near);
        size_t *inside = all + OVERLAP_IDS;
        for (size_t i = 0; i < pixels; i++) {
            all[objects->data[i]]++;
            inside[objects->data[i]] += near[i];
        }
        for (size_t id = 1; id < OVERLAP_IDS; id++) {
            overlap->has[id] = all[id] > 0;
            overlap->is_covered[id] = all[id] > 0 && 2 * inside[id] >= all[id];
            overlap->count += overlap->has[id];
            overlap->covered += overlap->is_covered[id];
        }
    }
    free(near);
    free(scratch);
    free(all);
    return status;
}
