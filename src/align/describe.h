/* What surrounds a blob, in numbers that turning, scaling and brightening leave alone. */
#ifndef STRIAE_ALIGN_DESCRIBE_H
#define STRIAE_ALIGN_DESCRIBE_H

#include "align/features.h"

#define DESCRIBE_ANGLES 2 /* most dominant directions kept per blob */

/* Dominant gradient directions around (x,y), strongest first: 1..DESCRIBE_ANGLES of them. sigma in
 * px of the plane, which must be smoothed to about that sigma. */
int dominant_angles(const struct plane *plane, double x, double y, double sigma,
                    double angles[DESCRIBE_ANGLES]);

/* 4 x 4 fields of 3 sigma each, 8 directions each, turned by angle; the square roots of the shares,
 * scaled to length FEATURE_UNITY. */
void describe(const struct plane *plane, double x, double y, double sigma, double angle,
              int16_t code[FEATURE_CODE]);

#endif
