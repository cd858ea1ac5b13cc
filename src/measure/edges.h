/* Finds the edges of a stria along its whole centreline. Private to measure/. */
#ifndef STRIAE_MEASURE_EDGES_H
#define STRIAE_MEASURE_EDGES_H

#include "measure/strip.h"
#include "measure/width.h"

/* How far to each side a strip has to reach for edges_find, px. */
int edges_reach(const struct trace *trace, double blur);

/* Fits the edges at every point (valid, left, right, error, height) and
 * sets span, correlation and fitted, throws out
 * fits that do not go with their neighbours and bridges the gaps. *begin, *end: the points to keep,
 * up to where the contrast falls under half of its own further in. The first and last `extension`
 * points were added to what was found. A trace without any valid fit keeps left and right NaN. */
striae_status edges_find(const struct strip *strip, double blur, size_t extension,
                         struct trace *trace, size_t *begin, size_t *end, striae_error *error);

struct edges_row {
    size_t row;      /* of the strip */
    double span;     /* px along the line that are averaged */
    double blur;     /* sigma of the photo, px */
    double guess;    /* width, px */
    double softness; /* over the width; 0 = unknown */
};

/* Fits a bar at one row of the mixed strip. profile, weight: room for one profile each. */
bool edges_fit(const struct strip *strip, const struct edges_row *row, double *profile,
               double *weight, struct bar *bar);

#endif
