/* The coarse map between two photos: hypotheses from features, each tried on the skin itself. */
#ifndef STRIAE_ALIGN_GLOBAL_H
#define STRIAE_ALIGN_GLOBAL_H

#include "align/bands.h"
#include "align/decide.h"
#include "align/features.h"
#include "align/lattice.h"

/* What is known of one photo at the coarse size; bands level 0 is that size. */
struct sketch {
    const struct features *features;
    const struct bands *bands;
};

struct global {
    struct decision_growth grown; /* how far the map grew over the skin */
    double zoom;                  /* later px per first px */
    struct lattice map;
    struct datum *anchors; /* the placed fields; owned */
    double field;          /* px between neighbouring fields */
    size_t anchor_count;
};

/* Step 1: every match of features proposes a similarity from its own place, scale and direction;
 * proposals are ranked by the matches that agree with them (no random sampling: all are tried).
 * Step 2: the best proposals in turn are grown over the skin (grow.h); the one that says most
 * against chance wins. Where none says enough, and if `searching`, pieces of one photo are searched
 * in the other (search.h), and what that proposes is grown, also an octave lower. Step 3: the
 * winner is grown an octave finer; before and after, what grew by chance is taken back (confirm.h).
 * Step 4: a thin plate through the placed fields, in coarse px. map is empty when nothing grew to
 * `least` fields. */
striae_status global_find(const struct sketch *first, const struct sketch *later, size_t least,
                          bool searching, int threads, struct global *global, striae_error *error);
void global_free(struct global *global);

#endif
