/* What a clinician must see early: new dark marks, and skin that stays redder beside striae.
 * Private to measure/. */
#ifndef STRIAE_MEASURE_WATCH_H
#define STRIAE_MEASURE_WATCH_H

#include "measure/series.h"

/* Fills in watch and watch_count of *change (session `later` against the first). Nothing where the
 * photos were not lined up. */
striae_status watch_find(const struct series *series, size_t later, struct change *change,
                         striae_error *error);

/* Adds a row; where is taken over. */
striae_status watch_add(struct change *change, const char *kind, striae_quantity area,
                        struct polyline *where, const char *message, striae_error *error);

/* ---- the two photos on one grid (watch_grid.c) ---- */

/* Both photos as optical density on a grid over the first one: cell (i,j) is centred on pixel
 * ((i+0.5)*step-0.5, ...) of it. */
struct watch_grid {
    int width, height, threads;
    int step;    /* px of the first photo per cell */
    double unit; /* mm per cell, or px of the first photo where there is no scale */
    double size; /* cells per "mm": a third of the usual stria's width where there is no scale */
    bool has_scale;
    struct plane u, v;         /* where the cell lies in the later photo, px; NaN = unknown */
    struct plane error;        /* of that, cells */
    struct plane first[3];     /* density */
    struct plane first_weight; /* 1 = skin */
    /* the later photo, in its own geometry, reduced so that its cells are about as large */
    int later_step;
    double later_ratio; /* its cells per cell of the grid, in length */
    struct plane later[3], later_weight;
};

striae_status watch_grid_init(const struct series *series, size_t later, struct watch_grid *grid,
                              striae_error *error);
void watch_grid_free(struct watch_grid *grid);
/* A plane of the later photo (its own cells) brought onto the grid; NaN where it is not known. *out
 * is initialised here. */
striae_status watch_bring(const struct watch_grid *grid, const struct plane *later,
                          struct plane *out, striae_error *error);

/* ---- (watch_marks.c, watch_redness.c) ---- */
striae_status watch_marks(const struct watch_grid *grid, struct change *change,
                          striae_error *error);
striae_status watch_redness(const struct series *series, size_t later,
                            const struct watch_grid *grid, struct change *change,
                            striae_error *error);

#endif
