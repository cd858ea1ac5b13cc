/* segment/: a navel is taken out; striae, and lumps that are not the only one, are not. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "segment/navel.h"

#define SIDE  400
#define GRAIN 0.5f /* of the skin, in local RMS */
#define FOLDS 5.0f

static void make(struct channels *channels)
{
    striae_error error;
    struct rng rng;
    rng_seed(&rng, 7, 0);
    *channels = (struct channels){.factor = 1};
    assert_int_equal(plane_init(&channels->skin, SIDE, SIDE, &error), STRIAE_OK);
    for (int c = 0; c < CHANNEL_COUNT; c++) {
        assert_int_equal(plane_init(&channels->value[c], SIDE, SIDE, &error), STRIAE_OK);
        assert_int_equal(plane_init(&channels->rms[c], SIDE, SIDE, &error), STRIAE_OK);
    }
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            plane_row(&channels->skin, y)[x] = 1;
            for (int c = 0; c < CHANNEL_COUNT; c++) {
                plane_row(&channels->rms[c], y)[x] = 0.06f;
                plane_row(&channels->value[c], y)[x] = GRAIN * (float)rng_normal(&rng);
            }
        }
}

/* Dark and light folds in an ellipse of the given half axes. */
static void add_folds(struct channels *channels, double x, double y, double a, double b)
{
    for (int py = 0; py < SIDE; py++)
        for (int px = 0; px < SIDE; px++)
            if (hypot((px - x) / a, (py - y) / b) <= 1)
                plane_row(&channels->value[0], py)[px] = py / 10 % 2 ? FOLDS : -FOLDS;
}

/* Whether the shade at the place was set to the local skin. */
static bool blank(const struct channels *channels, int x, int y)
{
    return fabsf(plane_row(&channels->value[0], y)[x]) <= 0;
}

static void remove_from(struct channels *channels)
{
    striae_error error;
    assert_int_equal(navel_remove(channels, &error), STRIAE_OK);
}

static void test_navel(void **state)
{
    (void)state;
    struct channels channels;
    make(&channels);
    add_folds(&channels, 150, 220, 40, 32);
    remove_from(&channels);
    assert_true(blank(&channels, 150, 220));
    assert_true(blank(&channels, 186, 220));
    assert_false(blank(&channels, 300, 100));
    segment_channels_free(&channels);
}

static void test_small(void **state)
{
    (void)state;
    struct channels channels;
    make(&channels);
    add_folds(&channels, 150, 220, 6, 6);
    remove_from(&channels);
    assert_false(blank(&channels, 150, 220));
    segment_channels_free(&channels);
}

static void test_stria(void **state)
{
    (void)state;
    struct channels channels;
    make(&channels);
    add_folds(&channels, 200, 220, 150, 20);
    remove_from(&channels);
    assert_false(blank(&channels, 200, 220));
    segment_channels_free(&channels);
}

static void test_not_the_only_one(void **state)
{
    (void)state;
    struct channels channels;
    make(&channels);
    add_folds(&channels, 100, 100, 40, 32);
    add_folds(&channels, 300, 300, 38, 32);
    remove_from(&channels);
    assert_false(blank(&channels, 100, 100));
    assert_false(blank(&channels, 300, 300));
    segment_channels_free(&channels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_navel),
        cmocka_unit_test(test_small),
        cmocka_unit_test(test_stria),
        cmocka_unit_test(test_not_the_only_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
