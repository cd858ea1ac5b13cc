/* measure/watch: new dark marks and lasting redness on rendered skin whose side effects are known.
 * The photos lie on each other up to an error as an alignment leaves it; striae are the true ones.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/result.h"
#include "colour/colour.h"
#include "measure/measure.h"
#include "phantom/phantom.h"

#define WIDTH     640
#define HEIGHT    480
#define PX_PER_MM 6.0
#define PAIRS     8 /* of each test; STRIAE_TEST_PAIRS in the environment: more */

struct tally {
    int marks, marks_found, marks_false, reddened, reddened_found, redness_false, pairs;
};

/* What the photos would give at first sight. */
struct side {
    struct image image;
    struct found_stria *found;
    size_t count;
};

static void take_side(const struct phantom_session *session, struct side *side)
{
    *side = (struct side){0};
    assert_int_equal(image_init(&side->image, WIDTH, HEIGHT, NULL), STRIAE_OK);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            for (int c = 0; c < 3; c++)
                plane_row(&side->image.channel[c], y)[x] = (float)colour_srgb_decode(
                    session->picture.data[3 * ((size_t)y * WIDTH + (size_t)x) + (size_t)c] / 255.0);
    side->found = calloc(session->stria_count + 1, sizeof *side->found);
    for (size_t i = 0; i < session->stria_count; i++) {
        const struct phantom_stria *stria = &session->striae[i];
        if (stria->gone || stria->visible_length_mm < 8)
            continue;
        struct found_stria *found = &side->found[side->count++];
        found->width = stria->width_mean_mm * PX_PER_MM;
        found->probability = 0.9;
        assert_int_equal(polyline_resample(&stria->centreline, 1, &found->centreline, NULL),
                         STRIAE_OK);
    }
}

static void side_free(struct side *side)
{
    image_free(&side->image);
    for (size_t i = 0; i < side->count; i++)
        polyline_free(&side->found[i].centreline);
    free(side->found);
}

/* Nearly the identity: off by a wave of `error` px. */
static void wavy_warp(struct warp *warp, double error)
{
    assert_int_equal(warp_init(warp, WIDTH, HEIGHT, WIDTH, HEIGHT, 16, NULL), STRIAE_OK);
    for (int j = 0; j < warp->rows; j++)
        for (int i = 0; i < warp->columns; i++) {
            int k = j * warp->columns + i;
            warp->x[k] = (float)(16 * i + error * 1.4 * sin(0.31 * j + 0.1 * i));
            warp->y[k] = (float)(16 * j + error * 1.4 * cos(0.23 * i - 0.2 * j));
            warp->error[k] = (float)error;
        }
}

static double nearest(const struct polyline *line, double x, double y)
{
    double least = INFINITY;
    for (size_t i = 0; i < line->count; i++)
        least = fmin(least, hypot(line->points[i].x - x, line->points[i].y - y));
    return least;
}

/* Share of the points of a line that lie within `reach` px of the other. */
static double share_near(const struct polyline *line, const struct polyline *other, double reach)
{
    size_t near = 0;
    for (size_t i = 0; i < line->count; i++)
        near += nearest(other, line->points[i].x, line->points[i].y) < reach;
    return line->count ? (double)near / (double)line->count : 0;
}

static void count_marks(const struct change *change, const struct phantom_session *truth,
                        struct tally *tally)
{
    bool *found = calloc(truth->watch.count + 1, sizeof *found);
    for (size_t i = 0; i < change->watch_count; i++) {
        const struct polyline *where = &change->watch[i].where;
        double x = 0, y = 0;
        bool any = false;
        if (strcmp(change->watch[i].kind, "dark_mark") != 0)
            continue;
        for (size_t k = 0; k + 1 < where->count; k++) {
            x += where->points[k].x / (double)(where->count - 1);
            y += where->points[k].y / (double)(where->count - 1);
        }
        for (size_t k = 0; k < truth->watch.count; k++)
            if (hypot(truth->watch.points[k].x - x, truth->watch.points[k].y - y) < 3 * PX_PER_MM)
                any = found[k] = true;
        tally->marks_false += !any;
    }
    for (size_t k = 0; k < truth->watch.count; k++)
        tally->marks_found += found[k];
    tally->marks += (int)truth->watch.count;
    free(found);
}

static void count_redness(const struct change *change, const struct phantom_session *truth,
                          struct tally *tally)
{
    for (size_t i = 0; i < change->watch_count; i++) {
        bool any = false;
        if (strcmp(change->watch[i].kind, "redness") != 0)
            continue;
        for (size_t k = 0; k < truth->stria_count; k++)
            any = any || (truth->striae[k].redness > 0 &&
                          share_near(&change->watch[i].where, &truth->striae[k].centreline,
                                     3 * PX_PER_MM) > 0.5);
        tally->redness_false += !any;
    }
    for (size_t k = 0; k < truth->stria_count; k++) {
        const struct phantom_stria *stria = &truth->striae[k];
        bool any = false;
        if (!(stria->redness > 0.06) || stria->visible_length_mm < 15)
            continue;
        for (size_t i = 0; i < change->watch_count; i++)
            any = any ||
                  (strcmp(change->watch[i].kind, "redness") == 0 &&
                   share_near(&change->watch[i].where, &stria->centreline, 3 * PX_PER_MM) > 0.5);
        tally->reddened++;
        tally->reddened_found += any;
    }
}

/* Renders a pair that differs in light, noise, and these side effects, and looks at it. */
static void look(uint64_t seed, int marks, int reddened, struct tally *tally)
{
    struct phantom_options options;
    struct phantom_pair pair;
    struct side side[2];
    struct warp forward, backward;
    phantom_options_default(&options);
    options.seed = seed;
    options.width = WIDTH;
    options.height = HEIGHT;
    options.px_per_mm = PX_PER_MM;
    options.tone = 1 + (int)(seed % 6);
    options.hardness = 0.4;
    options.stria_count = 8;
    options.change = false;
    options.deform = false;
    options.pose = 0;
    options.marks = marks;
    options.reddened = reddened;
    assert_int_equal(phantom_render(&options, &pair, NULL), STRIAE_OK);
    struct measure_photo photos[2];
    for (int s = 0; s < 2; s++) {
        take_side(&pair.session[s], &side[s]);
        photos[s] = (struct measure_photo){&side[s].image,
                                           &pair.session[s].skin,
                                           0.8,
                                           s ? quantity_unknown("none", "px/mm")
                                             : quantity(PX_PER_MM, 5.9, 6.1, "px/mm"),
                                           side[s].found,
                                           side[s].count,
                                           {0, 0, 0},
                                           NULL};
    }
    wavy_warp(&forward, 0.5);
    wavy_warp(&backward, 0);
    struct measure_link link = {false, &forward, &backward};
    struct striae_result result = {.session_count = 2, .change_count = 1};
    result.sessions = calloc(2, sizeof *result.sessions);
    result.changes = calloc(1, sizeof *result.changes);
    assert_int_equal(
        measure_series(photos, &link, 2, NULL, 0, result.sessions, result.changes, NULL),
        STRIAE_OK);
    count_marks(&result.changes[0], &pair.session[1], tally);
    count_redness(&result.changes[0], &pair.session[1], tally);
    tally->pairs++;
    result_clear(&result);
    warp_free(&forward);
    warp_free(&backward);
    for (int s = 0; s < 2; s++)
        side_free(&side[s]);
    phantom_pair_free(&pair);
}

static uint64_t pair_count(void)
{
    const char *wanted = getenv("STRIAE_TEST_PAIRS");
    uint64_t count = wanted ? strtoull(wanted, NULL, 10) : 0;
    return count > PAIRS ? count : PAIRS;
}

static void side_effects_are_found(void **state)
{
    (void)state;
    struct tally t = {0};
    for (uint64_t seed = 1; seed <= pair_count(); seed++)
        look(seed, 2, 2, &t);
    printf(
        "%d pairs with side effects: %d of %d dark marks found, %d false; beside striae that are "
        "clearly redder: %d of %d found, %d false\n",
        t.pairs, t.marks_found, t.marks, t.marks_false, t.reddened_found, t.reddened,
        t.redness_false);
    assert_true(t.marks > t.pairs && 2 * t.reddened >= t.pairs);
    assert_true(t.marks_found >= 0.4 * t.marks);
    assert_true(t.reddened_found >= 0.25 * t.reddened);
    assert_true(6 * (t.marks_false + t.redness_false) <= t.pairs);
}

static void unchanged_skin_has_none(void **state)
{
    (void)state;
    struct tally t = {0};
    for (uint64_t seed = 1001; seed <= 1000 + pair_count(); seed++)
        look(seed, 0, 0, &t);
    printf("%d pairs of unchanged skin: %d false dark marks, %d false redness\n", t.pairs,
           t.marks_false, t.redness_false);
    assert_true(6 * (t.marks_false + t.redness_false) <= t.pairs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(side_effects_are_found),
        cmocka_unit_test(unchanged_skin_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
