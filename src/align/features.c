#include "align/features.h"

#include "align/describe.h"
#include "align/scale_space.h"
#include "base/threads.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_PER_TASK 32
#define BORDER        5     /* px of an octave left out at its edge */
#define WEAKEST       0.02f /* of a channel whose RMS is 1 */
#define EDGE_RATIO    12.0f /* largest ratio of principal curvatures: lines cannot be located */
#define BUCKET_COUNT  8     /* the picture is split into 8 x 8 fields for an even spread */

/* ---- finding blobs -------------------------------------------------------------------------- */

struct spot {             /* a blob before it is described */
    float x, y, strength; /* octave px */
    float layer;          /* fractional */
    int octave;
};

struct spots {
    size_t count, capacity;
    struct spot *items;
    bool failed; /* out of memory */
};

static void spots_add(struct spots *spots, const struct spot *spot)
{
    if (spots->count == spots->capacity) {
        size_t capacity = spots->capacity ? 2 * spots->capacity : 64;
        struct spot *items = realloc(spots->items, capacity * sizeof *items);
        if (!items) {
            spots->failed = true;
            return;
        }
        spots->items = items;
        spots->capacity = capacity;
    }
    spots->items[spots->count++] = *spot;
}

static float difference(const struct plane *layer, int l, int x, int y)
{
    return plane_row(&layer[l + 1], y)[x] - plane_row(&layer[l], y)[x];
}

static bool is_extremum(const struct plane *layer, int l, int x, int y, float value)
{
    float sign = value > 0 ? 1 : -1;
    for (int k = 0; k < 3; k++) {
        int at = l + (k == 0 ? 0 : k == 1 ? -1 : 1); /* its own layer first: it decides mostly */
        for (int dy = -1; dy <= 1; dy++)
            for (int dx = -1; dx <= 1; dx++)
                if ((k || dx || dy) && sign * difference(layer, at, x + dx, y + dy) >= sign * value)
                    return false;
    }
    return true;
}

/* Solves the symmetric 3x3 system h*o = -g by Cramer's rule; h = xx, xy, xs, yy, ys, ss. */
static bool newton_step(const double g[3], const double h[6], double o[3])
{
    double c0 = h[3] * h[5] - h[4] * h[4], c1 = h[2] * h[4] - h[1] * h[5];
    double c2 = h[1] * h[4] - h[2] * h[3];
    double det = h[0] * c0 + h[1] * c1 + h[2] * c2;
    if (fabs(det) < 1e-12)
        return false;
    double c4 = h[0] * h[5] - h[2] * h[2], c5 = h[1] * h[2] - h[0] * h[4];
    double c8 = h[0] * h[3] - h[1] * h[1];
    o[0] = -(c0 * g[0] + c1 * g[1] + c2 * g[2]) / det;
    o[1] = -(c1 * g[0] + c4 * g[1] + c5 * g[2]) / det;
    o[2] = -(c2 * g[0] + c5 * g[1] + c8 * g[2]) / det;
    return true;
}

/* Position of the extremum of the parabola through the 27 neighbours; false for edges and noise. */
static bool refine(const struct plane *layer, int l, int x, int y, struct spot *spot)
{
    double v = (double)difference(layer, l, x, y);
    double right = (double)difference(layer, l, x + 1, y);
    double left = (double)difference(layer, l, x - 1, y);
    double down = (double)difference(layer, l, x, y + 1);
    double up = (double)difference(layer, l, x, y - 1);
    double above = (double)difference(layer, l + 1, x, y);
    double below = (double)difference(layer, l - 1, x, y);
    double g[3] = {(right - left) / 2, (down - up) / 2, (above - below) / 2}, o[3];
    double h[6] = {right + left - 2 * v, 0, 0, down + up - 2 * v, 0, above + below - 2 * v};
    h[1] =
        ((double)difference(layer, l, x + 1, y + 1) - (double)difference(layer, l, x - 1, y + 1) -
         (double)difference(layer, l, x + 1, y - 1) + (double)difference(layer, l, x - 1, y - 1)) /
        4;
    h[2] =
        ((double)difference(layer, l + 1, x + 1, y) - (double)difference(layer, l + 1, x - 1, y) -
         (double)difference(layer, l - 1, x + 1, y) + (double)difference(layer, l - 1, x - 1, y)) /
        4;
    h[4] =
        ((double)difference(layer, l + 1, x, y + 1) - (double)difference(layer, l + 1, x, y - 1) -
         (double)difference(layer, l - 1, x, y + 1) + (double)difference(layer, l - 1, x, y - 1)) /
        4;
    double trace = h[0] + h[3], det = h[0] * h[3] - h[1] * h[1];
    double limit = (double)(EDGE_RATIO + 1) * (double)(EDGE_RATIO + 1) / (double)EDGE_RATIO;
    if (det <= 0 || trace * trace > limit * det || !newton_step(g, h, o))
        return false;
    if (fabs(o[0]) > 1 || fabs(o[1]) > 1 || fabs(o[2]) > 1)
        return false;
    double strength = fabs(v + (g[0] * o[0] + g[1] * o[1] + g[2] * o[2]) / 2);
    if (strength < (double)WEAKEST)
        return false;
    spot->x = (float)(x + o[0]);
    spot->y = (float)(y + o[1]);
    spot->layer = (float)(l + o[2]);
    spot->strength = (float)strength;
    return true;
}

struct search {
    const struct scale_space *space;
    const struct plane *weight;
    int octave;
    struct spots *bands; /* one per task */
};

static void search_task(void *context, int index)
{
    const struct search *s = context;
    const struct plane *layer = s->space->layer[s->octave];
    int width = layer[0].width, height = layer[0].height;
    int first = index * ROWS_PER_TASK, last = first + ROWS_PER_TASK;
    first = first < BORDER ? BORDER : first;
    last = last > height - BORDER ? height - BORDER : last;
    for (int l = 1; l <= SPACE_STEPS; l++)
        for (int y = first; y < last; y++)
            for (int x = BORDER; x < width - BORDER; x++) {
                float value = difference(layer, l, x, y);
                struct spot spot = {.octave = s->octave};
                if (fabsf(value) < 0.8f * WEAKEST || !is_extremum(layer, l, x, y, value))
                    continue;
                int wx = x << s->octave, wy = y << s->octave;
                wx = wx >= s->weight->width ? s->weight->width - 1 : wx;
                wy = wy >= s->weight->height ? s->weight->height - 1 : wy;
                if (plane_row(s->weight, wy)[wx] < 0.5f)
                    continue;
                if (refine(layer, l, x, y, &spot))
                    spots_add(&s->bands[index], &spot);
            }
}

static striae_status search_octave(struct search *search, int threads, struct spots *all,
                                   striae_error *error)
{
    int bands =
        (search->space->layer[search->octave][0].height + ROWS_PER_TASK - 1) / ROWS_PER_TASK;
    search->bands = calloc((size_t)bands, sizeof *search->bands);
    if (!search->bands)
        return fail_memory(error);
    threads_run(threads, bands, search_task, search);
    for (int b = 0; b < bands; b++) {
        all->failed = all->failed || search->bands[b].failed;
        for (size_t i = 0; i < search->bands[b].count; i++)
            spots_add(all, &search->bands[b].items[i]);
        free(search->bands[b].items);
    }
    free(search->bands);
    search->bands = NULL;
    return all->failed ? fail_memory(error) : STRIAE_OK;
}

/* ---- keeping the strongest, evenly spread --------------------------------------------------- */

static int stronger(const void *left, const void *right)
{
    const struct spot *a = left, *b = right;
    if (a->strength != b->strength)
        return a->strength > b->strength ? -1 : 1;
    if (a->octave != b->octave)
        return a->octave < b->octave ? -1 : 1;
    if (a->y != b->y)
        return a->y < b->y ? -1 : 1;
    return a->x < b->x ? -1 : a->x > b->x;
}

static void keep_strongest(struct spots *spots, int width, int height, size_t most)
{
    size_t quota[BUCKET_COUNT][BUCKET_COUNT] = {{0}}, kept = 0;
    size_t limit = 2 * most / (BUCKET_COUNT * BUCKET_COUNT);
    if (spots->count)
        qsort(spots->items, spots->count, sizeof *spots->items, stronger);
    for (size_t i = 0; i < spots->count && kept < most; i++) {
        const struct spot *s = &spots->items[i];
        int column = (int)(ldexpf(s->x, s->octave) * BUCKET_COUNT / (float)width);
        int row = (int)(ldexpf(s->y, s->octave) * BUCKET_COUNT / (float)height);
        column = column < 0 ? 0 : column >= BUCKET_COUNT ? BUCKET_COUNT - 1 : column;
        row = row < 0 ? 0 : row >= BUCKET_COUNT ? BUCKET_COUNT - 1 : row;
        if (quota[row][column]++ < limit)
            spots->items[kept++] = *s;
    }
    spots->count = kept;
}

/* ---- describing ----------------------------------------------------------------------------- */

struct description {
    const struct scale_space *space;
    const struct spot *spots;
    struct feature (*items)[DESCRIBE_ANGLES]; /* per spot */
    int16_t (*codes)[DESCRIBE_ANGLES][FEATURE_CODE];
    int *counts;
};

static void describe_task(void *context, int index)
{
    struct description *d = context;
    const struct spot *spot = &d->spots[index];
    int l = (int)lroundf(spot->layer);
    l = l < 0 ? 0 : l >= SPACE_LAYERS ? SPACE_LAYERS - 1 : l;
    const struct plane *plane = &d->space->layer[spot->octave][l];
    double sigma = scale_space_sigma((double)spot->layer), angles[DESCRIBE_ANGLES];
    int count = dominant_angles(plane, (double)spot->x, (double)spot->y, sigma, angles);
    d->counts[index] = count;
    for (int k = 0; k < count; k++) {
        d->items[index][k] = (struct feature){.x = ldexpf(spot->x, spot->octave),
                                              .y = ldexpf(spot->y, spot->octave),
                                              .scale = ldexpf((float)sigma, spot->octave),
                                              .angle = (float)angles[k],
                                              .strength = spot->strength};
        describe(plane, (double)spot->x, (double)spot->y, sigma, angles[k], d->codes[index][k]);
    }
}

/* Room for `more` features behind those that are there. */
static bool make_room(struct features *features, size_t more)
{
    size_t count = features->count + more;
    struct feature *items = reallocarray(features->items, count, sizeof *items);
    if (items)
        features->items = items;
    int16_t *codes = reallocarray(features->codes, count, FEATURE_CODE * sizeof *codes);
    if (codes)
        features->codes = codes;
    return items && codes;
}

/* A described feature in px of the plane that was not reduced. */
static struct feature enlarge(struct feature f, int reduced)
{
    f.x = (f.x + 0.5f) * (float)reduced - 0.5f;
    f.y = (f.y + 0.5f) * (float)reduced - 0.5f;
    f.scale *= (float)reduced;
    return f;
}

static striae_status describe_all(const struct scale_space *space, const struct spots *spots,
                                  int reduced, int threads, struct features *out,
                                  striae_error *error)
{
    size_t n = spots->count;
    if (n == 0)
        return STRIAE_OK;
    struct description d = {.space = space,
                            .spots = spots->items,
                            .items = calloc(n, sizeof *d.items),
                            .codes = calloc(n, sizeof *d.codes),
                            .counts = calloc(n, sizeof *d.counts)};
    bool enough = d.items && d.codes && d.counts && make_room(out, n * DESCRIBE_ANGLES);
    if (enough) {
        threads_run(threads, (int)n, describe_task, &d);
        for (size_t i = 0; i < n; i++)
            for (int k = 0; k < d.counts[i]; k++) {
                out->items[out->count] = enlarge(d.items[i][k], reduced);
                memcpy(out->codes + out->count * FEATURE_CODE, d.codes[i][k], sizeof d.codes[i][k]);
                out->count++;
            }
    }
    free(d.items);
    free(d.codes);
    free(d.counts);
    return enough ? STRIAE_OK : fail_memory(error);
}

/* ---- the face ------------------------------------------------------------------------------- */

striae_status features_add(const struct plane *plane, const struct plane *weight, int reduced,
                           enum feature_channel channel, size_t most, int threads,
                           struct features *features, striae_error *error)
{
    struct scale_space space = {0};
    struct spots spots = {0};
    striae_status status = scale_space_init(plane, threads, &space, error);
    for (int o = 0; o < space.octaves && status == STRIAE_OK; o++) {
        struct search search = {.space = &space, .weight = weight, .octave = o};
        status = search_octave(&search, threads, &spots, error);
    }
    if (status == STRIAE_OK) {
        keep_strongest(&spots, plane->width, plane->height, most);
        status = describe_all(&space, &spots, reduced, threads, features, error);
    }
    for (int c = (int)channel + 1; c <= FEATURE_CHANNELS; c++)
        features->start[c] = features->count;
    if (status != STRIAE_OK)
        features_free(features);
    free(spots.items);
    scale_space_free(&space);
    return status;
}

void features_free(struct features *features)
{
    free(features->items);
    free(features->codes);
    *features = (struct features){0};
}
