/* Between the decoders of io/ and the one place that turns their output into a photo. */
#ifndef STRIAE_IO_RASTER_H
#define STRIAE_IO_RASTER_H

#include "base/status.h"
#include "io/io.h"

/* A file in memory; borrowed. */
struct source {
    const char *path; /* for messages only */
    const uint8_t *data;
    size_t size;
    struct io_limits limits;
};

/* A decoded picture as the file holds it: not turned upright, samples still encoded as sRGB (a
 * colour profile would be kept here and used in upright.c). Sample c of pixel (x,y) is
 * number channels*(y*width + x) + c of data. */
struct raster {
    int width, height;
    int channels;     /* 1 grey, 3 RGB, 4 RGB and alpha (not premultiplied) */
    int sample_bytes; /* 1, or 2 in the machine's byte order; full range */
    void *data;       /* owned */
    int bits;         /* per sample in the file, 1..16 */
    int jpeg_quality; /* as in struct photo */
    bool grey;        /* no colour in the file */
    uint8_t *exif;    /* the block from its "Exif\0\0" on; owned; NULL = none */
    size_t exif_size;
};

void raster_free(struct raster *raster);
/* Checks the size against 65535 and the limits, then allocates data, zeroed; width, height,
 * channels and sample_bytes must be set. */
striae_status raster_allocate(struct raster *raster, const struct source *source,
                              striae_error *error);
/* TOO_LARGE with the message when a picture of this size is not to be read. */
striae_status raster_check_size(double width, double height, const struct source *source,
                                striae_error *error);
/* DAMAGED: says what the decoder found and how to go on. readable: accept_damaged would help. */
striae_status raster_damaged(const struct source *source, const char *found, bool readable,
                             striae_error *error);

/* Sniffs the format, decodes into *raster and fills in all of *photo but the pictures. */
striae_status photo_decode(const struct source *source, struct photo *photo, struct raster *raster,
                           striae_error *error);

/* The decoders. *raster is zeroed on failure. */
striae_status jpeg_read(const struct source *source, struct raster *raster, striae_error *error);
striae_status png_read(const struct source *source, struct raster *raster, striae_error *error);

/* What the EXIF block says; damaged or absent entries leave the defaults 1, "", "". */
struct exif_facts {
    int orientation;
    char captured[24], camera[64];
};
void exif_read(const uint8_t *block, size_t size, struct exif_facts *facts);

/* Turns the raster upright and into linear light: fills image and picture of *photo, which is
 * zeroed before. The raster's data are taken over or freed. */
striae_status upright(struct raster *raster, int orientation, struct photo *photo,
                      striae_error *error);

#endif
