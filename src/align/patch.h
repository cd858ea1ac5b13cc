/* Where a piece of the first picture lies in the later one: correlation over all small shifts. */
#ifndef STRIAE_ALIGN_PATCH_H
#define STRIAE_ALIGN_PATCH_H

#include "align/bands.h"

#include <stdbool.h>

#define PATCH_SIDE  32 /* px of the level; a multiple of 8 */
#define PATCH_REACH 8  /* px: the largest shift that can be searched */
#define PATCH_WIDE  12 /* px: how far around a place its rivals are looked for */

/* One octave of both photos. */
struct patch_pair {
    const struct plane *first[BAND_CHANNELS], *later[BAND_CHANNELS];
    const struct plane *first_weight, *later_weight;
};

/* Around (x,y) of the first picture the later one is at (u,v) + m*(offset), m row by row. */
struct patch_guess {
    double x, y, u, v, m[4];
};

struct patch_peak {
    double u, v; /* where the patch's centre is, px of the later picture */
    double rho;  /* mean correlation of the channels there, -1..1 */
    /* The peak in standard deviations of the correlation at the shifts away from it: what chance
     * gives, for the texture of this very place. */
    double z;
    double shift; /* px from the guess, the larger coordinate */
};

/* Shifts up to `reach` (3..PATCH_REACH) whole px, the best refined by a parabola. false where less
 * than half of the patch is skin in both photos. */
bool patch_search(const struct patch_pair *pair, const struct patch_guess *guess, int reach,
                  struct patch_peak *peak);

/* How far the correlation right at the guess stands out of that at all shifts up to PATCH_WIDE px,
 * in their standard deviations; 0 where one of them, away from it, correlates better, or less than
 * half of the patch is skin in both photos. Over so wide an area chance seldom reaches 4. */
double patch_prominence(const struct patch_pair *pair, const struct patch_guess *guess);

#endif
