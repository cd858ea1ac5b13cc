#include "base/result.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

const char *striae_metric_name(striae_metric metric)
{
    static const char *const names[STRIAE_METRIC_COUNT] = {
        "width",   "width_raw", "length",    "area",     "area_raw", "delta_a",
        "delta_l", "delta_b",   "delta_e00", "erythema", "melanin",  "texture"};
    return (unsigned)metric < STRIAE_METRIC_COUNT ? names[metric] : NULL;
}

const char *metric_unit(striae_metric metric, bool has_scale)
{
    switch (metric) {
    case STRIAE_METRIC_WIDTH:
    case STRIAE_METRIC_WIDTH_RAW:
    case STRIAE_METRIC_LENGTH:
        return has_scale ? "mm" : "px";
    case STRIAE_METRIC_AREA:
    case STRIAE_METRIC_AREA_RAW:
        return has_scale ? "mm2" : "px2";
    case STRIAE_METRIC_DELTA_A:
    case STRIAE_METRIC_DELTA_L:
    case STRIAE_METRIC_DELTA_B:
        return "CIELAB";
    case STRIAE_METRIC_DELTA_E00:
        return "dE00";
    case STRIAE_METRIC_ERYTHEMA:
    case STRIAE_METRIC_MELANIN:
        return "log10";
    default:
        return "ratio";
    }
}

const char *striae_verdict_name(striae_verdict verdict)
{
    static const char *const names[] = {"not_measurable", "decreased", "unchanged", "increased"};
    return (unsigned)verdict < 4 ? names[verdict] : NULL;
}

const char *kind_name(enum kind kind)
{
    static const char *const names[] = {"rubra", "alba", "dark"};
    return names[kind];
}

const char *qc_status_name(enum qc_status status)
{
    static const char *const names[] = {"pass", "warn", "fail"};
    return names[status];
}

const char *scale_source_name(enum scale_source source)
{
    static const char *const names[] = {"none", "option", "ruler", "card"};
    return names[source];
}

const char *change_status_name(enum change_status status)
{
    static const char *const names[] = {"matched", "gone", "new", "split", "merged"};
    return names[status];
}

striae_quantity quantity(double value, double low, double high, const char *unit)
{
    return (striae_quantity){.value = value, .low = low, .high = high, .unit = unit};
}

striae_quantity quantity_unknown(const char *reason, const char *unit)
{
    return (striae_quantity){.value = NAN, .low = NAN, .high = NAN, .unit = unit, .reason = reason};
}

striae_difference difference_unknown(const char *reason, const char *unit)
{
    return (striae_difference){.difference = quantity_unknown(reason, unit),
                               .percent = NAN,
                               .verdict = STRIAE_NOT_MEASURABLE,
                               .reason = reason,
                               .first = NAN,
                               .later = NAN,
                               .mdc95 = NAN};
}

striae_status qc_add(struct qc *qc, const char *check, enum qc_status status, double value,
                     double limit, const char *message, striae_error *error)
{
    if (qc->count == qc->capacity) {
        size_t capacity = qc->capacity ? qc->capacity * 2 : 16;
        struct qc_row *rows = reallocarray(qc->rows, capacity, sizeof *rows);
        if (!rows)
            return fail_memory(error);
        qc->rows = rows;
        qc->capacity = capacity;
    }
    struct qc_row *row = &qc->rows[qc->count++];
    *row = (struct qc_row){.status = status, .value = value, .limit = limit};
    (void)snprintf(row->check, sizeof row->check, "%s", check);
    (void)snprintf(row->message, sizeof row->message, "%s", message);
    return STRIAE_OK;
}

static void withhold_quantity(striae_quantity *quantity, const char *reason)
{
    *quantity = quantity_unknown(reason, quantity->unit);
}

static void withhold_difference(striae_difference *difference, const char *reason)
{
    *difference = difference_unknown(reason, difference->difference.unit);
}

void result_withhold(struct striae_result *result, size_t session, striae_metric metric,
                     const char *reason)
{
    struct session *s = &result->sessions[session];
    withhold_quantity(&s->total[metric], reason);
    for (size_t i = 0; i < s->stria_count; i++)
        withhold_quantity(&s->striae[i].metric[metric], reason);
    if (metric == STRIAE_METRIC_AREA)
        withhold_quantity(&s->area_percent, reason);
    for (size_t k = 0; k < result->change_count; k++) {
        struct change *change = &result->changes[k];
        if (session != 0 && change->to != session)
            continue;
        withhold_difference(&change->total[metric], reason);
        for (size_t i = 0; i < change->row_count; i++)
            withhold_difference(&change->rows[i].metric[metric], reason);
    }
}

static void session_clear(struct session *session)
{
    for (size_t i = 0; i < session->stria_count; i++) {
        polyline_free(&session->striae[i].centreline);
        free(session->striae[i].half_width);
    }
    free(session->striae);
    free(session->path);
    free(session->qc.rows);
    rgb8_free(&session->picture);
    mask_free(&session->skin);
    labels_free(&session->labels);
}

static void change_clear(struct change *change)
{
    for (size_t i = 0; i < change->row_count; i++) {
        free(change->rows[i].from_ids);
        free(change->rows[i].to_ids);
    }
    for (size_t i = 0; i < change->watch_count; i++)
        polyline_free(&change->watch[i].where);
    free(change->rows);
    free(change->watch);
    warp_free(&change->forward);
    warp_free(&change->backward);
}

void result_clear(struct striae_result *result)
{
    for (size_t i = 0; i < result->session_count; i++)
        session_clear(&result->sessions[i]);
    for (size_t i = 0; i < result->change_count; i++)
        change_clear(&result->changes[i]);
    free(result->sessions);
    free(result->changes);
    free(result->repeatability.path);
    *result = (struct striae_result){0};
}
