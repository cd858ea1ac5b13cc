/* A stria under measurement in one photo: its centreline at equal steps, and all that is known at
 * each of its points. Private to measure/. */
#ifndef STRIAE_MEASURE_TRACE_H
#define STRIAE_MEASURE_TRACE_H

#include "base/found.h"
#include "base/image.h"
#include "measure/measure.h"

#define TRACE_STEP 1.0 /* px between neighbouring points, nearly */

struct trace_point {
    struct point at, normal; /* px; unit normal, to the left of the way the line runs (x right, y
                                down: (t.y, -t.x)) */
    bool valid;              /* left .. height were fitted here, not interpolated */
    double left, right;      /* half-height edges: offsets along the normal, px, left < right; NaN
                                where the trace has no valid point at all */
    double error;            /* standard error of the width, px */
    double height;           /* mixed contrast of the stria over its surroundings */
    double soft;             /* softness of the edges as the photo shows them, px */
    double inner;            /* share of the stria's contrast between its edges, 0..1 */
    double contrast[3];      /* density of the stria less the adjacent skin; NaN = unknown */
    double rough[2];         /* band-passed roughness, mean square: inside, beside; NaN = unknown */
    double across, along;    /* unit per px, across and along the stria (stretch corrected) */
    double overlap; /* px^2 at this point that an earlier stria of the session covers too */
};

struct trace {
    size_t session, found; /* photo, index in its found list */
    size_t group;          /* striae of all sessions that belong together share a group */
    int id;                /* 1.. in the session's list; 0 before it is given */
    double rough_width;    /* px, as found */
    double probability;
    struct polyline line; /* as found, in TRACE_STEP steps; owned */
    double span;          /* px along the line that one profile is averaged over */
    double correlation;   /* px along the line beyond which widths are independent */
    bool dropped;         /* no stria after all */
    double fitted;        /* share of what is seen of the line that has the profile of a stria */
    size_t count;
    struct trace_point *points; /* owned */
};

/* Smooths the found centreline, extends it by `extension` px at both ends and sets points, normals
 * and nothing else. */
striae_status trace_init(const struct found_stria *found, double extension, struct trace *trace,
                         striae_error *error);
void trace_free(struct trace *trace);
/* Moves each point by shift[i] px along its normal, and sets the points and normals anew. */
striae_status trace_shift(struct trace *trace, const double *shift, striae_error *error);
/* Keeps points [begin, end) only. */
void trace_crop(struct trace *trace, size_t begin, size_t end);
/* Length of the line between the middles of the neighbouring segments, px. */
double trace_piece(const struct trace *trace, size_t i);
static inline double trace_width(const struct trace_point *point)
{
    return point->right - point->left;
}

/* values smoothed along the line by a Gaussian of sigma points; ends reflected through the end
 * value, so that a linear course stays as it is. In place. NaN-free input. */
striae_status smooth_along(double *values, size_t count, double sigma, striae_error *error);

/* Which stria covers a pixel: 0 none, 1 + index of the trace, OWNER_MANY where several do. */
#define OWNER_MANY 0xFFFF
/* Marks the pixels within reach of each trace's centreline; the reach is half its width (fitted
 * where known) times `factor` plus `margin` px. *owner is initialised here. */
striae_status owner_map(const struct trace *traces, size_t count, double factor, double margin,
                        int width, int height, struct labels *owner, striae_error *error);

#endif
