/* A coarse plane, brought to the working pixels. */
#ifndef STRIAE_SEGMENT_ENLARGE_H
#define STRIAE_SEGMENT_ENLARGE_H

#include "base/image.h"

#define ENLARGE_TAPS 6 /* places on a line that a pixel is interpolated from */

/* Where the pixels lie between the places of a grid. */
struct enlarger {
    int width, height;          /* of the grid */
    int pixels;                 /* of a row of the picture */
    double step_y;              /* px from row to row of the grid */
    int *place;                 /* per pixel of a row: the place on its left */
    float *share[ENLARGE_TAPS]; /* likewise: of the places around it */
};

/* The grid's first place lies on the first pixel, the others step_x, step_y px apart. MEMORY. */
striae_status enlarger_init(int width, int height, double step_x, double step_y, int pixels,
                            struct enlarger *enlarger, striae_error *error);
void enlarger_free(struct enlarger *enlarger);

/* One plane of the grid on its way. */
struct enlarging {
    const struct enlarger *enlarger;
    const float *in; /* row y begins at in + y * stride */
    size_t stride;
    float *edged;             /* a row of the grid with its edges repeated; owned */
    float *row[ENLARGE_TAPS]; /* rows of the grid, already as long as those of the picture */
    int next;                 /* row of the grid that comes in next */
};

/* False without memory. `in` must last as long. */
bool enlarging_init(const struct enlarger *enlarger, const float *in, size_t stride,
                    struct enlarging *enlarging);
void enlarging_free(struct enlarging *enlarging);

/* out = row y of the picture, interpolated by Lagrange's polynomials. Rows are asked for from the
 * first on. A Gaussian of sigma 1.3 places is off by less than 0.3 % of its peak. */
void enlarge_row(struct enlarging *enlarging, int y, float *out);

#endif
