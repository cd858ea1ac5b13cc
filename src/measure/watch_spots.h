/* Spots that one of two photos shows and the other does not. Private to measure/. */
#ifndef STRIAE_MEASURE_WATCH_SPOTS_H
#define STRIAE_MEASURE_WATCH_SPOTS_H

#include "measure/watch.h"

/* Red, where melanin index is defined; and blue less green, which melanin raises, blood lowers, and
 * light and shadow leave alone. */
enum channel { RED, YELLOW, CHANNELS };

/* The spots of one scale, on the grid; NaN = not known. */
struct spots {
    struct plane first[CHANNELS], later[CHANNELS]; /* amplitude */
    struct plane noise[CHANNELS];                  /* of their difference */
    struct plane fresh[CHANNELS], gone[CHANNELS];  /* what is new, what has gone */
};

/* Spots of standard deviation sigma (cells); reach: cells by which the alignment may be off. Free
 * with spots_free on failure too; *spots must be zeroed. */
striae_status find_spots(const struct watch_grid *grid, double sigma, int reach,
                         struct spots *spots, striae_error *error);
void spots_free(struct spots *spots);

/* The quantile of what is known in the plane; NaN for nothing. */
striae_status plane_quantile(const struct plane *plane, double fraction, double *out,
                             striae_error *error);

#endif
