/* Scale, skin region and photo quality: what has to be known before anything is measured. */
#ifndef STRIAE_CALIBRATE_H
#define STRIAE_CALIBRATE_H

#include "base/image.h"
#include "base/photo_info.h"
#include "base/result.h"

/* *skin = the pixels to search for striae: skin, without clothes, background, body edge, navel
 * shadow, shine and deep shade. Initialised here. */
striae_status calibrate_skin(const struct image *image, int threads, struct mask *skin,
                             striae_error *error);

/* Scale of photo `index` from the options; SCALE_NONE with a reason when nothing gives one. */
void calibrate_scale(const striae_options *options, size_t index, enum scale_source *source,
                     striae_quantity *px_per_mm);

struct blur {
    double sigma;  /* px, of the sharpest detail in the skin: 0.3..8 */
    double motion; /* px, how much more than that in the direction the camera moved; 0 = none */
};
striae_status calibrate_blur(const struct image *image, const struct mask *skin, int threads,
                             struct blur *blur, striae_error *error);

/* One qc row per check of the picture by itself. */
striae_status calibrate_quality(const struct image *image, const struct mask *skin,
                                const struct blur *blur, struct qc *qc, striae_error *error);

/* What the file says of itself: colour profile, editing, compression. */
striae_status calibrate_file_checks(const struct photo_info *info, struct qc *qc,
                                    striae_error *error);

/* A later photo against the first: camera, lens, exposure, profile, blur (as calibrate_blur). What
 * either file does not tell gets no row. */
striae_status calibrate_pair_checks(const struct photo_info *first, const struct photo_info *later,
                                    double blur_first, double blur_later, struct qc *qc,
                                    striae_error *error);

/* The qc row of the scale, once it is settled: given, inherited from the first photo, or none. */
striae_status calibrate_scale_check(const striae_quantity *px_per_mm, bool inherited, struct qc *qc,
                                    striae_error *error);

/* The qc row of striae too narrow in the photo: width in mm or px, px_per_mm unknown for px. A
 * width that is not known gets no row. */
striae_status calibrate_width_check(const striae_quantity *width, const striae_quantity *px_per_mm,
                                    struct qc *qc, striae_error *error);

/* The qc row of how much both photos show of the same skin, %. */
striae_status calibrate_overlap_check(double percent, struct qc *qc, striae_error *error);

#endif
