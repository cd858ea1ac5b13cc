/* Which places belong to lines found so far. */
#ifndef STRIAE_SEGMENT_CLAIM_H
#define STRIAE_SEGMENT_CLAIM_H

#include "segment/trace.h"

struct claims {
    struct mask by; /* 0 = nobody, else direction + 1 of the line, and a bit for a pale one */
};

striae_status claims_init(struct claims *claims, int width, int height, striae_error *error);
void claims_free(struct claims *claims);

/* The line takes what lies within 0.9 of its width (at least 2.5 px) of its path. */
void claims_add(struct claims *claims, const struct trace *trace);

/* Whether any line has (x,y). */
bool claims_any(const struct claims *claims, double x, double y);

/* Whether a line that runs within 30 degrees of `angle` has (x,y). */
bool claims_along(const struct claims *claims, double x, double y, double angle);

/* Share of the path that runs over other lines. */
double claims_shared(const struct claims *claims, const struct polyline *path);

/* Whether most of the line runs between others, or beside one of the other polarity: next to a pale
 * stria skin looks dark, next to a red one pale. */
bool claims_counterpart(const struct claims *claims, const struct trace *trace);

#endif
