/* report/: result.json, and the accessors that give the same numbers. */
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <jansson.h>

#include "report/report.h"
#include "test_report_make.h"

static json_t *parsed(const struct striae_result *result)
{
    char *text = report_json(result);
    json_error_t fault;
    assert_non_null(text);
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &fault);
    assert_non_null(root);
    free(text);
    return root;
}

/* The value at "sessions.0.totals.width"; array positions are numbers. */
static const json_t *at(const json_t *value, const char *path)
{
    char part[64];
    while (*path) {
        size_t length = strcspn(path, ".");
        (void)snprintf(part, sizeof part, "%.*s", (int)length, path);
        value = json_is_array(value) ? json_array_get(value, (size_t)atoi(part))
                                     : json_object_get(value, part);
        path += length + (path[length] == '.');
    }
    return value;
}

static void keys_are(const json_t *object, const char *expected)
{
    char keys[600] = "";
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value)
    {
        strncat(keys, key, sizeof keys - strlen(keys) - 2);
        strcat(keys, " ");
    }
    assert_string_equal(keys, expected);
}

static void has_every_key_in_order(void **state)
{
    (void)state;
    struct striae_result result;
    make_result(&result, 2, 0);
    json_t *root = parsed(&result);
    keys_are(root, "schema tool repeatability sessions changes ");
    keys_are(at(root, "tool"), "version config_sha256 model_sha256 ");
    keys_are(at(root, "sessions.0"), "index photo scale colour qc skin striae totals files ");
    keys_are(at(root, "sessions.0.photo"), "file sha256 width height captured ");
    keys_are(at(root, "sessions.0.qc.0"), "check status value limit message ");
    keys_are(at(root, "sessions.0.striae.1"),
             "id kind probability centreline width width_raw length area area_raw delta_a delta_l "
             "delta_b delta_e00 erythema melanin texture ");
    keys_are(at(root, "sessions.0.totals"),
             "count width length area area_percent delta_a delta_l delta_b delta_e00 erythema "
             "melanin texture ");
    keys_are(at(root, "sessions.0.files"), "mask labels overlay ");
    keys_are(at(root, "changes.0"), "from to alignment striae totals skin watch ");
    keys_are(at(root, "changes.0.alignment"), "status reason error overlap_percent map ");
    keys_are(at(root, "changes.0.totals.width"),
             "value low high unit percent verdict mdc95 mdc95_source ");
    keys_are(at(root, "changes.0.striae.0"),
             "from_ids to_ids status width width_raw length area area_raw delta_a delta_l delta_b "
             "delta_e00 erythema melanin texture ");
    keys_are(at(root, "changes.0.watch.0"), "kind area where message ");
    assert_true(json_is_null(at(root, "tool.model_sha256")));
    assert_string_equal(json_string_value(at(root, "changes.0.alignment.map.backward")),
                        "map-1-0.bin");
    assert_string_equal(json_string_value(at(root, "sessions.1.files.overlay")),
                        "session-1-overlay.png");
    assert_true(json_real_value(at(root, "changes.0.totals.area.low")) == -1.5);
    assert_true(json_real_value(at(root, "changes.0.watch.0.where.0.0")) == 1.24);
    assert_int_equal(json_array_size(at(root, "sessions.0.striae.0.centreline")), 21);
    assert_int_equal(json_array_size(at(root, "changes.0.striae.1.from_ids")), 0);
    json_decref(root);
    result_clear(&result);
}

static void unknown_numbers_are_null_with_a_reason(void **state)
{
    (void)state;
    struct striae_result result;
    make_result(&result, 2, 0);
    result.sessions[0].total[STRIAE_METRIC_AREA].value = INFINITY; /* a fault, no number */
    char *text = report_json(&result);
    assert_null(strstr(text, "nan"));
    assert_null(strstr(text, "NaN"));
    assert_null(strstr(text, "inf"));
    free(text);
    json_t *root = parsed(&result);
    keys_are(at(root, "sessions.0.totals.texture"), "value reason unit ");
    assert_true(json_is_null(at(root, "sessions.0.totals.texture.value")));
    assert_string_equal(json_string_value(at(root, "sessions.0.totals.texture.reason")),
                        "the photo is too soft");
    assert_true(json_is_null(at(root, "sessions.0.totals.area.value")));
    assert_true(json_is_string(at(root, "sessions.0.totals.area.reason")));
    assert_true(json_is_null(at(root, "sessions.0.qc.0.limit")));
    assert_true(json_is_null(at(root, "changes.0.totals.delta_a.percent")));
    json_decref(root);
    result_clear(&result);
}

/* Without a verdict, but with numbers: both stand in the file. */
static void changes_that_cannot_be_told_keep_their_numbers(void **state)
{
    (void)state;
    struct striae_result result;
    make_result(&result, 2, 0);
    striae_difference *width = &result.changes[0].total[STRIAE_METRIC_WIDTH];
    width->difference = quantity(-1.25, -3, 0.5, "mm");
    width->verdict = STRIAE_NOT_MEASURABLE;
    width->reason = "it cannot be told";
    json_t *root = parsed(&result);
    keys_are(at(root, "changes.0.totals.width"),
             "value low high unit percent verdict reason mdc95 mdc95_source ");
    assert_true(json_real_value(at(root, "changes.0.totals.width.value")) == -1.25);
    assert_string_equal(json_string_value(at(root, "changes.0.totals.width.verdict")),
                        "not_measurable");
    assert_string_equal(json_string_value(at(root, "changes.0.totals.width.reason")),
                        "it cannot be told");
    json_decref(root);
    result_clear(&result);
}

static void a_refused_comparison_has_no_figures(void **state)
{
    (void)state;
    struct striae_result result;
    striae_difference d;
    make_result(&result, 3, 1);
    json_t *root = parsed(&result);
    assert_string_equal(json_string_value(at(root, "changes.0.alignment.status")), "refused");
    assert_string_equal(json_string_value(at(root, "changes.0.alignment.reason")),
                        "not the same skin <at all>");
    assert_true(json_is_null(at(root, "changes.0.alignment.map")));
    assert_true(json_is_null(at(root, "changes.0.totals.width.value")));
    assert_string_equal(json_string_value(at(root, "changes.0.totals.width.verdict")),
                        "not_measurable");
    assert_int_equal(json_array_size(at(root, "changes.0.striae")), 0);
    assert_true(json_is_real(at(root, "changes.1.totals.width.value")));
    assert_int_equal(striae_result_change(&result, 1, STRIAE_TOTAL, STRIAE_METRIC_WIDTH, &d, NULL),
                     STRIAE_OK);
    assert_true(isnan(d.difference.value) && d.difference.reason);
    assert_int_equal(striae_result_change_count(&result, 1), 0);
    assert_string_equal(striae_result_refusal(&result, 1), "not the same skin <at all>");
    assert_null(striae_result_refusal(&result, 2));
    json_decref(root);
    result_clear(&result);
}

static void the_same_bytes_in_every_locale(void **state)
{
    (void)state;
    struct striae_result result;
    make_result(&result, 2, 0);
    char *plain = report_json(&result);
    const char *comma = NULL;
    const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "C.UTF-8"};
    for (size_t i = 0; i < 4 && !comma; i++)
        comma = setlocale(LC_ALL, names[i]);
    char *again = report_json(&result);
    (void)setlocale(LC_ALL, "C");
    assert_non_null(comma);
    assert_string_equal(plain, again);
    free(plain);
    free(again);
    result_clear(&result);
}

static void broken_names_are_repaired(void **state)
{
    (void)state;
    struct striae_result result;
    make_result(&result, 1, 0);
    free(result.sessions[0].path);
    result.sessions[0].path = strdup("a\xff\xc3(\xe2\x82z.jpg");
    json_t *root = parsed(&result);
    assert_string_equal(json_string_value(at(root, "sessions.0.photo.file")),
                        "a\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbdz.jpg");
    json_decref(root);
    result_clear(&result);
}

static void accessors_give_what_is_stored(void **state)
{
    (void)state;
    struct striae_result result;
    striae_quantity q;
    striae_difference d;
    const char *label;
    make_result(&result, 2, 0);
    assert_int_equal(striae_result_quantity(&result, 1, 1, STRIAE_METRIC_LENGTH, &q), STRIAE_OK);
    assert_true(q.value == result.sessions[1].striae[1].metric[STRIAE_METRIC_LENGTH].value);
    assert_int_equal(striae_result_quantity(&result, 0, STRIAE_TOTAL, STRIAE_METRIC_AREA, &q), 0);
    assert_true(q.value == result.sessions[0].total[STRIAE_METRIC_AREA].value);
    assert_int_equal(striae_result_quantity(&result, 2, 0, STRIAE_METRIC_AREA, &q),
                     STRIAE_ERROR_ARGUMENT);
    assert_int_equal(striae_result_quantity(&result, 0, 2, STRIAE_METRIC_AREA, &q),
                     STRIAE_ERROR_ARGUMENT);
    assert_int_equal(striae_result_change(&result, 1, 1, STRIAE_METRIC_AREA, &d, &label), 0);
    assert_string_equal(label, "new:2");
    assert_int_equal(striae_result_change(&result, 1, 2, STRIAE_METRIC_AREA, &d, &label),
                     STRIAE_ERROR_ARGUMENT);
    assert_int_equal(striae_result_change(&result, 0, 0, STRIAE_METRIC_AREA, &d, &label),
                     STRIAE_ERROR_ARGUMENT);
    assert_string_equal(striae_result_qc(&result), "warn");
    result_clear(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_every_key_in_order),
        cmocka_unit_test(unknown_numbers_are_null_with_a_reason),
        cmocka_unit_test(changes_that_cannot_be_told_keep_their_numbers),
        cmocka_unit_test(a_refused_comparison_has_no_figures),
        cmocka_unit_test(the_same_bytes_in_every_locale),
        cmocka_unit_test(broken_names_are_repaired),
        cmocka_unit_test(accessors_give_what_is_stored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
