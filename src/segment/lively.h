/* How lively skin is, place by place. */
#ifndef STRIAE_SEGMENT_LIVELY_H
#define STRIAE_SEGMENT_LIVELY_H

#include "segment/evidence.h"

/* *out, as large as the skin: how much stronger lines are at random here than in the photo's usual
 * skin, 1 and more. Of blocks of skin the weak places are compared, which striae leave between
 * them and coarse relief in grazing light does not. Initialised here. MEMORY. */
striae_status lively_measure(const struct evidence *evidence, const struct plane *skin,
                             struct plane *out, striae_error *error);

#endif
