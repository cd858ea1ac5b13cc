#include "segment/channels.h"

#include "base/filter.h"
#include "base/threads.h"
#include "colour/colour.h"
#include "segment/background.h"

#include <math.h>

#define WORKING_SIDE     1000 /* px, longer side */
#define SMALL_SIDE       450  /* px; photos up to this are enlarged twice: their striae are thin */
#define BACKGROUND_SHARE 0.04 /* sigma of the local line, share of the longer side */
#define RMS_SHARE        0.06
#define RMS_FLOOR        0.004f /* density; under that it is noise of a good camera */
#define SPIKE_LIMIT      4.0f   /* local RMS; hair and moles weigh no more than that */

/* A channel at the working scale. */
static striae_status rescale(const struct plane *in, double factor, struct plane *out,
                             striae_error *error)
{
    if (factor >= 1)
        return filter_reduce(in, (int)factor, out, error);
    int times = (int)lround(1 / factor);
    return filter_enlarge(in, times * in->width, times * in->height, out, error);
}

/* One channel after another, or side by side. */
struct work {
    const struct image *image;
    struct channels *channels;
    struct plane reduced[3];
    striae_status status[3];
    striae_error error[3];
};

static striae_status run_channels(struct work *work, int threads, void (*task)(void *, int),
                                  striae_error *error)
{
    threads_run(threads, 3, task, work);
    for (int c = 0; c < 3; c++)
        if (work->status[c] != STRIAE_OK) {
            *error = work->error[c];
            return work->status[c];
        }
    return STRIAE_OK;
}

static void rescale_task(void *context, int c)
{
    struct work *work = context;
    work->status[c] = rescale(&work->image->channel[c], work->channels->factor, &work->reduced[c],
                              &work->error[c]);
}

static striae_status density_channels(struct work *work, int threads, striae_error *error)
{
    struct channels *ch = work->channels;
    const struct plane *reduced = work->reduced;
    striae_status status = run_channels(work, threads, rescale_task, error);
    for (int c = 0; c < 3 && status == STRIAE_OK; c++)
        status = plane_init(&ch->density[c], reduced[0].width, reduced[0].height, error);
    for (int y = 0; y < reduced[0].height && status == STRIAE_OK; y++)
        for (int x = 0; x < reduced[0].width; x++) {
            float d[3];
            for (int c = 0; c < 3; c++)
                d[c] = colour_density(plane_row(&reduced[c], y)[x]);
            plane_row(&ch->density[0], y)[x] = (d[0] + d[1] + d[2]) / 3;
            plane_row(&ch->density[1], y)[x] = d[1] - d[0];
            plane_row(&ch->density[2], y)[x] = d[2] - d[1];
        }
    for (int c = 0; c < 3; c++)
        plane_free(&work->reduced[c]);
    return status;
}

static striae_status rescale_skin(const struct mask *skin, double factor, int width, int height,
                                  struct plane *out, striae_error *error)
{
    striae_status status = plane_init(out, width, height, error);
    for (int y = 0; y < height && status == STRIAE_OK; y++)
        for (int x = 0; x < width; x++) {
            int sx = (int)((x + 0.5) * factor), sy = (int)((y + 0.5) * factor);
            sx = sx < skin->width ? sx : skin->width - 1;
            sy = sy < skin->height ? sy : skin->height - 1;
            plane_row(out, y)[x] = mask_row(skin, sy)[sx] ? 1.f : 0.f;
        }
    return status;
}

/* *value = (density - local mean) / local RMS inside skin. */
static striae_status normalise(const struct plane *density, const struct plane *skin,
                               struct plane *value, struct plane *rms, striae_error *error)
{
    int side = density->width > density->height ? density->width : density->height;
    struct plane mean = {0}, square = {0};
    striae_status status = background_fit(density, skin, BACKGROUND_SHARE * side, 1, &mean, error);
    if (status == STRIAE_OK)
        status = plane_init(&square, density->width, density->height, error);
    if (status == STRIAE_OK)
        status = plane_init(value, density->width, density->height, error);
    if (status == STRIAE_OK) {
        for (int y = 0; y < density->height; y++)
            for (int x = 0; x < density->width; x++) {
                float v = plane_row(density, y)[x] - plane_row(&mean, y)[x];
                v = plane_row(skin, y)[x] > 0 ? v : 0;
                plane_row(value, y)[x] = v;
                plane_row(&square, y)[x] = v * v;
            }
        status = filter_gaussian_weighted(&square, skin, RMS_SHARE * side, 1, 1, rms, error);
    }
    if (status == STRIAE_OK)
        for (int y = 0; y < density->height; y++)
            for (int x = 0; x < density->width; x++) {
                float *v = &plane_row(value, y)[x], *r = &plane_row(rms, y)[x];
                *r = sqrtf(*r + RMS_FLOOR * RMS_FLOOR);
                *v = fminf(fmaxf(*v / *r, -SPIKE_LIMIT), SPIKE_LIMIT);
            }
    plane_free(&mean);
    plane_free(&square);
    return status;
}

static double mean_over(const struct plane *value, const struct plane *skin)
{
    double sum = 0, count = 0;
    for (int y = 0; y < value->height; y++)
        for (int x = 0; x < value->width; x++)
            if (plane_row(skin, y)[x] > 0) {
                sum += (double)plane_row(value, y)[x];
                count += 1;
            }
    return sum / fmax(count, 1);
}

static void normalise_task(void *context, int c)
{
    struct work *work = context;
    struct channels *ch = work->channels;
    work->status[c] =
        normalise(&ch->density[c], &ch->skin, &ch->value[c], &ch->rms[c], &work->error[c]);
}

striae_status segment_channels_init(const struct image *image, const struct mask *skin, int threads,
                                    struct channels *channels, striae_error *error)
{
    int side = image->width > image->height ? image->width : image->height;
    *channels = (struct channels){.factor = (side + WORKING_SIDE - 1) / WORKING_SIDE};
    if (side <= SMALL_SIDE)
        channels->factor = 0.5;
    struct work work = {.image = image, .channels = channels};
    striae_status status = density_channels(&work, threads, error);
    if (status == STRIAE_OK)
        status = rescale_skin(skin, channels->factor, channels->density[0].width,
                              channels->density[0].height, &channels->skin, error);
    if (status == STRIAE_OK)
        status = run_channels(&work, threads, normalise_task, error);
    if (status == STRIAE_OK)
        channels->dark = mean_over(&channels->density[0], &channels->skin);
    else
        segment_channels_free(channels);
    return status;
}

void segment_channels_free(struct channels *channels)
{
    for (int c = 0; c < CHANNEL_COUNT; c++) {
        plane_free(&channels->density[c]);
        plane_free(&channels->value[c]);
        plane_free(&channels->rms[c]);
    }
    plane_free(&channels->skin);
    *channels = (struct channels){0};
}

void segment_channels_blank(struct channels *channels, const struct mask *where)
{
    for (int c = 0; c < CHANNEL_COUNT; c++)
        for (int y = 0; y < where->height; y++)
            for (int x = 0; x < where->width; x++)
                if (mask_row(where, y)[x])
                    plane_row(&channels->value[c], y)[x] = 0;
}
