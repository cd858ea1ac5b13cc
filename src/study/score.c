/* Holds a result against the truth of its rendered pair. */
#include "study/score.h"

#include "study/overlap.h"
#include "study/paths.h"
#include "study/quantile.h"
#include "study/score_class.h"
#include "study/truth.h"

#include "io/io.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct score_number number(double truth, const striae_quantity *measured)
{
    bool known = measured->reason == NULL;
    return (struct score_number){truth, known ? measured->value : NAN,
                                 known && measured->low <= truth && truth <= measured->high};
}

/* ---- landmarks ------------------------------------------------------------------------------ */

static bool point_of(const json_t *points, size_t i, double *x, double *y)
{
    const json_t *point = json_array_get(points, i);
    *x = json_number_value(json_array_get(point, 0));
    *y = json_number_value(json_array_get(point, 1));
    return json_array_size(point) == 2;
}

static bool inside(double x, double y, const struct labels *picture)
{
    return x >= 0 && y >= 0 && x <= picture->width - 1 && y <= picture->height - 1;
}

static striae_status score_landmarks(const json_t *truth, const char *result_json,
                                     const struct labels *before, const struct labels *after,
                                     struct score *score, striae_error *error)
{
    const json_t *landmarks = json_object_get(truth, "landmarks");
    const json_t *from = json_object_get(landmarks, "before");
    const json_t *to = json_object_get(landmarks, "after");
    size_t count = json_array_size(from);
    striae_map *map = NULL;
    double *distances = calloc(count + 1, sizeof *distances);
    striae_status status =
        distances ? striae_map_open(result_json, 0, 1, &map, error) : fail_memory(error);
    for (size_t i = 0; i < count && status == STRIAE_OK; i++) {
        double x, y, u, v, found_u, found_v;
        if (!point_of(from, i, &x, &y) || !point_of(to, i, &u, &v) || !inside(x, y, before) ||
            !inside(u, v, after)) {
            continue;
        }
        score->landmarks++;
        if (striae_map_point(map, x, y, &found_u, &found_v)) {
            distances[score->mapped++] = hypot(found_u - u, found_v - v);
        }
    }
    if (status == STRIAE_OK) {
        sort_values(distances, score->mapped);
        score->landmark_median = quantile(distances, score->mapped, 0.5);
        score->landmark_p95 = quantile(distances, score->mapped, 0.95);
    }
    striae_map_free(&map);
    free(distances);
    return status;
}

/* ---- one session ---------------------------------------------------------------------------- */

static striae_status read_picture(const char *dir, const char *first, const char *second,
                                  struct labels *labels, striae_error *error)
{
    char *name = NULL;
    char *path = asprintf(&name, "%s%s", first, second) < 0 ? NULL : path_join(dir, name);
    striae_status status = path ? io_read_labels(path, labels, error) : fail_memory(error);
    if (path) {
        free(name);
    }
    free(path);
    return status;
}

/* Which true striae are found and which found ones are real, in all and by class. */
static striae_status score_striae(const json_t *truth, size_t index, const striae_result *result,
                                  const struct labels *found, const struct labels *mask,
                                  const struct labels *ids, struct score_session *score,
                                  striae_error *error)
{
    struct overlap *overlap = malloc(sizeof *overlap);
    double px_per_mm = truth_scale(truth, index);
    striae_status status =
        overlap ? overlap_covered(ids, found, overlap, error) : fail_memory(error);
    if (status == STRIAE_OK) {
        score->true_count = overlap->count;
        score->found = overlap->covered;
        score_class_truth(truth_session(truth, index), px_per_mm, overlap, score);
        status = overlap_covered(found, mask, overlap, error);
    }
    if (status == STRIAE_OK) {
        score->found_count = overlap->count;
        score->real = overlap->covered;
        score_class_found(result, index, px_per_mm, overlap, score);
    }
    free(overlap);
    return status;
}

static striae_status score_session(const json_t *truth, size_t index, const striae_result *result,
                                   const struct labels *found, const struct labels *mask,
                                   const struct labels *ids, struct score_session *score,
                                   striae_error *error)
{
    striae_quantity width, area, delta_a;
    striae_status status = STRIAE_OK;
    struct {
        striae_metric metric;
        striae_quantity *quantity;
    } totals[] = {{STRIAE_METRIC_WIDTH, &width},
                  {STRIAE_METRIC_AREA, &area},
                  {STRIAE_METRIC_DELTA_A, &delta_a}};
    for (size_t i = 0; i < 3 && status == STRIAE_OK; i++) {
        status = striae_result_quantity(result, index, STRIAE_TOTAL, totals[i].metric,
                                        totals[i].quantity);
    }
    if (status != STRIAE_OK) {
        return fail_with(error, status, "the result has no totals");
    }
    const json_t *session = truth_session(truth, index);
    score->width = number(truth_number(session, "width_mean_mm"), &width);
    score->area = number(truth_number(session, "area_mm2"), &area);
    score->delta_a = number(truth_number(session, "da"), &delta_a);
    score->dice = overlap_dice(found, mask);
    return score_striae(truth, index, result, found, mask, ids, score, error);
}

/* ---- the pair ------------------------------------------------------------------------------- */

static double percent_change(double first, double later)
{
    return first > 0 ? 100 * (later / first - 1) : NAN;
}

/* A change in percent: the interval of the difference, in percent of the measured first value. */
static struct score_number number_of_change(double truth, const striae_difference *change)
{
    double scale = change->percent / change->difference.value;
    double one = change->difference.low * scale, other = change->difference.high * scale;
    bool known = change->difference.reason == NULL && isfinite(change->percent);
    return (struct score_number){truth, known ? change->percent : NAN,
                                 known && fmin(one, other) <= truth && truth <= fmax(one, other)};
}

static striae_status score_changes(const json_t *truth, const striae_result *result,
                                   struct score *score, striae_error *error)
{
    striae_difference width, area, delta_a;
    const char *label;
    if (striae_result_change(result, 1, STRIAE_TOTAL, STRIAE_METRIC_WIDTH, &width, &label) ||
        striae_result_change(result, 1, STRIAE_TOTAL, STRIAE_METRIC_AREA, &area, &label) ||
        striae_result_change(result, 1, STRIAE_TOTAL, STRIAE_METRIC_DELTA_A, &delta_a, &label)) {
        return fail_with(error, STRIAE_ERROR_INTERNAL, "the result has no total change");
    }
    const json_t *first = truth_session(truth, 0), *later = truth_session(truth, 1);
    score->width_change = number_of_change(
        percent_change(truth_number(first, "width_mean_mm"), truth_number(later, "width_mean_mm")),
        &width);
    score->area_change = number_of_change(
        percent_change(truth_number(first, "area_mm2"), truth_number(later, "area_mm2")), &area);
    score->delta_a_change =
        number(truth_number(later, "da") - truth_number(first, "da"), &delta_a.difference);
    score->width_verdict = width.verdict;
    score->area_verdict = area.verdict;
    score->delta_a_verdict = delta_a.verdict;
    return STRIAE_OK;
}

/* The labels of both sessions, as the result names their files. */
static striae_status read_found(const char *result_dir, struct labels found[2], striae_error *error)
{
    json_t *json = truth_load(result_dir, "result.json", error);
    if (!json) {
        return error ? error->status : STRIAE_ERROR_FORMAT;
    }
    striae_status status = STRIAE_OK;
    for (size_t i = 0; i < 2 && status == STRIAE_OK; i++) {
        const json_t *session = json_array_get(json_object_get(json, "sessions"), i);
        const char *name =
            json_string_value(json_object_get(json_object_get(session, "files"), "labels"));
        status = name ? read_picture(result_dir, name, "", &found[i], error)
                      : fail_with(error, STRIAE_ERROR_FORMAT,
                                  "%s/result.json: names no labels for session %zu", result_dir, i);
    }
    json_decref(json);
    return status;
}

striae_status score_pair(const char *dir, const striae_result *result, const char *result_dir,
                         struct score *score, striae_error *error)
{
    struct labels found[2] = {{0}}, mask = {0}, ids = {0};
    char *result_json = path_join(result_dir, "result.json");
    json_t *truth = result_json ? truth_load(dir, "truth.json", error) : NULL;
    striae_status status = !result_json ? fail_memory(error)
                           : truth      ? read_found(result_dir, found, error)
                                        : STRIAE_ERROR_FORMAT;
    for (size_t i = 0; i < 2 && status == STRIAE_OK; i++) {
        status = read_picture(dir, truth_session_names[i], "_mask.png", &mask, error);
        if (status == STRIAE_OK) {
            status = read_picture(dir, truth_session_names[i], "_id.png", &ids, error);
        }
        if (status == STRIAE_OK) {
            status =
                score_session(truth, i, result, &found[i], &mask, &ids, &score->session[i], error);
        }
        labels_free(&mask);
        labels_free(&ids);
    }
    const char *refusal = status == STRIAE_OK ? striae_result_refusal(result, 1) : NULL;
    if (refusal) {
        score->refused = true;
        snprintf(score->reason, sizeof score->reason, "%s", refusal);
    } else if (status == STRIAE_OK) {
        status = score_landmarks(truth, result_json, &found[0], &found[1], score, error);
        if (status == STRIAE_OK) {
            status = score_changes(truth, result, score, error);
        }
    }
    labels_free(&found[0]);
    labels_free(&found[1]);
    json_decref(truth);
    free(result_json);
    return status;
}
