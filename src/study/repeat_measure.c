/* Measures each target: its photos compared with its first one, as `compare` does it. */
#include "study/repeat.h"

#include "base/status.h"
#include "io/io.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static striae_status set_photo(struct repeat_photo *photo, enum repeat_status status,
                               const char *reason, striae_error *error)
{
    char *copy = strdup(reason);
    if (!copy) {
        return fail_memory(error);
    }
    free(photo->reason);
    photo->reason = copy;
    photo->status = status;
    return STRIAE_OK;
}

static striae_status set_rest(struct repeat_run *run, enum repeat_status status, const char *reason,
                              striae_error *error)
{
    striae_status done = STRIAE_OK;
    for (size_t i = 0; i < run->count && done == STRIAE_OK; i++) {
        done = set_photo(&run->repeat->photos[run->photos[i]], status, reason, error);
    }
    return done;
}

static void drop_photo(struct repeat_run *run, size_t i)
{
    size_t after = run->count - i - 1;
    memmove(&run->paths[i], &run->paths[i + 1], after * sizeof *run->paths);
    memmove(&run->photos[i], &run->photos[i + 1], after * sizeof *run->photos);
    run->count--;
}

/* sha256 of the file; "" where it cannot be read, which is for the comparison to say. */
static void hash_file(const char *path, char hex[65])
{
    char *data;
    size_t size;
    hex[0] = '\0';
    if (io_read_file(path, &data, &size, NULL) == STRIAE_OK) {
        io_sha256(data, size, hex);
        free(data);
    }
}

/* The same file twice, under one name or two, would count as a perfect repeat. */
static striae_status drop_copies(struct repeat_run *run, striae_error *error)
{
    striae_status status = STRIAE_OK;
    char(*hash)[65] = calloc(run->count, sizeof *hash);
    if (!hash) {
        return fail_memory(error);
    }
    for (size_t i = 0; i < run->count && status == STRIAE_OK;) {
        size_t k = 0;
        hash_file(run->paths[i], hash[i]);
        while (k < i && (hash[i][0] == '\0' || strcmp(hash[k], hash[i]) != 0)) {
            k++;
        }
        if (k == i) {
            i++;
            continue;
        }
        bool listed = strcmp(run->paths[k], run->paths[i]) == 0;
        status = set_photo(&run->repeat->photos[run->photos[i]], REPEAT_FAILED,
                           listed ? "this photo is in the manifest twice"
                                  : "the same file as another photo of this skin: no repeat",
                           error);
        drop_photo(run, i);
    }
    free(hash);
    return status;
}

/* The scale of the photos that are left: one each, or the first one's; NULL, or what is missing. */
static const char *set_scale(struct repeat_run *run, const striae_options *base)
{
    const struct repeat *repeat = run->repeat;
    const struct repeat_photo *first = &repeat->photos[run->photos[0]];
    size_t known = 0;
    run->options = *base;
    for (size_t i = 0; i < run->count; i++) {
        run->scales[i] = repeat->photos[run->photos[i]].px_per_mm;
        known += isnan(run->scales[i]) ? 0 : 1;
    }
    if (first->has_ruler || known > 0) {
        run->options.px_per_mm = NULL;
        run->options.px_per_mm_count = 0;
        run->options.has_ruler = first->has_ruler;
        memcpy(run->options.ruler, first->ruler, sizeof first->ruler);
    }
    if (known > 0 && !first->has_ruler) {
        run->options.px_per_mm = run->scales;
        run->options.px_per_mm_count = known == run->count ? known : 1;
        if (isnan(run->scales[0])) {
            return "the scale must be given for the first photo of the skin, or for all of them";
        }
    }
    return NULL;
}

/* The photo that an error is about: messages about a photo begin with its path. */
static size_t blamed_photo(const struct repeat_run *run, const striae_error *error)
{
    for (size_t i = 0; i < run->count; i++) {
        size_t length = strlen(run->paths[i]);
        if (strncmp(error->message, run->paths[i], length) == 0 && error->message[length] == ':') {
            return i;
        }
    }
    return run->count;
}

static bool has_scale(const struct repeat_photo *photo)
{
    return photo->has_ruler || !isnan(photo->px_per_mm);
}

/* Compares what can be read. *result = NULL, and every photo says why, where that is nothing. */
static striae_status compare_readable(struct repeat_run *run, const striae_options *base,
                                      striae_result **result, striae_error *error)
{
    striae_status status = STRIAE_OK;
    *result = NULL;
    while (status == STRIAE_OK && run->count >= 2) {
        const char *missing = set_scale(run, base);
        striae_error trouble = {0};
        if (missing) {
            return set_rest(run, REPEAT_FAILED, missing, error);
        }
        if (striae_compare(run->paths, run->count, &run->options, result, &trouble) == STRIAE_OK) {
            return STRIAE_OK;
        }
        size_t blamed = blamed_photo(run, &trouble);
        if (blamed == run->count) {
            return trouble.status == STRIAE_ERROR_MEMORY
                       ? fail_memory(error)
                       : set_rest(run, REPEAT_FAILED, trouble.message, error);
        }
        const char *reason = trouble.message + strlen(run->paths[blamed]) + 1;
        struct repeat_photo *photo = &run->repeat->photos[run->photos[blamed]];
        status = set_photo(photo, REPEAT_FAILED, reason + strspn(reason, " "), error);
        drop_photo(run, blamed);
        if (status == STRIAE_OK && blamed == 0 && has_scale(photo) &&
            !has_scale(&run->repeat->photos[run->photos[0]])) {
            return set_rest(run, REPEAT_SKIPPED,
                            "the first photo of this skin, which has the scale, cannot be used",
                            error);
        }
    }
    return status == STRIAE_OK
               ? set_rest(run, REPEAT_SKIPPED, "no other photo of the same skin can be used", error)
               : status;
}

/* Which later photos count: those that were lined up. */
static striae_status judge_photos(struct repeat_run *run, const striae_result *result, bool *counts,
                                  striae_error *error)
{
    striae_status status = STRIAE_OK;
    size_t later = 0;
    for (size_t i = 1; i < run->count && status == STRIAE_OK; i++) {
        const char *refusal = striae_result_refusal(result, i);
        counts[i] = !refusal;
        later += !refusal;
        status = set_photo(&run->repeat->photos[run->photos[i]],
                           refusal ? REPEAT_REFUSED : REPEAT_OK, refusal ? refusal : "", error);
    }
    run->target->measured = later ? later + 1 : 0;
    if (status != STRIAE_OK) {
        return status;
    }
    return set_photo(&run->repeat->photos[run->photos[0]], later ? REPEAT_OK : REPEAT_SKIPPED,
                     later ? "" : "no other photo of the same skin could be compared with it",
                     error);
}

static bool run_init(struct repeat_run *run, struct repeat *repeat, struct repeat_target *target)
{
    *run = (struct repeat_run){.repeat = repeat, .target = target, .count = target->count};
    run->photos = calloc(target->count, sizeof *run->photos);
    run->paths = calloc(target->count, sizeof *run->paths);
    run->scales = calloc(target->count, sizeof *run->scales);
    if (!run->photos || !run->paths || !run->scales) {
        return false;
    }
    for (size_t i = 0; i < target->count; i++) {
        run->photos[i] = target->photos[i];
        run->paths[i] = repeat->photos[target->photos[i]].path;
    }
    return true;
}

static void run_free(struct repeat_run *run)
{
    free(run->photos);
    free(run->paths);
    free(run->scales);
}

static bool result_has_scale(const striae_result *result)
{
    striae_quantity length;
    return striae_result_quantity(result, 0, STRIAE_TOTAL, STRIAE_METRIC_LENGTH, &length) ==
               STRIAE_OK &&
           strcmp(length.unit, "mm") == 0;
}

/* The striae of targets with and without a scale are not in the same unit. */
static striae_status measure_target(struct repeat *repeat, struct repeat_target *target,
                                    const striae_options *options,
                                    struct repeat_striae striae[2][REPEAT_METRICS],
                                    striae_error *error)
{
    struct repeat_run run;
    striae_result *result = NULL;
    bool *counts = calloc(target->count, sizeof *counts);
    striae_status status =
        run_init(&run, repeat, target) && counts ? STRIAE_OK : fail_memory(error);
    if (status == STRIAE_OK) {
        status = drop_copies(&run, error);
    }
    if (status == STRIAE_OK) {
        status = compare_readable(&run, options, &result, error);
    }
    if (status == STRIAE_OK && result) {
        status = judge_photos(&run, result, counts, error);
    }
    if (status == STRIAE_OK && result && target->measured > 0) {
        target->has_scale = result_has_scale(result);
        repeat_take_values(&run, result, counts);
        repeat_take_striae(&run, result, counts, striae[target->has_scale]);
        snprintf(repeat->config_sha256, sizeof repeat->config_sha256, "%s",
                 striae_result_config_sha256(result));
    }
    striae_result_free(&result);
    free(counts);
    run_free(&run);
    return status;
}

striae_status repeat_measure(struct repeat *repeat, const struct repeat_options *options,
                             striae_error *error)
{
    struct repeat_striae striae[2][REPEAT_METRICS] = {0};
    striae_status status = STRIAE_OK;
    for (size_t m = 0; m < REPEAT_METRICS; m++) {
        repeat_metric_define(m, false, &repeat->metric[m]);
    }
    for (size_t t = 0; t < repeat->target_count && status == STRIAE_OK; t++) {
        status = measure_target(repeat, &repeat->targets[t], &options->striae, striae, error);
        if (options->done && status == STRIAE_OK) {
            options->done(options->user, repeat, t);
        }
    }
    for (size_t t = 0; t < repeat->target_count; t++) {
        repeat->has_scale |= repeat->targets[t].measured > 0 && repeat->targets[t].has_scale;
    }
    return status == STRIAE_OK ? repeat_compute(repeat, striae[repeat->has_scale], error) : status;
}
