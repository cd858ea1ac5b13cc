/* How the two pictures, laid over each other by a map, say that the map should move. */
#ifndef STRIAE_ALIGN_EVIDENCE_H
#define STRIAE_ALIGN_EVIDENCE_H

#include "align/bands.h"
#include "align/lattice.h"

/* Sums over the pixels around a node of the lattice, each weighted by the node's tent function and
 * a robust weight; f = first, g = later laid over it, r = g - f, m = mean of both gradients. */
enum evidence_sum {
    SUM_XX, /* m_x m_x; in 1/px^2 of the level */
    SUM_XY,
    SUM_YY,
    SUM_XR, /* m_x r */
    SUM_YR,
    SUM_RR,
    SUM_FF,
    SUM_GG,
    SUM_FG,
    SUM_1, /* weight alone, px */
    SUM_COUNT
};

/* out[((channel*rows+j)*columns+i)*SUM_COUNT + k], columns and rows those of the map, of all
 * BAND_CHANNELS; zero-filled here, and zero for a channel that the level lacks. */
striae_status evidence_gather(const struct bands *first, const struct bands *later, int level,
                              const struct lattice *map, int threads, double *out,
                              striae_error *error);

#endif
