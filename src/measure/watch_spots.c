#include "measure/watch_spots.h"

#include "base/filter.h"
#include "base/select.h"
#include "base/threads.h"

#include <math.h>
#include <stdlib.h>

#define LEAST_GROWTH 1.0 /* of what was there before: a mole that is seen better is no new mark */
#define AROUND       6.0 /* mm, sigma of the surroundings that the noise is taken from */
#define CLIPPED      4.0 /* standard deviations at which a difference counts at most */

void spots_free(struct spots *spots)
{
    for (int c = 0; c < CHANNELS; c++) {
        plane_free(&spots->first[c]);
        plane_free(&spots->later[c]);
        plane_free(&spots->noise[c]);
        plane_free(&spots->fresh[c]);
        plane_free(&spots->gone[c]);
    }
}

/* One photo at one scale: what all of its channels share. */
struct scale {
    double sigma;
    int threads;
    const struct plane *weight;
    struct plane blurred; /* the weight, by sigma */
    struct plane near;    /* the same by more: how much of what counts is skin */
};

static void scale_free(struct scale *scale)
{
    plane_free(&scale->blurred);
    plane_free(&scale->near);
}

static striae_status scale_init(const struct plane *weight, double sigma, int threads,
                                struct scale *scale, striae_error *error)
{
    *scale = (struct scale){.sigma = sigma, .threads = threads, .weight = weight};
    striae_status status = filter_gaussian(weight, sigma, threads, &scale->blurred, error);
    if (status == STRIAE_OK)
        status = filter_gaussian(weight, 1.2 * sigma, threads, &scale->near, error);
    if (status != STRIAE_OK)
        scale_free(scale);
    return status;
}

struct response {
    const struct scale *scale;
    const struct plane *smooth;
    struct plane *out;
};

static void respond_row(void *context, int y)
{
    const struct response *r = context;
    const double sigma = r->scale->sigma;
    const int edge = (int)ceil(fmax(1, 2 * sigma)), width = r->out->width;
    const float *near = plane_row(&r->scale->near, y);
    float *out = plane_row(r->out, y);
    for (int x = 0; x < width; x++)
        out[x] = NAN;
    if (y < edge || y + edge >= r->out->height)
        return;
    for (int x = edge; x + edge < width; x++) {
        const float *above = plane_row(r->smooth, y - 1) + x, *here = plane_row(r->smooth, y) + x,
                    *below = plane_row(r->smooth, y + 1) + x;
        if (near[x] < 0.98F)
            continue;
        double xx = (double)here[-1] - 2 * (double)here[0] + (double)here[1];
        double yy = (double)above[0] - 2 * (double)here[0] + (double)below[0];
        double xy =
            0.25 * ((double)above[-1] - (double)above[1] - (double)below[-1] + (double)below[1]);
        double least = -0.5 * (xx + yy) - hypot(0.5 * (xx - yy), xy);
        out[x] = (float)(4 * sigma * sigma * least);
    }
}

/* Amplitude of the spot of that size at each cell: a Gaussian spot of standard deviation sigma and
 * height h gives h in its middle. NaN near what is no skin and near the photo's edge. */
static striae_status respond(const struct plane *density, const struct scale *scale,
                             struct plane *out, striae_error *error)
{
    struct plane smooth = {0};
    striae_status status = filter_gaussian_known(density, scale->weight, &scale->blurred,
                                                 scale->sigma, 0, scale->threads, &smooth, error);
    if (status == STRIAE_OK)
        status = plane_init(out, density->width, density->height, error);
    struct response response = {scale, &smooth, out};
    if (status == STRIAE_OK)
        threads_run(scale->threads, out->height, respond_row, &response);
    plane_free(&smooth);
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

striae_status plane_quantile(const struct plane *plane, double fraction, double *out,
                             striae_error *error)
{
    size_t count = 0,
           most = checked_bytes((size_t)plane->width, (size_t)plane->height, sizeof(double));
    double *values = most ? malloc(most) : NULL;
    if (!values)
        return fail_memory(error);
    for (int y = 0; y < plane->height; y++)
        for (int x = 0; x < plane->width; x++)
            if (!isnan(plane_row(plane, y)[x]))
                values[count++] = (double)plane_row(plane, y)[x];
    *out = count ? select_nth(values, count, (size_t)(fraction * (double)(count - 1))) : NAN;
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

/* The spots of each photo, the later one's brought onto the first. */
static striae_status respond_both(const struct watch_grid *grid, int channel,
                                  const struct scale *first, const struct scale *later,
                                  struct spots *spots, striae_error *error)
{
    struct plane density = {0}, own = {0};
    striae_status status = channel_of(grid->first, channel, &density, error);
    if (status == STRIAE_OK)
        status = respond(&density, first, &spots->first[channel], error);
    plane_free(&density);
    if (status == STRIAE_OK)
        status = channel_of(grid->later, channel, &density, error);
    if (status == STRIAE_OK)
        status = respond(&density, later, &own, error);
    if (status == STRIAE_OK)
        status = watch_bring(grid, &own, &spots->later[channel], error);
    plane_free(&density);
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

/* One channel, both photos. */
static striae_status find_in_channel(const struct watch_grid *grid, int c, int reach,
                                     const struct scale *first, const struct scale *later,
                                     struct spots *spots, striae_error *error)
{
    striae_status status = respond_both(grid, c, first, later, spots, error);
    if (status == STRIAE_OK)
        status = find_noise(grid, &spots->first[c], &spots->later[c], &spots->noise[c], error);
    if (status == STRIAE_OK)
        status = exceed(&spots->later[c], &spots->first[c], reach, &spots->fresh[c], error);
    if (status == STRIAE_OK)
        status = exceed(&spots->first[c], &spots->later[c], reach, &spots->gone[c], error);
    return status;
}

striae_status find_spots(const struct watch_grid *grid, double sigma, int reach,
                         struct spots *spots, striae_error *error)
{
    struct scale first = {0}, later = {0};
    striae_status status = scale_init(&grid->first_weight, sigma, grid->threads, &first, error);
    if (status == STRIAE_OK)
        status = scale_init(&grid->later_weight, sigma * grid->later_ratio, grid->threads, &later,
                            error);
    for (int c = 0; c < CHANNELS && status == STRIAE_OK; c++)
        status = find_in_channel(grid, c, c == RED ? reach : 0, &first, &later, spots, error);
    scale_free(&first);
    scale_free(&later);
    return status;
}
