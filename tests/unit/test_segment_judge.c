/* segment/: which candidate lines are striae. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "segment/hue.h"
#include "segment/judge.h"
#include "test_segment_line.h"

#define SIDE   400
#define STRONG 12.0
#define FAINT  5.3 /* not enough alone */

static void add_line(struct trace_list *list, double x, double y, double angle, double strength,
                     struct hue hue)
{
    add_straight(list, x, y, angle, 100,
                 (struct trace){.strength = strength, .support = 1, .width = 6, .hue = hue});
}

/* Returns what the lines left out may add. */
static struct found_doubt judge(struct trace_list *list)
{
    striae_error error;
    struct found_doubt missed;
    assert_int_equal(judge_lines(list, SIDE, SIDE, 0.5, &missed, &error), STRIAE_OK);
    return missed;
}

/* Two sure red lines along x, 60 px above and below y = 200. */
static void add_company(struct trace_list *list)
{
    add_line(list, 150, 140, 0, STRONG, red_hue);
    add_line(list, 150, 260, 0, STRONG, red_hue);
}

static void test_alone(void **state)
{
    struct trace_list list = {0};
    (void)state;
    add_line(&list, 150, 200, 0, FAINT, red_hue);
    struct found_doubt faint = judge(&list);
    assert_int_equal(list.count, 0);
    assert_true(faint.length > 10 && faint.length < 50);
    assert_true(fabs(faint.area - 6 * faint.length) < 1e-9);
    assert_true(faint.spread > faint.area); /* it is all or nothing */
    trace_list_free(&list);
    add_line(&list, 150, 200, 0, STRONG, red_hue);
    assert_true(judge(&list).area <= 0);
    assert_int_equal(list.count, 1);
    assert_true(list.traces[0].probability > 0.99 && list.traces[0].probability < 1);
    trace_list_free(&list);
}

/* Too faint alone, but another session shows it. */
static void test_hinted(void **state)
{
    struct trace_list list = {0};
    (void)state;
    add_line(&list, 150, 200, 0, FAINT, red_hue);
    list.traces[0].hinted = true;
    (void)judge(&list);
    assert_int_equal(list.count, 1);
    trace_list_free(&list);
}

static void test_company(void **state)
{
    struct trace_list list = {0};
    (void)state;
    add_company(&list);
    add_line(&list, 150, 200, 0, FAINT, red_hue);
    (void)judge(&list);
    assert_int_equal(list.count, 3);
    /* most probable first */
    assert_true(list.traces[0].probability >= list.traces[1].probability);
    assert_true(list.traces[1].probability > list.traces[2].probability);
    trace_list_free(&list);
}

/* Lines across, of another colour, or far away are no company. */
static void test_strangers(void **state)
{
    (void)state;
    for (int k = 0; k < 3; k++) {
        struct trace_list list = {0};
        add_company(&list);
        double angle = k == 0 ? acos(-1) / 2 : 0;
        add_line(&list, k == 0 ? 200 : 150,
                 k == 0   ? 150
                 : k == 2 ? 560
                          : 200,
                 angle, FAINT, k == 1 ? pale_hue : red_hue);
        judge(&list);
        assert_int_equal(list.count, 2);
        trace_list_free(&list);
    }
}

/* In the midst of lines in all directions (blotched skin) even a middling one is not believed. */
static void test_across(void **state)
{
    (void)state;
    for (int across = 0; across < 2; across++) {
        struct trace_list list = {0};
        double angle = across ? acos(-1) / 2 : 0;
        add_line(&list, 150, 200, 0, FAINT + 1.3, red_hue);
        if (across)
            for (int side = 0; side < 2; side++)
                add_line(&list, side ? 130 : 270, 150, angle, STRONG, red_hue);
        judge(&list);
        assert_int_equal(list.count, across ? 2 : 1);
        for (size_t i = 0; i < list.count; i++)
            assert_true(list.traces[i].strength == (across ? STRONG : FAINT + 1.3));
        trace_list_free(&list);
    }
}

static void test_repeated(void **state)
{
    struct trace_list list = {0};
    (void)state;
    add_line(&list, 150, 203, 0.02, STRONG - 1, red_hue);
    add_line(&list, 150, 200, 0, STRONG, red_hue);
    add_line(&list, 200, 150, acos(-1) / 2, STRONG - 2, red_hue); /* one that crosses stays */
    (void)judge(&list);
    assert_int_equal(list.count, 2);
    assert_true(list.traces[0].strength == STRONG);
    trace_list_free(&list);
}

/* Skin beside a red stria looks pale, and skin between two does. */
static void test_counterparts(void **state)
{
    struct trace_list list = {0};
    (void)state;
    add_line(&list, 150, 200, 0, STRONG, red_hue);
    add_line(&list, 150, 207, 0, STRONG - 1, pale_hue);
    (void)judge(&list);
    assert_int_equal(list.count, 1);
    trace_list_free(&list);
    add_line(&list, 150, 200, 0, STRONG, red_hue);
    add_line(&list, 150, 214, 0, STRONG, red_hue);
    add_line(&list, 150, 207, 0, STRONG - 1, pale_hue);
    (void)judge(&list);
    assert_int_equal(list.count, 2);
    trace_list_free(&list);
}

/* Whether a line of that contrast may be a stria in skin of that mean density. */
static bool may_be(double skin, double shade, double red)
{
    const struct channels channels = {.dark = skin};
    const struct hue hue = {.shade = shade, .red = red};
    struct hue_limits limits = hue_limits_of(&channels, 0);
    return hue_of_stria(&hue, &limits) && hue_visible(&hue, 1);
}

/* In light skin it is a crease or a shadow; in dark skin more pigment looks like that. */
static void test_grey(void **state)
{
    (void)state;
    assert_false(may_be(0.9, 0.25, 0));
    assert_true(may_be(2.2, 0.25, 0));
    assert_false(may_be(2.2, 0.05, 0)); /* relief */
    assert_true(may_be(0.9, 0.25, 0.12));
    assert_true(may_be(2.2, 0.05, 0.03));
    assert_false(may_be(2.2, -0.25, 0)); /* a highlight */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alone),        cmocka_unit_test(test_company),
        cmocka_unit_test(test_strangers),    cmocka_unit_test(test_repeated),
        cmocka_unit_test(test_counterparts), cmocka_unit_test(test_hinted),
        cmocka_unit_test(test_grey),         cmocka_unit_test(test_across),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
