/* calibrate/: each check of what files say trips when it should, and only then. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "calibrate/calibrate.h"

#define BLUR         2.0 /* px, of the first photo */
#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct qc_row *row_of(const struct qc *qc, const char *check)
{
    for (size_t i = 0; i < qc->count; i++)
        if (strcmp(qc->rows[i].check, check) == 0)
            return &qc->rows[i];
    return NULL;
}

static struct photo_info good_photo(void)
{
    return (struct photo_info){.format = "jpeg",
                               .bits = 8,
                               .orientation = 1,
                               .jpeg_quality = 95,
                               .camera = "Apple iPhone 13",
                               .lens = "back camera 5.1mm f/1.6",
                               .software = "17.4.1",
                               .exposure = 1 / 60.0,
                               .f_number = 1.6,
                               .iso = 100,
                               .focal = 5.1,
                               .focal_35 = 26,
                               .profile = "Display P3",
                               .profile_state = PROFILE_USED};
}

/* Status of the row, -1 if there is none; *message is checked for these words. */
static int file_status(const struct photo_info *info, const char *check, const char *words)
{
    struct qc qc = {0};
    int status = -1;
    assert_int_equal(calibrate_file_checks(info, &qc, NULL), STRIAE_OK);
    const struct qc_row *row = row_of(&qc, check);
    if (row) {
        status = (int)row->status;
        if (words && !strstr(row->message, words))
            fail_msg("%s: \"%s\" is missing", row->message, words);
    }
    free(qc.rows);
    return status;
}

static void a_good_file_passes(void **state)
{
    (void)state;
    struct photo_info info = good_photo();
    assert_int_equal(file_status(&info, "profile", "Display P3"), QC_PASS);
    assert_int_equal(file_status(&info, "edited", NULL), QC_PASS);
    assert_int_equal(file_status(&info, "compression", NULL), QC_PASS);
    assert_int_equal(file_status(&info, "colour", NULL), -1);
    info.profile_state = PROFILE_MISSING;
    assert_int_equal(file_status(&info, "profile", "sRGB"), QC_PASS);
    info.jpeg_quality = 0;
    assert_int_equal(file_status(&info, "compression", NULL), -1);
}

static void a_bad_file_is_told(void **state)
{
    (void)state;
    static const char *const programs[] = {"Adobe Photoshop CC 2019 (Windows)", "GIMP 2.10.34",
                                           "Snapseed 2.0", "Adobe Lightroom 6.1", "Picasa"};
    static const char *const cameras[] = {
        "17.4.1", "Ver.1.10", "HDR+ 1.0.585804376zd", "NIKON D750 Ver.1.15", "A536BXXU5CWB7", ""};
    for (size_t i = 0; i < COUNT(programs); i++) {
        struct photo_info info = good_photo();
        strcpy(info.software, programs[i]);
        assert_int_equal(file_status(&info, "edited", programs[i]), QC_WARN);
    }
    for (size_t i = 0; i < COUNT(cameras); i++) {
        struct photo_info info = good_photo();
        strcpy(info.software, cameras[i]);
        assert_int_equal(file_status(&info, "edited", NULL), QC_PASS);
    }
    struct photo_info info = good_photo();
    info.profile_state = PROFILE_BROKEN;
    info.jpeg_quality = 60;
    info.grey = true;
    assert_int_equal(file_status(&info, "profile", "original file"), QC_WARN);
    assert_int_equal(file_status(&info, "compression", "original file"), QC_WARN);
    assert_int_equal(file_status(&info, "colour", "no colour"), QC_FAIL);
}

static int pair_status(const struct photo_info *first, const struct photo_info *later,
                       double blur_later, const char *check, double *value)
{
    struct qc qc = {0};
    int status = -1;
    assert_int_equal(calibrate_pair_checks(first, later, BLUR, blur_later, &qc, NULL), STRIAE_OK);
    const struct qc_row *row = row_of(&qc, check);
    if (row) {
        status = (int)row->status;
        *value = row->value;
        assert_true(strlen(row->message) > 10);
    }
    free(qc.rows);
    return status;
}

static void the_same_setup_passes(void **state)
{
    (void)state;
    static const char *const checks[] = {"same_camera", "same_lens", "same_exposure",
                                         "same_profile", "same_focus"};
    struct photo_info first = good_photo(), later = good_photo(), unknown = {0};
    double value;
    later.exposure = 1 / 100.0; /* 0.74 stops */
    for (size_t i = 0; i < COUNT(checks); i++)
        assert_int_equal(pair_status(&first, &later, 1.5, checks[i], &value), QC_PASS);
    for (size_t i = 0; i < 3; i++) /* nothing is claimed of what is not known */
        assert_int_equal(pair_status(&first, &unknown, 1, checks[i], &value), -1);
}

static void another_setup_is_told(void **state)
{
    (void)state;
    struct photo_info first = good_photo(), later = good_photo();
    double value;
    strcpy(later.camera, "Canon EOS 80D");
    strcpy(later.profile, "Adobe RGB (1998)");
    later.exposure = 1 / 15.0;
    later.focal_35 = 52; /* zoomed by cutting: the same lens */
    assert_int_equal(pair_status(&first, &later, 1.8, "same_camera", &value), QC_WARN);
    assert_int_equal(pair_status(&first, &later, 1.8, "same_profile", &value), QC_WARN);
    assert_int_equal(pair_status(&first, &later, 1.8, "same_exposure", &value), QC_WARN);
    assert_true(fabs(value - 2) < 1e-9);
    assert_int_equal(pair_status(&first, &later, 1.8, "same_lens", &value), QC_WARN);
    assert_true(fabs(value - 100) < 1e-9);
    assert_int_equal(pair_status(&first, &later, 1.8 * BLUR, "same_focus", &value), QC_WARN);
    assert_int_equal(pair_status(&first, &later, 0.8, "same_focus", &value), QC_WARN);
    assert_true(fabs(value - BLUR) < 1e-9); /* sharp is sharp */
    assert_true(fabs(value - 2) < 1e-9);
    later = good_photo();
    strcpy(later.lens, "back camera 1.5mm f/2.4");
    assert_int_equal(pair_status(&first, &later, 1, "same_lens", &value), QC_WARN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_file_passes),
        cmocka_unit_test(a_bad_file_is_told),
        cmocka_unit_test(the_same_setup_passes),
        cmocka_unit_test(another_setup_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
