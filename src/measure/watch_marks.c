/* New dark marks: spots of more melanin that were not there before.
 *
 * A spot is a place where the smoothed density of red light (the RGB melanin index is its multiple)
 * bends downwards in every direction: the smaller eigenvalue of the negative Hessian, which a line
 * or an edge does not have (Lindeberg 1998, Int J Comput Vision 30:79, for scale-normalised blobs).
 * Each photo is looked at in its own geometry, and only then are they compared, each place with the
 * darkest within the error of the alignment. What is called a mark must stand out from what the
 * skin itself does between the photos: from the spread of the difference, and from the largest spot
 * that seems to have GONE, which in skin without any new mark is as large as any that seems new. */
#include "measure/watch_spots.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCALES 3

static const double scale_size[SCALES] = {0.9, 1.4, 2.2}; /* mm, sigma */

#define LEAST_AMPLITUDE 0.02  /* density of red light; 2 % darker */
#define LEAST_RED       3.7   /* standard deviations of the difference, in red alone: dark skin */
#define LEAST_BOTH      2.9   /* the same, where blue less green rises too */
#define LEAST_RISE      1.1   /* standard deviations that blue less green then rises by */
#define LEAST_REVERSE   1.2   /* times the same of the strongest spot that seems to have gone */
#define LEAST_YELLOW    -0.25 /* blue less green over red: blood has -4, a shadow 0, melanin more */
#define MOST_MARKS      24
#define OUTLINE         24

struct mark {
    int x, y, scale;
    double amplitude; /* density of red light */
    double strength;  /* amplitude over what was needed */
};

/* How far a spot stands out, as a multiple of what is asked for: in red alone, and in both
 * channels. NaN = not known. */
struct standing {
    double red, both;
};

static struct standing standing_at(const struct plane amplitude[CHANNELS],
                                   const struct plane noise[CHANNELS], int x, int y)
{
    double z[CHANNELS];
    for (int c = 0; c < CHANNELS; c++)
        z[c] = (double)(plane_row(&amplitude[c], y)[x] / plane_row(&noise[c], y)[x]);
    return (struct standing){z[RED] / LEAST_RED, fmin(z[RED] / LEAST_BOTH, z[YELLOW] / LEAST_RISE)};
}

/* What a new spot must exceed at this scale. */
static struct standing find_limit(const struct spots *spots)
{
    struct standing limit = {1, 1};
    for (int y = 0; y < spots->gone[RED].height; y++)
        for (int x = 0; x < spots->gone[RED].width; x++) {
            struct standing s = standing_at(spots->gone, spots->noise, x, y);
            limit.red = fmax(limit.red, LEAST_REVERSE * s.red);
            limit.both = fmax(limit.both, LEAST_REVERSE * s.both);
        }
    return limit;
}

static bool has_colour_of_melanin(const struct spots *spots, int x, int y)
{
    double d[CHANNELS];
    for (int c = 0; c < CHANNELS; c++)
        d[c] = (double)(plane_row(&spots->later[c], y)[x] - plane_row(&spots->first[c], y)[x]);
    return d[RED] > 0 && d[YELLOW] > LEAST_YELLOW * d[RED];
}

static bool is_peak(const struct plane *plane, int x, int y)
{
    float here = plane_row(plane, y)[x];
    for (int j = -2; j <= 2; j++)
        for (int i = -2; i <= 2; i++) {
            if (x + i < 0 || y + j < 0 || x + i >= plane->width || y + j >= plane->height)
                continue;
            float other = plane_row(plane, y + j)[x + i];
            if (other > here || (other == here && (j > 0 || (j == 0 && i > 0))))
                return false;
        }
    return true;
}

/* Keeps the stronger of two marks at one place. */
static void keep_mark(const struct watch_grid *grid, const struct mark *mark, struct mark *marks,
                      size_t *count)
{
    for (size_t i = 0; i < *count; i++) {
        double near = 1.5 * grid->size * fmax(scale_size[mark->scale], scale_size[marks[i].scale]);
        if (hypot(mark->x - marks[i].x, mark->y - marks[i].y) > near)
            continue;
        if (mark->strength > marks[i].strength)
            marks[i] = *mark;
        return;
    }
    if (*count < MOST_MARKS)
        marks[(*count)++] = *mark;
}

static striae_status look_at_scale(const struct watch_grid *grid, int scale, int reach,
                                   struct mark *marks, size_t *count, striae_error *error)
{
    struct spots spots = {0};
    striae_status status = find_spots(grid, scale_size[scale] * grid->size, reach, &spots, error);
    struct standing limit = {0};
    if (status == STRIAE_OK)
        limit = find_limit(&spots);
    for (int y = 0; status == STRIAE_OK && y < grid->height; y++)
        for (int x = 0; x < grid->width; x++) {
            struct standing s = standing_at(spots.fresh, spots.noise, x, y);
            double amplitude = (double)plane_row(&spots.fresh[RED], y)[x];
            double strength = fmax(s.red / limit.red, s.both / limit.both);
            if (!(strength > 1) || !(amplitude > LEAST_AMPLITUDE) ||
                !is_peak(&spots.fresh[RED], x, y) || !has_colour_of_melanin(&spots, x, y))
                continue;
            struct mark mark = {x, y, scale, amplitude, strength};
            keep_mark(grid, &mark, marks, count);
        }
    spots_free(&spots);
    return status;
}

/* A circle as large as the spot at half its height, in px of the later photo. */
static striae_status outline(const struct watch_grid *grid, const struct mark *mark,
                             struct polyline *where, striae_error *error)
{
    double u = (double)plane_row(&grid->u, mark->y)[mark->x],
           v = (double)plane_row(&grid->v, mark->y)[mark->x];
    double radius = 1.177 * scale_size[mark->scale] * grid->size * grid->later_ratio *
                    grid->later_step; /* half width at half maximum */
    striae_status status = STRIAE_OK;
    for (int k = 0; k <= OUTLINE && status == STRIAE_OK; k++) {
        double angle = 2 * M_PI * k / OUTLINE;
        status = polyline_append(where, u + radius * cos(angle), v + radius * sin(angle), error);
    }
    return status;
}

static striae_status report_mark(const struct watch_grid *grid, const struct mark *mark,
                                 struct change *change, striae_error *error)
{
    struct polyline where = {0};
    char message[240];
    double radius = 1.177 * scale_size[mark->scale] * grid->size * grid->unit;
    double area = M_PI * radius * radius;
    const char *unit = grid->has_scale ? "mm2" : "px2";
    striae_status status = outline(grid, mark, &where, error);
    (void)snprintf(
        message, sizeof message,
        "New dark mark: melanin index higher by %.3f than in the first photo. Look at it in "
        "the patient.",
        mark->amplitude / M_LN10);
    /* between the sizes that are told apart the area is known to a factor of about 1.6 */
    if (status == STRIAE_OK)
        status = watch_add(change, "dark_mark", quantity(area, area / 1.6, area * 1.6, unit),
                           &where, message, error);
    polyline_free(&where);
    return status;
}

static int by_strength(const void *a, const void *b)
{
    const struct mark *x = a, *y = b;
    if (x->strength != y->strength)
        return x->strength < y->strength ? 1 : -1;
    return x->y != y->y ? x->y - y->y : x->x - y->x;
}

striae_status watch_marks(const struct watch_grid *grid, struct change *change, striae_error *error)
{
    struct mark marks[MOST_MARKS];
    size_t count = 0;
    double shift;
    striae_status status = plane_quantile(&grid->error, 0.5, &shift, error);
    if (status != STRIAE_OK || isnan(shift))
        return status;
    for (int s = 0; s < SCALES && status == STRIAE_OK; s++) {
        double sigma = scale_size[s] * grid->size;
        int reach = (int)fmin(ceil(2 * shift + 0.35 * sigma), fmax(1, sigma));
        status = look_at_scale(grid, s, reach, marks, &count, error);
    }
    qsort(marks, count, sizeof *marks, by_strength);
    for (size_t i = 0; i < count && status == STRIAE_OK; i++)
        status = report_mark(grid, &marks[i], change, error);
    return status;
}
