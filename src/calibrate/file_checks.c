/* Checks of what the files say about themselves, each alone and against the first photo's. */
#include "calibrate/calibrate.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define JPEG_LIMIT     80
#define FOCAL_LIMIT    5.0 /* %, of the focal length */
#define EXPOSURE_LIMIT 1.0 /* stops */
#define FOCUS_LIMIT    1.6 /* ratio of the two photos' blur */
#define SHARP          1.0 /* px: of two photos as sharp as that neither is softer */

__attribute__((format(printf, 6, 7))) static striae_status
add(struct qc *qc, const char *check, bool good, const double value_and_limit[2],
    striae_error *error, const char *format, ...)
{
    static const double none[2] = {NAN, NAN};
    const double *numbers = value_and_limit ? value_and_limit : none;
    char text[sizeof((struct qc_row *)0)->message];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return qc_add(qc, check, good ? QC_PASS : QC_WARN, numbers[0], numbers[1], text, error);
}

/* ---- one file ---- */

/* Programs that change pictures name themselves; the firmware of cameras and phones is named by a
 * version or the model. Lower case. */
static const char *const editors[] = {
    "photoshop",   "lightroom",  "gimp",        "snapseed",   "picasa",      "instagram",
    "facetune",    "vsco",       "picsart",     "affinity",   "capture one", "darktable",
    "rawtherapee", "pixelmator", "paint.net",   "photoscape", "luminar",     "canva",
    "polarr",      "meitu",      "beautyplus",  "faceapp",    "b612",        "acdsee",
    "paintshop",   "corel",      "irfanview",   "xnview",     "fotor",       "digikam",
    "dxo",         "krita",      "photos 1",    "photos 2",   "photos 3",    "windows photo",
    "on1",         "silkypix",   "imagemagick",
};

static bool names_an_editor(const char *software)
{
    for (size_t i = 0; i < sizeof editors / sizeof *editors; i++)
        if (strcasestr(software, editors[i]))
            return true;
    return false;
}

static striae_status check_profile(const struct photo_info *info, struct qc *qc,
                                   striae_error *error)
{
    switch (info->profile_state) {
    case PROFILE_USED:
        return add(qc, "profile", true, NULL, error, "Colours by the file's profile: %s.",
                   info->profile);
    case PROFILE_BROKEN:
        return add(qc, "profile", false, NULL, error,
                   "The file's colour profile cannot be used: colours are taken as sRGB and may be "
                   "wrong. Use the camera's original file.");
    default:
        return add(qc, "profile", true, NULL, error,
                   "No colour profile in the file: colours are taken as sRGB.");
    }
}

striae_status calibrate_file_checks(const struct photo_info *info, struct qc *qc,
                                    striae_error *error)
{
    striae_status status = check_profile(info, qc, error);
    if (status == STRIAE_OK && info->grey)
        status = qc_add(qc, "colour", QC_FAIL, NAN, NAN,
                        "The photo has no colour: redness and pigment cannot be told. Use the "
                        "camera's original colour photo.",
                        error);
    bool edited = names_an_editor(info->software);
    if (status == STRIAE_OK && edited)
        status = add(qc, "edited", false, NULL, error,
                     "Saved by %s: editing changes colours and edges. Use the camera's original "
                     "file.",
                     info->software);
    else if (status == STRIAE_OK)
        status = add(qc, "edited", true, NULL, error, "No sign of editing in the file.");
    bool good = info->jpeg_quality >= JPEG_LIMIT;
    if (status == STRIAE_OK && info->jpeg_quality > 0)
        status =
            add(qc, "compression", good, (double[2]){info->jpeg_quality, JPEG_LIMIT}, error, "%s",
                good ? "The JPEG quality is good."
                     : "Strong JPEG compression hides faint striae: use the camera's original "
                       "file.");
    return status;
}

/* ---- against the first photo ---- */

static striae_status check_camera(const struct photo_info *first, const struct photo_info *later,
                                  struct qc *qc, striae_error *error)
{
    bool same = strcmp(first->camera, later->camera) == 0;
    if (!first->camera[0] || !later->camera[0])
        return STRIAE_OK;
    return same
               ? add(qc, "same_camera", true, NULL, error, "The same camera as the first photo.")
               : add(qc, "same_camera", false, NULL, error,
                     "Another camera (%s) than the first photo (%s): colours and sharpness differ. "
                     "Use the same camera for every session.",
                     later->camera, first->camera);
}

/* Phones have several lenses: the focal length tells them apart; zooming by cutting shows only in
 * the 35 mm equivalent. */
static double focal_difference(const struct photo_info *first, const struct photo_info *later)
{
    double difference = 0;
    if (first->focal > 0 && later->focal > 0)
        difference = 100 * fabs(later->focal / first->focal - 1);
    if (first->focal_35 > 0 && later->focal_35 > 0)
        difference = fmax(difference, 100 * fabs(later->focal_35 / first->focal_35 - 1));
    return difference;
}

static striae_status check_lens(const struct photo_info *first, const struct photo_info *later,
                                struct qc *qc, striae_error *error)
{
    bool known = (first->focal > 0 && later->focal > 0) || (first->lens[0] && later->lens[0]);
    double difference = focal_difference(first, later);
    bool other = first->lens[0] && later->lens[0] && strcmp(first->lens, later->lens) != 0;
    bool good = difference <= FOCAL_LIMIT && !other;
    if (!known)
        return STRIAE_OK;
    return add(qc, "same_lens", good, (double[2]){difference, FOCAL_LIMIT}, error, "%s",
               good
                   ? "The same lens and zoom as the first photo."
                   : "Another lens or zoom than the first photo: perspective and sharpness differ. "
                     "Use the same lens without zoom, from the same distance.");
}

/* Light that the sensor was given, in stops: t * ISO / N^2. */
static striae_status check_exposure(const struct photo_info *first, const struct photo_info *later,
                                    struct qc *qc, striae_error *error)
{
    const struct photo_info *both[2] = {first, later};
    double stops[2];
    for (int i = 0; i < 2; i++) {
        if (!(both[i]->exposure > 0 && both[i]->f_number > 0 && both[i]->iso > 0))
            return STRIAE_OK;
        stops[i] = log2(both[i]->exposure * both[i]->iso / (both[i]->f_number * both[i]->f_number));
    }
    double difference = fabs(stops[1] - stops[0]);
    bool good = difference <= EXPOSURE_LIMIT;
    return add(qc, "same_exposure", good, (double[2]){difference, EXPOSURE_LIMIT}, error, "%s",
               good ? "About the same exposure as the first photo."
                    : "Another exposure than the first photo: the light was not the same. Use the "
                      "same lamps and distance, and lock the exposure.");
}

static striae_status check_same_profile(const struct photo_info *first,
                                        const struct photo_info *later, struct qc *qc,
                                        striae_error *error)
{
    bool good = strcmp(first->profile, later->profile) == 0;
    return good ? add(qc, "same_profile", true, NULL, error,
                      "The same colour space as the first photo.")
                : add(qc, "same_profile", false, NULL, error,
                      "Colours in %s, the first photo's in %s: both are converted, but the files "
                      "came different ways. Use the camera's original files.",
                      later->profile, first->profile);
}

static striae_status check_same_focus(double first, double later, struct qc *qc,
                                      striae_error *error)
{
    double ratio = fmax(fmax(first, later), SHARP) / fmax(fmin(first, later), SHARP);
    bool good = ratio <= FOCUS_LIMIT;
    return add(qc, "same_focus", good, (double[2]){ratio, FOCUS_LIMIT}, error, "%s",
               good            ? "About as sharp as the first photo."
               : later > first ? "Much softer than the first photo: focus on the skin and retake."
                               : "Much sharper than the first photo: fine striae may be missing "
                                 "there, not new here.");
}

striae_status calibrate_pair_checks(const struct photo_info *first, const struct photo_info *later,
                                    double blur_first, double blur_later, struct qc *qc,
                                    striae_error *error)
{
    striae_status status = check_camera(first, later, qc, error);
    if (status == STRIAE_OK)
        status = check_lens(first, later, qc, error);
    if (status == STRIAE_OK)
        status = check_exposure(first, later, qc, error);
    if (status == STRIAE_OK)
        status = check_same_profile(first, later, qc, error);
    if (status == STRIAE_OK)
        status = check_same_focus(blur_first, blur_later, qc, error);
    return status;
}
