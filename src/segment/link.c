/* From pieces to striae.
 *
 * Lines break where a hair or a crossing hides them, where they are faint, and where their ends are
 * cut by colour. Perceptual grouping joins what continues well (tensor voting: Medioni, Lee and
 * Tang 2000, weighs it by a field of distance and curvature); striae run nearly straight over a
 * gap, so here the gap, the angles, and what is to be seen between decide. Not kept: taking the
 * surest lines out of the picture, filling their places from beside and looking again beneath. It
 * found faint striae that touch strong ones (areas of 12 rendered photos off by 7.2 instead of
 * 7.9 %), but left seams that were taken for striae on real photos (F1 0.70 to 0.727 instead of
 * 0.735). Nor lines carried on beside those they run into, as long as they show on their free side:
 * it mends that in one photo of the 12, and areas are 7.2 % off before and after.
 *
 * With it, against without (6 real photos marked by two persons; lines found for the 136 striae of
 * 12 photos of a generator that is not ours; 2026-11-26):
 *   without                                      F1 0.735   142 lines
 *   directions over 10 px, turns of 30 degrees   F1 0.740   136 lines
 *   directions over 20 px, turns of 36 degrees   F1 0.741   133 lines
 *   directions over 20 px, turns of 45 degrees   F1 0.741   130 lines
 * Gaps of up to 16 px and 4 widths, and asking for half or 1.5 times as much between, change F1 by
 * less than 0.001. */
#include "segment/link.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PI           3.14159265358979323846
#define GAP_FLOOR    10.0     /* px, longest gap of the thinnest line */
#define GAP_WIDTHS   2.5      /* and how much longer it may be, in widths */
#define SLACK        2.0      /* px that an end may lie beside the other's course */
#define TURN_MOST    (PI / 5) /* between two ends, and of either to the gap */
#define WIDTHS_APART 2.5      /* most that one may be wider than the other */
#define ALIKE        0.7      /* cosine between their colours */
#define FIRMNESS     20       /* points over which an end's direction is taken: tips may hook */
#define SEEN         1.0 /* mean evidence over the gap, standard deviations of the skin's texture */

/* One end of a line: where, and the way it goes on. */
struct end {
    struct point at;
    double dx, dy;
    size_t line;
    bool last; /* of the path's points, else the first */
};

struct joint {
    double cost;
    struct end one, other; /* of two lines, in their order in the list */
};

static struct end end_of(const struct trace_list *list, size_t line, bool last)
{
    const struct polyline *path = &list->traces[line].path;
    size_t firm = path->count > FIRMNESS ? FIRMNESS : path->count - 1;
    struct point at = path->points[last ? path->count - 1 : 0];
    struct point inner = path->points[last ? path->count - 1 - firm : firm];
    double length = fmax(hypot(at.x - inner.x, at.y - inner.y), 1e-9);
    return (struct end){at, (at.x - inner.x) / length, (at.y - inner.y) / length, line, last};
}

static bool look_alike(const struct trace *a, const struct trace *b)
{
    double product = a->hue.shade * b->hue.shade + a->hue.red * b->hue.red;
    double size = hypot(a->hue.shade, a->hue.red) * hypot(b->hue.shade, b->hue.red);
    return product > ALIKE * size &&
           fmax(a->width, b->width) < WIDTHS_APART * fmin(a->width, b->width);
}

/* How far ahead of the end a point lies, and how far beside its course. */
static void seen_from(const struct end *end, struct point p, double *ahead, double *beside)
{
    double x = p.x - end->at.x, y = p.y - end->at.y;
    *ahead = x * end->dx + y * end->dy;
    *beside = fabs(x * end->dy - y * end->dx);
}

static double evidence_between(const struct evidence *evidence, struct point a, struct point b)
{
    int steps = (int)ceil(hypot(b.x - a.x, b.y - a.y));
    double angle = atan2(b.y - a.y, b.x - a.x), sum = 0;
    for (int k = 1; k < steps; k++)
        sum += evidence_at(evidence, a.x + (b.x - a.x) * k / steps, a.y + (b.y - a.y) * k / steps,
                           angle, NULL);
    return steps > 1 ? sum / (steps - 1) : INFINITY;
}

/* The cost of joining two ends: 0 = touching and straight on; INFINITY = not. */
static double joint_cost(const struct evidence *evidence, const struct trace_list *list,
                         const struct end *a, const struct end *b)
{
    const struct trace *p = &list->traces[a->line], *q = &list->traces[b->line];
    double gap = hypot(b->at.x - a->at.x, b->at.y - a->at.y);
    double most = GAP_FLOOR + GAP_WIDTHS * fmin(p->width, q->width), ahead[2], beside[2];
    double straight = -(a->dx * b->dx + a->dy * b->dy);
    if (a->line == b->line || gap > most || straight < cos(TURN_MOST) || !look_alike(p, q))
        return INFINITY;
    seen_from(a, b->at, &ahead[0], &beside[0]);
    seen_from(b, a->at, &ahead[1], &beside[1]);
    for (int k = 0; k < 2; k++)
        if (ahead[k] < -SLACK || beside[k] > SLACK + tan(TURN_MOST) * fmax(ahead[k], 0))
            return INFINITY;
    if (evidence_between(evidence, a->at, b->at) < SEEN)
        return INFINITY;
    return gap / most + (beside[0] + beside[1]) / most + (1 - straight);
}

/* Appends `more` behind the path, steps of about a pixel between them. */
static striae_status append_path(struct polyline *path, const struct polyline *more,
                                 striae_error *error)
{
    struct point a = path->points[path->count - 1], b = more->points[0];
    int steps = (int)ceil(hypot(b.x - a.x, b.y - a.y));
    striae_status status = STRIAE_OK;
    for (int k = 1; k < steps && status == STRIAE_OK; k++)
        status = polyline_append(path, a.x + (b.x - a.x) * k / steps, a.y + (b.y - a.y) * k / steps,
                                 error);
    for (size_t i = 0; i < more->count && status == STRIAE_OK; i++)
        status = polyline_append(path, more->points[i].x, more->points[i].y, error);
    return status;
}

/* The other line behind the one, at the ends named; the other's path is left empty. */
static striae_status join(struct trace *one, bool last, struct trace *other, bool other_last,
                          striae_error *error)
{
    double a = (double)one->path.count, b = (double)other->path.count;
    if (!last)
        polyline_reverse(&one->path);
    if (other_last)
        polyline_reverse(&other->path);
    striae_status status = append_path(&one->path, &other->path, error);
    one->strength = (a * one->strength + b * other->strength) / (a + b);
    one->support = (a * one->support + b * other->support) / (a + b);
    one->width = (a * one->width + b * other->width) / (a + b);
    one->hue.shade = (a * one->hue.shade + b * other->hue.shade) / (a + b);
    one->hue.red = (a * one->hue.red + b * other->hue.red) / (a + b);
    one->hue.yellow = (a * one->hue.yellow + b * other->hue.yellow) / (a + b);
    one->hinted = one->hinted && other->hinted;
    one->probability = fmax(one->probability, other->probability);
    polyline_free(&other->path);
    return status;
}

/* The best joint of all, the first of equals; cost INFINITY where there is none. */
static struct joint best_joint(const struct evidence *evidence, const struct trace_list *list)
{
    struct joint best = {.cost = INFINITY};
    for (size_t i = 0; i < 2 * list->count; i++) {
        struct end one = end_of(list, i / 2, i % 2);
        for (size_t k = i + 1; k < 2 * list->count; k++) {
            struct end other = end_of(list, k / 2, k % 2);
            double cost = joint_cost(evidence, list, &one, &other);
            if (cost < best.cost)
                best = (struct joint){cost, one, other};
        }
    }
    return best;
}

striae_status link_lines(const struct evidence *evidence, struct trace_list *list,
                         striae_error *error)
{
    striae_status status = STRIAE_OK;
    while (status == STRIAE_OK) {
        struct joint joint = best_joint(evidence, list);
        if (!isfinite(joint.cost))
            break;
        size_t other = joint.other.line;
        status = join(&list->traces[joint.one.line], joint.one.last, &list->traces[other],
                      joint.other.last, error);
        memmove(list->traces + other, list->traces + other + 1,
                (list->count - other - 1) * sizeof *list->traces);
        list->count--;
    }
    return status;
}
