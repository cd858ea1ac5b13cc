#include "measure/course.h"

#include <math.h>
#include <stdlib.h>

#define LEAST_REACH  3.0
#define LEAST_COSINE 0.91 /* 25 degrees */
#define AHEAD        4    /* places on either side that a direction is taken over */

static void set_place(double x, double y, double half, const struct warp *map, struct place *place)
{
    *place = (struct place){x, y, NAN, NAN, fmax(LEAST_REACH, half)};
    if (!map)
        return;
    double error = warp_error_at(map, x, y);
    if (!warp_point(map, x, y, &place->x, &place->y))
        place->x = place->y = NAN;
    if (!isnan(error))
        place->reach = fmax(place->reach, 3 * error);
}

static void set_directions(struct course *course)
{
    for (size_t i = 0; i < course->count; i++) {
        const struct place *a = &course->place[i < AHEAD ? 0 : i - AHEAD];
        const struct place *b =
            &course->place[i + AHEAD < course->count ? i + AHEAD : course->count - 1];
        double dx = b->x - a->x, dy = b->y - a->y, length = hypot(dx, dy);
        if (length > 0) {
            course->place[i].tx = dx / length;
            course->place[i].ty = dy / length;
        }
    }
}

static void set_bounds(struct course *course)
{
    course->box[0] = course->box[1] = INFINITY;
    course->box[2] = course->box[3] = -INFINITY;
    course->step = 1;
    const struct place *last = NULL;
    for (size_t i = 0; i < course->count; i++) {
        const struct place *p = &course->place[i];
        if (isnan(p->x))
            continue;
        course->box[0] = fmin(course->box[0], p->x);
        course->box[1] = fmin(course->box[1], p->y);
        course->box[2] = fmax(course->box[2], p->x);
        course->box[3] = fmax(course->box[3], p->y);
        course->reach = fmax(course->reach, p->reach);
        if (last)
            course->step =
                fmax(course->step, hypot(p->x - last->x, p->y - last->y) / (double)(p - last));
        last = p;
    }
}

striae_status course_init(const struct trace *trace, bool as_found, const struct warp *map,
                          struct course *course, striae_error *error)
{
    size_t count = as_found ? trace->line.count : trace->count;
    *course = (struct course){.count = count, .place = malloc((count + 1) * sizeof(struct place))};
    if (!course->place)
        return fail_memory(error);
    for (size_t i = 0; i < count; i++) {
        const struct point *at = as_found ? &trace->line.points[i] : &trace->points[i].at;
        set_place(at->x, at->y, 0.5 * trace->rough_width, map, &course->place[i]);
    }
    set_directions(course);
    for (size_t i = 0; i < count && !as_found; i++)
        if (!trace->points[i].valid)
            course->place[i].x = course->place[i].y = NAN;
    set_bounds(course);
    return STRIAE_OK;
}

void course_free(struct course *course)
{
    free(course->place);
    *course = (struct course){0};
}

bool courses_apart(const struct course *a, const struct course *b)
{
    double reach = fmax(a->reach, b->reach);
    return a->box[0] > b->box[2] + reach || a->box[1] > b->box[3] + reach ||
           b->box[0] > a->box[2] + reach || b->box[1] > a->box[3] + reach;
}

/* Distance of two places that run along each other, else INFINITY; *skip: how many places of a line
 * with this step may be left out before the next can be nearer than `best`. */
static double apart(const struct place *a, const struct place *b, double step, double best,
                    size_t *skip)
{
    double distance = hypot(a->x - b->x, a->y - b->y), limit = fmin(best, fmax(a->reach, b->reach));
    *skip = 1;
    if (isnan(distance))
        return INFINITY;
    if (distance > limit) {
        *skip += (size_t)((distance - limit) / step);
        return INFINITY;
    }
    return fabs(a->tx * b->tx + a->ty * b->ty) >= LEAST_COSINE ? distance : INFINITY;
}

void course_along(const struct course *a, const struct course *b, double *distance)
{
    for (size_t i = 0; i < a->count; i += COURSE_STRIDE) {
        distance[i] = INFINITY;
        /* reach may differ from place to place: b's largest decides how far may be skipped */
        struct place here = a->place[i];
        here.reach = fmax(here.reach, b->reach);
        for (size_t j = 0, skip; j < b->count; j += skip) {
            double d = apart(&here, &b->place[j], b->step, distance[i], &skip);
            if (d <= fmax(a->place[i].reach, b->place[j].reach))
                distance[i] = fmin(distance[i], d);
        }
    }
}
