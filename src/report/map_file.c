#include "report/map_file.h"

#include "io/io.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER = 44, DIGEST = 64, VERSION = 1, LARGEST = 65535 };

static const char magic[8] = {'S', 'T', 'R', 'I', 'A', 'M', 'A', 'P'};

static void put_u32(unsigned char *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char)(value >> (8 * i));
}

static uint32_t get_u32(const unsigned char *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void put_f64(unsigned char *at, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_u32(at, (uint32_t)bits);
    put_u32(at + 4, (uint32_t)(bits >> 32));
}

static double get_f64(const unsigned char *at)
{
    uint64_t bits = get_u32(at) | (uint64_t)get_u32(at + 4) << 32;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* One NaN for all NaNs, so that the same map gives the same bytes. */
static void put_f32(unsigned char *at, float value)
{
    uint32_t bits = 0x7fc00000;
    if (!isnan(value))
        memcpy(&bits, &value, sizeof bits);
    put_u32(at, bits);
}

static float get_f32(const unsigned char *at)
{
    uint32_t bits = get_u32(at);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

striae_status map_encode(const struct warp *warp, unsigned char **data, size_t *size,
                         striae_error *error)
{
    *data = NULL;
    *size = 0;
    if (warp->columns < 2 || warp->rows < 2 || !warp->x || !warp->y || !warp->error)
        return fail_with(error, STRIAE_ERROR_INTERNAL, "a map without nodes cannot be saved");
    size_t count = (size_t)warp->columns * (size_t)warp->rows;
    size_t field = checked_bytes((size_t)warp->rows, (size_t)warp->columns, 4);
    if (!field || field > (SIZE_MAX - HEADER - DIGEST) / 3)
        return fail_memory(error);
    size_t body = HEADER + 3 * field;
    unsigned char *bytes = malloc(body + DIGEST);
    if (!bytes)
        return fail_memory(error);
    memcpy(bytes, magic, sizeof magic);
    const uint32_t numbers[7] = {VERSION,
                                 (uint32_t)warp->source_width,
                                 (uint32_t)warp->source_height,
                                 (uint32_t)warp->target_width,
                                 (uint32_t)warp->target_height,
                                 (uint32_t)warp->columns,
                                 (uint32_t)warp->rows};
    for (size_t i = 0; i < 7; i++)
        put_u32(bytes + 8 + 4 * i, numbers[i]);
    put_f64(bytes + 36, warp->step);
    const float *const fields[3] = {warp->x, warp->y, warp->error};
    unsigned char *at = bytes + HEADER;
    for (size_t i = 0; i < count * 3; i++, at += 4) {
        bool known = !isnan(warp->x[i % count]) && !isnan(warp->y[i % count]);
        put_f32(at, known ? fields[i / count][i % count] : NAN);
    }
    char hex[DIGEST + 1];
    io_sha256(bytes, body, hex);
    memcpy(bytes + body, hex, DIGEST);
    *data = bytes;
    *size = body + DIGEST;
    return STRIAE_OK;
}

static striae_status damaged(const char *name, const char *what, striae_error *error)
{
    return fail_with(error, STRIAE_ERROR_DAMAGED,
                     "%s: %s; the map file is damaged, make the result again with --force", name,
                     what);
}

/* Header fields that agree with each other and with the file's size. */
static const char *header_fault(const unsigned char *bytes, size_t size, uint32_t n[6],
                                double *step)
{
    for (size_t i = 0; i < 6; i++)
        n[i] = get_u32(bytes + 12 + 4 * i);
    *step = get_f64(bytes + 36);
    for (size_t i = 0; i < 4; i++)
        if (n[i] < 1 || n[i] > LARGEST)
            return "a photo size is out of range";
    if (!(*step > 0 && *step < 1e6))
        return "the grid step is out of range";
    double columns = fmax(2, ceil((n[0] - 1) / *step) + 1);
    double rows = fmax(2, ceil((n[1] - 1) / *step) + 1);
    if (columns != n[4] || rows != n[5])
        return "the grid does not fit the photo";
    if (HEADER + DIGEST + 12 * columns * rows != (double)size)
        return "it is cut off or too long";
    return NULL;
}

striae_status map_decode(const void *data, size_t size, const char *name, struct warp *warp,
                         striae_error *error)
{
    const unsigned char *bytes = data;
    uint32_t n[6];
    double step;
    *warp = (struct warp){0};
    if (size < sizeof magic || memcmp(bytes, magic, sizeof magic) != 0)
        return fail_with(error, STRIAE_ERROR_FORMAT,
                         "%s: not a map file; give the result.json of a comparison", name);
    if (size < HEADER + DIGEST)
        return damaged(name, "it is cut off", error);
    if (get_u32(bytes + 8) != VERSION)
        return fail_with(error, STRIAE_ERROR_UNSUPPORTED,
                         "%s: map format version %u is not known to this program; use the version "
                         "that made it",
                         name, (unsigned)get_u32(bytes + 8));
    const char *fault = header_fault(bytes, size, n, &step);
    if (fault)
        return damaged(name, fault, error);
    char hex[DIGEST + 1];
    io_sha256(bytes, size - DIGEST, hex);
    if (memcmp(hex, bytes + size - DIGEST, DIGEST) != 0)
        return damaged(name, "its checksum does not match", error);
    striae_status status = warp_init(warp, (int)n[0], (int)n[1], (int)n[2], (int)n[3], step, error);
    if (status != STRIAE_OK)
        return status;
    size_t count = (size_t)warp->columns * (size_t)warp->rows;
    for (size_t i = 0; i < count; i++) {
        const unsigned char *at = bytes + HEADER + 4 * i;
        float x = get_f32(at), y = get_f32(at + 4 * count), e = get_f32(at + 8 * count);
        if (isinf(x) || isinf(y) || isinf(e) || isnan(x) != isnan(y)) {
            warp_free(warp);
            return damaged(name, "a node is not a number", error);
        }
        warp->x[i] = x;
        warp->y[i] = y;
        warp->error[i] = e;
    }
    return STRIAE_OK;
}
