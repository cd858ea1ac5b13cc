/* segment/: the course of light that striae stand out from. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/filter.h"
#include "segment/background.h"

#define WIDTH  300
#define HEIGHT 200
#define SIGMA  12.0

/* Right of a slanting edge there is no skin. */
static bool in_skin(int x, int y)
{
    return x < 180 + y / 4;
}

static double error_of(const struct plane *background, double bend)
{
    double worst = 0;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            if (in_skin(x, y)) {
                double truth = 0.5 + 0.01 * x - 0.004 * y + bend * x * x;
                worst = fmax(worst, fabs((double)plane_row(background, y)[x] - truth));
            }
    return worst;
}

static void make_ramp(double bend, struct plane *density, struct plane *skin)
{
    striae_error error;
    assert_int_equal(plane_init(density, WIDTH, HEIGHT, &error), STRIAE_OK);
    assert_int_equal(plane_init(skin, WIDTH, HEIGHT, &error), STRIAE_OK);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            plane_row(skin, y)[x] = in_skin(x, y) ? 1.f : 0.f;
            plane_row(density, y)[x] =
                in_skin(x, y) ? (float)(0.5 + 0.01 * x - 0.004 * y + bend * x * x) : 9.f;
        }
}

/* A local mean is off by 0.8 sigma slopes at the edge: 0.1 here. */
static void a_slope_is_followed_to_the_edge_of_the_skin(void **state)
{
    (void)state;
    struct plane density, skin, line, mean;
    striae_error error;
    make_ramp(0, &density, &skin);
    assert_int_equal(background_fit(&density, &skin, SIGMA, 1, &line, &error), STRIAE_OK);
    assert_int_equal(filter_gaussian_weighted(&density, &skin, SIGMA, 0, 1, &mean, &error),
                     STRIAE_OK);
    double of_line = error_of(&line, 0), of_mean = error_of(&mean, 0);
    print_message("worst error: local line %.4f, local mean %.4f\n", of_line, of_mean);
    assert_true(of_line < 0.02);
    assert_true(of_mean > 0.05); /* or the test would show nothing */
    plane_free(&density);
    plane_free(&skin);
    plane_free(&line);
    plane_free(&mean);
}

static void without_skin_it_is_zero_and_small_pictures_pass(void **state)
{
    (void)state;
    struct plane density, skin, line;
    striae_error error;
    assert_int_equal(plane_init(&density, 5, 3, &error), STRIAE_OK);
    assert_int_equal(plane_init(&skin, 5, 3, &error), STRIAE_OK);
    plane_row(&density, 1)[2] = 7;
    assert_int_equal(background_fit(&density, &skin, 0.2, 1, &line, &error), STRIAE_OK);
    assert_true(plane_row(&line, 1)[2] == 0);
    plane_free(&line);
    plane_row(&skin, 1)[2] = 1;
    assert_int_equal(background_fit(&density, &skin, 0.2, 1, &line, &error), STRIAE_OK);
    assert_true(fabs((double)plane_row(&line, 1)[2] - 7) < 0.01);
    plane_free(&line);
    plane_free(&density);
    plane_free(&skin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slope_is_followed_to_the_edge_of_the_skin),
        cmocka_unit_test(without_skin_it_is_zero_and_small_pictures_pass),
    };
    return cmocka_run_group_tests_name("segment_background", tests, NULL, NULL);
}
