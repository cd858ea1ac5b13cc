#include "align/scale_space.h"

#include "base/filter.h"

#include <math.h>

#define CAMERA_BLUR 0.5 /* sigma that a sharp photo has by itself, px */
#define SMALLEST    24  /* px; an octave smaller than this holds nothing useful */

double scale_space_sigma(double layer)
{
    return SPACE_SIGMA * exp2(layer / SPACE_STEPS);
}

static striae_status every_second(const struct plane *in, struct plane *out, striae_error *error)
{
    striae_status status = plane_init(out, (in->width + 1) / 2, (in->height + 1) / 2, error);
    if (status != STRIAE_OK)
        return status;
    for (int y = 0; y < out->height; y++)
        for (int x = 0; x < out->width; x++)
            plane_row(out, y)[x] = plane_row(in, 2 * y)[2 * x];
    return STRIAE_OK;
}

striae_status scale_space_init(const struct plane *plane, int threads, struct scale_space *space,
                               striae_error *error)
{
    striae_status status = STRIAE_OK;
    *space = (struct scale_space){0};
    for (int o = 0; o < SPACE_OCTAVES && status == STRIAE_OK; o++) {
        struct plane *layer = space->layer[o];
        if (o == 0) {
            double first = sqrt(SPACE_SIGMA * SPACE_SIGMA - CAMERA_BLUR * CAMERA_BLUR);
            status = filter_gaussian(plane, first, threads, &layer[0], error);
        } else {
            const struct plane *below = &space->layer[o - 1][SPACE_STEPS];
            if (below->width < 2 * SMALLEST || below->height < 2 * SMALLEST)
                break;
            status = every_second(below, &layer[0], error);
        }
        for (int l = 1; l < SPACE_LAYERS && status == STRIAE_OK; l++) {
            double from = scale_space_sigma(l - 1), to = scale_space_sigma(l);
            status = filter_gaussian(&layer[l - 1], sqrt(to * to - from * from), threads, &layer[l],
                                     error);
        }
        space->octaves = o + 1;
    }
    if (status != STRIAE_OK)
        scale_space_free(space);
    return status;
}

void scale_space_free(struct scale_space *space)
{
    for (int o = 0; o < SPACE_OCTAVES; o++)
        for (int l = 0; l < SPACE_LAYERS; l++)
            plane_free(&space->layer[o][l]);
    *space = (struct scale_space){0};
}
