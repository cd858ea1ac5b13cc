/* The chunks of a PNG that tell what its colours mean: Portable Network Graphics (PNG)
 * Specification, third edition (W3C), section 11.3. */
#include "io/raster.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define LARGEST_PROFILE (1u << 24)

static double number(const uint8_t *p)
{
    return (double)((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]);
}

/* Inflates into a block of its own; NULL when it is no zlib stream, or too large. */
static uint8_t *inflated(const uint8_t *data, size_t size, size_t *inflated_size)
{
    for (size_t room = 1u << 14; room <= LARGEST_PROFILE; room *= 4) {
        uLongf got = room;
        uint8_t *to = malloc(room);
        int code = to ? uncompress(to, &got, data, (uLong)size) : Z_MEM_ERROR;
        if (code == Z_OK) {
            *inflated_size = got;
            return to;
        }
        free(to);
        if (code != Z_BUF_ERROR)
            return NULL;
    }
    return NULL;
}

/* Name, 0, method 0, zlib stream. */
static void note_profile(const uint8_t *data, size_t size, struct raster *raster)
{
    const uint8_t *end = memchr(data, 0, size);
    size_t head = end ? (size_t)(end - data) + 2 : size;
    if (raster->icc || raster->icc_broken)
        return;
    if (head < size && end[1] == 0)
        raster->icc = inflated(data + head, size - head, &raster->icc_size);
    raster->icc_broken = !raster->icc;
}

static void note_chromaticities(const uint8_t *data, struct colour_tags *tags)
{
    for (int i = 0; i < 8; i++)
        tags->chromaticity[i] = number(data + 4 * i) / 1e5;
}

/* Keyword, 0, text. */
static void note_text(const uint8_t *data, size_t size, struct photo_info *info)
{
    static const char keyword[] = "Software";
    if (size > sizeof keyword && memcmp(data, keyword, sizeof keyword) == 0 && !info->software[0])
        exif_text(data + sizeof keyword, size - sizeof keyword, info->software,
                  sizeof info->software);
}

void png_note_chunk(const char name[4], const uint8_t *data, size_t size, struct raster *raster)
{
    struct colour_tags *tags = &raster->tags;
    if (memcmp(name, "iCCP", 4) == 0)
        note_profile(data, size, raster);
    else if (memcmp(name, "sRGB", 4) == 0)
        tags->srgb = true;
    else if (memcmp(name, "gAMA", 4) == 0 && size == 4)
        tags->gamma = number(data) / 1e5;
    else if (memcmp(name, "cHRM", 4) == 0 && size == 32)
        note_chromaticities(data, tags);
    else if (memcmp(name, "cICP", 4) == 0 && size == 4 && data[2] == 0 && data[3] == 1) {
        tags->primaries = data[0];
        tags->transfer = data[1];
    } else if (memcmp(name, "tEXt", 4) == 0)
        note_text(data, size, &raster->info);
}
