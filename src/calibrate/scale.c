#include "calibrate/calibrate.h"

#include <math.h>

#define WIDTH_LIMIT   6.0  /* px; narrower and their edges run into each other */
#define WIDTH_FAIL    2.5  /* px; below, blur is all that is measured */
#define OVERLAP_LIMIT 60.0 /* % */
#define SCALE_LIMIT   1.0  /* %, half of the interval */

/* A length drawn on screen is good to about a pixel at each end. */
#define RULER_END_ERROR 1.0

void calibrate_scale(const striae_options *options, size_t index, enum scale_source *source,
                     striae_quantity *px_per_mm)
{
    if (index < options->px_per_mm_count) {
        double value = options->px_per_mm[index];
        *source = SCALE_OPTION;
        *px_per_mm = quantity(value, value, value, "px/mm");
    } else if (index == 0 && options->has_ruler) {
        const double *r = options->ruler;
        double length = hypot(r[2] - r[0], r[3] - r[1]);
        double error = 1.96 * sqrt(2.0) * RULER_END_ERROR / r[4];
        *source = SCALE_RULER;
        *px_per_mm = quantity(length / r[4], length / r[4] - error, length / r[4] + error, "px/mm");
    } else {
        *source = SCALE_NONE;
        *px_per_mm = quantity_unknown(
            "no scale: lay the reference card beside the striae, or give --px-per-mm or --ruler",
            "px/mm");
    }
}

striae_status calibrate_scale_check(const striae_quantity *px_per_mm, bool inherited, struct qc *qc,
                                    striae_error *error)
{
    if (px_per_mm->reason)
        return qc_add(
            qc, "scale", QC_WARN, NAN, NAN,
            "No scale: lengths are in pixels. Lay the reference card beside the striae, or "
            "give --px-per-mm or --ruler.",
            error);
    double half = 50 * (px_per_mm->high - px_per_mm->low) / px_per_mm->value;
    bool good = half <= SCALE_LIMIT;
    return qc_add(qc, "scale", good ? QC_PASS : QC_WARN, half, SCALE_LIMIT,
                  !good ? "The scale is uncertain: hold the camera parallel to the skin with the "
                          "card in its plane, or measure a longer ruler."
                  : inherited ? "The scale is taken over from the first photo."
                              : "The scale is known.",
                  error);
}

striae_status calibrate_width_check(const striae_quantity *width, const striae_quantity *px_per_mm,
                                    struct qc *qc, striae_error *error)
{
    if (width->reason || !(width->value > 0))
        return STRIAE_OK;
    double px = width->value * (px_per_mm->reason ? 1 : px_per_mm->value);
    bool good = px >= WIDTH_LIMIT;
    bool failed = px < WIDTH_FAIL;
    return qc_add(qc, "stria_width",
                  failed ? QC_FAIL
                  : good ? QC_PASS
                         : QC_WARN,
                  px, WIDTH_LIMIT,
                  good ? "The striae are wide enough in the photo."
                  : failed
                      ? "The striae are too narrow in the photo to tell widths and areas: move "
                        "closer or use more pixels, retake."
                      : "The striae are narrow in the photo: move closer or use more pixels; "
                        "widths are less certain.",
                  error);
}

striae_status calibrate_overlap_check(double percent, struct qc *qc, striae_error *error)
{
    bool good = percent >= OVERLAP_LIMIT;
    return qc_add(qc, "overlap", good ? QC_PASS : QC_WARN, percent, OVERLAP_LIMIT,
                  good ? "Both photos show the same skin."
                       : "The photos have little skin in common: take both from the same place; "
                         "only what both show is compared.",
                  error);
}
