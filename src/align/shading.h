/* What other light does to the whole map at once. */
#ifndef STRIAE_ALIGN_SHADING_H
#define STRIAE_ALIGN_SHADING_H

#include "align/certainty.h"

/* Light that falls from elsewhere moves the shading of every pore and fold the same way, and fine
 * density, of which the map is made, then lies up to 0.6 px beside the skin all over the photo. Its
 * colour and its coarse density, which are pigment and blood more than relief, do not move. They
 * say too little to place a node, but all nodes together say enough: elastic->map is moved by what
 * they ask for, and ->error grows with it. views: as certainty takes them. MEMORY. */
striae_status shading_correct(const struct node *views, struct elastic *elastic,
                              striae_error *error);

#endif
