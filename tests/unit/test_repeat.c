/* study/: reading manifests, grouping repeats, and the way from photos to figures. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <unistd.h>

#include "base/random.h"
#include "report/report.h"
#include "study/manifest.h"
#include "study/repeat.h"
#include "test_place.h"

/* ---- tables --------------------------------------------------------------------------------- */

static striae_status parse(const char *text, struct table *table, striae_error *error)
{
    return table_parse("t.csv", strdup(text), table, error);
}

static void tables_are_read(void **state)
{
    (void)state;
    const char *const texts[] = {"a,b c,D\n1,,\"x,\"\"y\"\"\n z\"\n\n 2 , 3 ,4",
                                 "\xEF\xBB\xBF"
                                 "A;b c;d\r\n1;;\"x,\"\"y\"\"\n z\"\r\n2;3;4\r\n",
                                 "a\tb c\td\r1\t\t\"x,\"\"y\"\"\n z\"\r2\t3\t4"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct table table;
        assert_int_equal(parse(texts[i], &table, NULL), STRIAE_OK);
        assert_int_equal(table.columns, 3);
        assert_int_equal(table.rows, 2);
        assert_int_equal(table_column(&table, "d"), 2);
        assert_int_equal(table_column(&table, "x"), TABLE_NO_COLUMN);
        assert_string_equal(table.names[1], "b c");
        assert_string_equal(table.row[0].cells[0], "1");
        assert_string_equal(table.row[0].cells[1], "");
        assert_string_equal(table.row[0].cells[2], "x,\"y\"\n z");
        assert_string_equal(table.row[1].cells[0], "2");
        assert_string_equal(table.row[1].cells[1], "3");
        assert_int_equal(table.row[0].line, 2);
        table_free(&table);
    }
}

static void broken_tables_are_refused(void **state)
{
    (void)state;
    const char *const list[][2] = {{"", "is empty"},
                                   {"\n \n", "is empty"},
                                   {"a,b\n1\n", "line 2: has 1 cells, the header 2"},
                                   {"a,b\n1,2\n1,2,3\n", "line 3: has 3 cells"},
                                   {"a,A\n1,2\n", "'a' is there twice"},
                                   {"a,b\n\"1,2\n", "line 2: a quote is not closed"},
                                   {"a,b\n\"1\"x,2\n", "behind a closing quote"},
                                   {"a,b\n1,\xFC\n", "line 2: is not UTF-8"}};
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        struct table table;
        striae_error error = {0};
        assert_int_equal(parse(list[i][0], &table, &error), STRIAE_ERROR_FORMAT);
        if (!strstr(error.message, list[i][1]) || strncmp(error.message, "t.csv", 5) != 0) {
            fail_msg("'%s' does not say '%s'", error.message, list[i][1]);
        }
        assert_null(table.text);
    }
}

/* ---- manifests ------------------------------------------------------------------------------ */

static const char *write_manifest(void **state, const char *text)
{
    const char *path = in(state, "m.csv");
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    return path;
}

static void manifests_are_read(void **state)
{
    (void)state;
    struct manifest manifest;
    const char *path = write_manifest(state, "Photo,subject,session,px_per_mm,ruler,mood\n"
                                             "a.jpg,1,0,9.5,,good\n"
                                             "/b.jpg,1,,,\"1,2, 3.5,4,50\",bad\n");
    assert_int_equal(manifest_read(path, &manifest, NULL), STRIAE_OK);
    assert_int_equal(manifest.count, 2);
    assert_int_equal(strncmp(manifest.rows[0].path, *state, strlen(*state)), 0);
    assert_string_equal(manifest.rows[0].photo, "a.jpg");
    assert_string_equal(manifest.rows[1].path, "/b.jpg");
    assert_string_equal(manifest.rows[1].site, "");
    assert_int_equal(manifest.rows[0].session, 0);
    assert_int_equal(manifest.rows[1].session, -1);
    assert_true(manifest.rows[0].px_per_mm == 9.5);
    assert_true(isnan(manifest.rows[1].px_per_mm));
    assert_true(manifest.rows[1].has_ruler && !manifest.rows[0].has_ruler);
    assert_true(manifest.rows[1].ruler[2] == 3.5 && manifest.rows[1].ruler[4] == 50);
    manifest_free(&manifest);
}

static void broken_manifests_are_refused(void **state)
{
    (void)state;
    const char *const list[][2] = {
        {"photo,session\na.jpg,1\n", "no column 'subject'"},
        {"subject,session\n1,1\n", "no column 'photo'"},
        {"subject,photo\n1,\n", "line 2: photo is empty"},
        {"subject,photo\n1,a\n,b\n", "line 3: subject is empty"},
        {"subject,photo,session\n1,a,1.5\n", "session '1.5'"},
        {"subject,photo,session\n1,a,-1\n", "session '-1'"},
        {"subject,photo,px_per_mm\n1,a,ten\n", "px_per_mm 'ten'"},
        {"subject,photo,px_per_mm\n1,a,0\n", "px_per_mm '0'"},
        {"subject,photo,ruler\n1,a,\"1,2,3,4\"\n", "ruler '1,2,3,4'"},
        {"subject,photo,ruler\n1,a,\"1,2,3,4,5,6\"\n", "ruler"},
        {"subject,photo,px_per_mm,ruler\n1,a,9,\"1,2,3,4,5\"\n", "both give the scale"}};
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        struct manifest manifest;
        striae_error error = {0};
        const char *path = write_manifest(state, list[i][0]);
        assert_int_equal(manifest_read(path, &manifest, &error), STRIAE_ERROR_FORMAT);
        if (!strstr(error.message, list[i][1])) {
            fail_msg("'%s' does not say '%s'", error.message, list[i][1]);
        }
    }
    struct manifest manifest;
    assert_int_equal(manifest_read(write_manifest(state, "subject,photo\n"), &manifest, NULL),
                     STRIAE_ERROR_NOT_FOUND);
    assert_int_equal(manifest_read("/nowhere/m.csv", &manifest, NULL), STRIAE_ERROR_NOT_FOUND);
}

/* ---- which photos are repeats --------------------------------------------------------------- */

static const char grouped[] = "subject,site,side,session,photo\n"
                              "b,hip,L,0,1.jpg\nb,hip,L,1,2.jpg\na,hip,L,1,3.jpg\n"
                              "a,hip,L,0,4.jpg\na,hip,R,0,5.jpg\nb,hip,L,0,6.jpg\n";

static void same_skin_is_one_target(void **state)
{
    (void)state;
    struct repeat repeat;
    assert_int_equal(repeat_read(write_manifest(state, grouped), false, &repeat, NULL), STRIAE_OK);
    assert_int_equal(repeat.target_count, 3);
    assert_string_equal(repeat.targets[0].name, "a hip L");
    assert_int_equal(repeat.targets[0].count, 2);
    assert_int_equal(repeat.targets[0].photos[0], 3); /* by session */
    assert_int_equal(repeat.targets[0].photos[1], 2);
    assert_string_equal(repeat.targets[2].name, "b hip L");
    assert_int_equal(repeat.targets[2].count, 3);
    assert_int_equal(repeat.targets[2].photos[1], 5); /* then by line */
    assert_int_equal(repeat.targets[0].subject, repeat.targets[1].subject);
    assert_int_not_equal(repeat.targets[1].subject, repeat.targets[2].subject);
    assert_int_equal(strlen(repeat.sha256), 64);
    repeat_free(&repeat);
}

static void by_session_keeps_sessions_apart(void **state)
{
    (void)state;
    struct repeat repeat;
    assert_int_equal(repeat_read(write_manifest(state, grouped), true, &repeat, NULL), STRIAE_OK);
    assert_int_equal(repeat.target_count, 5);
    assert_string_equal(repeat.targets[3].name, "b hip L session 0");
    assert_int_equal(repeat.targets[3].count, 2);
    repeat_free(&repeat);
}

/* ---- figures -------------------------------------------------------------------------------- */

#define SUBJECTS 40

/* Two photos of each of SUBJECTS, all metrics drawn with that noise. */
static void draw_study(void **state, struct repeat *repeat, double noise, uint64_t seed)
{
    char text[40 * 2 * SUBJECTS + 64] = "subject,session,photo\n";
    struct rng rng;
    for (int s = 0; s < SUBJECTS; s++) {
        char row[80];
        snprintf(row, sizeof row, "%d,0,%d_0.jpg\n%d,1,%d_1.jpg\n", s, s, s, s);
        strcat(text, row);
    }
    assert_int_equal(repeat_read(write_manifest(state, text), false, repeat, NULL), STRIAE_OK);
    rng_seed(&rng, seed, 0);
    repeat->has_scale = true;
    for (size_t t = 0; t < repeat->target_count; t++) {
        struct repeat_target *target = &repeat->targets[t];
        target->measured = 2;
        target->has_scale = true;
        for (size_t m = 0; m < REPEAT_METRICS; m++) {
            double value = 10 + 2 * rng_normal(&rng);
            for (size_t i = 0; i < 2; i++) {
                repeat->photos[target->photos[i]].status = REPEAT_OK;
                repeat->photos[target->photos[i]].value[m] = value + noise * rng_normal(&rng);
            }
        }
    }
}

static void figures_of_drawn_values(void **state)
{
    (void)state;
    struct repeat repeat;
    struct repeat_striae striae[REPEAT_METRICS] = {{0}};
    draw_study(state, &repeat, 0.5, 3);
    striae[0] = (struct repeat_striae){.squares = 90, .freedom = 90, .count = 45};
    assert_int_equal(repeat_compute(&repeat, striae, NULL), STRIAE_OK);
    assert_int_equal(repeat.measured_targets, SUBJECTS);
    assert_int_equal(repeat.subjects, SUBJECTS);
    int held = 0;
    for (size_t m = 0; m < REPEAT_METRICS; m++) {
        const struct repeat_metric *metric = &repeat.metric[m];
        assert_true(metric->sem.value > 0.35 && metric->sem.value < 0.65);
        assert_true(fabs(metric->mdc95.value / metric->sem.value - 2.77186) < 1e-4);
        assert_true(metric->icc.value > 0.85 && metric->icc.value < 0.98);
        assert_int_equal(metric->point_count, SUBJECTS);
        assert_true(metric->lower.value < metric->bias.value);
        held += metric->sem.low <= 0.5 && 0.5 <= metric->sem.high;
    }
    assert_true(held >= 9);
    assert_true(fabs(repeat.metric[0].cv.value - 5) < 1.5);
    assert_non_null(repeat.metric[4].cv.reason); /* delta_a */
    /* striae: the value from all of them, the interval from the targets' degrees of freedom */
    assert_true(repeat.metric[0].stria_sem.value == 1);
    assert_true(repeat.metric[0].stria_sem.high > 1.25);
    assert_non_null(repeat.metric[1].stria_sem.reason);
    repeat_free(&repeat);
}

static void targets_without_scale_have_no_lengths(void **state)
{
    (void)state;
    struct repeat repeat;
    struct repeat_striae striae[REPEAT_METRICS] = {{0}};
    draw_study(state, &repeat, 0.5, 4);
    repeat.targets[5].has_scale = false;
    repeat.targets[6].measured = 0;
    assert_int_equal(repeat_compute(&repeat, striae, NULL), STRIAE_OK);
    assert_int_equal(repeat.metric[0].targets, SUBJECTS - 2);
    assert_int_equal(repeat.metric[4].targets, SUBJECTS - 1);
    repeat_free(&repeat);
}

static void json_and_page_say_the_same(void **state)
{
    (void)state;
    struct repeat repeat;
    struct repeat_striae striae[REPEAT_METRICS] = {{0}};
    draw_study(state, &repeat, 0.5, 5);
    repeat.photos[0].status = REPEAT_FAILED;
    free(repeat.photos[0].reason);
    repeat.photos[0].reason = strdup("<lost>");
    assert_int_equal(repeat_compute(&repeat, striae, NULL), STRIAE_OK);
    char *text = repeat_json(&repeat), *html;
    size_t size;
    json_t *root = json_loads(text, 0, NULL);
    assert_non_null(root);
    assert_string_equal(json_string_value(json_object_get(root, "schema")), "striae-repeat/1");
    json_t *width = json_object_get(json_object_get(root, "metrics"), "width");
    double mdc = json_number_value(json_object_get(json_object_get(width, "mdc95"), "value"));
    assert_true(fabs(mdc - repeat.metric[0].mdc95.value) < 1e-5);
    assert_int_equal(json_array_size(json_object_get(root, "photos")), 2 * SUBJECTS);
    assert_true(json_is_null(
        json_object_get(json_object_get(json_object_get(width, "stria"), "sem"), "value")));
    json_decref(root);
    free(text);
    assert_int_equal(report_repeat(&repeat, &html, &size, NULL), STRIAE_OK);
    assert_int_equal(strlen(html), size);
    assert_non_null(strstr(html, "&lt;lost&gt;"));
    assert_null(strstr(html, "<lost>"));
    assert_null(strstr(html, "http"));
    assert_null(strstr(html, "nan<"));
    assert_null(strstr(html, "\"nan\""));
    size_t dots = 0;
    for (const char *at = html; (at = strstr(at, "<circle class=\"pair\"")) != NULL; at++) {
        dots++;
    }
    assert_int_equal(dots, SUBJECTS * REPEAT_METRICS);
    free(html);
    repeat_free(&repeat);
}

static void an_empty_study_says_why(void **state)
{
    (void)state;
    struct repeat repeat;
    struct repeat_striae striae[REPEAT_METRICS] = {{0}};
    assert_int_equal(repeat_read(write_manifest(state, grouped), false, &repeat, NULL), STRIAE_OK);
    assert_int_equal(repeat_compute(&repeat, striae, NULL), STRIAE_OK);
    for (size_t m = 0; m < REPEAT_METRICS; m++) {
        assert_non_null(repeat.metric[m].sem.reason);
        assert_non_null(repeat.metric[m].icc.reason);
        assert_non_null(repeat.metric[m].bias.reason);
    }
    char *html, *json = repeat_json(&repeat);
    size_t size;
    assert_non_null(json);
    assert_int_equal(report_repeat(&repeat, &html, &size, NULL), STRIAE_OK);
    assert_null(strstr(html, ">nan<"));
    free(json);
    free(html);
    repeat_free(&repeat);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_read),    cmocka_unit_test(broken_tables_are_refused),
        in_place(manifests_are_read),         in_place(broken_manifests_are_refused),
        in_place(same_skin_is_one_target),    in_place(by_session_keeps_sessions_apart),
        in_place(figures_of_drawn_values),    in_place(targets_without_scale_have_no_lengths),
        in_place(json_and_page_say_the_same), in_place(an_empty_study_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
