#include "align/shading.h"

#include <math.h>
#include <stdlib.h>

#define PRIOR 60  /* 1/px^2: information that the move is nil; it is usually under 0.3 px */
#define GAIN  1.5 /* coarse density holds some relief too, and so asks for less than it should */
#define DOUBT 0.7 /* standard deviation of what stays, per px moved; of 35 rendered pairs */

/* Whether the view is of pigment and blood more than of relief. */
static bool steady(int view)
{
    int octave = view / BAND_CHANNELS, channel = view % BAND_CHANNELS;
    return channel > 0 || octave == CERTAINTY_OCTAVES - 1;
}

/* The move, px of the first picture, that the steady views ask for where the map is right. */
static void common_move(const struct node *views, const struct elastic *elastic, double move[2])
{
    size_t count = (size_t)elastic->map.columns * (size_t)elastic->map.rows;
    struct node sum = {.xx = PRIOR, .yy = PRIOR};
    for (int v = 0; v < VIEWS; v++)
        for (size_t n = 0; n < count && steady(v); n++) {
            const struct node *one = &views[(size_t)v * count + n];
            if (elastic_prominence(elastic, n) < ELASTIC_LEAST_PROMINENCE)
                continue;
            sum.xx += one->xx;
            sum.xy += one->xy;
            sum.yy += one->yy;
            sum.x += one->x;
            sum.y += one->y;
        }
    double det = sum.xx * sum.yy - sum.xy * sum.xy;
    move[0] = GAIN * (sum.yy * sum.x - sum.xy * sum.y) / det;
    move[1] = GAIN * (sum.xx * sum.y - sum.xy * sum.x) / det;
}

/* map becomes what it was at places `move` further on, to first order. */
static striae_status move_map(struct lattice *map, const double move[2], striae_error *error)
{
    size_t count = (size_t)map->columns * (size_t)map->rows;
    double *by = malloc(2 * count * sizeof *by);
    if (!by)
        return fail_memory(error);
    for (int j = 0; j < map->rows; j++)
        for (int i = 0; i < map->columns; i++) {
            double u, v, jac[4], *to = by + 2 * ((size_t)j * (size_t)map->columns + (size_t)i);
            lattice_map(map, (i - 1) * map->step, (j - 1) * map->step, &u, &v, jac);
            to[0] = jac[0] * move[0] + jac[1] * move[1];
            to[1] = jac[2] * move[0] + jac[3] * move[1];
        }
    for (size_t n = 0; n < count; n++) {
        map->x[n] += by[2 * n];
        map->y[n] += by[2 * n + 1];
    }
    free(by);
    return STRIAE_OK;
}

striae_status shading_correct(const struct node *views, struct elastic *elastic,
                              striae_error *error)
{
    size_t count = (size_t)elastic->map.columns * (size_t)elastic->map.rows;
    double move[2];
    common_move(views, elastic, move);
    striae_status status = move_map(&elastic->map, move, error);
    double doubt = DOUBT * hypot(move[0], move[1]);
    for (size_t n = 0; n < count && status == STRIAE_OK; n++)
        elastic->error[n] = sqrt(elastic->error[n] * elastic->error[n] + doubt * doubt);
    return status;
}
