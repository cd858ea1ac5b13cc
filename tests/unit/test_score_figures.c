/* study/: the figures that qualify a machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <math.h>

#include "study/score_figures.h"

#define UNCHANGED 5 /* the last one refused */

static bool near(double value, double expected)
{
    return fabs(value - expected) < 1e-9;
}

/* All of it measured as the truth is, and held. */
static struct score right(void)
{
    const struct score_number number = {10, 10, true}, none = {0, 0, true};
    const struct score_session session = {.dice = 0.5,
                                          .true_count = 4,
                                          .found_count = 5,
                                          .found = 3,
                                          .real = 5,
                                          .width = number,
                                          .area = number,
                                          .delta_a = number};
    return (struct score){.landmark_median = 0.25,
                          .session = {session, session},
                          .width_change = none,
                          .area_change = none,
                          .delta_a_change = none,
                          .width_verdict = STRIAE_UNCHANGED,
                          .area_verdict = STRIAE_UNCHANGED,
                          .delta_a_verdict = STRIAE_UNCHANGED};
}

/* Two pairs with changes and five of unchanged skin. */
static void make(struct score scores[2 + UNCHANGED])
{
    static const double off[UNCHANGED] = {2, -2, 4, -4, 100};
    for (size_t i = 0; i < 2 + UNCHANGED; i++) {
        scores[i] = right();
    }
    scores[0].session[0].width.value = 11;
    scores[0].session[0].width.held = false;
    scores[0].width_change.truth = -10;
    scores[0].width_verdict = STRIAE_INCREASED;
    for (size_t i = 0; i < UNCHANGED; i++) {
        struct score *score = &scores[2 + i];
        score->unchanged = true;
        score->session[0].dice = 0.9;
        score->width_change.value = off[i];
        score->width_change.held = fabs(off[i]) < 3;
    }
    scores[2].area_verdict = STRIAE_DECREASED;
    scores[2 + UNCHANGED - 1].refused = true;
}

static void figures(void **state)
{
    struct score scores[2 + UNCHANGED];
    double f[SCORE_FIGURE_COUNT];
    (void)state;
    make(scores);
    assert_int_equal(score_figures(scores, 2 + UNCHANGED, f, NULL), STRIAE_OK);
    assert_true(near(f[SCORE_ALIGNED], 100));
    assert_true(near(f[SCORE_LANDMARK], 0.25));
    assert_true(near(f[SCORE_DICE], 0.5)); /* not of unchanged skin */
    assert_true(near(f[SCORE_FOUND], 75));
    assert_true(near(f[SCORE_REAL], 100));
    assert_true(near(f[SCORE_WIDTH], 0)); /* the median of four */
    assert_true(near(f[SCORE_WIDTH_CHANGE], 5));
    assert_true(near(f[SCORE_WRONG_WAY], 100.0 / 6));
    assert_true(near(f[SCORE_HELD_WIDTH], 100.0 * 13 / 14));
    assert_true(near(f[SCORE_HELD_AREA], 100));
    assert_true(near(f[SCORE_HELD_CHANGES], 100.0 * 16 / 18));
    /* root of the mean of d^2/2 */
    assert_true(near(f[SCORE_SEM_WIDTH], sqrt(5)));
    assert_true(near(f[SCORE_MDC_WIDTH], 1.96 * sqrt(2) * sqrt(5)));
    assert_true(near(f[SCORE_SEM_AREA], 0));
    assert_true(near(f[SCORE_CALLED_CHANGED], 100.0 / 12));
}

static void without_repeats(void **state)
{
    struct score scores[2 + UNCHANGED];
    double f[SCORE_FIGURE_COUNT];
    (void)state;
    make(scores);
    assert_int_equal(score_figures(scores, 2, f, NULL), STRIAE_OK);
    assert_true(isnan(f[SCORE_SEM_WIDTH]) && isnan(f[SCORE_CALLED_CHANGED]));
    assert_true(near(f[SCORE_DICE], 0.5));
}

static void repeats_alone(void **state)
{
    struct score scores[2 + UNCHANGED];
    struct score_summary summary;
    (void)state;
    make(scores);
    assert_int_equal(score_accuracy(scores + 2, UNCHANGED, &summary, NULL), STRIAE_OK);
    assert_int_equal(summary.pairs, UNCHANGED);
    assert_int_equal(score_accuracy(scores, 2 + UNCHANGED, &summary, NULL), STRIAE_OK);
    assert_int_equal(summary.pairs, 2);
    assert_int_equal(summary.wrong_way, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures),
        cmocka_unit_test(without_repeats),
        cmocka_unit_test(repeats_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
