/* Striae of two sessions drawn into one photo, and how near they run to each other. Private to
 * measure/. */
#ifndef STRIAE_MEASURE_COURSE_H
#define STRIAE_MEASURE_COURSE_H

#include "base/warp.h"
#include "measure/trace.h"

/* A point of a line in the first photo. */
struct place {
    double x, y;   /* px; NaN = not known there */
    double tx, ty; /* unit direction; NaN where unknown */
    double reach;  /* px: as near as that the same stria may run in the other session */
};

struct course {
    size_t count;
    struct place *place; /* owned */
    double box[4];       /* left, top, right, bottom of the known places */
    double step;         /* largest distance of neighbouring places, px */
    double reach;        /* largest of all places */
};

/* The line of a trace: as it was found, or as it was measured (place i is point i, known where its
 * width was fitted). map: to the
 * first photo; NULL = it is of that photo. reach = max(half its width, 3 px, 3 x the map's error).
 * Free with course_free. */
striae_status course_init(const struct trace *trace, bool as_found, const struct warp *map,
                          struct course *course, striae_error *error);
void course_free(struct course *course);

/* Whether no place of one can be within reach of the other. */
bool courses_apart(const struct course *a, const struct course *b);

/* For each STRIDE-th place of a: the distance of the nearest place of b that it runs along (within
 * reach, and in nearly the same direction); INFINITY where there is none. */
#define COURSE_STRIDE 2
void course_along(const struct course *a, const struct course *b, double *distance);

#endif
