/* Rendered before/after photos of skin with striae, with exact truth. */
#ifndef STRIAE_PHANTOM_H
#define STRIAE_PHANTOM_H

#include "base/image.h"
#include "base/polyline.h"

enum phantom_kind { PHANTOM_ANY, PHANTOM_RUBRA, PHANTOM_ALBA, PHANTOM_DARK, PHANTOM_MIXED };

/* What to render; phantom_options_default leaves all but the seed to chance. */
struct phantom_options {
    uint64_t seed;
    int width, height; /* px; default 1800 x 1350 */
    double px_per_mm;  /* default 10 */
    int tone;          /* Fitzpatrick-like skin type 1..6; 0 = by seed */
    enum phantom_kind kind;
    int stria_count;  /* -1 = by seed; 0 = stria-free skin */
    double hardness;  /* 0 = plain, 0.5 = as usual, 1 = everything that makes it hard */
    int jpeg_quality; /* 0 = by seed (60..98) */
    /* What changes between the sessions; a null pair (same skin, new photo) has change = false. */
    bool change;  /* per-stria width, colour, gone, new; tan; hair */
    bool deform;  /* elastic skin deformation */
    double pose;  /* 0 = same camera pose, 1 = usual, up to 3 = far */
    double light; /* 0 = same lamp and white balance, 1 = usual */
    double width_factor,
        colour_factor; /* fixed factors for every stria of the after photo; 0 = by seed */
    double defocus;    /* px sigma of the after photo's added defocus, -1 = by seed */
    int threads;
};

void phantom_options_default(struct phantom_options *options);

/* Renders the pair into dir: before.jpg, after.jpg, before_mask.png, before_id.png,
 * before_skin.png, ..., truth.json. Existing files are an error unless overwrite. */
striae_status phantom_write(const struct phantom_options *options, const char *dir, bool overwrite,
                            striae_error *error);

#endif
