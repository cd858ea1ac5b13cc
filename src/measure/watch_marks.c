/* New dark marks: spots of more melanin that were not there before.
 *
 * A spot is a place where the smoothed density of red light (the RGB melanin index is its multiple)
 * bends downwards in every direction: the smaller eigenvalue of the negative Hessian, which a line
 * or an edge does not have (Lindeberg 1998, Int J Comput Vision 30:79, for scale-normalised blobs).
 * Each photo is looked at in its own geometry, and only then are they compared, each place with the
 * darkest within the error of the alignment. What is called a mark must stand out from what the
 * skin itself does between the photos: from the spread of the difference, and from the largest spot
 * that seems to have GONE, which in skin without any new mark is as large as any that seems new. */
#include "base/filter.h"
#include "measure/watch.h"

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
#define LEAST_GROWTH    1.0 /* of what was there before: a mole that is seen better is no new mark */
#define AROUND          6.0 /* mm, sigma of the surroundings that the noise is taken from */
#define CLIPPED         4.0 /* standard deviations at which a difference counts at most */
#define MOST_MARKS      24
#define OUTLINE         24

/* Red, where melanin index is defined; and blue less green, which melanin raises, blood lowers, and
 * light and shadow leave alone. */
enum channel { RED, YELLOW, CHANNELS };

/* The spots of one scale, on the grid; NaN = not known. */
struct spots {
    struct plane first[CHANNELS], later[CHANNELS]; /* amplitude */
    struct plane noise[CHANNELS];                  /* of their difference */
    struct plane fresh[CHANNELS], gone[CHANNELS];  /* what is new, what has gone */
};

struct mark {
    int x, y, scale;
    double amplitude; /* density of red light */
    double strength;  /* amplitude over what was needed */
};

static void spots_free(struct spots *spots)
{
    for (int c = 0; c < CHANNELS; c++) {
        plane_free(&spots->first[c]);
        plane_free(&spots->later[c]);
        plane_free(&spots->noise[c]);
        plane_free(&spots->fresh[c]);
        plane_free(&spots->gone[c]);
    }
}

/* Amplitude of the spot of that size at each cell: a Gaussian spot of standard deviation sigma and
 * height h gives h in its middle. NaN near what is no skin and near the photo's edge. */
static striae_status respond(const struct plane *density, const struct plane *weight, double sigma,
                             int threads, struct plane *out, striae_error *error)
{
    int edge = (int)ceil(fmax(1, 2 * sigma));
    struct plane smooth = {0}, near = {0};
    striae_status status =
        filter_gaussian_weighted(density, weight, sigma, 0, threads, &smooth, error);
    if (status == STRIAE_OK)
        status = filter_gaussian(weight, 1.2 * sigma, threads, &near, error);
    if (status == STRIAE_OK)
        status = plane_init(out, density->width, density->height, error);
    for (int y = 0; status == STRIAE_OK && y < out->height; y++)
        for (int x = 0; x < out->width; x++) {
            bool inside = x >= edge && y >= edge && x + edge < out->width && y + edge < out->height;
            plane_row(out, y)[x] = NAN;
            if (!inside || plane_row(&near, y)[x] < 0.98F)
                continue;
            const float *above = plane_row(&smooth, y - 1) + x, *here = plane_row(&smooth, y) + x,
                        *below = plane_row(&smooth, y + 1) + x;
            double xx = (double)here[-1] - 2 * (double)here[0] + (double)here[1];
            double yy = (double)above[0] - 2 * (double)here[0] + (double)below[0];
            double xy = 0.25 * ((double)above[-1] - (double)above[1] - (double)below[-1] +
                                (double)below[1]);
            double least = -0.5 * (xx + yy) - hypot(0.5 * (xx - yy), xy);
            plane_row(out, y)[x] = (float)(4 * sigma * sigma * least);
        }
    plane_free(&smooth);
    plane_free(&near);
    return status;
}

/* The largest of `in` within `reach` cells (a square), at least 0; NaN stays NaN where the middle
 * is. */
static striae_status spread(const struct plane *in, int reach, struct plane *out,
                            striae_error *error)
{
    struct plane rows = {0};
    striae_status status = plane_init(&rows, in->width, in->height, error);
    if (status == STRIAE_OK)
        status = plane_init(out, in->width, in->height, error);
    for (int pass = 0; pass < 2 && status == STRIAE_OK; pass++)
        for (int y = 0; y < in->height; y++)
            for (int x = 0; x < in->width; x++) {
                float most = 0;
                for (int k = -reach; k <= reach; k++) {
                    int i = pass ? x : x + k, j = pass ? y + k : y;
                    if (i < 0 || j < 0 || i >= in->width || j >= in->height)
                        continue;
                    float value = plane_row(pass ? &rows : in, j)[i];
                    most = value > most ? value : most;
                }
                plane_row(pass ? out : &rows, y)[x] = most;
            }
    plane_free(&rows);
    return status;
}

/* value less the largest of `other` within reach, at most 0 where that is no less than half of
 * value; with reach 0 the plain difference. */
static striae_status exceed(const struct plane *value, const struct plane *other, int reach,
                            struct plane *out, striae_error *error)
{
    striae_status status = spread(other, reach, out, error);
    for (int y = 0; status == STRIAE_OK && y < out->height; y++)
        for (int x = 0; x < out->width; x++) {
            float mine = plane_row(value, y)[x], theirs = plane_row(other, y)[x];
            float before = plane_row(out, y)[x], more = mine - (reach ? before : theirs);
            bool grown = reach && more < (float)LEAST_GROWTH * before;
            plane_row(out, y)[x] = isnan(mine) || isnan(theirs) ? NAN
                                   : grown                      ? fminf(more, 0)
                                                                : more;
        }
    return status;
}

/* Typical error of the alignment, cells: the median over the grid. */
static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The quantile of what is known in the plane; NaN for nothing. */
static striae_status plane_quantile(const struct plane *plane, double fraction, double *out,
                                    striae_error *error)
{
    size_t count = 0,
           most = checked_bytes((size_t)plane->width, (size_t)plane->height, sizeof(float));
    float *values = most ? malloc(most) : NULL;
    if (!values)
        return fail_memory(error);
    for (int y = 0; y < plane->height; y++)
        for (int x = 0; x < plane->width; x++)
            if (!isnan(plane_row(plane, y)[x]))
                values[count++] = plane_row(plane, y)[x];
    qsort(values, count, sizeof *values, by_value);
    *out = count ? (double)values[(size_t)(fraction * (double)(count - 1))] : NAN;
    free(values);
    return STRIAE_OK;
}

/* What the channel shows of a photo. */
static striae_status channel_of(const struct plane density[3], int channel, struct plane *out,
                                striae_error *error)
{
    striae_status status = plane_init(out, density[0].width, density[0].height, error);
    for (int y = 0; status == STRIAE_OK && y < out->height; y++)
        for (int x = 0; x < out->width; x++)
            plane_row(out, y)[x] =
                channel == RED ? plane_row(&density[0], y)[x]
                               : plane_row(&density[2], y)[x] - plane_row(&density[1], y)[x];
    return status;
}

static striae_status respond_both(const struct watch_grid *grid, int channel, double sigma,
                                  struct spots *spots, striae_error *error)
{
    struct plane first = {0}, later = {0}, own = {0};
    striae_status status = channel_of(grid->first, channel, &first, error);
    if (status == STRIAE_OK)
        status = channel_of(grid->later, channel, &later, error);
    if (status == STRIAE_OK)
        status = respond(&first, &grid->first_weight, sigma, grid->threads, &spots->first[channel],
                         error);
    if (status == STRIAE_OK)
        status = respond(&later, &grid->later_weight, sigma * grid->later_ratio, grid->threads,
                         &own, error);
    if (status == STRIAE_OK)
        status = watch_bring(grid, &own, &spots->later[channel], error);
    plane_free(&first);
    plane_free(&later);
    plane_free(&own);
    return status;
}

/* Squares of the differences, clipped, and which are known; *deviation = of all of them. */
static striae_status clipped_squares(const struct plane *first, const struct plane *later,
                                     struct plane *squares, struct plane *known, double *deviation,
                                     striae_error *error)
{
    double low = NAN, high = NAN;
    striae_status status = plane_init(squares, first->width, first->height, error);
    if (status == STRIAE_OK)
        status = plane_init(known, first->width, first->height, error);
    for (int y = 0; status == STRIAE_OK && y < first->height; y++)
        for (int x = 0; x < first->width; x++)
            plane_row(squares, y)[x] = plane_row(later, y)[x] - plane_row(first, y)[x];
    if (status == STRIAE_OK)
        status = plane_quantile(squares, 0.1587, &low, error);
    if (status == STRIAE_OK)
        status = plane_quantile(squares, 0.8413, &high, error);
    *deviation = 0.5 * (high - low);
    for (int y = 0; status == STRIAE_OK && y < first->height; y++)
        for (int x = 0; x < first->width; x++) {
            float *square = plane_row(squares, y) + x, most = (float)(CLIPPED * *deviation);
            plane_row(known, y)[x] = isnan(*square) ? 0.0F : 1.0F;
            /* what got lighter only: new marks are no noise */
            *square = *square < 0 ? 2 * fminf(*square * *square, most * most) : 0;
        }
    return status;
}

/* Standard deviation of the difference around each cell, at least half of that of the whole skin.
 */
static striae_status find_noise(const struct watch_grid *grid, const struct plane *first,
                                const struct plane *later, struct plane *noise, striae_error *error)
{
    struct plane squares = {0}, known = {0};
    double deviation;
    striae_status status = clipped_squares(first, later, &squares, &known, &deviation, error);
    if (status == STRIAE_OK)
        status = filter_gaussian_weighted(&squares, &known, AROUND * grid->size, NAN, grid->threads,
                                          noise, error);
    for (int y = 0; status == STRIAE_OK && y < noise->height; y++)
        for (int x = 0; x < noise->width; x++)
            plane_row(noise, y)[x] = fmaxf(sqrtf(plane_row(noise, y)[x]), (float)(0.5 * deviation));
    plane_free(&squares);
    plane_free(&known);
    return status;
}

static striae_status find_spots(const struct watch_grid *grid, double sigma, int reach,
                                struct spots *spots, striae_error *error)
{
    striae_status status = STRIAE_OK;
    for (int c = 0; c < CHANNELS && status == STRIAE_OK; c++) {
        status = respond_both(grid, c, sigma, spots, error);
        if (status == STRIAE_OK)
            status = find_noise(grid, &spots->first[c], &spots->later[c], &spots->noise[c], error);
        int around = c == RED ? reach : 0;
        if (status == STRIAE_OK)
            status = exceed(&spots->later[c], &spots->first[c], around, &spots->fresh[c], error);
        if (status == STRIAE_OK)
            status = exceed(&spots->first[c], &spots->later[c], around, &spots->gone[c], error);
    }
    return status;
}

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
