/* Photos in, files out. */
#ifndef STRIAE_IO_H
#define STRIAE_IO_H

#include "base/image.h"
#include "base/photo_info.h"

struct io_limits {
    double max_pixels;   /* checked from the header, before anything is allocated */
    bool accept_damaged; /* decoder warnings pass */
    int threads;         /* workers that convert colours, 0 = one per processor */
};

struct photo {
    struct image image;  /* linear light, sRGB primaries, upright */
    struct rgb8 picture; /* the same as 8-bit sRGB, for overlays and reports */
    char sha256[65];     /* of the file's bytes */
    struct photo_info info;
};

/* Reads a photo; the format is sniffed from its first bytes. Colours are converted by the file's
 * profile (ICC, or the colour tags of PNG and HEIF) into linear light with sRGB primaries, values
 * outside 0..1 kept; without a profile, or with a broken one, samples are taken as sRGB, which
 * info.profile_state tells. Transparent pixels are laid over black in linear light: no light
 * came from there, and nothing of them is taken for skin. *photo is zeroed on failure. The
 * message of every failure begins with the path and says what to do. NOT_FOUND, FORMAT,
 * UNSUPPORTED, DAMAGED, TOO_LARGE, MEMORY. */
striae_status io_read_photo(const char *path, const struct io_limits *limits, struct photo *photo,
                            striae_error *error);
/* The same of a file in memory; name stands for its path in messages. */
striae_status io_decode_photo(const char *name, const void *data, size_t size,
                              const struct io_limits *limits, struct photo *photo,
                              striae_error *error);
void photo_free(struct photo *photo);

/* Whether this path is a file that looks like a photo this build reads (by content). */
bool io_is_photo(const char *path);

/* Lower-case hex sha256 of bytes. */
void io_sha256(const void *data, size_t size, char hex[65]);

/* A whole file into memory; *data is freed with free(). Limit 2 GiB. NUL-terminated beyond size. */
striae_status io_read_file(const char *path, char **data, size_t *size, striae_error *error);

/* Writes path.tmp-PID beside, syncs, renames: there is never half a file. An existing path is an
 * error (OUTPUT) unless overwrite. */
striae_status io_write_file(const char *path, const void *data, size_t size, bool overwrite,
                            striae_error *error);
/* PNG: 8-bit RGB, 8-bit grey, 16-bit grey. Same bytes for the same picture, always. */
striae_status io_write_rgb(const char *path, const struct rgb8 *picture, bool overwrite,
                           striae_error *error);
striae_status io_write_mask(const char *path, const struct mask *mask, bool overwrite,
                            striae_error *error);
striae_status io_write_labels(const char *path, const struct labels *labels, bool overwrite,
                              striae_error *error);
/* 8-bit RGB as JPEG (4:4:4 at quality > 90) in memory, *data freed with free(). */
striae_status io_encode_jpeg(const struct rgb8 *picture, int quality, unsigned char **data,
                             size_t *size, striae_error *error);
/* Reads 8- or 16-bit grey PNGs back as written by io_write_mask / io_write_labels. */
striae_status io_read_labels(const char *path, struct labels *labels, striae_error *error);

/* The region of a photo of this size that a person marked: a PNG mask of the same size (not 0 =
 * inside), or JSON: [[x, y], ...] or a list of such polygons, bare or as {"polygon": ...}, in
 * pixels of the upright photo; where an even number overlap is outside. *region is initialised
 * here: 255 inside, at least one pixel. */
striae_status io_read_region(const char *path, int width, int height, struct mask *region,
                             striae_error *error);

/* mkdir -p. OUTPUT when that fails or the path is a file. */
striae_status io_make_folder(const char *path, striae_error *error);

#endif
