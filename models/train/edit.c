#include "edit.h"

#include "base/filter.h"

#include <math.h>

static double range(struct rng *rng, double low, double high)
{
    return low + rng_uniform(rng) * (high - low);
}

static bool chance(struct rng *rng, double odds)
{
    return rng_uniform(rng) < odds;
}

void edit_choose(struct rng *rng, struct edit *edit)
{
    *edit = (struct edit){.scale = 1, .contrast = 1, .saturation = 1, .gamma = 1, .radius = 1};
    if (chance(rng, 0.5))
        return;
    if (chance(rng, 0.6))
        edit->scale = exp(range(rng, log(0.6), log(2.0)));
    if (chance(rng, 0.4)) {
        edit->contrast = range(rng, 0.8, 1.5);
        edit->saturation = range(rng, 0.7, 1.6);
        edit->gamma = exp(range(rng, -0.3, 0.3));
    }
    if (chance(rng, 0.5)) {
        edit->sharpen = range(rng, 0.2, 1.6);
        edit->radius = range(rng, 0.6, 2.2);
    }
    if (chance(rng, 0.3))
        edit->smear = range(rng, 0.5, 1.6);
}

/* One channel of the picture at its new size, 0..1. */
static striae_status resized(const struct rgb8 *in, int channel, const struct edit *edit,
                             struct plane *out, striae_error *error)
{
    struct plane plane = {0}, soft = {0};
    int width = (int)lround(in->width * edit->scale),
        height = (int)lround(in->height * edit->scale);
    striae_status status = plane_init(&plane, in->width, in->height, error);
    if (status != STRIAE_OK)
        return status;
    for (int y = 0; y < in->height; y++)
        for (int x = 0; x < in->width; x++)
            plane_row(&plane, y)[x] =
                in->data[3 * ((size_t)y * (size_t)in->width + (size_t)x) + (size_t)channel] / 255.f;
    /* Against aliasing: what the new pixels cannot hold is smoothed away. */
    double guard = edit->scale < 1 ? 0.45 * sqrt(1 / (edit->scale * edit->scale) - 1) : 0;
    status = filter_gaussian(&plane, hypot(guard, edit->smear), 1, &soft, error);
    if (status == STRIAE_OK)
        status = plane_init(out, width, height, error);
    for (int y = 0; y < height && status == STRIAE_OK; y++)
        for (int x = 0; x < width; x++)
            plane_row(out, y)[x] = sample_cubic(&soft, (x + 0.5) * in->width / width - 0.5,
                                                (y + 0.5) * in->height / height - 0.5);
    plane_free(&plane);
    plane_free(&soft);
    return status;
}

static striae_status sharpened(struct plane *plane, const struct edit *edit, striae_error *error)
{
    struct plane soft = {0};
    if (edit->sharpen <= 0)
        return STRIAE_OK;
    striae_status status = filter_gaussian(plane, edit->radius, 1, &soft, error);
    for (int y = 0; y < plane->height && status == STRIAE_OK; y++)
        for (int x = 0; x < plane->width; x++) {
            float *v = &plane_row(plane, y)[x];
            *v += (float)edit->sharpen * (*v - plane_row(&soft, y)[x]);
        }
    plane_free(&soft);
    return status;
}

/* Saturation, contrast and gamma of one pixel, and rounding. */
static void tone(const float in[3], const struct edit *edit, uint8_t out[3])
{
    float grey = 0.299f * in[0] + 0.587f * in[1] + 0.114f * in[2];
    for (int c = 0; c < 3; c++) {
        float v = grey + (float)edit->saturation * (in[c] - grey);
        v = 0.5f + (float)edit->contrast * (v - 0.5f);
        v = powf(fminf(fmaxf(v, 0), 1), (float)edit->gamma);
        out[c] = (uint8_t)lrintf(255 * v);
    }
}

striae_status edit_apply(const struct rgb8 *in, const struct edit *edit, struct rgb8 *out,
                         striae_error *error)
{
    struct plane channel[3] = {0};
    striae_status status = STRIAE_OK;
    *out = (struct rgb8){0};
    for (int c = 0; c < 3 && status == STRIAE_OK; c++)
        status = resized(in, c, edit, &channel[c], error);
    for (int c = 0; c < 3 && status == STRIAE_OK; c++)
        status = sharpened(&channel[c], edit, error);
    if (status == STRIAE_OK)
        status = rgb8_init(out, channel[0].width, channel[0].height, error);
    for (int y = 0; y < out->height && status == STRIAE_OK; y++)
        for (int x = 0; x < out->width; x++) {
            float rgb[3];
            for (int c = 0; c < 3; c++)
                rgb[c] = plane_row(&channel[c], y)[x];
            tone(rgb, edit, out->data + 3 * ((size_t)y * (size_t)out->width + (size_t)x));
        }
    for (int c = 0; c < 3; c++)
        plane_free(&channel[c]);
    return status;
}
