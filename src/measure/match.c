#include "measure/match.h"

#include <math.h>
#include <stdlib.h>

#define LEAST_SHARE  0.5  /* of the shorter stria's length */
#define LEAST_COSINE 0.91 /* 25 degrees */
#define STRIDE       2    /* points looked at */

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

/* A later trace in the first photo. */
struct mapped {
    struct point *at;  /* NaN where unknown */
    double *tolerance; /* px of the first photo */
    double box[4];     /* left, top, right, bottom of the known points */
};

static void mapped_free(struct mapped *mapped, size_t count)
{
    for (size_t i = 0; mapped && i < count; i++) {
        free(mapped[i].at);
        free(mapped[i].tolerance);
    }
    free(mapped);
}

static bool map_trace(const struct trace *trace, const struct warp *map, struct mapped *out)
{
    out->at = malloc(trace->count * sizeof *out->at);
    out->tolerance = malloc(trace->count * sizeof *out->tolerance);
    out->box[0] = out->box[1] = INFINITY;
    out->box[2] = out->box[3] = -INFINITY;
    if (!out->at || !out->tolerance)
        return false;
    for (size_t i = 0; i < trace->count; i++) {
        const struct point *from = &trace->points[i].at;
        struct point *to = &out->at[i];
        out->tolerance[i] = 3;
        if (!warp_point(map, from->x, from->y, &to->x, &to->y))
            continue;
        double alignment = warp_error_at(map, from->x, from->y);
        out->tolerance[i] =
            fmax(3, fmax(0.5 * trace->rough_width, isnan(alignment) ? 0 : 3 * alignment));
        out->box[0] = fmin(out->box[0], to->x);
        out->box[1] = fmin(out->box[1], to->y);
        out->box[2] = fmax(out->box[2], to->x);
        out->box[3] = fmax(out->box[3], to->y);
    }
    return true;
}

static bool boxes_apart(const struct trace *trace, const struct mapped *mapped, double margin)
{
    double box[4] = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    for (size_t i = 0; i < trace->count; i++) {
        box[0] = fmin(box[0], trace->points[i].at.x);
        box[1] = fmin(box[1], trace->points[i].at.y);
        box[2] = fmax(box[2], trace->points[i].at.x);
        box[3] = fmax(box[3], trace->points[i].at.y);
    }
    return box[0] > mapped->box[2] + margin || box[1] > mapped->box[3] + margin ||
           mapped->box[0] > box[2] + margin || mapped->box[1] > box[3] + margin;
}

/* 0 when point j of the mapped trace runs along point i of the first, else how many points of
 * either may be skipped before that can be so (at least 1). */
static size_t runs_along(const struct trace *first, size_t i, const struct mapped *mapped, size_t j,
                         size_t count)
{
    const struct trace_point *p = &first->points[i];
    double distance = hypot(mapped->at[j].x - p->at.x, mapped->at[j].y - p->at.y);
    double tolerance = fmax(mapped->tolerance[j], 0.5 * first->rough_width);
    if (isnan(distance))
        return 1;
    if (distance > tolerance) /* neighbours lie 1 px apart, mapped ones under 2 */
        return 1 + (size_t)(0.5 * (distance - tolerance));
    size_t a = j < 4 ? 0 : j - 4, b = j + 4 < count ? j + 4 : count - 1;
    double tx = mapped->at[b].x - mapped->at[a].x, ty = mapped->at[b].y - mapped->at[a].y;
    double cosine = fabs(tx * -p->normal.y + ty * p->normal.x) / hypot(tx, ty);
    return cosine >= LEAST_COSINE ? 0u : 1u;
}

/* Lengths over which the two run together, seen from each; marks the points where mark is set. */
static void run_together(const struct trace *first, const struct trace *later,
                         const struct mapped *mapped, double together[2], bool *mark_first,
                         bool *mark_later)
{
    together[0] = together[1] = 0;
    for (size_t j = 0; j < later->count; j += STRIDE)
        for (size_t i = 0, skip; i < first->count; i += skip)
            if ((skip = runs_along(first, i, mapped, j, later->count)) == 0) {
                together[1] += STRIDE;
                for (size_t k = j; mark_later && k < j + STRIDE && k < later->count; k++)
                    mark_later[k] = true;
                break;
            }
    for (size_t i = 0; i < first->count && together[1] > 0; i += STRIDE)
        for (size_t j = 0, skip; j < later->count; j += skip)
            if ((skip = runs_along(first, i, mapped, j, later->count)) == 0) {
                together[0] += STRIDE;
                for (size_t k = i; mark_first && k < i + STRIDE && k < first->count; k++)
                    mark_first[k] = true;
                break;
            }
}

static bool is_skin(const struct measure_photo *photo, double x, double y)
{
    int width = photo->image->width, height = photo->image->height;
    return x >= 0 && y >= 0 && x <= width - 1 && y <= height - 1 &&
           photo->skin->data[(size_t)lround(y) * (size_t)width + (size_t)lround(x)];
}

static bool look_across(const struct match_side *side, const struct match_side *other, size_t t,
                        struct match_trace *out)
{
    const struct trace *trace = &side->traces[t];
    out->seen = calloc(trace->count, sizeof *out->seen);
    out->common = calloc(trace->count, sizeof *out->common);
    if (!out->seen || !out->common)
        return false;
    for (size_t i = 0; i < trace->count; i++) {
        double x, y;
        const struct point *at = &trace->points[i].at;
        out->seen[i] = warp_point(side->map, at->x, at->y, &x, &y) && is_skin(other->photo, x, y);
        if (out->seen[i])
            out->seen_length += trace_piece(trace, i);
    }
    return true;
}

static void join_and_mark(const struct match_side *first, const struct match_side *later,
                          const struct mapped *mapped, struct matching *matching, size_t *parent)
{
    for (size_t i = 0; i < first->count; i++)
        for (size_t j = 0; j < later->count; j++) {
            struct match_trace *a = &matching->trace[0][i], *b = &matching->trace[1][j];
            double together[2], shorter = fmin(a->seen_length, b->seen_length);
            if (boxes_apart(&first->traces[i], &mapped[j], 40))
                continue;
            run_together(&first->traces[i], &later->traces[j], &mapped[j], together, NULL, NULL);
            if (fmin(together[0], together[1]) < fmax(4, LEAST_SHARE * shorter))
                continue;
            forest_join(parent, i, first->count + j);
            run_together(&first->traces[i], &later->traces[j], &mapped[j], together, a->common,
                         b->common);
        }
}

/* What is common is also seen; sets the lengths and components. */
static void finish(const struct match_side *side, size_t offset, const size_t *parent,
                   struct match_trace *out)
{
    for (size_t t = 0; t < side->count; t++) {
        out[t].component = forest_root(parent, offset + t);
        for (size_t i = 0; i < side->traces[t].count; i++) {
            out[t].common[i] = out[t].common[i] && out[t].seen[i];
            if (out[t].common[i])
                out[t].common_length += trace_piece(&side->traces[t], i);
        }
    }
}

striae_status match_sessions(const struct match_side *first, const struct match_side *later,
                             struct matching *matching, striae_error *error)
{
    size_t total = first->count + later->count;
    size_t *parent = calloc(total + 1, sizeof *parent);
    struct mapped *mapped = calloc(later->count + 1, sizeof *mapped);
    striae_status status = STRIAE_OK;
    *matching = (struct matching){.count = {first->count, later->count}};
    matching->trace[0] = calloc(first->count + 1, sizeof *matching->trace[0]);
    matching->trace[1] = calloc(later->count + 1, sizeof *matching->trace[1]);
    bool good = parent && mapped && matching->trace[0] && matching->trace[1];
    for (size_t i = 0; good && i < first->count; i++)
        good = look_across(first, later, i, &matching->trace[0][i]);
    for (size_t j = 0; good && j < later->count; j++)
        good = look_across(later, first, j, &matching->trace[1][j]) &&
               map_trace(&later->traces[j], later->map, &mapped[j]);
    if (good) {
        for (size_t i = 0; i < total; i++)
            parent[i] = i;
        join_and_mark(first, later, mapped, matching, parent);
        finish(first, 0, parent, matching->trace[0]);
        finish(later, first->count, parent, matching->trace[1]);
    } else {
        status = fail_memory(error);
        matching_free(matching);
    }
    mapped_free(mapped, later->count);
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
