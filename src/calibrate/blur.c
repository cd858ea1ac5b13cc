/* The photo's own blur, and the motion of the camera in it. */
#include "calibrate/calibrate.h"

#include "base/filter.h"

#include <math.h>
#include <stdlib.h>

#define BLUR_PROBE      1.5   /* px, the known blur added to measure the photo's own */
#define BLUR_SIDE       1400  /* px, side of the central part that is looked at */
#define BLUR_EDGE_SHARE 0.004 /* share of pixels taken as edges */
#define DIRECTIONS      4
#define DIRECTION_EDGES 60   /* fewer tell nothing of a direction */
#define NOISE_FACTOR    4.0f /* an edge over the typical gradient */
#define MOTION_RATIO    1.6  /* of the blur across and along the motion */

/* Re-blur method (Zhuo and Sim 2011, "Defocus map estimation from a single image"): where an edge
 * of blur s is blurred again by p, its gradient falls by the factor R = sqrt(s^2+p^2)/s. Taken over
 * the strongest edges; the lower quartile, since hairs and mole borders are not ideal steps and
 * only look more blurred than the lens made them. */

struct edge {
    float strength, blur;
    float gradient[2];
};

static int by_blur(const void *a, const void *b)
{
    const struct edge *x = a, *y = b;
    return (x->blur > y->blur) - (x->blur < y->blur);
}

/* The value that `count` of the strengths reach or exceed, by bisection: sorting millions for some
 * thousand takes longer than all the rest. */
static float strength_limit(const struct edge *edges, size_t all, size_t count)
{
    float low = 0, high = 2;
    for (int step = 0; step < 24; step++) {
        float middle = (low + high) / 2;
        size_t above = 0;
        for (size_t i = 0; i < all; i++)
            above += edges[i].strength >= middle;
        if (above >= count)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Moves the strongest to the front; returns how many. */
static size_t keep_strongest(struct edge *edges, size_t all, size_t count)
{
    float limit = strength_limit(edges, all, count);
    size_t kept = 0;
    for (size_t i = 0; i < all; i++)
        if (edges[i].strength >= limit)
            edges[kept++] = edges[i];
    return kept;
}

static void gradient(const struct plane *p, int x, int y, float to[2])
{
    const float *row = plane_row(p, y);
    to[0] = (row[x + 1] - row[x - 1]) / 2;
    to[1] = (plane_row(p, y + 1)[x] - plane_row(p, y - 1)[x]) / 2;
}

/* The central part of the green channel, encoded as sRGB so that noise is even. */
static striae_status central_part(const struct image *image, struct plane *out, int origin[2],
                                  striae_error *error)
{
    int width = image->width < BLUR_SIDE ? image->width : BLUR_SIDE;
    int height = image->height < BLUR_SIDE ? image->height : BLUR_SIDE;
    striae_status status = plane_init(out, width, height, error);
    origin[0] = (image->width - width) / 2;
    origin[1] = (image->height - height) / 2;
    for (int y = 0; y < height && status == STRIAE_OK; y++)
        for (int x = 0; x < width; x++)
            plane_row(out, y)[x] =
                sqrtf(fmaxf(plane_row(&image->channel[1], y + origin[1])[x + origin[0]], 0));
    return status;
}

static size_t collect_edges(const struct plane *sharp, const struct plane *soft,
                            const struct mask *skin, const int origin[2], struct edge *edges,
                            size_t *looked_at)
{
    size_t count = 0;
    *looked_at = 0;
    for (int y = 1; y + 1 < sharp->height; y++)
        for (int x = 1; x + 1 < sharp->width; x++) {
            if (!mask_row(skin, y + origin[1])[x + origin[0]])
                continue;
            ++*looked_at;
            float g[2], h[2];
            gradient(sharp, x, y, g);
            gradient(soft, x, y, h);
            float before = sqrtf(g[0] * g[0] + g[1] * g[1]);
            float after = sqrtf(h[0] * h[0] + h[1] * h[1]);
            float ratio = before / fmaxf(after, 1e-6f);
            if (ratio < 1.02f || before < 1e-4f)
                continue;
            edges[count++] =
                (struct edge){before, (float)(BLUR_PROBE / sqrt(ratio * ratio - 1)), {g[0], g[1]}};
        }
    return count;
}

/* Lower quartile of the blur; edges are put in order. */
static double typical_blur(struct edge *edges, size_t count)
{
    qsort(edges, count, sizeof *edges, by_blur);
    return fmin(fmax((double)edges[count / 4].blur, 0.3), 8);
}

/* Which of the four directions the gradient has: across, along, and the two diagonals. */
static int direction_of(const struct edge *edge)
{
    const float tan_22 = 0.41421356f;
    float x = fabsf(edge->gradient[0]), y = fabsf(edge->gradient[1]);
    if (y < tan_22 * x)
        return 0;
    if (x < tan_22 * y)
        return 1;
    return (edge->gradient[0] > 0) == (edge->gradient[1] > 0) ? 2 : 3;
}

/* A camera that moved blurs the edges across its way and leaves those along it: the difference of
 * the blur between the directions, as a sigma in px; 0 when there are too few edges to tell. Edges
 * must stand out of the texture: noise is sharp whatever the camera did. Spoils the order. */
static double motion_blur(struct edge *edges, size_t all, size_t looked_at, struct edge *scratch)
{
    double least = INFINITY, most = 0;
    float texture = NOISE_FACTOR * strength_limit(edges, all, looked_at / 2);
    for (int direction = 0; direction < DIRECTIONS; direction++) {
        size_t found = 0;
        for (size_t i = 0; i < all; i++)
            if (edges[i].strength > texture && direction_of(&edges[i]) == direction)
                scratch[found++] = edges[i];
        size_t wanted = (size_t)((double)all * BLUR_EDGE_SHARE / DIRECTIONS);
        found = keep_strongest(scratch, found, wanted < found ? wanted : found);
        if (found < DIRECTION_EDGES)
            return 0;
        double blur = typical_blur(scratch, found);
        least = fmin(least, blur);
        most = fmax(most, blur);
    }
    return most > MOTION_RATIO * least ? sqrt(most * most - least * least) : 0;
}

static striae_status judge_edges(struct edge *edges, size_t all, size_t looked_at,
                                 struct blur *blur, striae_error *error)
{
    *blur = (struct blur){.sigma = 0.7}; /* hardly any edge: a focused Bayer camera's */
    size_t wanted = (size_t)((double)all * BLUR_EDGE_SHARE);
    if (wanted < 50)
        return STRIAE_OK;
    struct edge *scratch = malloc(all * sizeof *scratch);
    if (!scratch)
        return fail_memory(error);
    blur->motion = motion_blur(edges, all, looked_at, scratch);
    blur->sigma = typical_blur(edges, keep_strongest(edges, all, wanted));
    free(scratch);
    return STRIAE_OK;
}

striae_status calibrate_blur(const struct image *image, const struct mask *skin, int threads,
                             struct blur *blur, striae_error *error)
{
    struct plane sharp = {0}, soft = {0};
    struct edge *edges = NULL;
    int origin[2];
    striae_status status = central_part(image, &sharp, origin, error);
    if (status == STRIAE_OK)
        status = filter_gaussian(&sharp, BLUR_PROBE, threads, &soft, error);
    if (status == STRIAE_OK) {
        edges = malloc((size_t)sharp.width * (size_t)sharp.height * sizeof *edges);
        status = edges ? STRIAE_OK : fail_memory(error);
    }
    if (status == STRIAE_OK) {
        size_t looked_at, all = collect_edges(&sharp, &soft, skin, origin, edges, &looked_at);
        status = judge_edges(edges, all, looked_at, blur, error);
    }
    free(edges);
    plane_free(&sharp);
    plane_free(&soft);
    return status;
}
