/* Fuzz target: any bytes as a photo. Nothing may crash, leak or break the promises of io/io.h,
 * whatever the bytes are. Called by libFuzzer, or by replay.c. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/raster.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds, const char *what)
{
    if (holds)
        return;
    (void)fprintf(stderr, "broken promise: %s\n", what);
    abort();
}

static void check_failure(const struct photo *photo, const struct raster *raster,
                          const striae_error *error, striae_status status)
{
    static const struct photo no_photo;
    require(error->status == status, "the status is also in the error");
    require(strncmp(error->message, "input: ", 7) == 0 || status == STRIAE_ERROR_MEMORY,
            "a message begins with the path");
    require(memcmp(&photo->image, &no_photo.image, sizeof no_photo.image) == 0 &&
                !photo->picture.data && !raster->data && !raster->exif && !raster->icc,
            "nothing is left of a failure");
}

static void check_photo(const struct photo *photo)
{
    require(photo->image.width == photo->picture.width &&
                photo->image.height == photo->picture.height,
            "both pictures have one size");
    require(photo->info.orientation >= 1 && photo->info.orientation <= 8, "orientation is 1..8");
    require(photo->info.bits >= 1 && photo->info.bits <= 16, "bits are 1..16");
    require(photo->info.jpeg_quality >= 0 && photo->info.jpeg_quality <= 100, "quality is 0..100");
    require(strlen(photo->info.captured) == 0 || strlen(photo->info.captured) == 19,
            "a date is whole");
    require(strlen(photo->info.profile) > 0, "the colours have a name");
    require(strlen(photo->sha256) == 64, "the checksum is there");
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < photo->image.height; y++)
            for (int x = 0; x < photo->image.width; x++) {
                float v = plane_row(&photo->image.channel[c], y)[x];
                require(v >= -64 && v <= 64, "light is finite and within reason");
            }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (int lenient = 0; lenient < 2; lenient++) {
        struct source source = {"input", data, size, {1 << 16, lenient, 1}};
        struct photo photo;
        struct raster raster;
        striae_error error = {0};
        striae_status status = photo_decode(&source, &photo, &raster, &error);
        if (status == STRIAE_OK)
            status = upright(&raster, 1, &photo, &error);
        if (status == STRIAE_OK)
            check_photo(&photo);
        else
            check_failure(&photo, &raster, &error, status);
        photo_free(&photo);
    }
    return 0;
}
