/* A smooth map from the pixels of one photo to those of another, as a grid of target points. */
#ifndef STRIAE_BASE_WARP_H
#define STRIAE_BASE_WARP_H

#include "base/status.h"

#include <stdbool.h>

/* Node (i,j), i < columns, j < rows, lies at source pixel (i*step, j*step) and maps to target pixel
 * (x[j*columns+i], y[...]); error[...] is the estimated error there (one standard deviation of a
 * coordinate, target px). A node that is not known has NaN in all three. The grid covers the source
 * photo: (columns-1)*step >= source_width-1, likewise rows. */
struct warp {
    int columns, rows;
    double step; /* source px, > 0 */
    int source_width, source_height, target_width, target_height;
    float *x, *y, *error; /* owned, columns*rows each */
};

/* All nodes NaN. */
striae_status warp_init(struct warp *warp, int source_width, int source_height, int target_width,
                        int target_height, double step, striae_error *error);
void warp_free(struct warp *warp);
striae_status warp_copy(const struct warp *warp, struct warp *out, striae_error *error);

/* Where source (x,y) goes, by bicubic (Catmull-Rom) interpolation where all 16 nodes are known,
 * bilinear next to unknown ones. false, and NaN, outside the grid or where unknown. */
bool warp_point(const struct warp *warp, double x, double y, double *u, double *v);

/* The derivative at (x,y): j = {du/dx, du/dy, dv/dx, dv/dy}. false where unknown. */
bool warp_jacobian(const struct warp *warp, double x, double y, double j[4]);

/* Estimated error at (x,y), target px; NaN where unknown. */
double warp_error_at(const struct warp *warp, double x, double y);

#endif
