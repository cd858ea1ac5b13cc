/* Which striae of two sessions are the same, and over which stretches. Private to measure/. */
#ifndef STRIAE_MEASURE_MATCH_H
#define STRIAE_MEASURE_MATCH_H

#include "measure/trace.h"

struct match_side {
    const struct measure_photo *photo;
    const struct trace *traces;
    size_t count;
    const struct warp *map; /* to the other side */
};

/* What is known of one trace. */
struct match_trace {
    size_t component; /* equal for striae that belong together, on either side */
    bool *seen;       /* per point: its place is skin inside the other photo; owned */
    bool *common;     /* per point: its width is known, and that of a stria of its component
                         beside it in the other photo; owned */
    double seen_length, common_length; /* px */
};

struct matching {
    size_t count[2];
    struct match_trace *trace[2]; /* [0] first session, [1] later; owned */
};

/* Which belong together is told from the lines as they were found, which stretches are common from
 * the points that were measured in both photos (so that a change never compares one stretch of a
 * stria with another). Two striae belong together where each is, of all striae of its session, the
 * one that runs nearest along the other, over at least half of the shorter one: within
 * max(half its width, 3 px, 3 x alignment error) and in nearly the same direction. Belonging is
 * passed on (connected components): one that split is nearest to both its parts, each over its own
 * stretch. */
striae_status match_sessions(const struct match_side *first, const struct match_side *later,
                             struct matching *matching, striae_error *error);
void matching_free(struct matching *matching);

/* Root of a union-find forest, and joining two. parent[i] <= i always. */
size_t forest_root(const size_t *parent, size_t i);
void forest_join(size_t *parent, size_t a, size_t b);

#endif
