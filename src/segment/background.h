/* The skin's own slow course of light and colour, which striae stand out from. */
#ifndef STRIAE_SEGMENT_BACKGROUND_H
#define STRIAE_SEGMENT_BACKGROUND_H

#include "base/image.h"

/* *background = local linear regression of `density` on the place, over pixels with skin > 0
 * weighed by a Gaussian of standard deviation sigma px about each point (Cleveland 1979, "Robust
 * locally weighted regression", without its robust steps). Where skin ends, a local mean leans
 * towards the inside and leaves the shading of a body's contour behind as a band; a local line does
 * not. sigma > 0. Initialised here. MEMORY. */
striae_status background_fit(const struct plane *density, const struct plane *skin, double sigma,
                             int threads, struct plane *background, striae_error *error);

#endif
