/* A stria as found by segmentation, before it is measured. */
#ifndef STRIAE_BASE_FOUND_H
#define STRIAE_BASE_FOUND_H

#include "base/polyline.h"

struct found_stria {
    struct polyline centreline; /* px; points about 1 px apart; owned */
    double width;               /* px, typical full width at half maximum, a first idea */
    double probability;         /* 0..1 that a person would call it a stria */
};

#endif
