/* Minimal detectable change: built in, or from the user's own repeated photos. Private to measure/.
 */
#ifndef STRIAE_MEASURE_DETECTABLE_H
#define STRIAE_MEASURE_DETECTABLE_H

#include "measure/measure.h"

/* Minimal detectable change (95 %) of a metric whose first value is `value`; unit = unit per px of
 * the first photo; has_scale: lengths are in mm; total = of a photo's total rather than of one
 * stria. own may be NULL. *source says which of the two it is. */
double detectable_change(const struct measure_detectable *own, striae_metric metric, double value,
                         double unit, bool has_scale, bool total, striae_mdc_source *source);

#endif
