/* The truth about a rendered session. */
#ifndef STRIAE_PHANTOM_TRUTH_H
#define STRIAE_PHANTOM_TRUTH_H

#include "phantom/render.h"

/* Fills in all of session[index] but picture, mask, labels, skin, landmarks. */
striae_status phantom_truth_session(const struct scene *scene, int index,
                                    const struct rendering *rendering,
                                    struct phantom_session *session, striae_error *error);

/* Some hundred skin points that both photos show. */
striae_status phantom_truth_landmarks(const struct scene *scene,
                                      const struct rendering rendering[2],
                                      struct phantom_session session[2], striae_error *error);

#endif
