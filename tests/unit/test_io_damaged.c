/* io/: files that are broken, too large, or no photo at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/io.h"
#include "test_io_make.h"
#include "test_place.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct io_limits strict = {1e6, false, 1}, lenient = {1e6, true, 1};

/* Reads the bytes as a photo; checks that a failure is complete and its message begins with the
 * path. */
static striae_status read_as(void **state, const void *data, size_t size,
                             const struct io_limits *limits, struct photo *photo,
                             striae_error *error)
{
    static const struct photo nothing;
    const char *path = in(state, "photo");
    assert_int_equal(io_write_file(path, data, size, true, NULL), STRIAE_OK);
    striae_status status = io_read_photo(path, limits, photo, error);
    if (status != STRIAE_OK) {
        assert_int_equal(strncmp(error->message, path, strlen(path)), 0);
        assert_non_null(strchr(error->message, ';')); /* what is wrong; what to do */
        assert_int_equal(error->status, status);
        assert_memory_equal(photo, &nothing, sizeof nothing);
    }
    return status;
}

static void truncated_photos_are_damaged_at_any_length(void **state)
{
    struct bytes files[3] = {
        make_jpeg(
            &(struct jpeg_sample){.width = 64, .height = 48, .colours = JCS_YCbCr, .quality = 90}),
        make_jpeg(&(struct jpeg_sample){
            .width = 64, .height = 48, .colours = JCS_YCbCr, .quality = 90, .progressive = true}),
        make_png(&(struct png_sample){
            .width = 20, .height = 12, .colour_type = PNG_COLOR_TYPE_RGB, .bits = 8}),
    };
    for (size_t f = 0; f < COUNT(files); f++) {
        for (size_t size = 12; size < files[f].size; size++) {
            struct photo photo;
            striae_error error = {0};
            assert_int_equal(read_as(state, files[f].data, size, &strict, &photo, &error),
                             STRIAE_ERROR_DAMAGED);
        }
        free(files[f].data);
    }
}

static void a_truncated_photo_may_be_accepted(void **state)
{
    struct bytes jpeg = make_jpeg(
        &(struct jpeg_sample){.width = 64, .height = 480, .colours = JCS_RGB, .quality = 98});
    struct bytes png = make_png(&(struct png_sample){
        .width = 64, .height = 480, .colour_type = PNG_COLOR_TYPE_RGB, .bits = 8});
    struct photo photo;
    striae_error error = {0};
    assert_int_equal(read_as(state, jpeg.data, jpeg.size / 2, &strict, &photo, &error),
                     STRIAE_ERROR_DAMAGED);
    assert_non_null(strstr(error.message, "--accept-damaged"));
    assert_int_equal(read_as(state, jpeg.data, jpeg.size / 2, &lenient, &photo, &error), STRIAE_OK);
    for (int i = 0; i < 64; i++)
        assert_in_range(photo.picture.data[3 * i] + 5, jpeg_sample_value(i, 0, 0),
                        jpeg_sample_value(i, 0, 0) + 10);
    photo_free(&photo);
    assert_int_equal(read_as(state, png.data, png.size / 2, &strict, &photo, &error),
                     STRIAE_ERROR_DAMAGED);
    assert_non_null(strstr(error.message, "--accept-damaged"));
    assert_int_equal(read_as(state, png.data, png.size / 2, &lenient, &photo, &error), STRIAE_OK);
    for (int i = 0; i < 64; i++)
        assert_int_equal(photo.picture.data[3 * i], png_sample_value(i, 0, 0, 8));
    assert_int_equal(photo.picture.data[3 * 64 * 479], 0);
    photo_free(&photo);
    /* Nothing to accept where not even the header is whole. */
    assert_int_equal(read_as(state, png.data, 20, &lenient, &photo, &error), STRIAE_ERROR_DAMAGED);
    assert_null(strstr(error.message, "--accept-damaged"));
    assert_int_equal(read_as(state, jpeg.data, 20, &lenient, &photo, &error), STRIAE_ERROR_DAMAGED);
    free(jpeg.data);
    free(png.data);
}

/* One wrong bit anywhere in a PNG is found by its checksums. */
static void a_flipped_bit_in_a_png_is_damage(void **state)
{
    struct bytes file = make_png(&(struct png_sample){
        .width = 12, .height = 8, .colour_type = PNG_COLOR_TYPE_RGB, .bits = 8});
    for (size_t i = 8; i < file.size; i++) {
        struct photo photo;
        striae_error error = {0};
        file.data[i] ^= 4;
        striae_status status = read_as(state, file.data, file.size, &strict, &photo, &error);
        assert_true(status == STRIAE_ERROR_DAMAGED || status == STRIAE_ERROR_TOO_LARGE);
        file.data[i] ^= 4;
    }
    free(file.data);
}

static void the_pixel_limit_holds_before_anything_is_allocated(void **state)
{
    /* 60000 x 60000 by the header, a few bytes in truth: 14 GB if it were believed. */
    struct bytes png = make_png(&(struct png_sample){
        .width = 60000, .height = 1, .colour_type = PNG_COLOR_TYPE_GRAY, .bits = 1});
    struct bytes jpeg = make_jpeg(
        &(struct jpeg_sample){.width = 16, .height = 16, .colours = JCS_YCbCr, .quality = 90});
    struct photo photo;
    striae_error error = {0};
    struct io_limits limits = {59999, false, 1};
    assert_int_equal(read_as(state, png.data, png.size, &limits, &photo, &error),
                     STRIAE_ERROR_TOO_LARGE);
    assert_non_null(strstr(error.message, "60000 x 1"));
    limits.max_pixels = 60000;
    assert_int_equal(read_as(state, png.data, png.size, &limits, &photo, &error), STRIAE_OK);
    photo_free(&photo);
    for (size_t i = 2; i + 9 < jpeg.size; i++)
        if (jpeg.data[i] == 0xff && jpeg.data[i + 1] == 0xc0) { /* SOF0: height, width */
            memcpy(jpeg.data + i + 5, "\xea\x60\xea\x60", 4);
            break;
        }
    limits.max_pixels = 100e6;
    assert_int_equal(read_as(state, jpeg.data, jpeg.size, &limits, &photo, &error),
                     STRIAE_ERROR_TOO_LARGE);
    assert_non_null(strstr(error.message, "60000 x 60000"));
    free(png.data);
    free(jpeg.data);
}

static void longer_sides_than_65535_are_too_large(void **state)
{
    struct bytes png = make_png(&(struct png_sample){
        .width = 65536, .height = 1, .colour_type = PNG_COLOR_TYPE_GRAY, .bits = 1});
    struct photo photo;
    striae_error error = {0};
    assert_int_equal(read_as(state, png.data, png.size, &strict, &photo, &error),
                     STRIAE_ERROR_TOO_LARGE);
    free(png.data);
}

/* A JPEG of a few kB with more passes over the picture than any encoder makes. */
static void endless_scans_are_refused(void **state)
{
    struct bytes file = make_jpeg(&(struct jpeg_sample){
        .width = 64, .height = 64, .colours = JCS_GRAYSCALE, .quality = 50, .progressive = true});
    struct bytes bomb = {0};
    size_t scan = 0, end = 0;
    for (size_t i = 2; i + 1 < file.size && !end; i++)
        if (file.data[i] == 0xff && file.data[i + 1] == 0xda) {
            if (scan)
                end = i;
            else
                scan = i;
        }
    assert_true(scan > 0 && end > scan);
    /* The first scan ends where the next table or scan begins; repeat it all. */
    bytes_add(&bomb, file.data, end);
    for (int i = 0; i < 1000; i++)
        bytes_add(&bomb, file.data + scan, end - scan);
    bytes_add(&bomb, file.data + end, file.size - end);
    struct photo photo;
    striae_error error = {0};
    assert_int_equal(read_as(state, bomb.data, bomb.size, &lenient, &photo, &error),
                     STRIAE_ERROR_DAMAGED);
    assert_non_null(strstr(error.message, "scans"));
    free(file.data);
    free(bomb.data);
}

static void other_files_are_named_with_advice(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        striae_status status;
        const char *said;
    } others[] = {
        {"", 0, STRIAE_ERROR_FORMAT, "empty"},
        {"x", 1, STRIAE_ERROR_FORMAT, "not a picture"},
        {"Dear doctor, here are the photos", 32, STRIAE_ERROR_FORMAT, "not a picture"},
#ifndef STRIAE_HEIF
        {"\0\0\0\x18"
         "ftypheic\0\0\0\0",
         16, STRIAE_ERROR_UNSUPPORTED, "heif-convert"},
        {"\0\0\0\x18"
         "ftypmif1\0\0\0\0",
         16, STRIAE_ERROR_UNSUPPORTED, "HEIC"},
        {"\0\0\0\x18"
         "ftypavif\0\0\0\0",
         16, STRIAE_ERROR_UNSUPPORTED, "AVIF"},
#endif
        {"\0\0\0\x18"
         "ftypmp42\0\0\0\0",
         16, STRIAE_ERROR_FORMAT, "video"},
#ifndef STRIAE_TIFF
        {"II*\0\x08\0\0\0", 8, STRIAE_ERROR_UNSUPPORTED, "TIFF"},
        {"MM\0*\0\0\0\x08", 8, STRIAE_ERROR_UNSUPPORTED, "TIFF"},
#endif
        {"II*\0\x10\0\0\0CR\2\0", 12, STRIAE_ERROR_UNSUPPORTED, "raw"},
        {"\0\0\0\x18"
         "ftypcrx \0\0\0\0",
         16, STRIAE_ERROR_UNSUPPORTED, "raw"},
        {"FUJIFILMCCD-RAW 0201", 20, STRIAE_ERROR_UNSUPPORTED, "develop"},
        {"IIRO\x08\0\0\0", 8, STRIAE_ERROR_UNSUPPORTED, "raw"},
        {"FOVb\0\0\1\0", 8, STRIAE_ERROR_UNSUPPORTED, "raw"},
        {"GIF89a\1\0\1\0", 10, STRIAE_ERROR_UNSUPPORTED, "GIF"},
        {"RIFF\x10\0\0\0WEBPVP8 ", 16, STRIAE_ERROR_UNSUPPORTED, "WebP"},
        {"BM\x46\0\0\0\0\0\0\0\x36\0", 12, STRIAE_ERROR_UNSUPPORTED, "BMP"},
        {"\0\0\0\x0cjP  \r\n\x87\n", 12, STRIAE_ERROR_UNSUPPORTED, "JPEG 2000"},
        {"\xff\x0a\xfa\x1f", 4, STRIAE_ERROR_UNSUPPORTED, "JPEG XL"},
        {"8BPS\0\1", 6, STRIAE_ERROR_UNSUPPORTED, "Photoshop"},
        {"%PDF-1.7\n", 9, STRIAE_ERROR_FORMAT, "PDF"},
    };
    struct photo photo;
    striae_error error;
    for (size_t i = 0; i < COUNT(others); i++) {
        assert_int_equal(read_as(state, others[i].bytes, others[i].size, &strict, &photo, &error),
                         others[i].status);
        if (!strstr(error.message, others[i].said))
            fail_msg("%s: \"%s\" is missing", error.message, others[i].said);
        assert_false(io_is_photo(in(state, "photo")));
    }
    char dicom[200] = {0};
    memcpy(dicom + 128, "DICM", 4);
    assert_int_equal(read_as(state, dicom, sizeof dicom, &strict, &photo, &error),
                     STRIAE_ERROR_UNSUPPORTED);
    assert_non_null(strstr(error.message, "DICOM"));
    assert_non_null(strstr(error.message, "dcmj2pnm"));
}

static void what_is_no_file_says_so(void **state)
{
    struct photo photo;
    striae_error error = {0};
    assert_int_equal(io_read_photo(in(state, "none.jpg"), &strict, &photo, &error),
                     STRIAE_ERROR_NOT_FOUND);
    assert_non_null(strstr(error.message, "no such file"));
    assert_int_equal(io_read_photo(*state, &strict, &photo, &error), STRIAE_ERROR_NOT_FOUND);
    assert_non_null(strstr(error.message, "a folder"));
    assert_false(io_is_photo(*state));
    assert_false(io_is_photo(in(state, "none.jpg")));
    assert_int_equal(mkfifo(in(state, "pipe"), 0600), 0);
    assert_false(io_is_photo(in(state, "pipe"))); /* and does not wait for it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_place(truncated_photos_are_damaged_at_any_length),
        in_place(a_truncated_photo_may_be_accepted),
        in_place(a_flipped_bit_in_a_png_is_damage),
        in_place(the_pixel_limit_holds_before_anything_is_allocated),
        in_place(longer_sides_than_65535_are_too_large),
        in_place(endless_scans_are_refused),
        in_place(other_files_are_named_with_advice),
        in_place(what_is_no_file_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
