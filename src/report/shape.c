#include "report/shape.h"

#include "report/draw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const uint8_t kind_colour[3][3] = {
    [KIND_RUBRA] = {77, 201, 255}, [KIND_ALBA] = {255, 226, 77}, [KIND_DARK] = {255, 255, 255}};
const uint8_t outline_colour[3] = {16, 20, 28};
const uint8_t watch_colour[3] = {255, 92, 214};

/* Unit normal at point i from the chord over `reach` px to both sides: single steps of a traced
 * line are too rough to offset along. */
static struct point normal_at(const struct polyline *line, size_t i, double reach)
{
    const struct point *p = line->points;
    size_t a = i, b = i;
    while (a > 0 && hypot(p[a].x - p[i].x, p[a].y - p[i].y) < reach)
        a--;
    while (b + 1 < line->count && hypot(p[b].x - p[i].x, p[b].y - p[i].y) < reach)
        b++;
    double dx = p[b].x - p[a].x, dy = p[b].y - p[a].y, length = hypot(dx, dy);
    return length > 0 ? (struct point){-dy / length, dx / length} : (struct point){0, 0};
}

static bool has_width(const struct stria *stria, size_t i)
{
    return stria->half_width && isfinite(stria->half_width[i]);
}

striae_status edge_next(const struct stria *stria, int side, size_t *at, struct polyline *run,
                        striae_error *error)
{
    const struct polyline *line = &stria->centreline;
    run->count = 0;
    while (*at < line->count && !has_width(stria, *at))
        (*at)++;
    for (; *at < line->count && has_width(stria, *at); (*at)++) {
        double half = stria->half_width[*at];
        struct point n = normal_at(line, *at, fmax(5, 2 * half));
        striae_status status = polyline_append(run, line->points[*at].x + side * half * n.x,
                                               line->points[*at].y + side * half * n.y, error);
        if (status != STRIAE_OK)
            return status;
    }
    return STRIAE_OK;
}

/* ---- numbers ---- */

struct box {
    double left, top, right, bottom;
};

static double overlap(struct box a, struct box b)
{
    double w = fmin(a.right, b.right) - fmax(a.left, b.left);
    double h = fmin(a.bottom, b.bottom) - fmax(a.top, b.top);
    return w > 0 && h > 0 ? w * h : 0;
}

static struct box box_around(struct point centre, int number, double height)
{
    double w = number_width(number, height) / 2 + height / 3, h = height * 0.8;
    return (struct box){centre.x - w, centre.y - h, centre.x + w, centre.y + h};
}

static double typical_half_width(const struct stria *stria)
{
    double sum = 0;
    size_t count = 0;
    for (size_t i = 0; i < stria->centreline.count; i++) {
        if (has_width(stria, i)) {
            sum += stria->half_width[i];
            count++;
        }
    }
    return count ? sum / (double)count : 0;
}

/* Part of the box, 0..1, that lies on a stria, from a 7 x 5 grid of samples. */
static double on_striae(const struct session *session, struct box box)
{
    const struct labels *labels = &session->labels;
    int hits = 0;
    for (int k = 0; labels->data && k < 35; k++) {
        double x = box.left + (box.right - box.left) * (k % 7) / 6;
        double y = box.top + (box.bottom - box.top) * (k / 7) / 4;
        if (x >= 0 && y >= 0 && x < labels->width && y < labels->height)
            hits += labels->data[(size_t)y * (size_t)labels->width + (size_t)x] != 0;
    }
    return hits / 35.0;
}

/* What speaks against a place: numbers or striae under it, and being partly outside the picture. */
static double badness(const struct session *session, size_t index, double height,
                      const struct point *places, struct point place)
{
    struct box box = box_around(place, session->striae[index].id, height);
    struct box whole = {0, 0, session->width, session->height};
    double area = (box.right - box.left) * (box.bottom - box.top);
    double sum = 2 * (area - overlap(box, whole)) + area * on_striae(session, box);
    for (size_t i = 0; i < index; i++)
        sum += overlap(box, box_around(places[i], session->striae[i].id, height));
    return sum;
}

static struct point number_place(const struct session *session, size_t index, double height,
                                 const struct point *places)
{
    static const double along[] = {0.5, 0.35, 0.65, 0.2, 0.8, 0.05, 0.95};
    const struct stria *stria = &session->striae[index];
    const struct polyline *line = &stria->centreline;
    struct point best = {0, 0};
    double least = INFINITY;
    if (!line->count)
        return best;
    double half = typical_half_width(stria);
    for (size_t k = 0; k < 2 * sizeof along / sizeof *along; k++) {
        size_t i = (size_t)(along[k / 2] * (double)(line->count - 1) + 0.5);
        struct point n = normal_at(line, i, fmax(5, 2 * half));
        /* far enough for the text's box, which is wider than high */
        double text = fabs(n.x) * number_width(stria->id, height) / 2 + fabs(n.y) * height / 2;
        double off = (k % 2 ? -1 : 1) * (half + text + height * 0.55);
        struct point place = {line->points[i].x + off * n.x, line->points[i].y + off * n.y};
        double bad = badness(session, index, height, places, place);
        if (bad < least) {
            least = bad;
            best = place;
        }
    }
    return best;
}

void number_places(const struct session *session, double height, struct point *places)
{
    for (size_t i = 0; i < session->stria_count; i++)
        places[i] = number_place(session, i, height, places);
}

/* ---- fewer points ---- */

static double offset(struct point p, struct point a, struct point b)
{
    double dx = b.x - a.x, dy = b.y - a.y, length = hypot(dx, dy);
    if (!(length > 0))
        return hypot(p.x - a.x, p.y - a.y);
    return fabs((p.x - a.x) * dy - (p.y - a.y) * dx) / length;
}

/* keep[i] for all points needed; `stack` holds pairs still to be looked at, 2*count entries. */
static void mark_kept(const struct polyline *line, double tolerance, bool *keep, size_t *stack)
{
    size_t depth = 0;
    keep[0] = keep[line->count - 1] = true;
    stack[depth++] = 0;
    stack[depth++] = line->count - 1;
    while (depth) {
        size_t last = stack[--depth], first = stack[--depth], worst = first;
        double most = tolerance;
        for (size_t i = first + 1; i < last; i++) {
            double d = offset(line->points[i], line->points[first], line->points[last]);
            if (d > most) {
                most = d;
                worst = i;
            }
        }
        if (worst == first)
            continue;
        keep[worst] = true;
        stack[depth++] = first;
        stack[depth++] = worst;
        stack[depth++] = worst;
        stack[depth++] = last;
    }
}

striae_status line_simplify(const struct polyline *line, double tolerance, struct polyline *out,
                            striae_error *error)
{
    striae_status status = STRIAE_OK;
    out->count = 0;
    if (!line->count)
        return STRIAE_OK;
    bool *keep = calloc(line->count, sizeof *keep);
    /* every entry on the stack is a separate stretch, so that 2 per point are enough */
    size_t *stack = calloc(line->count + 1, 2 * sizeof *stack);
    if (!keep || !stack) {
        status = fail_memory(error);
        goto done;
    }
    mark_kept(line, tolerance, keep, stack);
    for (size_t i = 0; i < line->count && status == STRIAE_OK; i++)
        if (keep[i])
            status = polyline_append(out, line->points[i].x, line->points[i].y, error);
done:
    free(keep);
    free(stack);
    return status;
}
