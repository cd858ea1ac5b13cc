#include "measure/paint.h"

#include <math.h>

static struct point edge(const struct trace_point *p, double offset)
{
    return (struct point){p->at.x + offset * p->normal.x, p->at.y + offset * p->normal.y};
}

/* Twice the signed area of a, b and (x,y). */
static double turn(const struct point *a, const struct point *b, double x, double y)
{
    return (b->x - a->x) * (y - a->y) - (b->y - a->y) * (x - a->x);
}

static bool in_triangle(const struct point *a, const struct point *b, const struct point *c,
                        double x, double y)
{
    double u = turn(a, b, x, y), v = turn(b, c, x, y), w = turn(c, a, x, y);
    return (u >= 0 && v >= 0 && w >= 0) || (u <= 0 && v <= 0 && w <= 0);
}

/* Paints the quadrilateral between two neighbouring points' edges, as two triangles. */
static void paint_piece(struct trace_point *from, const struct trace_point *to, uint16_t id,
                        struct labels *labels)
{
    struct point q[4] = {edge(from, from->left), edge(from, from->right), edge(to, to->right),
                         edge(to, to->left)};
    double left = INFINITY, top = INFINITY, right = -INFINITY, bottom = -INFINITY;
    for (int k = 0; k < 4; k++) {
        left = fmin(left, q[k].x);
        right = fmax(right, q[k].x);
        top = fmin(top, q[k].y);
        bottom = fmax(bottom, q[k].y);
    }
    int x0 = (int)fmax(0, ceil(left)), x1 = (int)fmin(labels->width - 1, floor(right));
    int y0 = (int)fmax(0, ceil(top)), y1 = (int)fmin(labels->height - 1, floor(bottom));
    for (int y = y0; y <= y1; y++)
        for (int x = x0; x <= x1; x++) {
            uint16_t *cell = &labels->data[(size_t)y * (size_t)labels->width + (size_t)x];
            if (*cell == id ||
                !(in_triangle(&q[0], &q[1], &q[2], x, y) || in_triangle(&q[0], &q[2], &q[3], x, y)))
                continue;
            if (*cell)
                from->overlap += 1;
            *cell = id;
        }
}

void paint_trace(struct trace *trace, struct labels *labels)
{
    for (size_t i = 0; i + 1 < trace->count; i++)
        if (!isnan(trace->points[i].left) && !isnan(trace->points[i + 1].left))
            paint_piece(&trace->points[i], &trace->points[i + 1], (uint16_t)trace->id, labels);
}
