/* Which mixture of the three density channels shows a stria best. Private to measure/. */
#ifndef STRIAE_MEASURE_MIX_H
#define STRIAE_MEASURE_MIX_H

#include "measure/strip.h"

/* What one stria in one photo says about its colour. */
struct signature {
    double length;      /* rows that went in */
    double contrast[3]; /* median along the line of the density at the centre less both sides */
    double noise[3][3]; /* covariance of that difference, from places beside the stria */
};

striae_status signature_take(const struct strip *strip, double width, struct signature *signature,
                             striae_error *error);

/* Fisher's discriminant: mix = noise^-1 contrast (Fisher 1936), the covariance shrunk towards its
 * mean variance; scaled so that its absolute values add up to 1, with a positive contrast. Pooled
 * over `count` signatures (the same stria in several photos), so that each photo is measured with
 * the same mix. With nothing known it is the mean of the channels. shading: how large a change that
 * is alike in all channels may be and mean nothing, as a share of the contrast; 0: none. */
void signature_mix(const struct signature *signatures, size_t count, double shading, double mix[3]);

#endif
