/* A curve through points, in pixels. */
#ifndef STRIAE_BASE_POLYLINE_H
#define STRIAE_BASE_POLYLINE_H

#include "base/status.h"

#include <stddef.h>

struct point {
    double x, y;
};

struct polyline {
    size_t count, capacity;
    struct point *points; /* owned */
};

striae_status polyline_append(struct polyline *line, double x, double y, striae_error *error);
void polyline_free(struct polyline *line);
/* The last point first. */
void polyline_reverse(struct polyline *line);
/* Sum of the segments' lengths, in px; 0 for fewer than two points. */
double polyline_length(const struct polyline *line);
/* Direction of the line at points[i], rad, over three points to either side (fewer at the ends). */
double polyline_tangent(const struct polyline *line, size_t i);
/* *out = the line at equal steps of about `step` px (both ends kept; at least 2 points). *out must
 * be zeroed or a valid polyline; its old points are freed. */
striae_status polyline_resample(const struct polyline *line, double step, struct polyline *out,
                                striae_error *error);

#endif
