/* Channels smoothed along lines of every direction, one width at a time. */
#ifndef STRIAE_SEGMENT_ORIENTED_H
#define STRIAE_SEGMENT_ORIENTED_H

#include "base/fft.h"
#include "segment/evidence.h"

#define PLANE_COUNT (CHANNEL_COUNT + 1) /* the last: the network's logit */
#define NETWORK     CHANNEL_COUNT

/* A scale's grid: place (x,y) of it lies on working pixel (x*step_x, y*step_y). As fine against
 * sigma as the working pixels are at the finest scale. */
struct grid {
    int scale;
    int width, height; /* places over the picture */
    double step_x, step_y;
    /* Smoothed planes: place (x,y) is [y * stride + x]. */
    size_t stride;
    float *smooth[DIRECTION_COUNT][PLANE_COUNT]; /* owned by the store */
    struct fft fft;                              /* of the grid and its border */
};

/* Room for the planes of any grid. */
struct store {
    float *plane[DIRECTION_COUNT][PLANE_COUNT];
};

/* The pictures' spectra. */
struct spectra {
    int width, height; /* of the pictures, working px */
    struct fft fft;
    fftwf_complex *plane[PLANE_COUNT];
};

double oriented_along(int scale);
/* From a line of that direction to what lies beside it, working px. */
void oriented_side(int scale, int direction, double offset[2]);

/* Of the channels and of the logit, which is clipped. MEMORY. */
striae_status spectra_init(const struct channels *channels, const struct plane *logit, int threads,
                           struct spectra *spectra, striae_error *error);
void spectra_free(struct spectra *spectra);

/* MEMORY. */
striae_status store_init(const struct spectra *spectra, struct store *store, striae_error *error);
void store_free(struct store *store);

/* The grid of a scale with planes yet to be filled, in the room of the last one's. MEMORY. */
striae_status grid_init(const struct spectra *spectra, int scale, const struct store *store,
                        struct grid *grid, striae_error *error);
void grid_free(struct grid *grid);

/* Fills grid->smooth[direction]: elongated Gaussians (evidence.h), in the Fourier domain. What the
 * grid cannot hold is left out: a gain under 3e-4. False without memory. */
bool grid_smooth(const struct spectra *spectra, int direction, struct grid *grid);

/* *out = the plane at the grid's places: the nearest pixel's value. */
striae_status grid_pick(const struct grid *grid, const struct plane *plane, struct plane *out,
                        striae_error *error);

#endif
