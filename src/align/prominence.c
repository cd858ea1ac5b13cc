#include "align/prominence.h"

#include "align/patch.h"
#include "base/filter.h"
#include "base/threads.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define AROUND 2   /* fields: how far a node's mean reaches */
#define SPREAD 1.0 /* fields: sigma of its weights */
#define MOST_Z 8.0 /* so that one mole does not speak for all around it */

/* Fields of one octave, side by side: each px of it counts once. */
struct fields {
    const struct lattice *map;
    struct patch_pair pair;
    double pixel; /* px of level 0 per px of the octave */
    int columns, rows;
    float *z; /* of each field; < 0: no skin there */
};

static double middle(int index)
{
    return (index + 0.5) * PATCH_SIDE;
}

static void field_task(void *context, int index)
{
    struct fields *f = context;
    struct patch_guess guess = {middle(index % f->columns), middle(index / f->columns), 0, 0, {0}};
    double u, v;
    f->z[index] = -1;
    if (sample_nearest(f->pair.first_weight, guess.x, guess.y) < 0.5f)
        return;
    lattice_map(f->map, (guess.x + 0.5) * f->pixel - 0.5, (guess.y + 0.5) * f->pixel - 0.5, &u, &v,
                guess.m);
    guess.u = (u + 0.5) / f->pixel - 0.5;
    guess.v = (v + 0.5) / f->pixel - 0.5;
    if (sample_nearest(f->pair.later_weight, guess.u, guess.v) >= 0.5f)
        f->z[index] = (float)fmin(patch_prominence(&f->pair, &guess), MOST_Z);
}

/* Around (x,y) of level 0. */
static double mean_around(const struct fields *f, double x, double y)
{
    double at_x = ((x + 0.5) / f->pixel - 0.5) / PATCH_SIDE - 0.5;
    double at_y = ((y + 0.5) / f->pixel - 0.5) / PATCH_SIDE - 0.5;
    int i = (int)lround(at_x), j = (int)lround(at_y);
    double sum = 0, weight = 0;
    for (int r = j - AROUND; r <= j + AROUND; r++)
        for (int c = i - AROUND; c <= i + AROUND; c++) {
            if (r < 0 || c < 0 || r >= f->rows || c >= f->columns || f->z[r * f->columns + c] < 0)
                continue;
            double dx = (c - at_x) / SPREAD, dy = (r - at_y) / SPREAD;
            double w = exp(-0.5 * (dx * dx + dy * dy));
            sum += w * (double)f->z[r * f->columns + c];
            weight += w;
        }
    return weight > 0 ? sum / weight : 0;
}

static striae_status gather_octave(const struct bands *first, const struct bands *later, int level,
                                   const struct lattice *map, int threads, double *out,
                                   striae_error *error)
{
    const struct plane *weight = &first->weight[level];
    struct fields f = {.map = map,
                       .pixel = ldexp(1, level),
                       .columns = weight->width / PATCH_SIDE,
                       .rows = weight->height / PATCH_SIDE,
                       .pair = {.first_weight = weight, .later_weight = &later->weight[level]}};
    for (int c = 0; c < BAND_CHANNELS; c++) {
        f.pair.first[c] = &first->band[level][c];
        f.pair.later[c] = &later->band[level][c];
    }
    int count = f.columns * f.rows;
    f.z = malloc(((size_t)count + 1) * sizeof *f.z);
    if (!f.z)
        return fail_memory(error);
    threads_run(threads, count, field_task, &f);
    for (int j = 0; j < map->rows; j++)
        for (int i = 0; i < map->columns; i++)
            out[(size_t)j * (size_t)map->columns + (size_t)i] =
                mean_around(&f, (i - 1) * map->step, (j - 1) * map->step);
    free(f.z);
    return STRIAE_OK;
}

striae_status prominence_gather(const struct bands *first, const struct bands *later,
                                const struct lattice *map, int threads, double *out,
                                striae_error *error)
{
    size_t nodes = (size_t)map->columns * (size_t)map->rows;
    striae_status status = STRIAE_OK;
    memset(out, 0, PROMINENCE_OCTAVES * nodes * sizeof *out);
    for (int level = 0; level < PROMINENCE_OCTAVES && level < first->levels &&
                        level < later->levels && status == STRIAE_OK;
         level++)
        status =
            gather_octave(first, later, level, map, threads, out + (size_t)level * nodes, error);
    return status;
}
