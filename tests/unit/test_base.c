/* base/: images, filters, warps, lines, random numbers, transforms. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/fft.h"
#include "base/filter.h"
#include "base/found.h"
#include "base/polyline.h"
#include "base/random.h"
#include "base/threads.h"
#include "base/warp.h"

static void gaussian_has_the_sigma_asked_for(void **state)
{
    (void)state;
    const double sigmas[] = {0.7, 3, 7.3, 11, 20, 37};
    for (size_t k = 0; k < sizeof sigmas / sizeof *sigmas; k++) {
        struct plane in, out;
        assert_int_equal(plane_init(&in, 401, 401, NULL), STRIAE_OK);
        plane_row(&in, 200)[200] = 1;
        assert_int_equal(filter_gaussian(&in, sigmas[k], 2, &out, NULL), STRIAE_OK);
        double sum = 0, variance = 0;
        for (int y = 0; y < 401; y++)
            for (int x = 0; x < 401; x++) {
                sum += plane_row(&out, y)[x];
                variance += plane_row(&out, y)[x] * (x - 200.0) * (x - 200.0);
            }
        assert_true(fabs(sum - 1) < 0.02);
        assert_true(fabs(sqrt(variance / sum) / sigmas[k] - 1) < 0.03);
        plane_free(&in);
        plane_free(&out);
    }
}

static void warp_reproduces_an_affine_map(void **state)
{
    (void)state;
    struct warp warp;
    assert_int_equal(warp_init(&warp, 100, 80, 200, 200, 8, NULL), STRIAE_OK);
    for (int j = 0; j < warp.rows; j++)
        for (int i = 0; i < warp.columns; i++) {
            int at = j * warp.columns + i;
            warp.x[at] = (float)(5 + 1.1 * i * 8 + 0.2 * j * 8);
            warp.y[at] = (float)(7 - 0.1 * i * 8 + 0.9 * j * 8);
            warp.error[at] = 0.5f;
        }
    double u, v, j[4];
    assert_true(warp_point(&warp, 33.3, 44.4, &u, &v));
    assert_true(fabs(u - (5 + 1.1 * 33.3 + 0.2 * 44.4)) < 1e-4);
    assert_true(fabs(v - (7 - 0.1 * 33.3 + 0.9 * 44.4)) < 1e-4);
    assert_true(warp_jacobian(&warp, 33.3, 44.4, j));
    assert_true(fabs(j[0] - 1.1) < 1e-5 && fabs(j[1] - 0.2) < 1e-5 && fabs(j[2] + 0.1) < 1e-5 &&
                fabs(j[3] - 0.9) < 1e-5);
    assert_true(fabs(warp_error_at(&warp, 50, 50) - 0.5) < 1e-6);
    assert_false(warp_point(&warp, -1, 5, &u, &v));
    assert_true(isnan(u));
    warp.x[0] = NAN;
    assert_false(warp_point(&warp, 2, 2, &u, &v));
    assert_true(warp_point(&warp, 12, 12, &u, &v));
    warp_free(&warp);
}

static void resample_keeps_ends_and_steps(void **state)
{
    (void)state;
    struct polyline line = {0}, even = {0};
    assert_int_equal(polyline_append(&line, 0, 0, NULL), STRIAE_OK);
    assert_int_equal(polyline_append(&line, 3, 4, NULL), STRIAE_OK);
    assert_int_equal(polyline_append(&line, 3, 14, NULL), STRIAE_OK);
    assert_int_equal(polyline_resample(&line, 1, &even, NULL), STRIAE_OK);
    assert_int_equal(even.count, 16);
    assert_true(fabs(even.points[5].x - 3) < 1e-9 && fabs(even.points[5].y - 4) < 1e-9);
    assert_true(fabs(even.points[15].y - 14) < 1e-9);
    polyline_free(&line);
    polyline_free(&even);
}

static void fft_round_trip(void **state)
{
    (void)state;
    struct fft fft;
    assert_int_equal(fft_good_size(97), 100);
    assert_int_equal(fft_init(&fft, 30, 20, NULL), STRIAE_OK);
    float *real = fft_real_alloc(&fft);
    fftwf_complex *spectrum = fft_complex_alloc(&fft);
    struct rng rng;
    rng_seed(&rng, 1, 2);
    float kept[600];
    for (int i = 0; i < 600; i++)
        real[i] = kept[i] = (float)rng_normal(&rng);
    fft_forward(&fft, real, spectrum);
    fft_inverse(&fft, spectrum, real);
    for (int i = 0; i < 600; i++)
        assert_true(fabsf(real[i] / 600 - kept[i]) < 1e-5f);
    fftwf_free(real);
    fftwf_free(spectrum);
    fft_free(&fft);
}

static void mark(void *context, int index)
{
    ((int *)context)[index] += index;
}

static void every_task_runs_once(void **state)
{
    (void)state;
    int seen[1000] = {0};
    threads_run(4, 1000, mark, seen);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(seen[i], i);
}

/* A line of 20 px, and a warp that shifts by (3, 4) and does not know x in 8..12. */
static void striae_are_carried_in_stretches(void **state)
{
    (void)state;
    struct found_stria stria = {.width = 4, .probability = 0.7}, *carried = NULL;
    struct mask mask;
    struct warp warp;
    size_t count = 0;
    assert_int_equal(warp_init(&warp, 41, 41, 60, 60, 1, NULL), STRIAE_OK);
    for (int j = 0; j < warp.rows; j++)
        for (int i = 0; i < warp.columns; i++)
            if (i < 8 || i > 12) {
                warp.x[j * warp.columns + i] = (float)i + 3;
                warp.y[j * warp.columns + i] = (float)j + 4;
            }
    for (int x = 0; x < 20; x++)
        assert_int_equal(polyline_append(&stria.centreline, x, 20, NULL), STRIAE_OK);
    assert_int_equal(found_carry(&stria, 1, &warp, &carried, &count, NULL), STRIAE_OK);
    assert_int_equal(count, 2);
    assert_int_equal(carried[0].centreline.count, 8);
    assert_int_equal(carried[1].centreline.count, 7);
    assert_float_equal(carried[1].centreline.points[0].x, 16, 1e-6);
    assert_float_equal(carried[1].centreline.points[0].y, 24, 1e-6);
    assert_float_equal(carried[1].width, 4, 0);

    assert_int_equal(found_mask(&stria, 1, 41, 41, &mask, NULL), STRIAE_OK);
    assert_int_equal(mask_row(&mask, 25)[0], 255); /* 0.75 * 4 + 2 from the line */
    assert_int_equal(mask_row(&mask, 26)[0], 0);
    assert_int_equal(mask_row(&mask, 20)[24], 255);
    assert_int_equal(mask_row(&mask, 20)[25], 0);

    for (size_t i = 0; i < count; i++)
        polyline_free(&carried[i].centreline);
    free(carried);
    polyline_free(&stria.centreline);
    mask_free(&mask);
    warp_free(&warp);
}

static void sizes_are_checked_before_allocating(void **state)
{
    (void)state;
    struct plane plane;
    striae_error error = {0};
    assert_int_equal(plane_init(&plane, 0, 5, &error), STRIAE_ERROR_INTERNAL);
    assert_int_equal(plane_init(&plane, 70000, 5, &error), STRIAE_ERROR_INTERNAL);
    assert_int_equal(checked_bytes(SIZE_MAX / 2, 4, 4), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gaussian_has_the_sigma_asked_for),
        cmocka_unit_test(warp_reproduces_an_affine_map),
        cmocka_unit_test(resample_keeps_ends_and_steps),
        cmocka_unit_test(fft_round_trip),
        cmocka_unit_test(every_task_runs_once),
        cmocka_unit_test(striae_are_carried_in_stretches),
        cmocka_unit_test(sizes_are_checked_before_allocating),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
