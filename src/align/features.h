/* Skin details that can be found again: blobs with a description of what surrounds them.
 *
 * Extrema of the difference of Gaussians over scale, described by histograms of gradient
 * directions relative to the dominant one (Lowe 2004, "Distinctive Image Features from
 * Scale-Invariant Keypoints"), compared under the Hellinger distance (Arandjelovic and Zisserman
 * 2012, "Three things everyone should know to improve object retrieval"). */
#ifndef STRIAE_ALIGN_FEATURES_H
#define STRIAE_ALIGN_FEATURES_H

#include "base/image.h"

#define FEATURE_CODE  128
#define FEATURE_UNITY 512 /* Euclidean length of a code */

struct feature {
    float x, y;     /* px of the plane */
    float scale;    /* sigma of the blob, px */
    float angle;    /* dominant gradient direction, radians, x towards y */
    float strength; /* |difference of Gaussians| at the extremum */
};

/* What a feature was found in. Light that falls otherwise on the relief changes the density and
 * leaves ln(R/G) alone; in the same light the density shows ten times the detail. */
enum feature_channel { FEATURE_DENSITY, FEATURE_CHROMA, FEATURE_CHANNELS };

struct features {
    size_t start[FEATURE_CHANNELS + 1]; /* channel c: items start[c]..start[c+1]-1 */
    size_t count;
    struct feature *items; /* owned */
    int16_t *codes;        /* owned; FEATURE_CODE per item, >= 0 */
};

/* Appends the strongest features of a normalised channel, at most `most`, spread over the picture;
 * only where weight >= 0.5. Channels come in the order of their enum; *features begins zeroed. The
 * plane is reduced by the whole factor `reduced` against the one that x, y and scale refer to. */
striae_status features_add(const struct plane *plane, const struct plane *weight, int reduced,
                           enum feature_channel channel, size_t most, int threads,
                           struct features *features, striae_error *error);
void features_free(struct features *features);

/* Of item i. */
static inline int features_channel(const struct features *features, size_t i)
{
    int channel = 0;
    while (channel + 1 < FEATURE_CHANNELS && i >= features->start[channel + 1])
        channel++;
    return channel;
}

/* Scalar product of two codes: 0..FEATURE_UNITY^2. */
static inline int code_product(const int16_t *a, const int16_t *b)
{
    int sum = 0;
    for (int k = 0; k < FEATURE_CODE; k++)
        sum += a[k] * b[k];
    return sum;
}

#endif
