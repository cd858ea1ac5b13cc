/* Local scale of a later photo against the first, from the smooth part of the alignment. Private to
 * measure/. */
#ifndef STRIAE_MEASURE_SCALE_H
#define STRIAE_MEASURE_SCALE_H

#include "measure/trace.h"

struct stretch {
    const struct warp *map; /* later -> first; not owned */
    float *weight;          /* per node: 0 on a stria or unknown, else 1; owned */
};

/* owner: the striae of the later photo, which get no weight. */
striae_status stretch_init(const struct warp *map, const struct labels *owner,
                           struct stretch *stretch, striae_error *error);
void stretch_free(struct stretch *stretch);

/* Derivative {du/dx, du/dy, dv/dx, dv/dy} of the smooth part of the map at (x,y): a quadratic in x
 * and y fitted to the nodes around, Gaussian weights of standard deviation reach/2 (local
 * polynomial regression, Cleveland 1979). false with too few nodes. *to is where (x,y) goes. */
bool stretch_at(const struct stretch *stretch, double x, double y, double reach, double j[4],
                double to[2]);

/* Mean area of the first photo, in its px^2, per px^2 of the later one; NaN when nothing is known.
 */
double stretch_mean(const struct stretch *stretch);

/* Where lengths of the first photo come from: one scale (unit per px), or a plane, where not NULL.
 */
struct yardstick {
    double unit;
    const struct perspective *plane;
};

/* Sets across and along of every point: first-photo px per later px, by the yardstick at the point
 * of the first photo. Lines parallel to the stria lie det(J)/|J t| apart after the map J, t its
 * direction; along it, |J t|. A point where the map is not known gets the mean scale. */
void stretch_apply(const struct stretch *stretch, const struct yardstick *yardstick,
                   struct trace *trace);
/* The same for the first photo itself. */
void yardstick_apply(const struct yardstick *yardstick, struct trace *trace);

#endif
