/* The truth of a rendered pair, as written by the renderer. */
#ifndef STRIAE_STUDY_TRUTH_H
#define STRIAE_STUDY_TRUTH_H

#include "base/status.h"

#include <jansson.h>

/* dir/NAME as JSON; the caller decrefs. NULL on failure, with *error filled in. */
json_t *truth_load(const char *dir, const char *name, striae_error *error);
/* A number, or NaN where there is none. */
double truth_number(const json_t *object, const char *key);
/* truth.sessions.before (0) or .after (1). May be NULL. */
const json_t *truth_session(const json_t *truth, size_t session);
/* The session's own px_per_mm, or that of the first photo; NaN where there is none. */
double truth_scale(const json_t *truth, size_t session);
extern const char *const truth_session_names[2];

#endif
