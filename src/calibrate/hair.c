#include "calibrate/hair.h"

#include <math.h>

#define SIDE            1400  /* px, of the central part that is looked at */
#define APART           5     /* px to either side of a hair where there is skin again */
#define APART_SMALL     2     /* the same in photos too small to show hairs that wide */
#define SMALL_SIDE      800   /* px, longer side */
#define DARKER          0.25f /* share of green light that a hair takes away */
#define DARKER_RED      0.20f /* and of red: pigment, blood and relief take little of that */
#define LONG            12    /* px that it must run on for */
#define SLANT           2     /* px that it may leave its direction on half of that way */
#define DIRECTION_COUNT 4

/* Whether the pixel is darker than both places beside it, dx, dy away. */
static bool dark_between(const struct image *image, int x, int y, int dx, int dy)
{
    static const float darker[2] = {DARKER_RED, DARKER};
    for (int c = 1; c >= 0; c--) {
        const struct plane *plane = &image->channel[c];
        float here = plane_row(plane, y)[x];
        float one = plane_row(plane, y + dy)[x + dx], other = plane_row(plane, y - dy)[x - dx];
        if (here >= (1 - darker[c]) * fminf(one, other))
            return false;
    }
    return true;
}

/* The four directions that a hair may run in, nearly. */
static const int along[DIRECTION_COUNT][2] = {{0, 1}, {1, 0}, {1, 1}, {1, -1}};

static int sign(int value)
{
    return (value > 0) - (value < 0);
}

/* Whether the hair goes on there: a little to one side where it runs between two directions. */
static bool goes_on(const struct image *image, int x, int y, int ax, int ay)
{
    for (int side = -SLANT; side <= SLANT; side++)
        if (dark_between(image, x + side * sign(ax), y + side * sign(ay), ax, ay))
            return true;
    return false;
}

/* A hair is dark between two lighter sides, here and some way on in both directions. */
static bool on_hair(const struct image *image, int apart, int x, int y)
{
    for (int k = 0; k < DIRECTION_COUNT; k++) {
        int dx = along[k][0], dy = along[k][1];
        int far = dx && dy ? apart * 7 / 10 : apart, step = dx && dy ? LONG * 7 / 20 : LONG / 2;
        int ax = -dy * far, ay = dx * far;
        if (dark_between(image, x, y, ax, ay) &&
            goes_on(image, x + dx * step, y + dy * step, ax, ay) &&
            goes_on(image, x - dx * step, y - dy * step, ax, ay))
            return true;
    }
    return false;
}

double hair_share(const struct image *image, const struct mask *skin)
{
    int width = image->width < SIDE ? image->width : SIDE;
    int height = image->height < SIDE ? image->height : SIDE;
    int left = (image->width - width) / 2, top = (image->height - height) / 2;
    bool small = image->width < SMALL_SIDE && image->height < SMALL_SIDE;
    const int margin = APART + LONG / 2 + SLANT;
    size_t looked_at = 0, hair = 0;
    for (int y = top + margin; y < top + height - margin; y++)
        for (int x = left + margin; x < left + width - margin; x++) {
            if (!mask_row(skin, y)[x])
                continue;
            looked_at++;
            hair += on_hair(image, small ? APART_SMALL : APART, x, y);
        }
    return 100 * (double)hair / fmax((double)looked_at, 1);
}
