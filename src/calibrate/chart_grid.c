/* A regular grid among spots. */
#include "calibrate/chart.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NEIGHBOURS   8
#define MOST_AREA    1.6  /* of the sides of neighbouring patches */
#define LEAST_STEP   0.95 /* of a patch's side, to the next one */
#define MOST_STEP    2.4
#define OFF          0.22 /* of a step, that a patch may be beside its place */
#define MOST_MEMBERS 48   /* of a grid: more is no chart of 24 */

/* The spot next to (x,y) within `reach`, not yet used; -1 = none. */
static int spot_near(const struct chart_spots *spots, double x, double y, double reach, double side)
{
    int best = -1;
    for (size_t i = 0; i < spots->count; i++) {
        const struct chart_spot *s = &spots->spot[i];
        double d = hypot(s->x - x, s->y - y);
        if (s->used || d > reach || s->side > MOST_AREA * side || side > MOST_AREA * s->side)
            continue;
        best = (int)i;
        reach = d;
    }
    return best;
}

struct grid {
    const struct chart_spot *spot[MOST_MEMBERS];
    size_t count;
};

/* The step of one place to dc, dr at this spot: as between the nearest members, else the first. */
static void step_at(const struct grid *grid, const struct chart_spot *from, int dc, int dr,
                    const double first[2], double step[2])
{
    double best = INFINITY;
    memcpy(step, first, 2 * sizeof *step);
    for (size_t i = 0; i < grid->count; i++)
        for (size_t j = 0; j < grid->count; j++) {
            const struct chart_spot *a = grid->spot[i], *b = grid->spot[j];
            double d = hypot(a->x - from->x, a->y - from->y);
            if (b->column - a->column != dc || b->row - a->row != dr || d >= best)
                continue;
            best = d;
            step[0] = b->x - a->x;
            step[1] = b->y - a->y;
        }
}

/* Grows the grid from spot `seed` by the steps a (to the right) and b (down). */
static size_t grow(struct chart_spots *spots, size_t seed, const double a[2], const double b[2])
{
    static const int way[4][2] = {{1, 0}, {-1, 0}, {0, 1}, {0, -1}};
    struct grid grid = {.spot = {&spots->spot[seed]}, .count = 1};
    for (size_t i = 0; i < spots->count; i++)
        spots->spot[i].used = false;
    spots->spot[seed].used = true;
    spots->spot[seed].column = spots->spot[seed].row = 0;
    for (size_t i = 0; i < grid.count; i++)
        for (int k = 0; k < 4 && grid.count < MOST_MEMBERS; k++) {
            const struct chart_spot *from = grid.spot[i];
            double first[2], step[2];
            for (int c = 0; c < 2; c++)
                first[c] = way[k][0] * a[c] + way[k][1] * b[c];
            step_at(&grid, from, way[k][0], way[k][1], first, step);
            int next = spot_near(spots, from->x + step[0], from->y + step[1],
                                 OFF * hypot(step[0], step[1]), from->side);
            if (next < 0)
                continue;
            struct chart_spot *to = &spots->spot[next];
            to->used = true;
            to->column = from->column + way[k][0];
            to->row = from->row + way[k][1];
            grid.spot[grid.count++] = to;
        }
    return grid.count;
}

/* Some of the spots around this one. */
static int neighbours(const struct chart_spots *spots, size_t seed, size_t near[NEIGHBOURS])
{
    const struct chart_spot *s = &spots->spot[seed];
    int count = 0;
    for (size_t i = 0; i < spots->count; i++) {
        const struct chart_spot *t = &spots->spot[i];
        double d = hypot(t->x - s->x, t->y - s->y);
        if (i == seed || d < LEAST_STEP * s->side || d > MOST_STEP * s->side ||
            t->side > MOST_AREA * s->side || s->side > MOST_AREA * t->side)
            continue;
        if (count < NEIGHBOURS)
            near[count++] = i;
    }
    return count;
}

size_t chart_find_grid(struct chart_spots *spots)
{
    size_t best = 0, best_seed = 0;
    double best_a[2] = {0}, best_b[2] = {0};
    for (size_t seed = 0; seed < spots->count && best < MOST_MEMBERS; seed++) {
        size_t near[NEIGHBOURS];
        const struct chart_spot *s = &spots->spot[seed];
        int count = neighbours(spots, seed, near);
        for (int j = 0; j < count; j++)
            for (int k = 0; k < count; k++) {
                const struct chart_spot *t = &spots->spot[near[j]], *u = &spots->spot[near[k]];
                double a[2] = {t->x - s->x, t->y - s->y}, b[2] = {u->x - s->x, u->y - s->y};
                double cross = a[0] * b[1] - a[1] * b[0], la = hypot(a[0], a[1]),
                       lb = hypot(b[0], b[1]);
                if (cross < 0.8 * la * lb || la > 2 * lb || lb > 2 * la)
                    continue;
                size_t found = grow(spots, seed, a, b);
                if (found > best) {
                    best = found;
                    best_seed = seed;
                    memcpy(best_a, a, sizeof a);
                    memcpy(best_b, b, sizeof b);
                }
            }
    }
    return best ? grow(spots, best_seed, best_a, best_b) : 0;
}
