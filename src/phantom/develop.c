/* From linear light to the 8-bit photo: lens, sensor, development. */
#include "base/filter.h"
#include "base/threads.h"
#include "colour/colour.h"
#include "phantom/render.h"

#include <math.h>

#define PI   3.14159265358979323846
#define BAND 32

struct sensor {
    const struct scene *scene;
    const struct camera *camera;
    struct image *light;
    struct plane *from, *to; /* motion blur of one channel */
    struct plane *noise;     /* one channel */
    uint32_t salt;
    struct image *encoded, *soft;
    struct rgb8 *picture;
};

static int band_end(int band, int height)
{
    int end = (band + 1) * BAND;
    return end < height ? end : height;
}

static int band_count(int height)
{
    return (height + BAND - 1) / BAND;
}

/* ---- lens ----------------------------------------------------------------------------------- */

static void move_band(void *context, int band)
{
    const struct sensor *s = context;
    double dx = cos(s->camera->motion_angle), dy = sin(s->camera->motion_angle);
    int steps = 1 + 2 * (int)ceil(s->camera->motion);
    for (int y = band * BAND; y < band_end(band, s->from->height); y++) {
        for (int x = 0; x < s->from->width; x++) {
            float sum = 0.0f;
            for (int k = 0; k < steps; k++) {
                double t = s->camera->motion * ((k + 0.5) / steps - 0.5);
                sum += sample_bilinear(s->from, x + t * dx, y + t * dy);
            }
            plane_row(s->to, y)[x] = sum / (float)steps;
        }
    }
}

/* Replaces *plane by its blurred copy. */
static striae_status blur_in_place(struct plane *plane, double sigma, int threads,
                                   striae_error *error)
{
    struct plane out = {0};
    striae_status status = filter_gaussian(plane, sigma, threads, &out, error);
    if (status)
        return status;
    plane_free(plane);
    *plane = out;
    return STRIAE_OK;
}

static void mix_band(void *context, int band)
{
    const struct sensor *s = context;
    for (int y = band * BAND; y < band_end(band, s->light->height); y++) {
        float *row[3];
        for (int c = 0; c < 3; c++)
            row[c] = plane_row(&s->light->channel[c], y);
        for (int x = 0; x < s->light->width; x++) {
            double in[3] = {row[0][x], row[1][x], row[2][x]};
            for (int c = 0; c < 3; c++) {
                const double *m = s->camera->mix[c];
                row[c][x] = (float)(m[0] * in[0] + m[1] * in[1] + m[2] * in[2]);
            }
        }
    }
}

static striae_status pass_lens(struct sensor *s, int threads, striae_error *error)
{
    striae_status status = STRIAE_OK;
    for (int k = 0; k < 3 && !status; k++) {
        struct plane *plane = &s->light->channel[k];
        status = blur_in_place(plane, s->camera->blur, threads, error);
        if (status || s->camera->motion <= 0.0)
            continue;
        struct plane moved = {0};
        status = plane_init(&moved, plane->width, plane->height, error);
        if (status)
            break;
        s->from = plane;
        s->to = &moved;
        threads_run(threads, band_count(plane->height), move_band, s);
        plane_free(plane);
        *plane = moved;
    }
    return status;
}

/* ---- sensor --------------------------------------------------------------------------------- */

/* Four bytes of a hash added up: nearly normal, deviation 1. */
static float quick_normal(uint32_t x, uint32_t y, uint32_t salt)
{
    uint32_t h = hash3(x, y, salt);
    int sum = (int)(h & 255u) + (int)(h >> 8 & 255u) + (int)(h >> 16 & 255u) + (int)(h >> 24);
    return ((float)sum - 510.0f) / 147.8f;
}

static void noise_band(void *context, int band)
{
    const struct sensor *s = context;
    for (int y = band * BAND; y < band_end(band, s->noise->height); y++)
        for (int x = 0; x < s->noise->width; x++)
            plane_row(s->noise, y)[x] = quick_normal((uint32_t)x, (uint32_t)y, s->salt);
}

/* Smoothing over sigma px takes away this part of white noise's deviation. */
static double smoothed_deviation(double sigma)
{
    return sigma < 0.15 ? 1.0 : fmin(1.0, 1.0 / (2.0 * sqrt(PI) * sigma));
}

struct expose {
    const struct sensor *s;
    int channel;
    double noise_gain;
};

static void expose_band(void *context, int band)
{
    const struct expose *e = context;
    const struct camera *camera = e->s->camera;
    struct plane *plane = &e->s->light->channel[e->channel];
    double cx = 0.5 * (plane->width - 1), cy = 0.5 * (plane->height - 1);
    for (int y = band * BAND; y < band_end(band, plane->height); y++) {
        float *row = plane_row(plane, y);
        const float *noise = plane_row(e->s->noise, y);
        for (int x = 0; x < plane->width; x++) {
            double r2 = ((x - cx) * (x - cx) + (y - cy) * (y - cy)) / (cx * cx + cy * cy);
            double value = row[x] * camera->gain[e->channel] * (1.0 - camera->vignette * r2);
            double variance = camera->shot * fmax(value, 0.0) + camera->read * camera->read;
            row[x] = (float)(value + e->noise_gain * noise[x] * sqrt(variance));
        }
    }
}

static striae_status expose(struct sensor *s, int threads, striae_error *error)
{
    struct plane noise = {0};
    striae_status status = STRIAE_OK;
    /* Green is sampled twice as often and boosted least. */
    static const double loud[3] = {1.15, 0.85, 1.35};
    for (int k = 0; k < 3 && !status; k++) {
        struct plane *plane = &s->light->channel[k];
        status = plane_init(&noise, plane->width, plane->height, error);
        if (status)
            break;
        s->noise = &noise;
        s->salt = s->camera->seed + (uint32_t)k;
        threads_run(threads, band_count(plane->height), noise_band, s);
        double size = s->camera->grain_size * (k == 1 ? 1.0 : 1.4);
        status = blur_in_place(&noise, size, threads, error);
        struct expose e = {s, k, loud[k] / smoothed_deviation(size)};
        if (!status)
            threads_run(threads, band_count(plane->height), expose_band, &e);
        plane_free(&noise);
    }
    return status;
}

/* ---- development ---------------------------------------------------------------------------- */

static void encode_band(void *context, int band)
{
    const struct sensor *s = context;
    for (int c = 0; c < 3; c++)
        for (int y = band * BAND; y < band_end(band, s->light->height); y++) {
            float *row = plane_row(&s->light->channel[c], y);
            for (int x = 0; x < s->light->width; x++)
                row[x] = (float)colour_srgb_encode(fmin(fmax((double)row[x], 0.0), 1.0));
        }
}

static void finish_band(void *context, int band)
{
    const struct sensor *s = context;
    double amount = s->camera->sharpen;
    size_t width = (size_t)s->light->width;
    for (int y = band * BAND; y < band_end(band, s->light->height); y++) {
        uint8_t *out = s->picture->data + 3 * (size_t)y * width;
        for (size_t x = 0; x < width; x++) {
            for (int c = 0; c < 3; c++) {
                double value = plane_row(&s->light->channel[c], y)[x];
                if (amount > 0.0)
                    value += amount * (value - plane_row(&s->soft->channel[c], y)[x]);
                out[3 * x + (size_t)c] = (uint8_t)(fmin(fmax(value, 0.0), 1.0) * 255.0 + 0.5);
            }
        }
    }
}

striae_status develop(const struct scene *scene, int session, struct image *light,
                      struct rgb8 *picture, striae_error *error)
{
    const struct camera *camera = &scene->session[session].camera;
    int threads = scene->options.threads;
    struct image soft = {0};
    struct sensor s = {.scene = scene, .camera = camera, .light = light, .soft = &soft};
    struct camera perfect = {.gain = {1, 1, 1}};
    s.picture = picture;
    striae_status status = rgb8_init(picture, light->width, light->height, error);
    if (!status && scene->options.ideal)
        s.camera = &perfect;
    if (!status && s.camera->mixes)
        threads_run(threads, band_count(light->height), mix_band, &s);
    if (!status && !scene->options.ideal)
        status = pass_lens(&s, threads, error);
    if (!status && !scene->options.ideal)
        status = expose(&s, threads, error);
    if (!status)
        threads_run(threads, band_count(light->height), encode_band, &s);
    if (s.camera->sharpen > 0.0)
        for (int k = 0; k < 3 && !status; k++)
            status = filter_gaussian(&light->channel[k], camera->sharpen_radius, threads,
                                     &soft.channel[k], error);
    if (!status)
        threads_run(threads, band_count(light->height), finish_band, &s);
    image_free(&soft);
    if (status)
        rgb8_free(picture);
    return status;
}
