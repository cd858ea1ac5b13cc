/* Whether a finished map is better than what lies around it. */
#ifndef STRIAE_ALIGN_PROMINENCE_H
#define STRIAE_ALIGN_PROMINENCE_H

#include "align/bands.h"
#include "align/lattice.h"

#define PROMINENCE_OCTAVES 3

/* out[octave * columns*rows + node]: around each node of the map, the mean prominence (patch.h) of
 * fields laid over each other by the map, in the octaves from 0 on; 0 where there is no skin in
 * both or no such octave. The elastic stage improves the correlation of whatever it is given, skin
 * that does not belong together as well; but it moves little, and there a better place is near. */
striae_status prominence_gather(const struct bands *first, const struct bands *later,
                                const struct lattice *map, int threads, double *out,
                                striae_error *error);

#endif
