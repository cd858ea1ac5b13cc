/* Checks of the picture: sharpness, size, exposure, light, shine, redness, hair, skin in view. */
#include "calibrate/hair.h"
#include "calibrate/light.h"

#include <math.h>

#define BLUR_LIMIT   2.5  /* px */
#define BLUR_FAIL    6.0  /* px: edges of striae are no longer where they were */
#define MOTION_LIMIT 1.5  /* px */
#define CLIP_LIMIT   0.5  /* % of skin */
#define CLIP_FAIL    50.0 /* % of skin */
#define SHINE_LIMIT  1.0  /* % of skin, in spots of shine */
#define VEIL_LIMIT   10.0 /* % of skin, under a veil of it */
#define UNEVEN_LIMIT 20.0 /* % of skin, in light too far from the usual */
#define RED_LIMIT    10.0 /* % of skin */
#define HAIR_LIMIT   1.2  /* % of skin */
#define SKIN_LIMIT   20.0 /* % of the photo */
#define SIDE_LIMIT   800  /* px, longer side */

struct check {
    const char *name;
    double value, limit;
    bool at_least; /* the value must reach the limit; else it must not pass it */
    double fail;   /* beyond it what the check is about cannot be measured; 0 = there is no such */
    const char *good_text, *bad_text;
};

striae_status calibrate_quality(const struct image *image, const struct mask *skin,
                                const struct blur *blur, struct qc *qc, striae_error *error)
{
    struct light light;
    int side = image->width > image->height ? image->width : image->height;
    light_look(image, skin, &light);
    bool veiled = light.veil_share > VEIL_LIMIT;
    double hair = hair_share(image, skin);
    const struct check checks[] = {
        {"focus", blur->sigma, BLUR_LIMIT, false, BLUR_FAIL, "The photo is sharp.",
         "The photo is blurred: hold the camera still, focus on the skin, retake."},
        {"motion", blur->motion, MOTION_LIMIT, false, 0, "The camera was still.",
         "The camera moved: rest it on something or use more light, retake."},
        {"resolution", side, SIDE_LIMIT, true, 0, "The photo has enough pixels.",
         "The photo is small: use the original file, not a thumbnail or screenshot."},
        {"clipping", light.clipped_share, CLIP_LIMIT, false, CLIP_FAIL,
         "The skin is not over-exposed.",
         "Part of the skin is over-exposed: lower the exposure or avoid shine, retake."},
        {"shine", veiled ? light.veil_share : light.shine_share, veiled ? VEIL_LIMIT : SHINE_LIMIT,
         false, 0, "The skin does not shine.",
         "The skin shines: dry it, move the lamp or flash to the side or soften it, retake."},
        {"light", light.uneven_share, UNEVEN_LIMIT, false, 0, "The light reaches all of the skin.",
         "Part of the skin lies in deep shade or under a spot of light: use diffuse light from the "
         "front."},
        {"redness", light.red_share, RED_LIMIT, false, 0, "No patches of fresh redness.",
         "Patches of the skin are red, as after rubbing, heat or a treatment, and hide striae: "
         "wait "
         "until they fade, retake."},
        {"hair", hair, HAIR_LIMIT, false, 0, "Little hair lies over the skin.",
         "Hair lies over the skin and is easily taken for striae: comb it aside or cut it short, "
         "retake."},
        {"skin", light.skin_share, SKIN_LIMIT, true, 0, "Skin fills the photo.",
         "Little of the photo is skin: move closer so that the skin fills it."},
    };
    striae_status status = STRIAE_OK;
    for (size_t i = 0; i < sizeof checks / sizeof *checks && status == STRIAE_OK; i++) {
        const struct check *c = &checks[i];
        bool good = c->at_least ? c->value >= c->limit : c->value <= c->limit;
        bool failed = c->fail > 0 && c->value > c->fail;
        status = qc_add(qc, c->name,
                        failed ? QC_FAIL
                        : good ? QC_PASS
                               : QC_WARN,
                        c->value, c->limit, good ? c->good_text : c->bad_text, error);
    }
    return status;
}
