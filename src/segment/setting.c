#include "segment/setting.h"

#include "base/filter.h"

#include <math.h>

#define FULL_RED      0.05 /* density; 250 of 255 */
#define BORDER_WIDTHS 2.5
#define BORDER_PX     5.0 /* working px, more */

static bool in_glare(const struct channels *channels, struct point at)
{
    double value[CHANNEL_COUNT];
    for (int c = 0; c < CHANNEL_COUNT; c++)
        value[c] = (double)sample_bilinear(&channels->density[c], at.x, at.y);
    return value[0] - (2 * value[1] + value[2]) / 3 < FULL_RED;
}

double setting_glare(const struct channels *channels, const struct polyline *path)
{
    size_t count = 0;
    for (size_t i = 0; i < path->count; i++)
        count += in_glare(channels, path->points[i]);
    return (double)count / fmax((double)path->count, 1);
}

double setting_border(const struct channels *channels, const struct polyline *path, double width)
{
    const struct plane *skin = &channels->skin;
    double reach = BORDER_WIDTHS * width + BORDER_PX;
    size_t count = 0;
    for (size_t i = 0; i < path->count; i++) {
        double angle = polyline_tangent(path, i);
        double nx = -sin(angle) * reach, ny = cos(angle) * reach;
        struct point at = path->points[i];
        count += sample_bilinear(skin, at.x + nx, at.y + ny) < 0.5f ||
                 sample_bilinear(skin, at.x - nx, at.y - ny) < 0.5f;
    }
    return (double)count / fmax((double)path->count, 1);
}
