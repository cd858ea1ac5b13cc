/* io/: what the camera wrote beside the picture. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "test_io_read.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* A PNG with this block. */
static void read_with(void **state, const struct bytes *exif, struct photo *photo)
{
    read_bytes(
        state,
        make_png(&(struct png_sample){
            .width = 8, .height = 8, .colour_type = PNG_COLOR_TYPE_RGB, .bits = 8, .exif = exif}),
        photo);
}

static void read_facts(void **state, const struct exif_sample *sample, struct photo *photo)
{
    struct bytes exif = make_exif(sample);
    read_with(state, &exif, photo);
    free(exif.data);
}

/* Where in the file's picture of w x h the upright pixel (x,y) is, in the words of the EXIF
 * standard: "the 0th row is the visual top, the 0th column the visual left-hand side", ... */
static void stored_at(int orientation, int w, int h, int x, int y, int *column, int *row)
{
    static const char row_0[] = " ttbblrrl", column_0[] = " lrrlttbb";
    bool turned = orientation > 4; /* rows of the file run down the scene's sides */
    bool row_back = row_0[orientation] == 'b' || row_0[orientation] == 'r';
    bool column_back = column_0[orientation] == 'b' || column_0[orientation] == 'r';
    *row = turned ? x : y;
    *column = turned ? y : x;
    if (row_back)
        *row = h - 1 - *row;
    if (column_back)
        *column = w - 1 - *column;
}

static void png_is_turned_upright(void **state)
{
    static const struct {
        int colour_type, bits;
    } forms[] = {{PNG_COLOR_TYPE_RGB, 8}, {PNG_COLOR_TYPE_GRAY, 8}, {PNG_COLOR_TYPE_RGB, 16}};
    for (int orientation = 1; orientation <= 8; orientation++)
        for (size_t form = 0; form < COUNT(forms); form++) {
            struct bytes exif = make_exif(
                &(struct exif_sample){.orientation = orientation, .big_endian = orientation % 2});
            struct png_sample s = {.width = 150,
                                   .height = 70,
                                   .colour_type = forms[form].colour_type,
                                   .bits = forms[form].bits,
                                   .exif = &exif,
                                   .exif_at_end = form == 1};
            struct photo photo;
            read_bytes(state, make_png(&s), &photo);
            free(exif.data);
            assert_int_equal(photo.info.orientation, orientation);
            assert_int_equal(photo.image.width, orientation > 4 ? 70 : 150);
            assert_int_equal(photo.image.height, orientation > 4 ? 150 : 70);
            assert_int_equal(photo.picture.width, photo.image.width);
            for (int y = 0; y < photo.image.height; y++)
                for (int x = 0; x < photo.image.width; x++) {
                    int column, row;
                    stored_at(orientation, 150, 70, x, y, &column, &row);
                    for (int c = 0; c < 3; c++) {
                        unsigned v =
                            png_sample_value(column, row, form == 1 ? 0 : c, forms[form].bits);
                        unsigned shown = forms[form].bits == 16 ? (v * 255 + 32767) / 65535 : v;
                        int at = 3 * (y * photo.picture.width + x) + c;
                        assert_int_equal(photo.picture.data[at], shown);
                    }
                }
            photo_free(&photo);
        }
}

static void jpeg_is_turned_upright(void **state)
{
    for (int orientation = 1; orientation <= 8; orientation++)
        for (int progressive = 0; progressive < 2; progressive++) {
            struct bytes exif = make_exif(
                &(struct exif_sample){.orientation = orientation, .big_endian = progressive});
            struct photo photo;
            read_bytes(state,
                       make_jpeg(&(struct jpeg_sample){.width = 100,
                                                       .height = 60,
                                                       .colours = JCS_RGB,
                                                       .quality = 100,
                                                       .progressive = progressive,
                                                       .exif = &exif}),
                       &photo);
            free(exif.data);
            assert_int_equal(photo.info.orientation, orientation);
            assert_int_equal(photo.image.width, orientation > 4 ? 60 : 100);
            for (int y = 0; y < photo.image.height; y++)
                for (int x = 0; x < photo.image.width; x++) {
                    int column, row;
                    stored_at(orientation, 100, 60, x, y, &column, &row);
                    for (int c = 0; c < 3; c++) {
                        int at = 3 * (y * photo.picture.width + x) + c;
                        int expected = jpeg_sample_value(column, row, c);
                        assert_in_range(photo.picture.data[at] + 4, expected, expected + 8);
                    }
                }
            photo_free(&photo);
        }
}

static void a_wrong_orientation_means_upright(void **state)
{
    static const int wrong[] = {0, 9, 255, 65535};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct photo photo;
        read_facts(state, &(struct exif_sample){.orientation = wrong[i], .make = "x"}, &photo);
        assert_int_equal(photo.info.orientation, 1);
        photo_free(&photo);
    }
}

static void dates_are_taken_when_they_exist(void **state)
{
    static const struct {
        const char *original, *edited, *expected;
    } dates[] = {
        {"2026:05:01 10:00:00", "2026:06:02 11:12:13", "2026-05-01T10:00:00"},
        {NULL, "2026:06:02 11:12:13", "2026-06-02T11:12:13"},
        {"0000:00:00 00:00:00", "2026:06:02 11:12:13", "2026-06-02T11:12:13"},
        {"2024:02:29 23:59:59", NULL, "2024-02-29T23:59:59"},
        {"2023:02:29 10:00:00", NULL, ""},
        {"1900:02:29 10:00:00", NULL, ""},
        {"2026:13:01 10:00:00", NULL, ""},
        {"2026:04:31 10:00:00", NULL, ""},
        {"2026:04:00 10:00:00", NULL, ""},
        {"2026:05:01 24:00:00", NULL, ""},
        {"2026:05:01 10:60:00", NULL, ""},
        {"2026-05-01 10:00:00", NULL, ""},
        {"2026:05:01 10:00", NULL, ""},
        {"    :  :     :  :  ", NULL, ""},
        {"yesterday", "2026:05:01 10:00:0x", ""},
        {NULL, NULL, ""},
    };
    for (size_t i = 0; i < 2 * COUNT(dates); i++) {
        struct photo photo;
        read_facts(state,
                   &(struct exif_sample){.original = dates[i / 2].original,
                                         .edited = dates[i / 2].edited,
                                         .big_endian = i % 2},
                   &photo);
        assert_string_equal(photo.info.captured, dates[i / 2].expected);
        photo_free(&photo);
    }
}

static void the_camera_is_named_once(void **state)
{
    static const struct {
        const char *make, *model, *expected;
    } cameras[] = {
        {"Apple", "iPhone 13", "Apple iPhone 13"},
        {"Canon", "Canon EOS 80D", "Canon EOS 80D"},
        {"NIKON  ", " D750 ", "NIKON D750"},
        {"Make", NULL, "Make"},
        {NULL, "Model", "Model"},
        {"A\xc3\xa9\tB", "x", "A???B x"},
        {"A make that is far longer than any field for it", "and a model of the same excess, too",
         "A make that is far longer than and a model of the same excess,"},
        {NULL, NULL, ""},
    };
    for (size_t i = 0; i < COUNT(cameras); i++) {
        struct photo photo;
        read_facts(state, &(struct exif_sample){.make = cameras[i].make, .model = cameras[i].model},
                   &photo);
        assert_string_equal(photo.info.camera, cameras[i].expected);
        photo_free(&photo);
    }
}

static void the_shot_is_told(void **state)
{
    for (int big = 0; big < 2; big++) {
        struct photo photo;
        read_facts(state,
                   &(struct exif_sample){.big_endian = big,
                                         .software = "17.4.1 ",
                                         .lens = "back camera 5.7mm f/1.6",
                                         .exposure = 0.008,
                                         .f_number = 1.6,
                                         .focal = 5.7,
                                         .iso = 125,
                                         .focal_35 = 26},
                   &photo);
        assert_string_equal(photo.info.software, "17.4.1");
        assert_string_equal(photo.info.lens, "back camera 5.7mm f/1.6");
        assert_true(fabs(photo.info.exposure - 0.008) < 1e-9);
        assert_true(fabs(photo.info.f_number - 1.6) < 1e-9);
        assert_true(fabs(photo.info.focal - 5.7) < 1e-9);
        assert_true(fabs(photo.info.iso - 125) < 1e-9);
        assert_true(fabs(photo.info.focal_35 - 26) < 1e-9);
        assert_false(photo.info.claims_adobe_rgb);
        assert_string_equal(photo.info.profile, "sRGB");
        photo_free(&photo);
    }
}

/* Cameras set to Adobe RGB say so in EXIF alone. */
static void adobe_rgb_without_a_profile(void **state)
{
    struct photo photo;
    read_facts(state, &(struct exif_sample){.make = "Canon", .adobe_rgb = true}, &photo);
    assert_string_equal(photo.info.profile, "Adobe RGB (1998)");
    assert_int_equal(photo.info.profile_state, PROFILE_USED);
    photo_free(&photo);
}

/* Cut at every length and with every byte spoilt: no crash, and the picture is still read. */
static void damaged_exif_is_passed_over(void **state)
{
    struct bytes whole = make_exif(&(struct exif_sample){
        .orientation = 6, .original = "2026:05:01 10:00:00", .make = "Maker", .model = "Model"});
    struct photo photo;
    for (size_t size = 1; size < whole.size; size++) {
        struct bytes cut = {whole.data, size};
        read_with(state, &cut, &photo);
        assert_in_range(photo.info.orientation, 1, 8);
        photo_free(&photo);
    }
    for (size_t i = 0; i < whole.size; i++) {
        uint8_t kept = whole.data[i];
        whole.data[i] = (uint8_t)~kept;
        read_with(state, &whole, &photo);
        assert_in_range(photo.info.orientation, 1, 8);
        whole.data[i] = kept;
        photo_free(&photo);
    }
    free(whole.data);
}

/* Photos of one scene in each orientation, only a digit differing, where they are at hand. */
static void photos_of_one_scene_agree(void **state)
{
    (void)state;
    const char *base = getenv("STRIAE_TEST_DATA");
    static const char *const scenes[] = {"Landscape", "Portrait"};
    const struct io_limits large = {1e7, false, 1};
    for (size_t s = 0; s < COUNT(scenes); s++) {
        struct photo first = {0};
        for (int orientation = 1; orientation <= 8; orientation++) {
            struct photo photo;
            char path[800];
            (void)snprintf(path, sizeof path, "%s/files/exif_orientation/%s_%d.jpg",
                           base ? base : "", scenes[s], orientation);
            if (!base || io_read_photo(path, &large, &photo, NULL) != STRIAE_OK) {
                print_message("no folder files/exif_orientation in STRIAE_TEST_DATA\n");
                photo_free(&first);
                skip();
            }
            assert_int_equal(photo.info.orientation, orientation);
            if (orientation == 1)
                first = photo;
            assert_int_equal(photo.picture.width, first.picture.width);
            assert_int_equal(photo.picture.height, first.picture.height);
            size_t count = (size_t)photo.picture.width * (size_t)photo.picture.height * 3;
            double sum = 0;
            for (size_t i = 0; i < count; i++)
                sum += abs(photo.picture.data[i] - first.picture.data[i]);
            assert_true(sum / (double)count < 6);
            if (orientation > 1)
                photo_free(&photo);
        }
        photo_free(&first);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_place(png_is_turned_upright),
        in_place(jpeg_is_turned_upright),
        in_place(a_wrong_orientation_means_upright),
        in_place(dates_are_taken_when_they_exist),
        in_place(the_camera_is_named_once),
        in_place(the_shot_is_told),
        in_place(adobe_rgb_without_a_profile),
        in_place(damaged_exif_is_passed_over),
        cmocka_unit_test(photos_of_one_scene_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
