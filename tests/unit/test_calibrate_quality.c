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
    assert_int_equal(image_init(image, WIDTH, HEIGHT, NULL), STRIAE_OK);
    assert_int_equal(mask_init(skin, WIDTH, HEIGHT, NULL), STRIAE_OK);
    assert_int_equal(plane_init(&density, WIDTH, HEIGHT, NULL), STRIAE_OK);
    draw_pores(&density, 5, fault->defocus, fault->motion);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            double light = 1 - fault->fall * x / WIDTH;
            mask_row(skin, y)[x] = x < (1 - fault->clothes) * WIDTH ? 255 : 0;
            for (int c = 0; c < 3; c++) {
                double v = skin_colour[c] * light * exp(-plane_row(&density, y)[x]);
                v += in_spot(x, y, fault->shine) ? 0.3 : 0;
                v += in_spot(x, y, fault->clipped) ? 1 : 0;
                plane_row(&image->channel[c], y)[x] = (float)fmin(v, 1);
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
        {"light", {.fall = 0.15}, {.fall = 0.4}},
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_check_trips_on_its_own_fault),
        cmocka_unit_test(the_blur_is_about_right),
        cmocka_unit_test(narrow_striae_and_little_overlap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
