/* Pairs of features that look alike, and the map that most of them agree on. */
#ifndef STRIAE_ALIGN_MATCH_H
#define STRIAE_ALIGN_MATCH_H

#include "align/features.h"
#include "align/lattice.h"

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

/* Nearest in looks among those that lie within `radius` px of where `map` sends the first, turned
 * and scaled as the map turns and scales. */
striae_status matches_guided(const struct features *first, const struct features *later,
                             const struct lattice *map, double radius, int threads,
                             struct matches *out, striae_error *error);
void matches_free(struct matches *matches);

#endif
