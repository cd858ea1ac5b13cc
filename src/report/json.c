/* result.json, schema "striae-result/1". */
#include "report/names.h"
#include "report/report.h"
#include "report/text.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Seven significant digits: more than any of these numbers carries, few enough that the last bits
 * of a sum do not reach the file. jansson writes '.' in every locale. */
#define DUMP_FLAGS (JSON_ENCODE_ANY | JSON_REAL_PRECISION(7))

/* ---- values; each returns a new reference, or NULL without memory ---- */

static json_t *real(double value)
{
    if (!isfinite(value))
        return json_null();
    return json_real(value == 0 ? 0.0 : value); /* no "-0.0" */
}

static json_t *string(const char *s)
{
    char *valid = utf8_repair(s);
    json_t *value = valid ? json_string(valid) : NULL;
    free(valid);
    return value;
}

static json_t *string_or_null(const char *s)
{
    return s && *s ? string(s) : json_null();
}

/* Adds and takes over value; *ok turns false when there was no memory for it. */
static void put(json_t *object, const char *key, json_t *value, bool *ok)
{
    if (json_object_set_new(object, key, value) != 0)
        *ok = false;
}

static void push(json_t *array, json_t *value, bool *ok)
{
    if (json_array_append_new(array, value) != 0)
        *ok = false;
}

static json_t *finished(json_t *value, bool ok)
{
    if (ok)
        return value;
    json_decref(value);
    return NULL;
}

static void put_quantity(json_t *object, const striae_quantity *q, bool *ok)
{
    bool known = !q->reason && isfinite(q->value);
    put(object, "value", known ? real(q->value) : json_null(), ok);
    if (known) {
        put(object, "low", real(q->low), ok);
        put(object, "high", real(q->high), ok);
    } else {
        put(object, "reason", string(q->reason ? q->reason : "not measured"), ok);
    }
    put(object, "unit", string_or_null(q->unit), ok);
}

static json_t *quantity_json(const striae_quantity *q)
{
    bool ok = true;
    json_t *object = json_object();
    put_quantity(object, q, &ok);
    return finished(object, ok);
}

static json_t *difference_json(const struct change *change, const striae_difference *stored)
{
    bool ok = true;
    striae_difference d = shown_difference(change, stored);
    bool known = !d.difference.reason && isfinite(d.difference.value);
    json_t *object = json_object();
    put_quantity(object, &d.difference, &ok);
    put(object, "percent", known ? real(d.percent) : json_null(), &ok);
    put(object, "verdict", string(striae_verdict_name(known ? d.verdict : STRIAE_NOT_MEASURABLE)),
        &ok);
    if (known && d.reason) /* without a number put_quantity has given it */
        put(object, "reason", string(d.reason), &ok);
    put(object, "mdc95", known ? real(d.mdc95) : json_null(), &ok);
    put(object, "mdc95_source",
        known ? string(d.mdc_source == STRIAE_MDC_FILE ? "file" : "built-in") : json_null(), &ok);
    return finished(object, ok);
}

/* [[x, y], ...], to 0.01 px. */
static json_t *line_json(const struct polyline *line)
{
    bool ok = true;
    json_t *array = json_array();
    for (size_t i = 0; i < line->count && ok; i++) {
        double x = round(line->points[i].x * 100) / 100, y = round(line->points[i].y * 100) / 100;
        push(array, json_pack("[o, o]", real(x), real(y)), &ok);
    }
    return finished(array, ok);
}

/* ---- sessions ---- */

static json_t *photo_json(const struct session *session)
{
    return json_pack("{s:o, s:o, s:i, s:i, s:o}", "file",
                     string(session->path ? session->path : ""), "sha256", string(session->sha256),
                     "width", session->width, "height", session->height, "captured",
                     string_or_null(session->captured));
}

static json_t *qc_json(const struct qc *qc)
{
    bool ok = true;
    json_t *array = json_array();
    for (size_t i = 0; i < qc->count && ok; i++) {
        const struct qc_row *row = &qc->rows[i];
        push(array,
             json_pack("{s:o, s:s, s:o, s:o, s:o}", "check", string(row->check), "status",
                       qc_status_name(row->status), "value", real(row->value), "limit",
                       real(row->limit), "message", string(row->message)),
             &ok);
    }
    return finished(array, ok);
}

static json_t *stria_json(const struct stria *stria)
{
    bool ok = true;
    json_t *object = json_object();
    put(object, "id", json_integer(stria->id), &ok);
    put(object, "kind", string(kind_name(stria->kind)), &ok);
    put(object, "probability", real(stria->probability), &ok);
    put(object, "centreline", line_json(&stria->centreline), &ok);
    for (int m = 0; m < STRIAE_METRIC_COUNT; m++)
        put(object, striae_metric_name((striae_metric)m), quantity_json(&stria->metric[m]), &ok);
    return finished(object, ok);
}

static json_t *striae_json(const struct session *session)
{
    bool ok = true;
    json_t *array = json_array();
    for (size_t i = 0; i < session->stria_count && ok; i++)
        push(array, stria_json(&session->striae[i]), &ok);
    return finished(array, ok);
}

static json_t *totals_json(const struct session *session)
{
    bool ok = true;
    json_t *object = json_object();
    put(object, "count", json_integer((json_int_t)session->stria_count), &ok);
    for (int m = 0; m < STRIAE_METRIC_COUNT; m++) {
        if (m == STRIAE_METRIC_WIDTH_RAW || m == STRIAE_METRIC_AREA_RAW)
            continue;
        put(object, striae_metric_name((striae_metric)m), quantity_json(&session->total[m]), &ok);
        if (m == STRIAE_METRIC_AREA)
            put(object, "area_percent", quantity_json(&session->area_percent), &ok);
    }
    return finished(object, ok);
}

static json_t *files_json(size_t index)
{
    static const char *const parts[] = {"mask", "labels", "overlay"};
    bool ok = true;
    json_t *object = json_object();
    for (size_t i = 0; i < 3; i++) {
        char name[FILE_NAME_SIZE];
        session_file_name(name, index, parts[i]);
        put(object, parts[i], string(name), &ok);
    }
    return finished(object, ok);
}

static json_t *session_json(const struct session *session, size_t index)
{
    bool ok = true;
    json_t *object = json_object();
    put(object, "index", json_integer((json_int_t)index), &ok);
    put(object, "photo", photo_json(session), &ok);
    put(object, "scale",
        json_pack("{s:o, s:s}", "px_per_mm", quantity_json(&session->px_per_mm), "source",
                  scale_source_name(session->scale_source)),
        &ok);
    put(object, "colour",
        json_pack("{s:o, s:o, s:o}", "source",
                  string(session->colour_source ? session->colour_source : "profile"), "profile",
                  string_or_null(session->info.profile), "delta_e00",
                  quantity_json(&session->colour_delta_e00)),
        &ok);
    put(object, "qc", qc_json(&session->qc), &ok);
    put(object, "skin",
        json_pack("{s:o, s:o, s:o}", "area", quantity_json(&session->skin_area), "lightness",
                  quantity_json(&session->skin_lightness), "ita",
                  quantity_json(&session->skin_ita)),
        &ok);
    put(object, "striae", striae_json(session), &ok);
    put(object, "totals", totals_json(session), &ok);
    put(object, "files", files_json(index), &ok);
    return finished(object, ok);
}

/* ---- changes ---- */

static json_t *ids_json(const int *ids, size_t count)
{
    bool ok = true;
    json_t *array = json_array();
    for (size_t i = 0; i < count && ok; i++)
        push(array, json_integer(ids[i]), &ok);
    return finished(array, ok);
}

static void put_differences(json_t *object, const struct change *change,
                            const striae_difference metric[STRIAE_METRIC_COUNT], bool *ok)
{
    for (int m = 0; m < STRIAE_METRIC_COUNT; m++)
        put(object, striae_metric_name((striae_metric)m), difference_json(change, &metric[m]), ok);
}

static json_t *rows_json(const struct change *change)
{
    bool ok = true;
    json_t *array = json_array();
    for (size_t i = 0; i < change->row_count && !change->refused && ok; i++) {
        const struct change_row *row = &change->rows[i];
        json_t *object = json_object();
        put(object, "from_ids", ids_json(row->from_ids, row->from_count), &ok);
        put(object, "to_ids", ids_json(row->to_ids, row->to_count), &ok);
        put(object, "status", string(change_status_name(row->status)), &ok);
        put_differences(object, change, row->metric, &ok);
        push(array, object, &ok);
    }
    return finished(array, ok);
}

static json_t *watch_json(const struct change *change)
{
    bool ok = true;
    json_t *array = json_array();
    for (size_t i = 0; i < change->watch_count && !change->refused && ok; i++) {
        const struct watch_row *row = &change->watch[i];
        push(array,
             json_pack("{s:o, s:o, s:o, s:o}", "kind", string(row->kind), "area",
                       quantity_json(&row->area), "where", line_json(&row->where), "message",
                       string(row->message)),
             &ok);
    }
    return finished(array, ok);
}

static json_t *alignment_json(const struct change *change)
{
    bool ok = true;
    json_t *object = json_object();
    put(object, "status", string(change->refused ? "refused" : "ok"), &ok);
    put(object, "reason", change->refused ? string(change->reason) : json_null(), &ok);
    put(object, "error", quantity_json(&change->alignment_error), &ok);
    put(object, "overlap_percent", real(change->overlap_percent), &ok);
    if (change->refused) {
        put(object, "map", json_null(), &ok);
    } else {
        char forward[FILE_NAME_SIZE], backward[FILE_NAME_SIZE];
        map_file_name(forward, 0, change->to);
        map_file_name(backward, change->to, 0);
        put(object, "map", json_pack("{s:s, s:s}", "forward", forward, "backward", backward), &ok);
    }
    return finished(object, ok);
}

static json_t *change_json(const struct change *change)
{
    bool ok = true;
    json_t *object = json_object(), *totals = json_object();
    put(object, "from", json_integer(0), &ok);
    put(object, "to", json_integer((json_int_t)change->to), &ok);
    put(object, "alignment", alignment_json(change), &ok);
    put(object, "striae", rows_json(change), &ok);
    put_differences(totals, change, change->total, &ok);
    put(object, "totals", totals, &ok);
    put(object, "skin",
        json_pack("{s:o, s:o}", "delta_e00", difference_json(change, &change->skin_delta_e00),
                  "ita", difference_json(change, &change->skin_ita)),
        &ok);
    put(object, "watch", watch_json(change), &ok);
    return finished(object, ok);
}

/* Which minimal detectable changes the verdicts were made with. */
static json_t *repeatability_json(const struct repeatability *repeatability)
{
    if (!repeatability->path)
        return json_pack("{s:s, s:n, s:n, s:n, s:s}", "source", "built-in", "file", "sha256",
                         "targets", "note",
                         "from rendered photos of the same skin taken again, not from this camera");
    return json_pack("{s:s, s:o, s:o, s:I, s:s}", "source", "file", "file",
                     string(repeatability->path), "sha256", string(repeatability->sha256),
                     "targets", (json_int_t)repeatability->targets, "note",
                     "where the file has none in this unit, the built-in one was taken: see "
                     "mdc95_source");
}

static json_t *result_json(const struct striae_result *result)
{
    bool ok = true;
    json_t *root = json_object(), *sessions = json_array(), *changes = json_array();
    put(root, "schema", string("striae-result/1"), &ok);
    put(root, "tool",
        json_pack("{s:s, s:o, s:o}", "version", striae_version(), "config_sha256",
                  string_or_null(result->config_sha256), "model_sha256",
                  string_or_null(result->model_sha256)),
        &ok);
    put(root, "repeatability", repeatability_json(&result->repeatability), &ok);
    for (size_t i = 0; i < result->session_count && ok; i++)
        push(sessions, session_json(&result->sessions[i], i), &ok);
    for (size_t i = 0; i < result->change_count && ok; i++)
        push(changes, change_json(&result->changes[i]), &ok);
    put(root, "sessions", sessions, &ok);
    put(root, "changes", changes, &ok);
    return finished(root, ok);
}

/* ---- layout ---- */

/* Holds nothing but scalars, so that it reads best on one line: a quantity, a point, a list of
 * ids. */
static bool is_flat(const json_t *value)
{
    const char *key;
    json_t *item;
    size_t i;
    if (json_is_object(value)) {
        json_object_foreach((json_t *)value, key,
                            item) if (json_is_object(item) || json_is_array(item)) return false;
    } else if (json_is_array(value)) {
        json_array_foreach(value, i,
                           item) if (json_is_object(item) ||
                                     (json_is_array(item) &&
                                      !json_is_number(json_array_get(item, 0)))) return false;
    }
    return true;
}

static void new_line(struct text *out, int depth)
{
    text_format(out, "\n%*s", 2 * depth, "");
}

static int add_chunk(const char *bytes, size_t size, void *out)
{
    text_add_bytes(out, bytes, size);
    return 0;
}

/* Two spaces per level, flat values on one line. As deep as the schema, which is fixed. */
static void write_value(struct text *out, json_t *value, int depth)
{
    if (is_flat(value)) {
        if (json_dump_callback(value, add_chunk, out, DUMP_FLAGS) != 0)
            out->failed = true;
        return;
    }
    bool object = json_is_object(value);
    const char *key, *separator = object ? "{" : "[";
    json_t *item;
    size_t i;
    if (object) {
        json_object_foreach(value, key, item)
        {
            text_add(out, separator);
            new_line(out, depth + 1);
            text_format(out, "\"%s\": ", key);
            write_value(out, item, depth + 1);
            separator = ",";
        }
    } else {
        json_array_foreach(value, i, item)
        {
            text_add(out, separator);
            new_line(out, depth + 1);
            write_value(out, item, depth + 1);
            separator = ",";
        }
    }
    new_line(out, depth);
    text_add(out, object ? "}" : "]");
}

char *report_json(const struct striae_result *result)
{
    struct text out = {0};
    json_t *root = result_json(result);
    if (!root)
        return NULL;
    write_value(&out, root, 0);
    text_add(&out, "\n");
    json_decref(root);
    if (out.failed)
        text_free(&out);
    return out.data;
}
