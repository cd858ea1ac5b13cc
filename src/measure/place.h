/* Where a stria lies, from its colour. Private to measure/. */
#ifndef STRIAE_MEASURE_PLACE_H
#define STRIAE_MEASURE_PLACE_H

#include "measure/strip.h"

/* Moves both edges of every point, the width kept, to where the strip's mix has the middle of the
 * stria; the mix should leave shading out. Raised or sunken, a stria is lit on one flank and shaded
 * on the other, which looks as if both edges had moved, in luminance; the move changes slowly along
 * the line. Weighted mean over PLACE_REACH widths around each point, each fit weighted by its own
 * variance, held to no move by the size such moves have. Points without edges are left alone. */
striae_status place_edges(const struct strip *strip, double blur, struct trace *trace,
                          striae_error *error);

#endif
