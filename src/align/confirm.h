/* Takes back what grew by chance. */
#ifndef STRIAE_ALIGN_CONFIRM_H
#define STRIAE_ALIGN_CONFIRM_H

#include "align/grow.h"

/* Fields overlap, so a growth that has left the right place finds what agrees with itself: within
 * the few px that it searches, some peak always stands where the last one stood. Over a wider area
 * chance has better ones. Each placed field is held against its rivals there (patch_prominence);
 * fields that, with those around them, do not stand out are no longer placed. grown->affine and
 * ->common stay. MEMORY. */
striae_status grow_confirm(const struct patch_pair *pair, int threads, struct grown *grown,
                           striae_error *error);

#endif
