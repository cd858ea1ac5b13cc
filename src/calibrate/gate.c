/* What a failed check takes away. */
#include "calibrate/calibrate.h"

#include <string.h>

#define BIT(metric) (1u << STRIAE_METRIC_##metric)
#define EXTENTS     (BIT(WIDTH) | BIT(WIDTH_RAW) | BIT(AREA) | BIT(AREA_RAW))
#define COLOURS                                                                                    \
    (BIT(DELTA_A) | BIT(DELTA_L) | BIT(DELTA_B) | BIT(DELTA_E00) | BIT(ERYTHEMA) | BIT(MELANIN))

static const struct {
    const char *check;
    unsigned metrics;
    const char *reason;
} gates[] = {
    {"focus", EXTENTS | BIT(TEXTURE), "the photo is too blurred (quality check 'focus')"},
    {"clipping", COLOURS | BIT(TEXTURE), "most skin is over-exposed (quality check 'clipping')"},
    {"colour", COLOURS & ~BIT(DELTA_L), "the photo has no colour (quality check 'colour')"},
    {"stria_width", EXTENTS | BIT(TEXTURE),
     "the striae are too narrow in the photo (quality check 'stria_width')"},
};

static bool failed(const struct qc *qc, const char *check)
{
    for (size_t i = 0; i < qc->count; i++)
        if (qc->rows[i].status == QC_FAIL && strcmp(qc->rows[i].check, check) == 0)
            return true;
    return false;
}

const char *calibrate_withheld(const struct qc *qc, striae_metric metric)
{
    for (size_t i = 0; i < sizeof gates / sizeof *gates; i++)
        if (gates[i].metrics >> metric & 1 && failed(qc, gates[i].check))
            return gates[i].reason;
    return NULL;
}
