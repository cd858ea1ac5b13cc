/* When two photos count as the same skin, and what to say when they do not. */
#ifndef STRIAE_ALIGN_DECIDE_H
#define STRIAE_ALIGN_DECIDE_H

#include "align/align.h"

#include <stdbool.h>
#include <stddef.h>

/* Fields of skin that must be found where the coarse map says. */
#define DECIDE_LEAST_PLACED 12
#define DECIDE_CLEAR_PLACED 25
#define DECIDE_CLEAR_SHARE  0.5
#define DECIDE_LEAST_SHARE  0.25 /* of the fields that should be found */
/* Mean correlation after the elastic stage. It pulls even different skin up to 0.19 to 0.24; the
 * same skin reaches 0.4 in poor photos and 0.7 and more in good ones. */
#define DECIDE_LEAST_AGREEMENT 0.30
#define DECIDE_LEAST_OVERLAP   20.0 /* percent of the skin of the photo that shows less */
#define DECIDE_LEAST_DETAILS   30   /* features a usable photo has */
#define DECIDE_LEAST_SKIN      0.02 /* share of a photo */

struct decision_facts {
    double skin_first, skin_later;       /* share of the photo, 0..1 */
    size_t details_first, details_later; /* features found */
    size_t placed, common;               /* fields found, and that should be */
    bool mirrored;                       /* the mirrored later photo fits clearly */
    bool refined;                        /* the elastic stage has run */
    double agreement;                    /* then: mean correlation */
    double overlap_percent;              /* the larger of both photos' */
};

/* Whether a map that found so many fields is of the same skin. */
bool decide_grown(size_t placed, size_t common);
/* Beyond any doubt, as is asked before a photo is called mirrored. */
bool decide_clear(size_t placed, size_t common);

/* Sets alignment->refused and ->reason. */
void decide(const struct decision_facts *facts, struct alignment *alignment);

#endif
