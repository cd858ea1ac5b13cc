/* The skin in one of its points: absorbers, relief, shine. */
#ifndef STRIAE_PHANTOM_SURFACE_H
#define STRIAE_PHANTOM_SURFACE_H

#include "phantom/scene.h"

struct surface {
    double density[3]; /* R, G, B, as seen */
    double clean[3];   /* the same without spots and navel: what the truth's colours mean */
    double height;     /* mm out of the body */
    double gloss;      /* strength of shine */
    int id;            /* of the stria that the truth's mask shows here, or 0 */
};

/* spots: the list's entries that may reach this point. */
void surface_at(const struct scene *scene, int session, double x, double y, const struct hit *hits,
                int hit_count, const struct spot *const *spots, size_t spot_count,
                struct surface *surface);

#endif
