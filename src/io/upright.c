/* From the decoder's samples to an upright photo in linear light. */
#include "base/threads.h"
#include "colour/colour.h"
#include "io/profile.h"

#include <stdlib.h>
#include <string.h>

/* Destination pixels are made tile by tile, so that a quarter turn, which reads columns, stays in
 * the cache. */
#define TILE 64

/* EXIF orientations as steps through the raster: upright pixel (x,y) is raster pixel number
 * origin + x*step_x + y*step_y. */
struct turn {
    int width, height; /* upright */
    ptrdiff_t origin, step_x, step_y;
};

/* TIFF 6.0, tag 274: where row 0 and column 0 of the file are in the scene. */
static struct turn turn_of(int orientation, int width, int height)
{
    ptrdiff_t w = width, h = height;
    ptrdiff_t last_column = w - 1, last_row = (h - 1) * w;
    switch (orientation) {
    case 2: /* row 0 top, column 0 right */
        return (struct turn){width, height, last_column, -1, w};
    case 3: /* bottom, right */
        return (struct turn){width, height, last_row + last_column, -1, -w};
    case 4: /* bottom, left */
        return (struct turn){width, height, last_row, 1, -w};
    case 5: /* left, top */
        return (struct turn){height, width, 0, w, 1};
    case 6: /* right, top */
        return (struct turn){height, width, last_row, -w, 1};
    case 7: /* right, bottom */
        return (struct turn){height, width, last_row + last_column, -w, -1};
    case 8: /* left, bottom */
        return (struct turn){height, width, last_column, w, -1};
    default: /* top, left */
        return (struct turn){width, height, 0, 1, w};
    }
}

struct job {
    const struct raster *raster;
    const struct conversion *conversion;
    struct turn turn;
    struct image *image;
    struct rgb8 *picture;
    bool fill_picture; /* false: the raster itself becomes the picture */
};

/* A stretch of one row of the upright photo: where it is, and where its samples are. */
struct run {
    int count;
    const uint8_t *from;
    ptrdiff_t step; /* bytes between pixels */
    float *plane[3];
    uint8_t *shown;
};

static struct run run_at(const struct job *job, int x, int y, int count)
{
    const struct raster *raster = job->raster;
    ptrdiff_t bytes = raster->channels * raster->sample_bytes;
    struct run run = {.count = count, .step = job->turn.step_x * bytes};
    run.from = (const uint8_t *)raster->data +
               (job->turn.origin + x * job->turn.step_x + y * job->turn.step_y) * bytes;
    if (job->fill_picture)
        run.shown = job->picture->data + 3 * ((size_t)y * (size_t)job->turn.width + (size_t)x);
    for (int c = 0; c < 3; c++)
        run.plane[c] = plane_row(&job->image->channel[c], y) + x;
    return run;
}

static uint8_t to_8_bits(unsigned value, bool wide)
{
    return (uint8_t)(wide ? (value * 255u + 32767u) / 65535u : value);
}

/* The samples of a run, grey ones three times; alpha 0..1. */
static void samples_of(const struct job *job, const struct run *run, unsigned (*value)[3],
                       float *alpha)
{
    const struct raster *raster = job->raster;
    bool wide = raster->sample_bytes == 2;
    float opaque = wide ? 65535 : 255;
    for (int i = 0; i < run->count; i++) {
        const void *p = run->from + i * run->step;
        for (int c = 0; c < 3; c++) {
            int from = raster->info.grey ? 0 : c;
            value[i][c] = wide ? ((const uint16_t *)p)[from] : ((const uint8_t *)p)[from];
        }
        alpha[i] = 1;
        if (raster->channels == 4)
            alpha[i] =
                (wide ? (float)((const uint16_t *)p)[3] : (float)((const uint8_t *)p)[3]) / opaque;
    }
}

static void convert(const struct conversion *conversion, const unsigned value[3], float linear[3])
{
    float v[3];
    for (int c = 0; c < 3; c++)
        v[c] = linear[c] = conversion->table[c][value[c]];
    if (conversion->kind == CONVERSION_MATRIX)
        for (int c = 0; c < 3; c++)
            linear[c] = conversion->matrix[c][0] * v[0] + conversion->matrix[c][1] * v[1] +
                        conversion->matrix[c][2] * v[2];
}

/* Any form of raster, the general way. */
static void run_any(const struct job *job, const struct run *run)
{
    bool wide = job->raster->sample_bytes == 2;
    unsigned value[TILE][3];
    float alpha[TILE], linear[TILE][3], encoded[TILE][3];
    samples_of(job, run, value, alpha);
    if (job->conversion->kind == CONVERSION_TRANSFORM) {
        for (int i = 0; i < 3 * run->count; i++)
            encoded[i / 3][i % 3] = (float)value[i / 3][i % 3] / (wide ? 65535 : 255);
        conversion_transform(job->conversion, *encoded, *linear, run->count);
    } else {
        for (int i = 0; i < run->count; i++)
            convert(job->conversion, value[i], linear[i]);
    }
    for (int i = 0; i < run->count; i++)
        for (int c = 0; c < 3; c++) {
            bool as_is = job->conversion->is_srgb && alpha[i] == 1;
            run->plane[c][i] = linear[i][c] * alpha[i];
            if (run->shown)
                run->shown[3 * i + c] =
                    as_is ? to_8_bits(value[i][c], wide) : colour_srgb_encode8(run->plane[c][i]);
        }
}

/* The same for 8-bit RGB, which nearly every photo is, in sRGB. */
static void run_rgb8(const struct job *job, const struct run *run)
{
    const float *linear = job->conversion->table[0];
    float *restrict r = run->plane[0], *restrict g = run->plane[1], *restrict b = run->plane[2];
    for (int i = 0; i < run->count; i++) {
        const uint8_t *p = run->from + i * run->step;
        r[i] = linear[p[0]];
        g[i] = linear[p[1]];
        b[i] = linear[p[2]];
    }
    for (int i = 0; run->shown && i < run->count; i++)
        memcpy(run->shown + 3 * i, run->from + i * run->step, 3);
}

/* And RGB in another colour space of curves and a matrix. */
static void run_matrix(const struct job *job, const struct run *run)
{
    const struct conversion *to = job->conversion;
    float *restrict r = run->plane[0], *restrict g = run->plane[1], *restrict b = run->plane[2];
    float light[3][TILE];
    bool wide = job->raster->sample_bytes == 2;
    for (int i = 0; i < run->count && !wide; i++) {
        const uint8_t *p = run->from + i * run->step;
        for (int c = 0; c < 3; c++)
            light[c][i] = to->table[c][p[c]];
    }
    for (int i = 0; i < run->count && wide; i++) {
        const uint16_t *p = (const void *)(run->from + i * run->step);
        for (int c = 0; c < 3; c++)
            light[c][i] = to->table[c][p[c]];
    }
    for (int i = 0; i < run->count; i++) {
        float x = light[0][i], y = light[1][i], z = light[2][i];
        r[i] = to->matrix[0][0] * x + to->matrix[0][1] * y + to->matrix[0][2] * z;
        g[i] = to->matrix[1][0] * x + to->matrix[1][1] * y + to->matrix[1][2] * z;
        b[i] = to->matrix[2][0] * x + to->matrix[2][1] * y + to->matrix[2][2] * z;
    }
    colour_srgb_encode8_row(r, g, b, run->count, run->shown);
}

/* A band of tiles. */
static void turn_band(void *context, int band)
{
    const struct job *job = context;
    const struct raster *raster = job->raster;
    bool rgb = raster->channels == 3 && !raster->info.grey;
    bool matrix = job->conversion->kind == CONVERSION_MATRIX;
    bool srgb8 = job->conversion->is_srgb && raster->sample_bytes == 1;
    void (*convert_run)(const struct job *, const struct run *) = rgb && srgb8    ? run_rgb8
                                                                  : rgb && matrix ? run_matrix
                                                                                  : run_any;
    int top = band * TILE;
    int bottom = job->turn.height - top < TILE ? job->turn.height : top + TILE;
    for (int x = 0; x < job->turn.width; x += TILE) {
        int count = job->turn.width - x < TILE ? job->turn.width - x : TILE;
        for (int y = top; y < bottom; y++) {
            struct run run = run_at(job, x, y, count);
            convert_run(job, &run);
        }
    }
}

static striae_status fill(struct raster *raster, const struct conversion *conversion, int threads,
                          struct photo *photo, striae_error *error)
{
    int orientation = photo->info.orientation;
    struct job job = {
        .raster = raster,
        .conversion = conversion,
        .turn = turn_of(orientation, raster->width, raster->height),
        .image = &photo->image,
        .picture = &photo->picture,
    };
    bool as_is = raster->channels == 3 && raster->sample_bytes == 1 && conversion->is_srgb &&
                 (orientation < 2 || orientation > 8);
    job.fill_picture = !as_is;
    striae_status status = image_init(&photo->image, job.turn.width, job.turn.height, error);
    if (status == STRIAE_OK && !as_is)
        status = rgb8_init(&photo->picture, job.turn.width, job.turn.height, error);
    if (status != STRIAE_OK) {
        image_free(&photo->image);
        return status;
    }
    threads_run(threads, (job.turn.height + TILE - 1) / TILE, turn_band, &job);
    if (as_is) {
        photo->picture = (struct rgb8){raster->width, raster->height, raster->data};
        raster->data = NULL;
    }
    return STRIAE_OK;
}

striae_status upright(struct raster *raster, int threads, struct photo *photo, striae_error *error)
{
    struct conversion conversion;
    striae_status status = conversion_open(raster, &photo->info, &conversion, error);
    if (status == STRIAE_OK)
        status = fill(raster, &conversion, threads, photo, error);
    conversion_close(&conversion);
    raster_free(raster);
    return status;
}
