/* What all ways to grow a map share. */
#ifndef STRIAE_ALIGN_GROWING_H
#define STRIAE_ALIGN_GROWING_H

#include "align/grow.h"

#define GROW_REACH 4   /* px searched around a prediction */
#define GROW_Z     3.5 /* standard deviations over chance that place a node */
#define GROW_RIDGE 2.0 /* nodes^2: how firmly a prediction keeps the hypothesis' own derivative */

struct growing {
    const struct patch_pair *pair;
    double affine[6]; /* the hypothesis */
    struct grown *grown;
    int *list; /* nodes to try in this round */
    struct patch_peak *peaks;
    bool *found;
};

/* MEMORY; freed with growing_free, grown with grown_free, both also after a failure. */
striae_status growing_init(struct growing *growing, const struct patch_pair *pair,
                           const double affine[6], struct grown *grown, striae_error *error);
/* The same, to go on with what has grown. */
striae_status growing_resume(struct growing *growing, const struct patch_pair *pair,
                             struct grown *grown, striae_error *error);
void growing_free(struct growing *growing);

/* Whether skin could be bent so: m, row by row, against the hypothesis. A growth by chance follows
 * whatever correlates best and ends in maps that magnify one spot. */
bool growing_plausible(const double affine[6], const double m[4]);
/* Weighted affine fit to the placed nodes around node (i,j), itself left out, held towards the
 * hypothesis where they are few. false when none is placed, or not plausible. */
bool growing_predict(const struct grown *grown, const double affine[6], int i, int j,
                     struct patch_guess *guess);
/* What the hypothesis alone says. */
struct patch_guess growing_guess(const double affine[6], int i, int j);
/* Placed neighbours, of 8. */
int growing_beside(const struct grown *grown, int node);

void growing_place(struct grown *grown, int node, const struct patch_peak *peak);
/* Tries what lies beside placed nodes, until nothing more is found. */
void growing_rounds(struct growing *growing, int threads);
/* Takes back what its neighbours speak against. */
void growing_weed(struct growing *growing);
/* Sets affine, common and evidence. */
void growing_sum_up(const struct growing *growing);

#endif
