/* Two photos on one grid. */
#include "base/filter.h"
#include "base/threads.h"
#include "colour/colour.h"
#include "measure/watch.h"

#include <math.h>
#include <stdlib.h>

#define CELL        0.3 /* mm, about */
#define LEAST_WIDTH 4.0 /* px: a usual width under this says nothing */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* px that stand for 1 mm: the scale, or a third of the median width of the first photo's striae; of
 * the photo's longer side 1/180 where there are none. */
static striae_status find_size(const struct series *series, double *px, striae_error *error)
{
    const struct crew *crew = &series->crews[0];
    const struct image *image = series->photos[0].image;
    int side = image->width > image->height ? image->width : image->height;
    *px = crew->context.px_per_mm;
    if (*px > 0)
        return STRIAE_OK;
    *px = side / 180.0;
    if (crew->count == 0)
        return STRIAE_OK;
    double *widths = calloc(crew->count, sizeof *widths);
    if (!widths)
        return fail_memory(error);
    for (size_t t = 0; t < crew->count; t++)
        widths[t] = crew->traces[t].rough_width;
    qsort(widths, crew->count, sizeof *widths, by_value);
    *px = fmax(widths[crew->count / 2], LEAST_WIDTH) / 3;
    free(widths);
    return STRIAE_OK;
}

static void mask_task(const struct mask *mask, struct plane *out)
{
    for (int y = 0; y < mask->height; y++)
        for (int x = 0; x < mask->width; x++)
            plane_row(out, y)[x] = mask->data[(size_t)y * (size_t)mask->width + (size_t)x] ? 1 : 0;
}

/* Density of the photo in cells of step x step px, and which cells are all skin. */
static striae_status take_photo(const struct measure_photo *photo, int step,
                                struct plane density[3], struct plane *weight, striae_error *error)
{
    struct plane full = {0};
    striae_status status = STRIAE_OK;
    for (int c = 0; c < 3 && status == STRIAE_OK; c++) {
        status = filter_reduce(&photo->image->channel[c], step, &density[c], error);
        for (int y = 0; status == STRIAE_OK && y < density[c].height; y++)
            for (int x = 0; x < density[c].width; x++)
                plane_row(&density[c], y)[x] = colour_density(plane_row(&density[c], y)[x]);
    }
    if (status == STRIAE_OK)
        status = plane_init(&full, photo->skin->width, photo->skin->height, error);
    if (status == STRIAE_OK) {
        mask_task(photo->skin, &full);
        status = filter_reduce(&full, step, weight, error);
    }
    for (int y = 0; status == STRIAE_OK && y < weight->height; y++)
        for (int x = 0; x < weight->width; x++)
            plane_row(weight, y)[x] = plane_row(weight, y)[x] > 0.99F ? 1 : 0;
    plane_free(&full);
    return status;
}

struct mapping {
    const struct warp *warp;
    struct watch_grid *grid;
    double later_px; /* of the grid's cells, in length */
};

static void map_row(void *context, int y)
{
    struct mapping *mapping = context;
    struct watch_grid *grid = mapping->grid;
    for (int x = 0; x < grid->width; x++) {
        double px = (x + 0.5) * grid->step - 0.5, py = (y + 0.5) * grid->step - 0.5, u, v;
        bool known = warp_point(mapping->warp, px, py, &u, &v);
        plane_row(&grid->u, y)[x] = known ? (float)u : NAN;
        plane_row(&grid->v, y)[x] = known ? (float)v : NAN;
        plane_row(&grid->error, y)[x] =
            known ? (float)(warp_error_at(mapping->warp, px, py) / mapping->later_px) : NAN;
    }
}

static striae_status take_map(const struct warp *warp, struct watch_grid *grid, striae_error *error)
{
    struct mapping mapping = {warp, grid, grid->later_step * grid->later_ratio};
    striae_status status = plane_init(&grid->u, grid->width, grid->height, error);
    if (status == STRIAE_OK)
        status = plane_init(&grid->v, grid->width, grid->height, error);
    if (status == STRIAE_OK)
        status = plane_init(&grid->error, grid->width, grid->height, error);
    if (status == STRIAE_OK)
        threads_run(grid->threads, grid->height, map_row, &mapping);
    return status;
}

striae_status watch_grid_init(const struct series *series, size_t later, struct watch_grid *grid,
                              striae_error *error)
{
    const struct crew *a = &series->crews[0], *b = &series->crews[later];
    double px, relative = a->context.raw / b->context.raw; /* later px per px of the first */
    *grid = (struct watch_grid){.threads = series->threads};
    striae_status status = find_size(series, &px, error);
    if (status != STRIAE_OK)
        return status;
    grid->step = (int)fmax(1, round(CELL * px));
    grid->later_step = (int)fmax(1, round(CELL * px * relative));
    grid->later_ratio = relative * grid->step / grid->later_step;
    grid->has_scale = a->has_scale;
    grid->unit = grid->step * a->context.raw;
    grid->size = px / grid->step;
    status = take_photo(&series->photos[0], grid->step, grid->first, &grid->first_weight, error);
    if (status == STRIAE_OK)
        status = take_photo(&series->photos[later], grid->later_step, grid->later,
                            &grid->later_weight, error);
    grid->width = grid->first_weight.width;
    grid->height = grid->first_weight.height;
    if (status == STRIAE_OK)
        status = take_map(series->links[later - 1].forward, grid, error);
    if (status != STRIAE_OK)
        watch_grid_free(grid);
    return status;
}

void watch_grid_free(struct watch_grid *grid)
{
    plane_free(&grid->u);
    plane_free(&grid->v);
    plane_free(&grid->error);
    plane_free(&grid->first_weight);
    plane_free(&grid->later_weight);
    for (int c = 0; c < 3; c++) {
        plane_free(&grid->first[c]);
        plane_free(&grid->later[c]);
    }
    *grid = (struct watch_grid){0};
}

struct bringing {
    const struct watch_grid *grid;
    const struct plane *later;
    struct plane *out;
};

static void bring_row(void *context, int y)
{
    const struct bringing *b = context;
    double step = b->grid->later_step;
    for (int x = 0; x < b->grid->width; x++) {
        double u = ((double)plane_row(&b->grid->u, y)[x] + 0.5) / step - 0.5;
        double v = ((double)plane_row(&b->grid->v, y)[x] + 0.5) / step - 0.5;
        bool inside = u >= 0 && v >= 0 && u <= b->later->width - 1 && v <= b->later->height - 1;
        plane_row(b->out, y)[x] = inside ? sample_cubic(b->later, u, v) : NAN;
    }
}

striae_status watch_bring(const struct watch_grid *grid, const struct plane *later,
                          struct plane *out, striae_error *error)
{
    struct bringing bringing = {grid, later, out};
    striae_status status = plane_init(out, grid->width, grid->height, error);
    if (status == STRIAE_OK)
        threads_run(grid->threads, grid->height, bring_row, &bringing);
    return status;
}
