#include "calibrate/calibrate.h"

#include <math.h>

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
        *px_per_mm = quantity_unknown("no scale: give --px-per-mm or --ruler", "px/mm");
    }
}

striae_status calibrate_scale_check(const striae_quantity *px_per_mm, bool inherited, struct qc *qc,
                                    striae_error *error)
{
    if (px_per_mm->reason)
        return qc_add(qc, "scale", QC_WARN, NAN, NAN,
                      "No scale: lengths are in pixels. Give --px-per-mm or --ruler.", error);
    return qc_add(
        qc, "scale", QC_PASS, px_per_mm->value, NAN,
        inherited ? "The scale is taken over from the first photo." : "The scale is known.", error);
}
