/* Which photos show the same skin. */
#ifndef STRIAE_STUDY_PAIRING_H
#define STRIAE_STUDY_PAIRING_H

#include "study/study.h"

/* Sets status and reason (copied). MEMORY. */
striae_status study_set_input(struct study_input *input, enum study_status status,
                              const char *reason, striae_error *error);

/* Makes the series out of the inputs, whose names have been read: photos with the same key, each
 * of another session, with the baseline among them. The baseline is the lowest session number that
 * any photo of the folder has (before/after names and ses-N names apart), so that a subject whose
 * first photo is missing is not measured from the second one on. Every photo left out gets status
 * and reason. */
striae_status study_pair(struct study *study, striae_error *error);

#endif
