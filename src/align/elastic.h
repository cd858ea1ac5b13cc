/* The elastic stage: moves a coarse map until the skin's own pattern coincides. */
#ifndef STRIAE_ALIGN_ELASTIC_H
#define STRIAE_ALIGN_ELASTIC_H

#include "align/bands.h"
#include "align/lattice.h"
#include "align/prominence.h"

/* What is known at each node of the finished map, columns*rows each, owned. */
struct elastic {
    struct lattice map;
    double agreement;    /* mean of correlation over what was compared; 0 when nothing was */
    double *error;       /* estimated standard deviation of a coordinate, px; INFINITY: nothing */
    double *correlation; /* of the two photos around the node, -1..1, over channels and octaves */
    double *seen;        /* share of the pixels around the node that were compared, 0..1 */
    double *prominence;  /* PROMINENCE_OCTAVES times as many: prominence.h */
};

/* Below it a place is no better than others near it. Of 9260 landmarks of 42 rendered pairs, 99 in
 * 100 of those that lay within 1 px had more, of those off by more than 3 px 3 in 100. */
#define ELASTIC_LEAST_PROMINENCE 2.0

/* Of a node, in the two finest octaves together: what tells right from wrong best. */
static inline double elastic_prominence(const struct elastic *elastic, size_t node)
{
    size_t count = (size_t)elastic->map.columns * (size_t)elastic->map.rows;
    return elastic->prominence[node] + elastic->prominence[count + node];
}

/* `start` maps working px of the first onto working px of the later photo; anchors are point
 * measurements that hold it where coarse octaves, which other light changes most, would mislead. */
striae_status elastic_refine(const struct bands *first, const struct bands *later,
                             const struct lattice *start, const struct datum *anchors,
                             size_t anchor_count, int threads, struct elastic *elastic,
                             striae_error *error);
void elastic_free(struct elastic *elastic);

#endif
