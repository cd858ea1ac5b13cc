/* A rendered pair as measure/ would see it if finding and aligning made no error: true centrelines,
 * true skin, the true map between the photos. What the renderer knows of every stria is looked up
 * in its own geometry. */
#ifndef STRIAE_TESTS_TRUE_PAIR_H
#define STRIAE_TESTS_TRUE_PAIR_H

#include "base/found.h"
#include "base/result.h"
#include "io/io.h"
#include "measure/measure.h"
#include "phantom/scene.h"

/* One photo and what is "found" in it. */
struct true_session {
    struct photo photo;
    struct mask skin;
    double blur; /* sigma as estimated from the photo, px */
    struct found_stria *found;
    int *id; /* the stria that found[i] is a piece of; owned */
    size_t count;
};

struct true_pair {
    struct scene scene; /* geometry only */
    double px_per_mm;   /* of the first photo */
    struct true_session session[2];
    struct warp forward, backward;
};

/* What is found: the true lines with a smooth error, some cut in two. */
struct finding {
    uint64_t seed;
    double wobble; /* standard deviation of the line's error, px and in tenths of the width */
    double cut;    /* 0..1: share of the striae that one of the photos shows in two pieces */
};

/* dir: as phantom_write leaves it, from the same options. */
striae_status true_pair_read(const char *dir, const struct phantom_options *options,
                             const struct finding *finding, int threads, struct true_pair *pair,
                             striae_error *error);
void true_pair_free(struct true_pair *pair);

/* Both sessions measured, and their change. */
striae_status true_pair_measure(const struct true_pair *pair, int threads,
                                struct striae_result *result, striae_error *error);

/* ---- the truth along one stria ---- */

/* A stretch of a ribbon in its fine samples. */
struct stretch_of {
    const struct ribbon *ribbon; /* NULL = none */
    size_t from, to;             /* samples, both included */
};

/* The ribbon that a measured stria of session k is a piece of, and from where to where. */
struct stretch_of true_stretch(const struct true_pair *pair, int k, const struct stria *stria);
/* All of it that can be seen in session k (both: in both sessions). */
struct true_sums {
    double length, width, area; /* px or mm of the view asked for; width = area/length */
};
/* Over the samples from..to; k: width as in that session; view: as seen by that camera, in px.
 * visible: bit 1 = only where session 0 shows it, bit 2 = session 1. */
struct true_sums true_sum(const struct true_pair *pair, const struct stretch_of *stretch, int k,
                          int view, int visible);
/* Share of the stretch where no other stria reaches into it or into half its width beside it. */
double true_apart(const struct true_pair *pair, const struct stretch_of *stretch, int k);
/* Contrast to noise of one pixel, in the best of the three channels and their mean. */
double true_contrast_to_noise(const struct true_pair *pair, const struct stretch_of *stretch,
                              int k);

#endif
