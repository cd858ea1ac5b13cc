/* TIFF through libtiff: 8 and 16 bits, grey, RGB and palette, in strips or tiles. */
#include "io/raster.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tiffio.h>

struct tiff_reader {
    TIFF *tiff;
    const struct source *source;
    struct raster *raster;
    size_t position;
    bool failed;
    char found[160]; /* the first error */
    uint16_t bits, samples, photometric, planes, compression;
    bool alpha;                 /* the sample behind the colours is alpha, not premultiplied */
    const uint16_t *palette[3]; /* of a palette picture; the library's */
    bool short_palette;         /* its entries are 0..255, as old writers have it */
};

/* ---- the file in memory ---- */

static tmsize_t read_bytes(thandle_t handle, void *to, tmsize_t count)
{
    struct tiff_reader *reader = (struct tiff_reader *)handle;
    size_t left = reader->source->size - reader->position;
    size_t taken = count < 0 ? 0 : (size_t)count < left ? (size_t)count : left;
    memcpy(to, reader->source->data + reader->position, taken);
    reader->position += taken;
    return (tmsize_t)taken;
}

static tmsize_t write_nothing(thandle_t handle, void *from, tmsize_t count)
{
    (void)handle;
    (void)from;
    (void)count;
    return -1;
}

static toff_t seek(thandle_t handle, toff_t offset, int whence)
{
    struct tiff_reader *reader = (struct tiff_reader *)handle;
    toff_t size = reader->source->size;
    toff_t base = whence == SEEK_CUR ? reader->position : whence == SEEK_END ? size : 0;
    toff_t target = base + offset; /* unsigned: a step back wraps around to where it should */
    reader->position = (size_t)(target > size ? size : target);
    return reader->position;
}

static int close_nothing(thandle_t handle)
{
    (void)handle;
    return 0;
}

static toff_t size_of(thandle_t handle)
{
    return ((struct tiff_reader *)handle)->source->size;
}

__attribute__((format(printf, 4, 0))) static int
on_error(TIFF *tiff, void *user, const char *module, const char *format, va_list arguments)
{
    struct tiff_reader *reader = user;
    (void)tiff;
    (void)module;
    if (!reader->failed)
        (void)vsnprintf(reader->found, sizeof reader->found, format, arguments);
    reader->failed = true;
    return 1;
}

__attribute__((format(printf, 4, 0))) static int
on_warning(TIFF *tiff, void *user, const char *module, const char *format, va_list arguments)
{
    (void)tiff; /* nearly all are about tags that only their writer knows */
    (void)user;
    (void)module;
    (void)format;
    (void)arguments;
    return 1;
}

/* More than any piece of a picture within the limit needs. */
static double largest_piece(const struct source *source)
{
    return 16 * source->limits.max_pixels + 67108864.0;
}

static void open_tiff(struct tiff_reader *reader)
{
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    if (!options)
        return;
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)largest_piece(reader->source));
    TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, reader);
    TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, reader);
    reader->tiff = TIFFClientOpenExt("photo", "rm", (thandle_t)reader, read_bytes, write_nothing,
                                     seek, close_nothing, size_of, NULL, NULL, options);
    TIFFOpenOptionsFree(options);
}

/* ---- what kind of picture ---- */

static striae_status damaged(const struct tiff_reader *reader, bool readable, striae_error *error)
{
    return raster_damaged(reader->source, reader->failed ? reader->found : "no picture in it",
                          readable, error);
}

static striae_status unsupported(const struct tiff_reader *reader, const char *what,
                                 striae_error *error)
{
    return fail_with(error, STRIAE_ERROR_UNSUPPORTED,
                     "%s: a TIFF %s is not read; save it as 8- or 16-bit RGB TIFF or as PNG",
                     reader->source->path, what);
}

/* Raw files of many cameras are TIFF files: a small picture in front and the sensor's data behind.
 */
static bool is_raw(TIFF *tiff, uint16_t photometric)
{
    uint8_t *version;
    uint32_t kind = 0;
    uint16_t count;
    uint64_t *offsets;
    return TIFFGetField(tiff, TIFFTAG_DNGVERSION, &version) == 1 ||
           photometric == PHOTOMETRIC_CFA || photometric == 34892 /* LinearRaw */ ||
           (TIFFGetField(tiff, TIFFTAG_SUBFILETYPE, &kind) == 1 &&
            (kind & FILETYPE_REDUCEDIMAGE) != 0 &&
            TIFFGetField(tiff, TIFFTAG_SUBIFD, &count, &offsets) == 1);
}

static int colours_of(const struct tiff_reader *reader)
{
    return reader->photometric == PHOTOMETRIC_RGB || reader->photometric == PHOTOMETRIC_YCBCR ? 3
                                                                                              : 1;
}

static striae_status choose_colours(struct tiff_reader *reader, striae_error *error)
{
    TIFF *tiff = reader->tiff;
    uint16_t extra_count = 0, *extra = NULL;
    uint16_t **entries = (uint16_t **)reader->palette;
    switch (reader->photometric) {
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_MINISBLACK:
    case PHOTOMETRIC_RGB:
        break;
    case PHOTOMETRIC_PALETTE:
        if (reader->bits != 8 ||
            TIFFGetField(tiff, TIFFTAG_COLORMAP, &entries[0], &entries[1], &entries[2]) != 1)
            return unsupported(reader, "with an unusual palette", error);
        break;
    case PHOTOMETRIC_YCBCR:
        if (reader->compression != COMPRESSION_JPEG || reader->planes != PLANARCONFIG_CONTIG)
            return unsupported(reader, "of luminance and colour differences", error);
        TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
        break;
    case PHOTOMETRIC_SEPARATED:
        return unsupported(reader, "in CMYK (for printing)", error);
    default:
        return unsupported(reader, "of an unusual colour space", error);
    }
    if (reader->samples < colours_of(reader))
        return damaged(reader, false, error);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, &extra_count, &extra);
    reader->alpha = extra_count > 0 && extra && extra[0] == EXTRASAMPLE_UNASSALPHA &&
                    reader->samples > colours_of(reader);
    return STRIAE_OK;
}

static void choose_form(struct tiff_reader *reader)
{
    struct raster *raster = reader->raster;
    bool palette = reader->photometric == PHOTOMETRIC_PALETTE;
    raster->info.bits = reader->bits;
    raster->info.grey = colours_of(reader) == 1 && !palette;
    raster->channels = reader->alpha ? 4 : raster->info.grey ? 1 : 3;
    raster->sample_bytes = reader->bits == 16 || palette ? 2 : 1;
    reader->short_palette = palette;
    for (int i = 0; i < 256 && palette; i++)
        for (int c = 0; c < 3; c++)
            if (reader->palette[c][i] > 255)
                reader->short_palette = false;
}

static striae_status read_header(struct tiff_reader *reader, striae_error *error)
{
    TIFF *tiff = reader->tiff;
    uint32_t width = 0, height = 0;
    uint16_t format = SAMPLEFORMAT_UINT, turn = 0;
    TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &width);
    TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &height);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &reader->bits);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &reader->samples);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &reader->planes);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &reader->compression);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &format);
    bool has_photometric = TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &reader->photometric) == 1;
    if (is_raw(tiff, has_photometric ? reader->photometric : 0))
        return format_is_raw(reader->source->path, error);
    if (!has_photometric || width == 0 || height == 0)
        return damaged(reader, false, error);
    striae_status status = raster_check_size(width, height, reader->source, error);
    if (status != STRIAE_OK)
        return status;
    if ((reader->bits != 8 && reader->bits != 16) || format != SAMPLEFORMAT_UINT)
        return unsupported(reader, "with other than 8 or 16 bits a sample", error);
    if (!TIFFIsCODECConfigured(reader->compression))
        return unsupported(reader, "with this kind of compression", error);
    if (TIFFGetField(tiff, TIFFTAG_ORIENTATION, &turn) == 1 && turn >= 1 && turn <= 8)
        reader->raster->info.orientation = turn;
    reader->raster->width = (int)width;
    reader->raster->height = (int)height;
    return choose_colours(reader, error);
}

/* ---- pixels ---- */

static unsigned sample_at(const void *piece, size_t i, bool wide)
{
    return wide ? ((const uint16_t *)piece)[i] : ((const uint8_t *)piece)[i];
}

static void put_sample(struct raster *raster, size_t at, unsigned value)
{
    if (raster->sample_bytes == 2)
        ((uint16_t *)raster->data)[at] = (uint16_t)value;
    else
        ((uint8_t *)raster->data)[at] = (uint8_t)value;
}

/* Sample number s of a pixel. */
static void put(const struct tiff_reader *reader, size_t pixel, int s, unsigned value)
{
    struct raster *raster = reader->raster;
    size_t at = pixel * (size_t)raster->channels;
    int colours = colours_of(reader);
    if (s == colours && reader->alpha) {
        put_sample(raster, at + 3, value);
    } else if (s >= colours) {
        return;
    } else if (reader->photometric == PHOTOMETRIC_PALETTE) {
        for (size_t c = 0; c < 3; c++)
            put_sample(raster, at + c,
                       reader->palette[c][value] * (reader->short_palette ? 257u : 1u));
    } else if (colours == 1) {
        if (reader->photometric == PHOTOMETRIC_MINISWHITE)
            value = (raster->sample_bytes == 2 ? 65535u : 255u) - value;
        for (size_t c = 0; c < (raster->channels == 4 ? 3u : 1u); c++)
            put_sample(raster, at + c, value);
    } else {
        put_sample(raster, at + (size_t)s, value);
    }
}

/* A decoded strip or tile: where its top left corner is, and its size in the file. */
struct piece {
    void *data;
    int left, top, width, height;
    int first, samples; /* the samples that each of its pixels has */
};

static void put_piece(const struct tiff_reader *reader, const struct piece *piece)
{
    const struct raster *raster = reader->raster;
    bool wide = reader->bits == 16;
    for (int y = 0; y < piece->height && piece->top + y < raster->height; y++)
        for (int x = 0; x < piece->width && piece->left + x < raster->width; x++) {
            size_t pixel =
                (size_t)(piece->top + y) * (size_t)raster->width + (size_t)(piece->left + x);
            size_t from = ((size_t)y * (size_t)piece->width + (size_t)x) * (size_t)piece->samples;
            for (int s = 0; s < piece->samples; s++)
                put(reader, pixel, piece->first + s,
                    sample_at(piece->data, from + (size_t)s, wide));
        }
}

/* All pieces of one plane of samples. false: one of them is damaged. */
static bool read_plane(struct tiff_reader *reader, struct piece *piece, tmsize_t size, int plane)
{
    bool tiled = TIFFIsTiled(reader->tiff) != 0;
    bool whole = true;
    for (piece->top = 0; piece->top < reader->raster->height; piece->top += piece->height)
        for (piece->left = 0; piece->left < reader->raster->width; piece->left += piece->width) {
            uint32_t x = (uint32_t)piece->left, y = (uint32_t)piece->top;
            memset(piece->data, 0, (size_t)size);
            tmsize_t got =
                tiled ? TIFFReadEncodedTile(reader->tiff,
                                            TIFFComputeTile(reader->tiff, x, y, 0, (uint16_t)plane),
                                            piece->data, size)
                      : TIFFReadEncodedStrip(reader->tiff,
                                             TIFFComputeStrip(reader->tiff, y, (uint16_t)plane),
                                             piece->data, size);
            if (got < 0 || reader->failed)
                whole = false;
            if (!whole && !reader->source->limits.accept_damaged)
                return false;
            put_piece(reader, piece);
        }
    return whole;
}

static striae_status read_pixels(struct tiff_reader *reader, striae_error *error)
{
    bool tiled = TIFFIsTiled(reader->tiff) != 0;
    bool separate = reader->planes == PLANARCONFIG_SEPARATE;
    uint32_t width = (uint32_t)reader->raster->width, height = (uint32_t)reader->raster->height;
    if (tiled) {
        TIFFGetField(reader->tiff, TIFFTAG_TILEWIDTH, &width);
        TIFFGetField(reader->tiff, TIFFTAG_TILELENGTH, &height);
    } else {
        uint32_t rows = 0;
        TIFFGetFieldDefaulted(reader->tiff, TIFFTAG_ROWSPERSTRIP, &rows);
        height = rows > 0 && rows < height ? rows : height;
    }
    tmsize_t size = tiled ? TIFFTileSize(reader->tiff) : TIFFStripSize(reader->tiff);
    int samples = separate ? 1 : reader->samples;
    double needed = (double)width * height * samples * (reader->bits / 8);
    if (width == 0 || height == 0 || width > 65535 || height > 65535 || size <= 0 ||
        (double)size < needed || (double)size > largest_piece(reader->source))
        return damaged(reader, false, error);
    struct piece piece = {.data = malloc((size_t)size),
                          .width = (int)width,
                          .height = (int)height,
                          .samples = samples};
    if (!piece.data)
        return fail_memory(error);
    bool whole = true;
    int planes = separate ? colours_of(reader) + reader->alpha : 1;
    for (int plane = 0; plane < planes && (whole || reader->source->limits.accept_damaged);
         plane++) {
        piece.first = plane;
        whole = read_plane(reader, &piece, size, plane) && whole;
    }
    free(piece.data);
    return whole || reader->source->limits.accept_damaged ? STRIAE_OK
                                                          : damaged(reader, true, error);
}

/* ---- what is written beside them ---- */

static void get_text(TIFF *tiff, uint32_t tag, char *text, size_t size)
{
    char *found = NULL;
    if (TIFFGetField(tiff, tag, &found) == 1 && found)
        exif_text(found, strlen(found), text, size);
}

/* A fraction is handed out as float or double, which the field itself tells. */
static void get_number(TIFF *tiff, uint32_t tag, double *number)
{
    const TIFFField *field = TIFFFieldWithTag(tiff, tag);
    double value = 0;
    float small = 0;
    if (field && TIFFFieldSetGetSize(field) == sizeof value)
        TIFFGetField(tiff, tag, &value);
    else if (field && TIFFGetField(tiff, tag, &small) == 1)
        value = (double)small;
    if (value > 0 && value < 1e9)
        *number = value;
}

static void read_info(struct tiff_reader *reader)
{
    TIFF *tiff = reader->tiff;
    struct photo_info *info = &reader->raster->info;
    char make[32] = "", model[32] = "", date[32] = "", original[32] = "";
    uint64_t exif = 0;
    uint16_t count = 0, *iso = NULL;
    get_text(tiff, TIFFTAG_MAKE, make, sizeof make);
    get_text(tiff, TIFFTAG_MODEL, model, sizeof model);
    exif_camera(make, model, info);
    get_text(tiff, TIFFTAG_SOFTWARE, info->software, sizeof info->software);
    get_text(tiff, TIFFTAG_DATETIME, date, sizeof date);
    if (TIFFGetField(tiff, TIFFTAG_EXIFIFD, &exif) == 1 && TIFFReadEXIFDirectory(tiff, exif)) {
        get_text(tiff, EXIFTAG_DATETIMEORIGINAL, original, sizeof original);
        get_text(tiff, EXIFTAG_LENSMODEL, info->lens, sizeof info->lens);
        get_number(tiff, EXIFTAG_EXPOSURETIME, &info->exposure);
        get_number(tiff, EXIFTAG_FNUMBER, &info->f_number);
        get_number(tiff, EXIFTAG_FOCALLENGTH, &info->focal);
        if (TIFFGetField(tiff, EXIFTAG_ISOSPEEDRATINGS, &count, &iso) == 1 && count && iso)
            info->iso = iso[0];
    }
    if (!exif_date(original, info->captured, sizeof info->captured) &&
        !exif_date(date, info->captured, sizeof info->captured))
        info->captured[0] = 0;
}

static striae_status keep_profile(struct tiff_reader *reader, striae_error *error)
{
    uint32_t size = 0;
    void *profile = NULL;
    if (TIFFGetField(reader->tiff, TIFFTAG_ICCPROFILE, &size, &profile) != 1 || size == 0)
        return STRIAE_OK;
    reader->raster->icc = malloc(size);
    if (!reader->raster->icc)
        return fail_memory(error);
    memcpy(reader->raster->icc, profile, size);
    reader->raster->icc_size = size;
    return STRIAE_OK;
}

static striae_status decode(struct tiff_reader *reader, striae_error *error)
{
    if (!reader->tiff)
        return damaged(reader, false, error);
    reader->failed = false; /* an odd tag is no damage: only pixels count */
    striae_status status = read_header(reader, error);
    if (status == STRIAE_OK) {
        choose_form(reader);
        status = raster_allocate(reader->raster, reader->source, error);
    }
    if (status == STRIAE_OK)
        status = keep_profile(reader, error);
    if (status == STRIAE_OK)
        status = read_pixels(reader, error);
    if (status == STRIAE_OK)
        read_info(reader);
    return status;
}

striae_status tiff_read(const struct source *source, struct raster *raster, striae_error *error)
{
    struct tiff_reader reader = {.source = source, .raster = raster};
    *raster = (struct raster){0};
    open_tiff(&reader);
    striae_status status = decode(&reader, error);
    if (reader.tiff)
        TIFFClose(reader.tiff);
    if (status != STRIAE_OK)
        raster_free(raster);
    return status;
}
