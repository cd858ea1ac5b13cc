/* A repeatability study as files: repeat.json for `compare --repeatability`, and tables. */
#include "study/csv.h"
#include "study/paths.h"
#include "study/repeat.h"

#include "io/io.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const files[] = {"photos.csv", "repeat.csv", "report.html", "repeat.json"};
enum { FILES = sizeof files / sizeof files[0] };

size_t repeat_count(const struct repeat *repeat, enum repeat_status status)
{
    size_t count = 0;
    for (size_t i = 0; i < repeat->photo_count; i++) {
        count += repeat->photos[i].status == status;
    }
    return count;
}

/* ---- repeat.json ---------------------------------------------------------------------------- */

static json_t *real(double value)
{
    return isfinite(value) ? json_real(value == 0 ? 0.0 : value) : json_null();
}

static json_t *quantity_json(const striae_quantity *q)
{
    if (q->reason) {
        return json_pack("{s:n, s:s, s:s}", "value", "reason", q->reason, "unit", q->unit);
    }
    return json_pack("{s:o, s:o, s:o, s:s}", "value", real(q->value), "low", real(q->low), "high",
                     real(q->high), "unit", q->unit);
}

static json_t *metric_json(const struct repeat_metric *metric)
{
    json_t *icc = quantity_json(&metric->icc);
    json_object_set_new(icc, "targets", json_integer((json_int_t)metric->icc_targets));
    json_object_set_new(icc, "replicates", json_integer((json_int_t)metric->icc_replicates));
    json_t *limits =
        json_pack("{s:I, s:o, s:o, s:o}", "pairs", (json_int_t)metric->point_count, "bias",
                  quantity_json(&metric->bias), "lower", quantity_json(&metric->lower), "upper",
                  quantity_json(&metric->upper));
    json_t *stria =
        json_pack("{s:I, s:o, s:o}", "striae", (json_int_t)metric->striae, "sem",
                  quantity_json(&metric->stria_sem), "mdc95", quantity_json(&metric->stria_mdc95));
    return json_pack("{s:s, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "unit", metric->unit,
                     "targets", (json_int_t)metric->targets, "photos", (json_int_t)metric->photos,
                     "mean", real(metric->mean), "sem", quantity_json(&metric->sem), "mdc95",
                     quantity_json(&metric->mdc95), "icc_2_1", icc, "bland_altman", limits, "cv",
                     quantity_json(&metric->cv), "stria", stria);
}

static json_t *photo_json(const struct repeat *repeat, const struct repeat_photo *photo)
{
    json_t *values = json_object();
    for (size_t m = 0; m < REPEAT_METRICS; m++) {
        json_object_set_new(values, repeat->metric[m].name, real(photo->value[m]));
    }
    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:s, s:s, s:s, s:o, s:o}", "photo", photo->photo,
                     "subject", photo->subject, "site", photo->site, "side", photo->side, "session",
                     photo->session < 0 ? json_null() : json_integer(photo->session), "target",
                     repeat->targets[photo->target].name, "status",
                     repeat_status_name(photo->status), "reason", photo->reason, "has_scale",
                     json_boolean(repeat->targets[photo->target].has_scale), "values", values);
}

static json_t *counts_json(const struct repeat *repeat)
{
    return json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "found", (json_int_t)repeat->photo_count, "ok",
        (json_int_t)repeat_count(repeat, REPEAT_OK), "refused",
        (json_int_t)repeat_count(repeat, REPEAT_REFUSED), "failed",
        (json_int_t)repeat_count(repeat, REPEAT_FAILED), "skipped",
        (json_int_t)repeat_count(repeat, REPEAT_SKIPPED), "targets",
        (json_int_t)repeat->measured_targets, "subjects", (json_int_t)repeat->subjects);
}

/* A name that is not UTF-8 cannot stand in JSON. */
static json_t *name_json(const char *name)
{
    json_t *json = json_string(name);
    return json ? json : json_null();
}

char *repeat_json(const struct repeat *repeat)
{
    json_t *metrics = json_object(), *photos = json_array();
    for (size_t m = 0; m < REPEAT_METRICS; m++) {
        json_object_set_new(metrics, repeat->metric[m].name, metric_json(&repeat->metric[m]));
    }
    for (size_t i = 0; i < repeat->photo_count; i++) {
        json_array_append_new(photos, photo_json(repeat, &repeat->photos[i]));
    }
    json_t *root =
        json_pack("{s:s, s:{s:s, s:s}, s:{s:o, s:s}, s:s, s:o, s:o, s:o}", "schema",
                  "striae-repeat/1", "tool", "version", striae_version(), "config_sha256",
                  repeat->config_sha256, "manifest", "file", name_json(repeat->manifest), "sha256",
                  repeat->sha256, "repeats", repeat->by_session ? "same session" : "same skin",
                  "counts", counts_json(repeat), "metrics", metrics, "photos", photos);
    char *text = root ? json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(7)) : NULL;
    json_decref(root);
    return text;
}

/* ---- tables --------------------------------------------------------------------------------- */

static void put_quantity(struct csv *csv, const striae_quantity *q)
{
    csv_number(csv, q->value);
    csv_number(csv, q->low);
    csv_number(csv, q->high);
}

static void put_columns(struct csv *csv, const char *const *columns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        csv_text(csv, columns[i]);
    }
}

static void fill_metrics(struct csv *csv, const struct repeat *repeat)
{
    static const char *const columns[] = {
        "metric",         "unit",          "targets",        "photos",          "pairs",
        "mean",           "sem",           "sem_low",        "sem_high",        "mdc95",
        "mdc95_low",      "mdc95_high",    "icc_2_1",        "icc_2_1_low",     "icc_2_1_high",
        "icc_targets",    "icc_photos",    "bias",           "bias_low",        "bias_high",
        "loa_lower",      "loa_lower_low", "loa_lower_high", "loa_upper",       "loa_upper_low",
        "loa_upper_high", "cv_percent",    "cv_percent_low", "cv_percent_high", "striae",
        "stria_sem",      "stria_mdc95",   "reason"};
    put_columns(csv, columns, sizeof columns / sizeof columns[0]);
    csv_end_row(csv);
    for (size_t m = 0; m < REPEAT_METRICS; m++) {
        const struct repeat_metric *metric = &repeat->metric[m];
        csv_text(csv, metric->name);
        csv_text(csv, metric->unit);
        csv_integer(csv, (long long)metric->targets);
        csv_integer(csv, (long long)metric->photos);
        csv_integer(csv, (long long)metric->point_count);
        csv_number(csv, metric->mean);
        put_quantity(csv, &metric->sem);
        put_quantity(csv, &metric->mdc95);
        put_quantity(csv, &metric->icc);
        csv_integer(csv, (long long)metric->icc_targets);
        csv_integer(csv, (long long)metric->icc_replicates);
        put_quantity(csv, &metric->bias);
        put_quantity(csv, &metric->lower);
        put_quantity(csv, &metric->upper);
        put_quantity(csv, &metric->cv);
        csv_integer(csv, (long long)metric->striae);
        csv_number(csv, metric->stria_sem.value);
        csv_number(csv, metric->stria_mdc95.value);
        csv_text(csv, metric->sem.reason ? metric->sem.reason : metric->icc.reason);
        csv_end_row(csv);
    }
}

static void fill_photos(struct csv *csv, const struct repeat *repeat)
{
    static const char *const columns[] = {"photo",  "subject", "site",   "side",          "session",
                                          "target", "status",  "reason", "unit_of_length"};
    put_columns(csv, columns, sizeof columns / sizeof columns[0]);
    for (size_t m = 0; m < REPEAT_METRICS; m++) {
        csv_text(csv, repeat->metric[m].name);
    }
    csv_end_row(csv);
    for (size_t i = 0; i < repeat->photo_count; i++) {
        const struct repeat_photo *photo = &repeat->photos[i];
        const struct repeat_target *target = &repeat->targets[photo->target];
        csv_text(csv, photo->photo);
        csv_text(csv, photo->subject);
        csv_text(csv, photo->site);
        csv_text(csv, photo->side);
        if (photo->session < 0) {
            csv_text(csv, "");
        } else {
            csv_integer(csv, photo->session);
        }
        csv_text(csv, target->name);
        csv_text(csv, repeat_status_name(photo->status));
        csv_text(csv, photo->reason);
        csv_text(csv, photo->status != REPEAT_OK ? "" : target->has_scale ? "mm" : "px");
        for (size_t m = 0; m < REPEAT_METRICS; m++) {
            csv_number(csv, photo->value[m]);
        }
        csv_end_row(csv);
    }
}

/* ---- the folder ----------------------------------------------------------------------------- */

striae_status repeat_check_output(const char *dir, bool overwrite, striae_error *error)
{
    striae_status status = STRIAE_OK;
    for (size_t i = 0; i < FILES && !overwrite && status == STRIAE_OK; i++) {
        char *path = path_join(dir, files[i]);
        struct stat info;
        if (!path) {
            return fail_memory(error);
        }
        if (lstat(path, &info) == 0) {
            status = fail_with(error, STRIAE_ERROR_OUTPUT,
                               "%s: is there already; use --force to replace it", path);
        }
        free(path);
    }
    return status;
}

/* dir/name written, or, with data = NULL, removed. */
static striae_status put_file(const char *dir, const char *name, const char *data, size_t size,
                              bool overwrite, striae_error *error)
{
    char *path = path_join(dir, name);
    striae_status status = path ? STRIAE_OK : fail_memory(error);
    if (path && data) {
        status = io_write_file(path, data, size, overwrite, error);
    } else if (path) {
        (void)unlink(path);
    }
    free(path);
    return status;
}

striae_status repeat_save(const struct repeat *repeat, const char *html, size_t html_size,
                          const char *dir, bool overwrite, striae_error *error)
{
    struct csv photos = {0}, metrics = {0};
    char *json = repeat_json(repeat);
    fill_photos(&photos, repeat);
    fill_metrics(&metrics, repeat);
    const struct {
        const char *data;
        size_t size;
    } contents[FILES] = {{photos.data, photos.size},
                         {metrics.data, metrics.size},
                         {html, html_size},
                         {json, json ? strlen(json) : 0}};
    striae_status status =
        json && !photos.failed && !metrics.failed ? STRIAE_OK : fail_memory(error);
    if (status == STRIAE_OK) {
        status = repeat_check_output(dir, overwrite, error);
    }
    if (status == STRIAE_OK) {
        status = io_make_folder(dir, error);
    }
    size_t written = 0;
    if (status == STRIAE_OK && overwrite) { /* a folder with a repeat.json is complete */
        status = put_file(dir, files[FILES - 1], NULL, 0, true, error);
    }
    for (; written < FILES && status == STRIAE_OK; written += status == STRIAE_OK) {
        status = put_file(dir, files[written], contents[written].data, contents[written].size,
                          overwrite, error);
    }
    for (size_t i = 0; status != STRIAE_OK && i < written; i++) {
        (void)put_file(dir, files[i], NULL, 0, true, NULL);
    }
    free(photos.data);
    free(metrics.data);
    free(json);
    return status;
}
