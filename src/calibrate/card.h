/* The reference card: where everything is on it, and what was found of it in a photo.
 *
 * Lengths in mm from the card's top left corner, x right, y down. The card has the size ID-1 of
 * ISO/IEC 7810. Its tags are of the family 36h11 (Olson 2011, "AprilTag: a robust and flexible
 * visual fiducial system"; Wang and Olson 2016, "AprilTag 2"). */
#ifndef STRIAE_CALIBRATE_CARD_H
#define STRIAE_CALIBRATE_CARD_H

#include "base/image.h"
#include "calibrate/calibrate.h"
#include "colour/colour.h"

#define CARD_TAGS     4
#define CARD_TAG_SIDE 12.0 /* of the black square; 8 cells of 1.5 mm, and one of white around */
#define CARD_PATCH    7.2  /* side of a patch */

struct card_tag {
    int id;
    double x, y; /* centre */
};

struct card_patch {
    const char *name;
    double x, y;    /* centre */
    struct lab lab; /* as it should be printed; D65 */
};

extern const struct card_tag card_tags[CARD_TAGS];
extern const struct card_patch card_patches[CARD_PATCHES];

#define CARD_CORNERS (4 * CARD_TAGS)

/* Corners of the tags' black squares: mm on the card, px in the photo. */
struct card_corners {
    int tags, count;
    double mm[CARD_CORNERS][2], px[CARD_CORNERS][2];
    double out[CARD_CORNERS][2]; /* -1 or 1: which way the corner lies from its tag's centre */
};

/* Looks for the tags in a grey picture; *corners has no tags when there are none. Tags of one
 * number found twice are left out, and *twice is set. */
striae_status card_find_tags(const struct image *image, struct card_corners *corners, bool *twice,
                             striae_error *error);

/* Fits the camera's pose to the corners: fills in *card but for its colours. The sides of the photo
 * in px; focal in px, 0 = unknown. */
striae_status card_fit(const struct card_corners *corners, int width, int height, double focal,
                       struct card *card, striae_error *error);

/* One patch as the camera saw it, and as it is. */
struct card_sample {
    double seen[3], truth[3]; /* linear */
    struct lab lab;           /* of truth */
};
#define CARD_MOST_SAMPLES 24
/* The correction with the smaller held-out error, linear or with roots, and its errors: fills in
 * has_colour, correction, patches and delta_e00. */
void card_fit_colours(const struct card_sample *samples, int count, struct card *card);

/* Compares the patches with what they are: fills in the colours of *card, which is found. */
void card_read_colours(const struct image *image, const struct card_colours *colours,
                       struct card *card);

/* The nominal colours as CSV; *text freed with free(). */
striae_status card_table(char **text, size_t *size, striae_error *error);

/* Solves a x = b for a symmetric positive definite n x n matrix (Cholesky); x takes b's place, a is
 * spoilt. false when it is not positive definite. */
bool card_solve(double *a, int n, double *b);

/* mm in the card's plane from its edge to what the pixel sees, 0 on it; infinite where the plane is
 * not in view. */
double card_distance(const struct card *card, double x, double y);

/* Which quarter around the card's middle the pixel sees: 0..3. */
int card_side(const struct card *card, double x, double y);

#endif
