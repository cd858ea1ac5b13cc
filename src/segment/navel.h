/* The navel, whose folds and rim line filters take for striae. */
#ifndef STRIAE_SEGMENT_NAVEL_H
#define STRIAE_SEGMENT_NAVEL_H

#include "segment/channels.h"

/* Sets the normalised channels (not density) to 0, the local skin, on the one compact place of the
 * photo whose shade varies by far the most, if there is one: a navel, a lump. MEMORY. */
striae_status navel_remove(struct channels *channels, striae_error *error);

#endif
