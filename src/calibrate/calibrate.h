/* Scale, skin region and photo quality: what has to be known before anything is measured. */
#ifndef STRIAE_CALIBRATE_H
#define STRIAE_CALIBRATE_H

#include "base/image.h"
#include "base/perspective.h"
#include "base/photo_info.h"
#include "base/result.h"
#include "colour/colour.h"

/* *skin = the pixels to search for striae: skin, without clothes, background, body edge, navel
 * shadow, shine and deep shade. Initialised here. */
striae_status calibrate_skin(const struct image *image, int threads, struct mask *skin,
                             striae_error *error);

/* Scale of photo `index` from the options; SCALE_NONE with a reason when nothing gives one. */
void calibrate_scale(const striae_options *options, size_t index, enum scale_source *source,
                     striae_quantity *px_per_mm);

struct blur {
    double sigma;  /* px, of the sharpest detail in the skin: 0.3..8 */
    double motion; /* px, how much more than that in the direction the camera moved; 0 = none */
};
striae_status calibrate_blur(const struct image *image, const struct mask *skin, int threads,
                             struct blur *blur, striae_error *error);

/* One qc row per check of the picture by itself. */
striae_status calibrate_quality(const struct image *image, const struct mask *skin,
                                const struct blur *blur, struct qc *qc, striae_error *error);

/* What the file says of itself: colour profile, editing, compression. */
striae_status calibrate_file_checks(const struct photo_info *info, struct qc *qc,
                                    striae_error *error);

/* A later photo against the first: camera, lens, exposure, profile, blur (as calibrate_blur). What
 * either file does not tell gets no row. */
striae_status calibrate_pair_checks(const struct photo_info *first, const struct photo_info *later,
                                    double blur_first, double blur_later, struct qc *qc,
                                    striae_error *error);

/* The qc row of the scale, once it is settled: given, inherited from the first photo, or none. */
striae_status calibrate_scale_check(const striae_quantity *px_per_mm, bool inherited, struct qc *qc,
                                    striae_error *error);

/* The qc row of striae too narrow in the photo: width in mm or px, px_per_mm unknown for px. A
 * width that is not known gets no row. */
striae_status calibrate_width_check(const striae_quantity *width, const striae_quantity *px_per_mm,
                                    struct qc *qc, striae_error *error);

/* Why this metric cannot be measured in the photo, by the checks that failed; static. NULL where it
 * can. */
const char *calibrate_withheld(const struct qc *qc, striae_metric metric);

/* The qc row of how much both photos show of the same skin, %. */
striae_status calibrate_overlap_check(double percent, struct qc *qc, striae_error *error);

/* The qc row of whether a later photo looks from the same side: map, first photo to later one. A
 * map that knows little gets no row. MEMORY. */
striae_status calibrate_view_check(const struct warp *map, struct qc *qc, striae_error *error);

/* ---- the reference card ---- */

enum card_format { CARD_PDF, CARD_SVG, CARD_PNG, CARD_CSV };

#define CARD_PATCHES 18
#define CARD_WIDTH   85.60 /* mm: ISO/IEC 7810, ID-1 */
#define CARD_HEIGHT  53.98

/* CIELAB (D65) of the card's patches. */
struct card_colours {
    bool measured; /* of this batch's print; else as they should be */
    struct lab lab[CARD_PATCHES];
};
void calibrate_card_nominal(struct card_colours *colours);
/* From a table "patch,L,a,b" with a line for each patch; path for messages. FORMAT, MEMORY. */
striae_status calibrate_card_measured(const char *path, const char *text,
                                      struct card_colours *colours, striae_error *error);

/* The card as a file in memory, *data freed with free(). PDF: a sheet of A4; SVG and PNG (600 dpi):
 * the card alone; CSV: the nominal colours, as calibrate_card_measured reads them. batch: printed
 * on it. The same bytes for the same batch. MEMORY. */
striae_status calibrate_card_draw(enum card_format format, const char *batch, void **data,
                                  size_t *size, striae_error *error);
/* The card as sRGB pixels of that scale, without margin. */
striae_status calibrate_card_picture(double px_per_mm, struct rgb8 *picture, striae_error *error);

/* Linear RGB of the camera to linear sRGB: a matrix for r, g, b or, with roots, for r, g, b,
 * sqrt(rg), sqrt(gb), sqrt(br) (Finlayson, Mackiewicz, Hurlbert 2015, "Color correction using
 * root-polynomial regression"). Both keep a colour's hue at any exposure. */
struct card_correction {
    bool roots;
    double matrix[3][6];
};

/* What the card in a photo tells. */
struct card {
    bool found;
    const char *reason; /* why not, when there is a trace of one; static; else NULL */
    int tags;           /* of its four */
    bool chart;         /* not the card, but a colour chart of 24 patches */
    double pitch;       /* of the chart's patches in units of the plane: mm, or 1 = not known */
    /* The plane that it lies in */
    struct perspective plane;          /* mm on the card, from its top left corner; chart: pitch */
    double px_per_mm, px_per_mm_error; /* in its middle; standard error */
    double tilt, tilt_error;           /* degrees between the plane and the picture's; likewise */
    double residual;                   /* px, RMS of the tags' corners */
    /* Colours */
    bool has_colour;
    const char *colour_reason; /* why not; static */
    struct card_correction correction;
    int patches;            /* that could be used */
    double delta_e00;       /* mean over patches of a correction made without that patch */
    double delta_e00_error; /* standard error of that mean */
    double delta_e00_plain; /* mean without any correction but exposure */
};

/* Looks for the card. info gives the focal length, where it is known. No card is no error. MEMORY.
 */
striae_status calibrate_card_find(const struct image *image, const struct photo_info *info,
                                  const struct card_colours *colours, struct card *card,
                                  striae_error *error);
/* Whether it tells mm: the card, or a chart whose pitch is known. */
bool calibrate_card_has_scale(const struct card *card);
/* A chart in the photo has this mm from patch to patch: its plane, scale and tilt are in mm from
 * here on. Nothing without a chart. */
void calibrate_chart_pitch(double pitch, struct card *card);
/* px per mm at a pixel of the photo: the root of the px2 that a mm2 of the card's plane has there;
 * 0 where that plane is not in view. */
double calibrate_card_scale(const struct card *card, double x, double y);
/* The one scale of a photo whose skin lies in the card's plane, with its interval. */
void calibrate_card_px_per_mm(const struct card *card, const struct mask *skin,
                              striae_quantity *px_per_mm);
/* The qc rows of the card: whole, tilt, colours. None without a trace of a card. */
striae_status calibrate_card_checks(const struct card *card, struct qc *qc, striae_error *error);
/* The qc row of how far from the card striae lie; none without a card or without striae. MEMORY. */
striae_status calibrate_near_check(const struct card *card, const struct labels *striae,
                                   struct qc *qc, striae_error *error);
/* Two photos of the same skin. later and maps: NULL = there is none. */
struct curve_view {
    const struct card *first, *later;
    const struct warp *forward, *backward;
    int size[2][2]; /* width and height of each photo */
};
/* The qc row of how far skin lies outside the card's plane, where two cards tell; else it says that
 * this is not known. MEMORY. */
striae_status calibrate_curvature_check(const struct curve_view *view, struct qc *qc,
                                        striae_error *error);
/* Takes the card and a margin of 2 mm around it out of the mask. */
void calibrate_card_mask(const struct card *card, struct mask *mask);
/* Puts the picture's colours right, in place. */
void calibrate_card_correct(const struct card_correction *correction, int threads,
                            struct image *image);

/* ---- the tone of the skin, in photos corrected by a card ---- */

struct tone_view {
    const struct image *image; /* corrected */
    const struct mask *skin;
    const struct labels *striae; /* these are no skin */
    const struct card *card;     /* found in it */
};
struct skin_tone {
    struct lab lab;
    double light; /* dE2000, standard error: how much the light differs around the card */
};
/* Mean colour of the skin around the card, where the light is the card's; false where there is too
 * little of it. */
bool calibrate_skin_tone(const struct tone_view *view, struct skin_tone *tone);
/* The same in two photos, of the skin that both show. */
bool calibrate_skin_tones(const struct tone_view *first, const struct tone_view *later,
                          const struct warp *forward, struct skin_tone tones[2]);
/* L* and ITA. error: held-out dE2000 of the correction; unless the print was measured, the
 * intervals are as wide as prints differ. */
void calibrate_tone_quantities(const struct skin_tone *tone, double error, bool measured,
                               striae_quantity *lightness, striae_quantity *ita);
/* The change under one card: what the print is cancels; the error of each correction (dE2000, held
 * out) and of the light remain. */
void calibrate_tone_change(const struct skin_tone tones[2], double first_error, double later_error,
                           striae_difference *delta_e00, striae_difference *ita);

#endif
