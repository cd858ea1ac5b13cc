/* measure/: the width of one profile, against bars whose width is known. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "base/select.h"
#include "measure/normal.h"
#include "measure/width.h"

#define REACH   130
#define SAMPLES (2 * REACH + 1)

struct profile {
    double value[SAMPLES], weight[SAMPLES];
};

static double phi(double u)
{
    return 0.5 * erfc(-u * M_SQRT1_2);
}

/* A bar of half-height width w about `middle`, edges of sigma s, blurred by b. */
static void draw(struct profile *p, double w, double middle, double s, double b, double height,
                 const double level[2], double noise, uint64_t seed)
{
    double sigma = sqrt(s * s + b * b);
    struct rng rng;
    rng_seed(&rng, seed, 0);
    for (int k = 0; k < SAMPLES; k++) {
        double x = k - REACH - middle, top = height + 0.5 * (level[0] + level[1]);
        p->value[k] = level[0] + (top - level[0]) * phi((x + 0.5 * w) / sigma) -
                      (top - level[1]) * phi((x - 0.5 * w) / sigma) + noise * rng_normal(&rng);
        p->weight[k] = 1;
    }
}

static double fit(const struct profile *p, double guess, double blur)
{
    struct bar bar;
    int window = (int)fmin(REACH, ceil(2.25 * guess + 8 + 3 * blur));
    struct bar_input in = {.value = p->value + REACH - window,
                           .weight = p->weight + REACH - window,
                           .first = -window,
                           .count = 2 * window + 1,
                           .blur = blur,
                           .guess = guess};
    return bar_fit(&in, &bar) ? bar.right - bar.left : NAN;
}

static void widths_from_2_to_40_px_are_found(void **state)
{
    (void)state;
    const double widths[] = {2, 3, 5, 8, 13, 20, 40}, level[2] = {0.5, 0.5};
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
        for (double blur = 0.5; blur <= 2; blur += 0.5) {
            double w = widths[i], soft = 0.1 * w + 0.3;
            struct profile p;
            draw(&p, w, 0.3, soft, blur, 0.1, level, 0, 0);
            double found = fit(&p, 1.2 * w, blur);
            /* a line thinner than the blur tells its width from its softness only just */
            assert_true(fabs(found - bar_fwhm(w, soft)) < (blur > 0.7 * w ? 0.12 : 0.06));
        }
}

static void each_side_has_its_own_level(void **state)
{
    (void)state;
    const double level[2] = {0.50, 0.54};
    struct profile p;
    draw(&p, 14, 0, 1.5, 1, 0.1, level, 0, 0);
    assert_true(fabs(fit(&p, 12, 1) - 14) < 0.15);
}

static void fading_does_not_narrow(void **state)
{
    (void)state;
    const double level[2] = {0.5, 0.51};
    double sum[3] = {0};
    const double factor[3] = {1, 0.6, 0.3};
    for (uint64_t seed = 0; seed < 200; seed++)
        for (int f = 0; f < 3; f++) {
            struct profile p;
            draw(&p, 12, 0, 2, 1, 0.1 * factor[f], level, 0.002, seed);
            sum[f] += fit(&p, 12, 1) / 200;
        }
    assert_true(fabs(sum[1] / sum[0] - 1) < 0.02);
    assert_true(fabs(sum[2] / sum[0] - 1) < 0.02);
}

static void defocus_does_not_widen(void **state)
{
    (void)state;
    const double level[2] = {0.5, 0.5}, widths[] = {4, 7, 12, 25};
    for (int i = 0; i < 4; i++) {
        struct profile sharp, soft;
        draw(&sharp, widths[i], 0, 0.15 * widths[i], 0.7, 0.1, level, 0, 0);
        draw(&soft, widths[i], 0, 0.15 * widths[i], 2, 0.1, level, 0, 0);
        assert_true(fabs(fit(&soft, widths[i], 2) / fit(&sharp, widths[i], 0.7) - 1) < 0.03);
    }
}

static void no_bar_is_no_width(void **state)
{
    (void)state;
    const double level[2] = {0.5, 0.5};
    struct profile p;
    draw(&p, 12, 0, 2, 1, -0.1, level, 0.001, 1); /* the other way round */
    assert_true(isnan(fit(&p, 12, 1)));
    draw(&p, 12, 0, 2, 1, 0.1, level, 0.001, 1);
    for (int k = REACH + 7; k < SAMPLES; k++) /* one side hidden */
        p.weight[k] = 0;
    assert_true(isnan(fit(&p, 12, 1)));
}

static void half_maximum_of_known_shapes(void **state)
{
    (void)state;
    assert_true(fabs(bar_fwhm(10, 0) - 10) < 1e-9);
    assert_true(fabs(bar_fwhm(10, 0.5) - 10) < 1e-6);
    assert_true(fabs(bar_fwhm(0.01, 3) - 2.35482 * 3) < 1e-3); /* a Gaussian */
}

static void plain_arithmetic_gives_the_normal_distribution(void **state)
{
    (void)state;
    for (double u = -12; u <= 12; u += 1.0 / 256) {
        double density, share = normal_at(u, &density);
        assert_true(fabs(share - phi(u)) < 1e-10);
        assert_true(fabs(density / exp(-0.5 * u * u) - 1) < 1e-11);
    }
    double density;
    assert_true(normal_at(1e6, &density) == 1 && density < 1e-300);
    assert_true(isnan(normal_at(NAN, &density)));
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void selected_is_what_sorting_gives(void **state)
{
    (void)state;
    struct rng rng;
    rng_seed(&rng, 7, 0);
    for (size_t count = 1; count < 60; count++)
        for (int way = 0; way < 4; way++) { /* random, with many alike, rising, falling */
            double values[60], sorted[60];
            for (size_t i = 0; i < count; i++)
                values[i] = way == 0   ? rng_normal(&rng)
                            : way == 1 ? floor(2 * rng_normal(&rng))
                            : way == 2 ? (double)i
                                       : -(double)i;
            memcpy(sorted, values, count * sizeof *sorted);
            qsort(sorted, count, sizeof *sorted, ascending);
            for (size_t n = 0; n < count; n++)
                assert_true(select_nth(values, count, n) == sorted[n]);
            double middle = 0.5 * (sorted[(count - 1) / 2] + sorted[count / 2]);
            assert_true(select_median(values, count) == middle);
        }
    assert_true(isnan(select_median(NULL, 0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(widths_from_2_to_40_px_are_found),
        cmocka_unit_test(each_side_has_its_own_level),
        cmocka_unit_test(fading_does_not_narrow),
        cmocka_unit_test(defocus_does_not_widen),
        cmocka_unit_test(no_bar_is_no_width),
        cmocka_unit_test(half_maximum_of_known_shapes),
        cmocka_unit_test(plain_arithmetic_gives_the_normal_distribution),
        cmocka_unit_test(selected_is_what_sorting_gives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
