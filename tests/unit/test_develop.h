/* A picture as a photo that was read: linear light. */
#ifndef STRIAE_TEST_DEVELOP_H
#define STRIAE_TEST_DEVELOP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/image.h"
#include "colour/colour.h"

/* *image is initialised here. */
static inline void develop(const struct rgb8 *picture, struct image *image)
{
    assert_int_equal(image_init(image, picture->width, picture->height, NULL), STRIAE_OK);
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < picture->height; y++)
            for (int x = 0; x < picture->width; x++)
                plane_row(&image->channel[c], y)[x] = (float)colour_srgb_decode(
                    picture->data[3 * (y * picture->width + x) + c] / 255.0);
}

#endif
