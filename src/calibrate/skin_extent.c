/* How far skin goes, once its colour is known. */
#include "calibrate/skin_parts.h"

#include "base/filter.h"
#include "calibrate/region.h"

#include <math.h>
#include <stdlib.h>

/* Steps between neighbouring working pixels that a body's shading does not take, a contour does. */
#define STEP_CHROMA    0.08f
#define STEP_BLUE      0.15f /* the noisiest channel */
#define STEP_SHADE     0.20f
#define CONTOUR_FACTOR 4.f   /* over the median step */
#define CALM           1.2   /* px sigma */
#define CUT_LEAST      0.004 /* of the skin: smaller parts are bits of it between creases */
#define CUT_MOST       0.25  /* larger parts are skin too, unless */
#define PART_COLOUR    0.12  /* they differ by that in (u, v) */
#define PART_SHADE     0.9   /* or in density */
#define CUT_WIDTH      3     /* working px that a contour takes on either side */
#define COOLER         3.0   /* standard deviations that shaded skin may be less warm */
#define FULL_RED       0.12  /* density; red at its end shows less warmth than skin has */
#define FULL_WARMTH    0.05  /* of (u, v), there */

static int within(int value, int end)
{
    return value < 0 ? 0 : value < end ? value : end - 1;
}

/* The step from (x,y) over the next pixel in direction (dx,dy), from one pixel before to one behind
 * since a contour is never quite sharp; 1 = more than skin does. */
static float step_over(const struct skin_features *f, int x, int y, int dx, int dy)
{
    int x0 = within(x - dx, f->u.width), y0 = within(y - dy, f->u.height);
    int x1 = within(x + 2 * dx, f->u.width), y1 = within(y + 2 * dy, f->u.height);
    float du = (plane_row(&f->u, y1)[x1] - plane_row(&f->u, y0)[x0]) / STEP_CHROMA;
    float dv = (plane_row(&f->v, y1)[x1] - plane_row(&f->v, y0)[x0]) / STEP_BLUE;
    float ds = (plane_row(&f->shade, y1)[x1] - plane_row(&f->shade, y0)[x0]) / STEP_SHADE;
    return sqrtf(du * du + dv * dv + ds * ds);
}

/* Whether a place is as warm as the skin it would belong to. Bright skin has its red clipped first,
 * and what is left of its colour is paler than it is. */
static bool warm(const struct skin_features *f, int x, int y, double least_u, double least_v)
{
    double u = (double)plane_row(&f->u, y)[x], v = (double)plane_row(&f->v, y)[x];
    double red = (double)plane_row(&f->shade, y)[x] - (2 * u + v) / 3;
    if (red < FULL_RED) {
        least_u = fmin(least_u, FULL_WARMTH);
        least_v = fmin(least_v, FULL_WARMTH);
    }
    return u >= least_u && v >= least_v;
}

striae_status skin_spread(const struct skin_features *f, const struct skin_model *m,
                          struct mask *skin, striae_error *error)
{
    int width = skin->width, height = skin->height, depth = 0;
    int *stack = malloc(((size_t)width * (size_t)height + 1) * sizeof *stack);
    if (!stack)
        return fail_memory(error);
    double determinant = m->inverse[0] * m->inverse[2] - m->inverse[1] * m->inverse[1];
    double least_u = m->mean[0] - COOLER * sqrt(m->inverse[2] / determinant);
    double least_v = m->mean[1] - COOLER * sqrt(m->inverse[0] / determinant);
    for (int i = 0; i < width * height; i++)
        if (skin->data[i])
            stack[depth++] = i;
    while (depth) {
        int at = stack[--depth], x = at % width, y = at / width;
        for (int k = 0; k < 4; k++) {
            int nx = x + (k == 0) - (k == 1), ny = y + (k == 2) - (k == 3);
            if (nx < 0 || ny < 0 || nx >= width || ny >= height || mask_row(skin, ny)[nx])
                continue;
            if (!skin_lit(f, nx, ny) || plane_row(&f->weave, ny)[nx] > m->weave ||
                !warm(f, nx, ny, least_u, least_v) || step_over(f, x, y, nx - x, ny - y) > 1)
                continue;
            mask_row(skin, ny)[nx] = 255;
            stack[depth++] = ny * width + nx;
        }
    }
    free(stack);
    return STRIAE_OK;
}

static float contrast_at(const struct skin_features *f, int x, int y)
{
    return fmaxf(step_over(f, x, y, 1, 0), step_over(f, x, y, 0, 1));
}

/* The step that makes a contour: more than skin takes, and well over the photo's own noise. */
static striae_status contour_step(const struct skin_features *f, const struct mask *skin,
                                  float *step, striae_error *error)
{
    size_t count = 0;
    float *steps = malloc(((size_t)skin->width * (size_t)skin->height + 1) * sizeof *steps);
    if (!steps)
        return fail_memory(error);
    for (int y = 0; y < skin->height; y++)
        for (int x = 0; x < skin->width; x++)
            if (mask_row(skin, y)[x])
                steps[count++] = contrast_at(f, x, y);
    *step = fmaxf(1, CONTOUR_FACTOR * skin_median(steps, count));
    free(steps);
    return STRIAE_OK;
}

/* What a part between contours looks like on average. */
struct part {
    double u, v, shade, present, pixels;
};

static struct part *describe_parts(const struct skin_features *f,
                                   const struct region_parts *regions)
{
    struct part *parts = calloc((size_t)regions->count + 1, sizeof *parts);
    int width = f->u.width, height = f->u.height;
    for (int y = 0; parts && y < height; y++)
        for (int x = 0; x < width; x++) {
            struct part *p = &parts[regions->part[y * width + x]];
            p->present += (double)plane_row(&f->central, y)[x];
            p->pixels += 1;
            p->u += (double)plane_row(&f->u, y)[x];
            p->v += (double)plane_row(&f->v, y)[x];
            p->shade += (double)plane_row(&f->shade, y)[x];
        }
    for (int k = 0; parts && k <= regions->count; k++) {
        double n = fmax(parts[k].pixels, 1);
        parts[k].u /= n;
        parts[k].v /= n;
        parts[k].shade /= n;
    }
    return parts;
}

/* Whether a part is something else than the skin `main`. */
static bool foreign(const struct part *p, const struct part *main, bool at_border)
{
    if (p == main || p->pixels < CUT_LEAST * main->pixels)
        return false;
    if (p->pixels < CUT_MOST * main->pixels)
        return at_border;
    return hypot(p->u - main->u, p->v - main->v) > PART_COLOUR ||
           fabs(p->shade - main->shade) > PART_SHADE;
}

/* Leaves in `parts` the pixels of foreign parts. */
static striae_status keep_foreign(const struct skin_features *f, struct mask *parts,
                                  striae_error *error)
{
    struct region_parts regions = {0};
    striae_status status = region_parts_find(parts, 255, &regions, error);
    struct part *list = status == STRIAE_OK ? describe_parts(f, &regions) : NULL;
    if (status == STRIAE_OK && !list)
        status = fail_memory(error);
    int main = 0;
    double best = 0;
    for (int k = 1; list && k <= regions.count; k++) {
        /* All are of a likely colour by now: size tells more than among populations. */
        double now = skin_likelihood(list[k].u, list[k].v) * list[k].present;
        if (now > best) {
            best = now;
            main = k;
        }
    }
    for (int i = 0; list && i < parts->width * parts->height; i++) {
        int k = regions.part[i];
        if (k && !foreign(&list[k], &list[main], regions.at_border[k]))
            parts->data[i] = 0;
    }
    free(list);
    region_parts_free(&regions);
    return status;
}

striae_status skin_cut(const struct skin_features *f, struct mask *skin, striae_error *error)
{
    size_t size = (size_t)skin->width * (size_t)skin->height;
    struct mask parts = {0};
    struct skin_features calm = {0}; /* the skin's own relief makes no contour */
    striae_status status = mask_init(&parts, skin->width, skin->height, error);
    if (status == STRIAE_OK)
        status = filter_gaussian(&f->u, CALM, 1, &calm.u, error);
    if (status == STRIAE_OK)
        status = filter_gaussian(&f->v, CALM, 1, &calm.v, error);
    if (status == STRIAE_OK)
        status = filter_gaussian(&f->shade, CALM, 1, &calm.shade, error);
    float contour = 1;
    if (status == STRIAE_OK)
        status = contour_step(&calm, skin, &contour, error);
    for (int y = 0; y < skin->height && status == STRIAE_OK; y++)
        for (int x = 0; x < skin->width; x++)
            mask_row(&parts, y)[x] =
                mask_row(skin, y)[x] && contrast_at(&calm, x, y) < contour ? 255 : 0;
    if (status == STRIAE_OK)
        status = keep_foreign(f, &parts, error);
    for (int k = 0; k < CUT_WIDTH && status == STRIAE_OK; k++)
        status = region_grow_within(&parts, skin, error);
    for (size_t i = 0; i < size && status == STRIAE_OK; i++)
        if (parts.data[i])
            skin->data[i] = 0;
    mask_free(&parts);
    plane_free(&calm.u);
    plane_free(&calm.v);
    plane_free(&calm.shade);
    return status;
}
