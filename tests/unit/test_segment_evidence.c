/* segment/: bars of known width and direction in the line evidence. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/filter.h"
#include "base/random.h"
#include "segment/evidence.h"

#define PI      3.14159265358979323846
#define WIDTH   420
#define HEIGHT  330
#define OCTAVES 6
#define GRAIN   0.02f /* of each octave of the skin's texture */
#define BAR     3.0   /* local standard deviations */
#define REACH   110   /* px, from the middle to either end */
#define LEVEL   0.8
#define STEP    0.05 /* px */

struct bar {
    double x, y, angle, width; /* its middle is (x,y) */
};

struct scene {
    struct channels channels;
    struct plane logit;
    struct evidence evidence;
};

/* Texture that is as strong at every scale, as that of skin is about. */
static void add_texture(struct rng *rng, struct plane *out)
{
    struct plane white, smooth;
    striae_error error;
    assert_int_equal(plane_init(&white, WIDTH, HEIGHT, &error), STRIAE_OK);
    for (int k = 0; k < OCTAVES; k++) {
        double sigma = 0.6 * (1 << k);
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++)
                plane_row(&white, y)[x] = (float)rng_normal(rng);
        assert_int_equal(filter_gaussian(&white, sigma, 1, &smooth, &error), STRIAE_OK);
        float gain = GRAIN * (float)(2 * sqrt(PI) * sigma);
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++)
                plane_row(out, y)[x] += gain * plane_row(&smooth, y)[x];
        plane_free(&smooth);
    }
    plane_free(&white);
}

/* How much of the pixel the bar covers: 0..1. */
static double cover(const struct bar *bar, int x, int y)
{
    double c = cos(bar->angle), s = sin(bar->angle), dx = x - bar->x, dy = y - bar->y;
    if (fabs(c * dx + s * dy) > REACH)
        return 0;
    return fmin(fmax(0.5 * bar->width - fabs(-s * dx + c * dy) + 0.5, 0), 1);
}

/* A red bar in textured skin, which the network sees too. */
static void make_scene(const struct bar *bar, struct scene *scene)
{
    striae_error error;
    struct rng rng;
    rng_seed(&rng, 7, 1);
    *scene = (struct scene){.channels = {.factor = 1}};
    assert_int_equal(plane_init(&scene->channels.skin, WIDTH, HEIGHT, &error), STRIAE_OK);
    assert_int_equal(plane_init(&scene->logit, WIDTH, HEIGHT, &error), STRIAE_OK);
    for (int c = 0; c < CHANNEL_COUNT; c++) {
        assert_int_equal(plane_init(&scene->channels.rms[c], WIDTH, HEIGHT, &error), STRIAE_OK);
        assert_int_equal(plane_init(&scene->channels.value[c], WIDTH, HEIGHT, &error), STRIAE_OK);
        add_texture(&rng, &scene->channels.value[c]);
    }
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            double on = cover(bar, x, y);
            plane_row(&scene->channels.skin, y)[x] = 1;
            plane_row(&scene->logit, y)[x] = (float)(6 * on - 4);
            for (int c = 0; c < CHANNEL_COUNT; c++) {
                plane_row(&scene->channels.rms[c], y)[x] = 0.03f;
                plane_row(&scene->channels.value[c], y)[x] += (float)(c < 2 ? BAR * on : 0);
            }
        }
    assert_int_equal(evidence_init(&scene->channels, &scene->logit, 2, &scene->evidence, &error),
                     STRIAE_OK);
}

static void scene_free(struct scene *scene)
{
    segment_channels_free(&scene->channels);
    plane_free(&scene->logit);
    evidence_free(&scene->evidence);
}

/* Evidence `across` px beside the bar's middle, `along` px from its given point. */
static double evidence_beside(const struct plane *part, const struct bar *bar, double along,
                              double across)
{
    double c = cos(bar->angle), s = sin(bar->angle);
    return evidence_part_at(part, bar->x + along * c - across * s, bar->y + along * s + across * c,
                            bar->angle);
}

/* From the bar's middle to that of the ridge: between the places where it has fallen to LEVEL of
 * its top. */
static double ridge_offset(const struct plane *part, const struct bar *bar, double along)
{
    double top = 0, at = 0, reach = 0.5 * bar->width + 1;
    for (double n = -reach; n <= reach; n += STEP) {
        double e = evidence_beside(part, bar, along, n);
        if (e > top) {
            top = e;
            at = n;
        }
    }
    double left = at, right = at;
    while (evidence_beside(part, bar, along, left) > LEVEL * top)
        left -= STEP;
    while (evidence_beside(part, bar, along, right) > LEVEL * top)
        right += STEP;
    return 0.5 * (left + right);
}

static double worst_offset(const struct plane *part, const struct bar *bar)
{
    double worst = 0;
    for (double along = -50; along <= 50; along += 3.3)
        worst = fmax(worst, fabs(ridge_offset(part, bar, along)));
    return worst;
}

static int scale_at(const struct mask scale[DIRECTION_COUNT], const struct bar *bar)
{
    int direction = (int)lround(bar->angle * DIRECTION_COUNT / PI) % DIRECTION_COUNT;
    return mask_row(&scale[direction], (int)lround(bar->y))[lround(bar->x)];
}

/* Whatever grid a scale is computed on, its ridges lie where the bars are. */
static void each_width_has_its_ridge_and_its_scale(void **state)
{
    (void)state;
    for (int k = 0; k < SCALE_COUNT; k++)
        for (int turn = 0; turn < 3; turn++) {
            struct bar bar = {WIDTH / 2 + 0.37, HEIGHT / 2 - 0.21, 0.1 + 0.73 * turn,
                              2.5 * evidence_sigma(k)};
            struct scene scene;
            make_scene(&bar, &scene);
            double strength = worst_offset(scene.evidence.strength, &bar);
            double support = worst_offset(scene.evidence.support, &bar);
            int scale = scale_at(scene.evidence.scale, &bar);
            int support_scale = scale_at(scene.evidence.support_scale, &bar);
            print_message("width %5.2f at %.2f: off by %.2f at most, scale %d; network's off by "
                          "%.2f, scale %d\n",
                          bar.width, bar.angle, strength, scale, support, support_scale);
            scene_free(&scene);
            assert_true(strength < 0.3);
            assert_true(support < 0.3);
            assert_in_range(scale, k > 2 ? k - 2 : 0, k);
            assert_in_range(support_scale, k > 0 ? k - 1 : 0, k + 1);
        }
}

static void without_skin_there_is_none(void **state)
{
    (void)state;
    struct bar bar = {WIDTH / 2, HEIGHT / 2, 0.4, 8};
    struct scene scene;
    striae_error error;
    make_scene(&bar, &scene);
    evidence_free(&scene.evidence);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            plane_row(&scene.channels.skin, y)[x] = x < WIDTH / 2 ? 1.f : 0.f;
    assert_int_equal(evidence_init(&scene.channels, &scene.logit, 1, &scene.evidence, &error),
                     STRIAE_OK);
    float on = 0, off = 0;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            float *most = x < WIDTH / 2 ? &on : &off;
            for (int d = 0; d < DIRECTION_COUNT; d++) {
                *most = fmaxf(*most, plane_row(&scene.evidence.strength[d], y)[x]);
                *most = fmaxf(*most, plane_row(&scene.evidence.support[d], y)[x]);
            }
        }
    assert_true(on > 5);
    assert_true(off == 0);
    scene_free(&scene);
}

static void the_number_of_threads_changes_nothing(void **state)
{
    (void)state;
    struct bar bar = {WIDTH / 2, HEIGHT / 2, 0.4, 8};
    struct scene scene;
    struct evidence other;
    striae_error error;
    make_scene(&bar, &scene);
    assert_int_equal(evidence_init(&scene.channels, &scene.logit, 5, &other, &error), STRIAE_OK);
    for (int d = 0; d < DIRECTION_COUNT; d++)
        for (int y = 0; y < HEIGHT; y++) {
            assert_memory_equal(plane_row(&scene.evidence.strength[d], y),
                                plane_row(&other.strength[d], y), WIDTH * sizeof(float));
            assert_memory_equal(mask_row(&scene.evidence.scale[d], y), mask_row(&other.scale[d], y),
                                WIDTH);
        }
    evidence_free(&other);
    scene_free(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_width_has_its_ridge_and_its_scale),
        cmocka_unit_test(without_skin_there_is_none),
        cmocka_unit_test(the_number_of_threads_changes_nothing),
    };
    return cmocka_run_group_tests_name("segment_evidence", tests, NULL, NULL);
}
