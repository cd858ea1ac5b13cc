/* Pieces of one picture looked for everywhere in another, at every turn and zoom. */
#ifndef STRIAE_ALIGN_HUNT_H
#define STRIAE_ALIGN_HUNT_H

#include "align/bands.h"
#include "base/fft.h"

#include <stdatomic.h>
#include <stdbool.h>

#define HUNT_PIECES 9  /* at most, per zoom */
#define HUNT_TURNS  48 /* over the full circle */
#define HUNT_ZOOMS  12 /* 1, 1.1, ... 2.85 */

struct spot { /* the best place of one piece at one turn and zoom */
    float x, y, z;
};

/* The wide picture is searched for pieces of the narrow one. */
struct hunt {
    const struct bands *wide, *narrow;
    int wide_level;
    struct fft fft;
    fftwf_complex *spectrum[BAND_CHANNELS]; /* of the wide picture */
    double (*piece)[HUNT_PIECES][2];        /* per zoom: middles, px of the narrow level */
    int *pieces;                            /* per zoom: how many */
    struct spot *spots;                     /* [zoom][piece][turn] */
    bool swapped;                           /* the wide picture is the later one */
    int first_zoom;                         /* 1 leaves out the zoom of 1 */
    atomic_bool failed;
};

/* Begins zeroed but for wide, narrow, swapped and first_zoom. Each piece's best place at each turn
 * and zoom is found by correlation (through FFT) in an octave of the wide picture that is at most
 * 180 px long, and given in standard deviations of that correlation over the skin. */
striae_status hunt_run(struct hunt *hunt, int threads, striae_error *error);
void hunt_free(struct hunt *hunt);

/* Narrow px per wide px, both of the photos' level 0. */
double hunt_zoom(int index);
/* The narrow picture's octave whose px come nearest to those searched, and its px per such px. */
int hunt_level(const struct hunt *hunt, int zoom, double *ratio);
/* Offsets in the wide octave -> offsets in the narrow one, row by row. */
void hunt_matrix(int turn, double ratio, double m[4]);
/* HUNT_TURNS of them. */
struct spot *hunt_spots(const struct hunt *hunt, int zoom, int piece);

#endif
