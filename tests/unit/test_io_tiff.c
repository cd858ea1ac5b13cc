/* io/: every form of TIFF gives the right pixels, and says what it is. */
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
#include "test_io_make_icc.h"
#include "test_io_make_tiff.h"
#include "test_io_read.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct io_limits lenient = {1e6, true, 1};

static void read_tiff(void **state, const struct tiff_sample *sample, struct photo *photo)
{
    read_bytes(state, make_tiff(sample), photo);
}

/* What pixel (x,y) of the sample is: encoded 0..1, and alpha. */
static double truth(const struct tiff_sample *t, int x, int y, double encoded[3])
{
    double most = (1 << t->bits) - 1;
    unsigned v[4];
    for (int s = 0; s < 4; s++)
        v[s] = tiff_sample_value(t, x, y, s);
    for (int c = 0; c < 3; c++)
        encoded[c] = v[t->photometric == PHOTOMETRIC_RGB ? c : 0] / most;
    if (t->photometric == PHOTOMETRIC_PALETTE) {
        encoded[1] = 1 - encoded[0];
        encoded[2] = (v[0] * 100 + 7) / 65535.0;
    }
    for (int c = 0; c < 3 && t->photometric == PHOTOMETRIC_MINISWHITE; c++)
        encoded[c] = 1 - encoded[c];
    return t->alpha ? v[t->samples - 1] / most : 1;
}

static void check(void **state, const struct tiff_sample *t)
{
    struct photo photo;
    read_tiff(state, t, &photo);
    assert_string_equal(photo.info.format, "tiff");
    assert_int_equal(photo.info.bits, t->bits);
    assert_int_equal(photo.image.width, t->width);
    assert_int_equal(photo.image.height, t->height);
    for (int y = 0; y < t->height; y++)
        for (int x = 0; x < t->width; x++) {
            double encoded[3], alpha = truth(t, x, y, encoded);
            for (int c = 0; c < 3; c++) {
                double got = plane_row(&photo.image.channel[c], y)[x];
                double want = colour_srgb_decode(encoded[c]) * alpha;
                if (fabs(got - want) > 2e-6)
                    fail_msg("(%d,%d) channel %d: %.7f, expected %.7f", x, y, c, got, want);
            }
        }
    photo_free(&photo);
}

static void every_form(void **state)
{
    static const int compressions[] = {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE,
                                       COMPRESSION_PACKBITS};
    static const struct {
        int photometric, samples;
        bool alpha;
    } kinds[] = {{PHOTOMETRIC_MINISBLACK, 1, false}, {PHOTOMETRIC_MINISWHITE, 1, false},
                 {PHOTOMETRIC_MINISBLACK, 2, true},  {PHOTOMETRIC_RGB, 3, false},
                 {PHOTOMETRIC_RGB, 4, true},         {PHOTOMETRIC_RGB, 4, false}};
    for (size_t c = 0; c < COUNT(compressions); c++)
        for (size_t k = 0; k < COUNT(kinds); k++)
            for (int form = 0; form < 16; form++)
                check(state, &(struct tiff_sample){.width = 37,
                                                   .height = 21,
                                                   .bits = form & 1 ? 16 : 8,
                                                   .samples = kinds[k].samples,
                                                   .photometric = kinds[k].photometric,
                                                   .alpha = kinds[k].alpha,
                                                   .compression = compressions[c],
                                                   .tile = form & 2 ? 16 : 0,
                                                   .separate = form & 4,
                                                   .big_endian = form & 8});
    check(state, &(struct tiff_sample){.width = 30,
                                       .height = 20,
                                       .bits = 8,
                                       .samples = 1,
                                       .photometric = PHOTOMETRIC_PALETTE});
}

static void it_is_turned_upright(void **state)
{
    struct tiff_sample sample = {.width = 40,
                                 .height = 30,
                                 .bits = 16,
                                 .samples = 3,
                                 .photometric = PHOTOMETRIC_RGB,
                                 .orientation = 6};
    struct photo photo;
    read_tiff(state, &sample, &photo);
    assert_int_equal(photo.info.orientation, 6);
    assert_int_equal(photo.image.width, 30);
    for (int y = 0; y < 40; y++)
        for (int x = 0; x < 30; x++) {
            double want = tiff_sample_value(&sample, y, 29 - x, 1) / 65535.0;
            double got = plane_row(&photo.image.channel[1], y)[x];
            assert_true(fabs(got - colour_srgb_decode(want)) < 2e-6);
        }
    photo_free(&photo);
}

static void profile_and_facts_are_read(void **state)
{
    struct bytes icc = icc_bytes(icc_matrix(&icc_p3, 0), "Display P3");
    struct photo photo;
    read_tiff(state,
              &(struct tiff_sample){.width = 20,
                                    .height = 20,
                                    .bits = 16,
                                    .samples = 3,
                                    .photometric = PHOTOMETRIC_RGB,
                                    .icc = &icc,
                                    .make = "NIKON",
                                    .model = "NIKON D750",
                                    .software = "Capture NX",
                                    .date = "2026:06:01 10:00:00",
                                    .exif = true},
              &photo);
    assert_string_equal(photo.info.profile, "Display P3");
    assert_int_equal(photo.info.profile_state, PROFILE_USED);
    assert_string_equal(photo.info.camera, "NIKON D750");
    assert_string_equal(photo.info.software, "Capture NX");
    assert_string_equal(photo.info.captured, "2026-05-01T10:00:00");
    assert_string_equal(photo.info.lens, "60mm Macro");
    assert_true(fabs(photo.info.exposure - 0.008) < 1e-6);
    assert_true(fabs(photo.info.f_number - 5.6) < 1e-6);
    assert_true(fabs(photo.info.focal - 60) < 1e-6);
    assert_true(fabs(photo.info.iso - 320) < 1e-6);
    photo_free(&photo);
    free(icc.data);
}

static void what_is_not_read_is_refused_with_advice(void **state)
{
    const struct {
        struct tiff_sample sample;
        const char *said;
    } cases[] = {
        {{.bits = 8, .samples = 4, .photometric = PHOTOMETRIC_SEPARATED}, "CMYK"},
        {{.bits = 8, .samples = 3, .photometric = PHOTOMETRIC_CIELAB}, "colour space"},
        {{.bits = 16, .samples = 1, .photometric = PHOTOMETRIC_CFA}, "raw"},
        {{.bits = 8, .samples = 3, .photometric = PHOTOMETRIC_RGB, .raw = true}, "raw"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tiff_sample sample = cases[i].sample;
        struct photo photo;
        striae_error error = {0};
        sample.width = sample.height = 20;
        struct bytes file = make_tiff(&sample);
        assert_int_equal(try_bytes(state, file, &limits, &photo, &error), STRIAE_ERROR_UNSUPPORTED);
        if (!strstr(error.message, cases[i].said))
            fail_msg("%s: \"%s\" is missing", error.message, cases[i].said);
        free(file.data);
    }
}

static void a_cut_file_is_damaged(void **state)
{
    struct bytes file = make_tiff(&(struct tiff_sample){.width = 60,
                                                        .height = 60,
                                                        .bits = 8,
                                                        .samples = 3,
                                                        .compression = COMPRESSION_LZW,
                                                        .photometric = PHOTOMETRIC_RGB});
    struct photo photo;
    striae_error error = {0};
    /* The directory stands at the end: move it to the front by cutting out the pixels' end. */
    for (size_t size = 8; size < file.size; size += 97)
        assert_int_equal(try_bytes(state, (struct bytes){file.data, size}, &limits, &photo, &error),
                         STRIAE_ERROR_DAMAGED);
    memset(file.data + 2000, 0xff, 3000); /* spoilt strips, whole directory */
    assert_int_equal(try_bytes(state, file, &limits, &photo, &error), STRIAE_ERROR_DAMAGED);
    assert_non_null(strstr(error.message, "--accept-damaged"));
    assert_int_equal(try_bytes(state, file, &lenient, &photo, &error), STRIAE_OK);
    photo_free(&photo);
    free(file.data);
}

static void the_pixel_limit_holds(void **state)
{
    struct bytes file = make_tiff(&(struct tiff_sample){.width = 200,
                                                        .height = 100,
                                                        .bits = 8,
                                                        .samples = 1,
                                                        .photometric = PHOTOMETRIC_MINISBLACK});
    const struct io_limits small = {19999, false, 1};
    struct photo photo;
    striae_error error = {0};
    assert_int_equal(try_bytes(state, file, &small, &photo, &error), STRIAE_ERROR_TOO_LARGE);
    assert_non_null(strstr(error.message, "200 x 100"));
    free(file.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_place(every_form),
        in_place(it_is_turned_upright),
        in_place(profile_and_facts_are_read),
        in_place(what_is_not_read_is_refused_with_advice),
        in_place(a_cut_file_is_damaged),
        in_place(the_pixel_limit_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
