/* Cleaning up of a mask: specks, holes, margins. */
#ifndef STRIAE_CALIBRATE_REGION_H
#define STRIAE_CALIBRATE_REGION_H

#include "base/image.h"

#include <stdbool.h>

/* Smooths the mask, keeps connected parts of at least `part_share` of the largest one, fills holes
 * smaller than `hole_share` of it, and takes `margin` px off wherever the mask has an edge inside
 * the picture (not at the picture's own border). */
striae_status region_clean(struct mask *mask, double hole_share, double part_share, double margin,
                           striae_error *error);

/* The connected parts (4-neighbours) of a mask. part[i]: number of pixel i's part from 1 on, 0 =
 * off; size[k], at_border[k] (whether it touches the picture's border) of part k <= count. */
struct region_parts {
    int *part, *size;
    bool *at_border;
    int count;
};

/* Of the pixels that are `value` (0 or 255). Freed with region_parts_free; MEMORY. */
striae_status region_parts_find(const struct mask *mask, uint8_t value, struct region_parts *parts,
                                striae_error *error);
void region_parts_free(struct region_parts *parts);
/* Size of the largest part; 0 without any. */
int region_largest(const struct region_parts *parts);

/* Adds the 4-neighbours of the mask that lie in `limit` (same size). */
striae_status region_grow_within(struct mask *mask, const struct mask *limit, striae_error *error);

#endif
