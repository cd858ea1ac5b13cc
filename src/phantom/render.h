/* One session's photo in linear light, and what is counted for the truth on the way. */
#ifndef STRIAE_PHANTOM_RENDER_H
#define STRIAE_PHANTOM_RENDER_H

#include "phantom/scene.h"

/* Sums over the visible pixels of one stria, or of its ring. */
struct tally {
    size_t stria_px, ring_px;
    double stria_mm2;
    double stria_lab[3], ring_lab[3];
};

struct rendering {
    struct image light; /* linear, before the camera */
    struct mask skin, cloth, mask;
    struct labels labels;
    struct tally *tally;     /* by id, [0] = all striae together; owned */
    size_t skin_px, bare_px; /* bare: beside striae */
    double bare_light[3];    /* its sum */
    double skin_mm2;
};

striae_status render_session(const struct scene *scene, int session, struct rendering *out,
                             striae_error *error);
void rendering_free(struct rendering *rendering);

/* Draws the hairs of the session over the picture. */
striae_status render_hair(const struct scene *scene, int session, struct image *light,
                          striae_error *error);

/* Takes the photo: lens, sensor, development to 8-bit sRGB. Destroys *light. */
striae_status develop(const struct scene *scene, int session, struct image *light,
                      struct rgb8 *picture, striae_error *error);

#endif
