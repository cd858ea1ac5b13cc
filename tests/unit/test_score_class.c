/* study/: true and found striae counted by classes of width and contrast. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <math.h>

#include "base/result.h"
#include "study/score_class.h"
#include "study/score_figures.h"
#include "study/truth.h"

/* Ids as in a picture: those with a 1 are covered. */
struct seen {
    size_t id;
    bool covered;
};

static struct overlap *overlap_of(const struct seen *seen, size_t count)
{
    struct overlap *overlap = calloc(1, sizeof *overlap);
    assert_non_null(overlap);
    for (size_t i = 0; i < count; i++) {
        overlap->has[seen[i].id] = true;
        overlap->is_covered[seen[i].id] = seen[i].covered;
    }
    return overlap;
}

static void check_class(const struct score_class *got, size_t true_count, size_t found,
                        size_t found_count, size_t real)
{
    assert_int_equal(got->true_count, true_count);
    assert_int_equal(got->found, found);
    assert_int_equal(got->found_count, found_count);
    assert_int_equal(got->real, real);
}

/* At 10 px per mm: 4 px, 5 px (the class that begins there), 25 px; without width, without colour,
 * gone, with what truths write for a width and a colour that they do not know. */
static const char truth_text[] =
    "{\"px_per_mm\": 10, \"sessions\": {\"after\": {\"px_per_mm\": 8}, \"before\": {\"striae\": ["
    "{\"id\": 1, \"gone\": false, \"width_mean_mm\": 0.4, \"dL\": 3, \"da\": 0, \"db\": -4},"
    "{\"id\": 2, \"gone\": false, \"width_mean_mm\": 0.5, \"dL\": 0, \"da\": 2, \"db\": 0},"
    "{\"id\": 300, \"gone\": false, \"width_mean_mm\": 2.5, \"dL\": -6, \"da\": 8, \"db\": 0},"
    "{\"id\": 4, \"gone\": false, \"dL\": -1, \"da\": 0, \"db\": 0},"
    "{\"id\": 5, \"gone\": false, \"width_mean_mm\": 1.5},"
    "{\"id\": 6, \"gone\": true},"
    "{\"id\": 7, \"width_mean_mm\": 0, \"dL\": 0, \"da\": 0, \"db\": 0},"
    "{\"id\": 8, \"width_mean_mm\": 3, \"dL\": 9, \"da\": 9, \"db\": 9},"
    "{\"id\": -1, \"width_mean_mm\": 3}, {\"id\": 65536, \"width_mean_mm\": 3}, {}]}}}";

/* 8 is nowhere in the picture; 9 is, but the truth does not say what it is. */
static const struct seen truth_seen[] = {{1, true},  {2, false}, {300, true}, {4, true},
                                         {5, false}, {7, true},  {9, true}};

static void count_true(struct score_session *score)
{
    json_t *truth = json_loads(truth_text, 0, NULL);
    assert_non_null(truth);
    assert_true(truth_scale(truth, 0) == 10 && truth_scale(truth, 1) == 8);
    struct overlap *overlap = overlap_of(truth_seen, sizeof truth_seen / sizeof truth_seen[0]);
    score_class_truth(truth_session(truth, 0), truth_scale(truth, 0), overlap, score);
    free(overlap);
    json_decref(truth);
}

static void true_striae(void **state)
{
    (void)state;
    struct score_session score = {0};
    count_true(&score);
    const struct score_class *width = score.classes[SCORE_BY_WIDTH];
    check_class(&width[0], 1, 1, 0, 0);
    check_class(&width[1], 1, 0, 0, 0);
    check_class(&width[2], 1, 0, 0, 0);
    check_class(&width[3], 1, 1, 0, 0);
    const struct score_class *contrast = score.classes[SCORE_BY_CONTRAST];
    check_class(&contrast[0], 1, 1, 0, 0);
    check_class(&contrast[1], 1, 0, 0, 0);
    check_class(&contrast[2], 1, 1, 0, 0);
    check_class(&contrast[3], 1, 1, 0, 0);
}

static void measure(struct stria *stria, striae_quantity width, double dl, double da, double db)
{
    stria->metric[STRIAE_METRIC_WIDTH] = width;
    stria->metric[STRIAE_METRIC_DELTA_L] = quantity(dl, dl - 1, dl + 1, "L*");
    stria->metric[STRIAE_METRIC_DELTA_A] = quantity(da, da - 1, da + 1, "a*");
    stria->metric[STRIAE_METRIC_DELTA_B] = quantity(db, db - 1, db + 1, "b*");
}

/* 9 px; 12 px of a session without a scale, one colour unknown; no width; not in the picture; 90 px
 * of no contrast at all. */
static void count_found(struct score_session *score)
{
    struct stria striae[5] = {0};
    measure(&striae[0], quantity(0.9, 0.8, 1, "mm"), 6, 0, -8);
    measure(&striae[1], quantity(12, 11, 13, "px"), 1, 1, 1);
    striae[1].metric[STRIAE_METRIC_DELTA_B] = quantity_unknown("too dark", "b*");
    measure(&striae[2], quantity_unknown("too soft", "mm"), 0, -3, 0);
    measure(&striae[3], quantity(3, 2, 4, "mm"), 6, 0, 8);
    measure(&striae[4], quantity(9, 8, 10, "mm"), 0, 0, 0);
    struct session session = {.stria_count = 5, .striae = striae};
    struct striae_result result = {.session_count = 1, .sessions = &session};
    const struct seen seen[] = {{1, true}, {2, false}, {3, true}, {5, false}};
    struct overlap *overlap = overlap_of(seen, sizeof seen / sizeof seen[0]);
    score_class_found(&result, 0, 10, overlap, score);
    free(overlap);
}

static void found_striae(void **state)
{
    (void)state;
    struct score_session score = {0};
    count_found(&score);
    const struct score_class *width = score.classes[SCORE_BY_WIDTH];
    check_class(&width[0], 0, 0, 0, 0);
    check_class(&width[1], 0, 0, 1, 1);
    check_class(&width[2], 0, 0, 1, 0);
    check_class(&width[3], 0, 0, 1, 0);
    const struct score_class *contrast = score.classes[SCORE_BY_CONTRAST];
    check_class(&contrast[0], 0, 0, 0, 0);
    check_class(&contrast[1], 0, 0, 1, 1);
    check_class(&contrast[2], 0, 0, 0, 0);
    check_class(&contrast[3], 0, 0, 1, 1);
}

static json_int_t integer(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    assert_true(json_is_integer(value));
    return json_integer_value(value);
}

static void check_json(const char *text)
{
    json_t *json = json_loads(text, 0, NULL);
    const json_t *summary = json_object_get(json, "summary");
    const json_t *width = json_object_get(summary, "by_width");
    assert_int_equal(json_array_size(width), SCORE_CLASSES);
    const json_t *last = json_array_get(width, 3);
    assert_true(json_number_value(json_object_get(last, "from")) == 20);
    assert_true(json_is_null(json_object_get(last, "to")));
    assert_string_equal(json_string_value(json_object_get(last, "unit")), "px");
    assert_int_equal(integer(last, "true_striae"), 3);
    assert_int_equal(integer(last, "true_striae_found"), 3);
    assert_int_equal(integer(last, "found_striae"), 1);
    assert_int_equal(integer(last, "found_striae_real"), 0);
    const json_t *first = json_array_get(json_object_get(summary, "by_contrast"), 0);
    assert_true(json_number_value(json_object_get(first, "to")) == 2);
    assert_string_equal(json_string_value(json_object_get(first, "unit")), "dE76");
    assert_int_equal(integer(first, "true_striae"), 3);
    const json_t *third = json_array_get(json_object_get(summary, "by_contrast"), 2);
    assert_int_equal(integer(third, "true_striae_found"), 3);
    assert_int_equal(integer(third, "found_striae"), 0);
    assert_int_equal(integer(json_array_get(width, 2), "true_striae_found"), 0);
    assert_int_equal(integer(json_array_get(width, 2), "found_striae"), 1);
    const json_t *pair = json_array_get(json_object_get(json, "pairs"), 1);
    const json_t *later = json_array_get(json_object_get(pair, "sessions"), 1);
    const json_t *second = json_array_get(json_object_get(later, "by_contrast"), 1);
    assert_int_equal(integer(second, "found_striae"), 1);
    assert_int_equal(integer(second, "found_striae_real"), 1);
    assert_int_equal(integer(second, "true_striae"), 0);
    json_decref(json);
}

static void summed_and_written(void **state)
{
    (void)state;
    struct score scores[2];
    memset(scores, 0, sizeof scores);
    count_true(&scores[0].session[0]);
    count_true(&scores[0].session[1]);
    count_true(&scores[1].session[0]);
    count_found(&scores[1].session[1]);
    struct score_summary summary;
    const double figures[SCORE_FIGURE_COUNT] = {0};
    assert_int_equal(score_summarise(scores, 2, NULL, NULL, &summary, NULL), STRIAE_OK);
    check_class(&summary.classes[SCORE_BY_WIDTH][1], 3, 0, 1, 1);
    check_class(&summary.classes[SCORE_BY_CONTRAST][3], 3, 3, 1, 1);
    char *text = score_json(scores, 2, &summary, figures);
    assert_non_null(text);
    check_json(text);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(true_striae),
        cmocka_unit_test(found_striae),
        cmocka_unit_test(summed_and_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
