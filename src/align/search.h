/* Similarities proposed without features: pieces of the picture that shows less are looked for
 * everywhere in the other, at every turn and zoom. */
#ifndef STRIAE_ALIGN_SEARCH_H
#define STRIAE_ALIGN_SEARCH_H

#include "align/bands.h"
#include "align/propose.h"

/* At most `most`, best first, no two of them alike; zooms from 1/2.9 to 2.9, any turn. Costs some
 * thousands of correlations (through FFT) of coarse octaves, whatever the size of the photos: for
 * photos between which features agree on nothing. */
striae_status search_find(const struct bands *first, const struct bands *later, size_t most,
                          int threads, struct proposals *out, striae_error *error);

#endif
