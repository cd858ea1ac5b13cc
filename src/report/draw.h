/* Smooth lines and digits on 8-bit pictures. */
#ifndef STRIAE_REPORT_DRAW_H
#define STRIAE_REPORT_DRAW_H

#include "base/image.h"
#include "base/polyline.h"

/* How much of each pixel is covered, 0..255. Shapes join (the larger cover counts), so that a line
 * that crosses itself is not darker there. */
struct layer {
    int width, height;
    uint8_t *data;                /* owned */
    int left, top, right, bottom; /* what has been drawn on, right and bottom excluded */
};

striae_status layer_init(struct layer *layer, int width, int height, striae_error *error);
void layer_free(struct layer *layer);
/* A stroke of that thickness (px) with round ends and joins. */
void layer_stroke(struct layer *layer, const struct point *points, size_t count, double thickness);
/* A whole number >= 0 with its centre at (x,y), digits `height` px high. */
void layer_number(struct layer *layer, int number, double x, double y, double height,
                  double thickness);
/* Size of that text in px. */
double number_width(int number, double height);
/* Lays colour (sRGB) with opacity 0..1 over the picture where the layer is covered, then empties
 * the layer. Same size. */
void layer_apply(struct layer *layer, const uint8_t colour[3], double opacity,
                 struct rgb8 *picture);

#endif
