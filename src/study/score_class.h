/* Counts striae by classes of width and of contrast. */
#ifndef STRIAE_STUDY_SCORE_CLASS_H
#define STRIAE_STUDY_SCORE_CLASS_H

#include "study/overlap.h"
#include "study/score.h"

#include <jansson.h>

/* Counts the true striae of a session of truth.json into score->classes: those that `overlap` has
 * by their ids. Width: width_mean_mm times px_per_mm; contrast: of dL, da, db. */
void score_class_truth(const json_t *session, double px_per_mm, const struct overlap *overlap,
                       struct score_session *score);

/* Counts the found striae of a session of the result likewise; their ids in `overlap` are their
 * indices + 1, as in the labels. */
void score_class_found(const striae_result *result, size_t session, double px_per_mm,
                       const struct overlap *overlap, struct score_session *score);

/* sum += classes. */
void score_class_add(struct score_class sum[SCORE_BY_COUNT][SCORE_CLASSES],
                     const struct score_class classes[SCORE_BY_COUNT][SCORE_CLASSES]);

#endif
