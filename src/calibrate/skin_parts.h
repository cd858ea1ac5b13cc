/* Parts of calibrate_skin: what is looked at, the colour of a population, how far skin goes. */
#ifndef STRIAE_CALIBRATE_SKIN_PARTS_H
#define STRIAE_CALIBRATE_SKIN_PARTS_H

#include "base/image.h"

#include <stdbool.h>

/* What a pixel of the working picture (at most 400 px) looks like. */
struct skin_features {
    struct plane u, v;   /* ln R/G, ln G/B: light does not change them, white balance shifts them */
    struct plane shade;  /* mean density */
    struct plane weave;  /* local RMS of contrast finer than the working picture, relative */
    struct plane bright; /* smallest linear channel: 1 = clipped to white */
    /* How much a pixel counts by its place, since what was photographed is in the middle: a
     * Gaussian about it that sums to 1. */
    struct plane central;
};

/* A population of colours: a Gaussian in (u, v). */
struct skin_model {
    double mean[2], inverse[3]; /* inverse covariance: uu, uv, vv */
    float weave;                /* what has more fine contrast is woven */
};

/* Neither in deep shade nor clipped. */
bool skin_lit(const struct skin_features *f, int x, int y);

/* Median of count values, which are sorted in place; 0 when there are none. */
float skin_median(float *values, size_t count);

/* How likely skin is of the mean colour (u, v): 0..1, for comparing. */
double skin_likelihood(double u, double v);

/* The population that is most likely skin, and its pixels. skin: initialised, of the size of the
 * features; all 0 where there is none. MEMORY. */
striae_status skin_learn(const struct skin_features *f, struct skin_model *model, struct mask *skin,
                         striae_error *error);

/* Lets skin go on where nothing stops it: into shade, and into colours that an edited or
 * overexposed photo drives away from the rest, as long as these are no cooler and no contour lies
 * between. */
striae_status skin_spread(const struct skin_features *f, const struct skin_model *model,
                          struct mask *skin, striae_error *error);

/* Takes away what the population took in but a contour parts from the skin: walls, wood, cloth of
 * about its colour. */
striae_status skin_cut(const struct skin_features *f, struct mask *skin, striae_error *error);

/* Adds the places with more blood that skin surrounds, however sharp their contour, and whether or
 * not they run out of the photo: striae that are strongly red. MEMORY. */
striae_status skin_add_red(const struct skin_features *f, const struct skin_model *model,
                           struct mask *skin, striae_error *error);

#endif
