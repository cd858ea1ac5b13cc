/* measure/: whole series on drawn skin with striae of known width, colour and change. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "base/result.h"
#include "colour/colour.h"
#include "measure/measure.h"

#define WIDTH  640
#define HEIGHT 420
#define MOST   4

/* A gently curved stria, drawn in density: y = top + bend*sin over x in [from, to]. */
struct bar {
    double from, to, y, bend, width, colour;
};

/* One drawn photo: striae, skin on both sides, and what is "found" of them. */
struct scene {
    struct image image;
    struct mask skin;
    struct found_stria found[MOST];
    size_t count;
    struct found_doubt missed;
};

static double phi(double u)
{
    return 0.5 * erfc(-u * M_SQRT1_2);
}

static double course(const struct bar *bar, double x)
{
    return bar->y + bar->bend * sin(x / 90);
}

/* scale: the whole scene is this much larger in x and y (stretched skin). */
static void draw(struct scene *scene, const struct bar *bars, size_t count, double scale,
                 double noise, uint64_t seed)
{
    const double skin[3] = {0.6, 0.4, 0.33}, red[3] = {0.04, 0.14, 0.11};
    struct rng rng;
    *scene = (struct scene){.count = count};
    rng_seed(&rng, seed, 0);
    assert_int_equal(image_init(&scene->image, WIDTH, HEIGHT, NULL), STRIAE_OK);
    assert_int_equal(mask_init(&scene->skin, WIDTH, HEIGHT, NULL), STRIAE_OK);
    memset(scene->skin.data, 255, WIDTH * HEIGHT);
    for (int py = 0; py < HEIGHT; py++)
        for (int px = 0; px < WIDTH; px++) {
            double x = px / scale, y = py / scale, amount = 0;
            for (size_t b = 0; b < count; b++) {
                const struct bar *bar = &bars[b];
                double slope = bar->bend / 90 * cos(x / 90);
                double off = (y - course(bar, x)) / sqrt(1 + slope * slope), half = bar->width / 2;
                double along = phi((x - bar->from) / 2) - phi((x - bar->to) / 2);
                amount += bar->colour * along * (phi((off + half) / 1.5) - phi((off - half) / 1.5));
            }
            for (int c = 0; c < 3; c++)
                plane_row(&scene->image.channel[c], py)[px] =
                    (float)(skin[c] * (1 + 0.0002 * py) * exp(-red[c] * amount) *
                            (1 + noise * rng_normal(&rng)));
        }
    for (size_t b = 0; b < count; b++) {
        scene->found[b].width = bars[b].width * scale * 1.15;
        scene->found[b].probability = 0.9;
        for (double x = bars[b].from + 6; x <= bars[b].to - 6; x += 2)
            assert_int_equal(polyline_append(&scene->found[b].centreline, x * scale,
                                             course(&bars[b], x) * scale + 1, NULL),
                             STRIAE_OK);
    }
}

static void scene_free(struct scene *scene)
{
    image_free(&scene->image);
    mask_free(&scene->skin);
    for (size_t i = 0; i < scene->count; i++)
        polyline_free(&scene->found[i].centreline);
}

static void scale_warp(struct warp *warp, double factor)
{
    assert_int_equal(warp_init(warp, WIDTH, HEIGHT, WIDTH, HEIGHT, 16, NULL), STRIAE_OK);
    for (int j = 0; j < warp->rows; j++)
        for (int i = 0; i < warp->columns; i++) {
            warp->x[j * warp->columns + i] = (float)(i * 16 * factor);
            warp->y[j * warp->columns + i] = (float)(j * 16 * factor);
            warp->error[j * warp->columns + i] = 0.3f;
        }
}

/* Measures first against later, whose pixels are `scale` times as small; own may be NULL. */
static struct striae_result compare_by(const struct scene *first, const struct scene *later,
                                       double scale, const struct measure_detectable *own,
                                       int threads)
{
    struct striae_result result = {.session_count = 2, .change_count = 1};
    struct warp forward, backward;
    struct measure_photo photos[2] = {
        {&first->image, &first->skin, 0.7, quantity(10, 10, 10, "px/mm"), first->found,
         first->count, first->missed, NULL},
        {&later->image, &later->skin, 0.7, quantity_unknown("no scale given", "px/mm"),
         later->found, later->count, later->missed, NULL}};
    result.sessions = calloc(2, sizeof *result.sessions);
    result.changes = calloc(1, sizeof *result.changes);
    scale_warp(&forward, scale);
    scale_warp(&backward, 1 / scale);
    struct measure_link link = {false, &forward, &backward};
    assert_int_equal(
        measure_series(photos, &link, 2, own, threads, result.sessions, result.changes, NULL),
        STRIAE_OK);
    warp_free(&forward);
    warp_free(&backward);
    return result;
}

static struct striae_result compare(const struct scene *first, const struct scene *later,
                                    double scale, int threads)
{
    return compare_by(first, later, scale, NULL, threads);
}

/* Mean of a bar of width w, edges of 1.5 px, between its half-height edges. */
static double mean_amount(double w)
{
    double sum = 0;
    for (int k = 0; k < 100; k++) {
        double x = ((k + 0.5) / 100 - 0.5) * w;
        sum += phi((x + w / 2) / 1.5) - phi((x - w / 2) / 1.5);
    }
    return sum / 100;
}

static void width_area_and_colour_are_those_drawn(void **state)
{
    (void)state;
    const struct bar bars[] = {
        {60, 560, 100, 12, 12, 1}, {80, 540, 230, -10, 20, 0.8}, {100, 500, 340, 5, 6, 1}};
    struct scene scene;
    draw(&scene, bars, 3, 1, 0.01, 1);
    struct striae_result result = compare(&scene, &scene, 1, 2);
    const struct session *session = &result.sessions[0];
    const double expected[3] = {2.0, 1.2, 0.6}; /* by area, descending */
    const double colour[3] = {0.8, 1, 1};
    assert_int_equal(session->stria_count, 3);
    for (int i = 0; i < 3; i++) {
        const striae_quantity *width = &session->striae[i].metric[STRIAE_METRIC_WIDTH];
        assert_int_equal(session->striae[i].id, i + 1);
        assert_int_equal(session->striae[i].kind, KIND_RUBRA);
        assert_true(fabs(width->value / expected[i] - 1) < 0.03);
        assert_true(width->low < width->value && width->value < width->high);
        struct lab skin = colour_lab(0.6, 0.4, 0.33);
        double amount = colour[i] * mean_amount(10 * expected[i]);
        struct lab stria = colour_lab(0.6 * exp(-0.04 * amount), 0.4 * exp(-0.14 * amount),
                                      0.33 * exp(-0.11 * amount));
        assert_true(
            fabs(session->striae[i].metric[STRIAE_METRIC_DELTA_A].value / (stria.a - skin.a) - 1) <
            0.12);
    }
    double area = 0;
    for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++)
        area += session->labels.data[i] != 0;
    assert_true(fabs(session->total[STRIAE_METRIC_AREA].value * 100 / area - 1) < 0.02);
    assert_string_equal(session->total[STRIAE_METRIC_AREA].unit, "mm2");
    result_clear(&result);
    scene_free(&scene);
}

static void a_fading_stria_does_not_narrow(void **state)
{
    (void)state;
    const struct bar before[] = {{60, 560, 130, 12, 12, 1}, {60, 560, 280, 9, 18, 1}};
    const struct bar after[] = {{60, 560, 130, 12, 12, 0.3}, {60, 560, 280, 9, 18, 0.3}};
    struct scene first, later;
    draw(&first, before, 2, 1, 0.01, 1);
    draw(&later, after, 2, 1, 0.01, 2);
    struct striae_result result = compare(&first, &later, 1, 2);
    const striae_difference *total = result.changes[0].total;
    assert_int_equal(result.changes[0].row_count, 2);
    assert_true(fabs(total[STRIAE_METRIC_WIDTH].percent) < 2);
    assert_int_equal(total[STRIAE_METRIC_WIDTH].verdict, STRIAE_UNCHANGED);
    assert_null(total[STRIAE_METRIC_WIDTH].reason);
    assert_int_equal(total[STRIAE_METRIC_AREA].verdict, STRIAE_UNCHANGED);
    assert_int_equal(total[STRIAE_METRIC_DELTA_A].verdict, STRIAE_DECREASED);
    assert_true(fabs(total[STRIAE_METRIC_DELTA_A].percent + 70) < 5);
    result_clear(&result);
    scene_free(&first);
    scene_free(&later);
}

static void stretched_skin_is_no_change_and_narrowing_is_one(void **state)
{
    (void)state;
    const struct bar bars[] = {{60, 500, 130, 12, 14, 1}, {60, 500, 280, 9, 18, 1}};
    const struct bar narrow[] = {{60, 500, 130, 12, 12.6, 1}, {60, 500, 280, 9, 16.2, 1}};
    const struct bar thin[] = {{60, 500, 130, 12, 9.8, 1}, {60, 500, 280, 9, 12.6, 1}};
    const struct bar slim[] = {{60, 500, 130, 12, 13.1, 1}, {60, 500, 280, 9, 16.8, 1}};
    struct scene first, later, narrower, thinner, slimmer;
    draw(&first, bars, 2, 1, 0.01, 1);
    draw(&later, bars, 2, 1.08, 0.01, 2);
    draw(&narrower, narrow, 2, 1.08, 0.01, 3);
    draw(&thinner, thin, 2, 1.08, 0.01, 4);
    draw(&slimmer, slim, 2, 1.08, 0.01, 5);
    struct striae_result same = compare(&first, &later, 1.08, 2);
    struct striae_result less = compare(&first, &narrower, 1.08, 2);
    struct striae_result least = compare(&first, &thinner, 1.08, 2);
    struct striae_result little = compare(&first, &slimmer, 1.08, 2);
    assert_true(fabs(same.changes[0].total[STRIAE_METRIC_WIDTH].percent) < 1.5);
    assert_int_equal(same.changes[0].total[STRIAE_METRIC_WIDTH].verdict, STRIAE_UNCHANGED);
    assert_true(fabs(same.sessions[1].px_per_mm.value - 10.8) < 0.02);
    assert_true(fabs(less.changes[0].total[STRIAE_METRIC_WIDTH].percent + 10) < 2);
    assert_int_equal(less.changes[0].total[STRIAE_METRIC_WIDTH].verdict, STRIAE_DECREASED);
    assert_true(fabs(least.changes[0].total[STRIAE_METRIC_WIDTH].percent + 30) < 3);
    assert_int_equal(least.changes[0].total[STRIAE_METRIC_WIDTH].verdict, STRIAE_DECREASED);
    /* 6 % is more than noise, but not yet beyond what segmentation alone can do, so that it cannot
     * be told (and is not "unchanged"). */
    const striae_difference *width = &little.changes[0].total[STRIAE_METRIC_WIDTH];
    assert_true(fabs(width->percent + 6.5) < 1.2);
    assert_int_equal(width->verdict, STRIAE_NOT_MEASURABLE);
    assert_null(width->difference.reason);
    assert_non_null(width->reason);
    result_clear(&same);
    result_clear(&little);
    result_clear(&least);
    result_clear(&less);
    scene_free(&first);
    scene_free(&later);
    scene_free(&narrower);
    scene_free(&thinner);
    scene_free(&slimmer);
}

/* A total that one stria alone moves may be a fit of other edges; one that all move is a change. */
static void a_change_that_hangs_on_one_stria_is_not_told(void **state)
{
    (void)state;
    struct bar bars[4];
    struct scene first;
    for (int b = 0; b < 4; b++)
        bars[b] = (struct bar){60, 500, 60 + 90 * b, 5, 12, 1};
    draw(&first, bars, 4, 1, 0.01, 1);
    for (int all = 0; all < 2; all++) {
        struct scene later;
        for (int b = 0; b < 4; b++)
            bars[b].width = all ? 18 : b == 1 ? 36 : 12;
        draw(&later, bars, 4, 1, 0.01, 2);
        struct striae_result result = compare(&first, &later, 1, 1);
        const striae_difference *width = &result.changes[0].total[STRIAE_METRIC_WIDTH];
        assert_true(fabs(width->percent - 50) < 5);
        assert_true((width->difference.low < 0) == !all);
        assert_int_equal(width->verdict, all ? STRIAE_INCREASED : STRIAE_NOT_MEASURABLE);
        result_clear(&result);
        scene_free(&later);
    }
    scene_free(&first);
}

static const char repeat_json[] =
    "{\"schema\": \"striae-repeat/1\", \"counts\": {\"targets\": 12}, \"metrics\": {"
    "\"width\": {\"unit\": \"%s\", \"mdc95\": {\"value\": %g},"
    "            \"stria\": {\"mdc95\": {\"value\": %g}}},"
    "\"area\": {\"unit\": \"%s\", \"mdc95\": {\"value\": null, \"reason\": \"too few\"}},"
    "\"delta_a\": {\"unit\": \"CIELAB\", \"mdc95\": {\"value\": 50}}}}";

static struct measure_detectable detectable_of(const char *unit, double total, double stria)
{
    char text[600];
    struct measure_detectable own;
    (void)snprintf(text, sizeof text, repeat_json, unit, total, stria, unit);
    assert_int_equal(measure_read_detectable("r.json", text, &own, NULL), STRIAE_OK);
    assert_int_equal(own.targets, 12);
    return own;
}

/* 2.0 mm become 1.4 mm, and the colour fades by 70 %. */
static void verdicts_follow_the_users_own_limits(void **state)
{
    (void)state;
    const struct bar before[] = {{60, 500, 130, 12, 20, 1}, {60, 500, 280, 9, 20, 1}};
    const struct bar after[] = {{60, 500, 130, 12, 14, 0.3}, {60, 500, 280, 9, 14, 0.3}};
    struct scene first, later;
    draw(&first, before, 2, 1, 0.01, 1);
    draw(&later, after, 2, 1, 0.01, 2);
    const struct {
        const char *unit;
        double total, stria;
        striae_mdc_source source;
        striae_verdict in_total, of_stria;
    } cases[] = {{"mm", 0.5, 0.5, STRIAE_MDC_FILE, STRIAE_DECREASED, STRIAE_DECREASED},
                 {"mm", 0.7, 0.5, STRIAE_MDC_FILE, STRIAE_UNCHANGED, STRIAE_DECREASED},
                 {"mm", 0.5, 0.7, STRIAE_MDC_FILE, STRIAE_DECREASED, STRIAE_UNCHANGED},
                 {"px", 0.7, 0.7, STRIAE_MDC_BUILT_IN, STRIAE_DECREASED, STRIAE_UNCHANGED}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct measure_detectable own =
            detectable_of(cases[i].unit, cases[i].total, cases[i].stria);
        struct striae_result result = compare_by(&first, &later, 1, &own, 2);
        const striae_difference *total = result.changes[0].total;
        const striae_difference *stria = result.changes[0].rows[0].metric;
        assert_int_equal(total[STRIAE_METRIC_WIDTH].mdc_source, cases[i].source);
        assert_int_equal(total[STRIAE_METRIC_WIDTH].verdict, cases[i].in_total);
        assert_int_equal(stria[STRIAE_METRIC_WIDTH].mdc_source, cases[i].source);
        if (cases[i].source == STRIAE_MDC_FILE) {
            assert_true(total[STRIAE_METRIC_WIDTH].mdc95 == cases[i].total);
            assert_int_equal(stria[STRIAE_METRIC_WIDTH].verdict, cases[i].of_stria);
        }
        /* what the file does not have stays built in; colour has the same unit everywhere */
        assert_int_equal(total[STRIAE_METRIC_AREA].mdc_source, STRIAE_MDC_BUILT_IN);
        assert_int_equal(total[STRIAE_METRIC_DELTA_A].mdc_source, STRIAE_MDC_FILE);
        assert_int_equal(total[STRIAE_METRIC_DELTA_A].verdict, STRIAE_UNCHANGED);
        assert_true(fabs(total[STRIAE_METRIC_WIDTH].later - total[STRIAE_METRIC_WIDTH].first -
                         total[STRIAE_METRIC_WIDTH].difference.value) < 1e-12);
        result_clear(&result);
    }
    scene_free(&first);
    scene_free(&later);
}

static void files_without_limits_are_refused(void **state)
{
    (void)state;
    const char *const texts[] = {
        "",
        "nonsense",
        "{\"schema\": \"striae-result/1\", \"metrics\": {}}",
        "{\"schema\": \"striae-repeat/1\"}",
        "{\"schema\": \"striae-repeat/1\", \"metrics\": {\"width\": {\"unit\": \"mm\","
        " \"mdc95\": {\"value\": null, \"reason\": \"too few\"}}}}",
        "{\"schema\": \"striae-repeat/1\", \"metrics\": {\"width\": {\"unit\": \"mm\","
        " \"mdc95\": {\"value\": -1}}}}"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct measure_detectable own;
        striae_error error = {0};
        assert_int_equal(measure_read_detectable("r.json", texts[i], &own, &error),
                         STRIAE_ERROR_FORMAT);
        assert_int_equal(strncmp(error.message, "r.json: ", 8), 0);
    }
}

static void rows_say_matched_split_gone_and_new(void **state)
{
    (void)state;
    const struct bar before[] = {
        {60, 560, 80, 5, 16, 1}, {60, 560, 180, 5, 14, 1}, {60, 560, 260, 5, 12, 1}};
    const struct bar after[] = {{60, 560, 80, 5, 16, 1},
                                {60, 280, 180, 5, 14, 1},
                                {340, 560, 180, 5, 14, 1},
                                {60, 560, 350, 5, 10, 1}};
    struct scene first, later;
    size_t seen[5] = {0};
    draw(&first, before, 3, 1, 0.01, 1);
    draw(&later, after, 4, 1, 0.01, 2);
    struct striae_result result = compare(&first, &later, 1, 2);
    struct striae_result back = compare(&later, &first, 1, 2);
    const struct change *change = &result.changes[0];
    for (size_t i = 0; i < change->row_count; i++)
        seen[change->rows[i].status]++;
    assert_int_equal(change->row_count, 4);
    assert_int_equal(seen[CHANGE_MATCHED], 1);
    assert_int_equal(seen[CHANGE_SPLIT], 1);
    assert_int_equal(seen[CHANGE_GONE], 1);
    assert_int_equal(seen[CHANGE_NEW], 1);
    assert_string_equal(change->rows[3].label, "new:2");
    for (size_t i = 0; i < change->row_count; i++) {
        const struct change_row *row = &change->rows[i];
        if (row->status == CHANGE_GONE)
            assert_true(fabs(row->metric[STRIAE_METRIC_WIDTH].percent + 100) < 1e-6);
        if (row->status == CHANGE_SPLIT) /* the common stretch is as wide as ever */
            assert_true(fabs(row->metric[STRIAE_METRIC_WIDTH].percent) < 2);
    }
    memset(seen, 0, sizeof seen);
    for (size_t i = 0; i < back.changes[0].row_count; i++)
        seen[back.changes[0].rows[i].status]++;
    assert_int_equal(seen[CHANGE_MERGED], 1);
    result_clear(&result);
    result_clear(&back);
    scene_free(&first);
    scene_free(&later);
}

static void out_of_view_is_not_gone(void **state)
{
    (void)state;
    /* twice as large, so that the lower half of the first photo is outside the later one */
    const struct bar before[] = {{40, 280, 100, 5, 12, 1}, {40, 280, 330, 5, 12, 1}};
    struct scene first, later;
    draw(&first, before, 2, 1, 0.01, 1);
    draw(&later, before, 1, 2, 0.01, 2);
    struct striae_result result = compare(&first, &later, 2, 2);
    const striae_difference *total = result.changes[0].total;
    assert_int_equal(result.changes[0].row_count, 1);
    assert_int_equal(result.changes[0].rows[0].status, CHANGE_MATCHED);
    assert_true(fabs(total[STRIAE_METRIC_AREA].percent) < 4);
    result_clear(&result);
    scene_free(&first);
    scene_free(&later);
}

static void the_same_at_any_number_of_threads(void **state)
{
    (void)state;
    const struct bar bars[] = {{60, 560, 130, 12, 12, 1}, {60, 560, 280, 9, 18, 1}};
    struct scene scene;
    draw(&scene, bars, 2, 1, 0.01, 1);
    struct striae_result one = compare(&scene, &scene, 1, 1), four = compare(&scene, &scene, 1, 4);
    for (int m = 0; m < STRIAE_METRIC_COUNT; m++) {
        assert_memory_equal(&one.sessions[0].total[m].value, &four.sessions[0].total[m].value,
                            sizeof(double));
        assert_memory_equal(&one.changes[0].total[m].difference.high,
                            &four.changes[0].total[m].difference.high, sizeof(double));
    }
    assert_memory_equal(one.sessions[0].labels.data, four.sessions[0].labels.data,
                        (size_t)WIDTH * HEIGHT * sizeof(uint16_t));
    result_clear(&one);
    result_clear(&four);
    scene_free(&scene);
}

/* A plane seen askew: 10 px per mm along the striae; across them 8 at the first one's place, fewer
 * farther down. */
static void a_plane_has_its_scale_everywhere(void **state)
{
    (void)state;
    const struct bar bars[] = {{60, 560, 100, 0, 16, 1}, {60, 560, 340, 0, 16, 1}};
    struct scene scene;
    draw(&scene, bars, 2, 1, 0.01, 1);
    /* y px = 8 Y / (1 + 0.01 Y): 8 (1 - y/800)^2 px per mm, and x likewise by one power. */
    const double to_px[3][3] = {{10, 0, 0}, {0, 8, 0}, {0, 0.01, 1}};
    const struct lens lens = {{320, 200}, 400, 0};
    struct perspective plane;
    perspective_init(&plane, to_px, &lens, 10, 10);
    struct measure_photo photo = {&scene.image, &scene.skin, 0.7,       quantity(7, 7, 7, "px/mm"),
                                  scene.found,  scene.count, {0, 0, 0}, &plane};
    struct striae_result result = {.session_count = 1};
    result.sessions = calloc(1, sizeof *result.sessions);
    assert_int_equal(measure_series(&photo, NULL, 1, NULL, 1, result.sessions, NULL, NULL),
                     STRIAE_OK);
    assert_int_equal(result.sessions[0].stria_count, 2);
    for (int i = 0; i < 2; i++) {
        const struct stria *stria = &result.sessions[0].striae[i];
        const striae_quantity *metric = stria->metric;
        double part = 1 - stria->centreline.points[0].y / 800;
        double width = 16 / (8 * part * part), length = 500 / (10 * part);
        assert_true(fabs(metric[STRIAE_METRIC_WIDTH].value / width - 1) < 0.03);
        assert_true(fabs(metric[STRIAE_METRIC_LENGTH].value / length - 1) < 0.05);
        assert_true(fabs(metric[STRIAE_METRIC_AREA].value / (width * length) - 1) < 0.06);
        assert_true(fabs(metric[STRIAE_METRIC_WIDTH_RAW].value / (16 / 7.0) - 1) < 0.03);
    }
    result_clear(&result);
    scene_free(&scene);
}

/* Lines that were not counted move no value, only the end of the interval that they would. */
static void what_was_missed_is_in_the_interval(void **state)
{
    (void)state;
    const struct bar bars[] = {{60, 560, 200, 0, 16, 1}};
    struct scene scene;
    draw(&scene, bars, 1, 1, 0.01, 1);
    striae_quantity total[2][STRIAE_METRIC_COUNT];
    for (int missed = 0; missed < 2; missed++) {
        struct measure_photo photo = {
            &scene.image, &scene.skin, 0.7,       quantity(10, 10, 10, "px/mm"),
            scene.found,  scene.count, {0, 0, 0}, NULL};
        if (missed)
            photo.missed = (struct found_doubt){500, 4000, 3000};
        struct striae_result result = {.session_count = 1};
        result.sessions = calloc(1, sizeof *result.sessions);
        assert_int_equal(measure_series(&photo, NULL, 1, NULL, 1, result.sessions, NULL, NULL),
                         STRIAE_OK);
        memcpy(total[missed], result.sessions[0].total, sizeof total[missed]);
        result_clear(&result);
    }
    for (int m = 0; m < STRIAE_METRIC_COUNT; m++)
        if (!total[0][m].reason)
            assert_true(fabs(total[1][m].value - total[0][m].value) < 1e-12);
    const striae_quantity *area = &total[1][STRIAE_METRIC_AREA];
    assert_true(fabs(area->low - total[0][STRIAE_METRIC_AREA].low) < 1e-12);
    assert_true(area->high - area->value > 40 + 1.9 * 30 && area->high - area->value < 150);
    assert_true(fabs(total[1][STRIAE_METRIC_LENGTH].high - total[0][STRIAE_METRIC_LENGTH].high -
                     50) < 1e-9);
    /* as long again at half the width: the mean would be three quarters */
    const striae_quantity *width = &total[1][STRIAE_METRIC_WIDTH];
    double lower = total[0][STRIAE_METRIC_WIDTH].low - width->low;
    assert_true(fabs(lower - 0.25 * width->value) < 0.04 * width->value);
    assert_true(fabs(width->high - total[0][STRIAE_METRIC_WIDTH].high) < 1e-12);
    scene_free(&scene);
}

/* A stria that came is no verdict where the first photo had doubtful lines of its area. */
static void what_was_missed_is_no_change(void **state)
{
    (void)state;
    const struct bar bars[] = {{60, 560, 100, 0, 16, 1}, {60, 560, 300, 0, 16, 1}};
    struct scene first, later;
    draw(&first, bars, 1, 1, 0.01, 1);
    draw(&later, bars, 2, 1, 0.01, 2);
    double low[2];
    for (int missed = 0; missed < 2; missed++) {
        first.missed =
            missed ? (struct found_doubt){500, 8000, 2000} : (struct found_doubt){0, 0, 0};
        struct striae_result result = compare(&first, &later, 1, 1);
        const striae_difference *area = &result.changes[0].total[STRIAE_METRIC_AREA];
        assert_true(fabs(area->difference.value - 80) < 8);
        /* beyond noise, but perhaps none: that is not "unchanged", and the numbers stay */
        assert_true(fabs(area->difference.value) > area->mdc95);
        assert_int_equal(area->verdict, missed ? STRIAE_NOT_MEASURABLE : STRIAE_INCREASED);
        assert_null(area->difference.reason);
        assert_true(missed ? strstr(area->reason, "cannot be told") != NULL : area->reason == NULL);
        low[missed] = area->difference.low;
        result_clear(&result);
    }
    assert_true(low[0] - low[1] > 80 && low[1] < 0);
    scene_free(&first);
    scene_free(&later);
}

/* The same twice, with so much in doubt that half of it may have come or gone. */
static void what_may_be_half_gone_is_not_unchanged(void **state)
{
    (void)state;
    const struct bar bars[] = {{60, 560, 100, 0, 16, 1}, {60, 560, 300, 0, 16, 1}};
    struct scene first, later;
    draw(&first, bars, 2, 1, 0.01, 1);
    draw(&later, bars, 2, 1, 0.01, 2);
    for (int doubt = 0; doubt < 2; doubt++) {
        later.missed =
            doubt ? (struct found_doubt){900, 12000, 1000} : (struct found_doubt){0, 0, 0};
        struct striae_result result = compare(&first, &later, 1, 1);
        const striae_difference *area = &result.changes[0].total[STRIAE_METRIC_AREA];
        assert_true(fabs(area->difference.value) < area->mdc95);
        assert_int_equal(area->verdict, doubt ? STRIAE_NOT_MEASURABLE : STRIAE_UNCHANGED);
        assert_true(doubt ? strstr(area->reason, "so wide") != NULL : area->reason == NULL);
        /* widths do not hang on what was missed */
        assert_int_equal(result.changes[0].total[STRIAE_METRIC_WIDTH].verdict, STRIAE_UNCHANGED);
        result_clear(&result);
    }
    scene_free(&first);
    scene_free(&later);
}

static void no_striae_and_refused_links_are_results(void **state)
{
    (void)state;
    struct scene scene;
    draw(&scene, NULL, 0, 1, 0.01, 1);
    struct striae_result result = {.session_count = 2, .change_count = 1};
    result.sessions = calloc(2, sizeof *result.sessions);
    result.changes = calloc(1, sizeof *result.changes);
    struct measure_photo photo = {
        &scene.image, &scene.skin, 1,         quantity_unknown("no scale given", "px/mm"),
        NULL,         0,           {0, 0, 0}, NULL};
    struct measure_photo photos[2] = {photo, photo};
    struct measure_link link = {.refused = true};
    assert_int_equal(
        measure_series(photos, &link, 2, NULL, 1, result.sessions, result.changes, NULL),
        STRIAE_OK);
    assert_true(result.sessions[0].total[STRIAE_METRIC_AREA].value == 0);
    assert_non_null(result.sessions[0].total[STRIAE_METRIC_WIDTH].reason);
    assert_non_null(result.changes[0].total[STRIAE_METRIC_AREA].difference.reason);
    assert_int_equal(result.changes[0].row_count, 0);
    result_clear(&result);
    scene_free(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(width_area_and_colour_are_those_drawn),
        cmocka_unit_test(a_fading_stria_does_not_narrow),
        cmocka_unit_test(stretched_skin_is_no_change_and_narrowing_is_one),
        cmocka_unit_test(a_change_that_hangs_on_one_stria_is_not_told),
        cmocka_unit_test(verdicts_follow_the_users_own_limits),
        cmocka_unit_test(files_without_limits_are_refused),
        cmocka_unit_test(rows_say_matched_split_gone_and_new),
        cmocka_unit_test(out_of_view_is_not_gone),
        cmocka_unit_test(the_same_at_any_number_of_threads),
        cmocka_unit_test(a_plane_has_its_scale_everywhere),
        cmocka_unit_test(what_was_missed_is_in_the_interval),
        cmocka_unit_test(what_was_missed_is_no_change),
        cmocka_unit_test(what_may_be_half_gone_is_not_unchanged),
        cmocka_unit_test(no_striae_and_refused_links_are_results),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
