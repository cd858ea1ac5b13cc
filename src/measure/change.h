/* What changed between the first session and a later one. Private to measure/. */
#ifndef STRIAE_MEASURE_CHANGE_H
#define STRIAE_MEASURE_CHANGE_H

#include "measure/match.h"
#include "measure/sums.h"

struct change_side {
    const struct trace *traces;
    size_t count;
    const struct sums_context *context;
};

/* Fills in rows, row_count and total of *change. has_scale: both sides are in mm. own: minimal
 * detectable changes to judge by, NULL = those built in. Rows come in the
 * order of the first session's ids, then new striae in the order of theirs. A stria of which less
 * than half is seen in the other photo and that has no counterpart there gets no row. */
striae_status change_measure(const struct change_side *first, const struct change_side *later,
                             const struct matching *matching, bool has_scale,
                             const struct measure_detectable *own, struct change *change,
                             striae_error *error);

/* All rows and totals unknown with a reason (there are no rows). */
void change_unknown(const char *reason, struct change *change);

#endif
