/* Lines up two photos of the same skin, or refuses. */
#ifndef STRIAE_ALIGN_H
#define STRIAE_ALIGN_H

#include "base/image.h"
#include "base/warp.h"

struct align_input {
    const struct image *image; /* linear light */
    const struct mask *skin;   /* only skin counts: clothes and background move on their own */
    const struct mask *striae; /* 255 = stria: no weight, since striae may fade; may be NULL */
};

struct alignment {
    bool refused;
    char reason[240]; /* when refused: why, in words for a clinician, and what to do */
    /* 95 % range of the registration error over the overlap, px of the first photo */
    double error, error_low, error_high;
    /* Of the first photo's skin, what is seen and trusted in the later one; and the other way */
    double overlap_percent, overlap_later_percent;
    struct warp forward, backward; /* first -> later and later -> first; empty when refused */
};

/* Finds where each point of the first photo's skin lies in the later one. Refusal is a result, not
 * a failure. Deterministic: no clocks, fixed seeds, the same at any number of threads. */
striae_status align_photos(const struct align_input *first, const struct align_input *later,
                           int threads, struct alignment *alignment, striae_error *error);
void alignment_free(struct alignment *alignment);

#endif
