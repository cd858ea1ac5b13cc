/* How far two labelled pictures agree. */
#ifndef STRIAE_STUDY_OVERLAP_H
#define STRIAE_STUDY_OVERLAP_H

#include "base/image.h"

/* Dice coefficient 2 |A and B| / (|A| + |B|) of the pixels that are not 0; 1 where both are empty,
 * NaN where the sizes differ. */
double overlap_dice(const struct labels *a, const struct labels *b);

/* *count = how many ids `objects` has; *covered = how many of them have at least half of their
 * pixels within OVERLAP_REACH px (in x and in y) of a pixel of `by` that is not 0. */
#define OVERLAP_REACH 3
striae_status overlap_covered(const struct labels *objects, const struct labels *by, size_t *count,
                              size_t *covered, striae_error *error);

#endif
