#include "segment/background.h"

#include "base/filter.h"

#include <math.h>

#define BLOCKS_PER_SIGMA 4
#define LEAST_WEIGHT     1e-5f
#define RIDGE            0.04f /* of the slopes, in sigma^2: a sliver of skin has none */

/* Weighted sums over a block, then over a neighbourhood: 1, x, y, xx, xy, yy, v, vx, vy; places in
 * sigma from the middle of the picture, which keeps the squares small. */
enum { S, SX, SY, SXX, SXY, SYY, SV, SVX, SVY, SUMS };

struct grid {
    struct plane sum[SUMS];
    int block;
    double sigma, middle_x, middle_y; /* px */
};

static void add_pixel(const struct grid *grid, int x, int y, float weight, float value)
{
    float u = (float)((x - grid->middle_x) / grid->sigma);
    float v = (float)((y - grid->middle_y) / grid->sigma);
    const float terms[SUMS] = {1, u, v, u * u, u * v, v * v, value, value * u, value * v};
    for (int k = 0; k < SUMS; k++)
        plane_row(&grid->sum[k], y / grid->block)[x / grid->block] += weight * terms[k];
}

/* The value at (u,v) of the plane that fits the sums there. */
static float solve(const float s[SUMS], float u, float v)
{
    if (s[S] < LEAST_WEIGHT)
        return 0;
    float mx = s[SX] / s[S], my = s[SY] / s[S], mv = s[SV] / s[S];
    float xx = s[SXX] / s[S] - mx * mx + RIDGE, yy = s[SYY] / s[S] - my * my + RIDGE;
    float xy = s[SXY] / s[S] - mx * my;
    float xv = s[SVX] / s[S] - mx * mv, yv = s[SVY] / s[S] - my * mv;
    float determinant = xx * yy - xy * xy; /* >= RIDGE^2 but for rounding */
    if (determinant < 0.5f * RIDGE * RIDGE)
        return mv;
    float slope_x = (yy * xv - xy * yv) / determinant, slope_y = (xx * yv - xy * xv) / determinant;
    return mv + slope_x * (u - mx) + slope_y * (v - my);
}

static void solve_all(const struct grid *grid, struct plane *out)
{
    for (int y = 0; y < out->height; y++)
        for (int x = 0; x < out->width; x++) {
            float s[SUMS];
            for (int k = 0; k < SUMS; k++)
                s[k] = plane_row(&grid->sum[k], y)[x];
            double px = (x + 0.5) * grid->block - 0.5, py = (y + 0.5) * grid->block - 0.5;
            plane_row(out, y)[x] = solve(s, (float)((px - grid->middle_x) / grid->sigma),
                                         (float)((py - grid->middle_y) / grid->sigma));
        }
}

static striae_status gather(const struct plane *density, const struct plane *skin,
                            struct grid *grid, int threads, striae_error *error)
{
    int columns = (density->width + grid->block - 1) / grid->block;
    int rows = (density->height + grid->block - 1) / grid->block;
    striae_status status = STRIAE_OK;
    for (int k = 0; k < SUMS && status == STRIAE_OK; k++)
        status = plane_init(&grid->sum[k], columns, rows, error);
    if (status != STRIAE_OK)
        return status;
    for (int y = 0; y < density->height; y++)
        for (int x = 0; x < density->width; x++) {
            float weight = plane_row(skin, y)[x];
            if (weight > 0)
                add_pixel(grid, x, y, weight, plane_row(density, y)[x]);
        }
    for (int k = 0; k < SUMS && status == STRIAE_OK; k++) {
        struct plane smooth;
        status = filter_gaussian(&grid->sum[k], grid->sigma / grid->block, threads, &smooth, error);
        if (status == STRIAE_OK) {
            plane_free(&grid->sum[k]);
            grid->sum[k] = smooth;
        }
    }
    return status;
}

striae_status background_fit(const struct plane *density, const struct plane *skin, double sigma,
                             int threads, struct plane *background, striae_error *error)
{
    struct grid grid = {.block = (int)(sigma / BLOCKS_PER_SIGMA),
                        .sigma = sigma,
                        .middle_x = 0.5 * density->width,
                        .middle_y = 0.5 * density->height};
    struct plane coarse = {0}, padded = {0};
    *background = (struct plane){0};
    if (grid.block < 1)
        grid.block = 1;
    striae_status status = gather(density, skin, &grid, threads, error);
    if (status == STRIAE_OK)
        status = plane_init(&coarse, grid.sum[0].width, grid.sum[0].height, error);
    if (status == STRIAE_OK) {
        solve_all(&grid, &coarse);
        /* Whole blocks, so that their centres stay where they are. */
        status = filter_enlarge(&coarse, coarse.width * grid.block, coarse.height * grid.block,
                                &padded, error);
    }
    if (status == STRIAE_OK)
        status = plane_init(background, density->width, density->height, error);
    if (status == STRIAE_OK)
        for (int y = 0; y < density->height; y++)
            for (int x = 0; x < density->width; x++)
                plane_row(background, y)[x] = plane_row(&padded, y)[x];
    for (int k = 0; k < SUMS; k++)
        plane_free(&grid.sum[k]);
    plane_free(&coarse);
    plane_free(&padded);
    return status;
}
