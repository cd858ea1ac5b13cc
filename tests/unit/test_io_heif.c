/* io/: HEIC, as phones write it. Skipped where libheif has no encoder to make test files with. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "colour/colour.h"
#include "test_io_make_heif.h"
#include "test_io_make_icc.h"
#include "test_io_read.h"

static void read_heif(void **state, const struct heif_sample *sample, struct photo *photo)
{
    if (!heif_can_encode()) {
        print_message("no HEVC encoder\n");
        skip();
    }
    read_bytes(state, make_heif(sample), photo);
}

/* Mean difference of encoded values to what was written, 0..1. */
static double difference(const struct photo *photo, double gamma, double alpha)
{
    double sum = 0;
    for (int y = 0; y < photo->image.height; y++)
        for (int x = 0; x < photo->image.width; x++)
            for (int c = 0; c < 3; c++) {
                double linear = plane_row(&photo->image.channel[c], y)[x] / alpha;
                double encoded = gamma > 0 ? pow(linear, 1 / gamma) : colour_srgb_encode(linear);
                sum += fabs(encoded - heif_sample_value(x, y, c));
            }
    return sum / (3.0 * photo->image.width * photo->image.height);
}

static void eight_and_ten_bits(void **state)
{
    for (int ten = 0; ten < 2; ten++) {
        struct photo photo;
        read_heif(state, &(struct heif_sample){.width = 128, .height = 96, .ten_bits = ten},
                  &photo);
        assert_string_equal(photo.info.format, "heic");
        assert_int_equal(photo.image.width, 128);
        assert_int_equal(photo.image.height, 96);
        if (photo.info.bits != (ten ? 10 : 8))
            print_message("the encoder made %d bits\n", photo.info.bits);
        assert_true(difference(&photo, 0, 1) < 0.012);
        photo_free(&photo);
    }
}

static void transparent_pixels_lie_on_black(void **state)
{
    struct photo photo;
    read_heif(state, &(struct heif_sample){.width = 64, .height = 64, .alpha = true}, &photo);
    assert_true(difference(&photo, 0, 128 / 255.0) < 0.012);
    photo_free(&photo);
}

/* The decoder turns the picture; EXIF's orientation must not turn it a second time. */
static void exif_is_read_but_turns_nothing(void **state)
{
    struct photo photo;
    struct bytes exif = make_exif(&(struct exif_sample){.orientation = 6,
                                                        .original = "2026:05:01 10:00:00",
                                                        .make = "Apple",
                                                        .model = "iPhone 13"});
    read_heif(state, &(struct heif_sample){.width = 128, .height = 96, .exif = &exif}, &photo);
    assert_int_equal(photo.image.width, 128);
    assert_int_equal(photo.info.orientation, 1);
    assert_string_equal(photo.info.camera, "Apple iPhone 13");
    assert_string_equal(photo.info.captured, "2026-05-01T10:00:00");
    photo_free(&photo);
    free(exif.data);
}

static void profiles_of_both_kinds(void **state)
{
    struct bytes icc = icc_bytes(icc_matrix(&icc_srgb, 1.8), "gamma 1.8");
    struct photo photo;
    read_heif(state, &(struct heif_sample){.width = 128, .height = 96, .icc = &icc}, &photo);
    assert_string_equal(photo.info.profile, "gamma 1.8");
    assert_true(difference(&photo, 1.8, 1) < 0.012);
    photo_free(&photo);
    read_heif(state,
              &(struct heif_sample){.width = 128, .height = 96, .primaries = 12, .transfer = 13},
              &photo);
    assert_string_equal(photo.info.profile, "Display P3");
    assert_int_equal(photo.info.profile_state, PROFILE_USED);
    photo_free(&photo);
    free(icc.data);
}

static void a_cut_file_is_refused(void **state)
{
    if (!heif_can_encode())
        skip();
    struct bytes file = make_heif(&(struct heif_sample){.width = 64, .height = 64});
    for (size_t size = 12; size < file.size; size += 31) {
        struct photo photo;
        striae_error error = {0};
        const char *path = in(state, "cut.heic");
        assert_int_equal(io_write_file(path, file.data, size, true, NULL), STRIAE_OK);
        striae_status status = io_read_photo(path, &limits, &photo, &error);
        assert_true(status == STRIAE_ERROR_DAMAGED || status == STRIAE_ERROR_UNSUPPORTED);
        assert_int_equal(strncmp(error.message, path, strlen(path)), 0);
    }
    free(file.data);
}

static void the_pixel_limit_holds(void **state)
{
    if (!heif_can_encode())
        skip();
    struct bytes file = make_heif(&(struct heif_sample){.width = 64, .height = 64});
    const struct io_limits small = {4095, false, 1};
    struct photo photo;
    striae_error error = {0};
    assert_int_equal(io_write_file(in(state, "p"), file.data, file.size, true, NULL), STRIAE_OK);
    assert_int_equal(io_read_photo(in(state, "p"), &small, &photo, &error), STRIAE_ERROR_TOO_LARGE);
    free(file.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_place(eight_and_ten_bits),
        in_place(transparent_pixels_lie_on_black),
        in_place(exif_is_read_but_turns_nothing),
        in_place(profiles_of_both_kinds),
        in_place(a_cut_file_is_refused),
        in_place(the_pixel_limit_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
