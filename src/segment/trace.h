/* Lines followed through the evidence. */
#ifndef STRIAE_SEGMENT_TRACE_H
#define STRIAE_SEGMENT_TRACE_H

#include "base/found.h"
#include "segment/evidence.h"
#include "segment/hue.h"

/* A line in working px. */
struct trace {
    struct polyline path; /* about 1 px between points */
    double strength;      /* of the filters alone, median along the path */
    double support;       /* of the network alone, likewise */
    double width;         /* median, working px */
    struct hue hue;
    double contrast[CHANNEL_COUNT]; /* of the normalised channels */
    double glare, border;           /* shares of the path; setting.h */
    bool hinted;                    /* another session shows it */
    double probability;             /* 0..1 that it is a stria; set by judge_lines */
};

struct trace_list {
    size_t count, capacity;
    struct trace *traces;
};

/* Candidates, whatever their colour: follows the hints first (working px), then everything that
 * stands out by itself. Where lines run on each other the stronger one has the place. MEMORY. */
striae_status trace_lines(const struct evidence *evidence, const struct channels *channels,
                          const struct found_stria *hints, size_t hint_count,
                          struct trace_list *list, striae_error *error);
void trace_list_free(struct trace_list *list);

#endif
