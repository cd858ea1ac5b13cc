/* Makes colour profiles in memory, of each kind that photos carry. */
#ifndef STRIAE_TEST_IO_MAKE_ICC_H
#define STRIAE_TEST_IO_MAKE_ICC_H

#include "test_io_make.h"

#include <lcms2.h>
#include <zlib.h>

static const cmsCIExyY icc_d65 = {0.3127, 0.3290, 1};
static const cmsCIExyYTRIPLE icc_srgb = {{0.64, 0.33, 1}, {0.30, 0.60, 1}, {0.15, 0.06, 1}};
static const cmsCIExyYTRIPLE icc_p3 = {{0.68, 0.32, 1}, {0.265, 0.69, 1}, {0.15, 0.06, 1}};
static const cmsCIExyYTRIPLE icc_adobe = {{0.64, 0.33, 1}, {0.21, 0.71, 1}, {0.15, 0.06, 1}};

static inline struct bytes icc_bytes(cmsHPROFILE profile, const char *name)
{
    struct bytes to = {0};
    cmsUInt32Number size = 0;
    cmsMLU *text = cmsMLUalloc(NULL, 1);
    cmsMLUsetASCII(text, "en", "US", name);
    cmsWriteTag(profile, cmsSigProfileDescriptionTag, text);
    cmsMLUfree(text);
    cmsSaveProfileToMem(profile, NULL, &size);
    to.data = malloc(size);
    to.size = size;
    if (!to.data || !cmsSaveProfileToMem(profile, to.data, &size))
        abort();
    cmsCloseProfile(profile);
    return to;
}

/* gamma 0: the curve of sRGB. */
static inline cmsHPROFILE icc_matrix(const cmsCIExyYTRIPLE *primaries, double gamma)
{
    double srgb[5] = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
    cmsToneCurve *curve =
        gamma > 0 ? cmsBuildGamma(NULL, gamma) : cmsBuildParametricToneCurve(NULL, 4, srgb);
    cmsToneCurve *curves[3] = {curve, curve, curve};
    cmsHPROFILE profile = cmsCreateRGBProfile(&icc_d65, primaries, curves);
    cmsFreeToneCurve(curve);
    return profile;
}

static inline cmsHPROFILE icc_grey(double gamma)
{
    cmsToneCurve *curve = cmsBuildGamma(NULL, gamma);
    cmsHPROFILE profile = cmsCreateGrayProfile(cmsD50_xyY(), curve);
    cmsFreeToneCurve(curve);
    return profile;
}

static inline cmsInt32Number icc_sample(const cmsUInt16Number in[], cmsUInt16Number out[],
                                        void *transform)
{
    cmsDoTransform(transform, in, out, 1);
    return TRUE;
}

/* The colours of `like` as a table with 33 steps a side: what a profiled camera brings. Closes
 * `like`. */
static inline cmsHPROFILE icc_table(cmsHPROFILE like)
{
    cmsHPROFILE lab = cmsCreateLab2Profile(NULL), profile = cmsCreateProfilePlaceholder(NULL);
    cmsHTRANSFORM transform = cmsCreateTransform(like, TYPE_RGB_16, lab, TYPE_LabV2_16,
                                                 INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOCACHE);
    cmsPipeline *pipeline = cmsPipelineAlloc(NULL, 3, 3);
    cmsStage *table = cmsStageAllocCLut16bit(NULL, 33, 3, 3, NULL);
    cmsStageSampleCLut16bit(table, icc_sample, transform, 0);
    cmsPipelineInsertStage(pipeline, cmsAT_BEGIN, cmsStageAllocToneCurves(NULL, 3, NULL));
    cmsPipelineInsertStage(pipeline, cmsAT_END, table);
    cmsPipelineInsertStage(pipeline, cmsAT_END, cmsStageAllocToneCurves(NULL, 3, NULL));
    cmsSetProfileVersion(profile, 2.4);
    cmsSetDeviceClass(profile, cmsSigInputClass);
    cmsSetColorSpace(profile, cmsSigRgbData);
    cmsSetPCS(profile, cmsSigLabData);
    cmsWriteTag(profile, cmsSigMediaWhitePointTag, cmsD50_XYZ());
    if (!cmsWriteTag(profile, cmsSigAToB0Tag, pipeline))
        abort();
    cmsPipelineFree(pipeline);
    cmsDeleteTransform(transform);
    cmsCloseProfile(lab);
    cmsCloseProfile(like);
    return profile;
}

/* The content of an iCCP chunk. */
static inline struct bytes iccp_chunk(const struct bytes *icc)
{
    struct bytes to = {0};
    uLongf size = compressBound((uLong)icc->size);
    Bytef *packed = malloc(size);
    if (!packed || compress(packed, &size, icc->data, (uLong)icc->size) != Z_OK)
        abort();
    bytes_add(&to, "name\0", 6);
    bytes_add(&to, packed, size);
    free(packed);
    return to;
}

#endif
