/* The n-th smallest of some numbers without sorting them. */
#ifndef STRIAE_BASE_SELECT_H
#define STRIAE_BASE_SELECT_H

#include <stddef.h>

/* values[n] as it would be if they were sorted, n < count. values is put in another order: what
 * comes before n is no larger, what comes after no smaller. */
double select_nth(double *values, size_t count, size_t n);

/* The median, of an even count the mean of the middle two; NaN of none. Changes the order. */
double select_median(double *values, size_t count);

#endif
