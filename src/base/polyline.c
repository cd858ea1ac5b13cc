#include "base/polyline.h"

#include <math.h>
#include <stdlib.h>

striae_status polyline_append(struct polyline *line, double x, double y, striae_error *error)
{
    if (line->count == line->capacity) {
        size_t capacity = line->capacity ? line->capacity * 2 : 32;
        struct point *points = reallocarray(line->points, capacity, sizeof *points);
        if (!points)
            return fail_memory(error);
        line->points = points;
        line->capacity = capacity;
    }
    line->points[line->count++] = (struct point){x, y};
    return STRIAE_OK;
}

void polyline_free(struct polyline *line)
{
    free(line->points);
    *line = (struct polyline){0};
}

void polyline_reverse(struct polyline *line)
{
    for (size_t i = 0, j = line->count; i + 1 < j; i++) {
        struct point swap = line->points[i];
        line->points[i] = line->points[--j];
        line->points[j] = swap;
    }
}

double polyline_length(const struct polyline *line)
{
    double length = 0;
    for (size_t i = 1; i < line->count; i++)
        length += hypot(line->points[i].x - line->points[i - 1].x,
                        line->points[i].y - line->points[i - 1].y);
    return length;
}

double polyline_tangent(const struct polyline *line, size_t i)
{
    size_t a = i >= 3 ? i - 3 : 0, b = i + 3 < line->count ? i + 3 : line->count - 1;
    return atan2(line->points[b].y - line->points[a].y, line->points[b].x - line->points[a].x);
}

striae_status polyline_resample(const struct polyline *line, double step, struct polyline *out,
                                striae_error *error)
{
    struct polyline made = {0};
    double total = polyline_length(line);
    size_t pieces = total > step ? (size_t)lround(total / step) : 1;
    striae_status status = STRIAE_OK;
    double walked = 0; /* length up to points[at] */
    size_t at = 0;
    if (line->count < 2)
        return fail_with(error, STRIAE_ERROR_INTERNAL, "a line of %zu points cannot be resampled",
                         line->count);
    for (size_t i = 0; i <= pieces && status == STRIAE_OK; i++) {
        double target = total * (double)i / (double)pieces;
        double piece = 0;
        for (; at + 1 < line->count; at++) {
            piece = hypot(line->points[at + 1].x - line->points[at].x,
                          line->points[at + 1].y - line->points[at].y);
            if (walked + piece >= target || at + 2 == line->count)
                break;
            walked += piece;
        }
        double t = piece > 0 ? fmin(1.0, (target - walked) / piece) : 0;
        const struct point *a = &line->points[at], *b = &line->points[at + 1];
        status = polyline_append(&made, a->x + t * (b->x - a->x), a->y + t * (b->y - a->y), error);
    }
    if (status != STRIAE_OK) {
        polyline_free(&made);
        return status;
    }
    polyline_free(out);
    *out = made;
    return STRIAE_OK;
}
