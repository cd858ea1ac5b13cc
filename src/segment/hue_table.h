/* Whether lines have the colour of a stria, for whole rows. */
#ifndef STRIAE_SEGMENT_HUE_TABLE_H
#define STRIAE_SEGMENT_HUE_TABLE_H

#include <math.h>

#define HUE_TABLE_SIDE 256

/* Indexed by the direction of the contrast in colour space, on which hue_of_stria hangs alone (all
 * its limits are ratios, but for a floor far below what can be seen). */
struct hue_table {
    float value[2 * HUE_TABLE_SIDE * HUE_TABLE_SIDE];
};

/* value = 1 where hue_of_stria is true, else `otherwise`. */
void hue_table_fill(double slack, float otherwise, struct hue_table *table);

/* Where the value of a contrast in mean density, ln R/G and ln G/B is. */
static inline int hue_table_index(float shade, float red, float yellow)
{
    float half = 0.499f * HUE_TABLE_SIDE, first = shade < 0 ? half + HUE_TABLE_SIDE : half;
    float scale = half / (fabsf(shade) + fabsf(red) + fabsf(yellow) + 1e-9f);
    return (int)(yellow * scale + first) * HUE_TABLE_SIDE + (int)(red * scale + half);
}

#endif
