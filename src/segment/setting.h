/* Where in the photo a line lies. */
#ifndef STRIAE_SEGMENT_SETTING_H
#define STRIAE_SEGMENT_SETTING_H

#include "base/polyline.h"
#include "segment/channels.h"

/* Share of the path (0..1) where red is at its end: what is brighter there looks paler, too. */
double setting_glare(const struct channels *channels, const struct polyline *path);

/* Share of the path (0..1) that has the border of the skin beside it, where contours, cloth and its
 * shade make lines. width: of the line, working px. */
double setting_border(const struct channels *channels, const struct polyline *path, double width);

#endif
