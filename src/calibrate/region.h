/* Cleaning up of a mask: specks, holes, margins. */
#ifndef STRIAE_CALIBRATE_REGION_H
#define STRIAE_CALIBRATE_REGION_H

#include "base/image.h"

/* Smooths the mask, keeps connected parts of at least `part_share` of the largest one, fills holes
 * smaller than `hole_share` of it, and takes `margin` px off wherever the mask has an edge inside
 * the picture (not at the picture's own border). */
striae_status region_clean(struct mask *mask, double hole_share, double part_share, double margin,
                           striae_error *error);

#endif
