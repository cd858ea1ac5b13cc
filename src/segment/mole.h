/* Moles and other compact dark spots, which line filters take for short striae. */
#ifndef STRIAE_SEGMENT_MOLE_H
#define STRIAE_SEGMENT_MOLE_H

#include "segment/channels.h"

/* Sets the normalised channels (not density) to 0, the local skin, on every compact dark spot that
 * stands alone: what goes on in any direction, as a piece of a stria or a hair does, stays. MEMORY.
 */
striae_status moles_remove(struct channels *channels, striae_error *error);

#endif
