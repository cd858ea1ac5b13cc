/* Lines followed through the evidence. */
#ifndef STRIAE_SEGMENT_TRACE_H
#define STRIAE_SEGMENT_TRACE_H

#include "base/found.h"
#include "segment/evidence.h"

/* A line in working px. */
struct trace {
    struct polyline path; /* about 1 px between points */
    double strength;      /* of the filters alone, median along the path */
    double support;       /* of the network alone, likewise */
    double width;         /* median, working px */
};

struct trace_list {
    size_t count, capacity;
    struct trace *traces;
};

/* Follows the hints first (working px), then everything that stands out by itself, by `slack` less
 * than usual. */
striae_status trace_lines(const struct evidence *evidence, const struct channels *channels,
                          const struct found_stria *hints, size_t hint_count, double slack,
                          struct trace_list *list, striae_error *error);
void trace_list_free(struct trace_list *list);

#endif
