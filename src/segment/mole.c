#include "segment/mole.h"

#include "base/filter.h"

#include <math.h>
#include <stdlib.h>

#define PI         3.14159265358979323846
#define DARK       2.5f /* local RMS from which a place belongs to a spot */
#define LEAST_AREA 5    /* px */
#define MOST_SIDE  50   /* px; larger is no mole: navels, shadows */
#define ROUND      1.8  /* most that it may be longer than wide, by its second moments */
#define RAYS       16
#define RAYS_LEFT  1 /* of them may be dark outside: a hair */
#define RING_FROM  3 /* px outside the spot */
#define RING_TO    6
#define RING_SHARE 0.35 /* of the spot's mean from which the ring is dark */
#define MARGIN     2    /* px around the spot that are set too */

/* A spot in work: its pixels as indices y * width + x. */
struct spot {
    size_t count;
    size_t *pixels; /* room for all of the picture */
    double x, y, mean;
};

/* Gathers the connected dark pixels from `start` on; marks them in seen. */
static void gather(const struct plane *value, struct mask *seen, size_t start, struct spot *spot)
{
    size_t width = (size_t)value->width, next = 0;
    spot->count = 0;
    spot->pixels[spot->count++] = start;
    seen->data[start] = 255;
    while (next < spot->count) {
        int x = (int)(spot->pixels[next] % width), y = (int)(spot->pixels[next] / width);
        next++;
        for (int dy = -1; dy <= 1; dy++)
            for (int dx = -1; dx <= 1; dx++) {
                int nx = x + dx, ny = y + dy;
                if (nx < 0 || ny < 0 || nx >= value->width || ny >= value->height)
                    continue;
                size_t at = (size_t)ny * width + (size_t)nx;
                if (seen->data[at] || plane_row(value, ny)[nx] < DARK)
                    continue;
                seen->data[at] = 255;
                spot->pixels[spot->count++] = at;
            }
    }
}

/* Whether it is as small and as round as a mole; sets its middle and its mean. */
static bool is_round(const struct plane *value, struct spot *spot)
{
    size_t width = (size_t)value->width;
    double sum = 0, sx = 0, sy = 0, sxx = 0, sxy = 0, syy = 0, n = (double)spot->count;
    if (spot->count < LEAST_AREA || spot->count > MOST_SIDE * MOST_SIDE)
        return false;
    for (size_t i = 0; i < spot->count; i++) {
        double x = (double)(spot->pixels[i] % width), y = (double)(spot->pixels[i] / width);
        sum += (double)plane_row(value, (int)y)[(int)x];
        sx += x;
        sy += y;
        sxx += x * x;
        sxy += x * y;
        syy += y * y;
    }
    spot->x = sx / n;
    spot->y = sy / n;
    spot->mean = sum / n;
    /* 1/12: a pixel is not a point. */
    double xx = sxx / n - spot->x * spot->x + 1.0 / 12, xy = sxy / n - spot->x * spot->y;
    double yy = syy / n - spot->y * spot->y + 1.0 / 12;
    double half = 0.5 * (xx + yy), apart = hypot(0.5 * (xx - yy), xy);
    return 4 * sqrt(half + apart) <= MOST_SIDE && half + apart <= ROUND * ROUND * (half - apart);
}

/* How dark it is along a ray just outside the spot. */
static double outside(const struct plane *value, const struct spot *spot, double angle)
{
    double dx = cos(angle), dy = sin(angle), sum = 0;
    int edge = 0;
    for (int r = 1; r <= MOST_SIDE; r++)
        if (sample_bilinear(value, spot->x + r * dx, spot->y + r * dy) >= DARK)
            edge = r;
        else if (r > edge + 2)
            break;
    for (int r = edge + RING_FROM; r <= edge + RING_TO; r++)
        sum += (double)sample_bilinear(value, spot->x + r * dx, spot->y + r * dy);
    return sum / (RING_TO - RING_FROM + 1);
}

static bool stands_alone(const struct plane *value, const struct spot *spot)
{
    int dark = 0;
    for (int k = 0; k < RAYS; k++)
        dark += outside(value, spot, 2 * PI * k / RAYS) > RING_SHARE * spot->mean;
    return dark <= RAYS_LEFT;
}

static void remove_spot(const struct spot *spot, struct mask *moles)
{
    int width = moles->width, height = moles->height;
    for (size_t i = 0; i < spot->count; i++) {
        int x = (int)(spot->pixels[i] % (size_t)width), y = (int)(spot->pixels[i] / (size_t)width);
        for (int ny = y - MARGIN; ny <= y + MARGIN; ny++)
            for (int nx = x - MARGIN; nx <= x + MARGIN; nx++)
                if (nx >= 0 && ny >= 0 && nx < width && ny < height)
                    mask_row(moles, ny)[nx] = 255;
    }
}

striae_status moles_remove(struct channels *channels, striae_error *error)
{
    const struct plane *value = &channels->value[0];
    struct mask seen = {0}, moles = {0};
    size_t pixels = (size_t)value->width * (size_t)value->height;
    struct spot spot = {.pixels = calloc(pixels, sizeof *spot.pixels)};
    striae_status status = spot.pixels ? STRIAE_OK : fail_memory(error);
    if (status == STRIAE_OK)
        status = mask_init(&seen, value->width, value->height, error);
    if (status == STRIAE_OK)
        status = mask_init(&moles, value->width, value->height, error);
    for (size_t at = 0; at < pixels && status == STRIAE_OK; at++) {
        int x = (int)(at % (size_t)value->width), y = (int)(at / (size_t)value->width);
        if (seen.data[at] || plane_row(value, y)[x] < DARK)
            continue;
        gather(value, &seen, at, &spot);
        if (is_round(value, &spot) && stands_alone(value, &spot))
            remove_spot(&spot, &moles);
    }
    for (int c = 0; c < CHANNEL_COUNT && status == STRIAE_OK; c++)
        for (int y = 0; y < value->height; y++)
            for (int x = 0; x < value->width; x++)
                if (mask_row(&moles, y)[x])
                    plane_row(&channels->value[c], y)[x] = 0;
    free(spot.pixels);
    mask_free(&seen);
    mask_free(&moles);
    return status;
}
