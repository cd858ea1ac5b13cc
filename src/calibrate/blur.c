/* The photo's own blur, and the motion of the camera in it. */
#include "calibrate/calibrate.h"

#include "base/filter.h"

#include <math.h>
#include <stdlib.h>

#define BLUR_SIDE       1400  /* px, side of the central part that is looked at */
#define BLUR_EDGE_SHARE 0.004 /* share of pixels taken as edges */
#define LAST_STEP       0.9999999f
#define LEAST_BLUR      0.3
#define MOST_BLUR       12.0
#define LEAST_EDGES     50
#define DIRECTIONS      4
#define DIRECTION_EDGES 40   /* fewer tell nothing of a direction */
#define NOISE_FACTOR    4.0f /* an edge over the typical gradient */
#define CLEAR_EDGES     4.2f /* those that tell of blur, likewise; of noise alone 2.8 */
#define MOTION_RATIO    1.7  /* of the blur across and along the motion */
#define OUT_OF_FOCUS    2.5  /* px of blur in every direction: edges are too few to tell more */
#define LEAST_MOVED     0.8  /* px of blur along the motion, at least: less cannot be told */

/* The photo is looked at as it is and smoothed. Noise and JPEG blocks are sharp in the most blurred
 * photo; smoothed first, they no longer count among the strongest edges, and what the edges have of
 * the smoothing is known and taken off. A smoothed look is believed where it tells of more blur
 * than it could overlook. Real photos of skin, blurred by 2, 4, 6 and 10 px and saved as JPEG: 1.4
 * to 2.3, 3.4 to 5.7, 4.4 to 7.4 and over 5.4 px; without smoothing, never over 3.
 * Where noise hides the edges of the photo as it is, the first smoothed look is believed whatever
 * it tells. Of 24 rendered photos of hard skin, out of focus by 2 px, half were told to be as sharp
 * as noise; now the median is 1.5 px, and well visible striae in them come out 0.9 instead of 3.3 %
 * too wide (tests/accuracy/widths --scene soft2 --seed 2000); of 24 sharp ones it is 0.46 px. */
struct look {
    double smoothing; /* px, before */
    double probe;     /* px, the known blur added to measure the photo's own */
    double believed;  /* px, from there on */
};
static const struct look looks[] = {{0, 1.5, 0}, {1.5, 1.5, 1.8}, {3, 3, 3}};
#define LOOKS 3
/* In the last look, share of the skin's brightness per px: skin is never that even. Sharp photos,
 * dark skin in soft light among them: 0.0065 and more; blurred by 10 px: 0.0035 to 0.006. */
#define NO_EDGE     0.0055f
#define MOTION_LOOK 1 /* the look that tells of motion, too */

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

/* The value that `count` of the strengths reach or exceed, to 2^-23: from counts of 2^12 steps, and
 * of as many within the one that matters. Sorting millions for some thousand takes far longer. */
static float strength_limit(const struct edge *edges, size_t all, size_t count)
{
    enum { STEPS = 4096 };
    const float end = 2;
    uint32_t low = 0; /* in units of the finest step */
    size_t above = 0;
    for (uint32_t unit = STEPS; unit >= 1; unit /= STEPS) {
        uint32_t counts[STEPS] = {0};
        uint32_t step = STEPS;
        for (size_t i = 0; i < all; i++) {
            uint32_t value = (uint32_t)(fminf(edges[i].strength / end, LAST_STEP) * STEPS * STEPS);
            uint32_t at = (value - low) / unit; /* far beyond the end for what is below */
            if (at < STEPS)
                counts[at]++;
        }
        while (step > 1 && above + counts[step - 1] < count)
            above += counts[--step];
        low += (step - 1) * unit;
    }
    return end * (float)low / (STEPS * STEPS);
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
                            const struct mask *skin, const int origin[2], double probe,
                            struct edge *edges, size_t *looked_at)
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
                (struct edge){before, (float)(probe / sqrt(ratio * ratio - 1)), {g[0], g[1]}};
        }
    return count;
}

/* Lower quartile of the blur; edges are put in order. */
static double typical_blur(struct edge *edges, size_t count)
{
    qsort(edges, count, sizeof *edges, by_blur);
    return fmin(fmax((double)edges[count / 4].blur, LEAST_BLUR), MOST_BLUR);
}

/* What is left of a blur without that smoothing, at least `least`. */
static double without(double smoothing, double blur, double least)
{
    return sqrt(fmax(blur * blur - smoothing * smoothing, least * least));
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
    double blur[DIRECTIONS], moved = 0;
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
        blur[direction] =
            without(looks[MOTION_LOOK].smoothing, typical_blur(scratch, found), LEAST_MOVED);
    }
    for (int k = 0; k < DIRECTIONS; k += 2) { /* directions at right angles */
        double least = fmin(blur[k], blur[k + 1]), most = fmax(blur[k], blur[k + 1]);
        if (most > MOTION_RATIO * least && least < OUT_OF_FOCUS)
            moved = fmax(moved, sqrt(most * most - least * least));
    }
    return moved;
}

/* Mean of the skin. */
static float brightness(const struct plane *picture, const struct mask *skin, const int origin[2])
{
    double sum = 0, count = 0;
    for (int y = 0; y < picture->height; y++)
        for (int x = 0; x < picture->width; x++)
            if (mask_row(skin, y + origin[1])[x + origin[0]]) {
                sum += (double)plane_row(picture, y)[x];
                count += 1;
            }
    return (float)(sum / fmax(count, 1));
}

/* What one look tells. */
struct sight {
    double sigma; /* px, the smoothing included */
    bool noisy;   /* the edges may be noise */
};

/* picture: square roots of light, smoothed. motion: NULL = not asked. */
static striae_status look_at_edges(const struct plane *picture, const struct mask *skin,
                                   const int origin[2], const struct look *look, int threads,
                                   struct sight *sight, double *motion, striae_error *error)
{
    struct plane soft = {0};
    size_t pixels = (size_t)picture->width * (size_t)picture->height, looked_at;
    struct edge *edges = malloc(checked_bytes(pixels, motion ? 2 : 1, sizeof *edges));
    striae_status status = edges ? STRIAE_OK : fail_memory(error);
    if (status == STRIAE_OK)
        status = filter_gaussian(picture, look->probe, threads, &soft, error);
    if (status == STRIAE_OK) {
        size_t all = collect_edges(picture, &soft, skin, origin, look->probe, edges, &looked_at);
        size_t wanted = (size_t)((double)all * BLUR_EDGE_SHARE);
        if (wanted >= LEAST_EDGES && motion)
            *motion = motion_blur(edges, all, looked_at, edges + pixels);
        if (wanted >= LEAST_EDGES) {
            float strong = strength_limit(edges, all, wanted);
            bool even =
                look == &looks[LOOKS - 1] && strong < NO_EDGE * brightness(picture, skin, origin);
            sight->noisy = strong < CLEAR_EDGES * strength_limit(edges, all, looked_at / 2);
            sight->sigma =
                even ? MOST_BLUR : typical_blur(edges, keep_strongest(edges, all, wanted));
        }
    }
    plane_free(&soft);
    free(edges);
    return status;
}

static striae_status judge(const struct plane *picture, const struct mask *skin,
                           const int origin[2], int threads, struct blur *blur, striae_error *error)
{
    striae_status status = STRIAE_OK;
    bool noisy = false;
    *blur = (struct blur){.sigma = 0.7}; /* hardly any edge: a focused Bayer camera's */
    for (int k = 0; k < LOOKS && status == STRIAE_OK; k++) {
        const struct look *look = &looks[k];
        double *motion = k == MOTION_LOOK ? &blur->motion : NULL;
        struct sight sight = {.sigma = blur->sigma};
        struct plane smooth = {0};
        if (look->smoothing > 0)
            status = filter_gaussian(picture, look->smoothing, threads, &smooth, error);
        if (status == STRIAE_OK)
            status = look_at_edges(look->smoothing > 0 ? &smooth : picture, skin, origin, look,
                                   threads, &sight, motion, error);
        plane_free(&smooth);
        double own = without(look->smoothing, sight.sigma, 0);
        if (k == 0)
            blur->sigma = own;
        else if (own > (noisy ? 0 : look->believed))
            blur->sigma = fmax(blur->sigma, own);
        noisy = k == 0 && sight.noisy;
    }
    return status;
}

striae_status calibrate_blur(const struct image *image, const struct mask *skin, int threads,
                             struct blur *blur, striae_error *error)
{
    struct plane picture = {0};
    int origin[2];
    striae_status status = central_part(image, &picture, origin, error);
    if (status == STRIAE_OK)
        status = judge(&picture, skin, origin, threads, blur, error);
    plane_free(&picture);
    return status;
}
