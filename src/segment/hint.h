/* Where a line that another session shows is in this photo. */
#ifndef STRIAE_SEGMENT_HINT_H
#define STRIAE_SEGMENT_HINT_H

#include "base/polyline.h"
#include "segment/evidence.h"

/* The best line beside the hint (working px, about 1 px between points): per point of it an offset
 * along its normal in whole px, chosen by dynamic programming so that the sum of the evidence is
 * largest while the offset changes by at most one pixel a step. The alignment is good to a few
 * pixels; the evidence says where exactly. strength: of the evidence there. Both have hint->count
 * elements. MEMORY. */
striae_status hint_offsets(const struct evidence *evidence, const struct polyline *hint,
                           int *offset, float *strength, striae_error *error);

#endif
