/* Line filters and network together. */
#ifndef STRIAE_SEGMENT_FUSE_H
#define STRIAE_SEGMENT_FUSE_H

#include "segment/evidence.h"

/* Fills evidence->fused and fused_scale from the other parts and the network's logit. */
void fuse_evidence(const struct plane *logit, int threads, struct evidence *evidence);

#endif
