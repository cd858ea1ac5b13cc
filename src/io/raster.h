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

/* What a file says of its colours without an ICC profile. */
struct colour_tags {
    bool srgb;               /* they are sRGB */
    double gamma;            /* sample = light^gamma, as in PNG's gAMA; 0 = not said */
    double chromaticity[8];  /* x, y of white, red, green, blue; the first 0 = not said */
    int primaries, transfer; /* code points of ITU-T H.273; 0 = not said */
};

/* A decoded picture as the file holds it: not turned upright, samples still encoded as its profile
 * or tags say. Sample c of pixel (x,y) is number channels*(y*width + x) + c of data. */
struct raster {
    int width, height;
    int channels;     /* 1 grey, 3 RGB, 4 RGB and alpha (not premultiplied) */
    int sample_bytes; /* 1, or 2 in the machine's byte order; full range */
    void *data;       /* owned */
    uint8_t *exif;    /* the block from its "Exif\0\0" on; owned; NULL = none */
    size_t exif_size;
    uint8_t *icc; /* the ICC profile; owned; NULL = none */
    size_t icc_size;
    bool icc_broken; /* there was one, but not whole */
    struct colour_tags tags;
    struct photo_info info; /* what the decoder itself knows; the EXIF block adds to it */
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

/* Sniffs the format, decodes into *raster and fills in all of *photo but the pictures and the
 * name of the colours. */
striae_status photo_decode(const struct source *source, struct photo *photo, struct raster *raster,
                           striae_error *error);

/* ---- formats ---- */

typedef striae_status raster_reader(const struct source *source, struct raster *raster,
                                    striae_error *error);
/* How to read a file that begins so (256 bytes tell); NULL when this build does not. *name is the
 * format's, static. */
raster_reader *format_reader(const uint8_t *data, size_t size, const char **name);
/* Why it does not, and what to do about it. */
striae_status format_not_read(const char *path, const uint8_t *data, size_t size,
                              striae_error *error);
/* UNSUPPORTED: a camera raw file, and how to convert it. */
striae_status format_is_raw(const char *path, striae_error *error);

/* The decoders. *raster is zeroed on failure. */
raster_reader jpeg_read, png_read, tiff_read, heif_read;

/* Takes note of a chunk of a PNG that tells its colours or the program; others are passed over. */
void png_note_chunk(const char name[4], const uint8_t *data, size_t size, struct raster *raster);

/* ---- EXIF ---- */

/* Adds what the block says to *info; damaged or absent entries leave it as it is. */
void exif_read(const uint8_t *block, size_t size, struct photo_info *info);
/* "2026:05:01 10:00:00" to "2026-05-01T10:00:00"; false unless it is a date that exists. */
bool exif_date(const char *text, char *iso, size_t size);
/* Printable ASCII without spaces at the ends, from text that may not be terminated. */
void exif_text(const void *from, size_t length, char *text, size_t size);
/* info->camera from make and model, the make only once: many cameras repeat it in the model. */
void exif_camera(const char *make, const char *model, struct photo_info *info);

/* ---- the picture ---- */

/* Turns the raster upright and into linear light: fills image, picture and the name of the colours
 * of *photo; image and picture are zeroed before. The raster's data are taken over or freed. */
striae_status upright(struct raster *raster, int threads, struct photo *photo, striae_error *error);

#endif
