/* The lines of long.csv: one measured number or change each. */
#ifndef STRIAE_STUDY_ROWS_H
#define STRIAE_STUDY_ROWS_H

#include "study/csv.h"
#include "study/study.h"

/* The header line. */
void rows_header(struct csv *csv);
/* Every number of a result. inputs[i] is the photo of the result's session i.
 * Metric NAME: the value in that session; metric NAME_change: later less first, with percent and
 * verdict. */
void rows_of_result(struct csv *csv, const struct study *study, const size_t *inputs,
                    const striae_result *result);
/* The one line of a comparison that was not made: no metric, the reason only. */
void rows_of_failure(struct csv *csv, const struct study *study, size_t first, size_t later,
                     const char *reason);

#endif
