/* Finds striae in one photo. */
#ifndef STRIAE_SEGMENT_H
#define STRIAE_SEGMENT_H

#include "base/found.h"
#include "base/image.h"

struct segment_input {
    const struct image *image;
    const struct mask *skin;
    double px_per_mm; /* 0 = unknown */
    /* Centrelines seen in the other sessions, in this photo's pixels: looked for again with less
     * evidence asked for. May be NULL, 0. */
    const struct found_stria *hints;
    size_t hint_count;
};

struct segmentation {
    size_t count;
    struct found_stria *striae; /* owned */
};

/* Deterministic, the same at any number of threads. */
striae_status segment_photo(const struct segment_input *input, int threads,
                            struct segmentation *segmentation, striae_error *error);
void segmentation_free(struct segmentation *segmentation);

#endif
