/* What alignment looks at: two channels in optical density, at a working size. */
#ifndef STRIAE_ALIGN_CHANNEL_H
#define STRIAE_ALIGN_CHANNEL_H

#include "align/align.h"

/* In density -ln(linear), exposure and slow light gradients are added constants; in the logarithmic
 * red/green ratio even the shading of the relief cancels (diffuse light scales all channels alike),
 * and blood and pigment remain. */
struct channels {
    double scale;          /* working px per photo px, <= 1 */
    struct plane density;  /* -ln Y, Y = luminance of linear light */
    struct plane chroma;   /* ln(R/G) */
    struct plane weight;   /* 0..1: how much of the pixel is skin, not stria, not clipped */
    struct plane coverage; /* 0..1: how much of the pixel is skin, striae included */
};

/* `scale` is realised by the mean over whole blocks, then bilinearly. Where nothing is skin,
 * density and chroma carry the mean of the skin. */
striae_status channels_init(const struct align_input *input, double scale, int threads,
                            struct channels *channels, striae_error *error);
void channels_free(struct channels *channels);

/* *out = weight * (in - m)/s with m and s the weighted mean and RMS around each pixel, Gaussians of
 * sigma px and 2*sigma px: no unit, RMS 1. */
striae_status channel_normalise(const struct plane *in, const struct plane *weight, double sigma,
                                int threads, struct plane *out, striae_error *error);

/* Mirrors left to right, in place. */
void plane_mirror(struct plane *plane);

/* Working px <-> photo px for a centre-aligned scale. */
static inline double to_working(double photo, double scale)
{
    return (photo + 0.5) * scale - 0.5;
}

static inline double to_photo(double working, double scale)
{
    return (working + 0.5) / scale - 0.5;
}

#endif
