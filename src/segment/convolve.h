/* Convolution over feature maps. */
#ifndef STRIAE_SEGMENT_CONVOLVE_H
#define STRIAE_SEGMENT_CONVOLVE_H

#include "base/image.h"
#include "segment/model.h"

/* width x height places of `channels` numbers each, with a border of zeros one place wide. */
struct activations {
    int width, height, channels;
    float *data; /* owned; aligned to 64 bytes */
};

/* All zero. MEMORY. */
striae_status activations_init(struct activations *activations, int width, int height, int channels,
                               striae_error *error);
void activations_free(struct activations *activations);

/* The numbers at (x, y), -1 <= x <= width, likewise y. */
static inline float *activations_at(const struct activations *activations, int x, int y)
{
    size_t place = (size_t)(y + 1) * (size_t)(activations->width + 2) + (size_t)(x + 1);
    return activations->data + place * (size_t)activations->channels;
}

/* 3 x 3 convolution of all channels of `in`, then ReLU, into the channels offset..offset+outputs-1
 * of *out, which has the same width and height. Each output is summed in one fixed order (taps,
 * then inputs), so that threads change nothing; where the processor multiplies and adds in one
 * step, each term is rounded once instead of twice. */
void convolve(const struct convolution *convolution, const struct activations *in, int threads,
              int offset, struct activations *out);

#endif
