/* Whether a line has the colour of a stria. */
#ifndef STRIAE_SEGMENT_HUE_H
#define STRIAE_SEGMENT_HUE_H

#include "base/polyline.h"
#include "segment/channels.h"

/* Median contrast of a line against the skin beside it. */
struct hue {
    double shade;  /* mean density: > 0 darker */
    double red;    /* ln R/G: > 0 redder */
    double yellow; /* ln G/B: > 0 yellower */
};

/* Limits of what has the colour of a stria, in a photo. */
struct hue_limits {
    double dark_red; /* of a dark line: redness to shade, at least */
    double slack;    /* >= 0, widens every limit by that much, for a first look at noisy pixels */
};

/* More melanin takes green and blue from light skin and leaves red; from dark skin, which gives
 * hardly any green and blue back, it takes red as well: there a dark stria may be shade alone. */
struct hue_limits hue_limits_of(const struct channels *channels, double slack);

/* Median contrast of each plane along the path. width: of the line, working px. MEMORY. */
striae_status hue_contrast(const struct plane planes[CHANNEL_COUNT], const struct polyline *path,
                           double width, double contrast[CHANNEL_COUNT], striae_error *error);

/* The same of the densities. */
striae_status hue_measure(const struct channels *channels, const struct polyline *path,
                          double width, struct hue *hue, striae_error *error);

/* The part of the path over which the local contrast goes with the whole line's: the run
 * first..last (inclusive) whose shares of that contrast, less what is asked, add up to most. A line
 * that runs on over a vein or into blotchy skin ends there. */
striae_status hue_trim(const struct channels *channels, const struct polyline *path, double width,
                       size_t *first, size_t *last, striae_error *error);

/* Whether a person would see the contrast: about 1 CIELAB unit; half more where it is only a little
 * more pigment, since skin is full of faint brown bands, and three times as much where it is shade
 * alone; times as much where the caller asks for it. */
bool hue_visible(const struct hue *hue, double times);

/* A line that is darker and yellower but not redder (a vein) is no stria, nor one that is lighter
 * but as red (a highlight of relief), nor one that is less red and yellower (skin between two red
 * striae). Leaves: rubra (redder), alba (lighter and less red), dark (darker, and redder as the
 * limits ask). */
bool hue_of_stria(const struct hue *hue, const struct hue_limits *limits);

/* Of those, the dark: by pigment, or by nothing but shade that is a little redder, as shade on skin
 * often is. */
bool hue_of_pigment(const struct hue *hue);

/* Darker by shade alone: all colours alike, as a dark stria of dark skin, but also a crease, a hair
 * or a shadow. */
bool hue_of_shade(const struct hue *hue);

#endif
