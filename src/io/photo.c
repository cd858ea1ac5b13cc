/* Reading a photo: which format it is, decoding it, turning it upright. */
#include "io/io.h"
#include "io/raster.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LONGEST_SIDE 65535
#define SNIFFED      256 /* bytes that tell the format */

/* ---- formats -------------------------------------------------------------------------------- */

static bool has(const uint8_t *data, size_t size, size_t at, const char *bytes, size_t count)
{
    return size >= at + count && memcmp(data + at, bytes, count) == 0;
}

static bool is_jpeg(const uint8_t *d, size_t n)
{
    return has(d, n, 0, "\xff\xd8\xff", 3);
}

static bool is_png(const uint8_t *d, size_t n)
{
    return has(d, n, 0, "\x89PNG", 4); /* the rest is libpng's to check: broken line ends, ... */
}

static bool is_brand(const uint8_t *d, size_t n, const char *const *brands)
{
    for (; has(d, n, 4, "ftyp", 4) && *brands; brands++)
        if (has(d, n, 8, *brands, 4))
            return true;
    return false;
}

static bool is_heic(const uint8_t *d, size_t n)
{
    static const char *const brands[] = {"heic", "heix", "heim", "heis", "hevc",
                                         "hevx", "mif1", "msf1", NULL};
    return is_brand(d, n, brands);
}

static bool is_avif(const uint8_t *d, size_t n)
{
    static const char *const brands[] = {"avif", "avis", NULL};
    return is_brand(d, n, brands);
}

static bool is_raw(const uint8_t *d, size_t n)
{
    static const char *const brands[] = {"crx ", NULL};
    return is_brand(d, n, brands) || has(d, n, 0, "FUJIFILMCCD-RAW", 15) ||
           has(d, n, 0, "IIRO", 4) || has(d, n, 0, "IIRS", 4) || has(d, n, 0, "IIU\0", 4) ||
           (has(d, n, 0, "II*\0", 4) && has(d, n, 8, "CR", 2));
}

static bool is_tiff(const uint8_t *d, size_t n)
{
    return has(d, n, 0, "II*\0", 4) || has(d, n, 0, "MM\0*", 4) || has(d, n, 0, "II+\0", 4) ||
           has(d, n, 0, "MM\0+", 4);
}

static bool is_dicom(const uint8_t *d, size_t n)
{
    return has(d, n, 128, "DICM", 4);
}

static bool is_gif(const uint8_t *d, size_t n)
{
    return has(d, n, 0, "GIF87a", 6) || has(d, n, 0, "GIF89a", 6);
}

static bool is_webp(const uint8_t *d, size_t n)
{
    return has(d, n, 0, "RIFF", 4) && has(d, n, 8, "WEBP", 4);
}

static bool is_bmp(const uint8_t *d, size_t n)
{
    return has(d, n, 0, "BM", 2) && has(d, n, 6, "\0\0\0\0", 4);
}

static bool is_jpeg2000(const uint8_t *d, size_t n)
{
    return has(d, n, 0, "\0\0\0\x0cjP  ", 8) || has(d, n, 0, "\xff\x4f\xff\x51", 4);
}

static bool is_jpegxl(const uint8_t *d, size_t n)
{
    return has(d, n, 0, "\xff\x0a", 2) || has(d, n, 0, "\0\0\0\x0cJXL ", 8);
}

static bool is_photoshop(const uint8_t *d, size_t n)
{
    return has(d, n, 0, "8BPS", 4);
}

static bool is_pdf(const uint8_t *d, size_t n)
{
    return has(d, n, 0, "%PDF-", 5);
}

static bool is_video(const uint8_t *d, size_t n)
{
    return has(d, n, 4, "ftyp", 4) || has(d, n, 4, "moov", 4) || has(d, n, 4, "mdat", 4);
}

typedef striae_status reader(const struct source *, struct raster *, striae_error *);

struct format {
    const char *name; /* as in struct photo; for the others, in words */
    bool (*detect)(const uint8_t *data, size_t size);
    reader *read;         /* NULL: not read by this build */
    const char *advice;   /* then: what to do */
    striae_status status; /* and the status */
};

#define CONVERT "convert it to JPEG or PNG, for example with: magick FILE photo.png"

/* The first that detects its file wins. */
static const struct format formats[] = {
    {"jpeg", is_jpeg, jpeg_read, NULL, STRIAE_OK},
    {"png", is_png, png_read, NULL, STRIAE_OK},
    {"a HEIC photo", is_heic, NULL,
     "convert it with: heif-convert -q 95 FILE photo.jpg (or set the phone to take JPEG: on an "
     "iPhone, Settings, Camera, Formats, Most Compatible)",
     STRIAE_ERROR_UNSUPPORTED},
    {"an AVIF picture", is_avif, NULL, CONVERT, STRIAE_ERROR_UNSUPPORTED},
    {"a camera raw file", is_raw, NULL,
     "develop it to 16-bit PNG or JPEG with the camera's program, with the same settings for every "
     "session",
     STRIAE_ERROR_UNSUPPORTED},
    {"a TIFF picture or camera raw file", is_tiff, NULL,
     "convert it to PNG, which keeps 16 bits, for example with: magick FILE photo.png",
     STRIAE_ERROR_UNSUPPORTED},
    {"a DICOM file", is_dicom, NULL, "convert it to PNG with: dcm2img FILE photo.png",
     STRIAE_ERROR_UNSUPPORTED},
    {"a GIF picture", is_gif, NULL,
     "its 256 colours are too few to measure by; go back to the original photo",
     STRIAE_ERROR_UNSUPPORTED},
    {"a WebP picture", is_webp, NULL, CONVERT, STRIAE_ERROR_UNSUPPORTED},
    {"a BMP picture", is_bmp, NULL, CONVERT, STRIAE_ERROR_UNSUPPORTED},
    {"a JPEG 2000 picture", is_jpeg2000, NULL, CONVERT, STRIAE_ERROR_UNSUPPORTED},
    {"a JPEG XL picture", is_jpegxl, NULL, CONVERT, STRIAE_ERROR_UNSUPPORTED},
    {"a Photoshop document", is_photoshop, NULL, "export it as PNG", STRIAE_ERROR_UNSUPPORTED},
    {"a PDF document", is_pdf, NULL,
     "take the photos out of it with: pdfimages -all FILE photo (or use the original photos)",
     STRIAE_ERROR_FORMAT},
    {"a video", is_video, NULL, "take a photo, or export a single frame as PNG",
     STRIAE_ERROR_FORMAT},
};

static const struct format *format_of(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (formats[i].detect(data, size))
            return &formats[i];
    return NULL;
}

static striae_status not_read(const char *path, const struct format *format, size_t size,
                              striae_error *error)
{
    if (size == 0)
        return fail_with(error, STRIAE_ERROR_FORMAT,
                         "%s: the file is empty; copy it again from the camera or phone", path);
    if (!format)
        return fail_with(error, STRIAE_ERROR_FORMAT,
                         "%s: not a picture that is read here; give a JPEG or PNG photo", path);
    return fail_with(error, format->status, "%s: %s is not read by this build; %s", path,
                     format->name, format->advice);
}

/* ---- raster --------------------------------------------------------------------------------- */

void raster_free(struct raster *raster)
{
    free(raster->data);
    free(raster->exif);
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
    const struct format *format = format_of(source->data, source->size);
    if (!format || !format->read)
        return not_read(source->path, format, source->size, error);
    striae_status status = format->read(source, raster, error);
    if (status != STRIAE_OK)
        return status;
    struct exif_facts facts;
    exif_read(raster->exif, raster->exif_size, &facts);
    memcpy(photo->captured, facts.captured, sizeof photo->captured);
    memcpy(photo->camera, facts.camera, sizeof photo->camera);
    photo->orientation = facts.orientation;
    photo->format = format->name;
    photo->bits = raster->bits;
    photo->jpeg_quality = raster->jpeg_quality;
    photo->grey = raster->grey;
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
        status = upright(&raster, photo->orientation, photo, error);
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
    const struct format *format = size > 0 ? format_of(start, (size_t)size) : NULL;
    return format && format->read;
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
        path, (const uint8_t *)data, size, {(double)LONGEST_SIDE * LONGEST_SIDE, false}};
    status = is_png(source.data, size) ? png_read(&source, &raster, error)
                                       : not_read(path, NULL, size, error);
    free(data);
    if (status == STRIAE_OK && (raster.channels != 1 || raster.bits < 8))
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
