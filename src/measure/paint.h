/* Draws the measured striae into a label picture. Private to measure/. */
#ifndef STRIAE_MEASURE_PAINT_H
#define STRIAE_MEASURE_PAINT_H

#include "measure/trace.h"

/* Paints the pixels between the edges of a trace with its id, over what is there; adds to each
 * point's overlap the pixels that were painted before. */
void paint_trace(struct trace *trace, struct labels *labels);

#endif
