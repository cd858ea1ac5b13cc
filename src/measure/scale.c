#include "measure/scale.h"

#include <math.h>
#include <stdlib.h>

#define TERMS       6 /* 1, x, y, x^2, xy, y^2 */
#define LEAST_REACH 150.0
#define LEAST_NODES 12
#define EVERY       16 /* points between derivatives; linear between them */

striae_status stretch_init(const struct warp *map, const struct labels *owner,
                           struct stretch *stretch, striae_error *error)
{
    size_t nodes = (size_t)map->columns * (size_t)map->rows;
    *stretch = (struct stretch){.map = map, .weight = calloc(nodes, sizeof(float))};
    if (!stretch->weight)
        return fail_memory(error);
    for (int row = 0; row < map->rows; row++)
        for (int column = 0; column < map->columns; column++) {
            size_t at = (size_t)row * (size_t)map->columns + (size_t)column;
            long x = lround(column * map->step), y = lround(row * map->step);
            bool on_stria = x < owner->width && y < owner->height &&
                            owner->data[(size_t)y * (size_t)owner->width + (size_t)x];
            stretch->weight[at] = !on_stria && !isnan(map->x[at]) && !isnan(map->y[at]);
        }
    return STRIAE_OK;
}

void stretch_free(struct stretch *stretch)
{
    free(stretch->weight);
    *stretch = (struct stretch){0};
}

/* Solves a x = b for two right sides by Gaussian elimination with pivoting; a is destroyed. */
static bool solve(double a[TERMS][TERMS], double b[TERMS][2])
{
    for (int k = 0; k < TERMS; k++) {
        int pivot = k;
        for (int i = k + 1; i < TERMS; i++)
            if (fabs(a[i][k]) > fabs(a[pivot][k]))
                pivot = i;
        if (!(fabs(a[pivot][k]) > 1e-9))
            return false;
        for (int j = 0; j < TERMS; j++) {
            double kept = a[k][j];
            a[k][j] = a[pivot][j];
            a[pivot][j] = kept;
        }
        for (int s = 0; s < 2; s++) {
            double kept = b[k][s];
            b[k][s] = b[pivot][s];
            b[pivot][s] = kept;
        }
        for (int i = k + 1; i < TERMS; i++) {
            double f = a[i][k] / a[k][k];
            for (int j = k; j < TERMS; j++)
                a[i][j] -= f * a[k][j];
            for (int s = 0; s < 2; s++)
                b[i][s] -= f * b[k][s];
        }
    }
    for (int k = TERMS - 1; k >= 0; k--)
        for (int s = 0; s < 2; s++) {
            for (int j = k + 1; j < TERMS; j++)
                b[k][s] -= a[k][j] * b[j][s];
            b[k][s] /= a[k][k];
        }
    return true;
}

bool stretch_at(const struct stretch *stretch, double x, double y, double reach, double j[4],
                double to[2])
{
    const struct warp *map = stretch->map;
    double a[TERMS][TERMS] = {{0}}, b[TERMS][2] = {{0}}, count = 0;
    reach = fmax(reach, fmax(LEAST_REACH, 4 * map->step));
    int left = (int)fmax(0, ceil((x - reach) / map->step));
    int right = (int)fmin(map->columns - 1, floor((x + reach) / map->step));
    int top = (int)fmax(0, ceil((y - reach) / map->step));
    int bottom = (int)fmin(map->rows - 1, floor((y + reach) / map->step));
    for (int row = top; row <= bottom; row++)
        for (int column = left; column <= right; column++) {
            size_t at = (size_t)row * (size_t)map->columns + (size_t)column;
            double dx = (column * map->step - x) / reach, dy = (row * map->step - y) / reach;
            double far = dx * dx + dy * dy;
            if (!(stretch->weight[at] > 0) || far > 1)
                continue;
            double w = exp(-2 * far), term[TERMS] = {1, dx, dy, dx * dx, dx * dy, dy * dy};
            double value[2] = {map->x[at], map->y[at]};
            count++;
            for (int i = 0; i < TERMS; i++) {
                for (int k = 0; k < TERMS; k++)
                    a[i][k] += w * term[i] * term[k];
                b[i][0] += w * term[i] * value[0];
                b[i][1] += w * term[i] * value[1];
            }
        }
    if (count < LEAST_NODES || !solve(a, b))
        return false;
    j[0] = b[1][0] / reach;
    j[1] = b[2][0] / reach;
    j[2] = b[1][1] / reach;
    j[3] = b[2][1] / reach;
    to[0] = b[0][0];
    to[1] = b[0][1];
    return true;
}

double stretch_mean(const struct stretch *stretch)
{
    const struct warp *map = stretch->map;
    double sum = 0, count = 0, step2 = map->step * map->step;
    for (int row = 0; row + 1 < map->rows; row++)
        for (int column = 0; column + 1 < map->columns; column++) {
            size_t a = (size_t)row * (size_t)map->columns + (size_t)column;
            size_t b = a + 1, c = a + (size_t)map->columns;
            double ux = map->x[b] - map->x[a], uy = map->x[c] - map->x[a];
            double vx = map->y[b] - map->y[a], vy = map->y[c] - map->y[a];
            double area = (ux * vy - uy * vx) / step2;
            if (isnan(area))
                continue;
            sum += area;
            count++;
        }
    return count > 0 && sum > 0 ? sum / count : NAN;
}

/* From px that j maps onto px at `at` of the first photo, to the yardstick's unit. */
static void measure_by(const struct yardstick *yardstick, const double at[2], const double j[4],
                       struct trace_point *point)
{
    double p[4], m[4], tx = -point->normal.y, ty = point->normal.x;
    if (!yardstick->plane || !perspective_jacobian(yardstick->plane, at[0], at[1], p)) {
        p[0] = p[3] = yardstick->unit;
        p[1] = p[2] = 0;
    }
    for (int row = 0; row < 2; row++)
        for (int column = 0; column < 2; column++)
            m[2 * row + column] = p[2 * row] * j[column] + p[2 * row + 1] * j[2 + column];
    point->along = hypot(m[0] * tx + m[1] * ty, m[2] * tx + m[3] * ty);
    point->across = fabs(m[0] * m[3] - m[1] * m[2]) / point->along;
}

static void set_scale(const struct stretch *stretch, double mean, const struct yardstick *yardstick,
                      double reach, struct trace_point *point)
{
    double j[4], to[2], tx = -point->normal.y, ty = point->normal.x;
    point->along = point->across = yardstick->unit * mean;
    if (!stretch_at(stretch, point->at.x, point->at.y, reach, j, to))
        return;
    double along = hypot(j[0] * tx + j[1] * ty, j[2] * tx + j[3] * ty);
    double area = j[0] * j[3] - j[1] * j[2];
    if (along > 0.2 * mean && along < 5 * mean && area > 0.04 * mean * mean)
        measure_by(yardstick, to, j, point);
}

void yardstick_apply(const struct yardstick *yardstick, struct trace *trace)
{
    static const double same[4] = {1, 0, 0, 1};
    for (size_t i = 0; i < trace->count; i++) {
        const double at[2] = {trace->points[i].at.x, trace->points[i].at.y};
        measure_by(yardstick, at, same, &trace->points[i]);
    }
}

void stretch_apply(const struct stretch *stretch, const struct yardstick *yardstick,
                   struct trace *trace)
{
    double mean = sqrt(stretch_mean(stretch)), reach = 5 * trace->rough_width;
    if (isnan(mean))
        mean = 1;
    for (size_t i = 0; i < trace->count; i += EVERY) {
        size_t next = i + EVERY < trace->count ? i + EVERY : trace->count - 1;
        struct trace_point *a = &trace->points[i], *b = &trace->points[next];
        if (i == 0)
            set_scale(stretch, mean, yardstick, reach, a);
        set_scale(stretch, mean, yardstick, reach, b);
        for (size_t k = i + 1; k < next; k++) {
            double t = (double)(k - i) / (double)(next - i);
            trace->points[k].across = (1 - t) * a->across + t * b->across;
            trace->points[k].along = (1 - t) * a->along + t * b->along;
        }
    }
}
