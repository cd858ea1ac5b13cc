/* Pieces of one stria joined across gaps. */
#ifndef STRIAE_SEGMENT_LINK_H
#define STRIAE_SEGMENT_LINK_H

#include "segment/trace.h"

/* Joins lines that go on in each other: ends that face each other over a short gap, run on the same
 * way, look alike, and with something of a line to be seen between them. The better joint first;
 * an end is joined once. A joined line has the probability of its surest piece. Lines keep their
 * order, each joined one at the place of its first piece. MEMORY. */
striae_status link_lines(const struct evidence *evidence, struct trace_list *list,
                         striae_error *error);

#endif
