/* Similarities that pairs of like features propose, the most agreed upon first. */
#ifndef STRIAE_ALIGN_PROPOSE_H
#define STRIAE_ALIGN_PROPOSE_H

#include "align/features.h"
#include "align/grow.h"

struct proposal {
    double m[6]; /* first px -> later px, row by row */
    size_t agreed;
    struct grow_seed *seeds; /* those that agree; owned */
};

struct proposals {
    size_t count;
    struct proposal *items; /* owned */
};

/* At most `most`, no two of them alike. diagonal: of the first picture, px. */
striae_status proposals_find(const struct features *first, const struct features *later,
                             double diagonal, size_t most, int threads, struct proposals *out,
                             striae_error *error);
void proposals_free(struct proposals *proposals);

#endif
