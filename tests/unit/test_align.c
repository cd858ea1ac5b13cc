/* align/: two photos of the same skin are lined up, and nothing else is. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "align/align.h"
#include "align/channel.h"
#include "align/patch.h"
#include "align/search.h"
#include "align/shading.h"
#include "base/filter.h"
#include "base/random.h"
#include "calibrate/calibrate.h"
#include "phantom/phantom.h"
#include "study/quantile.h"
#include "test_develop.h"

#define WIDTH  640
#define HEIGHT 480

struct shot {
    struct image image;
    struct mask skin;
};

struct scene {
    struct phantom_pair pair;
    struct shot shot[2];
};

/* ---- making photos -------------------------------------------------------------------------- */

static void develop_shot(const struct rgb8 *picture, bool mirrored, struct shot *shot)
{
    striae_error error;
    develop(picture, &shot->image);
    for (int c = 0; c < 3 && mirrored; c++)
        plane_mirror(&shot->image.channel[c]);
    assert_int_equal(calibrate_skin(&shot->image, 1, &shot->skin, &error), STRIAE_OK);
}

static void shot_free(struct shot *shot)
{
    image_free(&shot->image);
    mask_free(&shot->skin);
}

static void make_scene(uint64_t seed, struct scene *scene)
{
    struct phantom_options options;
    striae_error error;
    phantom_options_default(&options);
    options.seed = seed;
    options.width = WIDTH;
    options.height = HEIGHT;
    options.px_per_mm = 6;
    options.tone = 2;
    options.hardness = 0.2;
    options.turn = 8;
    options.zoom = 1.1;
    assert_int_equal(phantom_render(&options, &scene->pair, &error), STRIAE_OK);
    for (int k = 0; k < 2; k++)
        develop_shot(&scene->pair.session[k].picture, false, &scene->shot[k]);
}

static void scene_free(struct scene *scene)
{
    phantom_pair_free(&scene->pair);
    shot_free(&scene->shot[0]);
    shot_free(&scene->shot[1]);
}

static int set_up(void **state)
{
    static struct scene scenes[2];
    make_scene(11, &scenes[0]);
    make_scene(12, &scenes[1]);
    *state = scenes;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scenes = *state;
    scene_free(&scenes[0]);
    scene_free(&scenes[1]);
    return 0;
}

static struct alignment align(const struct shot *first, const struct shot *later, int threads)
{
    struct align_input a = {&first->image, &first->skin, NULL};
    struct align_input b = {&later->image, &later->skin, NULL};
    struct alignment alignment;
    striae_error error;
    assert_int_equal(align_photos(&a, &b, threads, &alignment, &error), STRIAE_OK);
    return alignment;
}

/* ---- what must hold ------------------------------------------------------------------------- */

static void stretched_skin_in_other_light_is_found(void **state)
{
    const struct scene *scene = *state;
    const struct polyline *from = &scene->pair.session[0].landmarks;
    const struct polyline *to = &scene->pair.session[1].landmarks;
    struct alignment a = align(&scene->shot[0], &scene->shot[1], 1);
    double distance[1024];
    size_t count = 0;
    assert_false(a.refused);
    for (size_t i = 0; i < from->count && count < 1024; i++) {
        double u, v;
        if (warp_point(&a.forward, from->points[i].x, from->points[i].y, &u, &v))
            distance[count++] = hypot(u - to->points[i].x, v - to->points[i].y);
    }
    assert_true(count > from->count / 2);
    sort_values(distance, count);
    assert_true(quantile(distance, count, 0.5) < 0.3);
    assert_true(quantile(distance, count, 0.95) < 1.5);
    /* the error it gives is of the size of the error it makes */
    double made = quantile(distance, count, 0.5);
    assert_true(a.error > made / 3 && a.error < made * 3);
    alignment_free(&a);
}

static void a_photo_lies_on_itself(void **state)
{
    const struct scene *scene = *state;
    struct alignment a = align(&scene->shot[0], &scene->shot[0], 1);
    assert_false(a.refused);
    assert_true(a.overlap_percent > 90);
    for (int y = 40; y < HEIGHT - 40; y += 20)
        for (int x = 40; x < WIDTH - 40; x += 20) {
            double u, v;
            if (warp_point(&a.forward, x, y, &u, &v))
                assert_true(hypot(u - x, v - y) < 0.05);
        }
    alignment_free(&a);
}

static void there_and_back_again(void **state)
{
    const struct scene *scene = *state;
    struct alignment a = align(&scene->shot[0], &scene->shot[1], 1);
    size_t count = 0;
    for (int y = 10; y < HEIGHT; y += 15)
        for (int x = 10; x < WIDTH; x += 15) {
            double u, v, p, q, jacobian[4];
            if (!warp_point(&a.forward, x, y, &u, &v) || !warp_point(&a.backward, u, v, &p, &q))
                continue;
            assert_true(hypot(p - x, q - y) < 0.2);
            assert_true(warp_jacobian(&a.forward, x, y, jacobian));
            assert_true(jacobian[0] * jacobian[3] - jacobian[1] * jacobian[2] > 0.3);
            count++;
        }
    assert_true(count > 100);
    alignment_free(&a);
}

static void what_the_later_photo_does_not_show_is_unknown(void **state)
{
    const struct scene *scene = *state;
    struct alignment a = align(&scene->shot[0], &scene->shot[1], 1);
    for (int y = 0; y < HEIGHT; y += 7)
        for (int x = 0; x < WIDTH; x += 7) {
            double u, v;
            if (warp_point(&a.forward, x, y, &u, &v))
                assert_true(u > -40 && v > -40 && u < WIDTH + 40 && v < HEIGHT + 40);
        }
    alignment_free(&a);
}

static void threads_change_nothing(void **state)
{
    const struct scene *scene = *state;
    struct alignment a = align(&scene->shot[0], &scene->shot[1], 1);
    struct alignment b = align(&scene->shot[0], &scene->shot[1], 3);
    size_t nodes = (size_t)a.forward.columns * (size_t)a.forward.rows;
    assert_memory_equal(a.forward.x, b.forward.x, nodes * sizeof *a.forward.x);
    assert_memory_equal(a.forward.y, b.forward.y, nodes * sizeof *a.forward.y);
    assert_memory_equal(a.forward.error, b.forward.error, nodes * sizeof *a.forward.error);
    alignment_free(&a);
    alignment_free(&b);
}

/* Skin that is stretched by 8 % and nothing else: the map says so, everywhere. */
static void a_stretch_is_seen_as_a_stretch(void **state)
{
    (void)state;
    struct phantom_options options;
    struct scene scene;
    striae_error error;
    phantom_options_default(&options);
    options.seed = 13;
    options.width = WIDTH;
    options.height = HEIGHT;
    options.px_per_mm = 6;
    options.tone = 2;
    options.hardness = 0;
    options.pose = 0;
    options.light = 0;
    options.change = options.deform = false;
    options.stretch = 0.08;
    assert_int_equal(phantom_render(&options, &scene.pair, &error), STRIAE_OK);
    for (int k = 0; k < 2; k++)
        develop_shot(&scene.pair.session[k].picture, false, &scene.shot[k]);
    struct alignment a = align(&scene.shot[0], &scene.shot[1], 1);
    double sum = 0, count = 0;
    assert_false(a.refused);
    for (int y = 60; y < HEIGHT - 60; y += 20)
        for (int x = 60; x < WIDTH - 60; x += 20) {
            double j[4];
            if (!warp_jacobian(&a.forward, x, y, j))
                continue;
            double stretch = sqrt(j[0] * j[3] - j[1] * j[2]);
            assert_true(fabs(stretch - 1.08) < 0.02);
            sum += stretch;
            count++;
        }
    assert_true(count > 100);
    assert_true(fabs(sum / count - 1.08) < 0.003);
    alignment_free(&a);
    scene_free(&scene);
}

/* Same skin type, same kind of light, another person. */
static void other_skin_is_refused(void **state)
{
    const struct scene *scenes = *state;
    for (int k = 0; k < 2; k++) {
        struct alignment a = align(&scenes[k].shot[0], &scenes[1 - k].shot[1], 1);
        assert_true(a.refused);
        assert_true(strlen(a.reason) > 20);
        assert_null(a.forward.x);
        alignment_free(&a);
    }
}

static void a_mirrored_photo_is_called_mirrored(void **state)
{
    const struct scene *scene = *state;
    struct shot mirrored;
    develop_shot(&scene->pair.session[1].picture, true, &mirrored);
    struct alignment a = align(&scene->shot[0], &mirrored, 1);
    assert_true(a.refused);
    assert_non_null(strstr(a.reason, "mirrored"));
    alignment_free(&a);
    shot_free(&mirrored);
}

/* ---- one patch ------------------------------------------------------------------------------ */

#define SIDE 96

struct noise_pair {
    struct plane first, later, weight;
    struct patch_pair pair;
};

/* The later plane is the first one moved by (3,-2) px, or something else. */
static void make_noise(bool same, struct noise_pair *n)
{
    striae_error error;
    struct rng rng;
    rng_seed(&rng, 5, 0);
    struct plane *planes[] = {&n->first, &n->later, &n->weight};
    for (int k = 0; k < 3; k++)
        assert_int_equal(plane_init(planes[k], SIDE, SIDE, &error), STRIAE_OK);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            plane_row(&n->first, y)[x] = (float)rng_normal(&rng);
            plane_row(&n->later, y)[x] = (float)rng_normal(&rng);
            plane_row(&n->weight, y)[x] = 1;
        }
    for (int y = 2; same && y < SIDE; y++)
        for (int x = 0; x + 3 < SIDE; x++)
            plane_row(&n->later, y - 2)[x + 3] = plane_row(&n->first, y)[x];
    n->pair = (struct patch_pair){.first_weight = &n->weight, .later_weight = &n->weight};
    for (int c = 0; c < BAND_CHANNELS; c++) {
        n->pair.first[c] = &n->first;
        n->pair.later[c] = &n->later;
    }
}

static void noise_free(struct noise_pair *n)
{
    plane_free(&n->first);
    plane_free(&n->later);
    plane_free(&n->weight);
}

static void a_patch_is_found_where_it_went(void **state)
{
    (void)state;
    struct noise_pair n;
    struct patch_peak peak;
    struct patch_guess guess = {48, 48, 48, 48, {1, 0, 0, 1}};
    make_noise(true, &n);
    assert_true(patch_search(&n.pair, &guess, 5, &peak));
    assert_true(fabs(peak.u - 51) < 0.3 && fabs(peak.v - 46) < 0.3);
    assert_true(peak.rho > 0.99 && peak.z > 10);
    noise_free(&n);
}

static void a_patch_that_is_not_there_stays_within_chance(void **state)
{
    (void)state;
    struct noise_pair n;
    struct patch_peak peak;
    struct patch_guess guess = {48, 48, 48, 48, {1, 0, 0, 1}};
    make_noise(false, &n);
    assert_true(patch_search(&n.pair, &guess, 5, &peak));
    assert_true(peak.rho < 0.2 && peak.z < 4);
    guess.x = 2; /* mostly outside the picture */
    guess.y = 2;
    assert_false(patch_search(&n.pair, &guess, 5, &peak));
    noise_free(&n);
}

static void a_place_stands_out_only_where_it_is_right(void **state)
{
    (void)state;
    struct noise_pair n;
    struct patch_guess right = {48, 48, 51, 46, {1, 0, 0, 1}};
    struct patch_guess beside = {48, 48, 43, 48, {1, 0, 0, 1}};
    make_noise(true, &n);
    assert_true(patch_prominence(&n.pair, &right) > 8);
    assert_true(patch_prominence(&n.pair, &beside) == 0); /* the right one is a rival */
    noise_free(&n);
    make_noise(false, &n);
    assert_true(patch_prominence(&n.pair, &right) < 4);
    noise_free(&n);
}

/* ---- other light ---------------------------------------------------------------------------- */

#define ASKED 0.2 /* px, by the colour of every node */

static void what_colour_asks_for_moves_the_map_where_it_stands_out(void **state)
{
    (void)state;
    static const double identity[6] = {1, 0, 0, 0, 1, 0};
    striae_error error;
    struct elastic elastic = {0};
    assert_int_equal(lattice_init(&elastic.map, 160, 160, 16, identity, &error), STRIAE_OK);
    size_t count = (size_t)elastic.map.columns * (size_t)elastic.map.rows;
    struct node *views = calloc(VIEWS * count, sizeof *views);
    elastic.error = calloc(count, sizeof(double));
    elastic.prominence = calloc(PROMINENCE_OCTAVES * count, sizeof(double));
    assert_true(views && elastic.error && elastic.prominence);
    for (size_t n = 0; n < count; n++)
        views[count + n] = (struct node){.xx = 50, .yy = 50, .x = 50 * ASKED};
    double before = elastic.map.x[0];
    assert_int_equal(shading_correct(views, &elastic, &error), STRIAE_OK);
    assert_true(elastic.map.x[0] == before && elastic.error[0] == 0);
    for (size_t n = 0; n < count; n++)
        elastic.prominence[n] = 5;
    assert_int_equal(shading_correct(views, &elastic, &error), STRIAE_OK);
    assert_true(elastic.map.x[0] - before > ASKED && elastic.map.x[0] - before < 2 * ASKED);
    assert_true(fabs(elastic.map.y[0] + 16) < 1e-9 && elastic.error[0] > 0);
    elastic_free(&elastic);
    free(views);
}

/* ---- search without features ---------------------------------------------------------------- */

#define CLOTH 512 /* a picture that both photos show parts of */

struct view {
    struct channels channels;
    struct bands bands;
};

static void make_cloth(uint64_t seed, struct plane *cloth)
{
    striae_error error;
    struct rng rng;
    struct plane noise;
    rng_seed(&rng, seed, 0);
    assert_int_equal(plane_init(&noise, CLOTH, CLOTH, &error), STRIAE_OK);
    for (int y = 0; y < CLOTH; y++)
        for (int x = 0; x < CLOTH; x++)
            plane_row(&noise, y)[x] = (float)rng_normal(&rng);
    assert_int_equal(filter_gaussian(&noise, 2, 1, cloth, &error), STRIAE_OK);
    plane_free(&noise);
}

/* The cloth at m*(x,y,1), in every channel. */
static void look_at(const struct plane *cloth, int side, const double m[6], struct view *view)
{
    striae_error error;
    struct channels *c = &view->channels;
    struct plane *planes[] = {&c->density, &c->chroma, &c->weight, &c->coverage};
    *c = (struct channels){.scale = 1};
    for (int k = 0; k < 4; k++) {
        assert_int_equal(plane_init(planes[k], side, side, &error), STRIAE_OK);
        for (int y = 0; y < side; y++)
            for (int x = 0; x < side; x++)
                plane_row(planes[k], y)[x] = k < 2 ? sample_cubic(cloth, m[0] * x + m[1] * y + m[2],
                                                                  m[3] * x + m[4] * y + m[5])
                                                   : 1;
    }
    assert_int_equal(bands_init(c, true, 1, &view->bands, &error), STRIAE_OK);
}

static void view_free(struct view *view)
{
    channels_free(&view->channels);
    bands_free(&view->bands);
}

static void pieces_are_found_at_any_turn_and_zoom(void **state)
{
    (void)state;
    striae_error error;
    struct plane cloth;
    struct view wide, narrow;
    struct proposals found;
    const double whole[6] = {CLOTH / 170.0, 0, 0, 0, CLOTH / 170.0, 0};
    make_cloth(3, &cloth);
    look_at(&cloth, 170, whole, &wide);
    for (int k = 0; k < 2; k++) {
        double turn = 2.1 * k - 2, zoom = 1 + 0.8 * k; /* narrow px per wide px */
        double co = CLOTH / 170.0 / zoom * cos(turn), si = CLOTH / 170.0 / zoom * sin(turn);
        double middle = CLOTH / 2.0 - (co - si) * 85, other = CLOTH / 2.0 - (co + si) * 85;
        const double part[6] = {co, -si, middle, si, co, other};
        look_at(&cloth, 170, part, &narrow);
        for (int swapped = 0; swapped <= k; swapped++) {
            const struct bands *first = swapped ? &narrow.bands : &wide.bands;
            const struct bands *later = swapped ? &wide.bands : &narrow.bands;
            assert_int_equal(search_find(first, later, 5, 1, &found, &error), STRIAE_OK);
            assert_true(found.count > 0);
            const double *m = found.items[0].m;
            double expected = swapped ? 1 / zoom : zoom;
            assert_true(fabs(sqrt(m[0] * m[4] - m[1] * m[3]) / expected - 1) < 0.12);
            assert_true(hypot(m[0] * 85 + m[1] * 85 + m[2] - 85,
                              m[3] * 85 + m[4] * 85 + m[5] - 85) < 15 * expected);
            proposals_free(&found);
        }
        view_free(&narrow);
    }
    view_free(&wide);
    plane_free(&cloth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stretched_skin_in_other_light_is_found),
        cmocka_unit_test(a_photo_lies_on_itself),
        cmocka_unit_test(there_and_back_again),
        cmocka_unit_test(what_the_later_photo_does_not_show_is_unknown),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(a_stretch_is_seen_as_a_stretch),
        cmocka_unit_test(other_skin_is_refused),
        cmocka_unit_test(a_mirrored_photo_is_called_mirrored),
        cmocka_unit_test(a_patch_is_found_where_it_went),
        cmocka_unit_test(a_patch_that_is_not_there_stays_within_chance),
        cmocka_unit_test(a_place_stands_out_only_where_it_is_right),
        cmocka_unit_test(what_colour_asks_for_moves_the_map_where_it_stands_out),
        cmocka_unit_test(pieces_are_found_at_any_turn_and_zoom),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
