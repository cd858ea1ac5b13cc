/* The file of the trained network, read and checked. */
#ifndef STRIAE_SEGMENT_MODEL_H
#define STRIAE_SEGMENT_MODEL_H

#include "base/status.h"

#include <stddef.h>

#define MODEL_INPUTS      4 /* the channels of channels.h, and skin */
#define MODEL_BLOCK       2 /* px on a side that the finest level takes together */
#define MODEL_LEVELS_MOST 6
#define MODEL_WIDTH_MOST  256
#define MODEL_LANES       8 /* outputs computed together; widths are multiples of it */

/* Weight of output o, tap (dx, dy), input i:
 * weights[(((o / LANES) * size * size + dy * size + dx) * inputs + i) * LANES + o % LANES];
 * outputs are filled up to whole LANES with zeros. */
struct convolution {
    int inputs, outputs, size; /* size: 3 or 1 */
    float *weights, *bias;     /* within model.numbers */
};

struct model {
    int levels, widths[MODEL_LEVELS_MOST];
    /* In the order of the computation: two per level downwards, two per level upwards, the last. */
    size_t count;
    struct convolution *convolutions; /* owned */
    float *numbers;                   /* owned */
    char sha256[65];                  /* of the whole file */
};

/* Reads a model from memory. Checked: magic, version, sizes, the checksum at the end, and that
 * every weight is finite. DAMAGED or UNSUPPORTED with a message that begins with `name`. The layout
 * is described in models/README.md. */
striae_status model_read(const void *data, size_t size, const char *name, struct model *model,
                         striae_error *error);
/* The one the program was built with. */
striae_status model_built_in(struct model *model, striae_error *error);
void model_free(struct model *model);

#endif
