/* Where each pixel of a photo looks on the skin, and back: camera, body shape, elastic skin. */
#ifndef STRIAE_PHANTOM_VIEW_H
#define STRIAE_PHANTOM_VIEW_H

#include "base/polyline.h"
#include "base/random.h"

#include <stdbool.h>

#define DEFORM_WAVES 6

/* Elastic skin: the unstretched point p of the surface point q is q + linear*q + sum of waves. The
 * gradient stays below about 0.3, so that the map can be inverted by iteration. */
struct deform {
    double linear[4]; /* row by row */
    int count;
    struct {
        double kx, ky, phase; /* rad/mm, rad */
        double ax, ay;        /* mm */
    } wave[DEFORM_WAVES];
};

/* Body frame: x right, y down, z into the body; the skin touches z = 0 at the origin. The body is
 * a cylinder, so that the skin can be unrolled without stretching. */
struct view {
    int width, height;
    double focal;       /* px */
    double rotation[9]; /* body -> camera, row by row */
    double eye[3];      /* the camera's place in the body frame, mm */
    double k1, k2;      /* ideal radius = seen radius * (1 + k1 r^2 + k2 r^4), r: 1 in the corner */
    double corner;      /* seen radius of the picture's corner (tangent of the angle) */
    double curvature;   /* 1/mm, 0 = flat */
    double axis[2];     /* unit vector along the cylinder */
    double apex;        /* mm across the cylinder where it touches z = 0 */
    struct deform deform;
};

/* What a pixel sees. */
struct sight {
    double x, y;      /* unstretched skin, mm */
    double qx, qy;    /* skin surface (unrolled body), mm */
    double point[3];  /* body frame, mm */
    double normal[3]; /* out of the body, unit */
    double across[3]; /* unit vector along the surface, across the cylinder */
    double to_eye[3]; /* unit */
    double clearance; /* > 0: the body is hit; < 0: the ray passes beside it; in units that are
                         smooth in the pixel, for edges */
};

void deform_choose(struct deform *deform, double strength, struct rng *rng);
/* Sets focal, eye, rotation for a camera at distance mm over the skin point (x,y), turned by angles
 * rx, ry (tilt) and rz (in the picture plane), radians. */
void view_place(struct view *view, double px_per_mm, double distance, double x, double y, double rx,
                double ry, double rz);
void view_sight(const struct view *view, double px, double py, struct sight *sight);
/* Direction in the body frame in which the pixel looks; its depth along the optical axis is 1. */
void view_ray(const struct view *view, double px, double py, double ray[3]);
/* Where a point of the body frame, before the camera, is seen. */
struct point view_point(const struct view *view, const double body[3]);
/* Where the unstretched skin point (x,y) is seen. *facing = cosine between its normal and the line
 * of sight (negative: hidden behind the body). */
struct point view_project(const struct view *view, double x, double y, double *facing);

#endif
