#include "report/picture.h"

#include "colour/colour.h"

#include <math.h>
#include <stdlib.h>

double picture_factor(int width, int height, int long_side)
{
    int side = width > height ? width : height;
    return side > long_side ? (double)long_side / side : 1;
}

static int shrunk_size(int size, double factor)
{
    int shrunk = (int)floor(size * factor + 0.5);
    return shrunk < 1 ? 1 : shrunk;
}

static void decode_table(float table[256])
{
    for (int i = 0; i < 256; i++)
        table[i] = (float)colour_srgb_decode(i / 255.0);
}

/* Source pixels start..end-1 under output pixel i, and the part of the first and last that counts.
 */
struct span {
    int start, end;
    float first, last;
};

static struct span span_of(int i, int out_size, int in_size)
{
    double a = (double)i * in_size / out_size, b = (double)(i + 1) * in_size / out_size;
    struct span span = {.start = (int)a, .end = (int)ceil(b - 1e-9)};
    if (span.end > in_size)
        span.end = in_size;
    if (span.end <= span.start)
        span.end = span.start + 1;
    span.first = (float)(span.start + 1 - a);
    span.last = (float)(b - (span.end - 1));
    if (span.end - span.start == 1)
        span.first = span.last = 1;
    return span;
}

static float weight_at(const struct span *span, int i)
{
    return i == span->start ? span->first : i == span->end - 1 ? span->last : 1;
}

static void mean_light(const struct rgb8 *in, const float table[256], const struct span *across,
                       const struct span *down, uint8_t out[3])
{
    float sum[3] = {0}, total = 0;
    for (int y = down->start; y < down->end; y++) {
        const uint8_t *row = in->data + 3 * (size_t)y * (size_t)in->width;
        float wy = weight_at(down, y);
        for (int x = across->start; x < across->end; x++) {
            float w = wy * weight_at(across, x);
            for (int c = 0; c < 3; c++)
                sum[c] += w * table[row[3 * x + c]];
            total += w;
        }
    }
    for (int c = 0; c < 3; c++)
        out[c] = colour_srgb_encode8(sum[c] / total);
}

striae_status picture_shrink(const struct rgb8 *in, double factor, struct rgb8 *out,
                             striae_error *error)
{
    float table[256];
    int width = shrunk_size(in->width, factor), height = shrunk_size(in->height, factor);
    striae_status status = rgb8_init(out, width, height, error);
    if (status != STRIAE_OK)
        return status;
    decode_table(table);
    for (int y = 0; y < height; y++) {
        struct span down = span_of(y, height, in->height);
        for (int x = 0; x < width; x++) {
            struct span across = span_of(x, width, in->width);
            mean_light(in, table, &across, &down,
                       out->data + 3 * ((size_t)y * (size_t)width + (size_t)x));
        }
    }
    return STRIAE_OK;
}

static void hatch(int x, int y, uint8_t out[3])
{
    uint8_t grey = (x + y) % 14 < 7 ? 226 : 208;
    out[0] = out[1] = out[2] = grey;
}

/* Bilinear; false outside. */
static bool sample(const struct rgb8 *in, double x, double y, uint8_t out[3])
{
    if (!(x >= -0.5 && y >= -0.5 && x <= in->width - 0.5 && y <= in->height - 0.5))
        return false;
    x = fmin(fmax(x, 0), in->width - 1);
    y = fmin(fmax(y, 0), in->height - 1);
    size_t x0 = (size_t)x, y0 = (size_t)y;
    size_t x1 = x0 + 1 < (size_t)in->width ? x0 + 1 : x0;
    size_t y1 = y0 + 1 < (size_t)in->height ? y0 + 1 : y0;
    double tx = x - (double)x0, ty = y - (double)y0;
    const uint8_t *top = in->data + 3 * y0 * (size_t)in->width;
    const uint8_t *bottom = in->data + 3 * y1 * (size_t)in->width;
    for (size_t c = 0; c < 3; c++) {
        double upper = (1 - tx) * top[3 * x0 + c] + tx * top[3 * x1 + c];
        double lower = (1 - tx) * bottom[3 * x0 + c] + tx * bottom[3 * x1 + c];
        out[c] = (uint8_t)((1 - ty) * upper + ty * lower + 0.5);
    }
    return true;
}

striae_status picture_align(const struct rgb8 *later, double later_factor,
                            const struct warp *forward, double factor, struct rgb8 *out,
                            striae_error *error)
{
    int width = shrunk_size(forward->source_width, factor);
    int height = shrunk_size(forward->source_height, factor);
    striae_status status = rgb8_init(out, width, height, error);
    if (status != STRIAE_OK)
        return status;
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            uint8_t *pixel = out->data + 3 * ((size_t)y * (size_t)width + (size_t)x);
            double u, v;
            bool known = warp_point(forward, fmax(0, (x + 0.5) / factor - 0.5),
                                    fmax(0, (y + 0.5) / factor - 0.5), &u, &v);
            if (!known || !sample(later, (u + 0.5) * later_factor - 0.5,
                                  (v + 0.5) * later_factor - 0.5, pixel))
                hatch(x, y, pixel);
        }
    }
    return STRIAE_OK;
}
