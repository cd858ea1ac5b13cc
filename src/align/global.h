/* The coarse map between two photos, from features that agree with one another. */
#ifndef STRIAE_ALIGN_GLOBAL_H
#define STRIAE_ALIGN_GLOBAL_H

#include "align/match.h"

struct global {
    size_t matched;  /* distinct pairs found by looks alone */
    size_t agreed;   /* of these, how many agree with the best turned, scaled, shifted copy */
    double expected; /* how many would agree with the best by chance alone */
    size_t followed; /* pairs that follow the smooth map in the end */
    double spread;   /* median distance of these from the map, working px of the later photo */
    double zoom;     /* later px per first px */
    struct lattice map;
    /* the pairs that follow the map, with their information; owned */
    struct datum *anchors;
    size_t anchor_count;
};

/* Step 1: every match proposes a similarity from its own place, scale and direction; the proposal
 * with most support wins (no random sampling: all are tried). Step 2: an affine map, then a thin
 * plate that gets softer, with ever closer and more matches, since skin moves by several
 * millimetres. map is empty when fewer than `least` agree. */
striae_status global_find(const struct features *first, const struct features *later, int width,
                          int height, size_t least, int threads, struct global *global,
                          striae_error *error);
void global_free(struct global *global);

#endif
