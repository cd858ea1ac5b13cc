/* study/: what names say, which photos are paired, tables, overlap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "study/csv.h"
#include "study/names.h"
#include "study/overlap.h"
#include "study/quantile.h"
#include "study/study.h"
#include "test_place.h"

/* ---- names ---------------------------------------------------------------------------------- */

struct expected {
    const char *path;
    int session;
    const char *key, *subject;
};

static void check_name(const struct expected *expected)
{
    struct photo_name name;
    assert_int_equal(name_read(expected->path, &name, NULL), STRIAE_OK);
    if (name.session != expected->session || strcmp(name.key, expected->key) != 0 ||
        strcmp(name.subject, expected->subject) != 0) {
        fail_msg("%s: session %d key '%s' subject '%s', not %d '%s' '%s'", expected->path,
                 name.session, name.key, name.subject, expected->session, expected->key,
                 expected->subject);
    }
    name_free(&name);
}

static void names_with_entities(void **state)
{
    (void)state;
    const struct expected list[] = {
        {"sub-01_site-abdomen_side-L_ses-0.jpg", 0, "sub-01_site-abdomen_side-l", "01"},
        {"sub-01_site-abdomen_side-L_ses-12.JPG", 12, "sub-01_site-abdomen_side-l", "01"},
        {"sub-01/ses-1/sub-01_ses-1_photo.png", 1, "sub-01/sub-01_photo", "01"},
        {"ses-2_sub-A-7.jpg", 2, "sub-a-7", "A-7"},
        {"sub-01_ses-pre.jpg", 0, "sub-01", "01"},
        {"sub-01_ses-after.jpg", 1, "sub-01", "01"},
    };
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        check_name(&list[i]);
    }
    struct photo_name name;
    assert_int_equal(name_read("sub-01_site-hip_side-R_arm-laser_ses-0.jpg", &name, NULL),
                     STRIAE_OK);
    assert_string_equal(name.site, "hip");
    assert_string_equal(name.side, "R");
    assert_string_equal(name.arm, "laser");
    assert_true(name.numbered);
    name_free(&name);
}

static void names_with_words(void **state)
{
    (void)state;
    const struct expected list[] = {
        {"anna_before.jpg", 0, "anna", "anna"},
        {"Anna-After.JPEG", 1, "anna", "Anna"},
        {"anna pre.png", 0, "anna", "anna"},
        {"anna_post.png", 1, "anna", "anna"},
        {"vorher_anna.jpg", 0, "anna", "anna"},
        {"NACHHER anna.jpg", 1, "anna", "anna"},
        {"anna.avant.jpg", 0, "anna", "anna"},
        {"anna_apr\xc3\xa8s.jpg", 1, "anna", "anna"},
        {"anna_antes.jpg", 0, "anna", "anna"},
        {"anna_depois.jpg", 1, "anna", "anna"},
        {"anna_t0.jpg", 0, "anna", "anna"},
        {"anna_T3.jpg", 3, "anna", "anna"},
        {"annaT1.jpg", 1, "anna", "anna"},
        {"p01t1.jpg", 1, "p01", "p01"},
        {"beforeanna.jpg", 0, "anna", "anna"},
        {"annaafter.jpg", 1, "anna", "anna"},
        {"anna_before_left.jpg", 0, "anna_left", "anna_left"},
        {"p00/before.jpg", 0, "p00", "p00"},
        {"a/b/after.jpg", 1, "a/b", "a/b"},
        {"before.jpg", 0, "", ""},
        {"before/anna.jpg", 0, "anna", "anna"},
        {"Site A/t1/anna.jpg", 1, "site a/anna", "Site A/anna"},
        {"postpartum_before.jpg", 0, "postpartum", "postpartum"},
    };
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        check_name(&list[i]);
    }
}

static void names_that_say_nothing(void **state)
{
    (void)state;
    const char *const list[] = {"anna.jpg",   "cat0.jpg",       "IMG_1234.jpg",        "t.jpg",
                                "anna_t.jpg", "anna_ses-x.jpg", "anna_t123456789.jpg", ""};
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        struct photo_name name;
        assert_int_equal(name_read(list[i], &name, NULL), STRIAE_OK);
        assert_int_equal(name.session, -1);
        name_free(&name);
    }
}

static void folder_names_are_safe(void **state)
{
    (void)state;
    const char *const list[][2] = {{"sub-01_side-l", "sub-01_side-l"},
                                   {"a/b c", "a_b_c"},
                                   {"../../etc", "etc"},
                                   {"", "pair"},
                                   {"--help", "help"},
                                   {"a:b*c?", "a_b_c"},
                                   {"\xc3\xa4rm", "\xc3\xa4rm"}};
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        char *name = name_for_folder(list[i][0]);
        assert_string_equal(name, list[i][1]);
        free(name);
    }
    char text[400];
    memset(text, 0, sizeof text);
    for (size_t i = 0; i + 2 < sizeof text; i += 2) {
        memcpy(text + i, "\xc3\xa4", 2);
    }
    char *name = name_for_folder(text + 1); /* begins inside a character */
    assert_true(strlen(name) <= 100);
    assert_int_equal((unsigned char)name[strlen(name) - 1], 0xa4);
    free(name);
}

static void derived_pictures(void **state)
{
    (void)state;
    assert_int_equal(name_derived_stem("a/before_mask.png"), strlen("a/before"));
    assert_int_equal(name_derived_stem("before_ID.png"), strlen("before"));
    assert_int_equal(name_derived_stem("_mask.png"), 0);
    assert_int_equal(name_derived_stem("before.png"), 0);
}

/* ---- folders -------------------------------------------------------------------------------- */

static const char jpeg_start[] = "\xff\xd8\xff\xe0\0\x10JFIF";

static void put(const char *place, const char *name, const char *data, size_t size)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", place, name);
    for (char *slash = strchr(path + strlen(place) + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(path, 0777);
        *slash = '/';
    }
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void put_photo(const char *place, const char *name)
{
    put(place, name, jpeg_start, sizeof jpeg_start - 1);
}

static const struct study_input *find_input(const struct study *study, const char *path)
{
    for (size_t i = 0; i < study->input_count; i++) {
        if (strcmp(study->inputs[i].path, path) == 0) {
            return &study->inputs[i];
        }
    }
    fail_msg("%s: has no row", path);
    return NULL;
}

static void pairs_of_a_folder(void **state)
{
    const char *place = *state;
    put_photo(place, "anna_before.jpg");
    put_photo(place, "ANNA_after.png");
    put_photo(place, "sub-02_ses-1.jpg");
    put_photo(place, "sub-02_ses-2.jpg");
    put_photo(place, "sub-02_ses-10.jpg");
    put_photo(place, "deep/er/before.jpg");
    put_photo(place, "deep/er/after.jpg");
    put_photo(place, "deep/er/before_mask.png");
    put_photo(place, "deep/er/after_mask.png");
    put(place, "notes.txt", "x", 1);
    put(place, ".hidden.jpg", "x", 1);
    put_photo(place, "out/old_before.jpg");
    put_photo(place, "earlier/before.jpg");
    put(place, "earlier/result.json", "{}", 2);
    char skip[300];
    (void)snprintf(skip, sizeof skip, "%s/out/", place);

    struct study study;
    striae_error error = {0};
    assert_int_equal(study_scan(place, skip, &study, &error), STRIAE_OK);
    assert_int_equal(study.series_count, 3);
    assert_string_equal(study.series[0].name, "anna");
    assert_string_equal(study.series[1].name, "deep_er");
    assert_string_equal(study.series[2].name, "sub-02");
    const struct study_series *series = &study.series[2];
    assert_int_equal(series->count, 3);
    assert_string_equal(study.inputs[series->inputs[0]].path, "sub-02_ses-1.jpg");
    assert_string_equal(study.inputs[series->inputs[2]].path, "sub-02_ses-10.jpg");
    struct study_counts counts = study_count(&study);
    assert_int_equal(counts.found, 12); /* out/ is not an input, earlier/ is one row */
    assert_int_equal(counts.skipped, 5);
    assert_int_equal(counts.photos, 7);
    assert_int_equal(find_input(&study, "notes.txt")->status, STUDY_SKIPPED);
    assert_true(find_input(&study, "earlier")->bystander);
    assert_true(find_input(&study, "deep/er/before_mask.png")->bystander);
    study_free(&study);
}

static void reasons_for_what_is_left_out(void **state)
{
    const char *place = *state;
    put_photo(place, "alone_before.jpg");
    put_photo(place, "late_after.jpg");
    put_photo(place, "IMG_1.jpg");
    put_photo(place, "twice_before.jpg");
    put_photo(place, "twice_before.png");
    put_photo(place, "twice_after.jpg");
    put(place, "bad_before.jpg", "no photo", 8);
    put_photo(place, "bad_after.jpg");
    put(place, "empty.jpg", "", 0);
    put_photo(place, "sub-1_ses-0.jpg");
    put_photo(place, "sub-1_ses-1.jpg");
    put_photo(place, "sub-2_ses-1.jpg");
    put_photo(place, "sub-2_ses-2.jpg");

    struct study study;
    assert_int_equal(study_scan(place, NULL, &study, NULL), STRIAE_OK);
    assert_int_equal(study.series_count, 1);
    assert_string_equal(study.series[0].name, "sub-1");
    const struct {
        const char *path, *part;
        enum study_status status;
    } list[] = {
        {"alone_before.jpg", "no later photo", STUDY_SKIPPED},
        {"late_after.jpg", "no first photo", STUDY_SKIPPED},
        {"IMG_1.jpg", "does not say which session", STUDY_SKIPPED},
        {"twice_before.jpg", "twice_before.png", STUDY_SKIPPED},
        {"twice_before.png", "twice_before.jpg", STUDY_SKIPPED},
        {"twice_after.jpg", "is there twice", STUDY_SKIPPED},
        {"bad_before.jpg", "not a photo", STUDY_FAILED},
        {"bad_after.jpg", "bad_before.jpg", STUDY_SKIPPED},
        {"empty.jpg", "empty", STUDY_FAILED},
        {"sub-2_ses-1.jpg", "no first photo", STUDY_SKIPPED}, /* others have session 0 */
        {"sub-2_ses-2.jpg", "no first photo", STUDY_SKIPPED},
    };
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        const struct study_input *input = find_input(&study, list[i].path);
        assert_int_equal(input->status, list[i].status);
        assert_false(input->bystander);
        if (!strstr(input->reason, list[i].part)) {
            fail_msg("%s: '%s' does not say '%s'", input->path, input->reason, list[i].part);
        }
    }
    assert_int_equal(study_count(&study).missed, 13);
    study_free(&study);
}

static void series_names_are_unique(void **state)
{
    const char *place = *state;
    put_photo(place, "a/b_before.jpg");
    put_photo(place, "a/b_after.jpg");
    put_photo(place, "a_b_before.jpg");
    put_photo(place, "a_b_after.jpg");
    put_photo(place, "long.csv_before.jpg");
    put_photo(place, "long.csv_after.jpg");
    struct study study;
    assert_int_equal(study_scan(place, NULL, &study, NULL), STRIAE_OK);
    assert_int_equal(study.series_count, 3);
    assert_string_equal(study.series[0].name, "a_b");
    assert_string_equal(study.series[1].name, "a_b-2");
    assert_string_equal(study.series[2].name, "long.csv-2");
    study_free(&study);
}

static void a_folder_that_is_not_there(void **state)
{
    (void)state;
    struct study study;
    striae_error error = {0};
    assert_int_equal(study_scan("/nowhere/at/all", NULL, &study, &error), STRIAE_ERROR_NOT_FOUND);
    assert_non_null(strstr(error.message, "/nowhere/at/all"));
    assert_int_equal(study.input_count, 0);
}

/* ---- tables --------------------------------------------------------------------------------- */

static void csv_quotes(void **state)
{
    (void)state;
    struct csv csv = {0};
    csv_text(&csv, "plain");
    csv_text(&csv, "a,b");
    csv_text(&csv, "say \"so\"");
    csv_text(&csv, "two\nlines");
    csv_text(&csv, NULL);
    csv_text(&csv, "=1+1");
    csv_text(&csv, "-5");
    csv_end_row(&csv);
    csv_number(&csv, -0.25);
    csv_number(&csv, NAN);
    csv_number(&csv, -0.0);
    csv_number(&csv, 123456789.0);
    csv_number(&csv, 1e-9);
    csv_integer(&csv, -3);
    csv_end_row(&csv);
    assert_false(csv.failed);
    assert_string_equal(csv.data,
                        "plain,\"a,b\",\"say \"\"so\"\"\",\"two\nlines\",,\"'=1+1\",\"'-5\"\n"
                        "-0.25,,0,1.23457e+08,1e-09,-3\n");
    free(csv.data);
}

static void quantiles(void **state)
{
    (void)state;
    double values[] = {4, 1, 3, 2};
    sort_values(values, 4);
    assert_true(fabs(quantile(values, 4, 0.5) - 2.5) < 1e-12);
    assert_true(fabs(quantile(values, 4, 1) - 4) < 1e-12);
    assert_true(isnan(quantile(values, 0, 0.5)));
}

/* ---- overlap -------------------------------------------------------------------------------- */

static void fill(struct labels *labels, int x0, int y0, int x1, int y1, uint16_t id)
{
    for (int y = y0; y < y1; y++) {
        for (int x = x0; x < x1; x++) {
            labels->data[y * labels->width + x] = id;
        }
    }
}

static void overlap(void **state)
{
    (void)state;
    struct labels truth, found;
    assert_int_equal(labels_init(&truth, 60, 40, NULL), STRIAE_OK);
    assert_int_equal(labels_init(&found, 60, 40, NULL), STRIAE_OK);
    assert_true(fabs(overlap_dice(&truth, &found) - 1) < 1e-12);
    fill(&truth, 0, 0, 20, 2, 1);
    fill(&truth, 0, 20, 20, 22, 7);
    fill(&found, 0, 0, 10, 2, 3);
    assert_true(fabs(overlap_dice(&truth, &found) - 2.0 * 20 / (80 + 20)) < 1e-12);
    struct overlap *cover = malloc(sizeof *cover);
    assert_non_null(cover);
    /* 10 px, and OVERLAP_REACH more, of the first one's 20; none of the second */
    assert_int_equal(overlap_covered(&truth, &found, cover, NULL), STRIAE_OK);
    assert_int_equal(cover->count, 2);
    assert_int_equal(cover->covered, 1);
    assert_true(cover->has[1] && cover->has[7] && !cover->has[3]);
    assert_true(cover->is_covered[1] && !cover->is_covered[7]);
    fill(&found, 0, 0, 20, 2, 0);
    fill(&found, 0, 0, 6, 2, 3); /* reaches 9 px: not half */
    assert_int_equal(overlap_covered(&truth, &found, cover, NULL), STRIAE_OK);
    assert_int_equal(cover->covered, 0);
    fill(&found, 0, 0, 6, 2, 0);
    fill(&found, 0, 2 + OVERLAP_REACH, 20, 3 + OVERLAP_REACH, 3); /* one row too far away */
    assert_int_equal(overlap_covered(&found, &truth, cover, NULL), STRIAE_OK);
    assert_int_equal(cover->covered, 0);
    fill(&found, 0, 1 + OVERLAP_REACH, 20, 2 + OVERLAP_REACH, 3);
    assert_int_equal(overlap_covered(&found, &truth, cover, NULL), STRIAE_OK);
    assert_int_equal(cover->covered, 1);
    free(cover);
    labels_free(&truth);
    labels_free(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_with_entities),
        cmocka_unit_test(names_with_words),
        cmocka_unit_test(names_that_say_nothing),
        cmocka_unit_test(folder_names_are_safe),
        cmocka_unit_test(derived_pictures),
        in_place(pairs_of_a_folder),
        in_place(reasons_for_what_is_left_out),
        in_place(series_names_are_unique),
        cmocka_unit_test(a_folder_that_is_not_there),
        cmocka_unit_test(csv_quotes),
        cmocka_unit_test(quantiles),
        cmocka_unit_test(overlap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
