#include "base/filter.h"

#include "base/threads.h"
#include "base/vector.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define DIRECT_LIMIT  6.0 /* largest sigma convolved directly */
#define ROWS_PER_TASK 32

static int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

/* ---- convolution ---------------------------------------------------------------------------- */

struct convolution {
    const struct plane *in;
    struct plane *out;
    const float *kernel; /* kernel[0..radius], symmetric */
    int radius;
};

static int task_count(int height)
{
    return (height + ROWS_PER_TASK - 1) / ROWS_PER_TASK;
}

/* Near the left and right border, where the kernel hangs over. */
static void convolve_border(const struct convolution *c, const float *in, int from, int to,
                            float *out)
{
    int last = c->in->width - 1;
    for (int x = from; x < to; x++) {
        float sum = c->kernel[0] * in[x];
        for (int k = 1; k <= c->radius; k++)
            sum += c->kernel[k] * (in[clamp(x - k, 0, last)] + in[clamp(x + k, 0, last)]);
        out[x] = sum;
    }
}

VECTORISED static void convolve_across(const struct convolution *c, const float *restrict in,
                                       float *restrict out)
{
    int width = c->in->width, begin = c->radius < width ? c->radius : width;
    int end = width - c->radius > begin ? width - c->radius : begin;
    convolve_border(c, in, 0, begin, out);
    for (int x = begin; x < end; x++)
        out[x] = c->kernel[0] * in[x];
    for (int k = 1; k <= c->radius; k++) {
        float weight = c->kernel[k];
        for (int x = begin; x < end; x++)
            out[x] += weight * (in[x - k] + in[x + k]);
    }
    convolve_border(c, in, end, width, out);
}

VECTORISED static void convolve_down(const struct convolution *c, int y, float *restrict out)
{
    int width = c->in->width, last = c->in->height - 1;
    const float *middle = plane_row(c->in, y);
    for (int x = 0; x < width; x++)
        out[x] = c->kernel[0] * middle[x];
    for (int k = 1; k <= c->radius; k++) {
        const float *above = plane_row(c->in, clamp(y - k, 0, last));
        const float *below = plane_row(c->in, clamp(y + k, 0, last));
        float weight = c->kernel[k];
        for (int x = 0; x < width; x++)
            out[x] += weight * (above[x] + below[x]);
    }
}

static void across_task(void *context, int index)
{
    const struct convolution *c = context;
    int end = clamp((index + 1) * ROWS_PER_TASK, 0, c->in->height);
    for (int y = index * ROWS_PER_TASK; y < end; y++)
        convolve_across(c, plane_row(c->in, y), plane_row(c->out, y));
}

static void down_task(void *context, int index)
{
    const struct convolution *c = context;
    int end = clamp((index + 1) * ROWS_PER_TASK, 0, c->in->height);
    for (int y = index * ROWS_PER_TASK; y < end; y++)
        convolve_down(c, y, plane_row(c->out, y));
}

static striae_status gaussian_direct(const struct plane *in, double sigma, int threads,
                                     struct plane *out, striae_error *error)
{
    float kernel[64];
    int radius = (int)ceil(4 * sigma);
    double sum = 0;
    struct plane across = {0}, down = {0};
    for (int k = 0; k <= radius; k++) {
        kernel[k] = (float)exp(-0.5 * k * k / (sigma * sigma));
        sum += k ? 2 * kernel[k] : kernel[k];
    }
    for (int k = 0; k <= radius; k++)
        kernel[k] = (float)(kernel[k] / sum);
    striae_status status = plane_init(&across, in->width, in->height, error);
    if (status == STRIAE_OK)
        status = plane_init(&down, in->width, in->height, error);
    if (status == STRIAE_OK) {
        struct convolution first = {in, &across, kernel, radius};
        struct convolution second = {&across, &down, kernel, radius};
        threads_run(threads, task_count(in->height), across_task, &first);
        threads_run(threads, task_count(in->height), down_task, &second);
        *out = down;
    } else {
        plane_free(&down);
    }
    plane_free(&across);
    return status;
}

static striae_status copy_plane(const struct plane *in, struct plane *out, striae_error *error)
{
    striae_status status = plane_init(out, in->width, in->height, error);
    if (status == STRIAE_OK)
        memcpy(out->data, in->data, (size_t)in->height * in->stride * sizeof *in->data);
    return status;
}

striae_status filter_gaussian(const struct plane *in, double sigma, int threads, struct plane *out,
                              striae_error *error)
{
    struct plane small = {0}, smooth = {0};
    striae_status status;
    *out = (struct plane){0};
    if (sigma < 0.05)
        return copy_plane(in, out, error);
    if (sigma <= DIRECT_LIMIT)
        return gaussian_direct(in, sigma, threads, out, error);
    /* The block mean has variance (f^2-1)/12, the bilinear enlargement about f^2/6. */
    int factor = (int)floor(sigma / 4);
    double rest = sigma * sigma - (factor * factor - 1) / 12.0 - factor * factor / 6.0;
    status = filter_reduce(in, factor, &small, error);
    if (status == STRIAE_OK)
        status = filter_gaussian(&small, sqrt(rest) / factor, threads, &smooth, error);
    if (status == STRIAE_OK)
        status = filter_enlarge(&smooth, in->width, in->height, out, error);
    plane_free(&small);
    plane_free(&smooth);
    return status;
}

striae_status filter_gaussian_weighted(const struct plane *in, const struct plane *weight,
                                       double sigma, float empty, int threads, struct plane *out,
                                       striae_error *error)
{
    struct plane product = {0}, above = {0}, below = {0};
    striae_status status = plane_init(&product, in->width, in->height, error);
    *out = (struct plane){0};
    if (status == STRIAE_OK) {
        for (int y = 0; y < in->height; y++)
            for (int x = 0; x < in->width; x++) {
                float w = plane_row(weight, y)[x];
                plane_row(&product, y)[x] = w > 0 ? w * plane_row(in, y)[x] : 0;
            }
        status = filter_gaussian(&product, sigma, threads, &above, error);
    }
    if (status == STRIAE_OK)
        status = filter_gaussian(weight, sigma, threads, &below, error);
    if (status == STRIAE_OK) {
        for (int y = 0; y < in->height; y++) {
            float *a = plane_row(&above, y);
            const float *b = plane_row(&below, y);
            for (int x = 0; x < in->width; x++)
                a[x] = b[x] > 1e-3f ? a[x] / b[x] : empty;
        }
        *out = above;
        above = (struct plane){0};
    }
    plane_free(&product);
    plane_free(&above);
    plane_free(&below);
    return status;
}

/* ---- scaling -------------------------------------------------------------------------------- */

striae_status filter_reduce(const struct plane *in, int factor, struct plane *out,
                            striae_error *error)
{
    *out = (struct plane){0};
    if (factor <= 1)
        return copy_plane(in, out, error);
    int width = (in->width + factor - 1) / factor, height = (in->height + factor - 1) / factor;
    striae_status status = plane_init(out, width, height, error);
    if (status != STRIAE_OK)
        return status;
    for (int y = 0; y < height; y++) {
        int bottom = clamp((y + 1) * factor, 0, in->height), rows = bottom - y * factor;
        float *to = plane_row(out, y);
        for (int sy = y * factor; sy < bottom; sy++) {
            const float *from = plane_row(in, sy);
            for (int x = 0; x < width; x++) {
                int right = clamp((x + 1) * factor, 0, in->width);
                for (int sx = x * factor; sx < right; sx++)
                    to[x] += from[sx];
            }
        }
        for (int x = 0; x < width; x++)
            to[x] /= (float)(rows * (clamp((x + 1) * factor, 0, in->width) - x * factor));
    }
    return STRIAE_OK;
}

/* Which two columns of the small plane each column lies between, and the share of the right one. */
struct between {
    int left, right;
    float share;
};

VECTORISED static void enlarge_row(const float *restrict a, const float *restrict b, float ty,
                                   const struct between *columns, int width, float *restrict to)
{
    for (int x = 0; x < width; x++) {
        int x0 = columns[x].left, x1 = columns[x].right;
        float tx = columns[x].share;
        float top = a[x0] + tx * (a[x1] - a[x0]), low = b[x0] + tx * (b[x1] - b[x0]);
        to[x] = top + ty * (low - top);
    }
}

striae_status filter_enlarge(const struct plane *in, int width, int height, struct plane *out,
                             striae_error *error)
{
    striae_status status = plane_init(out, width, height, error);
    if (status != STRIAE_OK)
        return status;
    struct between *columns = malloc((size_t)width * sizeof *columns);
    if (!columns) {
        plane_free(out);
        return fail_memory(error);
    }
    /* A reduced plane covers ceil(size/factor) blocks: the factor is recovered from that. */
    double fx = ceil((double)width / in->width), fy = ceil((double)height / in->height);
    for (int x = 0; x < width; x++) {
        double u = (x + 0.5) / fx - 0.5;
        int x0 = clamp((int)floor(u), 0, in->width - 1), x1 = clamp(x0 + 1, 0, in->width - 1);
        columns[x] = (struct between){x0, x1, (float)fmin(fmax(u - x0, 0), 1)};
    }
    for (int y = 0; y < height; y++) {
        double v = (y + 0.5) / fy - 0.5;
        int y0 = clamp((int)floor(v), 0, in->height - 1), y1 = clamp(y0 + 1, 0, in->height - 1);
        enlarge_row(plane_row(in, y0), plane_row(in, y1), (float)fmin(fmax(v - y0, 0), 1), columns,
                    width, plane_row(out, y));
    }
    free(columns);
    return STRIAE_OK;
}

/* ---- sampling ------------------------------------------------------------------------------- */

float sample_nearest(const struct plane *in, double x, double y)
{
    int px = (int)lround(x), py = (int)lround(y);
    if (px < 0 || py < 0 || px >= in->width || py >= in->height)
        return 0;
    return plane_row(in, py)[px];
}

float sample_bilinear(const struct plane *in, double x, double y)
{
    x = fmin(fmax(x, 0), in->width - 1);
    y = fmin(fmax(y, 0), in->height - 1);
    int x0 = (int)x, y0 = (int)y;
    int x1 = clamp(x0 + 1, 0, in->width - 1), y1 = clamp(y0 + 1, 0, in->height - 1);
    float tx = (float)(x - x0), ty = (float)(y - y0);
    const float *a = plane_row(in, y0), *b = plane_row(in, y1);
    float top = a[x0] + tx * (a[x1] - a[x0]), low = b[x0] + tx * (b[x1] - b[x0]);
    return top + ty * (low - top);
}

static void catmull_rom(float t, float w[4])
{
    w[0] = ((-0.5f * t + 1) * t - 0.5f) * t;
    w[1] = (1.5f * t - 2.5f) * t * t + 1;
    w[2] = ((-1.5f * t + 2) * t + 0.5f) * t;
    w[3] = (0.5f * t - 0.5f) * t * t;
}

/* Weighted sum of the 4 x 4 pixels around (x0,y0)..(x0+1,y0+1). */
static float cubic_sum(const struct plane *in, int x0, int y0, const float wx[4], const float wy[4])
{
    bool inside = x0 >= 1 && y0 >= 1 && x0 + 2 < in->width && y0 + 2 < in->height;
    float sum = 0;
    for (int j = 0; j < 4; j++) {
        const float *row =
            plane_row(in, inside ? y0 + j - 1 : clamp(y0 + j - 1, 0, in->height - 1));
        float across = 0;
        for (int i = 0; i < 4; i++)
            across += wx[i] * row[inside ? x0 + i - 1 : clamp(x0 + i - 1, 0, in->width - 1)];
        sum += wy[j] * across;
    }
    return sum;
}

void sample_cubic_each(const struct plane *in, int count, double x, double y, float *out)
{
    x = fmin(fmax(x, 0), in->width - 1);
    y = fmin(fmax(y, 0), in->height - 1);
    int x0 = (int)x, y0 = (int)y;
    float wx[4], wy[4];
    catmull_rom((float)(x - x0), wx);
    catmull_rom((float)(y - y0), wy);
    for (int c = 0; c < count; c++)
        out[c] = cubic_sum(&in[c], x0, y0, wx, wy);
}

float sample_cubic(const struct plane *in, double x, double y)
{
    float value;
    sample_cubic_each(in, 1, x, y, &value);
    return value;
}
