/* A stria as found by segmentation, before it is measured. */
#ifndef STRIAE_BASE_FOUND_H
#define STRIAE_BASE_FOUND_H

#include "base/image.h"
#include "base/polyline.h"
#include "base/warp.h"

#include <stddef.h>

struct found_stria {
    struct polyline centreline; /* px; points about 1 px apart; owned */
    double width;               /* px, typical full width at half maximum, a first idea */
    double probability;         /* 0..1 that a person would call it a stria */
};

/* What lines that were not taken for striae may add to them, each by its probability. */
struct found_doubt {
    double length, area; /* expected, px and px^2 */
    double spread;       /* standard deviation of that area, px^2 */
};

/* Discs of three quarters of the found width and 2 px more along each centreline: more than the
 * striae, for where they must carry no weight. *mask is initialised here. MEMORY. */
striae_status found_mask(const struct found_stria *striae, size_t count, int width, int height,
                         struct mask *mask, striae_error *error);

/* Appends to *to, of *to_count, the striae carried over by the warp: each unbroken stretch of two
 * points and more that the warp knows, one stria. MEMORY; what was appended before stays. */
striae_status found_carry(const struct found_stria *striae, size_t count, const struct warp *warp,
                          struct found_stria **to, size_t *to_count, striae_error *error);

#endif
