/* Hair over the skin. Private to calibrate/. */
#ifndef STRIAE_CALIBRATE_HAIR_H
#define STRIAE_CALIBRATE_HAIR_H

#include "calibrate/calibrate.h"

/* Share, % of the skin in the middle of the photo, that thin dark lines cover. */
double hair_share(const struct image *image, const struct mask *skin);

#endif
