/* What the elastic stage compares: locally normalised channels, octave by octave. */
#ifndef STRIAE_ALIGN_BANDS_H
#define STRIAE_ALIGN_BANDS_H

#include "align/channel.h"

#include <stdbool.h>

#define BAND_LEVELS   5
#define BAND_CHANNELS 2

/* Level k is reduced by 2^k: its pixel (x,y) is centred on ((x+0.5)*2^k-0.5, ...) of level 0. Each
 * band is high-passed over BAND_REACH px of its own level and divided by its local RMS, so that
 * every level shows its own octave of detail and light cancels. The filters are isotropic: they
 * may be applied before a rotation instead of after. */
struct bands {
    int levels;
    struct plane band[BAND_LEVELS][BAND_CHANNELS];
    struct plane weight[BAND_LEVELS]; /* 0..1 */
};

/* fine_colour: whether level 0 of the colour is made too; else it is left empty. */
striae_status bands_init(const struct channels *channels, bool fine_colour, int threads,
                         struct bands *bands, striae_error *error);
void bands_free(struct bands *bands);

#endif
