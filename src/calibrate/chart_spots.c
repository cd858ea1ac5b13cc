/* Even squares in a photo. */
#include "base/filter.h"
#include "calibrate/chart.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_SIDE   900   /* px, longer side of the reduced photo that is looked at */
#define FLAT        0.05f /* most difference of neighbours within a patch, square root of light */
#define LEAST_AREA  60    /* px of the reduced photo */
#define MOST_SHARE  0.04  /* of the photo */
#define SQUARE      1.12  /* area of a rectangle with these moments over its area, and back */
#define MOST_ASPECT 3.0   /* squares seen at 60 degrees, with some lean */
#define MOST_SPOTS  400

struct look {
    int width, height, factor;
    struct plane light[3]; /* reduced, square root */
    uint8_t *flat;         /* 1 = flat and not yet in a spot */
    int *stack;
};

static void look_free(struct look *look)
{
    for (int c = 0; c < 3; c++)
        plane_free(&look->light[c]);
    free(look->flat);
    free(look->stack);
}

static float difference(const struct look *look, int x, int y, int dx, int dy)
{
    float most = 0;
    for (int c = 0; c < 3; c++)
        most = fmaxf(most, fabsf(plane_row(&look->light[c], y + dy)[x + dx] -
                                 plane_row(&look->light[c], y - dy)[x - dx]));
    return most;
}

static striae_status look_init(const struct image *image, struct look *look, striae_error *error)
{
    int longer = image->width > image->height ? image->width : image->height;
    striae_status status = STRIAE_OK;
    *look = (struct look){.factor = (longer + LOOK_SIDE - 1) / LOOK_SIDE};
    for (int c = 0; c < 3 && status == STRIAE_OK; c++)
        status = filter_reduce(&image->channel[c], look->factor, &look->light[c], error);
    if (status != STRIAE_OK)
        return status;
    look->width = look->light[0].width;
    look->height = look->light[0].height;
    size_t pixels = (size_t)look->width * (size_t)look->height;
    look->flat = calloc(pixels, 1);
    look->stack = malloc(checked_bytes(pixels, 1, sizeof *look->stack));
    if (!look->flat || !look->stack)
        return fail_memory(error);
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < look->height; y++)
            for (int x = 0; x < look->width; x++)
                plane_row(&look->light[c], y)[x] =
                    sqrtf(fmaxf(plane_row(&look->light[c], y)[x], 0));
    for (int y = 1; y + 1 < look->height; y++)
        for (int x = 1; x + 1 < look->width; x++)
            look->flat[y * look->width + x] =
                difference(look, x, y, 1, 0) < FLAT && difference(look, x, y, 0, 1) < FLAT;
    return STRIAE_OK;
}

struct moments {
    double n, x, y, xx, xy, yy;
};

/* Takes the flat pixels that hang together with this one. */
static struct moments take(struct look *look, int start)
{
    struct moments m = {0};
    int depth = 0;
    look->stack[depth++] = start;
    look->flat[start] = 0;
    while (depth) {
        int at = look->stack[--depth], x = at % look->width, y = at / look->width;
        const int next[4] = {at - 1, at + 1, at - look->width, at + look->width};
        m.n++;
        m.x += x;
        m.y += y;
        m.xx += (double)x * x;
        m.xy += (double)x * y;
        m.yy += (double)y * y;
        for (int k = 0; k < 4; k++) /* the border is never flat */
            if (look->flat[next[k]]) {
                look->flat[next[k]] = 0;
                look->stack[depth++] = next[k];
            }
    }
    return m;
}

/* A parallelogram of area A has det(covariance) = (A / 12)^2. */
static bool spot_of(const struct look *look, const struct moments *m, struct chart_spot *spot)
{
    double pixels = (double)look->width * look->height;
    if (m->n < LEAST_AREA || m->n > MOST_SHARE * pixels)
        return false;
    double x = m->x / m->n, y = m->y / m->n;
    double xx = m->xx / m->n - x * x, xy = m->xy / m->n - x * y, yy = m->yy / m->n - y * y;
    double det = xx * yy - xy * xy, half = (xx + yy) / 2;
    double root = sqrt(fmax(half * half - det, 0)), fill = 12 * sqrt(fmax(det, 0)) / m->n;
    if (fill > SQUARE || fill < 1 / SQUARE ||
        half + root > MOST_ASPECT * MOST_ASPECT * (half - root))
        return false;
    *spot = (struct chart_spot){.x = (x + 0.5) * look->factor - 0.5,
                                .y = (y + 0.5) * look->factor - 0.5,
                                .side = look->factor * (sqrt(m->n) + 2)};
    return true;
}

static int by_side(const void *a, const void *b)
{
    const struct chart_spot *s = a, *t = b;
    if (s->side != t->side)
        return s->side < t->side ? 1 : -1;
    return (s->y > t->y) - (s->y < t->y);
}

striae_status chart_find_spots(const struct image *image, struct chart_spots *spots,
                               striae_error *error)
{
    struct look look;
    *spots = (struct chart_spots){0};
    striae_status status = look_init(image, &look, error);
    if (status == STRIAE_OK && !(spots->spot = calloc(MOST_SPOTS, sizeof *spots->spot)))
        status = fail_memory(error);
    for (int at = 0; status == STRIAE_OK && at < look.width * look.height; at++) {
        if (!look.flat[at] || spots->count == MOST_SPOTS)
            continue;
        struct moments m = take(&look, at);
        spots->count += spot_of(&look, &m, &spots->spot[spots->count]);
    }
    look_free(&look);
    if (status == STRIAE_OK)
        qsort(spots->spot, spots->count, sizeof *spots->spot, by_side);
    return status;
}
