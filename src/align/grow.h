/* From a few places that correspond to all that do: the map grows outwards from them.
 *
 * Each step predicts where the next piece of skin lies from those around it that are already
 * placed, and asks whether it is really there: whether the correlation peaks there far above what
 * chance gives (best-first region growing, as in dual-bootstrap registration, Stewart, Tsai and
 * Roysam 2003, with patches in place of vessel points). Photos of other skin do not grow. */
#ifndef STRIAE_ALIGN_GROW_H
#define STRIAE_ALIGN_GROW_H

#include "align/lattice.h"
#include "align/patch.h"

/* A node: the middle of a field of GROW_STEP px of the first picture. */
struct grow_node {
    double u, v; /* where it is in the later picture */
    float z;     /* of its peak (patch.h) */
    int tries;
    bool placed;
};

struct grown {
    int columns, rows;
    struct grow_node *nodes; /* owned */
    double affine[6];        /* the map through all of them, or the hypothesis */
    size_t placed;
    size_t common; /* nodes on skin whose place in the later photo, as far as known, is skin too */
    /* What the placed nodes say against chance: by how much the squares of their peaks exceed what
     * was asked of them, summed. */
    double evidence;
};

/* Two places that correspond, px. */
struct grow_seed {
    double x, y, u, v;
};

#define GROW_STEP 12 /* px */

static inline double grow_place(int index)
{
    return (index + 0.5) * GROW_STEP - 0.5;
}

/* affine: the hypothesis, first px -> later px; seeds: where it is tried. What has grown is
 * continued into the rest of the skin and tried there, until nothing more is found. MEMORY. Freed
 * with grown_free. */
striae_status grow(const struct patch_pair *pair, const double affine[6],
                   const struct grow_seed *seeds, size_t seed_count, int threads,
                   struct grown *grown, striae_error *error);
/* The same, an octave finer in both pictures, from what grew in this one. */
striae_status grow_finer(const struct patch_pair *pair, const struct grown *from, int threads,
                         struct grown *grown, striae_error *error);
void grown_free(struct grown *grown);

#endif
