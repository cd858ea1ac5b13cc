#include "phantom/tiles.h"

#include <math.h>

#define LARGE_PHOTO    1e6  /* px */
#define USUAL_TILE     256  /* texels */
#define LARGEST_TILE   2048 /* 16 MiB */
#define LARGEST_RELIEF 4096 /* 64 MiB */
#define COARSEST       0.5 /* share of the relief's rate that is kept where it is still too small */
#define LOOKS_AT       64  /* along each side of the photo, for the skin it shows */
#define PLATES_WARPED  5.0 /* the borders between plates are wavy: so far they move, in plates */

/* What both photos show: the skin, the skin turned as one look at the mottling is, mm; and the two
 * looks at the relief, texels. */
enum { SKIN, TURNED, RELIEF, RELIEF_TURNED, FRAMES };

struct box {
    double low[2], high[2];
};

static void extend(struct box *box, const double at[2])
{
    for (int k = 0; k < 2; k++) {
        box->low[k] = fmin(box->low[k], at[k]);
        box->high[k] = fmax(box->high[k], at[k]);
    }
}

static void extend_to_view(const struct scene *scene, const struct view *view,
                           struct box shown[FRAMES])
{
    for (int j = 0; j <= LOOKS_AT; j++)
        for (int i = 0; i <= LOOKS_AT; i++) {
            struct sight sight;
            view_sight(view, (double)i / LOOKS_AT * (view->width - 1),
                       (double)j / LOOKS_AT * (view->height - 1), &sight);
            if (sight.clearance <= 0)
                continue;
            double x = sight.x, y = sight.y;
            double at[FRAMES][2] = {
                {x, y}, {MOTTLE_COS * x + MOTTLE_SIN * y, MOTTLE_COS * y - MOTTLE_SIN * x}};
            relief_looks(scene, x, y, at + RELIEF);
            for (int k = 0; k < FRAMES; k++)
                extend(&shown[k], at[k]);
        }
}

static double longer_side(const struct box *box)
{
    return fmax(box->high[0] - box->low[0], box->high[1] - box->low[1]);
}

static int covering(double texels, int least, int most)
{
    int size = least;
    while (size < texels && size < most)
        size *= 2;
    return size;
}

struct tile_sizes tiles_plan(struct scene *scene)
{
    const struct phantom_options *o = &scene->options;
    const struct skin *skin = &scene->skin;
    double pixels = (double)o->width * o->height;
    int relief = pixels > 200000 ? 2 * USUAL_TILE : USUAL_TILE;
    struct tile_sizes sizes = {USUAL_TILE, USUAL_TILE, relief, USUAL_TILE};
    struct box shown[FRAMES];
    /* About one texel per pixel, so that sampling needs no further filter. */
    scene->relief_rate = fmin(fmax(o->px_per_mm, 5.0), 24.0);
    if (pixels <= LARGE_PHOTO)
        return sizes;
    for (int k = 0; k < FRAMES; k++)
        shown[k] = (struct box){{INFINITY, INFINITY}, {-INFINITY, -INFINITY}};
    for (int session = 0; session < 2; session++)
        extend_to_view(scene, &scene->session[session].view, shown);
    double across = longer_side(&shown[SKIN]), turned = longer_side(&shown[TURNED]);
    sizes.cloud = covering(fmax(across / ROUGH_TEXEL, turned / (MOTTLE_FINE * blood_texel(scene))),
                           USUAL_TILE, LARGEST_TILE);
    sizes.grain = covering(across / grain_texel(scene), USUAL_TILE, LARGEST_TILE);
    double cell = skin->pore > 0 ? PORE_TEXEL : trouble_texel(scene);
    if (skin->pore > 0 || skin->goose > 0 || skin->scale > 0 || skin->bump > 0)
        sizes.cells = covering(across / cell, USUAL_TILE, LARGEST_TILE);
    double needed = fmax(longer_side(&shown[RELIEF]), longer_side(&shown[RELIEF_TURNED])) +
                    PLATES_WARPED * skin->plate * scene->relief_rate;
    sizes.relief = covering(needed, relief, LARGEST_RELIEF);
    if (sizes.relief < needed)
        scene->relief_rate *= fmax(sizes.relief / needed, COARSEST);
    return sizes;
}
