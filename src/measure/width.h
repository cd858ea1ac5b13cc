/* The width of a soft-edged bar from one profile across a stria. Private to measure/.
 *
 * Model, with Phi the normal distribution function (an edge blurred by a Gaussian is Phi):
 *   y(x) = left level + (top - left level) Phi((x-l)/s) - (top - right level) Phi((x-r)/s)
 * Each edge stands at half height between ITS side's level and the top. Fitted by
 * Levenberg-Marquardt (Marquardt 1963) with Huber weights (Huber 1964). The photo's own blur b is
 * taken off the softness: s' = sqrt(s^2 - b^2); the width is the full width at half maximum of the
 * bar with softness s', which for s' << r-l is r-l, and for a line much thinner than its softness
 * tends to 2.355 s'. */
#ifndef STRIAE_MEASURE_WIDTH_H
#define STRIAE_MEASURE_WIDTH_H

#include <stdbool.h>
#include <stddef.h>

struct bar_input {
    const double *value, *weight; /* per offset first..first+count-1; weight 0 = no sample */
    int first, count;
    double blur;      /* sigma of the photo, px */
    double guess;     /* rough width, px */
    double softness;  /* s'/width known of the stria, 0 = unknown */
    double tightness; /* standard deviation of ln softness about it */
};

struct bar {
    bool valid;
    bool seen;           /* enough samples of it and of both sides; valid implies seen */
    double left, right;  /* half-height edges after the blur is taken off, px offsets */
    double softness;     /* s', px */
    double inner;        /* share of its integral that lies between its half-maximum points */
    double height;       /* of the bar over the mean of the two levels, blur taken off */
    double level[2];     /* left, right */
    double width_error;  /* standard error of right-left, px */
    double height_error; /* standard error of height */
    double residual;     /* robust standard deviation about the fit */
};

/* Fits; false (and valid = false) when there is no bar. */
bool bar_fit(const struct bar_input *in, struct bar *bar);

/* Full width at half maximum of Phi((x+w/2)/s) - Phi((x-w/2)/s). */
double bar_fwhm(double w, double s);

#endif
