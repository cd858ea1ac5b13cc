#include "phantom/ribbon.h"

#include "phantom/noise.h"

#include <math.h>
#include <stdlib.h>

#define THINNEST 0.06 /* mm, smallest half width */

void ribbon_free(struct ribbon *ribbon)
{
    free(ribbon->x);
    free(ribbon->y);
    free(ribbon->left);
    free(ribbon->right);
    free(ribbon->strength);
    *ribbon = (struct ribbon){0};
}

/* ---- geometry ------------------------------------------------------------------------------- */

/* Width and strength along the line. The taper has an exponent of its own at each end, so that some
 * striae run out in a thread and others stop short. */
static striae_status fill_profile(struct ribbon *r, double width, double ragged, double patchy,
                                  double taper, struct rng *rng, striae_error *error)
{
    size_t n = (r->count - 1) * RIBBON_FINE + 1;
    double fine = r->step / RIBBON_FINE;
    float *lines = malloc(6 * n * sizeof(float));
    r->left = malloc(n * sizeof(float));
    r->right = malloc(n * sizeof(float));
    r->strength = malloc(n * sizeof(float));
    if (!lines || !r->left || !r->right || !r->strength) {
        free(lines);
        return fail_memory(error);
    }
    const double wavelength[6] = {9.0, 12.0, rng_range(rng, 0.7, 2.0), 0.0, 5.0, 1.6};
    for (int k = 0; k < 6; k++)
        smooth_line(rng, (k == 3 ? wavelength[2] : wavelength[k]) / fine, n, lines + (size_t)k * n);
    double power[2] = {rng_range(rng, 0.5, 1.3), rng_range(rng, 0.5, 1.3)};
    double end = rng_range(rng, 0.25, 0.6);
    for (size_t i = 0; i < n; i++) {
        double s = (double)i / (double)(n - 1), t = taper > 0.0 ? taper : 1e-6;
        double thin =
            pow(fmin(1.0, s / t + 0.02), power[0]) * pow(fmin(1.0, (1.0 - s) / t + 0.02), power[1]);
        double half = 0.5 * width * thin * fmax(0.35, 1.0 + 0.22 * lines[i]);
        double lean = 0.15 * lines[n + i], tear = ragged * (0.08 + 0.3 * half / (0.6 + half));
        double left = half * (1.0 + lean) + tear * thin * lines[2 * n + i];
        double right = half * (1.0 - lean) + tear * thin * lines[3 * n + i];
        double patch = patchy * (0.35 * lines[4 * n + i] + 0.2 * lines[5 * n + i]);
        double fade = end + (1.0 - end) * fmin(1.0, thin * 1.3);
        r->left[i] = (float)fmax(left, fmax(THINNEST, 0.3 * half));
        r->right[i] = (float)fmax(right, fmax(THINNEST, 0.3 * half));
        r->strength[i] = (float)(fade * fmin(1.25, fmax(0.3, 1.0 - patch)));
    }
    free(lines);
    return STRIAE_OK;
}

striae_status ribbon_init(struct ribbon *ribbon, const struct polyline *line, double width,
                          double ragged, double patchy, double taper, struct rng *rng,
                          striae_error *error)
{
    struct polyline even = {0};
    *ribbon = (struct ribbon){.softness = 0.5};
    striae_status status = polyline_resample(line, RIBBON_STEP, &even, error);
    if (!status && even.count > UINT16_MAX)
        status = fail_with(error, STRIAE_ERROR_ARGUMENT, "a ribbon of %zu points is too long",
                           even.count);
    if (status)
        goto done;
    ribbon->count = even.count;
    ribbon->x = malloc(even.count * sizeof(float));
    ribbon->y = malloc(even.count * sizeof(float));
    if (!ribbon->x || !ribbon->y) {
        status = fail_memory(error);
        goto done;
    }
    for (size_t i = 0; i < even.count; i++) {
        ribbon->x[i] = (float)even.points[i].x;
        ribbon->y[i] = (float)even.points[i].y;
    }
    ribbon->length = polyline_length(&even);
    ribbon->step = ribbon->length / (double)(even.count - 1);
    ribbon->seed = rng_uniform(rng);
    ribbon->state[0] = ribbon->state[1] =
        (struct ribbon_state){.present = true, .width = 1.0, .colour = 1.0};
    status = fill_profile(ribbon, width, ragged, patchy, taper, rng, error);
done:
    polyline_free(&even);
    if (status)
        ribbon_free(ribbon);
    return status;
}

/* ---- acceleration --------------------------------------------------------------------------- */

static double ribbon_reach(const struct ribbon *r)
{
    double widest = 0.0, factor = fmax(r->state[0].width, r->state[1].width);
    for (size_t i = 0; i < (r->count - 1) * RIBBON_FINE + 1; i++)
        widest = fmax(widest, fmax(r->left[i], r->right[i]));
    return widest * factor * (1.0 + r->softness) + (r->class == RIBBON_STRIA ? RIBBON_BEYOND : 0.5);
}

struct cell_range {
    int x0, y0, x1, y1;
};

static int cell_clamp(double value, int count)
{
    return value < 0.0 ? 0 : value > count - 1 ? count - 1 : (int)value;
}

static bool segment_cells(const struct ribbon_grid *grid, const struct ribbon *r, size_t segment,
                          double reach, struct cell_range *range)
{
    double ax = r->x[segment] - grid->x, bx = r->x[segment + 1] - grid->x;
    double ay = r->y[segment] - grid->y, by = r->y[segment + 1] - grid->y;
    double x0 = (fmin(ax, bx) - reach) / grid->cell, x1 = (fmax(ax, bx) + reach) / grid->cell;
    double y0 = (fmin(ay, by) - reach) / grid->cell, y1 = (fmax(ay, by) + reach) / grid->cell;
    if (x1 < 0.0 || y1 < 0.0 || x0 >= grid->columns || y0 >= grid->rows)
        return false;
    *range = (struct cell_range){cell_clamp(x0, grid->columns), cell_clamp(y0, grid->rows),
                                 cell_clamp(x1, grid->columns), cell_clamp(y1, grid->rows)};
    return true;
}

/* Counts into start[cell+1], or, when items is there, fills them and moves start[cell] on. */
static void visit_cells(struct ribbon_grid *grid, const struct ribbon *ribbons, size_t count,
                        bool fill)
{
    for (size_t k = 0; k < count; k++) {
        double reach = ribbon_reach(&ribbons[k]);
        for (size_t s = 0; s + 1 < ribbons[k].count; s++) {
            struct cell_range c;
            if (!segment_cells(grid, &ribbons[k], s, reach, &c))
                continue;
            for (int y = c.y0; y <= c.y1; y++) {
                for (int x = c.x0; x <= c.x1; x++) {
                    size_t cell = (size_t)y * (size_t)grid->columns + (size_t)x;
                    if (fill)
                        grid->items[grid->start[cell]++] =
                            (struct ribbon_item){(uint16_t)k, (uint16_t)s};
                    else
                        grid->start[cell + 1]++;
                }
            }
        }
    }
}

striae_status ribbon_grid_init(struct ribbon_grid *grid, const struct ribbon *ribbons, size_t count,
                               double x0, double y0, double x1, double y1, striae_error *error)
{
    *grid = (struct ribbon_grid){.x = x0, .y = y0, .cell = 2.0};
    while ((x1 - x0) * (y1 - y0) / (grid->cell * grid->cell) > 250000.0)
        grid->cell *= 1.5;
    grid->columns = 1 + (int)((x1 - x0) / grid->cell);
    grid->rows = 1 + (int)((y1 - y0) / grid->cell);
    size_t cells = (size_t)grid->columns * (size_t)grid->rows;
    grid->start = calloc(cells + 1, sizeof *grid->start);
    if (!grid->start)
        return fail_memory(error);
    visit_cells(grid, ribbons, count, false);
    for (size_t i = 0; i < cells; i++)
        grid->start[i + 1] += grid->start[i];
    grid->items = malloc((grid->start[cells] + 1u) * sizeof *grid->items);
    if (!grid->items) {
        ribbon_grid_free(grid);
        return fail_memory(error);
    }
    visit_cells(grid, ribbons, count, true);
    for (size_t i = cells; i > 0; i--) /* filling moved each start to the next one */
        grid->start[i] = grid->start[i - 1];
    grid->start[0] = 0;
    return STRIAE_OK;
}

void ribbon_grid_free(struct ribbon_grid *grid)
{
    free(grid->start);
    free(grid->items);
    *grid = (struct ribbon_grid){0};
}

/* ---- looking up ----------------------------------------------------------------------------- */

struct nearest {
    float square, position, side; /* position in segments; side: sign of the offset */
};

static void look_segment(const struct ribbon *r, size_t s, float x, float y, struct nearest *best)
{
    float ex = r->x[s + 1] - r->x[s], ey = r->y[s + 1] - r->y[s];
    float px = x - r->x[s], py = y - r->y[s];
    float t = (px * ex + py * ey) / (ex * ex + ey * ey);
    t = t < 0.0f ? 0.0f : t > 1.0f ? 1.0f : t;
    float dx = px - t * ex, dy = py - t * ey, square = dx * dx + dy * dy;
    if (square >= best->square)
        return;
    *best = (struct nearest){square, (float)s + t, ex * py - ey * px};
}

static double fine_at(const float *values, size_t count, double position)
{
    double i = floor(position);
    size_t k = (size_t)i;
    if (k + 1 >= count)
        return values[count - 1];
    return values[k] + (position - i) * (values[k + 1] - values[k]);
}

static bool finish_hit(const struct ribbon *r, int session, const struct nearest *near,
                       struct hit *hit)
{
    const struct ribbon_state *state = &r->state[session];
    double distance = sqrt((double)near->square), position = near->position * RIBBON_FINE;
    size_t fine = (r->count - 1) * RIBBON_FINE + 1;
    double left = state->width * fine_at(r->left, fine, position);
    double right = state->width * fine_at(r->right, fine, position);
    double half = near->side < 0.0f ? left : right, soft = r->softness * fmin(left, right);
    hit->beyond = distance - half;
    if (hit->beyond > (r->class == RIBBON_STRIA ? RIBBON_BEYOND : soft))
        return false;
    hit->ribbon = r;
    hit->along = near->position * r->step;
    hit->offset = near->side < 0.0f ? -distance : distance;
    hit->profile = 1.0 - smoothstep(half - soft, half + soft, distance);
    hit->strength = state->colour * fine_at(r->strength, fine, position);
    return true;
}

int ribbons_at(const struct ribbon_grid *grid, const struct ribbon *ribbons, int session, double x,
               double y, struct hit hits[RIBBON_HITS])
{
    double cx = (x - grid->x) / grid->cell, cy = (y - grid->y) / grid->cell;
    if (cx < 0.0 || cy < 0.0 || cx >= grid->columns || cy >= grid->rows)
        return 0;
    size_t cell = (size_t)cy * (size_t)grid->columns + (size_t)cx;
    uint32_t i = grid->start[cell], end = grid->start[cell + 1];
    int count = 0;
    while (i < end && count < RIBBON_HITS) {
        uint16_t k = grid->items[i].ribbon;
        const struct ribbon *r = &ribbons[k];
        struct nearest best = {1e30f, 0.0f, 0.0f};
        for (; i < end && grid->items[i].ribbon == k; i++)
            if (r->state[session].present)
                look_segment(r, grid->items[i].segment, (float)x, (float)y, &best);
        if (best.square < 1e29f && finish_hit(r, session, &best, &hits[count]))
            count++;
    }
    return count;
}
