/* Rendered pairs: determinism, and the truth against what the pictures show. */
#include "base/filter.h"
#include "calibrate/calibrate.h"
#include "colour/colour.h"
#include "phantom/phantom.h"
#include "phantom/tiles.h"
#include "test_develop.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct phantom_options small(uint64_t seed)
{
    struct phantom_options options;
    phantom_options_default(&options);
    options.seed = seed;
    options.width = 320;
    options.height = 240;
    options.threads = 2;
    return options;
}

static struct phantom_pair rendered(const struct phantom_options *options)
{
    struct phantom_pair pair;
    striae_error error = {0};
    if (phantom_render(options, &pair, &error))
        fail_msg("%s", error.message);
    return pair;
}

static size_t picture_bytes(const struct phantom_pair *pair)
{
    return 3 * (size_t)pair->session[0].picture.width * (size_t)pair->session[0].picture.height;
}

/* How many pixels of the mask are set. */
static size_t set_pixels(const struct mask *mask)
{
    size_t count = 0;
    for (size_t i = 0; i < (size_t)mask->width * (size_t)mask->height; i++)
        count += mask->data[i] != 0;
    return count;
}

static void same_seed_same_bytes_at_any_number_of_threads(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 2; seed++) {
        struct phantom_options options = small(seed);
        options.hardness = 1.0;
        options.threads = 1;
        struct phantom_pair one = rendered(&options);
        options.threads = 3;
        struct phantom_pair three = rendered(&options);
        for (int k = 0; k < 2; k++) {
            const struct phantom_session *a = &one.session[k], *b = &three.session[k];
            assert_memory_equal(a->picture.data, b->picture.data, picture_bytes(&one));
            assert_memory_equal(a->labels.data, b->labels.data, picture_bytes(&one) / 3 * 2);
            assert_memory_equal(a->skin.data, b->skin.data, picture_bytes(&one) / 3);
            assert_true(a->area_mm2 == b->area_mm2 && a->da == b->da);
        }
        phantom_pair_free(&one);
        phantom_pair_free(&three);
    }
}

static void other_seed_other_picture(void **state)
{
    (void)state;
    struct phantom_options first = small(1), other = small(2);
    struct phantom_pair a = rendered(&first), b = rendered(&other);
    assert_int_not_equal(
        memcmp(a.session[0].picture.data, b.session[0].picture.data, picture_bytes(&a)), 0);
    assert_int_not_equal(
        memcmp(a.session[0].picture.data, a.session[1].picture.data, picture_bytes(&a)), 0);
    phantom_pair_free(&a);
    phantom_pair_free(&b);
}

/* Seen straight from above by a perfect camera, without anything that may hide skin. */
static struct phantom_options plain(uint64_t seed)
{
    struct phantom_options options = small(seed);
    options.ideal = true;
    options.hardness = 0.0;
    options.pose = 0.0;
    options.deform = false;
    return options;
}

static void mask_area_is_the_sum_of_areas(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct phantom_options options = plain(seed);
        options.width = 600;
        options.height = 450;
        options.stria_count = 6;
        options.change = false;
        struct phantom_pair pair = rendered(&options);
        const struct phantom_session *s = &pair.session[0];
        double sum = 0.0, drawn = 0.0;
        for (size_t i = 0; i < s->stria_count; i++) {
            sum += s->striae[i].area_mm2;
            /* The mask of one stria is its mean width times its length, but for crossings. */
            drawn += s->striae[i].width_mean_mm * s->striae[i].visible_length_mm;
        }
        double mask = (double)set_pixels(&s->mask) / (pair.px_per_mm * pair.px_per_mm);
        assert_true(sum > 5.0);
        assert_true(fabs(mask / sum - 1.0) < 0.03);
        assert_true(mask < 1.06 * drawn && mask > 0.6 * drawn);
        assert_true(fabs(pair.px_per_mm / 10.0 - 1.0) < 0.01);
        phantom_pair_free(&pair);
    }
}

/* Full width at half maximum of the density's profile through (x,y) along (nx,ny), px. */
static double profile_width(const struct plane *density, double x, double y, double nx, double ny)
{
    double background = 0.5 * ((double)sample_bilinear(density, x + 45 * nx, y + 45 * ny) +
                               (double)sample_bilinear(density, x - 45 * nx, y - 45 * ny));
    double top = (double)sample_bilinear(density, x, y) - background, edge[2] = {0};
    for (int side = 0; side < 2; side++) {
        double way = side ? -1.0 : 1.0, last = 1.0;
        for (double d = 0.05; d < 40.0; d += 0.05) {
            double now = ((double)sample_bilinear(density, x + way * d * nx, y + way * d * ny) -
                          background) /
                         top;
            if (now < 0.5) {
                edge[side] = d - 0.05 * (0.5 - now) / (last - now);
                break;
            }
            last = now;
        }
    }
    return edge[0] + edge[1];
}

static void density_plane(const struct rgb8 *picture, int channel, struct plane *out)
{
    assert_int_equal(plane_init(out, picture->width, picture->height, NULL), STRIAE_OK);
    for (int y = 0; y < picture->height; y++) {
        for (int x = 0; x < picture->width; x++) {
            size_t i = 3 * ((size_t)y * (size_t)picture->width + (size_t)x) + (size_t)channel;
            plane_row(out, y)[x] = (float)-log(colour_srgb_decode(picture->data[i] / 255.0));
        }
    }
}

static void measured_width_is_the_true_width(void **state)
{
    (void)state;
    double error = 0.0;
    int measured = 0;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct phantom_options options = plain(seed);
        options.width = options.height = 700;
        options.px_per_mm = 16.0;
        options.stria_count = 1;
        options.stria_width = 2.5;
        options.contrast = 3.0;
        options.tone = 2;
        options.kind = PHANTOM_RUBRA;
        options.change = false;
        struct phantom_pair pair = rendered(&options);
        const struct phantom_stria *stria = &pair.session[0].striae[0];
        const struct polyline *line = &stria->centreline;
        struct plane density;
        density_plane(&pair.session[0].picture, 1, &density);
        double sum = 0.0, count = 0.0;
        for (size_t i = 0; i < line->count; i++) {
            const struct point *a = &line->points[i ? i - 1 : 0];
            const struct point *b = &line->points[i + 1 < line->count ? i + 1 : i];
            double x = line->points[i].x, y = line->points[i].y;
            double dx = b->x - a->x, dy = b->y - a->y, unit = hypot(dx, dy);
            if (x < 0 || y < 0 || x > 699 || y > 699)
                continue;
            double width = profile_width(&density, x, y, -dy / unit, dx / unit);
            double weight = a == b - 1 ? 0.5 : 1.0; /* trapezoid rule */
            sum += weight * width / pair.px_per_mm;
            count += weight;
        }
        plane_free(&density);
        assert_true(count > 10.0);
        double ratio = sum / count / stria->width_mean_mm;
        assert_true(fabs(ratio - 1.0) < 0.02);
        error += ratio - 1.0;
        measured++;
        phantom_pair_free(&pair);
    }
    assert_true(fabs(error / measured) < 0.01);
}

static void null_pair_has_equal_truth(void **state)
{
    (void)state;
    struct phantom_options options = small(5);
    options.change = options.deform = false;
    options.pose = options.light = 0.0;
    struct phantom_pair pair = rendered(&options);
    const struct phantom_session *a = &pair.session[0], *b = &pair.session[1];
    assert_true(a->stria_count > 0);
    assert_true(a->area_mm2 == b->area_mm2 && a->width_mean_mm == b->width_mean_mm);
    assert_true(a->dl == b->dl && a->da == b->da && a->db == b->db && b->tan == 1.0);
    assert_memory_equal(a->labels.data, b->labels.data, picture_bytes(&pair) / 3 * 2);
    for (size_t i = 0; i < a->landmarks.count; i++) {
        assert_true(fabs(a->landmarks.points[i].x - b->landmarks.points[i].x) < 1e-4);
        assert_true(fabs(a->landmarks.points[i].y - b->landmarks.points[i].y) < 1e-4);
    }
    phantom_pair_free(&pair);
}

static void no_striae_no_mask(void **state)
{
    (void)state;
    struct phantom_options options = small(6);
    options.stria_count = 0;
    struct phantom_pair pair = rendered(&options);
    for (int k = 0; k < 2; k++) {
        assert_int_equal(set_pixels(&pair.session[k].mask), 0);
        assert_int_equal(pair.session[k].stria_count, 0);
        assert_true(pair.session[k].area_mm2 == 0.0);
        assert_true(set_pixels(&pair.session[k].skin) > 0);
    }
    phantom_pair_free(&pair);
}

/* Landmarks lead to the same stria in both photos: the label under a landmark agrees. */
static void landmarks_show_the_same_skin(void **state)
{
    (void)state;
    size_t inside = 0, agree = 0;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct phantom_options options = small(seed);
        options.width_factor = options.colour_factor = 1.0;
        options.stria_count = 8;
        options.stria_width = 5.0;
        options.hardness = 0.2;
        options.change = false;
        struct phantom_pair pair = rendered(&options);
        const struct phantom_session *a = &pair.session[0], *b = &pair.session[1];
        assert_int_equal(a->landmarks.count, b->landmarks.count);
        assert_true(a->landmarks.count > 50);
        double moved = 0.0;
        for (size_t i = 0; i < a->landmarks.count; i++) {
            struct point p = a->landmarks.points[i], q = b->landmarks.points[i];
            size_t from = (size_t)lround(p.y) * 320 + (size_t)lround(p.x);
            size_t to = (size_t)lround(q.y) * 320 + (size_t)lround(q.x);
            moved += hypot(p.x - q.x, p.y - q.y);
            inside += a->labels.data[from] != 0;
            agree += a->labels.data[from] != 0 && a->labels.data[from] == b->labels.data[to];
        }
        assert_true(moved / (double)a->landmarks.count > 2.0);
        phantom_pair_free(&pair);
    }
    assert_true(inside > 100);
    assert_true((double)agree > 0.93 * (double)inside);
}

static void fixed_factors_hold(void **state)
{
    (void)state;
    struct phantom_options options = plain(3);
    options.width = options.height = 500;
    options.stria_count = 1;
    options.stria_width = 3.0;
    options.kind = PHANTOM_RUBRA;
    options.width_factor = 0.5;
    options.colour_factor = 0.5;
    options.change = false;
    struct phantom_pair pair = rendered(&options);
    const struct phantom_session *a = &pair.session[0], *b = &pair.session[1];
    assert_true(fabs(b->width_mean_mm / a->width_mean_mm - 0.5) < 1e-6);
    assert_true(fabs(b->area_mm2 / a->area_mm2 - 0.5) < 0.03);
    assert_true(a->da > 0.5 && fabs(b->da / a->da - 0.5) < 0.1);
    phantom_pair_free(&pair);
}

static void options_out_of_range_are_refused(void **state)
{
    (void)state;
    struct phantom_options options = small(1);
    struct phantom_pair pair;
    striae_error error = {0};
    options.px_per_mm = NAN;
    assert_int_equal(phantom_render(&options, &pair, &error), STRIAE_ERROR_ARGUMENT);
    assert_non_null(strstr(error.message, "px_per_mm"));
    assert_null(pair.session[0].picture.data);
    enum phantom_kind kind;
    assert_true(phantom_kind_parse("alba", &kind) && kind == PHANTOM_ALBA);
    assert_false(phantom_kind_parse("white", &kind));
}

/* The card where the truth says, as large, as askew, and no skin under it. */
static void the_card_lies_where_the_truth_says(void **state)
{
    (void)state;
    struct phantom_options options = small(5);
    options.width = options.height = 900;
    options.px_per_mm = 6;
    options.tilt = 20;
    options.card = true;
    struct phantom_pair pair = rendered(&options);
    for (int k = 0; k < 2; k++) {
        const struct phantom_session *s = &pair.session[k];
        struct image image = {0};
        struct card card;
        struct card_colours nominal;
        struct photo_info info = {.focal_35 = s->card.focal / hypot(900, 900) * hypot(36, 24)};
        double middle[2] = {0};
        calibrate_card_nominal(&nominal);
        develop(&s->picture, &image);
        assert_int_equal(calibrate_card_find(&image, &info, &nominal, &card, NULL), STRIAE_OK);
        assert_true(s->card.present && card.found);
        assert_true(fabs(card.px_per_mm / s->card.px_per_mm - 1) < 0.002);
        assert_true(fabs(card.tilt - s->card.tilt) < 0.5);
        for (int i = 0; i < 4; i++) {
            middle[0] += s->card.corner[i].x / 4;
            middle[1] += s->card.corner[i].y / 4;
        }
        assert_int_equal(s->skin.data[lround(middle[1]) * 900 + lround(middle[0])], 0);
        image_free(&image);
    }
    phantom_pair_free(&pair);
    striae_error error = {0};
    options.px_per_mm = 12; /* 75 mm */
    assert_int_equal(phantom_render(&options, &pair, &error), STRIAE_ERROR_ARGUMENT);
    assert_non_null(strstr(error.message, "does not fit"));
}

/* Range along the photo's border: of the two looks at the relief, texels; of the skin and of the
 * skin as the finer look at the mottling is turned, mm. */
static void look_along_border(const struct scene *scene, const struct view *view, double low[8],
                              double high[8])
{
    int around = 2 * (view->width + view->height);
    for (int i = 0; i < around; i += 3) {
        bool across = i < 2 * view->width;
        int along = across ? i / 2 : (i - 2 * view->width) / 2;
        double far = i % 2 ? (across ? view->height : view->width) - 1 : 0, look[4][2], facing = 0;
        struct sight sight;
        view_sight(view, across ? along : far, across ? far : along, &sight);
        for (int k = 0; k < 3; k++)
            facing += sight.normal[k] * sight.to_eye[k];
        if (sight.clearance <= 0 || facing < 0.1) /* beside the body; too flat to see relief */
            continue;
        relief_looks(scene, sight.x, sight.y, look);
        look[2][0] = sight.x;
        look[2][1] = sight.y;
        look[3][0] = MOTTLE_COS * sight.x + MOTTLE_SIN * sight.y;
        look[3][1] = MOTTLE_COS * sight.y - MOTTLE_SIN * sight.x;
        for (int k = 0; k < 8; k++) {
            low[k] = fmin(low[k], look[k / 2][k % 2]);
            high[k] = fmax(high[k], look[k / 2][k % 2]);
        }
    }
}

/* No two points of the skin that either photo shows share a place on a tile. */
static void skin_does_not_repeat_in_what_both_photos_show(void **state)
{
    (void)state;
    const double zooms[] = {0.4, 0.6, 1, 2.5};
    for (int i = 0; i < 24; i++) {
        struct scene scene = {.options = small(100 + (uint64_t)i)};
        struct phantom_options *o = &scene.options;
        o->width = 1200;
        o->height = 900;
        o->zoom = zooms[i % 4];
        o->px_per_mm = 8 / sqrt(o->zoom);
        o->turn = 15.0 * i;
        o->shift_x = o->zoom < 1 ? 0.5 : 0.2;
        scene.half_width = 0.5 * o->width / o->px_per_mm;
        scene.half_height = 0.5 * o->height / o->px_per_mm;
        scene_choose_skin(&scene);
        scene_choose_views(&scene);
        struct tile_sizes sizes = tiles_plan(&scene);
        double low[8], high[8];
        for (int k = 0; k < 8; k++) {
            low[k] = INFINITY;
            high[k] = -INFINITY;
        }
        for (int session = 0; session < 2; session++)
            look_along_border(&scene, &scene.session[session].view, low, high);
        for (int k = 0; k < 4; k++) {
            assert_true(high[k] - low[k] > 100);
            assert_true(high[k] - low[k] < sizes.relief);
        }
        /* These may be as large as tiles get: then they repeat after 30 cm, the grain after 24. */
        for (int k = 4; k < 8; k++) {
            double cloud = k < 6 ? ROUGH_TEXEL : MOTTLE_FINE * blood_texel(&scene);
            assert_true(sizes.cloud == 2048 || high[k] - low[k] < cloud * sizes.cloud);
            assert_true(sizes.grain == 2048 ||
                        high[k] - low[k] < grain_texel(&scene) * sizes.grain);
        }
        assert_true(scene.relief_rate >= 0.75 * o->px_per_mm); /* and it is still fine */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_seed_same_bytes_at_any_number_of_threads),
        cmocka_unit_test(other_seed_other_picture),
        cmocka_unit_test(mask_area_is_the_sum_of_areas),
        cmocka_unit_test(measured_width_is_the_true_width),
        cmocka_unit_test(null_pair_has_equal_truth),
        cmocka_unit_test(no_striae_no_mask),
        cmocka_unit_test(landmarks_show_the_same_skin),
        cmocka_unit_test(fixed_factors_hold),
        cmocka_unit_test(the_card_lies_where_the_truth_says),
        cmocka_unit_test(skin_does_not_repeat_in_what_both_photos_show),
        cmocka_unit_test(options_out_of_range_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
