/* The steps of a repeatability study; the public ones are in study.h. */
#ifndef STRIAE_STUDY_REPEAT_H
#define STRIAE_STUDY_REPEAT_H

#include "study/study.h"

/* Stria-level differences, collected while the targets are compared. */
struct repeat_striae {
    double squares, freedom; /* of each stria about its mean, all striae together */
    size_t count;            /* striae */
};

/* One target on its way: the photos that are still part of it. */
struct repeat_run {
    struct repeat *repeat;
    struct repeat_target *target;
    size_t count;
    size_t *photos;     /* indices; owned */
    const char **paths; /* borrowed strings; owned array */
    double *scales;     /* owned */
    striae_options options;
};

/* Every later value is that of the first photo plus the difference that the two photos show over
 * the skin and striae they share: so the photos differ by just what `compare` would report.
 * counts[i]: the photo i of the run was lined up with the first. */
void repeat_take_values(struct repeat_run *run, const striae_result *result, const bool *counts);
/* Adds the spread of every stria that all these photos show; striae[m] in the order of metrics. */
void repeat_take_striae(const struct repeat_run *run, const striae_result *result,
                        const bool *counts, struct repeat_striae *striae);

/* "ok", "refused", ... Static. */
const char *repeat_status_name(enum repeat_status status);

/* Name and unit of a metric, in the order of repeat.metric. */
void repeat_metric_define(size_t index, bool has_scale, struct repeat_metric *metric);

/* Computes every figure of repeat->metric out of the photos' values. MEMORY. */
striae_status repeat_compute(struct repeat *repeat,
                             const struct repeat_striae striae[REPEAT_METRICS],
                             striae_error *error);

#endif
