/* Whether two photos look at the body from the same side, by the map between them. */
#include "calibrate/calibrate.h"

#include <math.h>
#include <stdlib.h>

#define VIEW_LIMIT 20.0 /* %, of lengths, between parts of the skin */
#define APART      4    /* nodes between which the map's scale is taken */
#define LEAST      30   /* places; fewer tell nothing */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Later px per first px at each node; how many are known. */
static size_t scales(const struct warp *map, double *scale)
{
    size_t count = 0, wide = (size_t)map->columns;
    for (int row = 0; row + APART < map->rows; row++)
        for (int column = 0; column + APART < map->columns; column++) {
            size_t at = (size_t)row * wide + (size_t)column;
            size_t right = at + APART, below = at + APART * wide;
            double ux = map->x[right] - map->x[at], uy = map->y[right] - map->y[at];
            double vx = map->x[below] - map->x[at], vy = map->y[below] - map->y[at];
            double area = ux * vy - uy * vx;
            if (area > 0)
                scale[count++] = sqrt(area);
        }
    return count;
}

/* Skin that is turned away from the camera looks smaller than skin that faces it, so that a camera
 * at another side changes the scale from place to place. */
striae_status calibrate_view_check(const struct warp *map, struct qc *qc, striae_error *error)
{
    double *scale = calloc((size_t)map->columns * (size_t)map->rows + 1, sizeof *scale);
    if (!scale)
        return fail_memory(error);
    size_t count = scales(map, scale);
    qsort(scale, count, sizeof *scale, by_value);
    double spread = count >= LEAST ? 100 * (scale[count * 9 / 10] / scale[count / 10] - 1) : 0;
    free(scale);
    bool good = spread <= VIEW_LIMIT;
    if (count < LEAST)
        return STRIAE_OK;
    return qc_add(qc, "same_view", good ? QC_PASS : QC_WARN, spread, VIEW_LIMIT,
                  good ? "Seen from the same side as the first photo."
                       : "Seen from another side than the first photo, or the body is turned: part "
                         "of the skin is seen more at a slant. Take it from the same place.",
                  error);
}
