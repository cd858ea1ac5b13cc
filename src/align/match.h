/* Pairs of features that look alike. */
#ifndef STRIAE_ALIGN_MATCH_H
#define STRIAE_ALIGN_MATCH_H

#include "align/features.h"

struct match {
    size_t first, later; /* indices of the features */
    float ratio;         /* squared distance over that of the next best; small = distinct */
};

struct matches {
    size_t count;
    struct match *items; /* owned */
};

/* Pairs that are each other's nearest, with a squared distance under `ratio` times that of the next
 * nearest elsewhere. */
striae_status matches_find(const struct features *first, const struct features *later, double ratio,
                           int threads, struct matches *out, striae_error *error);

void matches_free(struct matches *matches);

#endif
