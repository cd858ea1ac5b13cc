/* Skin as locally normalised density channels at the working scale. */
#ifndef STRIAE_SEGMENT_CHANNELS_H
#define STRIAE_SEGMENT_CHANNELS_H

#include "base/image.h"

#define CHANNEL_COUNT 3

struct channels {
    double factor; /* photo px per working px; below 1 a small photo was enlarged */
    struct plane density[CHANNEL_COUNT]; /* mean density, ln R/G, ln G/B as they are */
    struct plane value[CHANNEL_COUNT];   /* the same, locally normalised */
    struct plane rms[CHANNEL_COUNT];     /* local RMS: value * rms = density - local mean */
    struct plane skin;                   /* 1 = skin, 0 = not */
    double dark;                         /* mean density of the skin */
};

/* Channels: mean density (shade and pigment), ln R/G (redness) and ln G/B (yellowness), each less
 * its local mean over skin and divided by its local RMS there; 0 outside skin. */
striae_status segment_channels_init(const struct image *image, const struct mask *skin, int threads,
                                    struct channels *channels, striae_error *error);
void segment_channels_free(struct channels *channels);

/* Sets the normalised channels (not density) to 0, the local skin, where the mask is not 0. */
void segment_channels_blank(struct channels *channels, const struct mask *where);

#endif
