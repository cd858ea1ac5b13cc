/* Straight lines as segment/ follows them. */
#ifndef STRIAE_TEST_SEGMENT_LINE_H
#define STRIAE_TEST_SEGMENT_LINE_H

#include "segment/trace.h"

#include <math.h>
#include <stdlib.h>

static const struct hue red_hue = {0.06, 0.05, 0}, pale_hue = {-0.06, -0.02, 0};

/* Appends one of `length` px from (x,y) on; like: all of it but the path. */
static void add_straight(struct trace_list *list, double x, double y, double angle, int length,
                         struct trace like)
{
    striae_error error;
    for (int i = 0; i <= length; i++)
        assert_int_equal(
            polyline_append(&like.path, x + i * cos(angle), y + i * sin(angle), &error), STRIAE_OK);
    list->traces = reallocarray(list->traces, list->count + 1, sizeof *list->traces);
    assert_non_null(list->traces);
    list->traces[list->count++] = like;
    list->capacity = list->count;
}

#endif
