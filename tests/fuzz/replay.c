/* Runs the fuzz target without libFuzzer: on the files named, or on some thousand mutations of
 * small pictures, the same ones each time.
 *
 *     fuzz_photo [FILE...] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "io/io.h"
#include "unit/test_io_make_icc.h"
#ifdef STRIAE_TIFF
#include "unit/test_io_make_tiff.h"
#endif
#ifdef STRIAE_HEIF
#include "unit/test_io_make_heif.h"
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROUNDS   700 /* per seed picture */
#define MUTATION 6   /* changes at most, in one round */

/* ---- seeds ---------------------------------------------------------------------------------- */

#define MOST_SEEDS 32

/* Photos with a profile of each kind. */
static size_t make_profile_seeds(struct bytes *seeds, const struct bytes *exif)
{
    struct bytes icc[3] = {icc_bytes(icc_matrix(&icc_p3, 0), "P3"),
                           icc_bytes(icc_grey(1.8), "grey"),
                           icc_bytes(icc_table(icc_matrix(&icc_p3, 0)), "table")};
    size_t count = 0;
    for (size_t i = 0; i < 3; i++) {
        struct bytes chunk = iccp_chunk(&icc[i]);
        const struct png_extra extra[] = {
            {"gAMA", "\0\1\x86\xa0", 4}, {"iCCP", chunk.data, chunk.size}, {0}};
        seeds[count++] = make_png(
            &(struct png_sample){.width = 12,
                                 .height = 9,
                                 .colour_type = i == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB,
                                 .bits = i == 2 ? 16 : 8,
                                 .extra = extra});
        free(chunk.data);
    }
    seeds[count++] = make_jpeg(&(struct jpeg_sample){.width = 16,
                                                     .height = 16,
                                                     .colours = JCS_YCbCr,
                                                     .quality = 80,
                                                     .exif = exif,
                                                     .icc = &icc[0],
                                                     .icc_piece = 200});
    for (size_t i = 0; i < 3; i++)
        free(icc[i].data);
    return count;
}

static size_t make_other_seeds(struct bytes *seeds, const struct bytes *exif)
{
    size_t count = 0;
#ifdef STRIAE_TIFF
    static const struct tiff_sample tiffs[] = {
        {.bits = 8, .samples = 3, .photometric = PHOTOMETRIC_RGB, .compression = COMPRESSION_LZW},
        {.bits = 16, .samples = 3, .photometric = PHOTOMETRIC_RGB, .tile = 16, .separate = true},
        {.bits = 8,
         .samples = 2,
         .photometric = PHOTOMETRIC_MINISBLACK,
         .alpha = true,
         .compression = COMPRESSION_ADOBE_DEFLATE,
         .big_endian = true,
         .exif = true},
        {.bits = 8, .samples = 1, .photometric = PHOTOMETRIC_PALETTE, .make = "Maker"},
    };
    for (size_t i = 0; i < sizeof tiffs / sizeof *tiffs; i++) {
        struct tiff_sample sample = tiffs[i];
        sample.width = 23;
        sample.height = 17;
        seeds[count++] = make_tiff(&sample);
    }
#endif
#ifdef STRIAE_HEIF
    if (heif_can_encode())
        seeds[count++] = make_heif(&(struct heif_sample){
            .width = 64, .height = 64, .exif = exif, .primaries = 12, .transfer = 13});
#endif
    (void)exif;
    return count;
}

static size_t make_seeds(struct bytes seeds[MOST_SEEDS])
{
    struct bytes exif = make_exif(&(struct exif_sample){.orientation = 6,
                                                        .original = "2026:05:01 10:00:00",
                                                        .edited = "2026:05:02 10:00:00",
                                                        .make = "Maker",
                                                        .model = "Model"});
    static const struct jpeg_sample jpegs[] = {
        {.width = 40, .height = 24, .colours = JCS_YCbCr, .quality = 85},
        {.width = 40, .height = 24, .colours = JCS_YCbCr, .quality = 85, .progressive = true},
        {.width = 19, .height = 33, .colours = JCS_GRAYSCALE, .quality = 60},
        {.width = 16, .height = 16, .colours = JCS_CMYK, .quality = 60},
    };
    static const struct png_sample pngs[] = {
        {.width = 20, .height = 11, .colour_type = PNG_COLOR_TYPE_RGB, .bits = 8},
        {.width = 20, .height = 11, .colour_type = PNG_COLOR_TYPE_RGB, .bits = 16},
        {.width = 20, .height = 11, .colour_type = PNG_COLOR_TYPE_GRAY, .bits = 2},
        {.width = 20, .height = 11, .colour_type = PNG_COLOR_TYPE_RGB_ALPHA, .bits = 8},
        {.width = 20, .height = 11, .colour_type = PNG_COLOR_TYPE_GRAY_ALPHA, .bits = 16},
        {.width = 20, .height = 11, .colour_type = PNG_COLOR_TYPE_PALETTE, .bits = 4},
        {.width = 20, .height = 11, .colour_type = PNG_COLOR_TYPE_GRAY, .bits = 16},
    };
    size_t count = 0;
    for (size_t i = 0; i < sizeof jpegs / sizeof *jpegs; i++) {
        struct jpeg_sample sample = jpegs[i];
        sample.exif = &exif;
        seeds[count++] = make_jpeg(&sample);
    }
    for (size_t i = 0; i < sizeof pngs / sizeof *pngs; i++) {
        struct png_sample sample = pngs[i];
        sample.exif = &exif;
        sample.interlaced = i % 2;
        sample.transparency = i % 3 == 2 && !(sample.colour_type & PNG_COLOR_MASK_ALPHA);
        seeds[count++] = make_png(&sample);
    }
    seeds[count++] = (struct bytes){0};
    bytes_add(&seeds[count - 1],
              "\0\0\0\x18"
              "ftypheic\0\0\0\0mif1heic",
              24);
    count += make_profile_seeds(seeds + count, &exif);
    count += make_other_seeds(seeds + count, &exif);
    free(exif.data);
    return count;
}

/* ---- mutations ------------------------------------------------------------------------------ */

/* In 0..below-1. */
static size_t pick(struct rng *rng, size_t below)
{
    return below ? rng_u32(rng) % below : 0;
}

/* An interesting byte as often as any. */
static uint8_t odd_byte(struct rng *rng)
{
    static const uint8_t odd[] = {0, 1, 0x7f, 0x80, 0xfe, 0xff};
    return rng_u32(rng) % 2 ? odd[pick(rng, sizeof odd)] : (uint8_t)rng_u32(rng);
}

static void change_once(struct bytes *b, struct rng *rng)
{
    if (b->size == 0)
        return;
    size_t at = pick(rng, b->size), from = pick(rng, b->size);
    size_t run = 1 + pick(rng, 8);
    switch (rng_u32(rng) % 8) {
    case 0: /* cut off the end */
        b->size = at;
        break;
    case 1: /* a bit */
        b->data[at] ^= (uint8_t)(1u << rng_u32(rng) % 8);
        break;
    case 2: /* a run of odd bytes */
        for (size_t i = at; i < b->size && i < at + run; i++)
            b->data[i] = odd_byte(rng);
        break;
    case 3: /* near the front, where the sizes are */
        b->data[pick(rng, b->size < 64 ? b->size : 64)] = odd_byte(rng);
        break;
    case 4: /* a piece copied elsewhere */
        run = b->size - (at > from ? at : from);
        memmove(b->data + at, b->data + from, run < 40 ? run : 40);
        break;
    case 5: /* a piece left out */
        run = run < b->size - at ? run : b->size - at;
        memmove(b->data + at, b->data + at + run, b->size - at - run);
        b->size -= run;
        break;
    default: /* a byte */
        b->data[at] = odd_byte(rng);
        break;
    }
}

static uint32_t big_endian(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* CRC-32 of ISO 3309, as PNG uses it. */
static uint32_t crc(const uint8_t *data, size_t size)
{
    uint32_t value = 0xffffffff;
    for (size_t i = 0; i < size; i++) {
        value ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            value = value >> 1 ^ (value & 1 ? 0xedb88320 : 0);
    }
    return ~value;
}

/* Makes the checksums of a PNG's chunks right again, so that the changes get past them. */
static void repair_checksums(struct bytes *b)
{
    for (size_t at = 8; at + 12 <= b->size;) {
        size_t length = big_endian(b->data + at);
        if (length > b->size - at - 12)
            break;
        uint32_t sum = crc(b->data + at + 4, length + 4);
        for (int i = 0; i < 4; i++)
            b->data[at + 8 + length + (size_t)i] = (uint8_t)(sum >> (24 - 8 * i));
        at += length + 12;
    }
}

static void run_mutations(void)
{
    struct bytes seeds[MOST_SEEDS] = {0};
    unsigned count = (unsigned)make_seeds(seeds);
    for (unsigned s = 0; s < count; s++) {
        LLVMFuzzerTestOneInput(seeds[s].data, seeds[s].size);
        for (unsigned round = 0; round < ROUNDS; round++) {
            struct rng rng;
            struct bytes changed = {0};
            rng_seed(&rng, round, s);
            bytes_add(&changed, seeds[s].data, seeds[s].size);
            for (size_t left = 1 + pick(&rng, MUTATION); left > 0; left--)
                change_once(&changed, &rng);
            if (round % 4 != 0 && changed.size > 8 && changed.data[0] == 0x89)
                repair_checksums(&changed);
            /* A block of exactly this size: a sanitizer sees a read past its end. */
            uint8_t *exact = malloc(changed.size + (changed.size == 0));
            if (!exact)
                abort();
            memcpy(exact, changed.data, changed.size);
            LLVMFuzzerTestOneInput(exact, changed.size);
            free(exact);
            free(changed.data);
        }
        free(seeds[s].data);
    }
    printf("%u inputs\n", count * (ROUNDS + 1));
}

int main(int count, char **arguments)
{
    for (int i = 1; i < count; i++) {
        char *data;
        size_t size;
        striae_error error;
        if (io_read_file(arguments[i], &data, &size, &error) != STRIAE_OK) {
            (void)fprintf(stderr, "%s\n", error.message);
            return 1;
        }
        LLVMFuzzerTestOneInput((const uint8_t *)data, size);
        free(data);
    }
    if (count < 2)
        run_mutations();
    return 0;
}
