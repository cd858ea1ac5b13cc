/* Reading a photo: decoding it, turning it upright. */
#include "io/io.h"
#include "io/profile.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LONGEST_SIDE 65535
#define SNIFFED      256 /* bytes that tell the format */

/* ---- raster --------------------------------------------------------------------------------- */

void raster_free(struct raster *raster)
{
    free(raster->data);
    free(raster->exif);
    free(raster->icc);
    *raster = (struct raster){0};
}

striae_status raster_check_size(double width, double height, const struct source *source,
                                striae_error *error)
{
    if (width > LONGEST_SIDE || height > LONGEST_SIDE)
        return fail_with(error, STRIAE_ERROR_TOO_LARGE,
                         "%s: %.0f x %.0f pixels, more than %d a side; reduce the picture",
                         source->path, width, height, LONGEST_SIDE);
    if (width * height > source->limits.max_pixels)
        return fail_with(error, STRIAE_ERROR_TOO_LARGE,
                         "%s: %.0f x %.0f pixels, more than the limit of %.0f; reduce the picture "
                         "or raise the limit",
                         source->path, width, height, source->limits.max_pixels);
    return STRIAE_OK;
}

striae_status raster_allocate(struct raster *raster, const struct source *source,
                              striae_error *error)
{
    striae_status status = raster_check_size(raster->width, raster->height, source, error);
    if (status != STRIAE_OK)
        return status;
    size_t bytes = checked_bytes((size_t)raster->height, (size_t)raster->width,
                                 (size_t)raster->channels * (size_t)raster->sample_bytes);
    raster->data = bytes ? calloc(bytes, 1) : NULL;
    return raster->data ? STRIAE_OK : fail_memory(error);
}

striae_status raster_damaged(const struct source *source, const char *found, bool readable,
                             striae_error *error)
{
    const char *advice = readable && !source->limits.accept_damaged
                             ? ", or read it as it is, at your own risk, with --accept-damaged"
                             : "";
    return fail_with(error, STRIAE_ERROR_DAMAGED,
                     "%s: the picture is damaged (%s); copy it again from the camera%s",
                     source->path, found, advice);
}

/* ---- photo ---------------------------------------------------------------------------------- */

striae_status photo_decode(const struct source *source, struct photo *photo, struct raster *raster,
                           striae_error *error)
{
    *photo = (struct photo){0};
    *raster = (struct raster){0};
    const char *name;
    raster_reader *read = format_reader(source->data, source->size, &name);
    if (!read)
        return format_not_read(source->path, source->data, source->size, error);
    striae_status status = read(source, raster, error);
    if (status != STRIAE_OK)
        return status;
    photo->info = raster->info;
    photo->info.format = name;
    int turn = raster->info.orientation; /* as the format itself has it */
    exif_read(raster->exif, raster->exif_size, &photo->info);
    photo->info.orientation = turn ? turn : photo->info.orientation ? photo->info.orientation : 1;
    if (tags_are_hdr(&raster->tags) && !raster->icc) {
        raster_free(raster);
        return fail_with(error, STRIAE_ERROR_UNSUPPORTED,
                         "%s: a photo of high dynamic range (PQ or HLG) is not read; save it as an "
                         "ordinary photo, or turn HDR off in the camera",
                         source->path);
    }
    io_sha256(source->data, source->size, photo->sha256);
    return STRIAE_OK;
}

striae_status io_read_photo(const char *path, const struct io_limits *limits, struct photo *photo,
                            striae_error *error)
{
    struct raster raster = {0};
    char *data = NULL;
    size_t size = 0;
    *photo = (struct photo){0};
    striae_status status = io_read_file(path, &data, &size, error);
    if (status != STRIAE_OK)
        return status;
    struct source source = {path, (const uint8_t *)data, size, *limits};
    status = photo_decode(&source, photo, &raster, error);
    free(data); /* before the planes are made: they need the memory */
    if (status == STRIAE_OK)
        status = upright(&raster, limits->threads, photo, error);
    if (status != STRIAE_OK)
        *photo = (struct photo){0};
    return status;
}

striae_status io_decode_photo(const char *name, const void *data, size_t size,
                              const struct io_limits *limits, struct photo *photo,
                              striae_error *error)
{
    struct raster raster = {0};
    struct source source = {name, data, size, *limits};
    striae_status status = photo_decode(&source, photo, &raster, error);
    if (status == STRIAE_OK)
        status = upright(&raster, limits->threads, photo, error);
    if (status != STRIAE_OK)
        *photo = (struct photo){0};
    return status;
}

void photo_free(struct photo *photo)
{
    image_free(&photo->image);
    rgb8_free(&photo->picture);
    *photo = (struct photo){0};
}

bool io_is_photo(const char *path)
{
    uint8_t start[SNIFFED];
    struct stat facts;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a named pipe must not block */
    if (file < 0)
        return false;
    ssize_t size = -1;
    if (fstat(file, &facts) == 0 && S_ISREG(facts.st_mode))
        size = read(file, start, sizeof start);
    close(file);
    const char *name;
    return size > 0 && format_reader(start, (size_t)size, &name);
}

striae_status io_read_labels(const char *path, struct labels *labels, striae_error *error)
{
    struct raster raster = {0};
    char *data = NULL;
    size_t size = 0;
    *labels = (struct labels){0};
    striae_status status = io_read_file(path, &data, &size, error);
    if (status != STRIAE_OK)
        return status;
    struct source source = {
        path, (const uint8_t *)data, size, {(double)LONGEST_SIDE * LONGEST_SIDE, false, 1}};
    const char *name;
    status =
        format_reader(source.data, size, &name) == png_read
            ? png_read(&source, &raster, error)
            : fail_with(error, STRIAE_ERROR_FORMAT, "%s: not a PNG; give one with labels", path);
    free(data);
    if (status == STRIAE_OK && (raster.channels != 1 || raster.info.bits < 8))
        status = fail_with(error, STRIAE_ERROR_UNSUPPORTED,
                           "%s: labels are kept as 8- or 16-bit grey PNG; give such a file", path);
    if (status == STRIAE_OK)
        status = labels_init(labels, raster.width, raster.height, error);
    size_t count = (size_t)labels->width * (size_t)labels->height;
    for (size_t i = 0; i < count; i++)
        labels->data[i] = raster.sample_bytes == 2 ? ((const uint16_t *)raster.data)[i]
                                                   : ((const uint8_t *)raster.data)[i];
    raster_free(&raster);
    return status;
}
