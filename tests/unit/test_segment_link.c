/* segment/: pieces that go on in each other are one line; others are not. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "segment/link.h"
#include "test_segment_line.h"

#define SIDE 300

/* Evidence that is the same everywhere. */
static void make_evidence(float strength, struct evidence *evidence)
{
    striae_error error;
    *evidence = (struct evidence){0};
    for (int d = 0; d < DIRECTION_COUNT; d++) {
        assert_int_equal(plane_init(&evidence->fused[d], SIDE, SIDE, &error), STRIAE_OK);
        assert_int_equal(mask_init(&evidence->fused_scale[d], SIDE, SIDE, &error), STRIAE_OK);
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++)
                plane_row(&evidence->fused[d], y)[x] = strength;
    }
}

static void add_line(struct trace_list *list, double x, double y, double angle, double probability,
                     struct hue hue)
{
    add_straight(list, x, y, angle, 60,
                 (struct trace){.width = 6, .hue = hue, .probability = probability});
}

/* How many lines are left of one from (50,100) along x and a second one. */
static size_t left_with(float strength, double x, double y, double angle, struct hue hue)
{
    struct trace_list list = {0};
    struct evidence evidence;
    striae_error error;
    make_evidence(strength, &evidence);
    add_line(&list, 50, 100, 0, 0.9, red_hue);
    add_line(&list, x, y, angle, 0.7, hue);
    assert_int_equal(link_lines(&evidence, &list, &error), STRIAE_OK);
    size_t count = list.count;
    trace_list_free(&list);
    evidence_free(&evidence);
    return count;
}

static void test_joined(void **state)
{
    (void)state;
    assert_int_equal(left_with(3, 120, 100, 0, red_hue), 1);
    assert_int_equal(left_with(3, 120, 103, 0.2, red_hue), 1);
    assert_int_equal(left_with(3, 180, 101, acos(-1), red_hue), 1); /* the other way round */
}

static void test_apart(void **state)
{
    (void)state;
    assert_int_equal(left_with(3, 150, 100, 0, red_hue), 2);            /* too far */
    assert_int_equal(left_with(3, 120, 112, 0, red_hue), 2);            /* beside */
    assert_int_equal(left_with(3, 115, 100, acos(-1) / 2, red_hue), 2); /* across */
    assert_int_equal(left_with(3, 60, 106, 0, red_hue), 2);             /* along */
    assert_int_equal(left_with(3, 120, 100, 0, pale_hue), 2);           /* another colour */
    assert_int_equal(left_with(0.5f, 120, 100, 0, red_hue), 2);         /* nothing between */
}

/* The path runs on without a gap, from the first piece's far end to the other's. */
static void test_path(void **state)
{
    struct trace_list list = {0};
    struct evidence evidence;
    striae_error error;
    (void)state;
    make_evidence(3, &evidence);
    add_line(&list, 180, 101, acos(-1), 0.7, red_hue);
    add_line(&list, 50, 100, 0, 0.9, red_hue);
    add_line(&list, 50, 200, 0, 0.5, red_hue); /* stays as it is */
    assert_int_equal(link_lines(&evidence, &list, &error), STRIAE_OK);
    assert_int_equal(list.count, 2);
    const struct polyline *path = &list.traces[0].path;
    assert_true(fabs(list.traces[0].probability - 0.9) < 1e-12);
    assert_true(fabs(path->points[0].x - 180) < 1e-9);
    assert_true(fabs(path->points[path->count - 1].x - 50) < 1e-9);
    assert_true(fabs(polyline_length(path) - 130) < 1);
    for (size_t i = 1; i < path->count; i++)
        assert_true(hypot(path->points[i].x - path->points[i - 1].x,
                          path->points[i].y - path->points[i - 1].y) < 1.5);
    trace_list_free(&list);
    evidence_free(&evidence);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_joined),
        cmocka_unit_test(test_apart),
        cmocka_unit_test(test_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
