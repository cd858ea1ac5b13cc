/* A stack of smoothed copies of a plane, octave by octave. */
#ifndef STRIAE_ALIGN_SCALE_SPACE_H
#define STRIAE_ALIGN_SCALE_SPACE_H

#include "base/image.h"

#define SPACE_STEPS   3                 /* scales per octave at which blobs are looked for */
#define SPACE_LAYERS  (SPACE_STEPS + 3) /* smoothed planes per octave */
#define SPACE_OCTAVES 6
#define SPACE_SIGMA   1.6 /* of an octave's first layer, in that octave's px */

struct scale_space {
    int octaves;
    struct plane layer[SPACE_OCTAVES][SPACE_LAYERS]; /* octave o is reduced by 2^o */
};

/* Pixel (x,y) of octave o is pixel (x*2^o, y*2^o) of the plane. */
striae_status scale_space_init(const struct plane *plane, int threads, struct scale_space *space,
                               striae_error *error);
void scale_space_free(struct scale_space *space);

/* sigma, in the octave's px, of a (fractional) layer. */
double scale_space_sigma(double layer);

#endif
