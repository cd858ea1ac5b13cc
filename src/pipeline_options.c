/* What the caller asks for: whether it can be, and the fingerprint of what changes a number. */
#include "pipeline.h"

#include "calibrate/calibrate.h"
#include "io/io.h"

#include <math.h>
#include <stdio.h>

striae_status pipeline_check_options(const striae_options *options, size_t count,
                                     striae_error *error)
{
    if (count < 1)
        return fail_with(error, STRIAE_ERROR_ARGUMENT, "no photo given");
    if (options->px_per_mm_count > 1 && options->px_per_mm_count != count)
        return fail_with(error, STRIAE_ERROR_ARGUMENT,
                         "%zu scales for %zu photos: give one, or one per photo",
                         options->px_per_mm_count, count);
    for (size_t i = 0; i < options->px_per_mm_count; i++)
        if (!(options->px_per_mm[i] > 0.1 && options->px_per_mm[i] < 1000))
            return fail_with(error, STRIAE_ERROR_ARGUMENT,
                             "a scale of %g px per mm is out of range (0.1 to 1000)",
                             options->px_per_mm[i]);
    if (options->sensitivity < STRIAE_SENSITIVITY_LOW ||
        options->sensitivity > STRIAE_SENSITIVITY_HIGH)
        return fail_with(error, STRIAE_ERROR_ARGUMENT, "no such sensitivity: %d",
                         (int)options->sensitivity);
    if (!(options->chart_pitch >= 0 && options->chart_pitch < 1000))
        return fail_with(error, STRIAE_ERROR_ARGUMENT,
                         "a chart's pitch of %g mm is out of range (up to 1000)",
                         options->chart_pitch);
    if (options->has_ruler && options->px_per_mm_count)
        return fail_with(error, STRIAE_ERROR_ARGUMENT, "give a ruler or px per mm, not both");
    const double *r = options->ruler;
    if (options->has_ruler && !(r[4] > 0 && hypot(r[2] - r[0], r[3] - r[1]) >= 10))
        return fail_with(error, STRIAE_ERROR_ARGUMENT,
                         "the ruler needs two points at least 10 px apart and a length over 0 mm");
    return STRIAE_OK;
}

void pipeline_fingerprint(const striae_options *options, const struct striae_result *result,
                          const struct card_colours *card_colours, char hex[65])
{
    const struct mask *skin = &result->sessions[0].skin;
    char text[2048], hash[65];
    int used = snprintf(text, sizeof text, "striae %s damaged=%d", striae_version(),
                        options->accept_damaged);
    for (size_t i = 0; i < options->px_per_mm_count && used < (int)sizeof text - 512; i++)
        used +=
            snprintf(text + used, sizeof text - (size_t)used, " scale=%a", options->px_per_mm[i]);
    for (int i = 0; i < 5 && options->has_ruler; i++)
        used += snprintf(text + used, sizeof text - (size_t)used, " ruler=%a", options->ruler[i]);
    if (options->repeatability)
        used += snprintf(text + used, sizeof text - (size_t)used, " repeatability=%s",
                         result->repeatability.sha256);
    if (options->roi) {
        io_sha256(skin->data, (size_t)skin->width * (size_t)skin->height, hash);
        used += snprintf(text + used, sizeof text - (size_t)used, " roi=%s", hash);
    }
    if (options->sensitivity != STRIAE_SENSITIVITY_NORMAL)
        used += snprintf(text + used, sizeof text - (size_t)used, " sensitivity=%d",
                         (int)options->sensitivity);
    if (options->qc_only)
        used += snprintf(text + used, sizeof text - (size_t)used, " qc-only");
    if (options->chart_pitch > 0)
        used +=
            snprintf(text + used, sizeof text - (size_t)used, " chart=%a", options->chart_pitch);
    if (options->card_colours) {
        io_sha256(card_colours->lab, sizeof card_colours->lab, hash);
        used += snprintf(text + used, sizeof text - (size_t)used, " card=%s", hash);
    }
    io_sha256(text, (size_t)used, hex);
}
