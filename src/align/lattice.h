/* A smooth map over the working picture of the first photo, as a grid of target points, and its
 * fit to scattered measurements. */
#ifndef STRIAE_ALIGN_LATTICE_H
#define STRIAE_ALIGN_LATTICE_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

/* Node (i,j) lies at source ((i-1)*step, (j-1)*step) working px and maps to (x,y)[j*columns+i]:
 * one column and row of nodes outside each border, so that cubic interpolation needs no special
 * case anywhere in the picture. */
struct lattice {
    int columns, rows;
    double step;
    double *x, *y; /* owned; target working px */
};

struct datum {
    double at_x, at_y; /* source px */
    double to_x, to_y; /* measured target px */
    double xx, xy, yy; /* its information matrix (inverse covariance), 1/px^2 */
};

/* target = m[0]*x + m[1]*y + m[2], m[3]*x + m[4]*y + m[5] */
striae_status lattice_init(struct lattice *lattice, int width, int height, double step,
                           const double affine[6], striae_error *error);
void lattice_free(struct lattice *lattice);
/* *out covers the same picture at another step and carries the same map. */
striae_status lattice_resample(const struct lattice *in, int width, int height, double step,
                               struct lattice *out, striae_error *error);

/* Catmull-Rom interpolation; outside the picture the nearest cell is continued. jacobian (may be
 * NULL) = {du/dx, du/dy, dv/dx, dv/dy}. */
void lattice_map(const struct lattice *lattice, double x, double y, double *u, double *v,
                 double jacobian[4]);
/* The same for the points (x0 + k*dx, y), k = 0..count-1, dx > 0. */
void lattice_map_row(const struct lattice *lattice, double y, double x0, double dx, int count,
                     float *u, float *v);

/* Least squares: sum over data of the squared error weighted by information, plus stiffness times
 * the bending energy, integral of |second derivatives|^2 (a thin plate; affine maps are free).
 * stiffness in 1/px^2 per (1/px^2 * px^2): the square of 1/(curvature * length) that is usual.
 * Starts from the lattice's present values; conjugate gradients, at most `iterations`. */
striae_status lattice_fit(struct lattice *lattice, const struct datum *data, size_t count,
                          double stiffness, int iterations, striae_error *error);

/* Smallest determinant of the map's derivative over all cells of nodes, in triangles. */
double lattice_least_jacobian(const struct lattice *lattice);

/* Smooths the map around cells whose determinant is under `least` times the map's mean one, until
 * there are none: skin does not fold. false when that is not reached. */
bool lattice_unfold(struct lattice *lattice, double least);

#endif
