/* Pictures at the size in which the report shows them. */
#ifndef STRIAE_REPORT_PICTURE_H
#define STRIAE_REPORT_PICTURE_H

#include "base/image.h"
#include "base/warp.h"

/* Factor (<= 1) that brings the longer side to at most long_side px. */
double picture_factor(int width, int height, int long_side);

/* *out = in made smaller by factor, each pixel the mean light of the area it covers. */
striae_status picture_shrink(const struct rgb8 *in, double factor, struct rgb8 *out,
                             striae_error *error);

/* *out = the later photo as it would look from the first photo's place: first's size times
 * `factor`. `later` has been shrunk by later_factor; forward maps first to later in full pixels.
 * Hatched grey where the map is not known or leads outside. */
striae_status picture_align(const struct rgb8 *later, double later_factor,
                            const struct warp *forward, double factor, struct rgb8 *out,
                            striae_error *error);

#endif
