/* Colour spaces that photos name by number or by tags instead of by a profile. */
#include "io/profile.h"

#include <math.h>
#include <stdio.h>

#define D65                                                                                        \
    {                                                                                              \
        0.3127, 0.3290                                                                             \
    }

const struct colour_space space_srgb = {"sRGB", D65, {0.64, 0.33}, {0.30, 0.60}, {0.15, 0.06}, 0};
/* Adobe RGB (1998) Color Image Encoding, 2005: gamma 2 + 51/256. */
const struct colour_space space_adobe_rgb = {"Adobe RGB (1998)", D65,          {0.64, 0.33},
                                             {0.21, 0.71},       {0.15, 0.06}, 2.19921875};

/* ITU-T H.273 (2021), table 2: colour primaries by code point. */
static const struct {
    int code;
    struct colour_space space;
} primaries[] = {
    {1, {"sRGB", D65, {0.64, 0.33}, {0.30, 0.60}, {0.15, 0.06}, 0}},
    {2, {"sRGB", D65, {0.64, 0.33}, {0.30, 0.60}, {0.15, 0.06}, 0}}, /* unspecified */
    {5, {"BT.601, 625 lines", D65, {0.64, 0.33}, {0.29, 0.60}, {0.15, 0.06}, 0}},
    {6, {"BT.601, 525 lines", D65, {0.630, 0.340}, {0.310, 0.595}, {0.155, 0.070}, 0}},
    {7, {"SMPTE 240M", D65, {0.630, 0.340}, {0.310, 0.595}, {0.155, 0.070}, 0}},
    {9, {"BT.2020", D65, {0.708, 0.292}, {0.170, 0.797}, {0.131, 0.046}, 0}},
    {11, {"DCI-P3", {0.314, 0.351}, {0.680, 0.320}, {0.265, 0.690}, {0.150, 0.060}, 0}},
    {12, {"Display P3", D65, {0.680, 0.320}, {0.265, 0.690}, {0.150, 0.060}, 0}},
};

bool tags_are_hdr(const struct colour_tags *tags)
{
    return tags->transfer == 16 || tags->transfer == 18;
}

/* Table 3: the transfer function by code point. The curves of television (1, 6, 14, 15) are those
 * of the camera; pictures tagged so are made to be looked at as sRGB. */
static bool transfer_gamma(int code, double *gamma)
{
    switch (code) {
    case 1:
    case 2:
    case 6:
    case 13:
    case 14:
    case 15:
        *gamma = 0;
        return true;
    case 4:
        *gamma = 2.2;
        return true;
    case 5:
        *gamma = 2.8;
        return true;
    case 8:
        *gamma = 1;
        return true;
    default:
        return false;
    }
}

static enum tag_meaning by_code(const struct colour_tags *tags, struct colour_space *space)
{
    double gamma;
    if (!transfer_gamma(tags->transfer, &gamma))
        return TAGS_UNUSABLE;
    for (size_t i = 0; i < sizeof primaries / sizeof *primaries; i++)
        if (primaries[i].code == tags->primaries) {
            *space = primaries[i].space;
            space->gamma = gamma;
            return TAGS_KNOWN;
        }
    return TAGS_UNUSABLE;
}

static bool near_srgb(const double c[8])
{
    static const double srgb[8] = {0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06};
    for (int i = 0; i < 8; i++)
        if (fabs(c[i] - srgb[i]) > 0.002)
            return false;
    return true;
}

/* A gAMA of 1/2.2 beside the primaries of sRGB (or none) is how writers without the sRGB chunk say
 * sRGB. */
static enum tag_meaning by_gamma(const struct colour_tags *tags, struct colour_space *space)
{
    const double *c = tags->chromaticity;
    bool has_primaries = c[0] != 0 && !near_srgb(c);
    bool srgb_curve = tags->gamma == 0 || fabs(tags->gamma - 1 / 2.2) < 0.001;
    *space = space_srgb;
    if (!srgb_curve && !(tags->gamma > 0.05 && tags->gamma < 20))
        return TAGS_UNUSABLE;
    if (!srgb_curve)
        space->gamma = 1 / tags->gamma;
    for (int k = 0; k < 2 && has_primaries; k++) {
        space->white[k] = c[k];
        space->red[k] = c[2 + k];
        space->green[k] = c[4 + k];
        space->blue[k] = c[6 + k];
    }
    if (has_primaries || !srgb_curve)
        (void)snprintf(space->name, sizeof space->name, "%s primaries, gamma %.3g",
                       has_primaries ? "own" : "sRGB", srgb_curve ? 2.2 : space->gamma);
    return TAGS_KNOWN;
}

enum tag_meaning tags_space(const struct colour_tags *tags, struct colour_space *space)
{
    if (tags->primaries || tags->transfer)
        return by_code(tags, space);
    if (tags->srgb) {
        *space = space_srgb;
        return TAGS_KNOWN;
    }
    return tags->gamma != 0 || tags->chromaticity[0] != 0 ? by_gamma(tags, space) : TAGS_SILENT;
}
