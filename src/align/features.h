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

struct features {
    size_t count;
    struct feature *items; /* owned */
    int16_t *codes;        /* owned; FEATURE_CODE per item, >= 0 */
};

/* The strongest features of a normalised channel, at most `most`, spread over the picture; only
 * where weight >= 0.5. */
striae_status features_find(const struct plane *channel, const struct plane *weight, size_t most,
                            int threads, struct features *features, striae_error *error);
void features_free(struct features *features);

/* Scalar product of two codes: 0..FEATURE_UNITY^2. */
static inline int code_product(const int16_t *a, const int16_t *b)
{
    int sum = 0;
    for (int k = 0; k < FEATURE_CODE; k++)
        sum += a[k] * b[k];
    return sum;
}

#endif
