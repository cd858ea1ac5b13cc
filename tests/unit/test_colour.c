/* colour/: against the standards' own numbers. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "colour/colour.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Sharma, Wu, Dalal 2005, table 1. */
static const struct {
    struct lab first, second;
    double delta_e;
} published[34] = {
    {{50.0000, 2.6772, -79.7751}, {50.0000, 0.0000, -82.7485}, 2.0425},
    {{50.0000, 3.1571, -77.2803}, {50.0000, 0.0000, -82.7485}, 2.8615},
    {{50.0000, 2.8361, -74.0200}, {50.0000, 0.0000, -82.7485}, 3.4412},
    {{50.0000, -1.3802, -84.2814}, {50.0000, 0.0000, -82.7485}, 1.0000},
    {{50.0000, -1.1848, -84.8006}, {50.0000, 0.0000, -82.7485}, 1.0000},
    {{50.0000, -0.9009, -85.5211}, {50.0000, 0.0000, -82.7485}, 1.0000},
    {{50.0000, 0.0000, 0.0000}, {50.0000, -1.0000, 2.0000}, 2.3669},
    {{50.0000, -1.0000, 2.0000}, {50.0000, 0.0000, 0.0000}, 2.3669},
    {{50.0000, 2.4900, -0.0010}, {50.0000, -2.4900, 0.0009}, 7.1792},
    {{50.0000, 2.4900, -0.0010}, {50.0000, -2.4900, 0.0010}, 7.1792},
    {{50.0000, 2.4900, -0.0010}, {50.0000, -2.4900, 0.0011}, 7.2195},
    {{50.0000, 2.4900, -0.0010}, {50.0000, -2.4900, 0.0012}, 7.2195},
    {{50.0000, -0.0010, 2.4900}, {50.0000, 0.0009, -2.4900}, 4.8045},
    {{50.0000, -0.0010, 2.4900}, {50.0000, 0.0010, -2.4900}, 4.8045},
    {{50.0000, -0.0010, 2.4900}, {50.0000, 0.0011, -2.4900}, 4.7461},
    {{50.0000, 2.5000, 0.0000}, {50.0000, 0.0000, -2.5000}, 4.3065},
    {{50.0000, 2.5000, 0.0000}, {73.0000, 25.0000, -18.0000}, 27.1492},
    {{50.0000, 2.5000, 0.0000}, {61.0000, -5.0000, 29.0000}, 22.8977},
    {{50.0000, 2.5000, 0.0000}, {56.0000, -27.0000, -3.0000}, 31.9030},
    {{50.0000, 2.5000, 0.0000}, {58.0000, 24.0000, 15.0000}, 19.4535},
    {{50.0000, 2.5000, 0.0000}, {50.0000, 3.1736, 0.5854}, 1.0000},
    {{50.0000, 2.5000, 0.0000}, {50.0000, 3.2972, 0.0000}, 1.0000},
    {{50.0000, 2.5000, 0.0000}, {50.0000, 1.8634, 0.5757}, 1.0000},
    {{50.0000, 2.5000, 0.0000}, {50.0000, 3.2592, 0.3350}, 1.0000},
    {{60.2574, -34.0099, 36.2677}, {60.4626, -34.1751, 39.4387}, 1.2644},
    {{63.0109, -31.0961, -5.8663}, {62.8187, -29.7946, -4.0864}, 1.2630},
    {{61.2901, 3.7196, -5.3901}, {61.4292, 2.2480, -4.9620}, 1.8731},
    {{35.0831, -44.1164, 3.7933}, {35.0232, -40.0716, 1.5901}, 1.8645},
    {{22.7233, 20.0904, -46.6940}, {23.0331, 14.9730, -42.5619}, 2.0373},
    {{36.4612, 47.8580, 18.3852}, {36.2715, 50.5065, 21.2231}, 1.4146},
    {{90.8027, -2.0831, 1.4410}, {91.1528, -1.6435, 0.0447}, 1.4441},
    {{90.9257, -0.5406, -0.9208}, {88.6381, -0.8985, -0.7239}, 1.5381},
    {{6.7747, -0.2908, -2.4247}, {5.8714, -0.0985, -2.2286}, 0.6377},
    {{2.0776, 0.0795, -1.1350}, {0.9033, -0.0636, -0.5514}, 0.9082},
};

static void ciede2000_gives_the_published_differences(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(published); i++) {
        double there = colour_delta_e00(published[i].first, published[i].second);
        double back = colour_delta_e00(published[i].second, published[i].first);
        if (fabs(there - published[i].delta_e) > 1e-4 || fabs(back - published[i].delta_e) > 1e-4)
            fail_msg("pair %zu: %.5f and back %.5f, published %.4f", i + 1, there, back,
                     published[i].delta_e);
    }
}

static void ciede2000_is_zero_only_for_the_same_colour(void **state)
{
    (void)state;
    struct lab skin = {65, 12, 18}, near = {65, 12, 18.001};
    assert_true(colour_delta_e00(skin, skin) == 0);
    assert_true(colour_delta_e00(skin, near) > 0);
    assert_true(colour_delta_e00((struct lab){0, 0, 0}, (struct lab){0, 0, 0}) == 0);
}

static void srgb_curve_is_that_of_the_standard(void **state)
{
    (void)state;
    assert_true(colour_srgb_decode(0) == 0);
    assert_true(fabs(colour_srgb_decode(1) - 1) < 1e-12);
    assert_true(fabs(colour_srgb_decode(0.5) - 0.21404114048223) < 1e-12);
    assert_true(fabs(colour_srgb_decode(0.02) - 0.02 / 12.92) < 1e-15);
    assert_true(fabs(colour_srgb_encode(0.18) - 0.46135612950044) < 1e-12);
    assert_true(fabs(colour_srgb_decode(-0.5) + colour_srgb_decode(0.5)) < 1e-15);
    assert_true(fabs(colour_srgb_encode(-0.5) + colour_srgb_encode(0.5)) < 1e-15);
    for (int i = -300; i <= 1300; i++) {
        double v = i / 1000.0;
        assert_true(fabs(colour_srgb_encode(colour_srgb_decode(v)) - v) < 2e-6);
    }
}

/* Every float value near a code's ends, and many in between, round as the exact curve does. */
static void encode8_rounds_like_the_exact_curve(void **state)
{
    (void)state;
    for (int code = 0; code < 256; code++)
        assert_int_equal(colour_srgb_encode8((float)colour_srgb_decode(code / 255.0)), code);
    struct rng rng;
    rng_seed(&rng, 5, 0);
    for (int i = 0; i < 300000; i++) {
        double spread = rng_uniform(&rng);
        float linear = (float)(i % 2 ? spread : spread * spread * spread * 0.02);
        double exact = colour_srgb_encode(linear) * 255;
        int code = colour_srgb_encode8(linear);
        if (fabs(exact - floor(exact) - 0.5) > 1e-4)
            assert_int_equal(code, (int)(exact + 0.5));
        else
            assert_true(fabs(exact - code) < 0.5002);
    }
    assert_int_equal(colour_srgb_encode8(-1), 0);
    assert_int_equal(colour_srgb_encode8(7), 255);
    assert_int_equal(colour_srgb_encode8(INFINITY), 255);
    assert_int_equal(colour_srgb_encode8(NAN), 0);
}

static void lab_of_known_colours(void **state)
{
    (void)state;
    /* Primaries of sRGB in CIELAB under D65, as in colour science tables to two decimals. */
    static const struct {
        double rgb[3];
        struct lab lab;
    } known[] = {
        {{1, 1, 1}, {100, 0, 0}},
        {{0, 0, 0}, {0, 0, 0}},
        {{1, 0, 0}, {53.24, 80.09, 67.20}},
        {{0, 1, 0}, {87.73, -86.18, 83.18}},
        {{0, 0, 1}, {32.30, 79.19, -107.86}},
        {{0.18418651851244416, 0.18418651851244416, 0.18418651851244416}, {50, 0, 0}},
    };
    for (size_t i = 0; i < COUNT(known); i++) {
        struct lab lab = colour_lab(known[i].rgb[0], known[i].rgb[1], known[i].rgb[2]);
        double limit = i < 2 ? 1e-3 : 0.03; /* their matrix has more digits */
        if (fabs(lab.l - known[i].lab.l) > limit || fabs(lab.a - known[i].lab.a) > limit ||
            fabs(lab.b - known[i].lab.b) > limit)
            fail_msg("colour %zu: L* %.4f a* %.4f b* %.4f", i, lab.l, lab.a, lab.b);
    }
}

static void lab_leads_back_to_rgb(void **state)
{
    (void)state;
    struct rng rng;
    rng_seed(&rng, 6, 0);
    for (int i = 0; i < 20000; i++) {
        double rgb[3], back[3];
        double scale = i % 2 ? 1.2 : 0.01; /* beyond white; below the cube root's straight part */
        for (int c = 0; c < 3; c++)
            rgb[c] = scale * rng_range(&rng, -0.1, 1);
        colour_lab_to_rgb(colour_lab(rgb[0], rgb[1], rgb[2]), back);
        for (int c = 0; c < 3; c++)
            assert_true(fabs(back[c] - rgb[c]) < 1e-9);
    }
}

static void skin_indices(void **state)
{
    (void)state;
    assert_true(fabs(colour_ita((struct lab){70, 10, 20}) - 45) < 1e-12);
    assert_true(fabs(colour_ita((struct lab){50, 10, 20})) < 1e-12);
    assert_true(fabs(colour_ita((struct lab){30, 10, 20}) + 45) < 1e-12);
    assert_true(fabs(colour_ita((struct lab){67.3205080756887729, 10, 30}) - 30) < 1e-9);
    assert_true(fabs(colour_erythema(0.5, 0.05) - 1) < 1e-12);
    assert_true(fabs(colour_erythema(0.5, 0)) - log10(5000) < 1e-9);
    assert_true(fabs(colour_melanin(0.01) - 2) < 1e-12);
    assert_true(fabs(colour_melanin(-1) - 4) < 1e-12);
}

static void density_is_the_logarithm(void **state)
{
    (void)state;
    for (float v = 1e-3f; v < 2; v *= 1.00001f)
        assert_true(fabs(colour_density(v) + log((double)v)) < 1e-6);
    assert_true(colour_density(1) == 0);
    assert_true(fabs(colour_density(0) + log(1e-3)) < 1e-6);
    assert_true(colour_density(-1) == colour_density(0) &&
                colour_density(NAN) == colour_density(0));
}

static void density_image_is_the_same_at_any_thread_count(void **state)
{
    (void)state;
    struct image image, one, four;
    struct rng rng;
    rng_seed(&rng, 7, 0);
    assert_int_equal(image_init(&image, 131, 77, NULL), STRIAE_OK);
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < 77; y++)
            for (int x = 0; x < 131; x++)
                plane_row(&image.channel[c], y)[x] = (float)rng_range(&rng, -0.1, 1.1);
    assert_int_equal(colour_density_image(&image, 1, &one, NULL), STRIAE_OK);
    assert_int_equal(colour_density_image(&image, 4, &four, NULL), STRIAE_OK);
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < 77; y++) {
            const float *a = plane_row(&one.channel[c], y), *b = plane_row(&four.channel[c], y);
            assert_memory_equal(a, b, 131 * sizeof *a);
            for (int x = 0; x < 131; x++)
                assert_true(a[x] == colour_density(plane_row(&image.channel[c], y)[x]));
        }
    image_free(&image);
    image_free(&one);
    image_free(&four);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ciede2000_gives_the_published_differences),
        cmocka_unit_test(ciede2000_is_zero_only_for_the_same_colour),
        cmocka_unit_test(srgb_curve_is_that_of_the_standard),
        cmocka_unit_test(encode8_rounds_like_the_exact_curve),
        cmocka_unit_test(lab_of_known_colours),
        cmocka_unit_test(lab_leads_back_to_rgb),
        cmocka_unit_test(skin_indices),
        cmocka_unit_test(density_is_the_logarithm),
        cmocka_unit_test(density_image_is_the_same_at_any_thread_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
