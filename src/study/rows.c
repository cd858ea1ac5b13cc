#include "study/rows.h"

#include <math.h>
#include <stdio.h>

/* What all lines of one session share. */
struct line {
    const struct study *study;
    const struct study_input *first, *later; /* later = NULL: the baseline itself */
    const char *qc, *config;
};

void rows_header(struct csv *csv)
{
    static const char *const columns[] = {
        "study",       "subject",     "arm",    "site",   "side",         "session",      "stria",
        "photo_first", "photo_later", "metric", "value",  "unit",         "ci_low",       "ci_high",
        "percent",     "verdict",     "qc",     "reason", "tool_version", "config_sha256"};
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        csv_text(csv, columns[i]);
    }
    csv_end_row(csv);
}

static void begin_line(struct csv *csv, const struct line *line, const char *stria,
                       const char *metric)
{
    const struct study_input *here = line->later ? line->later : line->first;
    csv_text(csv, line->study->name);
    csv_text(csv, here->subject[0] ? here->subject : line->study->name);
    csv_text(csv, here->arm);
    csv_text(csv, here->site);
    csv_text(csv, here->side);
    csv_integer(csv, here->session);
    csv_text(csv, stria);
    csv_text(csv, line->first->path);
    csv_text(csv, line->later ? line->later->path : "");
    csv_text(csv, metric);
}

static void end_line(struct csv *csv, const struct line *line, const striae_quantity *quantity,
                     double percent, const char *verdict, const char *reason)
{
    csv_number(csv, quantity->value);
    csv_text(csv, quantity->unit);
    csv_number(csv, quantity->low);
    csv_number(csv, quantity->high);
    csv_number(csv, percent);
    csv_text(csv, verdict);
    csv_text(csv, line->qc);
    csv_text(csv, reason);
    csv_text(csv, striae_version());
    csv_text(csv, line->config);
    csv_end_row(csv);
}

static void values_of_session(struct csv *csv, const struct line *line, const striae_result *result,
                              size_t session)
{
    size_t count = striae_result_stria_count(result, session);
    for (size_t i = 0; i <= count; i++) { /* the total first */
        char stria[24] = "";
        if (i > 0) {
            snprintf(stria, sizeof stria, "%zu", i);
        }
        for (int m = 0; m < STRIAE_METRIC_COUNT; m++) {
            striae_quantity quantity;
            size_t index = i == 0 ? STRIAE_TOTAL : i - 1;
            if (striae_result_quantity(result, session, index, (striae_metric)m, &quantity) ==
                STRIAE_OK) {
                begin_line(csv, line, stria, striae_metric_name((striae_metric)m));
                end_line(csv, line, &quantity, NAN, "", quantity.reason);
            }
        }
    }
}

static void change_line(struct csv *csv, const struct line *line, const char *stria,
                        striae_metric metric, const striae_difference *change)
{
    char name[64];
    snprintf(name, sizeof name, "%s_change", striae_metric_name(metric));
    begin_line(csv, line, stria, name);
    end_line(csv, line, &change->difference, change->percent, striae_verdict_name(change->verdict),
             change->reason);
}

static void changes_of_session(struct csv *csv, const struct line *line,
                               const striae_result *result, size_t session)
{
    const char *refusal = striae_result_refusal(result, session);
    size_t count = refusal ? 0 : striae_result_change_count(result, session);
    for (size_t i = 0; i <= count; i++) {
        for (int m = 0; m < STRIAE_METRIC_COUNT; m++) {
            striae_difference change = {.difference = {NAN, NAN, NAN, "", refusal},
                                        .percent = NAN,
                                        .verdict = STRIAE_NOT_MEASURABLE,
                                        .reason = refusal};
            const char *label = NULL;
            if (refusal || striae_result_change(result, session, i == 0 ? STRIAE_TOTAL : i - 1,
                                                (striae_metric)m, &change, &label) == STRIAE_OK) {
                change_line(csv, line, i == 0 ? "" : label, (striae_metric)m, &change);
            }
        }
    }
}

void rows_of_result(struct csv *csv, const struct study *study, const size_t *inputs,
                    const striae_result *result)
{
    size_t count = striae_result_session_count(result);
    for (size_t session = 0; session < count; session++) {
        struct line line = {study, &study->inputs[inputs[0]],
                            session > 0 ? &study->inputs[inputs[session]] : NULL,
                            striae_result_qc(result), striae_result_config_sha256(result)};
        values_of_session(csv, &line, result, session);
        if (session > 0) {
            changes_of_session(csv, &line, result, session);
        }
    }
}

void rows_of_failure(struct csv *csv, const struct study *study, size_t first, size_t later,
                     const char *reason)
{
    struct line line = {study, &study->inputs[first], &study->inputs[later], "", ""};
    striae_quantity nothing = {NAN, NAN, NAN, "", reason};
    begin_line(csv, &line, "", "");
    end_line(csv, &line, &nothing, NAN, striae_verdict_name(STRIAE_NOT_MEASURABLE), reason);
}
