/* Pictures of what the segmentation sees, for people who want to know why: all at the
 * working scale, *out initialised here. MEMORY. */
#ifndef STRIAE_SEGMENT_SHOW_H
#define STRIAE_SEGMENT_SHOW_H

#include "segment/evidence.h"

/* The normalised channels as colours: density red, redness green, yellowness blue; grey = as the
 * skin around, 40 levels a standard deviation. */
striae_status show_channels(const struct channels *channels, struct rgb8 *out, striae_error *error);
/* The network's probability from black to white; blue where there is no skin. */
striae_status show_network(const struct channels *channels, const struct plane *logit,
                           struct rgb8 *out, striae_error *error);
/* The strongest line at each place, in any direction: white = 10 standard deviations. */
striae_status show_lines(const struct channels *channels, const struct evidence *evidence,
                         struct rgb8 *out, striae_error *error);

#endif
