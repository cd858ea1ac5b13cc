/* Contrasts of lines, and how strong they are. */
#ifndef STRIAE_SEGMENT_STRENGTH_H
#define STRIAE_SEGMENT_STRENGTH_H

#include "segment/enlarge.h"
#include "segment/hue_table.h"
#include "segment/oriented.h"

/* What the lines of a scale are judged by. */
struct yardstick {
    const struct channels *channels;
    struct hue_table hues; /* 1, or what is left of a line that is not coloured like a stria */
    struct grid grid;
    struct enlarger enlarger; /* of the grid */
    double inverse[6];        /* of the covariance of contrasts (spread.h) */
};

/* Keeps in strength and support of the direction, and in their scales, what is larger there. False
 * without memory. */
bool strength_add(const struct yardstick *yardstick, int direction, struct evidence *evidence);

#endif
