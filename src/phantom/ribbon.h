/* Long thin things on the skin: striae, veins, creases, scars, pressure marks, scratches. */
#ifndef STRIAE_PHANTOM_RIBBON_H
#define STRIAE_PHANTOM_RIBBON_H

#include "base/polyline.h"
#include "base/random.h"
#include "phantom/phantom.h"

#define RIBBON_FINE   4   /* samples of width and strength per segment of the line */
#define RIBBON_STEP   0.6 /* mm between the points of a line */
#define RIBBON_BEYOND 3.2 /* mm past a stria's edge that are still looked at (its ring) */
#define RIBBON_HITS   16  /* most ribbons looked at in one point */

enum ribbon_class {
    RIBBON_STRIA,
    RIBBON_VEIN,
    RIBBON_CREASE,
    RIBBON_SCAR,
    RIBBON_PRESSURE, /* the mark of an elastic band */
    RIBBON_SCRATCH,
};

/* How a ribbon is in one session. */
struct ribbon_state {
    bool present;
    double width, colour; /* factors */
    double erythema;      /* blood added around it */
};

struct ribbon {
    enum ribbon_class class;
    int id;                 /* striae: 1..; others 0 */
    enum phantom_kind kind; /* striae only */
    size_t count;           /* points of the line, RIBBON_STEP apart (about) */
    float *x, *y;           /* mm, unstretched skin; owned */
    /* (count-1)*RIBBON_FINE+1 samples: distance of the half-maximum edge to the left and right of
     * the line (mm), and strength 0..1 along it; owned. */
    float *left, *right, *strength;
    double step, length; /* mm: exact distance of the points (mean), whole length */
    double softness;     /* 0..1: the edge reaches softness * the smaller half width to either side
                            of the half maximum; 1 = bell */
    /* What it does at full strength. */
    double melanin;   /* factor - 1 on the skin's melanin */
    double blood;     /* added */
    double clear;     /* factor - 1 on the skin's own blood */
    double absorb[3]; /* density added to R, G, B */
    double relief;    /* mm raised (+) or sunk (-) */
    double rim;       /* mm raised along the border */
    double wrinkle;   /* mm of fine wrinkles inside */
    double spacing;   /* mm between them */
    double smooth;    /* 0..1: how much of the skin's own relief is gone */
    double gloss;     /* factor - 1 on shine */
    double speckle;   /* relative unevenness of its colour within, mean 0 */
    double seed;      /* 0..1, places its textures */
    struct ribbon_state state[2];
};

struct hit {
    const struct ribbon *ribbon;
    double along, offset; /* mm: along the line; across it, right of its direction positive */
    double profile;       /* 0..1: exactly 0.5 on the edge */
    double strength;      /* along the line, with the session's colour factor; 0..  */
    double beyond;        /* mm past the edge, negative inside */
};

/* Cells with the segments that matter in them. */
struct ribbon_grid {
    double x, y, cell; /* corner, mm */
    int columns, rows;
    uint32_t *start; /* columns*rows+1; owned */
    struct ribbon_item {
        uint16_t ribbon, segment;
    } * items; /* owned; by cell, then ribbon, then segment */
};

/* A ribbon along the line (mm, resampled to equal steps), with the typical width in mm, ragged: 0
 * smooth .. 1 torn, taper: part of the length over which each end thins out. Only the geometry is
 * set. */
striae_status ribbon_init(struct ribbon *ribbon, const struct polyline *line, double width,
                          double ragged, double patchy, double taper, struct rng *rng,
                          striae_error *error);
void ribbon_free(struct ribbon *ribbon);

striae_status ribbon_grid_init(struct ribbon_grid *grid, const struct ribbon *ribbons, size_t count,
                               double x0, double y0, double x1, double y1, striae_error *error);
void ribbon_grid_free(struct ribbon_grid *grid);
/* All ribbons of the session near (x,y): at most RIBBON_HITS, in the order of the list. */
int ribbons_at(const struct ribbon_grid *grid, const struct ribbon *ribbons, int session, double x,
               double y, struct hit hits[RIBBON_HITS]);

#endif
