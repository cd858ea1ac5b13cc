/* Hairs, which line filters chain into long dark lines. */
#ifndef STRIAE_SEGMENT_HAIR_H
#define STRIAE_SEGMENT_HAIR_H

#include "segment/channels.h"

/* Replaces what lies under hairs (thin lines darker than both sides that take all colours alike)
 * in the normalised channels (not density) by the skin beside them. MEMORY. */
striae_status hairs_remove(struct channels *channels, striae_error *error);

#endif
