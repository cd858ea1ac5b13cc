/* What of a stria is drawn: its edges and where its number goes. The same in the overlay picture
 * and in the report. */
#ifndef STRIAE_REPORT_SHAPE_H
#define STRIAE_REPORT_SHAPE_H

#include "base/result.h"

/* sRGB, told apart with any common colour blindness and on any skin, given a dark outline. */
extern const uint8_t kind_colour[3][3];
extern const uint8_t outline_colour[3], watch_colour[3];

/* The next unbroken stretch of an edge (side +1 or -1), from centreline point *at on; *at moves
 * behind it. The edge lies half_width off the centreline along its normal; points without a
 * half-width break it. run->count is 0 at the end. *run must be zeroed or a valid polyline. */
striae_status edge_next(const struct stria *stria, int side, size_t *at, struct polyline *run,
                        striae_error *error);

/* places[i] = centre of the number of striae[i], beside its line, clear of the numbers before it
 * where that can be; height = that of the digits, px. */
void number_places(const struct session *session, double height, struct point *places);

/* Drops points that lie within `tolerance` px of the line without them (Douglas and Peucker 1973).
 */
striae_status line_simplify(const struct polyline *line, double tolerance, struct polyline *out,
                            striae_error *error);

#endif
