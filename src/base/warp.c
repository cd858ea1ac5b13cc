#include "base/warp.h"

#include "base/image.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static size_t node_count(const struct warp *warp)
{
    return (size_t)warp->columns * (size_t)warp->rows;
}

striae_status warp_init(struct warp *warp, int source_width, int source_height, int target_width,
                        int target_height, double step, striae_error *error)
{
    *warp = (struct warp){.step = step,
                          .source_width = source_width,
                          .source_height = source_height,
                          .target_width = target_width,
                          .target_height = target_height};
    if (!(step > 0) || source_width < 1 || source_height < 1)
        return fail_with(error, STRIAE_ERROR_INTERNAL, "a map needs a positive step and size");
    warp->columns = (int)ceil((source_width - 1) / step) + 1;
    warp->rows = (int)ceil((source_height - 1) / step) + 1;
    if (warp->columns < 2)
        warp->columns = 2;
    if (warp->rows < 2)
        warp->rows = 2;
    size_t bytes = checked_bytes((size_t)warp->rows, (size_t)warp->columns, sizeof(float));
    float **field[3] = {&warp->x, &warp->y, &warp->error};
    for (int f = 0; f < 3; f++) {
        *field[f] = bytes ? malloc(bytes) : NULL;
        if (!*field[f]) {
            warp_free(warp);
            return fail_memory(error);
        }
        for (size_t i = 0; i < node_count(warp); i++)
            (*field[f])[i] = NAN;
    }
    return STRIAE_OK;
}

void warp_free(struct warp *warp)
{
    free(warp->x);
    free(warp->y);
    free(warp->error);
    *warp = (struct warp){0};
}

striae_status warp_copy(const struct warp *warp, struct warp *out, striae_error *error)
{
    striae_status status = warp_init(out, warp->source_width, warp->source_height,
                                     warp->target_width, warp->target_height, warp->step, error);
    if (status != STRIAE_OK)
        return status;
    memcpy(out->x, warp->x, node_count(warp) * sizeof(float));
    memcpy(out->y, warp->y, node_count(warp) * sizeof(float));
    memcpy(out->error, warp->error, node_count(warp) * sizeof(float));
    return STRIAE_OK;
}

/* The cell that holds (x,y) and the position inside it; false outside the grid. */
static bool locate(const struct warp *warp, double x, double y, int cell[2], double t[2])
{
    double at[2] = {x / warp->step, y / warp->step};
    int last[2] = {warp->columns - 2, warp->rows - 2};
    for (int k = 0; k < 2; k++) {
        if (!(at[k] >= 0 && at[k] <= last[k] + 1))
            return false;
        cell[k] = (int)at[k] > last[k] ? last[k] : (int)at[k];
        t[k] = at[k] - cell[k];
    }
    return true;
}

/* Weights of the four nodes around t in [0,1], and their derivatives. */
static void cubic_weights(double t, double w[4], double d[4])
{
    w[0] = ((-0.5 * t + 1) * t - 0.5) * t;
    w[1] = (1.5 * t - 2.5) * t * t + 1;
    w[2] = ((-1.5 * t + 2) * t + 0.5) * t;
    w[3] = (0.5 * t - 0.5) * t * t;
    d[0] = (-1.5 * t + 2) * t - 0.5;
    d[1] = (4.5 * t - 5) * t;
    d[2] = (-4.5 * t + 4) * t + 0.5;
    d[3] = (1.5 * t - 1) * t;
}

static void linear_weights(double t, double w[4], double d[4])
{
    w[0] = w[3] = d[0] = d[3] = 0;
    w[1] = 1 - t;
    w[2] = t;
    d[1] = -1;
    d[2] = 1;
}

/* Value and source-px derivative of one field, with the given weights. Border nodes repeat. */
static void blend(const struct warp *warp, const float *field, const int cell[2],
                  const double w[2][4], const double d[2][4], double out[3])
{
    out[0] = out[1] = out[2] = 0;
    for (int j = 0; j < 4; j++) {
        int row = cell[1] + j - 1;
        row = row < 0 ? 0 : row >= warp->rows ? warp->rows - 1 : row;
        for (int i = 0; i < 4; i++) {
            int column = cell[0] + i - 1;
            column = column < 0 ? 0 : column >= warp->columns ? warp->columns - 1 : column;
            double value = field[(size_t)row * (size_t)warp->columns + (size_t)column];
            if (w[0][i] * w[1][j] != 0)
                out[0] += value * w[0][i] * w[1][j];
            if (d[0][i] * w[1][j] != 0)
                out[1] += value * d[0][i] * w[1][j];
            if (w[0][i] * d[1][j] != 0)
                out[2] += value * w[0][i] * d[1][j];
        }
    }
    out[1] /= warp->step;
    out[2] /= warp->step;
}

static bool all_known(const struct warp *warp, const int cell[2])
{
    if (cell[0] < 1 || cell[1] < 1 || cell[0] + 2 >= warp->columns || cell[1] + 2 >= warp->rows)
        return false;
    for (int j = -1; j <= 2; j++)
        for (int i = -1; i <= 2; i++)
            if (isnan(
                    warp->x[(size_t)(cell[1] + j) * (size_t)warp->columns + (size_t)(cell[0] + i)]))
                return false;
    return true;
}

static bool sample(const struct warp *warp, double x, double y, double u[3], double v[3])
{
    int cell[2];
    double t[2], w[2][4], d[2][4];
    if (!locate(warp, x, y, cell, t))
        return false;
    bool cubic = all_known(warp, cell);
    for (int k = 0; k < 2; k++) {
        if (cubic)
            cubic_weights(t[k], w[k], d[k]);
        else
            linear_weights(t[k], w[k], d[k]);
    }
    blend(warp, warp->x, cell, (const double(*)[4])w, (const double(*)[4])d, u);
    blend(warp, warp->y, cell, (const double(*)[4])w, (const double(*)[4])d, v);
    return !isnan(u[0]) && !isnan(v[0]);
}

bool warp_point(const struct warp *warp, double x, double y, double *u, double *v)
{
    double su[3], sv[3];
    bool known = sample(warp, x, y, su, sv);
    *u = known ? su[0] : NAN;
    *v = known ? sv[0] : NAN;
    return known;
}

bool warp_jacobian(const struct warp *warp, double x, double y, double j[4])
{
    double u[3], v[3];
    bool known = sample(warp, x, y, u, v) && !isnan(u[1] + u[2] + v[1] + v[2]);
    j[0] = known ? u[1] : NAN;
    j[1] = known ? u[2] : NAN;
    j[2] = known ? v[1] : NAN;
    j[3] = known ? v[2] : NAN;
    return known;
}

double warp_error_at(const struct warp *warp, double x, double y)
{
    int cell[2];
    double t[2], w[2][4], d[2][4], out[3];
    if (!locate(warp, x, y, cell, t))
        return NAN;
    for (int k = 0; k < 2; k++)
        linear_weights(t[k], w[k], d[k]);
    blend(warp, warp->error, cell, (const double(*)[4])w, (const double(*)[4])d, out);
    return out[0];
}
