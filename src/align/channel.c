#include "align/channel.h"

#include "base/filter.h"
#include "base/threads.h"

#include <math.h>
#include <string.h>

#define ROWS_PER_TASK 16
#define DARKEST       0.002f /* linear; below this a photo holds noise only */
#define BRIGHTEST     0.985f /* linear; shine and clipped pixels */

/* ---- photo to channels ---------------------------------------------------------------------- */

struct conversion {
    const struct align_input *input;
    int factor;
    struct channels *out;
};

struct block {
    float rgb[3];
    float skin, clear; /* pixels that are skin; of these, neither stria nor clipped */
    float pixels;
};

static void add_row(const struct align_input *input, int y, int x0, int x1, struct block *block)
{
    const uint8_t *skin = mask_row(input->skin, y);
    const uint8_t *stria = input->striae ? mask_row(input->striae, y) : NULL;
    const float *r = plane_row(&input->image->channel[0], y);
    const float *g = plane_row(&input->image->channel[1], y);
    const float *b = plane_row(&input->image->channel[2], y);
    for (int x = x0; x < x1; x++) {
        float low = r[x] < g[x] ? r[x] : g[x], high = r[x] > g[x] ? r[x] : g[x];
        low = low < b[x] ? low : b[x];
        high = high > b[x] ? high : b[x];
        bool is_skin = skin[x] != 0;
        block->rgb[0] += r[x];
        block->rgb[1] += g[x];
        block->rgb[2] += b[x];
        block->skin += is_skin ? 1.0f : 0.0f;
        if (is_skin && !(stria && stria[x]) && low > DARKEST && high < BRIGHTEST)
            block->clear += 1;
        block->pixels += 1;
    }
}

static void convert_task(void *context, int from, int to)
{
    const struct conversion *c = context;
    const struct image *image = c->input->image;
    struct channels *out = c->out;
    for (int y = from; y < to; y++) {
        int top = y * c->factor, bottom = top + c->factor;
        if (bottom > image->height)
            bottom = image->height;
        for (int x = 0; x < out->density.width; x++) {
            struct block sum = {0};
            int left = x * c->factor, right = left + c->factor;
            if (right > image->width)
                right = image->width;
            for (int sy = top; sy < bottom; sy++)
                add_row(c->input, sy, left, right, &sum);
            float r = fmaxf(sum.rgb[0] / sum.pixels, DARKEST);
            float g = fmaxf(sum.rgb[1] / sum.pixels, DARKEST);
            float b = fmaxf(sum.rgb[2] / sum.pixels, DARKEST);
            plane_row(&out->density, y)[x] = -logf(0.2126f * r + 0.7152f * g + 0.0722f * b);
            plane_row(&out->chroma, y)[x] = logf(r / g);
            plane_row(&out->weight, y)[x] = sum.clear / sum.pixels;
            plane_row(&out->coverage, y)[x] = sum.skin / sum.pixels;
        }
    }
}

/* Puts the weighted mean where there is no skin, so that filters see no edge of the picture's own.
 */
static void fill_unknown(struct plane *plane, const struct plane *weight)
{
    double sum = 0, total = 0;
    for (int y = 0; y < plane->height; y++)
        for (int x = 0; x < plane->width; x++) {
            sum += (double)plane_row(weight, y)[x] * (double)plane_row(plane, y)[x];
            total += (double)plane_row(weight, y)[x];
        }
    float mean = total > 0 ? (float)(sum / total) : 0;
    for (int y = 0; y < plane->height; y++)
        for (int x = 0; x < plane->width; x++)
            if (!(plane_row(weight, y)[x] > 0))
                plane_row(plane, y)[x] = mean;
}

/* Scales every plane by ratio in (0.5, 1] about the corner of the photo. */
static striae_status shrink(struct plane *plane, double ratio, int threads, striae_error *error)
{
    struct plane smooth = {0}, out = {0};
    int width = (int)floor(plane->width * ratio), height = (int)floor(plane->height * ratio);
    double sigma = 0.5 * sqrt(1 / (ratio * ratio) - 1);
    striae_status status = filter_gaussian(plane, sigma, threads, &smooth, error);
    if (status == STRIAE_OK)
        status = plane_init(&out, width < 1 ? 1 : width, height < 1 ? 1 : height, error);
    if (status == STRIAE_OK) {
        for (int y = 0; y < out.height; y++)
            for (int x = 0; x < out.width; x++)
                plane_row(&out, y)[x] =
                    sample_cubic(&smooth, to_photo(x, ratio), to_photo(y, ratio));
        plane_free(plane);
        *plane = out;
    }
    plane_free(&smooth);
    return status;
}

striae_status channels_init(const struct align_input *input, double scale, int threads,
                            struct channels *channels, striae_error *error)
{
    const struct image *image = input->image;
    int factor = scale < 1 ? (int)floor(1 / scale + 1e-9) : 1;
    int width = (image->width + factor - 1) / factor;
    int height = (image->height + factor - 1) / factor;
    *channels = (struct channels){.scale = 1.0 / factor};
    struct plane *planes[4] = {&channels->density, &channels->chroma, &channels->weight,
                               &channels->coverage};
    striae_status status = STRIAE_OK;
    for (int p = 0; p < 4 && status == STRIAE_OK; p++)
        status = plane_init(planes[p], width, height, error);
    if (status == STRIAE_OK) {
        struct conversion conversion = {input, factor, channels};
        threads_run_rows(threads, height, ROWS_PER_TASK, convert_task, &conversion);
        fill_unknown(&channels->density, &channels->coverage);
        fill_unknown(&channels->chroma, &channels->coverage);
        double ratio = scale * factor;
        for (int p = 0; p < 4 && status == STRIAE_OK && ratio < 0.95; p++)
            status = shrink(planes[p], ratio, threads, error);
        if (ratio < 0.95)
            channels->scale = scale;
    }
    if (status != STRIAE_OK)
        channels_free(channels);
    return status;
}

void channels_free(struct channels *channels)
{
    plane_free(&channels->density);
    plane_free(&channels->chroma);
    plane_free(&channels->weight);
    plane_free(&channels->coverage);
    *channels = (struct channels){0};
}

/* ---- local normalisation -------------------------------------------------------------------- */

struct normalising {
    const struct plane *in, *weight, *mean, *power;
    struct plane *out;
};

static void square_task(void *context, int from, int to)
{
    const struct normalising *n = context;
    int width = n->in->width;
    for (int y = from; y < to; y++) {
        const float *value = plane_row(n->in, y), *m = plane_row(n->mean, y);
        float *out = plane_row(n->out, y);
        for (int x = 0; x < width; x++)
            out[x] = (value[x] - m[x]) * (value[x] - m[x]);
    }
}

static void divide_task(void *context, int from, int to)
{
    const struct normalising *n = context;
    int width = n->in->width;
    for (int y = from; y < to; y++) {
        const float *value = plane_row(n->in, y), *m = plane_row(n->mean, y);
        const float *p = plane_row(n->power, y), *w = plane_row(n->weight, y);
        float *out = plane_row(n->out, y);
        for (int x = 0; x < width; x++) {
            float normal = w[x] * (value[x] - m[x]) / sqrtf(p[x] + 1e-10f);
            out[x] = w[x] > 0 ? normal : 0;
        }
    }
}

striae_status channel_normalise(const struct plane *in, const struct plane *weight, double sigma,
                                int threads, struct plane *out, striae_error *error)
{
    struct plane mean = {0}, square = {0}, power = {0};
    struct normalising n = {in, weight, &mean, &power, &square};
    *out = (struct plane){0};
    striae_status status = filter_background_weighted(in, weight, sigma, 0, threads, &mean, error);
    if (status == STRIAE_OK)
        status = plane_init(&square, in->width, in->height, error);
    if (status == STRIAE_OK) {
        threads_run_rows(threads, in->height, ROWS_PER_TASK, square_task, &n);
        status = filter_background_weighted(&square, weight, 2 * sigma, 1, threads, &power, error);
    }
    if (status == STRIAE_OK) {
        threads_run_rows(threads, in->height, ROWS_PER_TASK, divide_task, &n);
        *out = square;
        square = (struct plane){0};
    }
    plane_free(&mean);
    plane_free(&square);
    plane_free(&power);
    return status;
}

void plane_mirror(struct plane *plane)
{
    for (int y = 0; y < plane->height; y++) {
        float *row = plane_row(plane, y);
        for (int left = 0, right = plane->width - 1; left < right; left++, right--) {
            float keep = row[left];
            row[left] = row[right];
            row[right] = keep;
        }
    }
}
