/* Smoothing, scaling and sampling of planes. Borders repeat the edge pixel. */
#ifndef STRIAE_BASE_FILTER_H
#define STRIAE_BASE_FILTER_H

#include "base/image.h"

/* *out = *in smoothed by a Gaussian of standard deviation sigma px (0 copies); *out is initialised
 * here. Direct convolution for sigma under 8 (cut at 4 sigma), from there on a plane reduced by a
 * whole factor, whose own smoothing is taken into account. */
striae_status filter_gaussian(const struct plane *in, double sigma, int threads, struct plane *out,
                              striae_error *error);

/* The same over the pixels where weight > 0 only: blur(in*weight)/blur(weight); where the weight's
 * blur is under 1e-3 the value is `empty`. weight: 0..1, same size. */
striae_status filter_gaussian_weighted(const struct plane *in, const struct plane *weight,
                                       double sigma, float empty, int threads, struct plane *out,
                                       striae_error *error);

/* The same where the weight's blur by this sigma is known. */
striae_status filter_gaussian_known(const struct plane *in, const struct plane *weight,
                                    const struct plane *blurred_weight, double sigma, float empty,
                                    int threads, struct plane *out, striae_error *error);

/* Nearly the same, four times as fast: averaged over 2 x 2 px, smoothed by what is missing from
 * sigma (at least 2) and enlarged. For what only has to be smooth, as a background. */
striae_status filter_background_weighted(const struct plane *in, const struct plane *weight,
                                         double sigma, float empty, int threads, struct plane *out,
                                         striae_error *error);

/* *out = *in reduced by the whole factor >= 1, each pixel the mean of its factor x factor block
 * (partial blocks at the far edges are averaged over what there is). Pixel (x,y) of *out is centred
 * on ((x+0.5)*factor-0.5, ...) of *in. */
striae_status filter_reduce(const struct plane *in, int factor, struct plane *out,
                            striae_error *error);

/* *out of the given size = *in scaled by bilinear interpolation (for enlarging; centres aligned as
 * in filter_reduce). */
striae_status filter_enlarge(const struct plane *in, int width, int height, struct plane *out,
                             striae_error *error);

/* Value of the pixel that (x,y) lies in; 0 outside the plane. */
float sample_nearest(const struct plane *in, double x, double y);
/* Value at (x,y), clamped to the plane. */
float sample_bilinear(const struct plane *in, double x, double y);
/* Catmull-Rom, clamped to the plane. */
float sample_cubic(const struct plane *in, double x, double y);
/* The same of `count` planes of one size; out has as many elements. */
void sample_cubic_each(const struct plane *in, int count, double x, double y, float *out);

#endif
