/* Makes picture files in memory, of every kind that the reader must cope with, and tells what their
 * pixels are. For the tests of io/ and the fuzz target. */
#ifndef STRIAE_TEST_IO_MAKE_H
#define STRIAE_TEST_IO_MAKE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <png.h>

struct bytes {
    uint8_t *data; /* free() */
    size_t size;
};

static inline void bytes_add(struct bytes *bytes, const void *data, size_t size)
{
    bytes->data = realloc(bytes->data, bytes->size + size + 1);
    if (!bytes->data)
        abort();
    memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
}

/* ---- EXIF ----------------------------------------------------------------------------------- */

struct exif_sample {
    bool big_endian;
    int orientation;               /* 0 = none */
    const char *original, *edited; /* DateTimeOriginal, DateTime; NULL = none */
    const char *make, *model, *software, *lens;
    double exposure, f_number, focal; /* 0 = none */
    int iso, focal_35;
    bool adobe_rgb; /* interoperability index R03 */
};

static inline void exif_number(struct bytes *to, unsigned value, int size, bool big_endian)
{
    for (int i = 0; i < size; i++) {
        uint8_t byte = (uint8_t)(value >> 8 * (big_endian ? size - 1 - i : i));
        bytes_add(to, &byte, 1);
    }
}

struct exif_tag {
    int tag;
    const char *text; /* ASCII */
    double fraction;  /* RATIONAL, in thousandths */
    unsigned number;  /* SHORT; LONG when it is the place of a directory */
};

static inline bool exif_tag_given(const struct exif_tag *t)
{
    return t->text || t->fraction > 0 || t->number;
}

/* One entry of a directory; what is longer than 4 bytes goes behind all directories. */
static inline void exif_entry(struct bytes *to, struct bytes *behind, unsigned behind_at,
                              const struct exif_tag *t, bool big)
{
    bool place = t->tag == 0x8769 || t->tag == 0xa005, fraction = t->fraction > 0;
    unsigned count = t->text ? (unsigned)strlen(t->text) + 1 : 1;
    exif_number(to, (unsigned)t->tag, 2, big);
    exif_number(to, t->text ? 2 : fraction ? 5 : place ? 4 : 3, 2, big);
    exif_number(to, count, 4, big);
    if (fraction || count > 4)
        exif_number(to, behind_at + (unsigned)behind->size, 4, big);
    if (fraction) {
        exif_number(behind, (unsigned)(t->fraction * 1000 + 0.5), 4, big);
        exif_number(behind, 1000, 4, big);
    } else if (t->text && count > 4) {
        bytes_add(behind, t->text, count);
    } else if (t->text) {
        char padded[4] = {0};
        memcpy(padded, t->text, count);
        bytes_add(to, padded, 4);
    } else {
        exif_number(to, t->number, place ? 4 : 2, big);
        exif_number(to, 0, place ? 0 : 2, big);
    }
}

static inline unsigned exif_directory_size(const struct exif_tag *tags, int count)
{
    unsigned given = 0;
    for (int i = 0; i < count; i++)
        given += exif_tag_given(&tags[i]);
    return given ? 2 + 12 * given + 4 : 0;
}

static inline void exif_directory(struct bytes *to, struct bytes *behind, unsigned behind_at,
                                  const struct exif_tag *tags, int count, bool big)
{
    unsigned size = exif_directory_size(tags, count);
    if (size == 0)
        return;
    exif_number(to, (size - 6) / 12, 2, big);
    for (int i = 0; i < count; i++)
        if (exif_tag_given(&tags[i]))
            exif_entry(to, behind, behind_at, &tags[i], big);
    exif_number(to, 0, 4, big);
}

/* The block without "Exif\0\0", as in a PNG. */
static inline struct bytes make_exif(const struct exif_sample *s)
{
    struct bytes block = {0}, behind = {0};
    bool big = s->big_endian;
    struct exif_tag main_tags[] = {{0x010f, s->make, 0, 0},
                                   {0x0110, s->model, 0, 0},
                                   {0x0112, NULL, 0, (unsigned)s->orientation},
                                   {0x0131, s->software, 0, 0},
                                   {0x0132, s->edited, 0, 0},
                                   {0x8769, NULL, 0, 0}};
    struct exif_tag shot_tags[] = {{0x829a, NULL, s->exposure, 0},
                                   {0x829d, NULL, s->f_number, 0},
                                   {0x8827, NULL, 0, (unsigned)s->iso},
                                   {0x9003, s->original, 0, 0},
                                   {0x920a, NULL, s->focal, 0},
                                   {0xa005, NULL, 0, 0},
                                   {0xa405, NULL, 0, (unsigned)s->focal_35},
                                   {0xa434, s->lens, 0, 0}};
    struct exif_tag other_tags[] = {{0x0001, s->adobe_rgb ? "R03" : NULL, 0, 0}};
    unsigned other_size = exif_directory_size(other_tags, 1);
    shot_tags[5].number = other_size ? 1 : 0; /* given: counts */
    unsigned shot_size = exif_directory_size(shot_tags, 8);
    main_tags[5].number = shot_size ? 1 : 0;
    unsigned shot_at = 8 + exif_directory_size(main_tags, 6);
    unsigned other_at = shot_at + shot_size, behind_at = other_at + other_size;
    main_tags[5].number = shot_size ? shot_at : 0;
    shot_tags[5].number = other_size ? other_at : 0;
    bytes_add(&block, big ? "MM" : "II", 2);
    exif_number(&block, 42, 2, big);
    exif_number(&block, 8, 4, big);
    exif_directory(&block, &behind, behind_at, main_tags, 6, big);
    exif_directory(&block, &behind, behind_at, shot_tags, 8, big);
    exif_directory(&block, &behind, behind_at, other_tags, 1, big);
    if (block.size == 8)
        bytes_add(&block, "\0\0\0\0\0", 6); /* a directory of nothing */
    if (behind.size)
        bytes_add(&block, behind.data, behind.size);
    free(behind.data);
    return block;
}

/* ---- PNG ------------------------------------------------------------------------------------ */

struct png_extra {
    const char *name; /* four letters; NULL ends the list */
    const void *data;
    size_t size;
};

struct png_sample {
    int width, height, colour_type, bits;
    bool interlaced;
    bool transparency;             /* a tRNS chunk: of palette entry or grey value TRANSPARENT */
    const struct bytes *exif;      /* NULL = none */
    bool exif_at_end;              /* behind the pixels */
    bool odd_profile;              /* an iCCP chunk that no library understands */
    const struct png_extra *extra; /* chunks right behind the header; NULL = none */
    const uint16_t *pixels;        /* samples, row by row; NULL = png_sample_value() */
};

#define TRANSPARENT 1

static inline int png_sample_channels(int colour_type)
{
    return colour_type == PNG_COLOR_TYPE_RGB          ? 3
           : colour_type == PNG_COLOR_TYPE_RGB_ALPHA  ? 4
           : colour_type == PNG_COLOR_TYPE_GRAY_ALPHA ? 2
                                                      : 1;
}

/* Sample c of pixel (x,y): no two neighbours alike, all bits in use. */
static inline unsigned png_sample_value(int x, int y, int c, int bits)
{
    unsigned mixed = (unsigned)(x * 73 + y * 151 + c * 37 + 11) * 40503u;
    return (mixed >> 7) & ((1u << bits) - 1);
}

static inline png_color png_sample_palette(unsigned index)
{
    return (png_color){(png_byte)(index * 37 + 5), (png_byte)(index * 91 + 60),
                       (png_byte)(255 - index * 13)};
}

static inline void png_sample_append(png_structp png, png_bytep data, size_t size)
{
    bytes_add(png_get_io_ptr(png), data, size);
}

static inline void png_sample_flush(png_structp png)
{
    (void)png;
}

static inline void png_sample_rows(png_structp png, const struct png_sample *s)
{
    int channels = png_sample_channels(s->colour_type);
    size_t row_bytes = ((size_t)s->width * (size_t)(channels * s->bits) + 7) / 8;
    png_bytep row = malloc(row_bytes);
    if (!row)
        abort();
    int passes = s->interlaced ? png_set_interlace_handling(png) : 1;
    for (int pass = 0; pass < passes; pass++)
        for (int y = 0; y < s->height; y++) {
            memset(row, 0, row_bytes);
            for (int i = 0; i < s->width * channels; i++) {
                unsigned value = s->pixels
                                     ? s->pixels[y * s->width * channels + i]
                                     : png_sample_value(i / channels, y, i % channels, s->bits);
                int bit = i * s->bits;
                if (s->bits == 16) {
                    row[2 * i] = (png_byte)(value >> 8);
                    row[2 * i + 1] = (png_byte)value;
                } else {
                    row[bit / 8] = (png_byte)(row[bit / 8] | value << (8 - s->bits - bit % 8));
                }
            }
            png_write_row(png, row);
        }
    free(row);
}

static inline struct bytes make_png(const struct png_sample *s)
{
    struct bytes file = {0};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_color palette[256];
    png_byte alpha[TRANSPARENT + 1] = {255, 100};
    png_color_16 key = {.gray = TRANSPARENT, .red = 1, .green = 1, .blue = 1};
    png_set_write_fn(png, &file, png_sample_append, png_sample_flush);
    png_set_IHDR(png, info, (png_uint_32)s->width, (png_uint_32)s->height, s->bits, s->colour_type,
                 s->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (s->colour_type == PNG_COLOR_TYPE_PALETTE) {
        for (unsigned i = 0; i < 256; i++)
            palette[i] = png_sample_palette(i);
        png_set_PLTE(png, info, palette, 1 << s->bits);
    }
    if (s->transparency)
        png_set_tRNS(png, info, alpha, TRANSPARENT + 1, &key);
    if (s->exif && !s->exif_at_end)
        png_set_eXIf_1(png, info, (png_uint_32)s->exif->size, s->exif->data);
    if (s->odd_profile || s->extra)
        png_write_info_before_PLTE(png, info);
    if (s->odd_profile)
        png_write_chunk(png, (png_const_bytep) "iCCP", (png_const_bytep) "odd\0\0junk", 9);
    for (const struct png_extra *e = s->extra; e && e->name; e++)
        png_write_chunk(png, (png_const_bytep)e->name, e->data, e->size);
    png_write_info(png, info);
    png_sample_rows(png, s);
    if (s->exif && s->exif_at_end)
        png_write_chunk(png, (png_const_bytep) "eXIf", s->exif->data, s->exif->size);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    return file;
}

/* ---- JPEG ----------------------------------------------------------------------------------- */

struct jpeg_sample {
    int width, height;
    J_COLOR_SPACE colours; /* in the file: GRAYSCALE, YCbCr, RGB, CMYK, YCCK */
    int quality;
    bool progressive;
    const struct bytes *exif; /* without "Exif\0\0"; NULL = none */
    const struct bytes *icc;  /* NULL = none */
    unsigned icc_piece;       /* bytes of it a marker; 0 = all in one */
    int icc_lost;             /* number of a piece that is left out; 0 = none */
    const uint8_t *pixels;    /* samples, row by row; NULL = jpeg_sample_value() */
};

/* Smooth, so that it survives compression: sample c of pixel (x,y). */
static inline uint8_t jpeg_sample_value(int x, int y, int c)
{
    return (uint8_t)(60 + (x * (3 - c) + y * (c + 1)) % 512 / 4);
}

static inline void jpeg_sample_icc(struct jpeg_compress_struct *cinfo, const struct jpeg_sample *s)
{
    unsigned size = (unsigned)s->icc->size, most = s->icc_piece ? s->icc_piece : size;
    unsigned count = (size + most - 1) / most;
    for (unsigned i = 0; i < count; i++) {
        struct bytes block = {0};
        uint8_t number[2] = {(uint8_t)(i + 1), (uint8_t)count};
        unsigned left = size - i * most;
        bytes_add(&block, "ICC_PROFILE", 12);
        bytes_add(&block, number, 2);
        bytes_add(&block, s->icc->data + i * most, left < most ? left : most);
        if ((int)i + 1 != s->icc_lost)
            jpeg_write_marker(cinfo, JPEG_APP0 + 2, block.data, (unsigned)block.size);
        free(block.data);
    }
}

static inline struct bytes make_jpeg(const struct jpeg_sample *s)
{
    struct jpeg_compress_struct cinfo;
    struct jpeg_error_mgr errors;
    struct bytes file = {0};
    unsigned long size = 0;
    bool ink = s->colours == JCS_CMYK || s->colours == JCS_YCCK;
    cinfo.err = jpeg_std_error(&errors);
    jpeg_create_compress(&cinfo);
    jpeg_mem_dest(&cinfo, &file.data, &size);
    cinfo.image_width = (JDIMENSION)s->width;
    cinfo.image_height = (JDIMENSION)s->height;
    cinfo.input_components = ink ? 4 : s->colours == JCS_GRAYSCALE ? 1 : 3;
    cinfo.in_color_space = ink ? JCS_CMYK : s->colours == JCS_GRAYSCALE ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&cinfo);
    jpeg_set_colorspace(&cinfo, s->colours);
    jpeg_set_quality(&cinfo, s->quality, TRUE);
    if (s->progressive)
        jpeg_simple_progression(&cinfo);
    jpeg_start_compress(&cinfo, TRUE);
    if (s->exif) {
        struct bytes block = {0};
        bytes_add(&block, "Exif\0", 6);
        bytes_add(&block, s->exif->data, s->exif->size);
        jpeg_write_marker(&cinfo, JPEG_APP0 + 1, block.data, (unsigned)block.size);
        free(block.data);
    }
    if (s->icc)
        jpeg_sample_icc(&cinfo, s);
    JSAMPROW row = malloc((size_t)s->width * 4);
    if (!row)
        abort();
    while (cinfo.next_scanline < cinfo.image_height) {
        for (int i = 0; i < s->width * cinfo.input_components; i++)
            row[i] =
                s->pixels
                    ? s->pixels[(int)cinfo.next_scanline * s->width * cinfo.input_components + i]
                    : jpeg_sample_value(i / cinfo.input_components, (int)cinfo.next_scanline,
                                        i % cinfo.input_components);
        jpeg_write_scanlines(&cinfo, &row, 1);
    }
    jpeg_finish_compress(&cinfo);
    jpeg_destroy_compress(&cinfo);
    free(row);
    file.size = size;
    return file;
}

#endif
