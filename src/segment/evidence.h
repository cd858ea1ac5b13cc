/* How much speaks for a line at each place, direction and width. */
#ifndef STRIAE_SEGMENT_EVIDENCE_H
#define STRIAE_SEGMENT_EVIDENCE_H

#include "segment/channels.h"

#define DIRECTION_COUNT 16 /* over 180 degrees; direction k runs along the angle k*pi/16 */
#define SCALE_COUNT     6

struct evidence {
    /* Per direction: the largest over the scales of the line's contrast in standard deviations of
     * the skin's own texture (0 where one side does not differ), and the scale it was found at. */
    struct plane strength[DIRECTION_COUNT];
    struct mask scale[DIRECTION_COUNT];
    /* The same of the network's logit: the largest of its contrast against the weaker side. */
    struct plane support[DIRECTION_COUNT];
    struct mask support_scale[DIRECTION_COUNT];
    /* Both together, and the scale of whichever says more (fuse.h): what lines are followed by. */
    struct plane fused[DIRECTION_COUNT];
    struct mask fused_scale[DIRECTION_COUNT];
    struct plane lively; /* how much stronger lines are here at random than elsewhere (lively.h) */
};

/* Sigma across the line of scale k, working px. A bar of width w answers most where sigma is about
 * 0.4 w. */
double evidence_sigma(int scale);

/* logit: of the network (net.h), as large as the channels. */
striae_status evidence_init(const struct channels *channels, const struct plane *logit, int threads,
                            struct evidence *evidence, striae_error *error);
void evidence_free(struct evidence *evidence);

/* Fused strength at (x,y) for a line along `angle` (any angle), interpolated between directions and
 * pixels; *sigma (may be NULL) = sigma of the nearest direction's scale there. */
double evidence_at(const struct evidence *evidence, double x, double y, double angle,
                   double *sigma);
/* Likewise of one of the sets of planes above. */
double evidence_part_at(const struct plane part[DIRECTION_COUNT], double x, double y, double angle);

#endif
