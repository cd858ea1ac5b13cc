/* Everything that one photo shows to the segmentation. */
#ifndef STRIAE_SEGMENT_LOOK_H
#define STRIAE_SEGMENT_LOOK_H

#include "segment/evidence.h"
#include "segment/segment.h"

struct look {
    struct channels channels;
    struct plane logit; /* of the network */
    struct evidence evidence;
    char model_sha256[65];
};

striae_status look_init(const struct segment_input *input, int threads, struct look *look,
                        striae_error *error);
void look_free(struct look *look);

#endif
