/* A colour chart of 24 patches (ColorChecker Classic) in a photo. Private to calibrate/.
 *
 * It is looked for by what it is: even squares in a regular grid of 6 x 4, in the order of colours
 * that is known. The same grid is sold in several sizes, so that it gives a scale only where its
 * pitch is told. */
#ifndef STRIAE_CALIBRATE_CHART_H
#define STRIAE_CALIBRATE_CHART_H

#include "calibrate/card.h"

#define CHART_COLUMNS 6
#define CHART_ROWS    4
#define CHART_PATCHES (CHART_COLUMNS * CHART_ROWS)
#define CHART_MARGIN  0.4 /* of the frame around the grid, in patches with their gap */

/* An even spot of a photo. */
struct chart_spot {
    double x, y;     /* centre, px of the photo */
    double side;     /* px, of a square of its area */
    int column, row; /* in the grid, once it is in one */
    bool used;
};

struct chart_spots {
    size_t count;
    struct chart_spot *spot; /* owned */
};

/* All even spots that may be patches, largest first. MEMORY. */
striae_status chart_find_spots(const struct image *image, struct chart_spots *spots,
                               striae_error *error);

/* The largest regular grid among the spots: sets column, row and used; how many are in it. */
size_t chart_find_grid(struct chart_spots *spots);

/* Looks for the chart: fills in the plane (in patches with their gap, from the grid's corner, not
 * in mm) and the colours of *card, which was not found. No chart is no error. MEMORY. */
striae_status chart_find(const struct image *image, struct card *card, striae_error *error);

#endif
