/* segment/: moles are taken out, pieces of striae are not. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "segment/mole.h"

#define SIDE 200

static void make(struct channels *channels)
{
    striae_error error;
    *channels = (struct channels){.factor = 1};
    for (int c = 0; c < CHANNEL_COUNT; c++)
        assert_int_equal(plane_init(&channels->value[c], SIDE, SIDE, &error), STRIAE_OK);
}

/* An ellipse of the given half axes, the first along `angle`. */
static void add_ellipse(struct channels *channels, double x, double y, double a, double b,
                        double angle, float value)
{
    for (int py = 0; py < SIDE; py++)
        for (int px = 0; px < SIDE; px++) {
            double u = cos(angle) * (px - x) + sin(angle) * (py - y);
            double v = cos(angle) * (py - y) - sin(angle) * (px - x);
            for (int c = 0; c < CHANNEL_COUNT && hypot(u / a, v / b) <= 1; c++)
                plane_row(&channels->value[c], py)[px] = value;
        }
}

static double darkest(const struct channels *channels, int channel)
{
    double most = 0;
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            most = fmax(most, plane_row(&channels->value[channel], y)[x]);
    return most;
}

static void check(double a, double b, double tail, bool removed)
{
    for (int k = 0; k < 8; k++) {
        struct channels channels;
        striae_error error;
        double angle = k * acos(-1) / 8;
        make(&channels);
        if (tail > 0) /* the stria that it is a piece of: under the limit, but there */
            add_ellipse(&channels, 100.3, 99.6, 60, b, angle, (float)tail);
        add_ellipse(&channels, 100.3, 99.6, a, b, angle, 4);
        assert_int_equal(moles_remove(&channels, &error), STRIAE_OK);
        for (int c = 0; c < CHANNEL_COUNT; c++)
            assert_true(removed == (darkest(&channels, c) <= 0));
        segment_channels_free(&channels);
    }
}

static void test_moles(void **state)
{
    (void)state;
    check(3, 3, 0, true);
    check(8, 8, 0, true);
    check(9, 7, 0, true);
}

static void test_striae(void **state)
{
    (void)state;
    check(30, 4, 0, false);
    check(12, 5, 0, false);
    check(45, 40, 0, false); /* too large */
}

static void test_piece_of_stria(void **state)
{
    (void)state;
    check(6, 4, 2, false);
    check(9, 7, 2, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moles),
        cmocka_unit_test(test_striae),
        cmocka_unit_test(test_piece_of_stria),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
