/* What happens to photos between the camera and the one who measures them. */
#ifndef STRIAE_TRAIN_EDIT_H
#define STRIAE_TRAIN_EDIT_H

#include "base/image.h"
#include "base/random.h"

struct edit {
    double scale;      /* size afterwards / size before */
    double contrast;   /* of sRGB values about the middle; 1 = as it was */
    double saturation; /* distance from grey; 1 = as it was */
    double gamma;      /* of sRGB values; 1 = as it was */
    double sharpen;    /* amount of an unsharp mask; 0 = none */
    double radius;     /* px, of that mask */
    double smear;      /* px sigma: noise reduction, or an enlarged thumbnail */
};

/* Half of all photos are left alone. */
void edit_choose(struct rng *rng, struct edit *edit);

/* *out = the edited picture, initialised here. MEMORY. */
striae_status edit_apply(const struct rgb8 *in, const struct edit *edit, struct rgb8 *out,
                         striae_error *error);

#endif
