/* The reference card, lying on the skin. */
#ifndef STRIAE_PHANTOM_CARD_H
#define STRIAE_PHANTOM_CARD_H

#include "phantom/render.h"

/* Whether the pixel's middle sees the card. */
bool card_covers(const struct laid_card *card, const struct view *view, double px, double py);
/* Draws it, and its shadow on the skin, over the picture; nothing without a card. */
void render_card(const struct scene *scene, int session, struct image *light);
/* Where it is in the photo. */
void card_truth(const struct laid_card *card, const struct view *view, struct phantom_card *truth);

#endif
