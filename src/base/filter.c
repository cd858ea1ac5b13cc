#include "base/filter.h"

#include "base/threads.h"
#include "base/vector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DIRECT_LIMIT  8.0 /* sigma from which on a plane is reduced, by 2 at least */
#define ROWS_PER_TASK 32
#define HALF_VARIANCE (3 / 12.0 + 4 / 6.0) /* px^2: of a mean over 2 px and of its enlargement */

static int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

/* ---- scaling -------------------------------------------------------------------------------- */

struct reduction {
    const struct plane *in;
    struct plane *out;
    int factor;
};

VECTORISED static void add_pairs(const float *restrict from, int count, float *restrict to)
{
    for (int x = 0; x < count; x++)
        to[x] = to[x] + from[2 * x] + from[2 * x + 1];
}

/* Adds a row of the large plane, block by block. */
static void add_blocks(const float *from, int size, int factor, int count, float *to)
{
    int whole = size / factor;
    if (factor == 2)
        add_pairs(from, whole, to);
    for (int x = factor == 2 ? whole : 0; x < count; x++) {
        int right = clamp((x + 1) * factor, 0, size);
        for (int sx = x * factor; sx < right; sx++)
            to[x] += from[sx];
    }
}

static void reduce_task(void *context, int from, int to)
{
    const struct reduction *r = context;
    int factor = r->factor, width = r->out->width;
    for (int y = from; y < to; y++) {
        int bottom = clamp((y + 1) * factor, 0, r->in->height), rows = bottom - y * factor;
        float *sums = plane_row(r->out, y);
        for (int sy = y * factor; sy < bottom; sy++)
            add_blocks(plane_row(r->in, sy), r->in->width, factor, width, sums);
        for (int x = 0; x < width - 1; x++)
            sums[x] /= (float)(rows * factor);
        sums[width - 1] /= (float)(rows * (r->in->width - (width - 1) * factor));
    }
}

static striae_status reduce(const struct plane *in, int factor, int threads, struct plane *out,
                            striae_error *error)
{
    *out = (struct plane){0};
    if (factor <= 1)
        return plane_copy(in, out, error);
    int width = (in->width + factor - 1) / factor, height = (in->height + factor - 1) / factor;
    striae_status status = plane_init(out, width, height, error);
    if (status != STRIAE_OK)
        return status;
    struct reduction reduction = {in, out, factor};
    threads_run_rows(threads, height, ROWS_PER_TASK, reduce_task, &reduction);
    return STRIAE_OK;
}

striae_status filter_reduce(const struct plane *in, int factor, struct plane *out,
                            striae_error *error)
{
    return reduce(in, factor, 1, out, error);
}

/* Which two columns of the small plane each column lies between, and the share of the right one. */
struct between {
    int left, right;
    float share;
};

struct enlargement {
    const struct plane *in;
    struct plane *out;
    const struct between *columns;
    double factor; /* down */
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

static void enlarge_task(void *context, int from, int to)
{
    const struct enlargement *e = context;
    int last = e->in->height - 1;
    for (int y = from; y < to; y++) {
        double v = (y + 0.5) / e->factor - 0.5;
        int y0 = clamp((int)floor(v), 0, last), y1 = clamp(y0 + 1, 0, last);
        enlarge_row(plane_row(e->in, y0), plane_row(e->in, y1), (float)fmin(fmax(v - y0, 0), 1),
                    e->columns, e->out->width, plane_row(e->out, y));
    }
}

static striae_status enlarge(const struct plane *in, int width, int height, int threads,
                             struct plane *out, striae_error *error)
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
    struct enlargement enlargement = {in, out, columns, fy};
    threads_run_rows(threads, height, ROWS_PER_TASK, enlarge_task, &enlargement);
    free(columns);
    return STRIAE_OK;
}

striae_status filter_enlarge(const struct plane *in, int width, int height, struct plane *out,
                             striae_error *error)
{
    return enlarge(in, width, height, 1, out, error);
}

/* ---- convolution ---------------------------------------------------------------------------- */

struct convolution {
    const struct plane *in;
    struct plane *out;
    const float *kernel; /* kernel[0..radius], symmetric */
    int radius;
};

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

static void across_task(void *context, int from, int to)
{
    const struct convolution *c = context;
    for (int y = from; y < to; y++)
        convolve_across(c, plane_row(c->in, y), plane_row(c->out, y));
}

static void down_task(void *context, int from, int to)
{
    const struct convolution *c = context;
    for (int y = from; y < to; y++)
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
        threads_run_rows(threads, in->height, ROWS_PER_TASK, across_task, &first);
        threads_run_rows(threads, in->height, ROWS_PER_TASK, down_task, &second);
        *out = down;
    } else {
        plane_free(&down);
    }
    plane_free(&across);
    return status;
}

striae_status filter_gaussian(const struct plane *in, double sigma, int threads, struct plane *out,
                              striae_error *error)
{
    struct plane small = {0}, smooth = {0};
    striae_status status;
    *out = (struct plane){0};
    if (sigma < 0.05)
        return plane_copy(in, out, error);
    if (sigma < DIRECT_LIMIT)
        return gaussian_direct(in, sigma, threads, out, error);
    /* The block mean has variance (f^2-1)/12, the bilinear enlargement about f^2/6. */
    int factor = (int)floor(sigma / 4);
    double rest = sigma * sigma - (factor * factor - 1) / 12.0 - factor * factor / 6.0;
    status = reduce(in, factor, threads, &small, error);
    if (status == STRIAE_OK)
        status = filter_gaussian(&small, sqrt(rest) / factor, threads, &smooth, error);
    if (status == STRIAE_OK)
        status = enlarge(&smooth, in->width, in->height, threads, out, error);
    plane_free(&small);
    plane_free(&smooth);
    return status;
}

struct weighing {
    const struct plane *in, *weight, *below;
    struct plane *out;
    float empty;
};

static void multiply_task(void *context, int from, int to)
{
    const struct weighing *w = context;
    int width = w->in->width;
    for (int y = from; y < to; y++) {
        const float *weight = plane_row(w->weight, y), *in = plane_row(w->in, y);
        float *out = plane_row(w->out, y);
        for (int x = 0; x < width; x++) {
            float product = weight[x] * in[x];
            out[x] = weight[x] > 0 ? product : 0;
        }
    }
}

static void divide_task(void *context, int from, int to)
{
    const struct weighing *w = context;
    int width = w->out->width;
    for (int y = from; y < to; y++) {
        const float *below = plane_row(w->below, y);
        float *out = plane_row(w->out, y);
        for (int x = 0; x < width; x++) {
            float ratio = out[x] / below[x];
            out[x] = below[x] > 1e-3f ? ratio : w->empty;
        }
    }
}

/* above / below, into above. */
static void divide(struct plane *above, const struct plane *below, float empty, int threads)
{
    struct weighing w = {.below = below, .out = above, .empty = empty};
    threads_run_rows(threads, above->height, ROWS_PER_TASK, divide_task, &w);
}

static striae_status multiply(const struct plane *in, const struct plane *weight, int threads,
                              struct plane *out, striae_error *error)
{
    struct weighing w = {.in = in, .weight = weight, .out = out};
    striae_status status = plane_init(out, in->width, in->height, error);
    if (status == STRIAE_OK)
        threads_run_rows(threads, in->height, ROWS_PER_TASK, multiply_task, &w);
    return status;
}

striae_status filter_gaussian_known(const struct plane *in, const struct plane *weight,
                                    const struct plane *blurred_weight, double sigma, float empty,
                                    int threads, struct plane *out, striae_error *error)
{
    struct plane product = {0};
    *out = (struct plane){0};
    striae_status status = multiply(in, weight, threads, &product, error);
    if (status == STRIAE_OK)
        status = filter_gaussian(&product, sigma, threads, out, error);
    if (status == STRIAE_OK)
        divide(out, blurred_weight, empty, threads);
    plane_free(&product);
    return status;
}

striae_status filter_gaussian_weighted(const struct plane *in, const struct plane *weight,
                                       double sigma, float empty, int threads, struct plane *out,
                                       striae_error *error)
{
    struct plane blurred = {0};
    *out = (struct plane){0};
    striae_status status = filter_gaussian(weight, sigma, threads, &blurred, error);
    if (status == STRIAE_OK)
        status = filter_gaussian_known(in, weight, &blurred, sigma, empty, threads, out, error);
    plane_free(&blurred);
    return status;
}

/* Reduced by 2, then smoothed by `sigma` px of the reduced plane. */
static striae_status smooth_half(const struct plane *in, double sigma, int threads,
                                 struct plane *out, striae_error *error)
{
    struct plane half = {0};
    striae_status status = reduce(in, 2, threads, &half, error);
    if (status == STRIAE_OK)
        status = filter_gaussian(&half, sigma, threads, out, error);
    plane_free(&half);
    return status;
}

striae_status filter_background_weighted(const struct plane *in, const struct plane *weight,
                                         double sigma, float empty, int threads, struct plane *out,
                                         striae_error *error)
{
    struct plane product = {0}, above = {0}, below = {0};
    double rest = 0.5 * sqrt(sigma * sigma - HALF_VARIANCE);
    *out = (struct plane){0};
    striae_status status = multiply(in, weight, threads, &product, error);
    if (status == STRIAE_OK)
        status = smooth_half(&product, rest, threads, &above, error);
    if (status == STRIAE_OK)
        status = smooth_half(weight, rest, threads, &below, error);
    if (status == STRIAE_OK) {
        divide(&above, &below, empty, threads);
        status = enlarge(&above, in->width, in->height, threads, out, error);
    }
    plane_free(&product);
    plane_free(&above);
    plane_free(&below);
    return status;
}
