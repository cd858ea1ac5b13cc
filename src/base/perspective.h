/* A plane in the scene, in mm, as a camera with a simple lens sees it. */
#ifndef STRIAE_BASE_PERSPECTIVE_H
#define STRIAE_BASE_PERSPECTIVE_H

#include <stdbool.h>

/* Radial distortion: a point seen at radius r from the middle of the photo, r = 1 in its corner,
 * would be at r (1 + k r^2) without (Brown 1966, "Decentering distortion of lenses", first term).
 */
struct lens {
    double middle[2], corner; /* px; px from the middle to the corner */
    double k;
};
/* Where the point of the photo would be without distortion, px. */
void lens_straighten(const struct lens *lens, const double seen[2], double straight[2]);

/* The plane's mm <-> px, both in homogeneous coordinates of a lens without distortion. */
struct perspective {
    bool known; /* else nothing below is set */
    double to_px[3][3], to_mm[3][3];
    struct lens lens;
};
/* From the way to px; (x,y), mm, is a point of the plane in view: what lies across the horizon from
 * it is not. */
void perspective_init(struct perspective *perspective, const double to_px[3][3],
                      const struct lens *lens, double x, double y);
/* Where the point (mm) of the plane is in the photo. */
void perspective_px(const struct perspective *perspective, double x, double y, double px[2]);
/* What of the plane the pixel sees; false beyond its horizon. */
bool perspective_mm(const struct perspective *perspective, double u, double v, double mm[2]);
/* Its derivative {dx/du, dx/dv, dy/du, dy/dv}, mm per px. */
bool perspective_jacobian(const struct perspective *perspective, double u, double v, double j[4]);

#endif
