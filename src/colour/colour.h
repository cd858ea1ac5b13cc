/* Colour arithmetic: sRGB, optical density, CIELAB (D65), CIEDE2000, ITA, RGB skin indices. */
#ifndef STRIAE_COLOUR_H
#define STRIAE_COLOUR_H

#include "base/image.h"

struct lab {
    double l, a, b;
};

/* IEC 61966-2-1. encode and decode are odd-symmetric for values below 0. */
double colour_srgb_decode(double encoded);
double colour_srgb_encode(double linear);
/* encode to 0..255, rounded and clamped. Fast (table); for pictures. */
uint8_t colour_srgb_encode8(float linear);
/* The same for count pixels, interleaved. */
void colour_srgb_encode8_row(const float *r, const float *g, const float *b, int count,
                             uint8_t *rgb);

/* CIELAB of linear sRGB against the D65 white of IEC 61966-2-1 (so that (1,1,1) is (100,0,0)). */
struct lab colour_lab(double r, double g, double b);
/* The inverse: linear sRGB, may be outside 0..1. */
void colour_lab_to_rgb(struct lab lab, double rgb[3]);

/* CIEDE2000, kL = kC = kH = 1 (Sharma, Wu, Dalal 2005). */
double colour_delta_e00(struct lab first, struct lab second);

/* Individual typology angle atan2(L*-50, b*) in degrees (Chardon 1991). */
double colour_ita(struct lab lab);

/* RGB erythema index log10(R/G) and RGB melanin index -log10(R), linear values, floored at 1e-4. */
double colour_erythema(double r, double g);
double colour_melanin(double r);

/* Optical density -ln(linear), floored at linear 1e-3. */
float colour_density(float linear);
/* The same of `count` values, in place. */
void colour_densities(float *linear, int count);
/* A density picture: three planes -ln(linear RGB). *density is initialised here. */
striae_status colour_density_image(const struct image *image, int threads, struct image *density,
                                   striae_error *error);

#endif
