/* segment/: where in the photo a line lies. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "segment/setting.h"

#define SIDE   120
#define BORDER 40 /* skin from this column on */
#define BRIGHT 80 /* over-exposed from this row on */

static void make(struct channels *channels)
{
    striae_error error;
    *channels = (struct channels){0};
    assert_int_equal(plane_init(&channels->skin, SIDE, SIDE, &error), STRIAE_OK);
    for (int c = 0; c < CHANNEL_COUNT; c++)
        assert_int_equal(plane_init(&channels->density[c], SIDE, SIDE, &error), STRIAE_OK);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            /* densities of red, green, blue: 0, 0.2, 0.4 where bright, else 0.3 more */
            float red = y >= BRIGHT ? 0 : 0.3f;
            plane_row(&channels->skin, y)[x] = x >= BORDER;
            plane_row(&channels->density[0], y)[x] = red + 0.2f;
            plane_row(&channels->density[1], y)[x] = 0.2f;
            plane_row(&channels->density[2], y)[x] = 0.2f;
        }
}

/* A line of 30 px from (x,y). */
static void line_from(double x, double y, double dx, double dy, struct polyline *path)
{
    striae_error error;
    *path = (struct polyline){0};
    for (int k = 0; k <= 30; k++)
        assert_int_equal(polyline_append(path, x + k * dx, y + k * dy, &error), STRIAE_OK);
}

static double asked(double x, double y, double dx, double dy, bool glare)
{
    struct channels channels;
    struct polyline path;
    make(&channels);
    line_from(x, y, dx, dy, &path);
    double share = glare ? setting_glare(&channels, &path) : setting_border(&channels, &path, 4);
    polyline_free(&path);
    segment_channels_free(&channels);
    return share;
}

static void test_glare(void **state)
{
    (void)state;
    assert_true(asked(70, 20, 0, 1, true) <= 0);
    assert_true(asked(60, 100, 1, 0, true) >= 1);
    double half = asked(70, BRIGHT - 15, 0, 1, true);
    assert_true(half > 0.4 && half < 0.6);
}

static void test_border(void **state)
{
    (void)state;
    assert_true(asked(BORDER + 6, 20, 0, 1, false) >= 1);
    assert_true(asked(BORDER + 40, 20, 0, 1, false) <= 0);
    assert_true(asked(BORDER + 1, 60, 1, 0, false) < 0.1); /* one that runs away from it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_glare), cmocka_unit_test(test_border)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
