/* From the decoder's samples to an upright photo in linear light. */
#include "colour/colour.h"
#include "io/raster.h"

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
    struct turn turn;
    const float *linear; /* of each encoded sample value */
    struct image *image;
    struct rgb8 *picture;
    bool fill_picture; /* false: the raster itself becomes the picture */
};

static uint8_t to_8_bits(unsigned value, bool wide)
{
    return (uint8_t)(wide ? (value * 255u + 32767u) / 65535u : value);
}

/* One pixel of any form, the general way. */
static void pixel(const struct job *job, const void *samples, bool wide, float linear[3],
                  uint8_t shown[3])
{
    int channels = job->raster->channels;
    unsigned value[4] = {0};
    for (int c = 0; c < channels; c++)
        value[c] = wide ? ((const uint16_t *)samples)[c] : ((const uint8_t *)samples)[c];
    unsigned opaque = wide ? 65535 : 255;
    float alpha = channels == 4 ? (float)value[3] / (float)opaque : 1;
    for (int c = 0; c < 3; c++) {
        unsigned v = value[channels == 1 ? 0 : c];
        linear[c] = job->linear[v] * alpha;
        shown[c] = channels == 4 && value[3] != opaque ? colour_srgb_encode8(linear[c])
                                                       : to_8_bits(v, wide);
    }
}

/* A run of count pixels of row y, from column x on. */
static void run_any(const struct job *job, int x, int y, int count)
{
    const struct raster *raster = job->raster;
    bool wide = raster->sample_bytes == 2;
    ptrdiff_t pixel_bytes = raster->channels * raster->sample_bytes;
    const uint8_t *from =
        (const uint8_t *)raster->data +
        (job->turn.origin + x * job->turn.step_x + y * job->turn.step_y) * pixel_bytes;
    uint8_t *shown = job->picture->data + 3 * ((size_t)y * (size_t)job->turn.width + (size_t)x);
    float *plane[3];
    for (int c = 0; c < 3; c++)
        plane[c] = plane_row(&job->image->channel[c], y) + x;
    for (int i = 0; i < count; i++) {
        float linear[3];
        pixel(job, from + i * job->turn.step_x * pixel_bytes, wide, linear, shown + 3 * i);
        for (int c = 0; c < 3; c++)
            plane[c][i] = linear[c];
    }
}

/* The same for 8-bit RGB, which nearly every photo is. */
static void run_rgb8(const struct job *job, int x, int y, int count)
{
    const float *linear = job->linear;
    const uint8_t *from = (const uint8_t *)job->raster->data +
                          3 * (job->turn.origin + x * job->turn.step_x + y * job->turn.step_y);
    ptrdiff_t step = 3 * job->turn.step_x;
    float *restrict r = plane_row(&job->image->channel[0], y) + x;
    float *restrict g = plane_row(&job->image->channel[1], y) + x;
    float *restrict b = plane_row(&job->image->channel[2], y) + x;
    for (int i = 0; i < count; i++) {
        const uint8_t *p = from + i * step;
        r[i] = linear[p[0]];
        g[i] = linear[p[1]];
        b[i] = linear[p[2]];
    }
    if (!job->fill_picture)
        return;
    uint8_t *shown = job->picture->data + 3 * ((size_t)y * (size_t)job->turn.width + (size_t)x);
    for (int i = 0; i < count; i++)
        memcpy(shown + 3 * i, from + i * step, 3);
}

static void run_tiles(const struct job *job)
{
    bool plain = job->raster->channels == 3 && job->raster->sample_bytes == 1;
    for (int top = 0; top < job->turn.height; top += TILE)
        for (int x = 0; x < job->turn.width; x += TILE) {
            int count = job->turn.width - x < TILE ? job->turn.width - x : TILE;
            int bottom = job->turn.height - top < TILE ? job->turn.height : top + TILE;
            for (int y = top; y < bottom; y++)
                (plain ? run_rgb8 : run_any)(job, x, y, count);
        }
}

/* The linear value of every encoded one; NULL without memory. */
static float *linear_table(int sample_bytes)
{
    int count = sample_bytes == 2 ? 65536 : 256;
    float *table = malloc((size_t)count * sizeof *table);
    for (int v = 0; table && v < count; v++)
        table[v] = (float)colour_srgb_decode(v / (double)(count - 1));
    return table;
}

striae_status upright(struct raster *raster, int orientation, struct photo *photo,
                      striae_error *error)
{
    struct job job = {
        .raster = raster,
        .turn = turn_of(orientation, raster->width, raster->height),
        .image = &photo->image,
        .picture = &photo->picture,
    };
    bool as_is =
        raster->channels == 3 && raster->sample_bytes == 1 && (orientation < 2 || orientation > 8);
    job.fill_picture = !as_is;
    float *table = linear_table(raster->sample_bytes);
    striae_status status = table ? image_init(&photo->image, job.turn.width, job.turn.height, error)
                                 : fail_memory(error);
    if (status == STRIAE_OK && !as_is)
        status = rgb8_init(&photo->picture, job.turn.width, job.turn.height, error);
    if (status == STRIAE_OK) {
        job.linear = table;
        run_tiles(&job);
        if (as_is) {
            photo->picture = (struct rgb8){raster->width, raster->height, raster->data};
            raster->data = NULL;
        }
    } else {
        image_free(&photo->image);
    }
    free(table);
    raster_free(raster);
    return status;
}
