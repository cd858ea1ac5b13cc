#include "segment/show.h"

#include <math.h>

#define LEVELS_PER_SIGMA 40.f
#define STRONGEST        10.f

static uint8_t level(float value)
{
    return (uint8_t)lrintf(fminf(fmaxf(value, 0), 255));
}

static uint8_t *pixel(const struct rgb8 *picture, int x, int y)
{
    return picture->data + 3 * ((size_t)y * (size_t)picture->width + (size_t)x);
}

striae_status show_channels(const struct channels *channels, struct rgb8 *out, striae_error *error)
{
    striae_status status = rgb8_init(out, channels->skin.width, channels->skin.height, error);
    for (int y = 0; y < out->height && status == STRIAE_OK; y++)
        for (int x = 0; x < out->width; x++)
            for (int c = 0; c < CHANNEL_COUNT; c++)
                pixel(out, x, y)[c] =
                    level(128 + LEVELS_PER_SIGMA * plane_row(&channels->value[c], y)[x]);
    return status;
}

/* Grey on skin, blue beside it. */
static void put_grey(const struct channels *channels, struct rgb8 *out, int x, int y, float value)
{
    bool skin = plane_row(&channels->skin, y)[x] > 0;
    uint8_t *at = pixel(out, x, y);
    at[0] = at[1] = skin ? level(value) : 0;
    at[2] = skin ? level(value) : 96;
}

striae_status show_network(const struct channels *channels, const struct plane *logit,
                           struct rgb8 *out, striae_error *error)
{
    striae_status status = rgb8_init(out, logit->width, logit->height, error);
    for (int y = 0; y < out->height && status == STRIAE_OK; y++)
        for (int x = 0; x < out->width; x++)
            put_grey(channels, out, x, y, 255 / (1 + expf(-plane_row(logit, y)[x])));
    return status;
}

striae_status show_lines(const struct channels *channels, const struct evidence *evidence,
                         struct rgb8 *out, striae_error *error)
{
    striae_status status = rgb8_init(out, channels->skin.width, channels->skin.height, error);
    for (int y = 0; y < out->height && status == STRIAE_OK; y++)
        for (int x = 0; x < out->width; x++) {
            float most = 0;
            for (int d = 0; d < DIRECTION_COUNT; d++)
                most = fmaxf(most, plane_row(&evidence->fused[d], y)[x]);
            put_grey(channels, out, x, y, 255 / STRONGEST * most);
        }
    return status;
}
