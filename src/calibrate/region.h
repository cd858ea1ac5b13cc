/* Cleaning up of a mask: specks, holes, margins. */
#ifndef STRIAE_CALIBRATE_REGION_H
#define STRIAE_CALIBRATE_REGION_H

#include "base/image.h"

/* Smooths the mask, keeps connected parts of at least `part_share` of the largest one, fills holes
 * smaller than `hole_share` of it, and takes `margin` px off wherever the mask has an edge inside
 * the picture (not at the picture's own border). */
striae_status region_clean(struct mask *mask, double hole_share, double part_share, double margin,
                           striae_error *error);

/* Keeps the connected parts (4-neighbours) that touch the picture's border and have between `least`
 * and `most` times the pixels of the largest one. */
striae_status region_keep_outer(struct mask *mask, double least, double most, striae_error *error);

/* Adds the 4-neighbours of the mask that lie in `limit` (same size). */
striae_status region_grow_within(struct mask *mask, const struct mask *limit, striae_error *error);

#endif
