/* Scale, skin region and photo quality: what has to be known before anything is measured. */
#ifndef STRIAE_CALIBRATE_H
#define STRIAE_CALIBRATE_H

#include "base/image.h"
#include "base/result.h"

/* *skin = the pixels to search for striae: skin, without clothes, background, body edge, navel
 * shadow, shine and deep shade. Initialised here. */
striae_status calibrate_skin(const struct image *image, int threads, struct mask *skin,
                             striae_error *error);

/* Scale of photo `index` from the options; SCALE_NONE with a reason when nothing gives one. */
void calibrate_scale(const striae_options *options, size_t index, enum scale_source *source,
                     striae_quantity *px_per_mm);

/* *blur = the photo's own blur: sigma in px of the sharpest detail in the skin, in 0.3..8. */
striae_status calibrate_blur(const struct image *image, const struct mask *skin, int threads,
                             double *blur, striae_error *error);

/* One qc row per check of the photo by itself. jpeg_quality 0 = not JPEG. */
striae_status calibrate_quality(const struct image *image, const struct mask *skin, double blur,
                                int jpeg_quality, struct qc *qc, striae_error *error);

/* The qc row of the scale, once it is settled: given, inherited from the first photo, or none. */
striae_status calibrate_scale_check(const striae_quantity *px_per_mm, bool inherited, struct qc *qc,
                                    striae_error *error);

#endif
