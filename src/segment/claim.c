#include "segment/claim.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PI          3.14159265358979323846
#define REACH       0.9 /* widths from the path */
#define REACH_FLOOR 2.5 /* px */
#define BESIDE      1.1 /* widths from the path, where a counterpart's line would be */
#define DIRECTIONS  2   /* steps of direction that two lines along each other may differ by */
#define PALE        0x80

striae_status claims_init(struct claims *claims, int width, int height, striae_error *error)
{
    return mask_init(&claims->by, width, height, error);
}

void claims_free(struct claims *claims)
{
    mask_free(&claims->by);
}

static int direction_of(double angle)
{
    int d = (int)lround(angle * DIRECTION_COUNT / PI) % DIRECTION_COUNT;
    return d < 0 ? d + DIRECTION_COUNT : d;
}

static bool is_pale(const struct trace *trace)
{
    return trace->hue.shade < 0;
}

/* Pixels to either side of the middle, `up` rows from it, that a disc covers; -1 = none. */
static int half_chord(double reach, int up)
{
    int half = (int)sqrt(fmax(reach * reach - (double)up * up, 0));
    while (hypot(half + 1, up) <= reach)
        half++;
    while (half >= 0 && hypot(half, up) > reach)
        half--;
    return half;
}

static void mark_row(struct claims *claims, int y, int left, int right, int mark)
{
    int last = claims->by.width - 1;
    left = left > 0 ? left : 0;
    right = right < last ? right : last;
    if (y >= 0 && y < claims->by.height && left <= right)
        memset(mask_row(&claims->by, y) + left, mark, (size_t)(right - left + 1));
}

void claims_add(struct claims *claims, const struct trace *trace)
{
    double reach = fmax(REACH_FLOOR, REACH * trace->width);
    int r = (int)ceil(reach);
    for (size_t i = 0; i < trace->path.count; i++) {
        int cx = (int)lround(trace->path.points[i].x), cy = (int)lround(trace->path.points[i].y);
        int mark =
            (direction_of(polyline_tangent(&trace->path, i)) + 1) | (is_pale(trace) ? PALE : 0);
        for (int up = -r; up <= r; up++) {
            int half = half_chord(reach, up);
            mark_row(claims, cy + up, cx - half, cx + half, mark);
        }
    }
}

static int mark_at(const struct claims *claims, double x, double y)
{
    int ix = (int)lround(x), iy = (int)lround(y);
    bool inside = ix >= 0 && iy >= 0 && ix < claims->by.width && iy < claims->by.height;
    return inside ? mask_row(&claims->by, iy)[ix] : 0;
}

bool claims_any(const struct claims *claims, double x, double y)
{
    return mark_at(claims, x, y) != 0;
}

bool claims_along(const struct claims *claims, double x, double y, double angle)
{
    int by = mark_at(claims, x, y) & ~PALE;
    if (!by)
        return false;
    int apart = abs(by - 1 - direction_of(angle));
    return (apart < DIRECTION_COUNT - apart ? apart : DIRECTION_COUNT - apart) <= DIRECTIONS;
}

double claims_shared(const struct claims *claims, const struct polyline *path)
{
    size_t shared = 0;
    for (size_t i = 0; i < path->count; i++)
        shared += claims_any(claims, path->points[i].x, path->points[i].y);
    return (double)shared / (double)path->count;
}

bool claims_counterpart(const struct claims *claims, const struct trace *trace)
{
    size_t counted = 0;
    bool pale = is_pale(trace);
    for (size_t i = 0; i < trace->path.count; i++) {
        double angle = polyline_tangent(&trace->path, i), reach = BESIDE * trace->width;
        double dx = -reach * sin(angle), dy = reach * cos(angle);
        struct point at = trace->path.points[i];
        int left = mark_at(claims, at.x + dx, at.y + dy);
        int right = mark_at(claims, at.x - dx, at.y - dy);
        counted += (left && right) || (left && ((left & PALE) != 0) != pale) ||
                   (right && ((right & PALE) != 0) != pale);
    }
    return 2 * counted > trace->path.count;
}
