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
/* Evidence against chance (grow.h) times that share. 118 pairs of different skin reached 152, all
 * but two of them under 120; of the same skin, 57 pairs in 60 have over 1000. */
#define DECIDE_LEAST_SCORE 250.0
#define DECIDE_CLEAR_SCORE 500.0
/* Mean correlation after the elastic stage. It pulls even different skin up to 0.19 to 0.24; the
 * same skin reaches 0.4 in poor photos and 0.7 and more in good ones. */
#define DECIDE_LEAST_AGREEMENT 0.30
#define DECIDE_LEAST_OVERLAP   20.0 /* percent of the skin of the photo that shows less */
#define DECIDE_LEAST_DETAILS   30   /* features a usable photo has */
#define DECIDE_LEAST_SKIN      0.02 /* share of a photo */

struct decision_growth {
    size_t placed, common; /* fields found, and that should be */
    double evidence;       /* of those found, against chance */
};

struct decision_facts {
    double skin_first, skin_later;       /* share of the photo, 0..1 */
    size_t details_first, details_later; /* features found */
    struct decision_growth grown;
    bool mirrored;          /* the mirrored later photo fits clearly */
    bool refined;           /* the elastic stage has run */
    double agreement;       /* then: mean correlation */
    double overlap_percent; /* the larger of both photos' */
};

/* How much better than chance a map grew, as far as it should have grown. */
double decide_score(const struct decision_growth *grown);
/* Whether a map that grew so is of the same skin. */
bool decide_grown(const struct decision_growth *grown);
/* Beyond any doubt, as is asked before a photo is called mirrored. */
bool decide_clear(const struct decision_growth *grown);

/* Sets alignment->refused and ->reason. */
void decide(const struct decision_facts *facts, struct alignment *alignment);

#endif
