/* How the periodic textures lie on the skin, and how large they must be not to be seen to repeat.
 */
#ifndef STRIAE_PHANTOM_TILES_H
#define STRIAE_PHANTOM_TILES_H

#include "phantom/scene.h"

/* mm per texel */
#define ROUGH_TEXEL  0.16 /* cloud, as unevenness */
#define DIMPLE_TEXEL 0.5
#define PORE_TEXEL   0.085 /* cells, as pores */

/* What mottle_at makes of a texel: two looks at the cloud, one of them turned. */
#define MOTTLE_WIDE 1.9
#define MOTTLE_FINE 0.73
#define MOTTLE_COS  0.83
#define MOTTLE_SIN  0.56

static inline double mottle_texel(const struct scene *scene)
{
    return scene->skin.mottle_size / 128.0;
}

static inline double blood_texel(const struct scene *scene)
{
    return 0.7 * mottle_texel(scene);
}

static inline double grain_texel(const struct scene *scene)
{
    return __builtin_fmax(0.12, 0.45 / scene->options.px_per_mm);
}

static inline double trouble_texel(const struct scene *scene)
{
    return scene->skin.trouble_size / 16.0;
}

/* Where the skin point (x,y), mm, lies on the relief, texels: two looks, turned and scaled against
 * each other. The relief follows the skin's lines. */
static inline void relief_looks(const struct scene *scene, double x, double y, double look[2][2])
{
    const struct skin *skin = &scene->skin;
    double c = __builtin_cos(skin->line_angle), s = __builtin_sin(skin->line_angle);
    double a = (c * x + s * y) / skin->line_ratio * scene->relief_rate;
    double b = (c * y - s * x) * scene->relief_rate;
    look[0][0] = a;
    look[0][1] = b;
    look[1][0] = 0.83 * a + 0.31 * b + 51.3;
    look[1][1] = 0.85 * b - 0.24 * a;
}

/* Texels on a side. */
struct tile_sizes {
    int cloud, grain, relief, cells;
};

/* Sets scene->relief_rate. Needs the skin and both views.
 *
 * In photos of over a megapixel nothing may repeat: skin does not, and alignment would take one
 * repetition for another. What counts is the skin that the two photos show together, as the later
 * one may be zoomed out. Smaller photos are made in numbers and have less to align. */
struct tile_sizes tiles_plan(struct scene *scene);

#endif
