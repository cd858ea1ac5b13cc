/* segment/: what the colours of a photo's striae say of its lines. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/random.h"
#include "segment/alike.h"
#include "test_segment_line.h"

#define SURE   8
#define DOUBTS 40
#define MOST   (SURE + DOUBTS + 2)

static const double pale[3] = {-1.2, -0.8, 0.1}, red[3] = {0.6, 1.5, 0.2}, shade[3] = {1.4, 0.1, 0};

static void add(struct trace_list *list, const double contrast[3], double strength)
{
    add_straight(
        list, 10, 10, 0, 100,
        (struct trace){.strength = strength, .contrast = {contrast[0], contrast[1], contrast[2]}});
}

/* SURE lines of the first colour with this probability, DOUBTS of random colours around the second
 * that are improbable; then two as probable as not, of the one and of the other. */
static void gains(const double sure[3], double probability, const double doubt[3], double *first,
                  double *second)
{
    struct trace_list list = {0};
    striae_error error;
    struct rng random;
    double p[MOST], gain[MOST];
    rng_seed(&random, 3, 0);
    for (int i = 0; i < SURE + DOUBTS; i++) {
        double contrast[3];
        for (int c = 0; c < 3; c++)
            contrast[c] = (i < SURE ? sure : doubt)[c] + 0.3 * rng_normal(&random);
        p[i] = i < SURE ? probability : 0.03;
        add(&list, contrast, 6);
    }
    add(&list, sure, 6);
    add(&list, doubt, 6);
    p[MOST - 2] = p[MOST - 1] = 0.5;
    assert_int_equal(alike_gain(&list, p, gain, &error), STRIAE_OK);
    *first = gain[MOST - 2];
    *second = gain[MOST - 1];
    trace_list_free(&list);
}

static void test_learned(void **state)
{
    const double *colours[] = {pale, red};
    double like_striae, like_others;
    (void)state;
    for (int k = 0; k < 2; k++) {
        gains(colours[k], 0.97, shade, &like_striae, &like_others);
        assert_true(like_striae > 1 && like_striae <= 1.5);
        assert_true(like_others < -1);
    }
}

/* Where nothing is sure there is little to learn, and nothing where all look alike. */
static void test_little_to_learn(void **state)
{
    double learned, little, like_others;
    (void)state;
    gains(red, 0.97, shade, &learned, &like_others);
    gains(red, 0.04, shade, &little, &like_others);
    assert_true(little < learned - 0.3);
    assert_true(like_others > -0.5);
    gains(red, 0.97, red, &little, &like_others);
    assert_true(fabs(little) < 0.5 && fabs(like_others) < 0.5);
}

/* The striae of one skin are about as strong, too. */
static void test_strength(void **state)
{
    struct trace_list list = {0};
    striae_error error;
    double p[12], gain[12];
    (void)state;
    for (int i = 0; i < 10; i++) {
        add(&list, pale, i < 5 ? 10 : 3);
        p[i] = i < 5 ? 0.97 : 0.03;
    }
    add(&list, pale, 9);
    add(&list, pale, 3.5);
    p[10] = p[11] = 0.5;
    assert_int_equal(alike_gain(&list, p, gain, &error), STRIAE_OK);
    assert_true(gain[10] > 0.5 && gain[11] < -0.5);
    trace_list_free(&list);
}

static void test_one_or_none(void **state)
{
    struct trace_list list = {0};
    striae_error error;
    double p = 0.9, gain = 5;
    (void)state;
    assert_int_equal(alike_gain(&list, &p, &gain, &error), STRIAE_OK);
    add(&list, red, 8);
    assert_int_equal(alike_gain(&list, &p, &gain, &error), STRIAE_OK);
    assert_true(fabs(gain) < 0.01);
    trace_list_free(&list);
    add(&list, (const double[3]){0, 0, 0}, 8);
    assert_int_equal(alike_gain(&list, &p, &gain, &error), STRIAE_OK);
    assert_true(isfinite(gain));
    trace_list_free(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_learned),
        cmocka_unit_test(test_little_to_learn),
        cmocka_unit_test(test_strength),
        cmocka_unit_test(test_one_or_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
