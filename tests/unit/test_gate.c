/* Every check of photos: a rendered photo that trips it, and one that does not.
 *
 * unit_gate        checks that a photo or file shows by itself
 * unit_gate whole  those known once all is measured, and what a failed check takes away
 * STRIAE_GATE_CHECK=NAME: only that check. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "io/io.h"
#include "phantom/phantom.h"
#include "pipeline.h"
#include "test_io_make_icc.h"
#include "test_place.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define NO_ROW       (-1)

/* How the pair is taken; what is 0 is as usual. The faults, and the rest of the file, are those of
 * the later photo. */
struct setting {
    double defocus, hardness, tilt, radius, shift, stria_width, px_per_mm;
    struct phantom_faults faults;
    uint64_t seed;
    int width, quality;
    bool small, card, grey, same, mixed_light, finger;
    enum { NO_PROFILE, P3_PROFILE, BROKEN_PROFILE } profile;
    const char *software, *model, *captured; /* EXIF */
    int focal_35, iso;
};

struct gate_case {
    const char *check;
    int good_status, bad_status; /* of the row */
    bool whole;                  /* known only once all is measured */
    struct setting good, bad;
};

static void choose(const struct setting *s, struct phantom_options *o)
{
    phantom_options_default(o);
    o->seed = s->seed ? s->seed : 5;
    o->width = s->width ? s->width : s->card ? 720 : s->small ? 420 : 640;
    o->height = o->width * 3 / 4;
    o->px_per_mm = s->px_per_mm > 0 ? s->px_per_mm : s->card ? 4.5 : s->small ? 6 : 9;
    o->tone = 2;
    o->hardness = s->hardness > 0 ? s->hardness : 0.2;
    o->stria_count = 6;
    o->stria_width = s->stria_width > 0 ? s->stria_width : 3;
    o->jpeg_quality = s->quality ? s->quality : 94;
    o->change = false;
    o->defocus = s->defocus > 0 ? s->defocus : 0.3;
    o->tilt = s->tilt;
    o->radius = s->radius;
    o->shift_x = s->shift;
    o->card = s->card;
    o->faults = s->faults;
    o->threads = 1;
}

/* Changes the pixels within `reach` of the point. */
static void paint(struct rgb8 *picture, struct point at, double reach, const double factor[3])
{
    for (int y = 0; y < picture->height; y++)
        for (int x = 0; x < picture->width; x++)
            for (int c = 0; c < 3 && hypot(x - at.x, y - at.y) < reach; c++) {
                uint8_t *value = &picture->data[3 * (y * picture->width + x) + c];
                *value = (uint8_t)fmin(255, *value * factor[c]);
            }
}

static void write_photo(const struct rgb8 *picture, int quality, const struct setting *s,
                        const char *path)
{
    size_t count = (size_t)picture->width * (size_t)picture->height;
    uint8_t *grey = malloc(count);
    assert_non_null(grey);
    for (size_t i = 0; i < count; i++)
        grey[i] = picture->data[3 * i + 1];
    struct bytes icc = {0};
    struct bytes exif = make_exif(
        &(struct exif_sample){.original = s->captured ? s->captured : "2026:08:01 10:00:00",
                              .make = "Maker",
                              .model = s->model ? s->model : "Phone 1",
                              .software = s->software ? s->software : "17.5.1",
                              .lens = "wide",
                              .exposure = 0.01,
                              .f_number = 1.8,
                              .focal = 6.8,
                              .iso = s->iso ? s->iso : 100,
                              .focal_35 = s->focal_35 ? s->focal_35 : 26});
    if (s->profile == P3_PROFILE)
        icc = icc_bytes(icc_matrix(&icc_p3, 0), "P3");
    else if (s->profile == BROKEN_PROFILE)
        bytes_add(&icc, "no profile at all", 17);
    struct bytes file =
        make_jpeg(&(struct jpeg_sample){.width = picture->width,
                                        .height = picture->height,
                                        .colours = s->grey ? JCS_GRAYSCALE : JCS_YCbCr,
                                        .quality = quality,
                                        .exif = &exif,
                                        .icc = icc.size ? &icc : NULL,
                                        .pixels = s->grey ? grey : picture->data});
    assert_int_equal(io_write_file(path, file.data, file.size, true, NULL), STRIAE_OK);
    free(file.data);
    free(exif.data);
    free(icc.data);
    free(grey);
}

static void take_photos(void **state, const struct setting *s)
{
    static const double shade[3] = {0.2, 0.15, 0.15}, blue[3] = {0.75, 0.95, 1.25};
    struct phantom_options options;
    struct phantom_pair pair;
    const struct setting first = {.captured = "2026:05:01 10:00:00"};
    choose(s, &options);
    assert_int_equal(phantom_render(&options, &pair, NULL), STRIAE_OK);
    struct phantom_session *session = pair.session;
    double mm = session[1].card.px_per_mm;
    if (s->finger)
        paint(&session[1].picture, session[1].card.corner[0], 20 * mm, shade);
    if (s->mixed_light) /* a blue window beside one end */
        paint(&session[1].picture, session[1].card.corner[1], 50 * mm, blue);
    write_photo(&session[0].picture, 94, &first, in(state, "first.jpg"));
    write_photo(&session[s->same ? 0 : 1].picture, pair.jpeg_quality, s->same ? &first : s,
                in(state, "later.jpg"));
    phantom_pair_free(&pair);
}

/* photos: 2 = both, 1 = the later one alone. */
static void run(void **state, const struct setting *s, bool whole, size_t photos,
                struct striae_result *result)
{
    const char *const paths[] = {in(state, "first.jpg"), in(state, "later.jpg")};
    striae_options options;
    striae_error error = {0};
    striae_options_default(&options);
    options.qc_only = !whole;
    options.threads = 1;
    take_photos(state, s);
    if (pipeline_run(paths + 2 - photos, photos, &options, result, &error) != STRIAE_OK)
        fail_msg("%s", error.message);
}

static const struct qc_row *row_of(const struct striae_result *result, const char *check)
{
    const struct qc *qc = &result->sessions[result->session_count - 1].qc;
    for (size_t i = 0; i < qc->count; i++)
        if (strcmp(qc->rows[i].check, check) == 0)
            return &qc->rows[i];
    return NULL;
}

static const char *status_name(int status)
{
    return status == NO_ROW ? "no row" : qc_status_name((enum qc_status)status);
}

/* Whether the row of the later photo is as it must be; prints it. */
static bool is_told(const struct striae_result *result, const struct gate_case *c, bool bad)
{
    const struct qc_row *row = row_of(result, c->check);
    int wanted = bad ? c->bad_status : c->good_status, got = row ? (int)row->status : NO_ROW;
    print_message("%-4s %-14s %-6s %8.3g (limit %.3g)  %s\n", bad ? "bad" : "good", c->check,
                  status_name(got), row ? row->value : NAN, row ? row->limit : NAN,
                  row ? row->message : "");
    if (got != wanted)
        print_message("     WRONG: %s was to be '%s'\n", c->check, status_name(wanted));
    return got == wanted;
}

static const struct gate_case cases[] = {
    {.check = "focus", .bad_status = QC_WARN, .bad = {.defocus = 4}},
    {.check = "focus", .bad_status = QC_FAIL, .bad = {.defocus = 18}},
    {.check = "clipping", .bad_status = QC_WARN, .bad = {.faults = {.exposure = 0.95}}},
    {.check = "clipping", .bad_status = QC_FAIL, .bad = {.faults = {.exposure = 1.5}}},
    {.check = "light", .bad_status = QC_WARN, .bad = {.faults = {.shade = 0.4}}},
    {.check = "redness", .bad_status = QC_WARN, .bad = {.faults = {.flush = 0.35}}},
    {.check = "hair", .bad_status = QC_WARN, .bad = {.width = 820, .faults = {.hair = 12}}},
    {.check = "skin", .bad_status = QC_WARN, .bad = {.faults = {.cover = 0.9}}},
    {.check = "same_profile", .bad_status = QC_WARN, .bad = {.profile = P3_PROFILE}},
    {.check = "colour", .good_status = NO_ROW, .bad_status = QC_FAIL, .bad = {.grey = true}},
    {.check = "compression", .bad_status = QC_WARN, .bad = {.quality = 50}},
    {.check = "edited", .bad_status = QC_WARN, .bad = {.software = "GIMP 2.10"}},
    {.check = "same_camera", .bad_status = QC_WARN, .bad = {.model = "Phone 2"}},
    {.check = "same_lens", .bad_status = QC_WARN, .bad = {.focal_35 = 13}},
    {.check = "same_exposure", .bad_status = QC_WARN, .bad = {.iso = 400}},
    {.check = "order", .bad_status = QC_WARN, .bad = {.captured = "2026:01:01 10:00:00"}},
    {.check = "same_focus", .bad_status = QC_WARN, .bad = {.defocus = 3}},
    {.check = "identical", .bad_status = QC_WARN, .bad = {.same = true}},
    {.check = "scale", .bad_status = QC_WARN, .good = {.card = true}},
    {.check = "card",
     .bad_status = QC_WARN,
     .good = {.card = true},
     .bad = {.card = true, .finger = true}},
    {.check = "tilt",
     .bad_status = QC_WARN,
     .good = {.card = true},
     .bad = {.card = true, .tilt = 15, .seed = 6}},
    {.check = "card_colour",
     .bad_status = QC_WARN,
     .good = {.card = true},
     .bad = {.card = true, .mixed_light = true}},
    {.check = "motion",
     .bad_status = QC_WARN,
     .good = {.hardness = 0.5, .seed = 3},
     .bad = {.hardness = 0.5, .seed = 3, .faults = {.motion = 12}}},
    {.check = "profile",
     .bad_status = QC_WARN,
     .good = {.profile = P3_PROFILE},
     .bad = {.profile = BROKEN_PROFILE}},
    {.check = "shine",
     .bad_status = QC_WARN,
     .good = {.radius = 120},
     .bad = {.radius = 120, .faults = {.shine = 0.7}}},
    {.check = "resolution", .bad_status = QC_WARN, .good = {.width = 820}},
    {.check = "card_near",
     .bad_status = QC_WARN,
     .whole = true,
     .good = {.card = true, .radius = 1e5},
     .bad = {.card = true, .px_per_mm = 3, .width = 720}},
    {.check = "curvature",
     .bad_status = QC_WARN,
     .whole = true,
     .good = {.card = true, .radius = 1e5},
     .bad = {.card = true, .radius = 60}},
    {.check = "stria_width",
     .bad_status = QC_WARN,
     .whole = true,
     .good = {.small = true},
     .bad = {.small = true, .stria_width = 0.35, .px_per_mm = 4}},
    {.check = "overlap",
     .bad_status = QC_WARN,
     .whole = true,
     .good = {.small = true},
     .bad = {.small = true, .shift = 0.5}},
    {.check = "same_view",
     .bad_status = QC_WARN,
     .whole = true,
     .good = {.small = true},
     .bad = {.small = true, .radius = 50, .faults = {.askew = 42}}},
};

/* Cases with the same good photo stand together: it is looked at once. */
static void trip(void **state, bool whole)
{
    int wrong = 0;
    const char *only = getenv("STRIAE_GATE_CHECK");
    const struct setting *last = NULL;
    struct striae_result good = {0}, bad;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct gate_case *c = &cases[i];
        if (c->whole != whole || (only && strcmp(only, c->check) != 0))
            continue;
        if (!last || memcmp(last, &c->good, sizeof *last) != 0) {
            result_clear(&good);
            run(state, &c->good, whole, 2, &good);
        }
        last = &c->good;
        wrong += !is_told(&good, c, false);
        run(state, &c->bad, whole, 2, &bad);
        wrong += !is_told(&bad, c, true);
        result_clear(&bad);
    }
    result_clear(&good);
    assert_int_equal(wrong, 0);
}

static void photos_and_files_are_told(void **state)
{
    trip(state, false);
}

static void what_was_measured_is_told(void **state)
{
    trip(state, true);
}

/* Metrics that the check takes away when it fails. */
#define BIT(metric) (1u << STRIAE_METRIC_##metric)
#define EXTENTS     (BIT(WIDTH) | BIT(WIDTH_RAW) | BIT(AREA) | BIT(AREA_RAW))
#define COLOURS     (BIT(DELTA_A) | BIT(DELTA_B) | BIT(DELTA_E00) | BIT(ERYTHEMA) | BIT(MELANIN))

static void check_change(const struct change *change, int metric)
{
    assert_non_null(change->total[metric].difference.reason);
    assert_int_equal(change->total[metric].verdict, STRIAE_NOT_MEASURABLE);
    for (size_t k = 0; k < change->row_count; k++)
        assert_int_equal(change->rows[k].metric[metric].verdict, STRIAE_NOT_MEASURABLE);
}

/* A number that a failed check spoils is nowhere: not in totals, striae, changes, nor in what is
 * watched; and each place says which check it was. */
static void what_fails_is_not_measured(void **state)
{
    static const struct {
        const char *check;
        unsigned metrics;
        size_t photos;
        struct setting setting;
    } fails[] = {
        {"focus", EXTENTS | BIT(TEXTURE), 1, {.small = true, .defocus = 18}},
        {"clipping",
         COLOURS | BIT(DELTA_L) | BIT(TEXTURE),
         1,
         {.small = true, .faults = {.exposure = 1.5}}},
        {"colour", COLOURS, 2, {.small = true, .grey = true}},
    };
    for (size_t i = 0; i < COUNT(fails); i++) {
        struct striae_result result;
        run(state, &fails[i].setting, true, fails[i].photos, &result);
        const struct qc_row *row = row_of(&result, fails[i].check);
        const struct session *later = &result.sessions[fails[i].photos - 1];
        print_message("%s: %s, %.3g, %zu striae\n", fails[i].check,
                      row ? qc_status_name(row->status) : "no row", row ? row->value : NAN,
                      later->stria_count);
        assert_true(row && row->status == QC_FAIL);
        for (int m = 0; m < STRIAE_METRIC_COUNT; m++) {
            if (!(fails[i].metrics >> m & 1))
                continue;
            assert_non_null(later->total[m].reason);
            assert_non_null(strstr(later->total[m].reason, fails[i].check));
            for (size_t k = 0; k < later->stria_count; k++)
                assert_non_null(later->striae[k].metric[m].reason);
            if (fails[i].photos == 2)
                check_change(&result.changes[0], m);
        }
        if (fails[i].photos == 2) { /* one row on redness, one on dark marks */
            assert_int_equal(result.changes[0].watch_count, 2);
            for (size_t k = 0; k < 2; k++)
                assert_non_null(result.changes[0].watch[k].area.reason);
        }
        result_clear(&result);
    }
}

int main(int count, char **arguments)
{
    const struct CMUnitTest alone[] = {in_place(photos_and_files_are_told)};
    const struct CMUnitTest whole[] = {
        in_place(what_was_measured_is_told),
        in_place(what_fails_is_not_measured),
    };
    return count > 1 && strcmp(arguments[1], "whole") == 0
               ? cmocka_run_group_tests(whole, NULL, NULL)
               : cmocka_run_group_tests(alone, NULL, NULL);
}
