#include "measure/trace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

striae_status smooth_along(double *values, size_t count, double sigma, striae_error *error)
{
    if (sigma < 0.3 || count < 3)
        return STRIAE_OK;
    size_t radius = (size_t)ceil(3 * sigma);
    if (radius > count - 1)
        radius = count - 1;
    double *padded = calloc(count + 2 * radius, sizeof *padded);
    double *kernel = calloc(radius + 1, sizeof *kernel);
    if (!padded || !kernel) {
        free(padded);
        free(kernel);
        return fail_memory(error);
    }
    memcpy(padded + radius, values, count * sizeof *values);
    for (size_t k = 1; k <= radius; k++) {
        padded[radius - k] = 2 * values[0] - values[k];
        padded[radius + count - 1 + k] = 2 * values[count - 1] - values[count - 1 - k];
    }
    double sum = 0;
    for (size_t k = 0; k <= radius; k++) {
        kernel[k] = exp(-0.5 * (double)(k * k) / (sigma * sigma));
        sum += k ? 2 * kernel[k] : kernel[k];
    }
    for (size_t i = 0; i < count; i++) {
        const double *at = padded + radius + i;
        double value = kernel[0] * at[0];
        for (size_t k = 1; k <= radius; k++)
            value += kernel[k] * (at[k] + *(at - k));
        values[i] = value / sum;
    }
    free(padded);
    free(kernel);
    return STRIAE_OK;
}

/* The line's x and y smoothed over `sigma` px; ends stay where they are. */
static striae_status smooth_line(struct polyline *line, double sigma, striae_error *error)
{
    striae_status status = STRIAE_OK;
    double *values = calloc(line->count, sizeof *values);
    if (!values)
        return fail_memory(error);
    for (int axis = 0; axis < 2 && status == STRIAE_OK; axis++) {
        for (size_t i = 0; i < line->count; i++)
            values[i] = axis ? line->points[i].y : line->points[i].x;
        status = smooth_along(values, line->count, sigma, error);
        for (size_t i = 0; i < line->count; i++)
            *(axis ? &line->points[i].y : &line->points[i].x) = values[i];
    }
    free(values);
    return status;
}

/* A straight piece of `length` px before the first point, in 1 px steps, into *out. */
static striae_status extend_before(const struct polyline *line, double length, size_t reach,
                                   struct polyline *out, striae_error *error)
{
    size_t far = reach < line->count - 1 ? reach : line->count - 1;
    struct point a = line->points[0], b = line->points[far];
    double distance = hypot(b.x - a.x, b.y - a.y);
    striae_status status = STRIAE_OK;
    if (distance <= 0)
        return STRIAE_OK;
    for (size_t k = (size_t)ceil(length); k >= 1 && status == STRIAE_OK; k--)
        status = polyline_append(out, a.x - (double)k * (b.x - a.x) / distance,
                                 a.y - (double)k * (b.y - a.y) / distance, error);
    return status;
}

static void reverse(struct polyline *line)
{
    for (size_t i = 0, j = line->count; i + 1 < j--; i++) {
        struct point kept = line->points[i];
        line->points[i] = line->points[j];
        line->points[j] = kept;
    }
}

static striae_status extend(struct polyline *line, double length, double width, striae_error *error)
{
    size_t reach = (size_t)fmax(6, 1.5 * width);
    striae_status status = STRIAE_OK;
    for (int end = 0; end < 2 && status == STRIAE_OK; end++) {
        struct polyline longer = {0};
        status = extend_before(line, length, reach, &longer, error);
        for (size_t i = 0; i < line->count && status == STRIAE_OK; i++)
            status = polyline_append(&longer, line->points[i].x, line->points[i].y, error);
        if (status != STRIAE_OK) {
            polyline_free(&longer);
            return status;
        }
        polyline_free(line);
        *line = longer;
        reverse(line);
    }
    return status;
}

/* Points and normals from a line with steps of about TRACE_STEP. */
static striae_status set_points(const struct polyline *line, struct trace *trace,
                                striae_error *error)
{
    struct trace_point *points = calloc(line->count, sizeof *points);
    if (!points)
        return fail_memory(error);
    for (size_t i = 0; i < line->count; i++) {
        const struct point *a = &line->points[i < 2 ? 0 : i - 2];
        const struct point *b = &line->points[i + 2 < line->count ? i + 2 : line->count - 1];
        double dx = b->x - a->x, dy = b->y - a->y, length = hypot(dx, dy);
        points[i].at = line->points[i];
        points[i].normal =
            length > 0 ? (struct point){dy / length, -dx / length} : (struct point){0, -1};
        points[i].left = points[i].right = points[i].error = points[i].height = NAN;
        points[i].soft = points[i].inner = NAN;
        points[i].across = points[i].along = 1;
        for (int c = 0; c < 3; c++)
            points[i].contrast[c] = NAN;
        points[i].rough[0] = points[i].rough[1] = NAN;
    }
    free(trace->points);
    trace->points = points;
    trace->count = line->count;
    return STRIAE_OK;
}

striae_status trace_init(const struct found_stria *found, double extension, struct trace *trace,
                         striae_error *error)
{
    struct polyline line = {0};
    *trace =
        (struct trace){.rough_width = fmax(found->width, 1.5), .probability = found->probability};
    striae_status status = polyline_resample(&found->centreline, TRACE_STEP, &line, error);
    if (status == STRIAE_OK)
        status = polyline_resample(&line, TRACE_STEP, &trace->line, error);
    if (status == STRIAE_OK)
        status = smooth_line(&line, fmin(fmax(0.4 * trace->rough_width, 2), 12), error);
    if (status == STRIAE_OK && extension >= 1)
        status = extend(&line, extension, trace->rough_width, error);
    if (status == STRIAE_OK)
        status = polyline_resample(&line, TRACE_STEP, &line, error);
    if (status == STRIAE_OK)
        status = set_points(&line, trace, error);
    polyline_free(&line);
    return status;
}

void trace_free(struct trace *trace)
{
    free(trace->points);
    polyline_free(&trace->line);
    *trace = (struct trace){0};
}

striae_status trace_shift(struct trace *trace, const double *shift, striae_error *error)
{
    struct polyline line = {0};
    striae_status status = STRIAE_OK;
    for (size_t i = 0; i < trace->count && status == STRIAE_OK; i++) {
        const struct trace_point *p = &trace->points[i];
        status = polyline_append(&line, p->at.x + shift[i] * p->normal.x,
                                 p->at.y + shift[i] * p->normal.y, error);
    }
    if (status == STRIAE_OK)
        status = polyline_resample(&line, TRACE_STEP, &line, error);
    if (status == STRIAE_OK)
        status = set_points(&line, trace, error);
    polyline_free(&line);
    return status;
}

void trace_crop(struct trace *trace, size_t begin, size_t end)
{
    memmove(trace->points, trace->points + begin, (end - begin) * sizeof *trace->points);
    trace->count = end - begin;
}

double trace_piece(const struct trace *trace, size_t i)
{
    double length = 0;
    const struct point *here = &trace->points[i].at;
    if (i > 0)
        length += hypot(here->x - trace->points[i - 1].at.x, here->y - trace->points[i - 1].at.y);
    if (i + 1 < trace->count)
        length += hypot(here->x - trace->points[i + 1].at.x, here->y - trace->points[i + 1].at.y);
    return length / 2;
}

/* ---- who covers a pixel --------------------------------------------------------------------- */

static void claim_disc(struct labels *owner, const struct point *at, double radius, uint16_t name)
{
    int left = (int)fmax(0, ceil(at->x - radius)), top = (int)fmax(0, ceil(at->y - radius));
    int right = (int)fmin(owner->width - 1, floor(at->x + radius));
    int bottom = (int)fmin(owner->height - 1, floor(at->y + radius));
    for (int y = top; y <= bottom; y++)
        for (int x = left; x <= right; x++) {
            uint16_t *cell = &owner->data[(size_t)y * (size_t)owner->width + (size_t)x];
            double dx = x - at->x, dy = y - at->y;
            if (*cell == name || dx * dx + dy * dy > radius * radius)
                continue;
            *cell = *cell ? OWNER_MANY : name;
        }
}

striae_status owner_map(const struct trace *traces, size_t count, double factor, double margin,
                        int width, int height, struct labels *owner, striae_error *error)
{
    striae_status status = labels_init(owner, width, height, error);
    for (size_t t = 0; t < count && status == STRIAE_OK; t++)
        for (size_t i = 0; i < traces[t].count; i++) {
            const struct trace_point *p = &traces[t].points[i];
            bool fitted = !isnan(p->left);
            double middle = fitted ? 0.5 * (p->left + p->right) : 0;
            struct point at = {p->at.x + middle * p->normal.x, p->at.y + middle * p->normal.y};
            double full = fitted ? trace_width(p) : traces[t].rough_width;
            claim_disc(owner, &at, 0.5 * full * factor + margin, (uint16_t)(t + 1));
        }
    return status;
}
