/* Skin that stays redder beside a stria.
 *
 * The RGB erythema index log10(R/G) of the later photo less that of the first, brought onto the
 * same skin, less its slow part over skin away from striae (light, camera, tan), is taken over the
 * rim of a stria, 0.4 to 1.5 mm beyond the edges: stretch by stretch the lesser of the two sides,
 * since photos that do not lie quite on each other redden one side and pale the other. It must
 * stand out from how much the stretches differ, from what the same rim shows in places of the same
 * skin without striae, and from the rims of the other striae. */
#include "base/filter.h"
#include "base/random.h"
#include "measure/watch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define SMOOTHING    0.35 /* mm, sigma */
#define RIM_FROM     0.4  /* mm beyond the edge */
#define RIM_TO       1.5
#define CLEAR        1.7   /* mm from any stria: skin by itself */
#define SLOW         6.0   /* mm, sigma: light, camera, tan */
#define STRETCH      5.0   /* mm along the line */
#define LEAST_INDEX  0.005 /* log10: about 1 % more red against green */
#define LEAST_ERRORS 4.0
#define TRIES        60
#define LEAST_TRIES  8
#define LEAST_CELLS  6   /* of one side of a stretch */
#define LEAST_PARTS  3   /* stretches seen */
#define LEAST_SEEN   0.4 /* of a rim's stretches */

struct field {
    struct plane rise; /* erythema index, later less first, slow part taken off; NaN = unknown */
    struct plane away; /* mm from the nearest stria's edge, of either photo */
};

/* The rim of one stria: cells of the grid, and the stretch and side each belongs to. */
struct rim {
    size_t count, capacity;
    struct rim_cell {
        int x, y;
        size_t part; /* 2 x stretch + side */
    } * cells;
    size_t stretches;
    double *sum; /* per part; owned, as is cells */
    size_t *seen;
};

/* Over the stretches of a rim. */
struct rise {
    double mean, error; /* standard error, from how much the stretches differ; NaN = not seen */
};

struct finding {
    struct rise rise;
    double usual, noise; /* mean and standard deviation of such a rim in skin without striae; NaN =
                            no such place */
    size_t red;          /* cells that rose by more than half of the mean */
};

static void field_free(struct field *field)
{
    plane_free(&field->rise);
    plane_free(&field->away);
}

static void rim_free(struct rim *rim)
{
    free(rim->cells);
    free(rim->sum);
    free(rim->seen);
    *rim = (struct rim){0};
}

/* ---- the field ------------------------------------------------------------------------------ */

static striae_status erythema_of(const struct plane density[3], const struct plane *weight,
                                 double sigma, int threads, struct plane *out, striae_error *error)
{
    struct plane raw = {0};
    striae_status status = plane_init(&raw, weight->width, weight->height, error);
    for (int y = 0; status == STRIAE_OK && y < raw.height; y++)
        for (int x = 0; x < raw.width; x++)
            plane_row(&raw, y)[x] =
                (plane_row(&density[1], y)[x] - plane_row(&density[0], y)[x]) / (float)M_LN10;
    if (status == STRIAE_OK)
        status = filter_gaussian_weighted(&raw, weight, sigma, NAN, threads, out, error);
    plane_free(&raw);
    return status;
}

/* Lowers `away` around one trace; map: into the first photo, NULL = it is in it. */
static void mark_trace(const struct watch_grid *grid, const struct trace *trace,
                       const struct warp *map, double px_per_cell, struct plane *away)
{
    double far = 2 * CLEAR * grid->size;
    for (size_t i = 0; i < trace->count; i++) {
        const struct trace_point *p = &trace->points[i];
        double half = isnan(p->left) ? 0.5 * trace->rough_width : 0.5 * trace_width(p);
        double middle = isnan(p->left) ? 0 : 0.5 * (p->left + p->right);
        double x = p->at.x + middle * p->normal.x, y = p->at.y + middle * p->normal.y;
        if (map && !warp_point(map, x, y, &x, &y))
            continue;
        x = (x + 0.5) / grid->step - 0.5;
        y = (y + 0.5) / grid->step - 0.5;
        half /= px_per_cell;
        int reach = (int)ceil(half + far);
        for (int j = -reach; j <= reach; j++)
            for (int k = -reach; k <= reach; k++) {
                int cx = (int)lround(x) + k, cy = (int)lround(y) + j;
                if (cx < 0 || cy < 0 || cx >= away->width || cy >= away->height)
                    continue;
                double dx = cx - x, dy = cy - y, from = sqrt(dx * dx + dy * dy);
                float distance = (float)((from - half) / grid->size);
                float *cell = plane_row(away, cy) + cx;
                *cell = distance < *cell ? distance : *cell;
            }
    }
}

static striae_status find_away(const struct series *series, size_t later,
                               const struct watch_grid *grid, struct plane *away,
                               striae_error *error)
{
    const struct crew *crews[2] = {&series->crews[0], &series->crews[later]};
    striae_status status = plane_init(away, grid->width, grid->height, error);
    for (int y = 0; status == STRIAE_OK && y < away->height; y++)
        for (int x = 0; x < away->width; x++)
            plane_row(away, y)[x] = (float)(2 * CLEAR);
    for (int s = 0; s < 2 && status == STRIAE_OK; s++)
        for (size_t t = 0; t < crews[s]->count; t++)
            mark_trace(grid, &crews[s]->traces[t], s ? series->links[later - 1].backward : NULL,
                       s ? grid->later_step * grid->later_ratio : grid->step, away);
    return status;
}

/* Takes the mean over clear skin around off. */
static striae_status take_slow_off(const struct watch_grid *grid, struct field *field,
                                   striae_error *error)
{
    struct plane weight = {0}, filled = {0}, slow = {0};
    striae_status status = plane_init(&weight, grid->width, grid->height, error);
    if (status == STRIAE_OK)
        status = plane_init(&filled, grid->width, grid->height, error);
    for (int y = 0; status == STRIAE_OK && y < grid->height; y++)
        for (int x = 0; x < grid->width; x++) {
            float rise = plane_row(&field->rise, y)[x];
            bool clear = !isnan(rise) && plane_row(&field->away, y)[x] > (float)CLEAR;
            plane_row(&weight, y)[x] = clear ? 1 : 0;
            plane_row(&filled, y)[x] = clear ? rise : 0;
        }
    if (status == STRIAE_OK)
        status = filter_gaussian_weighted(&filled, &weight, SLOW * grid->size, NAN, grid->threads,
                                          &slow, error);
    for (int y = 0; status == STRIAE_OK && y < grid->height; y++)
        for (int x = 0; x < grid->width; x++)
            plane_row(&field->rise, y)[x] -= plane_row(&slow, y)[x];
    plane_free(&weight);
    plane_free(&filled);
    plane_free(&slow);
    return status;
}

static striae_status field_init(const struct series *series, size_t later,
                                const struct watch_grid *grid, struct field *field,
                                striae_error *error)
{
    struct plane first = {0}, own = {0};
    double sigma = SMOOTHING * grid->size;
    striae_status status =
        erythema_of(grid->first, &grid->first_weight, sigma, grid->threads, &first, error);
    if (status == STRIAE_OK)
        status = erythema_of(grid->later, &grid->later_weight, sigma * grid->later_ratio,
                             grid->threads, &own, error);
    if (status == STRIAE_OK)
        status = watch_bring(grid, &own, &field->rise, error);
    for (int y = 0; status == STRIAE_OK && y < grid->height; y++)
        for (int x = 0; x < grid->width; x++)
            plane_row(&field->rise, y)[x] =
                plane_row(&grid->first_weight, y)[x] > 0
                    ? plane_row(&field->rise, y)[x] - plane_row(&first, y)[x]
                    : NAN;
    if (status == STRIAE_OK)
        status = find_away(series, later, grid, &field->away, error);
    if (status == STRIAE_OK)
        status = take_slow_off(grid, field, error);
    plane_free(&first);
    plane_free(&own);
    return status;
}

/* ---- rims ----------------------------------------------------------------------------------- */

static striae_status rim_add(struct rim *rim, double x, double y, size_t part, striae_error *error)
{
    if (rim->count == rim->capacity) {
        size_t capacity = rim->capacity ? 2 * rim->capacity : 256;
        struct rim_cell *cells = reallocarray(rim->cells, capacity, sizeof *cells);
        if (!cells)
            return fail_memory(error);
        rim->cells = cells;
        rim->capacity = capacity;
    }
    rim->cells[rim->count++] = (struct rim_cell){(int)lround(x), (int)lround(y), part};
    return STRIAE_OK;
}

/* Cells beside the trace, one per cell's length along it and across. */
static striae_status rim_of(const struct watch_grid *grid, const struct trace *trace,
                            struct rim *rim, striae_error *error)
{
    striae_status status = STRIAE_OK;
    double next = 0, along = 0, px = grid->size * grid->step; /* per mm */
    for (size_t i = 0; i < trace->count && status == STRIAE_OK; i++) {
        const struct trace_point *p = &trace->points[i];
        along += trace_piece(trace, i);
        if (isnan(p->left) || along < next)
            continue;
        next = along + grid->step;
        size_t stretch = (size_t)(along / (STRETCH * px));
        rim->stretches = stretch + 1;
        for (double r = RIM_FROM * px; r <= RIM_TO * px; r += grid->step)
            for (size_t side = 0; side < 2 && status == STRIAE_OK; side++) {
                double offset = side ? p->right + r : p->left - r;
                double x = p->at.x + offset * p->normal.x, y = p->at.y + offset * p->normal.y;
                status = rim_add(rim, (x + 0.5) / grid->step - 0.5, (y + 0.5) / grid->step - 0.5,
                                 2 * stretch + side, error);
            }
    }
    rim->sum = calloc(2 * rim->stretches + 1, sizeof *rim->sum);
    rim->seen = calloc(2 * rim->stretches + 1, sizeof *rim->seen);
    return status == STRIAE_OK && (!rim->sum || !rim->seen) ? fail_memory(error) : status;
}

/* The field at a cell that is at least `clear` mm from every stria; NaN where there is none. */
static double field_at(const struct field *field, int x, int y, double clear)
{
    if (x < 0 || y < 0 || x >= field->rise.width || y >= field->rise.height ||
        (double)plane_row(&field->away, y)[x] < clear)
        return NAN;
    return (double)plane_row(&field->rise, y)[x];
}

/* The rim moved by (dx,dy). */
static struct rise rim_rise(const struct field *field, struct rim *rim, int dx, int dy,
                            double clear)
{
    double sum = 0, squares = 0, n = 0;
    for (size_t k = 0; k < 2 * rim->stretches; k++) {
        rim->sum[k] = 0;
        rim->seen[k] = 0;
    }
    for (size_t i = 0; i < rim->count; i++) {
        const struct rim_cell *cell = &rim->cells[i];
        double value = field_at(field, cell->x + dx, cell->y + dy, clear);
        if (isnan(value))
            continue;
        rim->sum[cell->part] += value;
        rim->seen[cell->part]++;
    }
    for (size_t k = 0; k < rim->stretches; k++) {
        const size_t *seen = rim->seen + 2 * k;
        const double *total = rim->sum + 2 * k;
        if (seen[0] < LEAST_CELLS || seen[1] < LEAST_CELLS)
            continue;
        double value = fmin(total[0] / (double)seen[0], total[1] / (double)seen[1]);
        sum += value;
        squares += value * value;
        n++;
    }
    if (n < LEAST_PARTS || n < LEAST_SEEN * (double)rim->stretches)
        return (struct rise){NAN, NAN};
    double mean = sum / n, variance = fmax(0, squares / n - mean * mean) * n / (n - 1);
    return (struct rise){mean, sqrt(variance / n)};
}

/* The same rim in places without striae: what it usually shows there, and how much that varies. */
static void rim_elsewhere(const struct field *field, struct rim *rim, size_t trace,
                          struct finding *finding)
{
    struct rng rng;
    double sum = 0, squares = 0, n = 0;
    rng_seed(&rng, 71, trace);
    for (int k = 0; k < TRIES; k++) {
        int dx = (int)((rng_uniform(&rng) - 0.5) * field->rise.width);
        int dy = (int)((rng_uniform(&rng) - 0.5) * field->rise.height);
        double mean = rim_rise(field, rim, dx, dy, CLEAR).mean;
        if (isnan(mean))
            continue;
        sum += mean;
        squares += mean * mean;
        n++;
    }
    bool enough = n >= LEAST_TRIES;
    finding->usual = enough ? sum / n : NAN;
    finding->noise =
        enough ? sqrt(fmax(0, squares / n - finding->usual * finding->usual) * n / (n - 1)) : NAN;
}

static striae_status examine(const struct watch_grid *grid, const struct field *field,
                             const struct trace *trace, size_t index, struct finding *finding,
                             striae_error *error)
{
    struct rim rim = {0};
    striae_status status = rim_of(grid, trace, &rim, error);
    if (status == STRIAE_OK) {
        finding->rise = rim_rise(field, &rim, 0, 0, 0.8 * RIM_FROM);
        rim_elsewhere(field, &rim, index, finding);
    }
    for (size_t i = 0; status == STRIAE_OK && i < rim.count; i++)
        finding->red += field_at(field, rim.cells[i].x, rim.cells[i].y, 0.8 * RIM_FROM) >
                        0.5 * finding->rise.mean;
    rim_free(&rim);
    return status;
}

/* ---- what is reported ----------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

enum quantity_of { RISE, USUAL, NOISE };

/* Median over the rims that have the number; NaN for none. */
static striae_status median_of(const struct finding *findings, size_t count, enum quantity_of which,
                               double *median, striae_error *error)
{
    double *values = calloc(count + 1, sizeof *values);
    size_t n = 0;
    if (!values)
        return fail_memory(error);
    for (size_t i = 0; i < count; i++) {
        const struct finding *f = &findings[i];
        double value = which == RISE ? f->rise.mean : which == USUAL ? f->usual : f->noise;
        if (!isnan(value))
            values[n++] = value;
    }
    qsort(values, n, sizeof *values, by_size);
    *median = n ? values[n / 2] : NAN;
    free(values);
    return STRIAE_OK;
}

static striae_status report_redness(const struct watch_grid *grid, const struct trace *trace,
                                    const struct warp *forward, const struct finding *finding,
                                    double error_size, struct change *change, striae_error *error)
{
    struct polyline where = {0};
    char message[240];
    striae_status status = STRIAE_OK;
    for (size_t i = 0; i < trace->count && status == STRIAE_OK; i += (size_t)grid->step) {
        double u, v;
        if (warp_point(forward, trace->points[i].at.x, trace->points[i].at.y, &u, &v))
            status = polyline_append(&where, u, v, error);
    }
    double cell = grid->unit * grid->unit, area = (double)finding->red * cell;
    (void)snprintf(message, sizeof message,
                   "Skin beside stria %d (first photo) is redder than in the first photo: erythema "
                   "index higher by %.3f, %.1f times what the skin itself varies by. Look at it in "
                   "the patient.",
                   trace->id, finding->rise.mean, finding->rise.mean / error_size);
    if (status == STRIAE_OK)
        status = watch_add(change, "redness",
                           quantity(area, 0.7 * area, 1.3 * area, grid->has_scale ? "mm2" : "px2"),
                           &where, message, error);
    polyline_free(&where);
    return status;
}

striae_status watch_redness(const struct series *series, size_t later,
                            const struct watch_grid *grid, struct change *change,
                            striae_error *error)
{
    const struct crew *crew = &series->crews[0];
    struct field field = {0};
    struct finding *findings = calloc(crew->count + 1, sizeof *findings);
    double median[3] = {NAN, NAN, NAN};
    striae_status status =
        findings ? field_init(series, later, grid, &field, error) : fail_memory(error);
    for (size_t t = 0; t < crew->count && status == STRIAE_OK; t++)
        status = examine(grid, &field, &crew->traces[t], t, &findings[t], error);
    for (int k = RISE; k <= NOISE && status == STRIAE_OK; k++)
        status = median_of(findings, crew->count, (enum quantity_of)k, &median[k], error);
    for (size_t t = 0; t < crew->count && status == STRIAE_OK; t++) {
        struct finding *f = &findings[t];
        bool alone = isnan(f->noise);
        double size = hypot(alone ? median[NOISE] : f->noise, f->rise.error);
        double usual = alone ? median[USUAL] : f->usual;
        /* what all rims do is no redness of one: edges that blur differently, light */
        double over = f->rise.mean - (crew->count >= 4 ? fmax(usual, median[RISE]) : usual);
        if (f->rise.mean > LEAST_INDEX && over > LEAST_ERRORS * size)
            status = report_redness(grid, &crew->traces[t], series->links[later - 1].forward, f,
                                    size, change, error);
    }
    field_free(&field);
    free(findings);
    return status;
}
