/* Optical density of pictures. */
#include "base/threads.h"
#include "base/vector.h"
#include "colour/colour.h"

#include <string.h>

#define DENSITY_FLOOR 1e-3f

/* -ln(v) for v in DENSITY_FLOOR..FLT_MAX, error under 1e-6, in plain arithmetic that the compiler
 * turns into vector instructions (logf stays a call per pixel). v = m * 2^e with m in
 * sqrt(1/2)..sqrt(2), and ln m = 2 atanh(s), s = (m-1)/(m+1), |s| < 0.172: the series to s^7 leaves
 * less than 3e-8. */
static inline float minus_log(float v)
{
    int32_t bits, exponent;
    float m;
    memcpy(&bits, &v, sizeof bits);
    exponent = (bits - 0x3f3504f3) >> 23; /* 0x3f3504f3 is sqrt(1/2) */
    bits -= exponent * (1 << 23);
    memcpy(&m, &bits, sizeof m);
    float s = (m - 1) / (m + 1), s2 = s * s;
    float log_m = 2 * s * (1 + s2 * (1 / 3.0f + s2 * (1 / 5.0f + s2 * (1 / 7.0f))));
    return -(log_m + (float)exponent * 0.693147180559945f);
}

float colour_density(float linear)
{
    return minus_log(linear > DENSITY_FLOOR ? linear : DENSITY_FLOOR);
}

VECTORISED void colour_densities(float *linear, int count)
{
    for (int x = 0; x < count; x++)
        linear[x] = minus_log(linear[x] > DENSITY_FLOOR ? linear[x] : DENSITY_FLOOR);
}

struct density_job {
    const struct image *in;
    struct image *out;
};

static void density_row(void *context, int y)
{
    const struct density_job *job = context;
    for (int c = 0; c < 3; c++) {
        const float *restrict in = plane_row(&job->in->channel[c], y);
        float *restrict out = plane_row(&job->out->channel[c], y);
        for (int x = 0; x < job->in->width; x++)
            out[x] = minus_log(in[x] > DENSITY_FLOOR ? in[x] : DENSITY_FLOOR);
    }
}

striae_status colour_density_image(const struct image *image, int threads, struct image *density,
                                   striae_error *error)
{
    striae_status status = image_init(density, image->width, image->height, error);
    if (status != STRIAE_OK)
        return status;
    struct density_job job = {image, density};
    threads_run(threads, image->height, density_row, &job);
    return STRIAE_OK;
}
