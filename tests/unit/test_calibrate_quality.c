/* calibrate/: each check of the picture trips when it should, and only then. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "calibrate/calibrate.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define WIDTH        900
#define HEIGHT       700

/* What is wrong with the photo; 0 = nothing. */
struct fault {
    double defocus; /* px sigma */
    double motion;  /* px, length of the way to the right */
    double fall;    /* share of light that is lost from left to right */
    double shine;   /* share of the skin with the lamp's white on it */
    double clipped; /* share of the skin that is over-exposed */
    double clothes; /* share of the photo that is no skin */
    double flush;   /* share of the photo that is redder */
    double dark;    /* share of the light that the skin does not give back */
    double even;    /* share of its structure that is missing */
    double noise;   /* of a pixel, share of its light */
    int hairs;      /* px between dark lines; 0 = none */
};

static const float skin_colour[3] = {0.45f, 0.25f, 0.16f};

/* Share s of the plane lies in round spots. */
static bool in_spot(int x, int y, double share)
{
    double dx = x % 60 - 30, dy = y % 60 - 30;
    return M_PI * (dx * dx + dy * dy) < 3600 * share;
}

/* Fine structure: pores as dots of random place and size, seen through a blur of their own. */
static void draw_pores(struct plane *density, uint64_t seed, double defocus, double motion)
{
    struct rng rng;
    rng_seed(&rng, seed, 1);
    for (int i = 0; i < 500; i++) {
        double cx = rng_uniform(&rng) * WIDTH, cy = rng_uniform(&rng) * HEIGHT;
        double radius = 6 + 8 * rng_uniform(&rng), depth = 0.05 + 0.2 * rng_uniform(&rng);
        double edge = sqrt(0.36 + defocus * defocus);
        int steps = 1 + (int)(2 * motion), reach = (int)(radius + 4 * edge + motion) + 2;
        for (int y = (int)cy - reach; y <= (int)cy + reach; y++)
            for (int x = (int)cx - reach; x <= (int)cx + reach; x++) {
                if (x < 0 || y < 0 || x >= WIDTH || y >= HEIGHT)
                    continue;
                double sum = 0;
                for (int k = 0; k < steps; k++) {
                    double shift = motion * ((k + 0.5) / steps - 0.5);
                    double from = hypot(x - cx - shift, y - cy) - radius;
                    sum += 0.5 * erfc(from / (edge * sqrt(2)));
                }
                plane_row(density, y)[x] += (float)(depth * sum / steps);
            }
    }
}

static void make_photo(const struct fault *fault, struct image *image, struct mask *skin)
{
    struct plane density = {0};
    struct rng rng;
    rng_seed(&rng, 6, 1);
    assert_int_equal(image_init(image, WIDTH, HEIGHT, NULL), STRIAE_OK);
    assert_int_equal(mask_init(skin, WIDTH, HEIGHT, NULL), STRIAE_OK);
    assert_int_equal(plane_init(&density, WIDTH, HEIGHT, NULL), STRIAE_OK);
    draw_pores(&density, 5, fault->defocus, fault->motion);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            double light = (1 - fault->fall * x / WIDTH) * (1 - fault->dark);
            double structure = (1 - fault->even) * plane_row(&density, y)[x];
            mask_row(skin, y)[x] = x < (1 - fault->clothes) * WIDTH ? 255 : 0;
            for (int c = 0; c < 3; c++) {
                double more = c > 0 && x < fault->flush * WIDTH ? 0.4 : 0; /* blood */
                if (fault->hairs && (x + y / 3) % fault->hairs < 3)
                    more += 0.8;
                double v = skin_colour[c] * light * exp(-structure - more);
                v += in_spot(x, y, fault->shine) ? 0.3 : 0;
                v += in_spot(x, y, fault->clipped) ? 1 : 0;
                v *= 1 + fault->noise * rng_normal(&rng);
                plane_row(&image->channel[c], y)[x] = (float)fmin(fmax(v, 0), 1);
            }
        }
    plane_free(&density);
}

static int status_of(const struct fault *fault, const char *check, double *value)
{
    struct image image = {0};
    struct mask skin = {0};
    struct blur blur;
    struct qc qc = {0};
    int status = -1;
    make_photo(fault, &image, &skin);
    assert_int_equal(calibrate_blur(&image, &skin, 1, &blur, NULL), STRIAE_OK);
    assert_int_equal(calibrate_quality(&image, &skin, &blur, &qc, NULL), STRIAE_OK);
    for (size_t i = 0; i < qc.count; i++)
        if (strcmp(qc.rows[i].check, check) == 0) {
            status = (int)qc.rows[i].status;
            *value = qc.rows[i].value;
        }
    free(qc.rows);
    image_free(&image);
    mask_free(&skin);
    return status;
}

static void each_check_trips_on_its_own_fault(void **state)
{
    (void)state;
    static const struct {
        const char *check;
        struct fault mild, bad;
    } cases[] = {
        {"focus", {.defocus = 1}, {.defocus = 4}},
        {"motion", {.defocus = 1.5}, {.motion = 10}},
        {"light", {.fall = 0.4}, {.fall = 0.97}},
        {"redness", {.flush = 0.05}, {.flush = 0.3}},
        {"hair", {.hairs = 300}, {.hairs = 40}},
        {"shine", {.shine = 0.005}, {.shine = 0.05}},
        {"clipping", {.shine = 0.05}, {.clipped = 0.02}},
        {"skin", {.clothes = 0.5}, {.clothes = 0.9}},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        double none, mild, bad;
        int good = status_of(&(struct fault){0}, cases[i].check, &none);
        int passes = status_of(&cases[i].mild, cases[i].check, &mild);
        int trips = status_of(&cases[i].bad, cases[i].check, &bad);
        print_message("%-9s %7.3f %7.3f %7.3f\n", cases[i].check, none, mild, bad);
        assert_int_equal(good, QC_PASS);
        assert_int_equal(passes, QC_PASS);
        assert_int_equal(trips, QC_WARN);
    }
}

/* What is no edge is so against the light that the skin gives back. */
static void dark_even_skin_is_not_blurred(void **state)
{
    (void)state;
    double value;
    assert_int_equal(status_of(&(struct fault){.dark = 0.85, .even = 0.5}, "focus", &value),
                     QC_PASS);
    assert_int_equal(
        status_of(&(struct fault){.dark = 0.85, .even = 0.5, .defocus = 8}, "focus", &value),
        QC_FAIL);
}

static void the_blur_is_about_right(void **state)
{
    (void)state;
    for (double defocus = 0.5; defocus < 4; defocus += 1) {
        struct image image = {0};
        struct mask skin = {0};
        struct blur blur;
        make_photo(&(struct fault){.defocus = defocus}, &image, &skin);
        assert_int_equal(calibrate_blur(&image, &skin, 1, &blur, NULL), STRIAE_OK);
        double truth = sqrt(0.36 + defocus * defocus);
        print_message("blur %.2f px, found %.2f\n", truth, blur.sigma);
        assert_true(fabs(blur.sigma / truth - 1) < 0.3);
        image_free(&image);
        mask_free(&skin);
    }
}

/* Noise is sharp however soft the photo is. */
static void noise_does_not_hide_the_blur(void **state)
{
    (void)state;
    struct image image = {0};
    struct mask skin = {0};
    struct blur blur;
    make_photo(&(struct fault){.defocus = 2, .noise = 0.06}, &image, &skin);
    assert_int_equal(calibrate_blur(&image, &skin, 1, &blur, NULL), STRIAE_OK);
    print_message("noisy, blur %.2f px, found %.2f\n", sqrt(0.36 + 4), blur.sigma);
    assert_true(blur.sigma > 1.2 && blur.sigma < 2.6);
    image_free(&image);
    mask_free(&skin);
}

static void narrow_striae_and_little_overlap(void **state)
{
    (void)state;
    struct qc qc = {0};
    striae_quantity mm = quantity(2, 1.9, 2.1, "mm"), scale = quantity(10, 10, 10, "px/mm");
    striae_quantity px = quantity(4, 3, 5, "px"), none = quantity_unknown("no scale", "px/mm");
    assert_int_equal(calibrate_width_check(&mm, &scale, &qc, NULL), STRIAE_OK);
    assert_int_equal(calibrate_width_check(&px, &none, &qc, NULL), STRIAE_OK);
    assert_int_equal(calibrate_width_check(&none, &none, &qc, NULL), STRIAE_OK);
    assert_int_equal(calibrate_overlap_check(80, &qc, NULL), STRIAE_OK);
    assert_int_equal(calibrate_overlap_check(40, &qc, NULL), STRIAE_OK);
    assert_int_equal(qc.count, 4);
    assert_true(fabs(qc.rows[0].value - 20) < 1e-9);
    assert_int_equal(qc.rows[0].status, QC_PASS);
    assert_int_equal(qc.rows[1].status, QC_WARN);
    assert_int_equal(qc.rows[2].status, QC_PASS);
    assert_int_equal(qc.rows[3].status, QC_WARN);
    free(qc.rows);
}

/* What failed stays out of the numbers, with its reason, and what did not stays in. */
static void failed_checks_take_metrics_away(void **state)
{
    (void)state;
    struct qc qc = {0};
    double value;
    assert_int_equal(status_of(&(struct fault){.defocus = 9}, "focus", &value), QC_FAIL);
    assert_int_equal(status_of(&(struct fault){.clipped = 0.8}, "clipping", &value), QC_FAIL);
    striae_quantity narrow = quantity(2, 1, 3, "px"), none = quantity_unknown("no", "px/mm");
    assert_int_equal(calibrate_width_check(&narrow, &none, &qc, NULL), STRIAE_OK);
    assert_int_equal(qc.rows[0].status, QC_FAIL);
    assert_non_null(calibrate_withheld(&qc, STRIAE_METRIC_WIDTH));
    assert_null(calibrate_withheld(&qc, STRIAE_METRIC_DELTA_A));
    assert_null(calibrate_withheld(&qc, STRIAE_METRIC_LENGTH));
    const struct photo_info grey = {.grey = true, .profile = "sRGB"};
    assert_int_equal(calibrate_file_checks(&grey, &qc, NULL), STRIAE_OK);
    assert_non_null(strstr(calibrate_withheld(&qc, STRIAE_METRIC_DELTA_A), "no colour"));
    assert_null(calibrate_withheld(&qc, STRIAE_METRIC_DELTA_L));
    free(qc.rows);

    struct session sessions[3] = {0};
    struct change changes[2] = {{.to = 1}, {.to = 2}};
    struct striae_result result = {
        .session_count = 3, .change_count = 2, .sessions = sessions, .changes = changes};
    for (int i = 0; i < 3; i++)
        sessions[i].total[STRIAE_METRIC_WIDTH] = quantity(1, 1, 1, "mm");
    result_withhold(&result, 1, STRIAE_METRIC_WIDTH, "why");
    assert_null(sessions[0].total[STRIAE_METRIC_WIDTH].reason);
    assert_string_equal(sessions[1].total[STRIAE_METRIC_WIDTH].reason, "why");
    assert_string_equal(sessions[1].total[STRIAE_METRIC_WIDTH].unit, "mm");
    assert_string_equal(changes[0].total[STRIAE_METRIC_WIDTH].difference.reason, "why");
    assert_null(changes[1].total[STRIAE_METRIC_WIDTH].difference.reason);
    result_withhold(&result, 0, STRIAE_METRIC_WIDTH, "first");
    assert_int_equal(changes[1].total[STRIAE_METRIC_WIDTH].verdict, STRIAE_NOT_MEASURABLE);
}

/* A plane seen alike, and one whose right half is seen at a slant. */
static void another_side_is_told(void **state)
{
    (void)state;
    struct qc qc = {0};
    for (int slant = 0; slant < 2; slant++) {
        struct warp map;
        assert_int_equal(warp_init(&map, 400, 300, 400, 300, 10, NULL), STRIAE_OK);
        for (int i = 0; i < map.columns * map.rows; i++) {
            double x = i % map.columns * 10, past = fmax(x - 200, 0);
            map.x[i] = (float)(1.1 * (x - (slant ? 0.4 : 0.05) * past));
            map.y[i] = (float)(1.1 * (i / map.columns) * 10);
        }
        assert_int_equal(calibrate_view_check(&map, &qc, NULL), STRIAE_OK);
        warp_free(&map);
    }
    assert_int_equal(qc.count, 2);
    assert_int_equal(qc.rows[0].status, QC_PASS);
    assert_int_equal(qc.rows[1].status, QC_WARN);
    assert_true(fabs(qc.rows[1].value - 100 * (1 / sqrt(0.6) - 1)) < 1);
    free(qc.rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_check_trips_on_its_own_fault),
        cmocka_unit_test(dark_even_skin_is_not_blurred),
        cmocka_unit_test(the_blur_is_about_right),
        cmocka_unit_test(noise_does_not_hide_the_blur),
        cmocka_unit_test(failed_checks_take_metrics_away),
        cmocka_unit_test(another_side_is_told),
        cmocka_unit_test(narrow_striae_and_little_overlap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
