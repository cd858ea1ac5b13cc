/* io/: colours as the file's profile or tags mean them. */
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
#include "test_io_read.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define SIDE         24 /* colours in a row of the test picture */
#define PATCH        8  /* px, so that a JPEG keeps each colour */

/* ---- the same colours in several spaces ---- */

/* Colour i of the picture in linear sRGB: light enough that two roundings to 8 bits stay under 0.5
 * dE2000. */
static void colour_of(int i, double rgb[3])
{
    for (int c = 0; c < 3; c++)
        rgb[c] = 0.18 + 0.75 * png_sample_value(i, 7, c, 10) / 1023.0;
}

/* Linear sRGB to linear Display P3, from the primaries by hand: both have D65. */
static void to_p3(const double rgb[3], double p3[3])
{
    static const double m[3][3] = {{0.8224621, 0.1775380, 0.0000000},
                                   {0.0331941, 0.9668058, 0.0000000},
                                   {0.0170827, 0.0723974, 0.9105199}};
    for (int c = 0; c < 3; c++)
        p3[c] = m[c][0] * rgb[0] + m[c][1] * rgb[1] + m[c][2] * rgb[2];
}

static void as_is(const double rgb[3], double to[3])
{
    memcpy(to, rgb, 3 * sizeof *to);
}

/* The picture's samples in a space with the curve of sRGB; PATCH px a colour. */
static uint16_t *samples_in(void (*space)(const double[3], double[3]), int bits)
{
    uint16_t *to = malloc(sizeof *to * 3 * SIDE * PATCH * SIDE * PATCH);
    assert_non_null(to);
    for (int y = 0; y < SIDE * PATCH; y++)
        for (int x = 0; x < SIDE * PATCH; x++) {
            double rgb[3], own[3];
            colour_of(y / PATCH * SIDE + x / PATCH, rgb);
            space(rgb, own);
            for (int c = 0; c < 3; c++)
                to[3 * (y * SIDE * PATCH + x) + c] =
                    (uint16_t)lround(colour_srgb_encode(own[c]) * ((1 << bits) - 1));
        }
    return to;
}

static struct bytes png_of(const uint16_t *samples, int bits, const struct bytes *icc)
{
    struct bytes chunk = {0};
    if (icc)
        chunk = iccp_chunk(icc);
    const struct png_extra extra[] = {{icc ? "iCCP" : NULL, chunk.data, chunk.size}, {0}};
    struct bytes file = make_png(&(struct png_sample){.width = SIDE * PATCH,
                                                      .height = SIDE * PATCH,
                                                      .colour_type = PNG_COLOR_TYPE_RGB,
                                                      .bits = bits,
                                                      .extra = extra,
                                                      .pixels = samples});
    free(chunk.data);
    return file;
}

static struct bytes jpeg_of(const uint16_t *samples, const struct bytes *icc, unsigned piece,
                            int lost)
{
    uint8_t *narrow = malloc(3 * SIDE * PATCH * SIDE * PATCH);
    assert_non_null(narrow);
    for (int i = 0; i < 3 * SIDE * PATCH * SIDE * PATCH; i++)
        narrow[i] = (uint8_t)samples[i];
    struct bytes file = make_jpeg(&(struct jpeg_sample){.width = SIDE * PATCH,
                                                        .height = SIDE * PATCH,
                                                        .colours = JCS_RGB,
                                                        .quality = 100,
                                                        .icc = icc,
                                                        .icc_piece = piece,
                                                        .icc_lost = lost,
                                                        .pixels = narrow});
    free(narrow);
    return file;
}

static void pixel_of(const struct photo *photo, int x, int y, double rgb[3])
{
    for (int c = 0; c < 3; c++)
        rgb[c] = plane_row(&photo->image.channel[c], y)[x];
}

/* Largest dE2000 of two photos, or of one (second NULL) and what it was made from. */
static double largest_difference(const struct photo *first, const struct photo *second)
{
    double largest = 0;
    for (int i = 0; i < SIDE * SIDE; i++) {
        int x = i % SIDE * PATCH + PATCH / 2, y = i / SIDE * PATCH + PATCH / 2;
        double a[3], b[3];
        pixel_of(first, x, y, a);
        if (second)
            pixel_of(second, x, y, b);
        else
            colour_of(i, b);
        double d = colour_delta_e00(colour_lab(a[0], a[1], a[2]), colour_lab(b[0], b[1], b[2]));
        largest = fmax(largest, d);
    }
    return largest;
}

/* Largest dE2000 between what was read from the 8-bit P3 samples and what they mean by the
 * formulas, without any rounding: all that differs more between two files is their 8 bits. */
static double largest_own_error(const struct photo *photo, const uint16_t *samples)
{
    static const double m[3][3] = {{1.2249402, -0.2249402, 0.0000000},
                                   {-0.0420570, 1.0420570, 0.0000000},
                                   {-0.0196376, -0.0786361, 1.0982737}};
    double largest = 0;
    for (int i = 0; i < SIDE * SIDE; i++) {
        int x = i % SIDE * PATCH + PATCH / 2, y = i / SIDE * PATCH + PATCH / 2;
        double read[3], p3[3], rgb[3];
        pixel_of(photo, x, y, read);
        for (int c = 0; c < 3; c++)
            p3[c] = colour_srgb_decode(samples[3 * (y * SIDE * PATCH + x) + c] / 255.0);
        for (int c = 0; c < 3; c++)
            rgb[c] = m[c][0] * p3[0] + m[c][1] * p3[1] + m[c][2] * p3[2];
        double d = colour_delta_e00(colour_lab(read[0], read[1], read[2]),
                                    colour_lab(rgb[0], rgb[1], rgb[2]));
        largest = fmax(largest, d);
    }
    return largest;
}

static void p3_and_srgb_files_of_the_same_colours_agree(void **state)
{
    struct bytes icc = icc_bytes(icc_matrix(&icc_p3, 0), "Display P3");
    uint16_t *srgb8 = samples_in(as_is, 8), *p3_8 = samples_in(to_p3, 8);
    uint16_t *p3_16 = samples_in(to_p3, 16);
    struct photo plain, png, jpeg, wide, table, wrong;
    read_bytes(state, png_of(srgb8, 8, NULL), &plain);
    read_bytes(state, png_of(p3_8, 8, &icc), &png);
    read_bytes(state, jpeg_of(p3_8, &icc, 100, 0), &jpeg);
    read_bytes(state, png_of(p3_16, 16, &icc), &wide);
    read_bytes(state, png_of(p3_8, 8, NULL), &wrong);
    struct bytes icc_of_table = icc_bytes(icc_table(icc_matrix(&icc_p3, 0)), "Camera");
    read_bytes(state, png_of(p3_16, 16, &icc_of_table), &table);
    assert_string_equal(plain.info.profile, "sRGB");
    assert_int_equal(plain.info.profile_state, PROFILE_MISSING);
    assert_string_equal(png.info.profile, "Display P3");
    assert_string_equal(jpeg.info.profile, "Display P3");
    assert_string_equal(table.info.profile, "Camera");
    assert_int_equal(png.info.profile_state, PROFILE_USED);
    assert_int_equal(table.info.profile_state, PROFILE_USED);
    print_message("largest dE2000: 8-bit sRGB file %.3f, P3 %.3f, of each other %.3f, in JPEG "
                  "%.3f, 16 bits %.4f, table %.3f\n",
                  largest_difference(&plain, NULL), largest_difference(&png, NULL),
                  largest_difference(&plain, &png), largest_difference(&plain, &jpeg),
                  largest_difference(&wide, NULL), largest_difference(&table, NULL));
    assert_true(largest_difference(&plain, NULL) < 0.5);
    assert_true(largest_difference(&png, NULL) < 0.5);
    assert_true(largest_difference(&plain, &wide) < 0.5);
    assert_true(largest_difference(&plain, &png) < 0.7); /* both rounded to 8 bits, ... */
    print_message("of what the P3 file's bits mean: %.4f\n", largest_own_error(&png, p3_8));
    assert_true(largest_own_error(&png, p3_8) < 0.01);    /* ... and nothing else */
    assert_true(largest_difference(&plain, &jpeg) < 1.0); /* JPEG adds its own */
    assert_true(largest_difference(&wide, NULL) < 0.01);  /* 16 bits stay 16 bits */
    assert_true(largest_difference(&table, NULL) < 0.3);
    assert_true(largest_difference(&plain, &wrong) > 3); /* it matters */
    struct photo *photos[] = {&plain, &png, &jpeg, &wide, &table, &wrong};
    for (size_t i = 0; i < COUNT(photos); i++)
        photo_free(photos[i]);
    free(icc.data);
    free(icc_of_table.data);
    free(srgb8);
    free(p3_8);
    free(p3_16);
}

/* A picture of one colour with these chunks, sample values 0..255. */
static void read_colour(void **state, const struct png_extra *extra, int r, int g, int b,
                        struct photo *photo, double rgb[3])
{
    uint16_t pixels[12];
    for (int i = 0; i < 12; i++)
        pixels[i] = (uint16_t)(i % 3 == 0 ? r : i % 3 == 1 ? g : b);
    read_bytes(state,
               make_png(&(struct png_sample){.width = 2,
                                             .height = 2,
                                             .colour_type = PNG_COLOR_TYPE_RGB,
                                             .bits = 8,
                                             .extra = extra,
                                             .pixels = pixels}),
               photo);
    pixel_of(photo, 0, 0, rgb);
}

static void expect_colour(const double got[3], double r, double g, double b, double tolerance)
{
    const double want[3] = {r, g, b};
    for (int c = 0; c < 3; c++)
        if (!(fabs(got[c] - want[c]) < tolerance))
            fail_msg("channel %d: %.5f, expected %.5f", c, got[c], want[c]);
}

static void read_icc(void **state, struct bytes icc, int r, int g, int b, struct photo *photo,
                     double rgb[3])
{
    struct bytes chunk = iccp_chunk(&icc);
    const struct png_extra extra[] = {{"iCCP", chunk.data, chunk.size}, {0}};
    read_colour(state, extra, r, g, b, photo, rgb);
    photo_free(photo);
    free(chunk.data);
    free(icc.data);
}

static void colours_beyond_srgb_are_kept(void **state)
{
    struct photo photo;
    double rgb[3];
    read_icc(state, icc_bytes(icc_matrix(&icc_p3, 0), "P3"), 255, 0, 0, &photo, rgb);
    expect_colour(rgb, 1.2249, -0.0420, -0.0197, 2e-4);
    read_icc(state, icc_bytes(icc_matrix(&icc_adobe, 2.19921875), "A"), 0, 255, 0, &photo, rgb);
    expect_colour(rgb, -0.3984, 1.0, -0.0429, 3e-4);
    read_icc(state, icc_bytes(icc_table(icc_matrix(&icc_p3, 0)), "T"), 255, 0, 0, &photo, rgb);
    expect_colour(rgb, 1.2249, -0.0420, -0.0197, 5e-3);
}

/* An sRGB profile changes nothing, to the last bit. */
static void an_srgb_profile_is_srgb(void **state)
{
    struct bytes icc = icc_bytes(cmsCreate_sRGBProfile(), "sRGB IEC61966-2.1");
    uint16_t *samples = samples_in(as_is, 8);
    struct photo plain, tagged;
    read_bytes(state, png_of(samples, 8, NULL), &plain);
    read_bytes(state, png_of(samples, 8, &icc), &tagged);
    assert_int_equal(tagged.info.profile_state, PROFILE_USED);
    assert_string_equal(tagged.info.profile, "sRGB IEC61966-2.1");
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < plain.image.height; y++)
            assert_memory_equal(plane_row(&plain.image.channel[c], y),
                                plane_row(&tagged.image.channel[c], y),
                                sizeof(float) * (size_t)plain.image.width);
    photo_free(&plain);
    photo_free(&tagged);
    free(samples);
    free(icc.data);
}

static void grey_pictures_take_grey_and_colour_profiles(void **state)
{
    struct bytes profiles[2] = {icc_bytes(icc_grey(1.8), "Grey 1.8"),
                                icc_bytes(icc_matrix(&icc_p3, 1.8), "P3 1.8")};
    for (size_t i = 0; i < COUNT(profiles); i++) {
        struct bytes chunk = iccp_chunk(&profiles[i]);
        const struct png_extra extra[] = {{"iCCP", chunk.data, chunk.size}, {0}};
        for (int bits = 8; bits <= 16; bits += 8) {
            struct photo photo;
            read_bytes(state,
                       make_png(&(struct png_sample){.width = 40,
                                                     .height = 9,
                                                     .colour_type = PNG_COLOR_TYPE_GRAY,
                                                     .bits = bits,
                                                     .extra = extra}),
                       &photo);
            assert_int_equal(photo.info.profile_state, PROFILE_USED);
            for (int x = 0; x < 40; x++) {
                double rgb[3], v = png_sample_value(x, 3, 0, bits) / (pow(2, bits) - 1);
                pixel_of(&photo, x, 3, rgb);
                expect_colour(rgb, pow(v, 1.8), pow(v, 1.8), pow(v, 1.8), 1e-4);
            }
            photo_free(&photo);
        }
        free(chunk.data);
        free(profiles[i].data);
    }
}

/* Each is read as sRGB, and says so. */
static void broken_profiles_are_told(void **state)
{
    struct bytes cases[5] = {
        icc_bytes(icc_matrix(&icc_p3, 0), "cut short"),
        icc_bytes(icc_grey(2.2), "grey in a colour picture"),
        icc_bytes(cmsCreateLab4Profile(NULL), "Lab is no camera's space"),
        icc_bytes(icc_matrix(&icc_p3, 0), "no profile at all"),
        icc_bytes(icc_matrix(&icc_p3, 0), "colours beyond reason"),
    };
    cases[0].size = cases[0].size / 2;
    memset(cases[3].data, 'x', cases[3].size);
    for (size_t i = 128; i + 20 < cases[4].size; i++) /* the red primary: 30000 instead of 0.5 */
        if (memcmp(cases[4].data + i, "XYZ \0\0\0\0", 8) == 0)
            cases[4].data[i + 8] = 0x75;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct photo photo;
        double rgb[3];
        read_icc(state, cases[i], 200, 100, 50, &photo, rgb);
        expect_colour(rgb, colour_srgb_decode(200 / 255.0), colour_srgb_decode(100 / 255.0),
                      colour_srgb_decode(50 / 255.0), 1e-6);
    }
    /* The state lives as long as the photo. */
    struct bytes icc = icc_bytes(icc_matrix(&icc_p3, 0), "P3");
    uint16_t *samples = samples_in(to_p3, 8);
    for (int lost = 0; lost <= 2; lost++) {
        struct photo photo;
        read_bytes(state, jpeg_of(samples, &icc, 200, lost), &photo);
        assert_int_equal(photo.info.profile_state, lost ? PROFILE_BROKEN : PROFILE_USED);
        assert_string_equal(photo.info.profile, lost ? "sRGB" : "P3");
        photo_free(&photo);
    }
    free(samples);
    free(icc.data);
}

/* PNG, third edition, section 4.3: cICP before iCCP before sRGB before gAMA and cHRM. */
static void png_chunks_have_their_order(void **state)
{
    static const uint8_t gamma_1[4] = {0, 1, 0x86, 0xa0}, gamma_sub[4] = {0, 0, 0xb1, 0x8f};
    static const uint8_t srgb[1] = {0}, p3[4] = {12, 13, 0, 1}, hdr[4] = {9, 16, 0, 1};
    uint8_t adobe[32] = {0};
    static const unsigned adobe_xy[8] = {31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000};
    for (int i = 0; i < 32; i++)
        adobe[i] = (uint8_t)(adobe_xy[i / 4] >> (24 - 8 * (i % 4)));
    struct bytes icc = icc_bytes(icc_matrix(&icc_srgb, 1.8), "gamma 1.8");
    struct bytes chunk = iccp_chunk(&icc);
    const struct png_extra c[] = {{"gAMA", gamma_1, 4}, {"cHRM", adobe, 32},
                                  {"sRGB", srgb, 1},    {"iCCP", chunk.data, chunk.size},
                                  {"cICP", p3, 4},      {"gAMA", gamma_sub, 4}};
    double v = 128 / 255.0, s = colour_srgb_decode(v), e = pow(v, 1.8), rgb[3];
    const struct {
        struct png_extra extra[6];
        double grey, red;
        const char *name;
    } cases[] = {
        {{c[0]}, v, v, "sRGB primaries, gamma 1"},
        {{c[5]}, s, s, "sRGB"}, /* 1/2.2 is how sRGB is said */
        {{c[5], c[1]}, s, 1.3984 * s, "own primaries, gamma 2.2"},
        {{c[0], c[1]}, v, 1.3984 * v, "own primaries, gamma 1"},
        {{c[0], c[1], c[2]}, s, s, "sRGB"},
        {{c[0], c[1], c[3]}, e, e, "gamma 1.8"},
        {{c[0], c[1], c[3], c[4]}, s, 1.2249 * s, "Display P3"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct photo photo;
        read_colour(state, cases[i].extra, 128, 128, 128, &photo, rgb);
        expect_colour(rgb, cases[i].grey, cases[i].grey, cases[i].grey, 2e-3);
        assert_string_equal(photo.info.profile, cases[i].name);
        assert_int_equal(photo.info.profile_state, PROFILE_USED);
        photo_free(&photo);
        read_colour(state, cases[i].extra, 128, 0, 0, &photo, rgb);
        if (fabs(rgb[0] - cases[i].red) > 2e-3)
            fail_msg("%s: red %.4f, expected %.4f", cases[i].name, rgb[0], cases[i].red);
        photo_free(&photo);
    }
    /* High dynamic range is another matter. */
    const struct png_extra extra[] = {{"cICP", hdr, 4}, {0}};
    struct bytes file = make_png(&(struct png_sample){
        .width = 2, .height = 2, .colour_type = PNG_COLOR_TYPE_RGB, .bits = 16, .extra = extra});
    struct photo photo;
    striae_error error;
    assert_int_equal(io_write_file(in(state, "hdr"), file.data, file.size, true, NULL), STRIAE_OK);
    assert_int_equal(io_read_photo(in(state, "hdr"), &limits, &photo, &error),
                     STRIAE_ERROR_UNSUPPORTED);
    assert_non_null(strstr(error.message, "dynamic range"));
    free(file.data);
    free(chunk.data);
    free(icc.data);
}

/* Turned, with and without transparency, in any number of threads: the same. */
static void every_form_takes_the_same_way(void **state)
{
    struct bytes icc = icc_bytes(icc_matrix(&icc_p3, 0), "P3"), chunk = iccp_chunk(&icc);
    const struct png_extra extra[] = {{"iCCP", chunk.data, chunk.size}, {0}};
    for (int alpha = 0; alpha < 2; alpha++)
        for (int bits = 8; bits <= 16; bits += 8) {
            struct bytes exif = make_exif(&(struct exif_sample){.orientation = 6});
            struct png_sample sample = {.width = 200,
                                        .height = 150,
                                        .colour_type =
                                            alpha ? PNG_COLOR_TYPE_RGB_ALPHA : PNG_COLOR_TYPE_RGB,
                                        .bits = bits,
                                        .extra = extra,
                                        .exif = &exif};
            struct photo photo;
            read_bytes(state, make_png(&sample), &photo);
            for (int i = 0; i < 300; i++) {
                int x = i * 7 % 150, y = i * 11 % 200;
                double rgb[3], p3[3], want[3], most = pow(2, bits) - 1;
                for (int c = 0; c < 3; c++)
                    p3[c] = colour_srgb_decode(png_sample_value(y, 149 - x, c, bits) / most);
                double a = alpha ? png_sample_value(y, 149 - x, 3, bits) / most : 1;
                pixel_of(&photo, x, y, rgb);
                to_p3(rgb, want);
                for (int c = 0; c < 3; c++)
                    assert_true(fabs(want[c] - p3[c] * a) < 3e-4);
                for (int c = 0; c < 3; c++)
                    assert_int_equal(photo.picture.data[3 * (y * 150 + x) + c],
                                     colour_srgb_encode8((float)rgb[c]));
            }
            photo_free(&photo);
            free(exif.data);
        }
    free(chunk.data);
    free(icc.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_place(p3_and_srgb_files_of_the_same_colours_agree),
        in_place(colours_beyond_srgb_are_kept),
        in_place(an_srgb_profile_is_srgb),
        in_place(grey_pictures_take_grey_and_colour_profiles),
        in_place(broken_profiles_are_told),
        in_place(png_chunks_have_their_order),
        in_place(every_form_takes_the_same_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
