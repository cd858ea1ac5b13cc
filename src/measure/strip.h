/* The neighbourhood of a stria, straightened: one row per centreline point, one column per pixel of
 * offset along the normal. Private to measure/. */
#ifndef STRIAE_MEASURE_STRIP_H
#define STRIAE_MEASURE_STRIP_H

#include "measure/trace.h"

struct strip {
    size_t rows;
    int reach;       /* offsets -reach..reach px */
    float *value[3]; /* optical density per channel; owned */
    float *mixed;    /* sum of mix[c]*value[c]; owned; NULL before strip_mix */
    uint8_t *ok;     /* 1 = skin of this stria's own: not another stria, not outside; owned */
};

static inline int strip_columns(const struct strip *strip)
{
    return 2 * strip->reach + 1;
}
static inline size_t strip_at(const struct strip *strip, size_t row, int offset)
{
    return row * (size_t)strip_columns(strip) + (size_t)(offset + strip->reach);
}

/* Samples the photo (Catmull-Rom in linear light, then -ln). owner as by owner_map, own = 1 + index
 * of this trace in it. */
striae_status strip_init(const struct measure_photo *photo, const struct labels *owner,
                         uint16_t own, const struct trace *trace, int reach, struct strip *strip,
                         striae_error *error);
void strip_free(struct strip *strip);
striae_status strip_mix(struct strip *strip, const double mix[3], striae_error *error);

/* The mean of the mixed rows around `row`, triangular weights over `span` rows: profile[k] and the
 * weight it stands on (0..1, 0 = no pixel) for offsets -reach..reach. */
void strip_profile(const struct strip *strip, size_t row, double span, double *profile,
                   double *weight);

/* Mean of such a profile over the offsets from..to that were seen; NaN with none. */
double strip_mean(const struct strip *strip, const double *profile, const double *weight, int from,
                  int to);

#endif
