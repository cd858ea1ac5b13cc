/* How light falls on the skin. Private to calibrate/. */
#ifndef STRIAE_CALIBRATE_LIGHT_H
#define STRIAE_CALIBRATE_LIGHT_H

#include "base/image.h"

/* Shares in %: skin of the photo; all others of the skin. */
struct light {
    double skin_share;
    double clipped_share;
    double shine_share;  /* in spots of shine */
    double veil_share;   /* where much of the light is shine, spread widely */
    double uneven_share; /* a stop off the usual light, skin left out for its shade included */
    double red_share;    /* much redder than the rest */
};

void light_look(const struct image *image, const struct mask *skin, struct light *light);

#endif
