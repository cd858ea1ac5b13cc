/* What is to be rendered: chosen once from the seed, then only read. */
#ifndef STRIAE_PHANTOM_SCENE_H
#define STRIAE_PHANTOM_SCENE_H

#include "phantom/noise.h"
#include "phantom/ribbon.h"
#include "phantom/view.h"

#include "base/image.h"

/* Each part of the scene has random numbers of its own, so that switching one off leaves the
 * others as they were. */
enum stream {
    STREAM_SKIN = 1,
    STREAM_TILES,
    STREAM_BODY,
    STREAM_STRIAE,
    STREAM_CHANGE,
    STREAM_RIBBONS,
    STREAM_SPOTS,
    STREAM_CAMERA_FIRST,
    STREAM_CAMERA_LATER,
    STREAM_POSE,
    STREAM_LIGHT,
    STREAM_DEFORM,
    STREAM_CLOTH,
    STREAM_HAIR,
    STREAM_BACKGROUND,
    STREAM_JPEG,
    STREAM_CARD,
    STREAM_CAST,
    STREAM_FAULTS,
};

/* Optical density of skin: base + melanin * k_melanin + blood * k_blood, per channel. */
struct skin {
    double base[3], k_melanin[3], k_blood[3];
    double melanin, blood;               /* mean amounts */
    double melanin_mottle, blood_mottle; /* relative deviation, slow */
    double mottle_size;                  /* mm, longest wavelength of the mottling */
    double grain;                        /* relative deviation of the fine blood grain */
    double sheen;                        /* light thrown back by the surface itself */
    /* microrelief */
    double relief;      /* mm from plate to furrow */
    double plate;       /* mm, plate size */
    double line_angle;  /* rad, direction of the stretched plates */
    double line_ratio;  /* >= 1, how much they are stretched */
    double furrow_tint; /* blood added in furrows */
    double rough;       /* mm, unevenness of 2 to 20 mm */
    double dimple;      /* mm, unevenness of 20 to 80 mm */
    double gloss;       /* strength of shine */
    double polish;      /* exponent of shine */
    /* stria-free troubles, each 0 when absent */
    double goose;        /* mm, height of goose bumps */
    double scale;        /* 0..1, dry scales */
    double bump;         /* mm, cobbled skin */
    double pore;         /* 0..1, open pores */
    double flush;        /* blood added in blotches */
    double trouble_size; /* mm between scales / bumps */
};

struct spot { /* freckle, mole, dark mark, red dot */
    double x, y, radius;
    double melanin, blood; /* added in the middle */
    double absorb;         /* plain darkness added, all channels */
    double raise;          /* mm */
    double soft;           /* 0..1 */
    double lobe[4];        /* outline: amplitudes and phases */
    bool present[2];
    bool mark; /* a new dark mark, listed in the truth */
};

struct navel {
    bool present;
    double x, y, radius, squeeze, angle, depth;
};

struct lamp {
    double place[3];          /* mm, body frame */
    double strength, ambient; /* diffuse light on skin facing it; even light */
    double colour[3];         /* lamp */
    double shade[3];          /* ambient */
    double reference;         /* mm, distance at which strength holds */
};

struct hair_plan {
    int count;
    double length, thickness, dark, curl, direction, spread; /* mm, mm, density */
    double red;                                              /* 0..1 towards ginger or grey */
    uint64_t session_seed[2]; /* roots come from the scene's seed, growth from this */
};

struct cloth {
    bool present;
    double nx, ny, offset; /* covered where nx*x + ny*y + waves > offset (surface mm) */
    double wave[3], wavelength[3], phase[3];
    double colour[3]; /* linear reflectance */
    int weave;        /* 0 plain weave, 1 rib knit, 2 twill, 3 melange, 4 lace, 5 print */
    double pitch;     /* mm */
    double band;      /* mm, elastic waistband, 0 none */
    double thickness; /* mm */
    double print[3];
    double seed;
};

/* The reference card on the skin: a plane through `middle`, body frame. */
struct laid_card {
    bool present;
    double middle[3], right[3], down[3]; /* mm; unit vectors along the card's sides */
    double normal[3];                    /* out of the body, unit */
};

struct background {
    double colour[3], other[3], angle, mottle, seed;
};

struct camera {
    double blur;                 /* px sigma: lens, focus */
    double chroma_blur;          /* px sigma: colour interpolation */
    double motion, motion_angle; /* px, rad */
    double vignette;             /* loss of light in the corner, 0..0.6 */
    double gain[3];              /* exposure and white balance */
    double shot, read;           /* noise: variance = shot * value + read^2 */
    double grain_size;           /* px sigma the noise was smoothed with */
    double sharpen, sharpen_radius;
    bool mixes;
    double mix[3][3]; /* its channels from the light's: how its filters overlap */
    uint32_t seed;
};

struct session_plan {
    struct view view;
    struct lamp lamp;
    struct camera camera;
    struct cloth cloth[2];
    struct laid_card card;
    double tan;
    /* Faults of the photo */
    double oil;                    /* strength of its shine; 0 = none */
    bool shaded, flushed;          /* parts of the skin are, by y and by x in mm: */
    double shaded_from, red_until; /* below, left of */
    struct hair_plan hair;         /* beside the scene's; count 0 = none */
};

struct scene {
    struct phantom_options options;
    int tone;
    enum phantom_kind kind;
    double half_width, half_height; /* mm of skin around the origin that the first photo shows */
    struct skin skin;
    struct navel navel;
    struct tile cloud, grain, relief, cells;
    double relief_rate; /* texels per mm of the relief tile */
    size_t ribbon_count;
    struct ribbon *ribbons; /* striae first; owned */
    size_t stria_count;
    struct ribbon_grid grid;
    size_t spot_count;
    struct spot *spots; /* owned */
    struct hair_plan hair;
    struct background background;
    struct rgb8 card_picture; /* empty = no card; owned */
    struct session_plan session[2];
};

/* options must be valid. */
striae_status scene_init(struct scene *scene, const struct phantom_options *options,
                         striae_error *error);
void scene_free(struct scene *scene);

/* ---- parts, called by scene_init in this order ---- */
void scene_choose_skin(struct scene *scene);
striae_status scene_make_tiles(struct scene *scene, striae_error *error);
void scene_choose_views(struct scene *scene);
void scene_choose_light(struct scene *scene);
void scene_choose_cameras(struct scene *scene);
void scene_choose_cloth(struct scene *scene);
/* What the options name as faults of the later photo. */
void scene_spoil(struct scene *scene);
/* Cloth over that share of the photo, from the side at `angle`. */
struct cloth scene_cloth(const struct scene *scene, double angle, double cover, struct rng *rng);
striae_status scene_lay_card(struct scene *scene, striae_error *error);
/* Striae; ribbons has room for `room`. */
striae_status scene_plant_striae(struct scene *scene, size_t count, striae_error *error);
striae_status scene_plant_others(struct scene *scene, size_t room, striae_error *error);
striae_status scene_scatter_spots(struct scene *scene, striae_error *error);

static inline bool chance(struct rng *rng, double probability)
{
    return rng_uniform(rng) < probability;
}

static inline double log_range(struct rng *rng, double low, double high)
{
    return low * __builtin_exp(rng_uniform(rng) * __builtin_log(high / low));
}

#endif
