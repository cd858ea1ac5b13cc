/* segment/: hairs are taken out, striae as thin as hairs are not. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "segment/hair.h"

#define SIDE 120
#define RMS  0.05f

struct line {
    double width;
    float shade, red; /* of density */
};

/* Even skin with a straight line through the middle. */
static void make(struct channels *channels, const struct line *line, double angle)
{
    striae_error error;
    *channels = (struct channels){.factor = 1};
    assert_int_equal(plane_init(&channels->skin, SIDE, SIDE, &error), STRIAE_OK);
    for (int c = 0; c < CHANNEL_COUNT; c++) {
        assert_int_equal(plane_init(&channels->density[c], SIDE, SIDE, &error), STRIAE_OK);
        assert_int_equal(plane_init(&channels->value[c], SIDE, SIDE, &error), STRIAE_OK);
        assert_int_equal(plane_init(&channels->rms[c], SIDE, SIDE, &error), STRIAE_OK);
    }
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            double from = fabs(cos(angle) * (y - 60.2) - sin(angle) * (x - 59.7));
            float share = (float)fmin(fmax(0.5 + 0.5 * line->width - from, 0), 1);
            const float density[CHANNEL_COUNT] = {line->shade, line->red, 0};
            plane_row(&channels->skin, y)[x] = 1;
            for (int c = 0; c < CHANNEL_COUNT; c++) {
                plane_row(&channels->rms[c], y)[x] = RMS;
                plane_row(&channels->density[c], y)[x] = 1 + share * density[c];
                plane_row(&channels->value[c], y)[x] = share * density[c] / RMS;
            }
        }
}

/* Mean of |value| of the shade along the line, away from the picture's border. */
static double left_of(const struct channels *channels, double angle)
{
    double sum = 0;
    for (int k = -40; k <= 40; k++) {
        int x = (int)lround(59.7 + k * cos(angle)), y = (int)lround(60.2 + k * sin(angle));
        sum += (double)fabsf(plane_row(&channels->value[0], y)[x]);
    }
    return sum / 81;
}

static void check(const struct line *line, bool removed)
{
    for (int k = 0; k < 12; k++) {
        struct channels channels;
        striae_error error;
        double angle = k * acos(-1) / 12;
        make(&channels, line, angle);
        double before = left_of(&channels, angle);
        assert_int_equal(hairs_remove(&channels, &error), STRIAE_OK);
        double after = left_of(&channels, angle);
        if (removed)
            assert_true(after < 0.1 * before);
        else
            assert_true(after > 0.999 * before);
        segment_channels_free(&channels);
    }
}

static void test_hairs(void **state)
{
    (void)state;
    check(&(struct line){1.5, 0.3f, 0.01f}, true);
    check(&(struct line){2.5, 0.2f, -0.02f}, true);
}

static void test_striae(void **state)
{
    (void)state;
    check(&(struct line){2.5, 0.2f, 0.08f}, false);   /* red or dark, as thin as a hair */
    check(&(struct line){2.5, -0.2f, 0.0f}, false);   /* pale */
    check(&(struct line){12, 0.2f, 0.0f}, false);     /* wide */
    check(&(struct line){2.5, 0.02f, 0.001f}, false); /* no darker than the skin varies by */
}

/* What lies under a hair is what lies beside it. */
static void test_filled(void **state)
{
    (void)state;
    const struct line hair = {2, 0.3f, 0};
    struct channels channels;
    striae_error error;
    make(&channels, &hair, 0);
    for (int y = 0; y < SIDE; y++) /* on a wide redness */
        for (int x = 0; x < SIDE; x++)
            plane_row(&channels.value[1], y)[x] = 2;
    assert_int_equal(hairs_remove(&channels, &error), STRIAE_OK);
    assert_true(fabs((double)plane_row(&channels.value[1], 60)[60] - 2) < 1e-5);
    assert_true(left_of(&channels, 0) < 0.1);
    segment_channels_free(&channels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hairs),
        cmocka_unit_test(test_striae),
        cmocka_unit_test(test_filled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
