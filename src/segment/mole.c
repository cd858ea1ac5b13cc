#include "segment/mole.h"

#include "base/filter.h"
#include "segment/blob.h"

#include <math.h>

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

/* Whether it is as small and as round as a mole. */
static bool is_round(const struct blob *spot)
{
    return spot->count >= LEAST_AREA && 4 * spot->longest <= MOST_SIDE &&
           spot->longest <= ROUND * spot->narrowest;
}

/* How dark it is along a ray just outside the spot. */
static double outside(const struct plane *value, const struct blob *spot, double angle)
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

static bool stands_alone(const struct plane *value, const struct blob *spot)
{
    int dark = 0;
    for (int k = 0; k < RAYS; k++)
        dark += outside(value, spot, 2 * PI * k / RAYS) > RING_SHARE * spot->mean;
    return dark <= RAYS_LEFT;
}

striae_status moles_remove(struct channels *channels, striae_error *error)
{
    const struct plane *value = &channels->value[0];
    struct mask seen = {0}, moles = {0};
    struct blob spot = {0};
    striae_status status = blob_init(&spot, value->width, value->height, error);
    if (status == STRIAE_OK)
        status = mask_init(&seen, value->width, value->height, error);
    if (status == STRIAE_OK)
        status = mask_init(&moles, value->width, value->height, error);
    for (int y = 0; y < value->height && status == STRIAE_OK; y++)
        for (int x = 0; x < value->width; x++) {
            if (mask_row(&seen, y)[x] || plane_row(value, y)[x] < DARK)
                continue;
            blob_gather(value, DARK, x, y, &seen, &spot);
            if (is_round(&spot) && stands_alone(value, &spot))
                blob_paint(&spot, MARGIN, &moles);
        }
    if (status == STRIAE_OK)
        segment_channels_blank(channels, &moles);
    blob_free(&spot);
    mask_free(&seen);
    mask_free(&moles);
    return status;
}
