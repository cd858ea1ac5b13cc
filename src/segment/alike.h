/* What the colours of a photo's striae say of each of its lines. */
#ifndef STRIAE_SEGMENT_ALIKE_H
#define STRIAE_SEGMENT_ALIKE_H

#include "segment/trace.h"

/* gain: of each line of the list, log odds that it gains (< 0: loses) by its colour and strength,
 * given the lines' first probabilities (0..1). Near 0 where the photo has few sure lines to learn
 * from. MEMORY. */
striae_status alike_gain(const struct trace_list *list, const double *probability, double *gain,
                         striae_error *error);

#endif
