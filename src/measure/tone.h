/* Colour and roughness of a stria against the skin next to it. Private to measure/. */
#ifndef STRIAE_MEASURE_TONE_H
#define STRIAE_MEASURE_TONE_H

#include "measure/strip.h"

/* How far to each side a strip has to reach for tone_take, px. unit = px per mm, 0 = no scale. */
int tone_reach(const struct trace *trace, double px_per_mm);

/* Sets contrast and rough of every point that has edges: the mean density between the edges less
 * the mean of both sides' rings (1 to 3 mm beyond the edge; 0.5 to 1.5 widths without scale), so
 * that exposure, white balance and a linear gradient of light cancel. Each ring's mean is trimmed
 * (a fifth at both ends: hair, pores, moles). */
striae_status tone_take(const struct strip *strip, double px_per_mm, struct trace *trace,
                        striae_error *error);

/* The skin away from the striae: per channel the median density of pixels no trace owns; NaN when
 * there are too few. */
striae_status tone_skin(const struct measure_photo *photo, const struct labels *owner,
                        double density[3], striae_error *error);

/* CIELAB differences and CIEDE2000 of skin of density `skin` with and without `contrast` added;
 * differences in the order L*, a*, b*, dE00, erythema, melanin. */
void tone_differences(const double skin[3], const double contrast[3], double difference[6]);

#endif
