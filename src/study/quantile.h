/* Order statistics. */
#ifndef STRIAE_STUDY_QUANTILE_H
#define STRIAE_STUDY_QUANTILE_H

#include <stddef.h>

/* Rising; no NaN among the values. */
void sort_values(double *values, size_t count);
/* The fraction-quantile (0..1) of sorted values, by linear interpolation; NaN for none. */
double quantile(const double *sorted, size_t count, double fraction);

#endif
