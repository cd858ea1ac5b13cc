/* Which format a file has, by its first bytes, and what to do about those that are not read. */
#include "io/raster.h"

#include <string.h>

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
           has(d, n, 0, "IIRO", 4) || has(d, n, 0, "IIRS", 4) || has(d, n, 0, "MMOR", 4) ||
           has(d, n, 0, "IIU\0", 4) || has(d, n, 0, "FOVb", 4) || has(d, n, 0, "\0MRM", 4) ||
           has(d, n, 6, "HEAPCCDR", 8) || (has(d, n, 0, "II*\0", 4) && has(d, n, 8, "CR", 2));
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

struct format {
    const char *name; /* as in struct photo_info; for the others, in words */
    bool (*detect)(const uint8_t *data, size_t size);
    raster_reader *read;  /* NULL: not read by this build */
    const char *advice;   /* then: what to do */
    striae_status status; /* and the status */
};

#define CONVERT "convert it to JPEG or PNG, for example with: magick FILE photo.png"
#define DEVELOP                                                                                    \
    "develop it to 16-bit PNG or JPEG with the camera's program, with the same settings for "      \
    "every "                                                                                       \
    "session"

/* The first that detects its file wins. */
static const struct format formats[] = {
    {"jpeg", is_jpeg, jpeg_read, NULL, STRIAE_OK},
    {"png", is_png, png_read, NULL, STRIAE_OK},
#ifdef STRIAE_HEIF
    {"heic", is_heic, heif_read, NULL, STRIAE_OK},
    {"avif", is_avif, heif_read, NULL, STRIAE_OK},
#else
    {"a HEIC photo", is_heic, NULL,
     "convert it with: heif-convert -q 95 FILE photo.jpg (or set the phone to take JPEG: on an "
     "iPhone, Settings, Camera, Formats, Most Compatible)",
     STRIAE_ERROR_UNSUPPORTED},
    {"an AVIF picture", is_avif, NULL, CONVERT, STRIAE_ERROR_UNSUPPORTED},
#endif
    {"a camera raw file", is_raw, NULL, DEVELOP, STRIAE_ERROR_UNSUPPORTED},
#ifdef STRIAE_TIFF
    {"tiff", is_tiff, tiff_read, NULL, STRIAE_OK},
#else
    {"a TIFF picture or camera raw file", is_tiff, NULL,
     "convert it to PNG, which keeps 16 bits, for example with: magick FILE photo.png",
     STRIAE_ERROR_UNSUPPORTED},
#endif
    {"a DICOM file", is_dicom, NULL,
     "convert it to PNG, for example with: dcmj2pnm +on FILE photo.png", STRIAE_ERROR_UNSUPPORTED},
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

raster_reader *format_reader(const uint8_t *data, size_t size, const char **name)
{
    const struct format *format = format_of(data, size);
    *name = format ? format->name : NULL;
    return format ? format->read : NULL;
}

striae_status format_not_read(const char *path, const uint8_t *data, size_t size,
                              striae_error *error)
{
    const struct format *format = format_of(data, size);
    if (size == 0)
        return fail_with(error, STRIAE_ERROR_FORMAT,
                         "%s: the file is empty; copy it again from the camera or phone", path);
    if (!format || format->read)
        return fail_with(error, STRIAE_ERROR_FORMAT,
                         "%s: not a picture that is read here; give a JPEG or PNG photo", path);
    return fail_with(error, format->status, "%s: %s is not read by this build; %s", path,
                     format->name, format->advice);
}

striae_status format_is_raw(const char *path, striae_error *error)
{
    return fail_with(error, STRIAE_ERROR_UNSUPPORTED,
                     "%s: a camera raw file is not read by this build; %s", path, DEVELOP);
}
