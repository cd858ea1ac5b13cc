/* segment/: skin with more texture is told from skin with striae. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/filter.h"
#include "base/random.h"
#include "segment/lively.h"

#define SIDE 320

/* Random evidence, `times` as strong over the left quarter; or there with strong lines 16 px apart.
 */
static void make(double times, bool lines, struct evidence *evidence, struct plane *skin)
{
    striae_error error;
    struct rng random;
    *evidence = (struct evidence){0};
    rng_seed(&random, 7, 0);
    assert_int_equal(plane_init(skin, SIDE, SIDE, &error), STRIAE_OK);
    for (int d = 0; d < DIRECTION_COUNT; d++)
        assert_int_equal(plane_init(&evidence->strength[d], SIDE, SIDE, &error), STRIAE_OK);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            bool left = x < SIDE / 4;
            plane_row(skin, y)[x] = 1;
            for (int d = 0; d < DIRECTION_COUNT; d++)
                plane_row(&evidence->strength[d], y)[x] =
                    (float)(rng_uniform(&random) * (left ? times : 1));
            if (left && lines && x % 16 < 4)
                plane_row(&evidence->strength[0], y)[x] = 12;
        }
}

/* How lively the left is taken for; the right must be as usual. */
static double left_of(double times, bool lines)
{
    struct evidence evidence;
    struct plane skin, lively;
    striae_error error;
    make(times, lines, &evidence, &skin);
    assert_int_equal(lively_measure(&evidence, &skin, &lively, &error), STRIAE_OK);
    assert_true(lively.width == SIDE && lively.height == SIDE);
    assert_true(plane_row(&lively, SIDE / 2)[SIDE - 40] <= 1);
    double left = (double)plane_row(&lively, SIDE / 2)[24];
    evidence_free(&evidence);
    plane_free(&skin);
    plane_free(&lively);
    return left;
}

static void test_lively(void **state)
{
    (void)state;
    assert_true(left_of(1, false) <= 1);
    double twice = left_of(2, false);
    assert_true(twice > 2 && twice < 4);
    assert_true(left_of(6, false) > twice);
    assert_true(left_of(6, false) <= 4);
}

static void test_striae_are_not(void **state)
{
    (void)state;
    assert_true(left_of(1, true) < 1.05);
}

/* Without skin there is nothing to compare. */
static void test_no_skin(void **state)
{
    struct evidence evidence;
    struct plane skin, lively;
    striae_error error;
    (void)state;
    make(3, false, &evidence, &skin);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            plane_row(&skin, y)[x] = 0;
    assert_int_equal(lively_measure(&evidence, &skin, &lively, &error), STRIAE_OK);
    assert_true(plane_row(&lively, 100)[100] <= 1 && plane_row(&lively, 100)[100] >= 1);
    evidence_free(&evidence);
    plane_free(&skin);
    plane_free(&lively);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lively),
        cmocka_unit_test(test_striae_are_not),
        cmocka_unit_test(test_no_skin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
