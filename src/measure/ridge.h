/* Brings a centreline onto the ridge of the contrast. Private to measure/. */
#ifndef STRIAE_MEASURE_RIDGE_H
#define STRIAE_MEASURE_RIDGE_H

#include "measure/strip.h"

/* Shift along the normal, per point, that brings the centreline onto the ridge of the mixed
 * contrast; shift has trace->count elements. */
striae_status ridge_find(const struct strip *strip, const struct trace *trace, double *shift,
                         striae_error *error);

#endif
