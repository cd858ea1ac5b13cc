/* Pairing every two striae that run within reach of each other over half of the shorter one put
 * whole bundles of neighbours into one component (of true lines on rendered pairs 75 % were matched
 * rightly); asking that each be the other's nearest tells neighbours apart, and asking it of the
 * lines as found keeps out what the search for the ridge does to faint ones (tests/accuracy/widths
 * prints the figures). */
#include "measure/match.h"

#include "measure/course.h"

#include <math.h>
#include <stdlib.h>

#define LEAST_SHARE 0.5 /* of the shorter stria's length */
#define LEAST_PX    4

size_t forest_root(const size_t *parent, size_t i)
{
    while (parent[i] != i)
        i = parent[i];
    return i;
}

void forest_join(size_t *parent, size_t a, size_t b)
{
    size_t x = forest_root(parent, a), y = forest_root(parent, b);
    if (x < y)
        parent[y] = x;
    else
        parent[x] = y;
}

/* ---- what the other photo shows -------------------------------------------------------------- */

static bool is_skin(const struct measure_photo *photo, double x, double y)
{
    int width = photo->image->width, height = photo->image->height;
    return x >= 0 && y >= 0 && x <= width - 1 && y <= height - 1 &&
           photo->skin->data[(size_t)lround(y) * (size_t)width + (size_t)lround(x)];
}

static bool is_seen(const struct match_side *side, const struct match_side *other,
                    const struct point *at)
{
    double x, y;
    return warp_point(side->map, at->x, at->y, &x, &y) && is_skin(other->photo, x, y);
}

static striae_status look_across(const struct match_side *side, const struct match_side *other,
                                 size_t t, struct match_trace *out, striae_error *error)
{
    const struct trace *trace = &side->traces[t];
    out->seen = calloc(trace->count, sizeof *out->seen);
    out->common = calloc(trace->count, sizeof *out->common);
    if (!out->seen || !out->common)
        return fail_memory(error);
    for (size_t i = 0; i < trace->count; i++) {
        out->seen[i] = is_seen(side, other, &trace->points[i].at);
        if (out->seen[i])
            out->seen_length += trace_piece(trace, i);
    }
    return STRIAE_OK;
}

/* Length of the line as found that the other photo shows, px. */
static double found_seen(const struct match_side *side, const struct match_side *other, size_t t)
{
    const struct polyline *line = &side->traces[t].line;
    double length = 0;
    for (size_t i = 0; i < line->count; i++)
        length += is_seen(side, other, &line->points[i]) ? TRACE_STEP : 0;
    return length;
}

/* ---- which belong together ------------------------------------------------------------------- */

/* A line of one side, and for each of its places the nearest line of the other side. */
struct candidate {
    struct course course;
    double *distance; /* INFINITY = none; owned */
    size_t *which;    /* owned */
    double seen;      /* px */
};

static void candidates_free(struct candidate *candidates, size_t count)
{
    for (size_t t = 0; candidates && t < count; t++) {
        course_free(&candidates[t].course);
        free(candidates[t].distance);
        free(candidates[t].which);
    }
    free(candidates);
}

static striae_status candidates_init(const struct match_side *side, const struct match_side *other,
                                     const struct warp *map, struct candidate **out,
                                     striae_error *error)
{
    struct candidate *all = calloc(side->count + 1, sizeof *all);
    striae_status status = all ? STRIAE_OK : fail_memory(error);
    for (size_t t = 0; t < side->count && status == STRIAE_OK; t++) {
        size_t count = side->traces[t].line.count;
        status = course_init(&side->traces[t], true, map, &all[t].course, error);
        all[t].distance = malloc((count + 1) * sizeof *all[t].distance);
        all[t].which = calloc(count + 1, sizeof *all[t].which);
        all[t].seen = found_seen(side, other, t);
        if (!all[t].distance || !all[t].which)
            status = fail_memory(error);
        for (size_t i = 0; i < count && status == STRIAE_OK; i++)
            all[t].distance[i] = INFINITY;
    }
    *out = all;
    return status;
}

static void offer(struct candidate *to, const struct course *course, size_t which, double *distance)
{
    course_along(&to->course, course, distance);
    for (size_t i = 0; i < to->course.count; i += COURSE_STRIDE)
        if (distance[i] < to->distance[i]) {
            to->distance[i] = distance[i];
            to->which[i] = which;
        }
}

/* Share of the length of the shorter of two over which `which` is the nearest of all. */
static double claimed(const struct candidate *of, size_t which)
{
    double length = 0;
    for (size_t i = 0; i < of->course.count; i += COURSE_STRIDE)
        if (of->distance[i] < INFINITY && of->which[i] == which)
            length += COURSE_STRIDE;
    return length;
}

static void join(const struct candidate *first, size_t first_count, const struct candidate *later,
                 size_t later_count, size_t *parent)
{
    for (size_t i = 0; i < first_count; i++)
        for (size_t j = 0; j < later_count; j++) {
            double shorter = fmin(first[i].seen, later[j].seen);
            if (fmin(claimed(&first[i], j), claimed(&later[j], i)) >=
                fmax(LEAST_PX, LEAST_SHARE * shorter))
                forest_join(parent, i, first_count + j);
        }
}

static size_t longest(const struct candidate *candidates, size_t count)
{
    size_t most = 0;
    for (size_t t = 0; t < count; t++)
        most = candidates[t].course.count > most ? candidates[t].course.count : most;
    return most;
}

static striae_status join_all(const struct match_side *first, const struct match_side *later,
                              size_t *parent, striae_error *error)
{
    struct candidate *a = NULL, *b = NULL;
    double *distance = NULL;
    striae_status status = candidates_init(first, later, NULL, &a, error);
    if (status == STRIAE_OK)
        status = candidates_init(later, first, later->map, &b, error);
    if (status == STRIAE_OK) {
        distance =
            calloc(longest(a, first->count) + longest(b, later->count) + 1, sizeof *distance);
        status = distance ? STRIAE_OK : fail_memory(error);
    }
    for (size_t i = 0; i < first->count && status == STRIAE_OK; i++)
        for (size_t j = 0; j < later->count; j++) {
            if (courses_apart(&a[i].course, &b[j].course))
                continue;
            offer(&a[i], &b[j].course, j, distance);
            offer(&b[j], &a[i].course, i, distance);
        }
    if (status == STRIAE_OK)
        join(a, first->count, b, later->count, parent);
    free(distance);
    candidates_free(a, first->count);
    candidates_free(b, later->count);
    return status;
}

/* ---- what is common ---------------------------------------------------------------------------
 */

static void mark(const struct course *of, const struct course *other, double *distance,
                 bool *common)
{
    course_along(of, other, distance);
    for (size_t i = 0; i < of->count; i++)
        common[i] = common[i] || distance[i - i % COURSE_STRIDE] < INFINITY;
}

/* Courses of the traces as they were measured, in the first photo. */
static striae_status courses_init(const struct match_side *side, const struct warp *map,
                                  struct course **out, size_t *most, striae_error *error)
{
    striae_status status = STRIAE_OK;
    *out = calloc(side->count + 1, sizeof **out);
    if (!*out)
        return fail_memory(error);
    for (size_t t = 0; t < side->count && status == STRIAE_OK; t++) {
        status = course_init(&side->traces[t], false, map, &(*out)[t], error);
        *most = side->traces[t].count > *most ? side->traces[t].count : *most;
    }
    return status;
}

static void courses_free(struct course *courses, size_t count)
{
    for (size_t t = 0; courses && t < count; t++)
        course_free(&courses[t]);
    free(courses);
}

static striae_status mark_all(const struct match_side *first, const struct match_side *later,
                              struct matching *matching, striae_error *error)
{
    struct course *a = NULL, *b = NULL;
    size_t most = 0;
    double *distance = NULL;
    striae_status status = courses_init(first, NULL, &a, &most, error);
    if (status == STRIAE_OK)
        status = courses_init(later, later->map, &b, &most, error);
    if (status == STRIAE_OK) {
        distance = calloc(most + 1, sizeof *distance);
        status = distance ? STRIAE_OK : fail_memory(error);
    }
    for (size_t i = 0; i < first->count && status == STRIAE_OK; i++)
        for (size_t j = 0; j < later->count; j++) {
            struct match_trace *x = &matching->trace[0][i], *y = &matching->trace[1][j];
            if (x->component != y->component)
                continue;
            mark(&a[i], &b[j], distance, x->common);
            mark(&b[j], &a[i], distance, y->common);
        }
    free(distance);
    courses_free(a, first->count);
    courses_free(b, later->count);
    return status;
}

/* What is common is also seen; sets the lengths. */
static void finish(const struct match_side *side, struct match_trace *out)
{
    for (size_t t = 0; t < side->count; t++)
        for (size_t i = 0; i < side->traces[t].count; i++) {
            out[t].common[i] = out[t].common[i] && out[t].seen[i];
            if (out[t].common[i])
                out[t].common_length += trace_piece(&side->traces[t], i);
        }
}

static striae_status match(const struct match_side *side[2], struct matching *matching,
                           size_t *parent, striae_error *error)
{
    striae_status status = STRIAE_OK;
    for (size_t i = 0; i < side[0]->count + side[1]->count; i++)
        parent[i] = i;
    for (int s = 0; s < 2; s++)
        for (size_t t = 0; t < side[s]->count && status == STRIAE_OK; t++)
            status = look_across(side[s], side[1 - s], t, &matching->trace[s][t], error);
    if (status == STRIAE_OK)
        status = join_all(side[0], side[1], parent, error);
    for (int s = 0; s < 2; s++)
        for (size_t t = 0; t < side[s]->count; t++)
            matching->trace[s][t].component = forest_root(parent, (s ? side[0]->count : 0) + t);
    if (status == STRIAE_OK)
        status = mark_all(side[0], side[1], matching, error);
    for (int s = 0; s < 2 && status == STRIAE_OK; s++)
        finish(side[s], matching->trace[s]);
    return status;
}

striae_status match_sessions(const struct match_side *first, const struct match_side *later,
                             struct matching *matching, striae_error *error)
{
    const struct match_side *side[2] = {first, later};
    size_t *parent = calloc(first->count + later->count + 1, sizeof *parent);
    *matching = (struct matching){.count = {first->count, later->count}};
    bool good = parent != NULL;
    for (int s = 0; s < 2; s++) {
        matching->trace[s] = calloc(side[s]->count + 1, sizeof *matching->trace[s]);
        good = good && matching->trace[s];
    }
    striae_status status = good ? match(side, matching, parent, error) : fail_memory(error);
    if (status != STRIAE_OK)
        matching_free(matching);
    free(parent);
    return status;
}

void matching_free(struct matching *matching)
{
    for (int side = 0; side < 2; side++) {
        for (size_t i = 0; matching->trace[side] && i < matching->count[side]; i++) {
            free(matching->trace[side][i].seen);
            free(matching->trace[side][i].common);
        }
        free(matching->trace[side]);
    }
    *matching = (struct matching){0};
}
