/* Connected places above a limit, and their shape. */
#ifndef STRIAE_SEGMENT_BLOB_H
#define STRIAE_SEGMENT_BLOB_H

#include "base/image.h"

struct blob {
    size_t count;
    size_t *pixels;            /* indices y * width + x; room for all of the plane */
    double x, y;               /* its middle */
    double mean, peak;         /* of the plane */
    double longest, narrowest; /* standard deviations of its pixels along its axes, px */
};

/* blob->pixels for planes of that size, freed with blob_free. MEMORY. */
striae_status blob_init(struct blob *blob, int width, int height, striae_error *error);
void blob_free(struct blob *blob);

/* The pixels of at least `limit` that hang together with (x,y) (8 neighbours), which is one itself;
 * marks them in seen, where marked ones are left out. */
void blob_gather(const struct plane *plane, float limit, int x, int y, struct mask *seen,
                 struct blob *blob);

/* Sets the mask within `margin` px (a square) of the blob. */
void blob_paint(const struct blob *blob, int margin, struct mask *mask);

#endif
