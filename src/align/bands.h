/* What the elastic stage compares: locally normalised channels, octave by octave. */
#ifndef STRIAE_ALIGN_BANDS_H
#define STRIAE_ALIGN_BANDS_H

#include "align/channel.h"

#include <math.h>
#include <stdbool.h>

#define BAND_LEVELS   5
#define BAND_CHANNELS 2
#define BAND_LARGEST  3.0f /* a mole or a hair must not decide alone: values beyond it are cut */

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

static inline float band_cut(float value)
{
    return value < -BAND_LARGEST ? -BAND_LARGEST : value > BAND_LARGEST ? BAND_LARGEST : value;
}

/* Bilinear, cut; 0 outside, as off skin. */
static inline float band_value(const struct plane *plane, float x, float y)
{
    if (!(x >= 0 && y >= 0 && x < (float)(plane->width - 1) && y < (float)(plane->height - 1)))
        return 0;
    int px = (int)x, py = (int)y;
    float tx = x - (float)px, ty = y - (float)py;
    const float *a = plane_row(plane, py) + px, *b = a + plane->stride;
    return band_cut((1 - ty) * (a[0] + tx * (a[1] - a[0])) + ty * (b[0] + tx * (b[1] - b[0])));
}

#endif
