/* How much contrast the skin's own texture shows. */
#ifndef STRIAE_SEGMENT_SPREAD_H
#define STRIAE_SEGMENT_SPREAD_H

#include "segment/oriented.h"

/* Contrast vectors of one direction, channel by channel. */
struct samples {
    size_t count;
    float *value[CHANNEL_COUNT]; /* one block; owned */
};

/* Contrasts of lines at every second place of the grid, where line and both sides are skin; skin:
 * at the grid's places. The sides are read between places (bilinear). False without memory. */
bool samples_init(const struct grid *grid, const struct plane *skin, int direction,
                  struct samples *samples);
void samples_free(struct samples *samples);

/* inverse = the inverse covariance (00 01 02 11 12 22) of the samples of all directions, striae and
 * other strong lines trimmed away (one concentration step of the minimum covariance determinant,
 * Rousseeuw and Van Driessen 1999), scaled so that the median squared distance is that of three
 * Gaussian channels. */
void spread_inverse(const struct samples samples[DIRECTION_COUNT], int threads, double inverse[6]);

/* out = the inverse of a symmetric positive definite matrix; both as 00 01 02 11 12 22. */
void spread_invert(const double m[6], double out[6]);

#endif
