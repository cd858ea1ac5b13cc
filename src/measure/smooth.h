/* Smoothing of a sequence by its own errors. Private to measure/. */
#ifndef STRIAE_MEASURE_SMOOTH_H
#define STRIAE_MEASURE_SMOOTH_H

#include "base/status.h"

#include <stddef.h>

/* What is smoothed: count values with their standard errors (> 0), at rising positions. */
struct sequence {
    size_t count;
    const double *position, *error;
    double *value;
};

/* Replaces the values by the most probable course of a curve whose slope wanders: over a distance
 * `reach` the curve leaves its tangent by `rough` (standard deviation). Where errors are small
 * against that, values stay; where they are large, their neighbours decide. Values far off the
 * curve count less (Huber weights). The smoothing spline as a Bayes estimate: Wahba 1978; banded
 * solution: Reinsch 1967. MEMORY. */
striae_status smooth_sequence(const struct sequence *sequence, double rough, double reach,
                              striae_error *error);

#endif
