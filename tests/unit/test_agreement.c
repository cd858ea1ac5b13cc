/* study/agreement: against published worked examples, and against drawn data of known noise. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/random.h"
#include "study/agreement.h"

static void assert_near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance)) {
        fail_msg("%.6f, not %.6f +- %g", value, expected, tolerance);
    }
}

/* ---- published ------------------------------------------------------------------------------ */

/* Shrout and Fleiss 1979, table 2: four judges, six targets. ICC(2,1) = 0.29 there; 95 % interval
 * 0.019 to 0.761 by several statistics programs. */
static void icc_of_shrout_and_fleiss(void **state)
{
    (void)state;
    const double judged[6][4] = {{9, 2, 5, 8}, {6, 1, 3, 2},  {8, 4, 6, 8},
                                 {7, 1, 2, 6}, {10, 5, 6, 9}, {6, 2, 4, 7}};
    struct ratings ratings = {6, 4, &judged[0][0]};
    struct estimate icc;
    size_t targets, replicates;
    double freedom;
    assert_int_equal(agreement_icc(&ratings, &icc, &targets, &replicates, NULL), STRIAE_OK);
    assert_int_equal(targets, 6);
    assert_int_equal(replicates, 4);
    assert_null(icc.reason);
    assert_near(icc.value, 0.2898, 0.0001);
    assert_near(icc.low, 0.019, 0.0005);
    assert_near(icc.high, 0.761, 0.0005);
    /* the same table: within-targets mean square 6.26 with 18 degrees of freedom */
    struct estimate sem = agreement_sem(&ratings, &freedom);
    assert_near(freedom, 18, 0);
    assert_near(sem.value * sem.value, 6.26, 0.005);
}

/* Bland and Altman 1986, table 1: peak expiratory flow by two meters, twice each. */
static const double wright[17][2] = {{494, 490}, {395, 397}, {516, 512}, {434, 401}, {476, 470},
                                     {557, 611}, {413, 415}, {442, 431}, {650, 638}, {433, 429},
                                     {417, 420}, {656, 633}, {267, 275}, {478, 492}, {178, 165},
                                     {423, 372}, {427, 421}};
static const double mini[17] = {512, 430, 520, 428, 500, 600, 364, 380, 658,
                                445, 432, 626, 260, 477, 259, 350, 451};

static void limits_of_bland_and_altman(void **state)
{
    (void)state;
    double pairs[17][2];
    for (int i = 0; i < 17; i++) {
        pairs[i][0] = mini[i];
        pairs[i][1] = wright[i][0];
    }
    struct ratings ratings = {17, 2, &pairs[0][0]};
    struct bland_altman out = agreement_bland_altman(&ratings);
    assert_int_equal(out.targets, 17);
    assert_int_equal(out.pairs, 17);
    assert_near(out.bias.value, -2.1, 0.05);
    assert_near(out.bias.low, -22.0, 0.06);
    assert_near(out.bias.high, 17.8, 0.06);
    /* the paper takes 2 and 3/n where 1.96 and 1/n + 1.96^2/(2(n-1)) stand here */
    assert_near((out.upper.value - out.lower.value) / (2 * 1.959964), 38.8, 0.05);
    assert_near(out.lower.value, -78.1, 0.05);
    assert_near(out.upper.value, 73.9, 0.05);
    assert_near(out.upper.high - out.upper.low, 110.1 - 40.9, 0.02 * (110.1 - 40.9));
}

static void repeatability_of_bland_and_altman(void **state)
{
    (void)state;
    struct ratings ratings = {17, 2, &wright[0][0]};
    double freedom;
    struct estimate sem = agreement_sem(&ratings, &freedom), mdc = agreement_mdc95(sem);
    assert_near(freedom, 17, 0);
    assert_near(sem.value * sqrt(2), 21.6, 0.05); /* twice it is the paper's coefficient, 43.2 */
    assert_near(mdc.value, 43.2 * 1.959964 / 2, 0.1);
    assert_near(mdc.value / sem.value, 2.77, 0.002);
    assert_true(sem.low < sem.value && sem.high > sem.value);
}

/* ---- drawn ---------------------------------------------------------------------------------- */

#define STUDIES  2000
#define TARGETS  12
#define MEASURED 3

struct truth {
    double between, rater, noise;
};

static void draw(struct rng *rng, const struct truth *truth, double out[TARGETS][MEASURED])
{
    double rater[MEASURED];
    for (int r = 0; r < MEASURED; r++) {
        rater[r] = truth->rater * rng_normal(rng);
    }
    for (int t = 0; t < TARGETS; t++) {
        double value = 50 + truth->between * rng_normal(rng);
        for (int r = 0; r < MEASURED; r++) {
            out[t][r] = value + rater[r] + truth->noise * rng_normal(rng);
        }
    }
}

static int holds(const struct estimate *e, double truth)
{
    return !e->reason && e->low <= truth && truth <= e->high;
}

static void intervals_hold_the_truth(void **state)
{
    (void)state;
    const struct truth truth = {3, 0, 1.5};
    struct rng rng;
    int sem_held = 0, icc_held = 0, bias_held = 0, lower_held = 0, upper_held = 0;
    double limit = 1.959964 * sqrt(2) * truth.noise, icc_true = 9.0 / (9.0 + 2.25), sem_mean = 0;
    rng_seed(&rng, 7, 0);
    for (int s = 0; s < STUDIES; s++) {
        double y[TARGETS][MEASURED], freedom;
        size_t targets, replicates;
        struct estimate icc;
        draw(&rng, &truth, y);
        struct ratings ratings = {TARGETS, MEASURED, &y[0][0]};
        struct estimate sem = agreement_sem(&ratings, &freedom);
        struct bland_altman limits = agreement_bland_altman(&ratings);
        assert_int_equal(agreement_icc(&ratings, &icc, &targets, &replicates, NULL), STRIAE_OK);
        sem_mean += sem.value / STUDIES;
        sem_held += holds(&sem, truth.noise);
        icc_held += holds(&icc, icc_true);
        bias_held += holds(&limits.bias, 0);
        lower_held += holds(&limits.lower, -limit);
        upper_held += holds(&limits.upper, limit);
    }
    printf("of %d drawn studies the 95 %% interval held: SEM %d, ICC %d, bias %d, limits %d %d\n",
           STUDIES, sem_held, icc_held, bias_held, lower_held, upper_held);
    assert_near(sem_mean, truth.noise, 0.02);
    assert_near(sem_held, 0.95 * STUDIES, 0.015 * STUDIES);
    assert_near(icc_held, 0.95 * STUDIES, 0.03 * STUDIES);
    assert_near(bias_held, 0.95 * STUDIES, 0.015 * STUDIES);
    assert_near(lower_held, 0.95 * STUDIES, 0.03 * STUDIES);
    assert_near(upper_held, 0.95 * STUDIES, 0.03 * STUDIES);
}

/* A systematic difference between first, second and third measurement lowers absolute agreement. */
static void icc_counts_systematic_differences(void **state)
{
    (void)state;
    const struct truth truth = {3, 0, 0.1};
    struct rng rng;
    double y[TARGETS][MEASURED];
    size_t targets, replicates;
    struct estimate plain, shifted;
    rng_seed(&rng, 8, 0);
    draw(&rng, &truth, y);
    struct ratings ratings = {TARGETS, MEASURED, &y[0][0]};
    assert_int_equal(agreement_icc(&ratings, &plain, &targets, &replicates, NULL), STRIAE_OK);
    for (int t = 0; t < TARGETS; t++) {
        y[t][1] += 3;
    }
    assert_int_equal(agreement_icc(&ratings, &shifted, &targets, &replicates, NULL), STRIAE_OK);
    assert_true(plain.value > 0.99);
    assert_true(shifted.value < 0.85);
}

static void cv_of_proportional_noise(void **state)
{
    (void)state;
    static double y[400][2];
    struct rng rng;
    struct estimate cv;
    rng_seed(&rng, 9, 0);
    for (int t = 0; t < 400; t++) {
        double value = exp(2 + rng_normal(&rng));
        y[t][0] = value * exp(0.08 * rng_normal(&rng));
        y[t][1] = value * exp(0.08 * rng_normal(&rng));
    }
    struct ratings ratings = {400, 2, &y[0][0]};
    assert_int_equal(agreement_cv(&ratings, &cv, NULL), STRIAE_OK);
    assert_near(cv.value, 0.0833, 0.008);
    assert_true(holds(&cv, expm1(0.08)));
    y[3][1] = -1;
    assert_int_equal(agreement_cv(&ratings, &cv, NULL), STRIAE_OK);
    assert_non_null(cv.reason);
}

/* ---- what is missing ------------------------------------------------------------------------ */

static void unequal_numbers_of_replicates(void **state)
{
    (void)state;
    const double y[5][3] = {
        {10, 12, NAN}, {20, NAN, 22}, {30, NAN, NAN}, {NAN, 40, 41}, {50, 52, 51}};
    struct ratings ratings = {5, 3, &y[0][0]};
    size_t targets, replicates, measurements;
    struct estimate icc;
    double freedom;
    assert_int_equal(agreement_count(&ratings, 2, &measurements), 4);
    assert_int_equal(measurements, 9);
    struct estimate sem = agreement_sem(&ratings, &freedom);
    assert_near(freedom, 5, 0);
    assert_near(sem.value, sqrt((2 + 2 + 0.5 + 2) / 5), 1e-12);
    assert_int_equal(agreement_icc(&ratings, &icc, &targets, &replicates, NULL), STRIAE_OK);
    assert_int_equal(targets, 4);
    assert_int_equal(replicates, 2);
    assert_true(icc.value > 0.99);
    struct bland_altman out = agreement_bland_altman(&ratings);
    assert_int_equal(out.targets, 4);
    assert_int_equal(out.pairs, 5);
    assert_near(out.bias.value, (2 + 2 + 1 + 1.5) / 4, 1e-12);
}

static void too_few_is_said(void **state)
{
    (void)state;
    const double y[2][2] = {{1, 2}, {3, 5}};
    struct ratings ratings = {2, 2, &y[0][0]};
    size_t targets, replicates;
    struct estimate icc;
    double freedom;
    struct estimate sem = agreement_sem(&ratings, &freedom);
    assert_non_null(sem.reason);
    assert_true(isnan(sem.value));
    assert_non_null(agreement_mdc95(sem).reason);
    assert_int_equal(agreement_icc(&ratings, &icc, &targets, &replicates, NULL), STRIAE_OK);
    assert_non_null(icc.reason);
    assert_non_null(agreement_bland_altman(&ratings).bias.reason);
    struct ratings none = {0, 0, NULL};
    assert_non_null(agreement_sem(&none, &freedom).reason);
    assert_non_null(agreement_bland_altman(&none).upper.reason);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(icc_of_shrout_and_fleiss),
        cmocka_unit_test(limits_of_bland_and_altman),
        cmocka_unit_test(repeatability_of_bland_and_altman),
        cmocka_unit_test(intervals_hold_the_truth),
        cmocka_unit_test(icc_counts_systematic_differences),
        cmocka_unit_test(cv_of_proportional_noise),
        cmocka_unit_test(unequal_numbers_of_replicates),
        cmocka_unit_test(too_few_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
