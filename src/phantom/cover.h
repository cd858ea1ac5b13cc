/* What is in the picture besides skin: clothes on it, the room behind it. */
#ifndef STRIAE_PHANTOM_COVER_H
#define STRIAE_PHANTOM_COVER_H

#include "phantom/scene.h"

/* mm of the surface point (qx,qy) inside the cloth's edge; negative: bare skin. */
double cloth_depth(const struct cloth *cloth, double qx, double qy);
/* Linear light from the cloth. px_per_mm limits the finest pattern; normal as on the skin. */
void cloth_light(const struct scene *scene, const struct cloth *cloth, const struct lamp *lamp,
                 const struct sight *sight, double depth, double px_per_mm, double rgb[3]);
/* Factor on the light that reaches skin beside the cloth. */
double cloth_shadow(const struct cloth *cloth, const struct lamp *lamp, double depth);
/* Linear light from behind the body, for a pixel in parts of the picture's size. */
void background_light(const struct scene *scene, double x, double y, double rgb[3]);

#endif
