/* io/: every form of JPEG and PNG gives the right pixels. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>

#include "colour/colour.h"
#include "test_io_read.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void expect_pixel(const struct photo *photo, int x, int y, const double linear[3],
                         const double shown[3], double tolerance)
{
    for (int c = 0; c < 3; c++) {
        double got = plane_row(&photo->image.channel[c], y)[x];
        int got8 = photo->picture.data[3 * (y * photo->picture.width + x) + c];
        if (fabs(got - linear[c]) > 1e-6 + tolerance / 100 ||
            fabs(got8 - shown[c]) > 0.5001 + tolerance)
            fail_msg("(%d,%d) channel %d: %.7f, expected %.7f; shown %d, expected %.3f", x, y, c,
                     got, linear[c], got8, shown[c]);
    }
}

/* ---- PNG ------------------------------------------------------------------------------------ */

/* What pixel (x,y) of the sample is, by the PNG standard: encoded 0..1, and alpha. */
static double png_truth(const struct png_sample *s, int x, int y, double encoded[3])
{
    double most = (1 << s->bits) - 1;
    unsigned value[4];
    for (int c = 0; c < 4; c++)
        value[c] = png_sample_value(x, y, c, s->bits);
    switch (s->colour_type) {
    case PNG_COLOR_TYPE_PALETTE: {
        png_color colour = png_sample_palette(value[0]);
        encoded[0] = colour.red / 255.0;
        encoded[1] = colour.green / 255.0;
        encoded[2] = colour.blue / 255.0;
        return s->transparency && value[0] == TRANSPARENT ? 100 / 255.0 : 1;
    }
    case PNG_COLOR_TYPE_GRAY:
    case PNG_COLOR_TYPE_GRAY_ALPHA:
        encoded[0] = encoded[1] = encoded[2] = value[0] / most;
        if (s->colour_type == PNG_COLOR_TYPE_GRAY_ALPHA)
            return value[1] / most;
        return s->transparency && value[0] == TRANSPARENT ? 0 : 1;
    default:
        for (int c = 0; c < 3; c++)
            encoded[c] = value[c] / most;
        return s->colour_type == PNG_COLOR_TYPE_RGB_ALPHA ? value[3] / most : 1;
    }
}

static void check_png(void **state, const struct png_sample *s)
{
    struct photo photo;
    read_bytes(state, make_png(s), &photo);
    assert_string_equal(photo.info.format, "png");
    assert_int_equal(photo.image.width, s->width);
    assert_int_equal(photo.image.height, s->height);
    assert_int_equal(photo.picture.width, s->width);
    assert_int_equal(photo.info.bits, s->colour_type == PNG_COLOR_TYPE_PALETTE ? 8 : s->bits);
    assert_int_equal(photo.info.grey, !(s->colour_type & PNG_COLOR_MASK_COLOR));
    assert_int_equal(photo.info.jpeg_quality, 0);
    assert_int_equal(photo.info.orientation, 1);
    for (int y = 0; y < s->height; y++)
        for (int x = 0; x < s->width; x++) {
            double encoded[3], linear[3], shown[3];
            double alpha = png_truth(s, x, y, encoded);
            for (int c = 0; c < 3; c++) {
                linear[c] = colour_srgb_decode(encoded[c]) * alpha;
                shown[c] = 255 * colour_srgb_encode(linear[c]);
            }
            expect_pixel(&photo, x, y, linear, shown, 0);
        }
    photo_free(&photo);
}

static void every_png_colour_type_and_depth(void **state)
{
    static const struct {
        int colour_type, bits[6];
    } forms[] = {
        {PNG_COLOR_TYPE_GRAY, {1, 2, 4, 8, 16}}, {PNG_COLOR_TYPE_RGB, {8, 16}},
        {PNG_COLOR_TYPE_PALETTE, {1, 2, 4, 8}},  {PNG_COLOR_TYPE_GRAY_ALPHA, {8, 16}},
        {PNG_COLOR_TYPE_RGB_ALPHA, {8, 16}},
    };
    for (size_t i = 0; i < COUNT(forms); i++)
        for (const int *bits = forms[i].bits; *bits; bits++)
            for (int interlaced = 0; interlaced < 2; interlaced++)
                check_png(state, &(struct png_sample){.width = 77,
                                                      .height = 21,
                                                      .colour_type = forms[i].colour_type,
                                                      .bits = *bits,
                                                      .interlaced = interlaced});
}

static void transparent_png_colours_lie_on_black(void **state)
{
    static const struct png_sample samples[] = {
        {.width = 40, .height = 9, .colour_type = PNG_COLOR_TYPE_PALETTE, .bits = 2},
        {.width = 40, .height = 9, .colour_type = PNG_COLOR_TYPE_GRAY, .bits = 2},
        {.width = 40, .height = 9, .colour_type = PNG_COLOR_TYPE_GRAY, .bits = 16},
    };
    for (size_t i = 0; i < COUNT(samples); i++) {
        struct png_sample sample = samples[i];
        sample.transparency = true;
        check_png(state, &sample);
    }
}

static void one_pixel_is_a_picture(void **state)
{
    check_png(state, &(struct png_sample){
                         .width = 1, .height = 1, .colour_type = PNG_COLOR_TYPE_RGB, .bits = 8});
}

/* Photo programs have written faulty colour profiles for years; the pixels are whole. */
static void a_faulty_profile_is_no_damage(void **state)
{
    check_png(state, &(struct png_sample){.width = 9,
                                          .height = 9,
                                          .colour_type = PNG_COLOR_TYPE_RGB,
                                          .bits = 8,
                                          .odd_profile = true});
}

/* ---- JPEG ----------------------------------------------------------------------------------- */

static void every_jpeg_form(void **state)
{
    static const J_COLOR_SPACE colours[] = {JCS_GRAYSCALE, JCS_YCbCr, JCS_RGB};
    for (int form = 0; form < 6; form++) {
        struct jpeg_sample s = {.width = 83,
                                .height = 45,
                                .colours = colours[form / 2],
                                .quality = 98,
                                .progressive = form % 2};
        struct photo photo;
        read_bytes(state, make_jpeg(&s), &photo);
        assert_string_equal(photo.info.format, "jpeg");
        assert_int_equal(photo.info.bits, 8);
        assert_int_equal(photo.info.jpeg_quality, 98);
        assert_int_equal(photo.info.grey, s.colours == JCS_GRAYSCALE);
        assert_int_equal(photo.image.width, 83);
        assert_int_equal(photo.image.height, 45);
        for (int y = 0; y < 45; y++)
            for (int x = 0; x < 83; x++) {
                double linear[3], shown[3];
                for (int c = 0; c < 3; c++) {
                    shown[c] = jpeg_sample_value(x, y, photo.info.grey ? 0 : c);
                    linear[c] = colour_srgb_decode(shown[c] / 255);
                }
                expect_pixel(&photo, x, y, linear, shown, 4);
                for (int c = 0; c < 3; c++) { /* the two pictures agree exactly */
                    int at = 3 * (y * 83 + x) + c;
                    float decoded = (float)colour_srgb_decode(photo.picture.data[at] / 255.0);
                    assert_true(plane_row(&photo.image.channel[c], y)[x] == decoded);
                }
            }
        photo_free(&photo);
    }
}

static void jpeg_quality_is_that_of_the_encoder(void **state)
{
    for (int quality = 5; quality <= 100; quality += 5) {
        struct photo photo;
        read_bytes(state,
                   make_jpeg(&(struct jpeg_sample){
                       .width = 16, .height = 16, .colours = JCS_YCbCr, .quality = quality}),
                   &photo);
        assert_int_equal(photo.info.jpeg_quality, quality);
        photo_free(&photo);
    }
}

static void cmyk_is_refused_with_advice(void **state)
{
    static const J_COLOR_SPACE colours[] = {JCS_CMYK, JCS_YCCK};
    for (size_t i = 0; i < COUNT(colours); i++) {
        struct photo photo;
        striae_error error = {0};
        const char *path = in(state, "cmyk.jpg");
        struct bytes file = make_jpeg(
            &(struct jpeg_sample){.width = 32, .height = 32, .colours = colours[i], .quality = 90});
        assert_int_equal(io_write_file(path, file.data, file.size, true, NULL), STRIAE_OK);
        free(file.data);
        assert_int_equal(io_read_photo(path, &limits, &photo, &error), STRIAE_ERROR_UNSUPPORTED);
        assert_int_equal(strncmp(error.message, path, strlen(path)), 0);
        assert_non_null(strstr(error.message, "CMYK"));
        assert_non_null(strstr(error.message, "convert"));
        assert_null(photo.picture.data);
    }
}

static void rare_kinds_of_jpeg_are_unsupported_not_damaged(void **state)
{
    static const struct {
        int offset; /* from the frame header's 0xff */
        uint8_t byte;
    } kinds[] = {{1, 0xc3}, {1, 0xc5}, {4, 12}}; /* lossless, hierarchical, 12 bits */
    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct photo photo;
        striae_error error = {0};
        struct bytes file = make_jpeg(
            &(struct jpeg_sample){.width = 32, .height = 32, .colours = JCS_YCbCr, .quality = 90});
        uint8_t *frame = memmem(file.data, file.size, "\xff\xc0", 2);
        assert_non_null(frame);
        frame[kinds[i].offset] = kinds[i].byte;
        assert_int_equal(io_write_file(in(state, "rare"), file.data, file.size, true, NULL),
                         STRIAE_OK);
        free(file.data);
        assert_int_equal(io_read_photo(in(state, "rare"), &limits, &photo, &error),
                         STRIAE_ERROR_UNSUPPORTED);
    }
}

/* ---- written and read back ------------------------------------------------------------------ */

static void written_pictures_read_back_exactly(void **state)
{
    struct rgb8 picture;
    struct mask mask;
    struct labels labels, back;
    struct photo photo;
    assert_int_equal(rgb8_init(&picture, 70, 33, NULL), STRIAE_OK);
    assert_int_equal(mask_init(&mask, 70, 33, NULL), STRIAE_OK);
    assert_int_equal(labels_init(&labels, 70, 33, NULL), STRIAE_OK);
    for (int i = 0; i < 70 * 33; i++) {
        for (int c = 0; c < 3; c++)
            picture.data[3 * i + c] = (uint8_t)(i * 7 + c * 91);
        mask.data[i] = i % 5 ? 0 : 255;
        labels.data[i] = (uint16_t)(i * 31);
    }
    assert_int_equal(io_write_rgb(in(state, "rgb.png"), &picture, false, NULL), STRIAE_OK);
    assert_int_equal(io_write_mask(in(state, "mask.png"), &mask, false, NULL), STRIAE_OK);
    assert_int_equal(io_write_labels(in(state, "labels.png"), &labels, false, NULL), STRIAE_OK);
    assert_int_equal(io_write_labels(in(state, "labels.png"), &labels, false, NULL),
                     STRIAE_ERROR_OUTPUT);

    assert_int_equal(io_read_photo(in(state, "rgb.png"), &limits, &photo, NULL), STRIAE_OK);
    assert_memory_equal(photo.picture.data, picture.data, 70 * 33 * 3);
    photo_free(&photo);
    assert_int_equal(io_read_labels(in(state, "labels.png"), &back, NULL), STRIAE_OK);
    assert_memory_equal(back.data, labels.data, 70 * 33 * sizeof *labels.data);
    labels_free(&back);
    assert_int_equal(io_read_labels(in(state, "mask.png"), &back, NULL), STRIAE_OK);
    for (int i = 0; i < 70 * 33; i++)
        assert_int_equal(back.data[i], mask.data[i]);
    labels_free(&back);
    assert_int_equal(io_read_labels(in(state, "rgb.png"), &back, NULL), STRIAE_ERROR_UNSUPPORTED);
    assert_null(back.data);
    rgb8_free(&picture);
    mask_free(&mask);
    labels_free(&labels);
}

static void the_same_picture_gives_the_same_bytes(void **state)
{
    struct mask mask;
    char *data[2];
    size_t size[2];
    assert_int_equal(mask_init(&mask, 64, 64, NULL), STRIAE_OK);
    mask.data[100] = 255;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(io_write_mask(in(state, "mask.png"), &mask, true, NULL), STRIAE_OK);
        assert_int_equal(io_read_file(in(state, "mask.png"), &data[i], &size[i], NULL), STRIAE_OK);
    }
    assert_int_equal(size[0], size[1]);
    assert_memory_equal(data[0], data[1], size[0]);
    free(data[0]);
    free(data[1]);
    mask_free(&mask);
}

static void encoded_jpeg_reads_back(void **state)
{
    struct rgb8 picture;
    assert_int_equal(rgb8_init(&picture, 48, 40, NULL), STRIAE_OK);
    for (int y = 0; y < 40; y++)
        for (int x = 0; x < 48; x++)
            for (int c = 0; c < 3; c++)
                picture.data[3 * (y * 48 + x) + c] = jpeg_sample_value(x, y, c);
    for (int quality = 80; quality <= 95; quality += 15) {
        unsigned char *data;
        size_t size;
        struct photo photo;
        assert_int_equal(io_encode_jpeg(&picture, quality, &data, &size, NULL), STRIAE_OK);
        read_bytes(state, (struct bytes){data, size}, &photo);
        assert_int_equal(photo.info.jpeg_quality, quality);
        for (int i = 0; i < 48 * 40 * 3; i++)
            assert_in_range(photo.picture.data[i] + 12, picture.data[i], picture.data[i] + 24);
        photo_free(&photo);
    }
    rgb8_free(&picture);
}

/* More than the encoder's first buffer. */
static void a_large_jpeg_is_whole(void **state)
{
    struct rgb8 picture;
    unsigned char *data;
    size_t size;
    struct photo photo;
    assert_int_equal(rgb8_init(&picture, 500, 400, NULL), STRIAE_OK);
    for (int i = 0; i < 500 * 400 * 3; i++)
        picture.data[i] = (uint8_t)png_sample_value(i, 0, 0, 8);
    assert_int_equal(io_encode_jpeg(&picture, 100, &data, &size, NULL), STRIAE_OK);
    assert_true(size > 200000);
    read_bytes(state, (struct bytes){data, size}, &photo);
    for (int i = 0; i < 500 * 400 * 3; i++)
        assert_in_range(photo.picture.data[i] + 8, picture.data[i], picture.data[i] + 16);
    photo_free(&photo);
    rgb8_free(&picture);
}

/* ---- published test pictures, where they are at hand ---------------------------------------- */

/* PngSuite: every picture reads but those whose name begins with x, which are broken. */
static void png_suite(void **state)
{
    (void)state;
    const char *base = getenv("STRIAE_TEST_DATA");
    char folder[400], path[800];
    (void)snprintf(folder, sizeof folder, "%s/files/pngsuite", base ? base : "");
    DIR *open = base ? opendir(folder) : NULL;
    if (!open) {
        print_message("no folder files/pngsuite in STRIAE_TEST_DATA\n");
        skip();
    }
    int good = 0, broken = 0;
    for (struct dirent *entry; (entry = readdir(open));) {
        const char *end = strrchr(entry->d_name, '.');
        if (!end || strcmp(end, ".png") != 0)
            continue;
        struct photo photo;
        striae_error error = {0};
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        striae_status status = io_read_photo(path, &limits, &photo, &error);
        if (entry->d_name[0] == 'x') {
            assert_true(status == STRIAE_ERROR_DAMAGED || status == STRIAE_ERROR_FORMAT);
            broken++;
        } else {
            if (status != STRIAE_OK)
                fail_msg("%s", error.message);
            good++;
        }
        photo_free(&photo);
    }
    closedir(open);
    assert_true(good > 100 && broken > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_place(every_png_colour_type_and_depth),
        in_place(transparent_png_colours_lie_on_black),
        in_place(one_pixel_is_a_picture),
        in_place(a_faulty_profile_is_no_damage),
        in_place(every_jpeg_form),
        in_place(jpeg_quality_is_that_of_the_encoder),
        in_place(cmyk_is_refused_with_advice),
        in_place(rare_kinds_of_jpeg_are_unsupported_not_damaged),
        in_place(written_pictures_read_back_exactly),
        in_place(the_same_picture_gives_the_same_bytes),
        in_place(encoded_jpeg_reads_back),
        in_place(a_large_jpeg_is_whole),
        cmocka_unit_test(png_suite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
