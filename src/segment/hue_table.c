#include "segment/hue_table.h"

#include "segment/hue.h"

#include <math.h>

#define TYPICAL 0.05 /* density: a contrast that is well seen */

void hue_table_fill(double slack, float otherwise, struct hue_table *table)
{
    for (int pale = 0; pale < 2; pale++)
        for (int row = 0; row < HUE_TABLE_SIDE; row++)
            for (int column = 0; column < HUE_TABLE_SIDE; column++) {
                double red = (column + 0.5) / (0.5 * HUE_TABLE_SIDE) - 1;
                double yellow = (row + 0.5) / (0.5 * HUE_TABLE_SIDE) - 1;
                double shade = fmax(1 - fabs(red) - fabs(yellow), 0);
                struct hue hue = {TYPICAL * (pale ? -shade : shade), TYPICAL * red,
                                  TYPICAL * yellow};
                table->value[(pale * HUE_TABLE_SIDE + row) * HUE_TABLE_SIDE + column] =
                    hue_of_stria(&hue, slack) ? 1 : otherwise;
            }
}
