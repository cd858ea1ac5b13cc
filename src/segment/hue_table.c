#include "segment/hue_table.h"

#include <math.h>

#define TYPICAL 0.05 /* density: a contrast that is well seen */
#define POINTS  4

/* Whether hue_of_stria is true at a point of the table. */
static bool holds(double column, double row, bool pale, const struct hue_limits *limits)
{
    double half = (double)HUE_TABLE_HALF, red = column / half - 1, yellow = row / half - 1;
    double shade = fmax(1 - fabs(red) - fabs(yellow), 0);
    struct hue hue = {TYPICAL * (pale ? -shade : shade), TYPICAL * red, TYPICAL * yellow};
    return hue_of_stria(&hue, limits);
}

/* How many of POINTS x POINTS points of a cell, its corners among them. */
static int count_held(int column, int row, bool pale, const struct hue_limits *limits)
{
    int held = 0;
    for (int k = 0; k < POINTS * POINTS; k++)
        held += holds(column + k % POINTS / (POINTS - 1.0), row + k / POINTS / (POINTS - 1.0), pale,
                      limits);
    return held;
}

void hue_table_fill(const struct hue_limits *limits, float otherwise, struct hue_table *table)
{
    table->limits = *limits;
    table->otherwise = otherwise;
    for (int row = 0; row < 2 * HUE_TABLE_SIDE; row++)
        for (int column = 0; column < HUE_TABLE_SIDE; column++) {
            int held = count_held(column, row % HUE_TABLE_SIDE, row >= HUE_TABLE_SIDE, limits);
            table->value[row * HUE_TABLE_SIDE + column] = held == POINTS * POINTS ? 1
                                                          : held                  ? HUE_TABLE_UNSURE
                                                                                  : otherwise;
        }
}

float hue_table_exact(const struct hue_table *table, float shade, float red, float yellow)
{
    struct hue hue = {(double)shade, (double)red, (double)yellow};
    return hue_of_stria(&hue, &table->limits) ? 1 : table->otherwise;
}
