/* Which of the candidate lines are striae. */
#ifndef STRIAE_SEGMENT_JUDGE_H
#define STRIAE_SEGMENT_JUDGE_H

#include "base/found.h"
#include "segment/trace.h"

/* Gives every line its probability, drops those under `least` and those that only repeat or mirror
 * a more probable one, and leaves the others in *list, most probable first. *missed: what those
 * under `least` may add, working px. width, height: of the working picture. MEMORY. */
striae_status judge_lines(struct trace_list *list, int width, int height, double least,
                          struct found_doubt *missed, striae_error *error);

#endif
