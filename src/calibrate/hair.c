#include "calibrate/hair.h"

#include <math.h>

#define SIDE            1400  /* px, of the central part that is looked at */
#define APART           5     /* px to either side of a hair where there is skin again */
#define DARKER          0.25f /* share of the light that a hair takes away */
#define LONG            12    /* px that it must run on for */
#define SLANT           2     /* px that it may leave its direction on half of that way */
#define DIRECTION_COUNT 4

/* Whether the pixel is that much darker than both places beside it, dx, dy away. */
static bool dark_between(const struct plane *green, int x, int y, int dx, int dy)
{
    float here = plane_row(green, y)[x];
    float one = plane_row(green, y + dy)[x + dx], other = plane_row(green, y - dy)[x - dx];
    return here < (1 - DARKER) * fminf(one, other);
}

/* The four directions that a hair may run in, nearly. */
static const int along[DIRECTION_COUNT][2] = {{0, 1}, {1, 0}, {1, 1}, {1, -1}};

static int sign(int value)
{
    return (value > 0) - (value < 0);
}

/* Whether the hair goes on there: a little to one side where it runs between two directions. */
static bool goes_on(const struct plane *green, int x, int y, int ax, int ay)
{
    for (int side = -SLANT; side <= SLANT; side++)
        if (dark_between(green, x + side * sign(ax), y + side * sign(ay), ax, ay))
            return true;
    return false;
}

/* A hair is dark between two lighter sides, here and some way on in both directions. */
static bool on_hair(const struct plane *green, int x, int y)
{
    for (int k = 0; k < DIRECTION_COUNT; k++) {
        int dx = along[k][0], dy = along[k][1];
        int far = dx && dy ? APART * 7 / 10 : APART, step = dx && dy ? LONG * 7 / 20 : LONG / 2;
        int ax = -dy * far, ay = dx * far;
        if (dark_between(green, x, y, ax, ay) &&
            goes_on(green, x + dx * step, y + dy * step, ax, ay) &&
            goes_on(green, x - dx * step, y - dy * step, ax, ay))
            return true;
    }
    return false;
}

double hair_share(const struct image *image, const struct mask *skin)
{
    int width = image->width < SIDE ? image->width : SIDE;
    int height = image->height < SIDE ? image->height : SIDE;
    int left = (image->width - width) / 2, top = (image->height - height) / 2;
    const int margin = APART + LONG / 2 + SLANT;
    size_t looked_at = 0, hair = 0;
    for (int y = top + margin; y < top + height - margin; y++)
        for (int x = left + margin; x < left + width - margin; x++) {
            if (!mask_row(skin, y)[x])
                continue;
            looked_at++;
            hair += on_hair(&image->channel[1], x, y);
        }
    return 100 * (double)hair / fmax((double)looked_at, 1);
}
