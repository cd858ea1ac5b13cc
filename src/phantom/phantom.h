/* Rendered before/after photos of skin with striae, with exact truth.
 *
 * Everything is defined on the unstretched skin as continuous functions of mm; a photo is made by
 * following each pixel back to the skin (camera, body shape, elastic deformation), adding up the
 * absorbers there (linear RGB = exp(-density)), lighting the relief, and passing the light through
 * a camera. The same options give the same bytes at any number of threads. */
#ifndef STRIAE_PHANTOM_H
#define STRIAE_PHANTOM_H

#include "base/image.h"
#include "base/polyline.h"

#include <stdbool.h>

struct photo;

enum phantom_kind { PHANTOM_ANY, PHANTOM_RUBRA, PHANTOM_ALBA, PHANTOM_DARK, PHANTOM_MIXED };

/* What is wrong with the later photo, on top of what the seed gives it; 0 = nothing. */
struct phantom_faults {
    double motion;   /* 0..60: px that the camera moves while it takes the photo */
    double exposure; /* -6..6: stops that it lets in more light */
    double shine;    /* 0..1: oily skin under a flash beside the lens */
    double shade;    /* 0..1: share of the skin that lies in deep shade */
    double flush;    /* 0..1: share of the skin that is red, as after rubbing */
    double hair;     /* 0..20: long dark hairs per cm2 */
    double cover;    /* 0..0.95: share of the skin under clothes */
    double askew;    /* -60..60: degrees about x by which the camera looks from another side */
};

/* What to render; phantom_options_default leaves all but the seed to chance. */
struct phantom_options {
    uint64_t seed;
    int width, height; /* px, 16..16384; default 1800 x 1350 */
    double px_per_mm;  /* 1..60; default 10 */
    int tone;          /* Fitzpatrick-like skin type 1..6; 0 = by seed */
    enum phantom_kind kind;
    int stria_count;    /* -1 = by seed; 0 = stria-free skin; up to 400 */
    double stria_width; /* mm, typical width of every stria; 0 = by seed (0.5..10) */
    double contrast;    /* factor on the striae's colour, > 0; default 1 */
    double hardness;    /* 0 = plain, 0.5 = as usual, 1 = everything that makes it hard */
    int jpeg_quality;   /* 1..100; 0 = by seed (60..98) */
    /* Neutral even light, no relief, no mottling, no blur, no noise: what the truth says, as seen
     * by a perfect camera. For tests. */
    bool ideal;
    /* What changes between the sessions; a null pair (same skin, new photo) has change = false. */
    bool change;  /* per-stria width, colour, gone, new; tan; hair; side effects */
    bool deform;  /* elastic skin deformation */
    double pose;  /* 0 = both photos straight from above, 1 = usual, up to 3 = far */
    double light; /* 0 = same lamp and white balance, 1 = usual, up to 3 */
    /* Fixed moves of the later camera, on top of what pose gives. */
    double turn;             /* degrees, -180..180: the picture is turned about its middle */
    double zoom;             /* 0.2..5: later px per first px */
    double shift_x, shift_y; /* -1..1: of the first photo's width and height */
    double stretch;          /* -0.3..0.3: the later session's skin is stretched evenly by this */
    /* Fixed factors for every stria of the after photo, 0..4; 0 = by seed. */
    double width_factor, colour_factor;
    /* Side effects of the after photo: how many new dark marks (0..30), and beside how many striae
     * the skin is redder (0..400); -1 = by seed, none where nothing changes. */
    int marks, reddened;
    /* Both cameras look at the skin from this many degrees (0..60) beside straight above, from the
     * direction tilt_toward (degrees), on top of what pose gives. */
    double tilt, tilt_toward;
    bool card;     /* the reference card lies on the skin, anew in each session; it covers skin */
    double cast;   /* 0..0.5: how far white balances are off, and how the cameras' filters differ */
    double radius; /* mm, of the body's curve, apex in the middle: 20..1e6; 0 = by seed */
    double defocus; /* px sigma of the after photo's added defocus, -1 = by seed */
    struct phantom_faults faults;
    int threads; /* 0 = one per processor */
};

/* One stria as it is in one session. Lengths and areas are on the skin surface, in mm of
 * unstretched skin; "visible" is what lies in the frame, on skin that faces the camera, not under
 * clothes. A stria that is not there in this session is gone, and all but id and kind is 0. */
struct phantom_stria {
    int id; /* the same in both sessions, 1.. */
    bool gone;
    enum phantom_kind kind;             /* rubra, alba or dark */
    double width_factor, colour_factor; /* against the skin plan; 1 in the first session */
    double length_mm, visible_length_mm;
    double width_mean_mm; /* mean full width at half maximum along the visible line */
    double area_mm2;      /* visible pixels of its label times the skin area of each */
    size_t visible_px;
    /* CIELAB of the label's visible pixels less that of the skin 1 to 3 mm beyond its edge (no
     * other stria there), both in neutral even light, without moles, hair, relief and noise. */
    double dl, da, db;
    double redness;             /* blood added beside it; 0 = none */
    struct polyline centreline; /* px of its photo, may run outside the frame; owned */
};

/* Where the reference card really is. */
struct phantom_card {
    bool present;
    struct point corner[4]; /* px: left top, right top, right bottom, left bottom */
    double px_per_mm;       /* in its middle: root of the px2 of a mm2 there */
    double tilt;            /* degrees between its plane and the picture's */
    double focal;           /* px, of the camera that sees it */
};

struct phantom_session {
    struct rgb8 picture; /* what the camera saw, before JPEG */
    struct mask mask;    /* 255 = contrast of a stria at least half of its maximum there */
    struct labels labels;
    struct mask skin; /* 255 = skin that faces the camera */
    size_t stria_count;
    struct phantom_stria *striae; /* owned; the same ids in both sessions */
    double width_mean_mm;         /* weighted by visible length */
    double area_mm2, dl, da, db;  /* over all stria pixels; colours weighted by pixels */
    double stria_lab[3], ring_lab[3];
    double skin_mm2, ring_ita;
    double skin_lab[3]; /* mean light of the visible skin beside striae, in neutral even light */
    struct phantom_card card;
    double tan;                /* factor on the melanin of the skin */
    struct polyline landmarks; /* skin points seen in both photos, px; same order in both */
    struct polyline watch;     /* new dark marks in view, px */
    double redness;            /* lasting erythema around striae, mean added blood; 0 = none */
};

struct phantom_pair {
    uint64_t seed;
    int tone; /* 1..6 */
    enum phantom_kind kind;
    double px_per_mm; /* mean scale of the first photo over its skin */
    int jpeg_quality;
    struct phantom_session session[2];
};

void phantom_options_default(struct phantom_options *options);

/* "rubra", "alba", "dark", "mixed", "any". Static. */
const char *phantom_kind_name(enum phantom_kind kind);
/* The inverse; false where the name is none of these. */
bool phantom_kind_parse(const char *name, enum phantom_kind *kind);

/* Renders the pair into memory. ARGUMENT for an option out of its range, MEMORY. On failure *pair
 * is zeroed. Freed with phantom_pair_free. */
striae_status phantom_render(const struct phantom_options *options, struct phantom_pair *pair,
                             striae_error *error);
void phantom_pair_free(struct phantom_pair *pair);

/* One session's photo as it is read from its file: through JPEG and back, in memory. Freed with
 * photo_free. MEMORY. */
striae_status phantom_photo(const struct phantom_pair *pair, int session, int threads,
                            struct photo *photo, striae_error *error);

/* Renders the pair into dir (made if missing): before.jpg, after.jpg, {before,after}_mask.png,
 * _id.png (16 bit, the stria's id), _skin.png, and truth.json last. Existing files are an error
 * unless overwrite. */
striae_status phantom_write(const struct phantom_options *options, const char *dir, bool overwrite,
                            striae_error *error);

#endif
