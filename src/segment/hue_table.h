/* Whether lines have the colour of a stria, for whole rows. */
#ifndef STRIAE_SEGMENT_HUE_TABLE_H
#define STRIAE_SEGMENT_HUE_TABLE_H

#include "segment/hue.h"

#include <math.h>

#define HUE_TABLE_SIDE   128
#define HUE_TABLE_HALF   (0.499f * HUE_TABLE_SIDE)
#define HUE_TABLE_UNSURE (-1.f)

/* Indexed by the direction of the contrast in colour space, on which hue_of_stria hangs alone (all
 * its limits are ratios, but for a floor far below what can be seen). */
struct hue_table {
    struct hue_limits limits;
    float otherwise;
    float value[2 * HUE_TABLE_SIDE * HUE_TABLE_SIDE];
};

/* value = 1 where hue_of_stria is true, else `otherwise`; UNSURE where its limits run through. */
void hue_table_fill(const struct hue_limits *limits, float otherwise, struct hue_table *table);
/* 1 or `otherwise`, not looked up. */
float hue_table_exact(const struct hue_table *table, float shade, float red, float yellow);

/* Where the value of a contrast in mean density, ln R/G and ln G/B is. */
static inline int hue_table_index(float shade, float red, float yellow)
{
    float half = HUE_TABLE_HALF, first = shade < 0 ? half + HUE_TABLE_SIDE : half;
    float scale = half / (fabsf(shade) + fabsf(red) + fabsf(yellow) + 1e-9f);
    return (int)(yellow * scale + first) * HUE_TABLE_SIDE + (int)(red * scale + half);
}

#endif
