/* Pictures inside the program: float planes, masks, labels, and 8-bit copies for showing. */
#ifndef STRIAE_BASE_IMAGE_H
#define STRIAE_BASE_IMAGE_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

/* One channel. Rows start at multiples of 64 bytes; element (x,y) is data[y*stride + x]. */
struct plane {
    int width, height;
    size_t stride; /* in elements */
    float *data;
    void *block; /* that data lies in; owned */
};

/* Linear light, sRGB primaries, 0..1 (values outside are kept), upright. channel[0..2] = R, G, B.
 */
struct image {
    int width, height;
    struct plane channel[3];
};

/* 0 or 255 per pixel. No padding: element (x,y) is data[y*width + x]. */
struct mask {
    int width, height;
    uint8_t *data;
};

/* Id of the stria per pixel, 0 = none. No padding. */
struct labels {
    int width, height;
    uint16_t *data;
};

/* Interleaved 8-bit sRGB for showing. No padding: red of (x,y) is data[3*(y*width + x)]. */
struct rgb8 {
    int width, height;
    uint8_t *data;
};

/* All *_init set the contents to zero and leave *p zeroed on failure; width and height must be in
 * 1..65535. All *_free leave the struct zeroed and accept a zeroed one. */
striae_status plane_init(struct plane *p, int width, int height, striae_error *error);
void plane_free(struct plane *p);
/* *to = a copy of *from; initialised here. MEMORY. */
striae_status plane_copy(const struct plane *from, struct plane *to, striae_error *error);
striae_status image_init(struct image *p, int width, int height, striae_error *error);
void image_free(struct image *p);
striae_status mask_init(struct mask *p, int width, int height, striae_error *error);
void mask_free(struct mask *p);
striae_status labels_init(struct labels *p, int width, int height, striae_error *error);
void labels_free(struct labels *p);
striae_status rgb8_init(struct rgb8 *p, int width, int height, striae_error *error);
void rgb8_free(struct rgb8 *p);

/* rows * columns * size in bytes, or 0 when that overflows or is zero. */
size_t checked_bytes(size_t rows, size_t columns, size_t size);

static inline float *plane_row(const struct plane *p, int y)
{
    return p->data + (size_t)y * p->stride;
}

static inline uint8_t *mask_row(const struct mask *p, int y)
{
    return p->data + (size_t)y * (size_t)p->width;
}

#endif
