/* report/: the folder of a result, and the maps read back from it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/io.h"
#include "report/map_file.h"
#include "report/report.h"
#include "test_place.h"
#include "test_report_make.h"

static void map_bytes_survive_a_round_trip(void **state)
{
    (void)state;
    struct warp warp, back;
    unsigned char *bytes;
    size_t size;
    make_shift(&warp, 2.5, -1.25);
    assert_int_equal(map_encode(&warp, &bytes, &size, NULL), STRIAE_OK);
    assert_int_equal(map_decode(bytes, size, "m", &back, NULL), STRIAE_OK);
    size_t count = (size_t)warp.columns * (size_t)warp.rows;
    assert_int_equal(back.columns, warp.columns);
    assert_int_equal(back.target_height, warp.target_height);
    assert_true(back.step == warp.step);
    for (size_t i = 0; i < count; i++) {
        assert_true(back.x[i] == warp.x[i] || (isnan(back.x[i]) && isnan(warp.x[i])));
        assert_true(back.y[i] == warp.y[i] || (isnan(back.y[i]) && isnan(warp.y[i])));
        assert_true(back.error[i] == warp.error[i] || isnan(warp.error[i]));
    }
    warp_free(&warp);
    warp_free(&back);
    free(bytes);
}

/* Every single changed byte, and every length, is noticed. */
static void damaged_maps_are_refused(void **state)
{
    (void)state;
    struct warp warp, back;
    unsigned char *bytes;
    size_t size;
    striae_error error;
    make_shift(&warp, 2.5, -1.25);
    assert_int_equal(map_encode(&warp, &bytes, &size, NULL), STRIAE_OK);
    for (size_t i = 0; i < size; i++) {
        bytes[i] ^= 0x41;
        assert_int_not_equal(map_decode(bytes, size, "m", &back, &error), STRIAE_OK);
        assert_null(back.x);
        assert_true(strncmp(error.message, "m: ", 3) == 0);
        bytes[i] ^= 0x41;
    }
    for (size_t length = 0; length < size; length++)
        assert_int_not_equal(map_decode(bytes, length, "m", &back, &error), STRIAE_OK);
    assert_int_equal(map_decode(bytes, size, "m", &back, &error), STRIAE_OK);
    warp_free(&back);
    /* a right checksum does not make a wrong node right */
    float infinite = INFINITY;
    memcpy(bytes + 44, &infinite, sizeof infinite);
    char hex[65];
    io_sha256(bytes, size - 64, hex);
    memcpy(bytes + size - 64, hex, 64);
    assert_int_equal(map_decode(bytes, size, "m", &back, &error), STRIAE_ERROR_DAMAGED);
    warp_free(&warp);
    free(bytes);
}

static void a_folder_is_written_once(void **state)
{
    static const char *const files[] = {
        "result.json",           "report.html", "session-0-mask.png", "session-1-labels.png",
        "session-1-overlay.png", "map-0-1.bin", "map-1-0.bin"};
    struct striae_result result;
    striae_error error;
    struct labels labels;
    char path[400];
    make_result(&result, 2, 0);
    assert_int_equal(report_save(&result, in(state, "a/b"), false, &error), STRIAE_OK);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", in(state, "a/b"), files[i]);
        assert_int_equal(access(path, F_OK), 0);
    }
    assert_int_equal(io_read_labels(in(state, "a/b/session-0-mask.png"), &labels, &error), 0);
    assert_int_equal(labels.data[60 * PHOTO_WIDTH + 100], 255);
    assert_int_equal(labels.data[90 * PHOTO_WIDTH + 100], 0);
    labels_free(&labels);
    assert_int_equal(report_save(&result, in(state, "a/b"), false, &error), STRIAE_ERROR_OUTPUT);
    assert_non_null(strstr(error.message, "result.json"));
    assert_int_equal(report_save(&result, in(state, "a/b"), true, &error), STRIAE_OK);
    result_clear(&result);
}

/* Without its result.json a folder does not pass for a result, and no leavings stay. */
static void a_failed_save_leaves_no_result(void **state)
{
    struct striae_result result;
    striae_error error;
    make_result(&result, 2, 0);
    assert_int_equal(report_save(&result, in(state, "r"), false, &error), STRIAE_OK);
    warp_free(&result.changes[0].backward); /* cannot be written */
    assert_int_not_equal(report_save(&result, in(state, "r"), true, &error), STRIAE_OK);
    assert_int_not_equal(access(in(state, "r/result.json"), F_OK), 0);
    assert_int_not_equal(access(in(state, "r/session-0-mask.png"), F_OK), 0);
    assert_int_not_equal(report_save(&result, in(state, "s"), false, &error), STRIAE_OK);
    assert_int_not_equal(access(in(state, "s/result.json"), F_OK), 0);
    result_clear(&result);
}

static void overwriting_removes_what_is_no_longer_part(void **state)
{
    struct striae_result result;
    striae_error error;
    make_result(&result, 3, 0);
    assert_int_equal(report_save(&result, in(state, "r"), false, &error), STRIAE_OK);
    result_clear(&result);
    make_result(&result, 2, 1);
    assert_int_equal(report_save(&result, in(state, "r"), true, &error), STRIAE_OK);
    assert_int_not_equal(access(in(state, "r/session-2-mask.png"), F_OK), 0);
    assert_int_not_equal(access(in(state, "r/map-0-2.bin"), F_OK), 0);
    assert_int_not_equal(access(in(state, "r/map-0-1.bin"), F_OK), 0);
    assert_int_equal(access(in(state, "r/session-1-mask.png"), F_OK), 0);
    result_clear(&result);
}

static void points_map_through_saved_files(void **state)
{
    struct striae_result result;
    striae_error error;
    striae_map *map;
    double u, v;
    make_result(&result, 3, 0);
    assert_int_equal(report_save(&result, in(state, "r"), false, &error), STRIAE_OK);
    const char *json = in(state, "r/result.json");
    assert_int_equal(striae_map_open(json, 0, 2, &map, &error), STRIAE_OK);
    assert_true(striae_map_point(map, 100, 80, &u, &v));
    assert_true(fabs(u - 110) < 1e-3 && fabs(v - 74) < 1e-3);
    assert_false(striae_map_point(map, 3, 80, &u, &v));
    assert_true(isnan(u) && isnan(v));
    striae_map_free(&map);
    assert_null(map);
    /* between two later sessions: through the first */
    assert_int_equal(striae_map_open(json, 2, 1, &map, &error), STRIAE_OK);
    assert_true(striae_map_point(map, 100, 80, &u, &v));
    assert_true(fabs(u - 95) < 1e-3 && fabs(v - 83) < 1e-3);
    striae_map_free(&map);
    assert_int_equal(striae_map_open(json, 1, 1, &map, &error), STRIAE_ERROR_ARGUMENT);
    assert_int_equal(striae_map_open(json, 0, 3, &map, &error), STRIAE_ERROR_ARGUMENT);
    assert_int_equal(unlink(in(state, "r/map-0-2.bin")), 0);
    assert_int_not_equal(striae_map_open(json, 0, 2, &map, &error), STRIAE_OK);
    assert_null(map);
    result_clear(&result);
}

static void refused_or_foreign_results_give_no_map(void **state)
{
    static const char foreign[] = "{\"schema\": \"striae-result/1\", \"sessions\": [{}, {}], "
                                  "\"changes\": [{\"to\": 1, \"alignment\": {\"status\": \"ok\", "
                                  "\"map\": {\"forward\": \"../../etc/passwd\"}}}]}";
    struct striae_result result;
    striae_error error;
    striae_map *map;
    make_result(&result, 2, 1);
    assert_int_equal(report_save(&result, in(state, "r"), false, &error), STRIAE_OK);
    const char *json = in(state, "r/result.json");
    assert_int_equal(striae_map_open(json, 0, 1, &map, &error), STRIAE_ERROR_ARGUMENT);
    assert_non_null(strstr(error.message, "not the same skin"));
    const char *other = in(state, "other.json");
    assert_int_equal(io_write_file(other, foreign, strlen(foreign), true, &error), STRIAE_OK);
    assert_int_equal(striae_map_open(other, 0, 1, &map, &error), STRIAE_ERROR_FORMAT);
    assert_int_equal(io_write_file(other, "[1, 2", 5, true, &error), STRIAE_OK);
    assert_int_equal(striae_map_open(other, 0, 1, &map, &error), STRIAE_ERROR_FORMAT);
    assert_int_not_equal(striae_map_open(in(state, "none.json"), 0, 1, &map, &error), STRIAE_OK);
    result_clear(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(map_bytes_survive_a_round_trip),
        cmocka_unit_test(damaged_maps_are_refused),
        in_place(a_folder_is_written_once),
        in_place(a_failed_save_leaves_no_result),
        in_place(overwriting_removes_what_is_no_longer_part),
        in_place(points_map_through_saved_files),
        in_place(refused_or_foreign_results_give_no_map),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
