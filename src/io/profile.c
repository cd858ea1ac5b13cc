/* Colour profiles through Little CMS 2.
 *
 * A profile of curves and a matrix becomes a table per channel and one matrix, in plain float: a
 * hundred times faster than the library's general float transform, and just as exact. Profiles that
 * are tables themselves go through the library. Rendering intent: relative colorimetric, since what
 * counts is the light on the skin, not a pleasing picture. */
#include "io/profile.h"

#include "colour/colour.h"

#include <lcms2.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST_PROFILE (1u << 24)
#define MOST_LIGHT      8.0   /* linear values beyond are a broken profile */
#define SRGB_TOLERANCE  0.002 /* curves and matrix closer than this are sRGB's, rounded */

/* ---- tables ---- */

static int codes_of(const struct raster *raster)
{
    return raster->sample_bytes == 2 ? 65536 : 256;
}

static striae_status allocate_tables(int codes, struct conversion *to, striae_error *error)
{
    for (int c = 0; c < 3; c++) {
        to->table[c] = malloc((size_t)codes * sizeof(float));
        if (!to->table[c])
            return fail_memory(error);
    }
    return STRIAE_OK;
}

static void set_srgb(int codes, struct conversion *to)
{
    to->kind = CONVERSION_CURVES;
    to->is_srgb = true;
    for (int v = 0; v < codes; v++)
        to->table[0][v] = to->table[1][v] = to->table[2][v] =
            (float)colour_srgb_decode(v / (double)(codes - 1));
}

/* ---- profiles of curves and a matrix ---- */

/* Columns: XYZ (D50) of the three primaries. */
static bool read_colorants(cmsHPROFILE profile, double m[3][3])
{
    static const cmsTagSignature tags[3] = {cmsSigRedColorantTag, cmsSigGreenColorantTag,
                                            cmsSigBlueColorantTag};
    for (int c = 0; c < 3; c++) {
        const cmsCIEXYZ *xyz = cmsReadTag(profile, tags[c]);
        if (!xyz)
            return false;
        m[0][c] = xyz->X;
        m[1][c] = xyz->Y;
        m[2][c] = xyz->Z;
    }
    return true;
}

static bool invert(const double m[3][3], double inverse[3][3])
{
    double d = 0;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            int a = (i + 1) % 3, b = (i + 2) % 3, p = (j + 1) % 3, q = (j + 2) % 3;
            inverse[j][i] = m[a][p] * m[b][q] - m[a][q] * m[b][p];
        }
    for (int i = 0; i < 3; i++)
        d += m[0][i] * inverse[i][0];
    for (int i = 0; i < 9; i++)
        inverse[i / 3][i % 3] /= d;
    return fabs(d) > 1e-6;
}

static cmsHPROFILE make_profile(cmsContext context, const struct colour_space *space)
{
    double srgb[5] = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
    cmsToneCurve *curve = space->gamma > 0 ? cmsBuildGamma(context, space->gamma)
                                           : cmsBuildParametricToneCurve(context, 4, srgb);
    cmsToneCurve *curves[3] = {curve, curve, curve};
    cmsCIExyY white = {space->white[0], space->white[1], 1};
    cmsCIExyYTRIPLE primaries = {{space->red[0], space->red[1], 1},
                                 {space->green[0], space->green[1], 1},
                                 {space->blue[0], space->blue[1], 1}};
    cmsHPROFILE profile =
        curve ? cmsCreateRGBProfileTHR(context, &white, &primaries, curves) : NULL;
    cmsFreeToneCurve(curve);
    return profile;
}

static cmsHPROFILE linear_srgb(cmsContext context)
{
    struct colour_space space = space_srgb;
    space.gamma = 1;
    return make_profile(context, &space);
}

/* Linear sRGB from the profile's linear values. */
static bool find_matrix(cmsContext context, cmsHPROFILE profile, float matrix[3][3])
{
    double from[3][3], to[3][3], inverse[3][3];
    cmsHPROFILE srgb = linear_srgb(context);
    bool good = srgb && read_colorants(profile, from) && read_colorants(srgb, to) &&
                invert((const double(*)[3])to, inverse);
    if (srgb)
        cmsCloseProfile(srgb);
    for (int i = 0; i < 3 && good; i++) {
        double white = 0;
        for (int j = 0; j < 3; j++) {
            double sum = 0;
            for (int k = 0; k < 3; k++)
                sum += inverse[i][k] * from[k][j];
            good = good && fabs(sum) < MOST_LIGHT; /* NaN is not */
            white += sum;
            matrix[i][j] = (float)sum;
        }
        good = good && white > 0.5 && white < 1.5;
    }
    return good;
}

static bool find_curves(cmsHPROFILE profile, int codes, struct conversion *to)
{
    static const cmsTagSignature tags[3] = {cmsSigRedTRCTag, cmsSigGreenTRCTag, cmsSigBlueTRCTag};
    for (int c = 0; c < 3; c++) {
        const cmsToneCurve *curve = cmsReadTag(profile, tags[c]);
        if (!curve)
            return false;
        for (int v = 0; v < codes; v++) {
            float light = cmsEvalToneCurveFloat(curve, (float)v / (float)(codes - 1));
            if (!(light > -0.5f && light < 2))
                return false;
            to->table[c][v] = light;
        }
        if (to->table[c][codes - 1] < to->table[c][0] + 0.25f)
            return false;
    }
    return true;
}

static bool close_to_srgb(const struct conversion *to, int codes)
{
    for (int i = 0; i < 9; i++)
        if (fabsf(to->matrix[i / 3][i % 3] - (i % 4 == 0)) > SRGB_TOLERANCE)
            return false;
    for (int c = 0; c < 3; c++)
        for (int v = 0; v < codes; v++)
            if (fabs(to->table[c][v] - colour_srgb_decode(v / (double)(codes - 1))) >
                SRGB_TOLERANCE)
                return false;
    return true;
}

static bool use_matrix(cmsHPROFILE profile, int codes, struct conversion *to)
{
    if (!find_matrix(to->context, profile, to->matrix) || !find_curves(profile, codes, to))
        return false;
    to->kind = CONVERSION_MATRIX;
    if (close_to_srgb(to, codes))
        set_srgb(codes, to);
    return true;
}

/* ---- all others ---- */

void conversion_transform(const struct conversion *conversion, const float *encoded, float *linear,
                          int count)
{
    cmsDoTransform(conversion->transform, encoded, linear, (cmsUInt32Number)count);
    for (int i = 0; i < 3 * count; i++)
        if (!(fabsf(linear[i]) < (float)MOST_LIGHT))
            linear[i] = linear[i] > 0 ? (float)MOST_LIGHT : 0;
}

/* White is white, black is dark, and nothing between is beyond reason. */
static bool is_sane(const struct conversion *conversion, bool grey)
{
    enum { STEPS = 5 };
    for (int i = 0; i < STEPS * STEPS * STEPS; i++) {
        float in[3] = {(float)(i % STEPS), (float)(i / STEPS % STEPS), (float)(i / STEPS / STEPS)};
        float out[3];
        for (int c = 0; c < 3; c++)
            in[c] /= STEPS - 1;
        cmsDoTransform(conversion->transform, in, out, 1);
        bool white = in[0] == 1 && (grey || (in[1] == 1 && in[2] == 1));
        bool black = in[0] == 0 && (grey || (in[1] == 0 && in[2] == 0));
        for (int c = 0; c < 3; c++)
            if (!(fabsf(out[c]) < (float)MOST_LIGHT) ||
                (white && !(out[c] > 0.5f && out[c] < 1.5f)) || (black && out[c] > 0.25f))
                return false;
    }
    return true;
}

/* grey: of the profile's own space. */
static bool use_transform(cmsHPROFILE profile, bool grey, struct conversion *to)
{
    cmsHPROFILE srgb = linear_srgb(to->context);
    if (srgb)
        to->transform = cmsCreateTransformTHR(
            to->context, profile, grey ? TYPE_GRAY_FLT : TYPE_RGB_FLT, srgb, TYPE_RGB_FLT,
            INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOCACHE | cmsFLAGS_NOOPTIMIZE);
    if (srgb)
        cmsCloseProfile(srgb);
    to->kind = CONVERSION_TRANSFORM;
    return to->transform && is_sane(to, grey);
}

/* A picture without colour has few values: each goes through the transform once. */
static void tabulate_greys(int codes, struct conversion *to)
{
    for (int v = 0; v < codes; v++) {
        float value = (float)v / (float)(codes - 1), in[3] = {value, value, value}, out[3];
        cmsDoTransform(to->transform, in, out, 1);
        for (int c = 0; c < 3; c++)
            to->table[c][v] = out[c];
    }
    to->kind = CONVERSION_CURVES;
}

/* ---- choosing ---- */

static bool class_is_usable(cmsHPROFILE profile)
{
    cmsProfileClassSignature kind = cmsGetDeviceClass(profile);
    return kind == cmsSigInputClass || kind == cmsSigDisplayClass || kind == cmsSigOutputClass ||
           kind == cmsSigColorSpaceClass;
}

static bool has_tables(cmsHPROFILE profile)
{
    return cmsIsTag(profile, cmsSigAToB0Tag) || cmsIsTag(profile, cmsSigAToB1Tag) ||
           cmsIsTag(profile, cmsSigDToB0Tag) || cmsIsTag(profile, cmsSigDToB1Tag);
}

static bool use_profile(cmsHPROFILE profile, const struct raster *raster, struct conversion *to)
{
    bool grey_space = cmsGetColorSpace(profile) == cmsSigGrayData;
    int codes = codes_of(raster);
    if (!class_is_usable(profile) || (!grey_space && cmsGetColorSpace(profile) != cmsSigRgbData) ||
        (grey_space && !raster->info.grey))
        return false;
    if (!grey_space && cmsIsMatrixShaper(profile) && !has_tables(profile))
        return use_matrix(profile, codes, to);
    if (!use_transform(profile, grey_space, to))
        return false;
    if (raster->info.grey)
        tabulate_greys(codes, to);
    return true;
}

static void name_profile(cmsHPROFILE profile, struct photo_info *info)
{
    char name[256] = "";
    cmsGetProfileInfoASCII(profile, cmsInfoDescription, "en", "US", name, sizeof name);
    exif_text(name, sizeof name - 1, info->profile, sizeof info->profile);
    if (!info->profile[0])
        (void)snprintf(info->profile, sizeof info->profile, "unnamed profile");
}

/* The profile is used, or the state says that it is broken. */
static bool try_profile(cmsHPROFILE profile, const struct raster *raster, struct photo_info *info,
                        struct conversion *to)
{
    bool good = profile && use_profile(profile, raster, to);
    info->profile_state = good ? PROFILE_USED : PROFILE_BROKEN;
    return good;
}

static bool use_icc(const struct raster *raster, struct photo_info *info, struct conversion *to)
{
    cmsHPROFILE profile =
        raster->icc_size <= LARGEST_PROFILE && raster->icc
            ? cmsOpenProfileFromMemTHR(to->context, raster->icc, (cmsUInt32Number)raster->icc_size)
            : NULL;
    bool good = try_profile(profile, raster, info, to);
    if (good)
        name_profile(profile, info);
    if (profile)
        cmsCloseProfile(profile);
    return good;
}

static bool use_space(const struct colour_space *space, const struct raster *raster,
                      struct photo_info *info, struct conversion *to)
{
    cmsHPROFILE profile = make_profile(to->context, space);
    bool good = try_profile(profile, raster, info, to);
    if (good)
        memcpy(info->profile, space->name, sizeof info->profile);
    if (profile)
        cmsCloseProfile(profile);
    return good;
}

static bool choose(const struct raster *raster, struct photo_info *info, struct conversion *to)
{
    struct colour_space space;
    enum tag_meaning meaning = tags_space(&raster->tags, &space);
    bool by_code = raster->tags.primaries || raster->tags.transfer;
    if ((raster->icc || raster->icc_broken) && !(by_code && meaning == TAGS_KNOWN))
        return use_icc(raster, info, to);
    if (meaning == TAGS_KNOWN)
        return use_space(&space, raster, info, to);
    if (meaning == TAGS_UNUSABLE)
        info->profile_state = PROFILE_BROKEN;
    else if (info->claims_adobe_rgb)
        return use_space(&space_adobe_rgb, raster, info, to);
    return false;
}

striae_status conversion_open(const struct raster *raster, struct photo_info *info,
                              struct conversion *conversion, striae_error *error)
{
    *conversion = (struct conversion){.context = cmsCreateContext(NULL, NULL)};
    if (!conversion->context)
        return fail_memory(error);
    info->profile_state = PROFILE_MISSING;
    striae_status status = allocate_tables(codes_of(raster), conversion, error);
    if (status == STRIAE_OK && !choose(raster, info, conversion)) {
        (void)snprintf(info->profile, sizeof info->profile, "sRGB");
        set_srgb(codes_of(raster), conversion);
    }
    return status;
}

void conversion_close(struct conversion *conversion)
{
    for (int c = 0; c < 3; c++)
        free(conversion->table[c]);
    if (conversion->transform)
        cmsDeleteTransform(conversion->transform);
    if (conversion->context)
        cmsDeleteContext(conversion->context);
    *conversion = (struct conversion){0};
}
