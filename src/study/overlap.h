/* How far two labelled pictures agree. */
#ifndef STRIAE_STUDY_OVERLAP_H
#define STRIAE_STUDY_OVERLAP_H

#include "base/image.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Dice coefficient 2 |A and B| / (|A| + |B|) of the pixels that are not 0; 1 where both are empty,
 * NaN where the sizes differ. */
double overlap_dice(const struct labels *a, const struct labels *b);

#define OVERLAP_REACH 3
#define OVERLAP_IDS   ((size_t)UINT16_MAX + 1)

struct overlap {
    size_t count, covered; /* how many ids there are; how many of them are covered */
    bool has[OVERLAP_IDS]; /* per id */
    bool is_covered[OVERLAP_IDS];
};

/* Which ids of `objects` have at least half of their pixels within OVERLAP_REACH px (in x and in y)
 * of a pixel of `by` that is not 0. ARGUMENT where the sizes differ, MEMORY. */
striae_status overlap_covered(const struct labels *objects, const struct labels *by,
                              struct overlap *overlap, striae_error *error);

#endif
