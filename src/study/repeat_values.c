/* What the photos of a target differ by. */
#include "study/repeat.h"

#include <math.h>
#include <string.h>

/* The two values that a change compares, in the metric's own terms. */
static bool pair_of_values(const striae_result *result, size_t later, struct repeat_metric *metric,
                           double pair[2])
{
    striae_difference change;
    striae_metric source = metric->is_percent ? STRIAE_METRIC_AREA : metric->metric;
    if (striae_result_change(result, later, STRIAE_TOTAL, source, &change, NULL) != STRIAE_OK) {
        return false;
    }
    double factor = metric->is_percent ? 100 / striae_result_shared_skin(result, later) : 1;
    pair[0] = factor * change.first;
    pair[1] = factor * change.later;
    return isfinite(pair[0]) && isfinite(pair[1]);
}

void repeat_take_values(struct repeat_run *run, const striae_result *result, const bool *counts)
{
    for (size_t m = 0; m < REPEAT_METRICS; m++) {
        struct repeat_metric *metric = &run->repeat->metric[m];
        double pair[2], first = 0;
        size_t known = 0;
        for (size_t i = 1; i < run->count; i++) {
            if (counts[i] && pair_of_values(result, i, metric, pair)) {
                first += pair[0];
                known++;
            }
        }
        if (known == 0) {
            continue;
        }
        first /= (double)known;
        run->repeat->photos[run->photos[0]].value[m] = first;
        for (size_t i = 1; i < run->count; i++) {
            if (counts[i] && pair_of_values(result, i, metric, pair)) {
                run->repeat->photos[run->photos[i]].value[m] = first + pair[1] - pair[0];
            }
        }
    }
}

static bool matched_difference(const striae_result *result, size_t later, const char *label,
                               striae_metric metric, double *difference)
{
    for (size_t row = 0; row < striae_result_change_count(result, later); row++) {
        striae_difference change;
        const char *name;
        if (striae_result_change(result, later, row, metric, &change, &name) == STRIAE_OK &&
            strcmp(name, label) == 0) {
            *difference = change.difference.value;
            return strcmp(striae_result_change_status(result, later, row), "matched") == 0 &&
                   isfinite(*difference);
        }
    }
    return false;
}

/* Adds the spread of one stria of the first photo over the photos, where all of them have it. */
static void take_stria(const struct repeat_run *run, const striae_result *result,
                       const bool *counts, const char *label, striae_metric metric,
                       struct repeat_striae *striae)
{
    double sum = 0, squares = 0, n = 1; /* the first photo differs from itself by 0 */
    for (size_t i = 1; i < run->count; i++) {
        double difference;
        if (!counts[i]) {
            continue;
        }
        if (!matched_difference(result, i, label, metric, &difference)) {
            return;
        }
        sum += difference;
        squares += difference * difference;
        n++;
    }
    striae->squares += fmax(0, squares - sum * sum / n);
    striae->freedom += n - 1;
    striae->count++;
}

void repeat_take_striae(const struct repeat_run *run, const striae_result *result,
                        const bool *counts, struct repeat_striae *striae)
{
    size_t later = 1;
    while (later < run->count && !counts[later]) {
        later++;
    }
    for (size_t row = 0; row < striae_result_change_count(result, later); row++) {
        striae_difference change;
        const char *label;
        for (size_t m = 0; m < REPEAT_METRICS; m++) {
            const struct repeat_metric *metric = &run->repeat->metric[m];
            if (!metric->is_percent && striae_result_change(result, later, row, metric->metric,
                                                            &change, &label) == STRIAE_OK) {
                take_stria(run, result, counts, label, metric->metric, &striae[m]);
            }
        }
    }
}
