/* How sure a finished map is, place by place. */
#ifndef STRIAE_ALIGN_CERTAINTY_H
#define STRIAE_ALIGN_CERTAINTY_H

#include "align/elastic.h"

#define CERTAINTY_OCTAVES 3
#define VIEWS             (CERTAINTY_OCTAVES * BAND_CHANNELS) /* octaves and channels compared */

/* What one view, or all together, say at one node of the lattice, in level 0 px. */
struct node {
    double xx, xy, yy; /* information, 1/px^2 */
    double x, y;       /* its gradient: information times the move asked for */
    double rho, rho_weight;
    double seen;
};

/* Fills elastic->error, correlation, seen and agreement. nodes: of all views together; views:
 * VIEWS arrays of as many nodes, each by itself (all zero where a view was not there).
 *
 * A thin plate of stiffness S over measurements of information density e (per px^2) has the
 * posterior variance 1/(8 sqrt(e S)), the integral of 1/(e + S k^4) over all wave vectors. That
 * holds for errors that are independent from place to place. What other light does to the relief is
 * not: but it moves the views (octaves, density against colour) by different amounts. So the
 * variance is multiplied by how much more the views disagree, over a neighbourhood, than their own
 * information allows (a chi-squared over its degrees of freedom). */
striae_status certainty(const struct node *nodes, const struct node *views, double stiffness,
                        struct elastic *elastic, striae_error *error);

#endif
