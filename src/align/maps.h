/* From the working lattice to the two maps that the rest of the program uses. */
#ifndef STRIAE_ALIGN_MAPS_H
#define STRIAE_ALIGN_MAPS_H

#include "align/channel.h"
#include "align/elastic.h"
#include "align/global.h"

struct maps_input {
    const struct align_input *first, *later;
    const struct channels *first_channels, *later_channels;
    const struct elastic *elastic;
    const struct global *global; /* its anchors and field in px of the fine picture */
};

/* Fills alignment->forward, backward, error* and overlap_percent.
 *
 * A node is known where a field of skin was placed next to it, enough of it was compared, the
 * photos correlate there and better than beside it (prominence.h), and a little around: two nodes
 * beyond, or up to six where there is skin on all sides but no evidence of its own (a wide stria,
 * shine); its error then grows with the distance. `backward` is the inverse of `forward`, node by
 * node, by Newton's method. */
striae_status maps_make(const struct maps_input *input, struct alignment *alignment,
                        striae_error *error);

#endif
