/* Makes TIFF files in memory through libtiff, in every form that the reader must cope with. */
#ifndef STRIAE_TEST_IO_MAKE_TIFF_H
#define STRIAE_TEST_IO_MAKE_TIFF_H

#include "test_io_make.h"

#include <tiffio.h>

struct tiff_sample {
    int width, height, bits, samples;
    int photometric, compression, orientation; /* orientation 0 = none */
    int tile;                                  /* side; 0 = strips of 5 rows */
    bool separate, big_endian, alpha;          /* alpha: the last sample, not premultiplied */
    bool raw;                                  /* with the tag of a DNG */
    const struct bytes *icc;
    const char *make, *model, *software, *date;
    bool exif; /* a directory with exposure, aperture, sensitivity, lens */
};

struct tiff_memory {
    struct bytes file;
    size_t position;
};

static inline tmsize_t tiff_memory_read(thandle_t handle, void *to, tmsize_t count)
{
    struct tiff_memory *m = (struct tiff_memory *)handle;
    size_t left = m->position < m->file.size ? m->file.size - m->position : 0;
    size_t taken = (size_t)count < left ? (size_t)count : left;
    memcpy(to, m->file.data + m->position, taken);
    m->position += taken;
    return (tmsize_t)taken;
}

static inline tmsize_t tiff_memory_write(thandle_t handle, void *from, tmsize_t count)
{
    struct tiff_memory *m = (struct tiff_memory *)handle;
    while (m->file.size < m->position + (size_t)count)
        bytes_add(&m->file, "", 1);
    memcpy(m->file.data + m->position, from, (size_t)count);
    m->position += (size_t)count;
    return count;
}

static inline toff_t tiff_memory_seek(thandle_t handle, toff_t offset, int whence)
{
    struct tiff_memory *m = (struct tiff_memory *)handle;
    m->position = (size_t)offset + (whence == SEEK_CUR   ? m->position
                                    : whence == SEEK_END ? m->file.size
                                                         : 0);
    return m->position;
}

static inline int tiff_memory_close(thandle_t handle)
{
    (void)handle;
    return 0;
}

static inline toff_t tiff_memory_size(thandle_t handle)
{
    return ((struct tiff_memory *)handle)->file.size;
}

/* Sample s of pixel (x,y), as the file holds it. */
static inline unsigned tiff_sample_value(const struct tiff_sample *t, int x, int y, int s)
{
    return png_sample_value(x, y, s, t->bits);
}

/* A block of w x h pixels from (x0,y0) on, of samples first..first+count-1. */
static inline void *tiff_sample_block(const struct tiff_sample *t, int x0, int y0, int w, int h,
                                      int first, int count)
{
    size_t n = 0;
    uint8_t *block = calloc((size_t)(w * h * count), 2);
    if (!block)
        abort();
    for (int y = y0; y < y0 + h; y++)
        for (int x = x0; x < x0 + w; x++)
            for (int s = first; s < first + count; s++) {
                unsigned v = tiff_sample_value(t, x, y, s);
                if (t->bits == 16)
                    ((uint16_t *)(void *)block)[n++] = (uint16_t)v;
                else
                    block[n++] = (uint8_t)v;
            }
    return block;
}

static inline void tiff_sample_plane(TIFF *tiff, const struct tiff_sample *t, int first, int count)
{
    int w = t->tile ? t->tile : t->width, h = t->tile ? t->tile : 5;
    for (int y = 0; y < t->height; y += h)
        for (int x = 0; x < t->width; x += w) {
            int rows = !t->tile && t->height - y < h ? t->height - y : h;
            void *block = tiff_sample_block(t, x, y, w, rows, first, count);
            tmsize_t size = (tmsize_t)w * rows * count * t->bits / 8;
            uint32_t column = (uint32_t)x, row = (uint32_t)y;
            uint16_t plane = (uint16_t)first;
            if (t->tile)
                TIFFWriteEncodedTile(tiff, TIFFComputeTile(tiff, column, row, 0, plane), block,
                                     size);
            else
                TIFFWriteEncodedStrip(tiff, TIFFComputeStrip(tiff, row, plane), block, size);
            free(block);
        }
}

static inline void tiff_sample_tags(TIFF *tiff, const struct tiff_sample *t)
{
    uint16_t extra = EXTRASAMPLE_UNASSALPHA;
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, (uint32_t)t->width);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, (uint32_t)t->height);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, t->bits);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, t->samples);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, t->photometric);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, t->compression ? t->compression : 1);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, t->separate ? 2 : 1);
    if (t->alpha)
        TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &extra);
    if (t->orientation)
        TIFFSetField(tiff, TIFFTAG_ORIENTATION, t->orientation);
    if (t->tile) {
        TIFFSetField(tiff, TIFFTAG_TILEWIDTH, (uint32_t)t->tile);
        TIFFSetField(tiff, TIFFTAG_TILELENGTH, (uint32_t)t->tile);
    } else {
        TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, 5);
    }
    if (t->photometric == PHOTOMETRIC_PALETTE) {
        uint16_t palette[3][256];
        for (unsigned i = 0; i < 256; i++) {
            palette[0][i] = (uint16_t)(i * 257);
            palette[1][i] = (uint16_t)(65535 - i * 257);
            palette[2][i] = (uint16_t)(i * 100 + 7);
        }
        TIFFSetField(tiff, TIFFTAG_COLORMAP, palette[0], palette[1], palette[2]);
    }
    if (t->icc)
        TIFFSetField(tiff, TIFFTAG_ICCPROFILE, (uint32_t)t->icc->size, t->icc->data);
    if (t->raw)
        TIFFSetField(tiff, TIFFTAG_DNGVERSION, "\1\4\0\0");
    const struct {
        uint32_t tag;
        const char *text;
    } texts[] = {{TIFFTAG_MAKE, t->make},
                 {TIFFTAG_MODEL, t->model},
                 {TIFFTAG_SOFTWARE, t->software},
                 {TIFFTAG_DATETIME, t->date}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].text)
            TIFFSetField(tiff, texts[i].tag, texts[i].text);
}

static inline void tiff_sample_exif(TIFF *tiff)
{
    uint64_t offset = 0;
    uint16_t iso = 320;
    TIFFWriteDirectory(tiff);
    TIFFCreateEXIFDirectory(tiff);
    TIFFSetField(tiff, EXIFTAG_EXPOSURETIME, 0.008);
    TIFFSetField(tiff, EXIFTAG_FNUMBER, 5.6);
    TIFFSetField(tiff, EXIFTAG_FOCALLENGTH, 60.0);
    TIFFSetField(tiff, EXIFTAG_ISOSPEEDRATINGS, 1, &iso);
    TIFFSetField(tiff, EXIFTAG_LENSMODEL, "60mm Macro");
    TIFFSetField(tiff, EXIFTAG_DATETIMEORIGINAL, "2026:05:01 10:00:00");
    TIFFWriteCustomDirectory(tiff, &offset);
    TIFFSetDirectory(tiff, 0);
    TIFFSetField(tiff, TIFFTAG_EXIFIFD, offset);
    TIFFRewriteDirectory(tiff);
}

static inline struct bytes make_tiff(const struct tiff_sample *t)
{
    struct tiff_memory memory = {0};
    TIFF *tiff = TIFFClientOpen("memory", t->big_endian ? "wb" : "wl", (thandle_t)&memory,
                                tiff_memory_read, tiff_memory_write, tiff_memory_seek,
                                tiff_memory_close, tiff_memory_size, NULL, NULL);
    if (!tiff)
        abort();
    tiff_sample_tags(tiff, t);
    for (int s = 0; s < (t->separate ? t->samples : 1); s++)
        tiff_sample_plane(tiff, t, s, t->separate ? 1 : t->samples);
    if (t->exif)
        tiff_sample_exif(tiff);
    TIFFClose(tiff);
    return memory.file;
}

#endif
