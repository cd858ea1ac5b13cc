/* calibrate/: the reference card in photos, from any side, in any light. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/filter.h"
#include "base/random.h"
#include "calibrate/card.h"

#define CARD_RASTER 24.0 /* px per mm of the card that is put into the photos */

/* How the card lies before the camera, and what the camera does. */
struct scene {
    int width, height;
    double focal;                /* px */
    double place[3];             /* of the card's middle, mm, camera's frame */
    double axis[3];              /* rotation vector */
    double gain[3], blur, noise; /* per channel; px sigma; of full scale */
    double hidden[4]; /* mm on the card that something covers: left, top, right, bottom */
    uint64_t seed;
};

static void rotate(const double axis[3], const double v[3], double to[3])
{
    double angle = sqrt(axis[0] * axis[0] + axis[1] * axis[1] + axis[2] * axis[2]);
    double k[3] = {0, 0, 0}, dot = 0;
    for (int i = 0; i < 3 && angle > 0; i++)
        k[i] = axis[i] / angle;
    for (int i = 0; i < 3; i++)
        dot += k[i] * v[i];
    for (int i = 0; i < 3; i++)
        to[i] = v[i] * cos(angle) +
                (k[(i + 1) % 3] * v[(i + 2) % 3] - k[(i + 2) % 3] * v[(i + 1) % 3]) * sin(angle) +
                k[i] * dot * (1 - cos(angle));
}

/* The mm on the card that a pixel sees: its ray, cut with the card's plane. */
static void seen_at(const struct scene *s, double u, double v, double mm[2])
{
    static const double unit[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    double ray[3] = {(u - (s->width - 1) / 2.0) / s->focal, (v - (s->height - 1) / 2.0) / s->focal,
                     1};
    double side[3][3], along = 0, at = 0;
    for (int i = 0; i < 3; i++)
        rotate(s->axis, unit[i], side[i]);
    for (int i = 0; i < 3; i++) {
        along += side[2][i] * ray[i];
        at += side[2][i] * s->place[i];
    }
    mm[0] = CARD_WIDTH / 2;
    mm[1] = CARD_HEIGHT / 2;
    for (int i = 0; i < 3; i++) {
        double d = ray[i] * at / along - s->place[i];
        mm[0] += d * side[0][i];
        mm[1] += d * side[1][i];
    }
}

static void card_colour_at(const struct rgb8 *card, const struct scene *s, const double mm[2],
                           double rgb[3])
{
    static const double skin[3] = {0.42, 0.24, 0.16}, cover[3] = {0.3, 0.15, 0.1};
    int x = (int)floor(mm[0] * CARD_RASTER), y = (int)floor(mm[1] * CARD_RASTER);
    bool inside = x >= 0 && y >= 0 && x < card->width && y < card->height;
    bool covered = mm[0] > s->hidden[0] && mm[1] > s->hidden[1] && mm[0] < s->hidden[2] &&
                   mm[1] < s->hidden[3];
    for (int c = 0; c < 3; c++)
        rgb[c] = covered  ? cover[c]
                 : inside ? colour_srgb_decode(card->data[3 * (y * card->width + x) + c] / 255.0)
                          : skin[c];
}

static double gaussian(struct rng *rng)
{
    return sqrt(-2 * log(1 - rng_uniform(rng))) * cos(2 * M_PI * rng_uniform(rng));
}

static void develop(const struct scene *s, struct image *image)
{
    struct rng rng;
    rng_seed(&rng, s->seed, 2);
    for (int c = 0; c < 3; c++) {
        struct plane soft;
        assert_int_equal(filter_gaussian(&image->channel[c], s->blur, 1, &soft, NULL), STRIAE_OK);
        for (int y = 0; y < s->height; y++)
            for (int x = 0; x < s->width; x++) {
                double v = plane_row(&soft, y)[x] * s->gain[c];
                double e = colour_srgb_encode(v + s->noise * gaussian(&rng) * sqrt(v + 0.01));
                e = round(255 * fmin(fmax(e, 0), 1)) / 255;
                plane_row(&image->channel[c], y)[x] = (float)colour_srgb_decode(e);
            }
        plane_free(&soft);
    }
}

static void render(const struct rgb8 *card, const struct scene *s, struct image *image)
{
    enum { SUB = 3 };
    assert_int_equal(image_init(image, s->width, s->height, NULL), STRIAE_OK);
    for (int y = 0; y < s->height; y++)
        for (int x = 0; x < s->width; x++) {
            double sum[3] = {0};
            for (int k = 0; k < SUB * SUB; k++) {
                double mm[2], rgb[3];
                seen_at(s, x + (k % SUB - 1.0) / SUB, y + (k / SUB - 1.0) / SUB, mm);
                card_colour_at(card, s, mm, rgb);
                for (int c = 0; c < 3; c++)
                    sum[c] += rgb[c] / (SUB * SUB);
            }
            for (int c = 0; c < 3; c++)
                plane_row(&image->channel[c], y)[x] = (float)sum[c];
        }
    develop(s, image);
}

/* True px per mm in the card's middle, and the tilt. */
static void truth_of(const struct scene *s, double *px_per_mm, double *tilt)
{
    static const double normal[3] = {0, 0, 1};
    double n[3], mm[3][2];
    double u = s->place[0] / s->place[2] * s->focal + (s->width - 1) / 2.0;
    double v = s->place[1] / s->place[2] * s->focal + (s->height - 1) / 2.0;
    rotate(s->axis, normal, n);
    *tilt = acos(fabs(n[2])) * 180 / M_PI;
    seen_at(s, u, v, mm[0]);
    seen_at(s, u + 0.01, v, mm[1]);
    seen_at(s, u, v + 0.01, mm[2]);
    double area = (mm[1][0] - mm[0][0]) * (mm[2][1] - mm[0][1]) -
                  (mm[1][1] - mm[0][1]) * (mm[2][0] - mm[0][0]);
    *px_per_mm = 0.01 / sqrt(fabs(area));
}

static struct scene random_scene(uint64_t seed, double largest)
{
    struct rng rng;
    rng_seed(&rng, seed, 1);
    double px_per_mm = 4 * pow(largest / 4.0, rng_uniform(&rng));
    double turn = 2 * M_PI * rng_uniform(&rng), lean = 2 * M_PI * rng_uniform(&rng);
    double tilt = 40 * M_PI / 180 * rng_uniform(&rng);
    struct scene s = {.width = (int)(115 * px_per_mm) + 100,
                      .height = (int)(100 * px_per_mm) + 100,
                      .blur = 0.5 + 1.0 * rng_uniform(&rng),
                      .noise = 0.03 * rng_uniform(&rng),
                      .seed = seed};
    s.focal = (0.75 + 0.85 * rng_uniform(&rng)) * s.width;
    s.place[2] = s.focal / px_per_mm;
    for (int k = 0; k < 2; k++)
        s.place[k] = 8 * (rng_uniform(&rng) - 0.5);
    for (int c = 0; c < 3; c++)
        s.gain[c] = 0.7 * (0.8 + 0.4 * rng_uniform(&rng));
    /* First turned in its plane, then leant: the composition as one rotation vector. */
    double x[3], y[3], ax[3] = {0, 0, turn}, lean_axis[3] = {tilt * cos(lean), tilt * sin(lean), 0};
    double a[3] = {1, 0, 0}, b[3] = {0, 1, 0}, n[3], z[3] = {0, 0, 1};
    rotate(ax, a, x);
    rotate(lean_axis, x, a);
    rotate(ax, b, y);
    rotate(lean_axis, y, b);
    rotate(lean_axis, z, n);
    double angle = acos(fmax(-1, fmin(1, (a[0] + b[1] + n[2] - 1) / 2))), sine = sin(angle);
    double v[3] = {b[2] - n[1], n[0] - a[2], a[1] - b[0]};
    for (int k = 0; k < 3; k++)
        s.axis[k] = fabs(sine) > 1e-6 ? v[k] / (2 * sine) * angle : 0;
    return s;
}

struct tally {
    int tries, found, scale_off, tilt_off, tilt_off_focal, inside;
    double scale_worst, tilt_worst, colour_sum, colour_worst, skin_sum, skin_worst;
};

/* How far skin in the photo is from what it is, after correction. */
static double skin_error(const struct image *image, const struct card *card)
{
    static const double skin[3] = {0.42, 0.24, 0.16};
    struct image corner = {0};
    double sum[3] = {0};
    assert_int_equal(image_init(&corner, 40, 40, NULL), STRIAE_OK);
    for (int c = 0; c < 3; c++)
        for (int i = 0; i < 1600; i++)
            plane_row(&corner.channel[c], i / 40)[i % 40] =
                plane_row(&image->channel[c], i / 40)[i % 40];
    calibrate_card_correct(&card->correction, 1, &corner);
    for (int c = 0; c < 3; c++)
        for (int i = 0; i < 1600; i++)
            sum[c] += plane_row(&corner.channel[c], i / 40)[i % 40] / 1600;
    image_free(&corner);
    return colour_delta_e00(colour_lab(sum[0], sum[1], sum[2]),
                            colour_lab(skin[0], skin[1], skin[2]));
}

static void try_scene(const struct rgb8 *raster, const struct scene *s, struct tally *tally)
{
    struct image image = {0};
    struct card card, known;
    double px_per_mm, tilt;
    struct photo_info none = {0}, info = {0};
    struct card_colours nominal;
    calibrate_card_nominal(&nominal);
    info.focal_35 = s->focal / hypot(s->width, s->height) * hypot(36, 24);
    render(raster, s, &image);
    truth_of(s, &px_per_mm, &tilt);
    assert_int_equal(calibrate_card_find(&image, &none, &nominal, 1, &card, NULL), STRIAE_OK);
    assert_int_equal(calibrate_card_find(&image, &info, &nominal, 1, &known, NULL), STRIAE_OK);
    tally->tries++;
    if (card.found && known.found) {
        double off = fabs(card.px_per_mm / px_per_mm - 1), lean = fabs(card.tilt - tilt);
        tally->found++;
        tally->scale_off += off > 0.003;
        tally->inside += fabs(card.px_per_mm - px_per_mm) <= 1.96 * card.px_per_mm_error;
        tally->tilt_off += lean > 1;
        tally->tilt_off_focal += fabs(known.tilt - tilt) > 1;
        tally->scale_worst = fmax(tally->scale_worst, off);
        tally->tilt_worst = fmax(tally->tilt_worst, lean);
        tally->colour_sum += card.has_colour ? card.delta_e00 : 99;
        tally->colour_worst = fmax(tally->colour_worst, card.has_colour ? card.delta_e00 : 99);
        double skin = card.has_colour ? skin_error(&image, &card) : 99;
        tally->skin_sum += skin;
        tally->skin_worst = fmax(tally->skin_worst, skin);
    }
    image_free(&image);
}

/* With STRIAE_CARD_TRIES=N: N photos of 4 to 25 px per mm, which takes seconds each. */
static void from_any_side(void **state)
{
    (void)state;
    const char *more = getenv("STRIAE_CARD_TRIES");
    int tries = more ? atoi(more) : 10;
    struct rgb8 raster = {0};
    struct tally tally = {0};
    assert_int_equal(calibrate_card_picture(CARD_RASTER, &raster, NULL), STRIAE_OK);
    for (int i = 0; i < tries; i++) {
        struct scene scene = random_scene((uint64_t)i + 1, more ? 25 : 8);
        try_scene(&raster, &scene, &tally);
    }
    rgb8_free(&raster);
    print_message(
        "%d photos: card found in %d; scale off by over 0.3 %% in %d (worst %.2f %%), in "
        "its interval in %d; tilt off by over 1 degree in %d (worst %.2f), with the focal "
        "length known in %d; held-out dE2000 mean %.2f, worst %.2f; skin off by %.2f, "
        "worst %.2f\n",
        tally.tries, tally.found, tally.scale_off, 100 * tally.scale_worst, tally.inside,
        tally.tilt_off, tally.tilt_worst, tally.tilt_off_focal, tally.colour_sum / tally.found,
        tally.colour_worst, tally.skin_sum / tally.found, tally.skin_worst);
    assert_true(tally.found * 100 >= tally.tries * 99);
    assert_true(tally.scale_off * 100 <= tally.tries);
    assert_true(tally.tilt_off_focal * 100 <= tally.tries);
    assert_true(tally.colour_sum / tally.found <= 1.0);
}

/* Straight from above, 6 px per mm, the card in the middle. */
static struct scene plain_scene(void)
{
    return (struct scene){.width = 700,
                          .height = 500,
                          .focal = 900,
                          .place = {0, 0, 150},
                          .gain = {0.8, 0.8, 0.8},
                          .blur = 0.7,
                          .noise = 0.01,
                          .seed = 3};
}

static void find(const struct scene *s, struct image *image, struct card *card)
{
    struct rgb8 raster = {0};
    struct photo_info none = {0};
    struct card_colours nominal;
    calibrate_card_nominal(&nominal);
    assert_int_equal(calibrate_card_picture(CARD_RASTER, &raster, NULL), STRIAE_OK);
    render(&raster, s, image);
    rgb8_free(&raster);
    assert_int_equal(calibrate_card_find(image, &none, &nominal, 1, card, NULL), STRIAE_OK);
}

/* Status of the row, -1 = there is none. */
static int row_status(const struct card *card, const char *check)
{
    struct qc qc = {0};
    int status = -1;
    assert_int_equal(calibrate_card_checks(card, &qc, NULL), STRIAE_OK);
    for (size_t i = 0; i < qc.count; i++)
        if (strcmp(qc.rows[i].check, check) == 0)
            status = (int)qc.rows[i].status;
    free(qc.rows);
    return status;
}

static void the_whole_card(void **state)
{
    (void)state;
    struct scene s = plain_scene();
    struct image image = {0};
    struct card card;
    struct mask mask = {0};
    double at[2];
    find(&s, &image, &card);
    assert_true(card.found && card.has_colour);
    assert_int_equal(card.tags, 4);
    assert_true(fabs(card.px_per_mm / 6 - 1) < 0.001);
    assert_true(card.tilt < 1);
    perspective_px(&card.plane, CARD_WIDTH / 2, CARD_HEIGHT / 2, at);
    assert_true(hypot(at[0] - 349.5, at[1] - 249.5) < 0.2);
    assert_int_equal(row_status(&card, "card"), QC_PASS);
    assert_int_equal(row_status(&card, "tilt"), QC_PASS);
    assert_int_equal(row_status(&card, "card_colour"), QC_PASS);
    /* Its area is no skin. */
    assert_int_equal(mask_init(&mask, 700, 500, NULL), STRIAE_OK);
    memset(mask.data, 255, 700 * 500);
    calibrate_card_mask(&card, &mask);
    assert_int_equal(mask_row(&mask, 250)[350], 0);
    assert_int_equal(mask_row(&mask, 250)[349 - 262], 0);
    assert_int_equal(mask_row(&mask, 250)[349 - 274], 255);
    mask_free(&mask);
    image_free(&image);
}

static void a_hidden_part(void **state)
{
    (void)state;
    struct scene s = plain_scene();
    struct image image = {0};
    struct card card;
    s.hidden[0] = 60; /* a finger on the right end: two tags */
    s.hidden[2] = 90;
    s.hidden[3] = 60;
    find(&s, &image, &card);
    assert_true(card.found);
    assert_int_equal(card.tags, 2);
    assert_true(fabs(card.px_per_mm / 6 - 1) < 0.01);
    assert_int_equal(row_status(&card, "card"), QC_WARN);
    image_free(&image);
    struct scene one = s;
    one.hidden[0] = 20;
    one.hidden[3] = 60;
    one.hidden[1] = -10;
    find(&one, &image, &card); /* the two tags at the left are left */
    assert_int_equal(card.tags, 2);
    image_free(&image);
    one.hidden[0] = -10;
    one.hidden[1] = 20;
    find(&one, &image, &card); /* the two above */
    assert_int_equal(card.tags, 2);
    image_free(&image);
}

static void too_little_or_nothing(void **state)
{
    (void)state;
    struct scene s = plain_scene();
    struct image image = {0};
    struct card card;
    s.place[0] = 80; /* only the left end is in the photo */
    s.place[1] = 30;
    find(&s, &image, &card);
    assert_false(card.found);
    assert_int_equal(card.tags, 1);
    assert_non_null(card.reason);
    assert_int_equal(row_status(&card, "card"), QC_WARN);
    image_free(&image);
    s.place[0] = 1000; /* no card at all: not a word */
    find(&s, &image, &card);
    assert_false(card.found);
    assert_null(card.reason);
    assert_int_equal(row_status(&card, "card"), -1);
    image_free(&image);
}

/* A leaning plane has another scale everywhere. */
static void the_scale_is_local(void **state)
{
    (void)state;
    struct scene s = plain_scene();
    struct image image = {0};
    struct card card;
    s.axis[1] = 0.5;
    find(&s, &image, &card);
    assert_true(card.found);
    assert_true(fabs(card.tilt - 0.5 * 180 / M_PI) < 1);
    assert_int_equal(row_status(&card, "tilt"), QC_WARN);
    for (int x = 50; x < 700; x += 100) {
        double mm[3][2], area;
        seen_at(&s, x, 100, mm[0]);
        seen_at(&s, x + 0.1, 100, mm[1]);
        seen_at(&s, x, 100.1, mm[2]);
        area = (mm[1][0] - mm[0][0]) * (mm[2][1] - mm[0][1]) -
               (mm[1][1] - mm[0][1]) * (mm[2][0] - mm[0][0]);
        double truth = 0.1 / sqrt(fabs(area));
        assert_true(fabs(calibrate_card_scale(&card, x, 100) / truth - 1) < 0.005);
    }
    image_free(&image);
}

/* Two cameras, one skin: the tone agrees after correction and not before. */
static void two_cameras_agree(void **state)
{
    (void)state;
    struct skin_tone before[2], after[2];
    for (int k = 0; k < 2; k++) {
        struct scene s = plain_scene();
        struct image image = {0};
        struct card card;
        struct mask skin = {0};
        struct labels none = {0};
        const struct tone_view view = {&image, &skin, &none, &card};
        s.gain[0] = k ? 0.9 : 0.7;
        s.gain[2] = k ? 0.6 : 0.8;
        s.seed = (uint64_t)k + 7;
        find(&s, &image, &card);
        assert_true(card.has_colour);
        assert_int_equal(mask_init(&skin, 700, 500, NULL), STRIAE_OK);
        memset(skin.data, 255, 700 * 500);
        calibrate_card_mask(&card, &skin);
        assert_true(calibrate_skin_tone(&view, &before[k]));
        calibrate_card_correct(&card.correction, 1, &image);
        assert_true(calibrate_skin_tone(&view, &after[k]));
        mask_free(&skin);
        image_free(&image);
    }
    assert_true(colour_delta_e00(before[0].lab, before[1].lab) > 5);
    assert_true(colour_delta_e00(after[0].lab, after[1].lab) < 0.5);
    assert_true(fabs(after[0].lab.a - after[1].lab.a) < 0.3);
    striae_difference delta_e00, ita;
    calibrate_tone_change(after, 0.3, 0.3, &delta_e00, &ita);
    assert_int_equal(delta_e00.verdict, STRIAE_UNCHANGED);
    assert_int_equal(ita.verdict, STRIAE_UNCHANGED);
    after[1].lab.l -= 5;
    calibrate_tone_change(after, 0.3, 0.3, &delta_e00, &ita);
    assert_int_equal(delta_e00.verdict, STRIAE_INCREASED);
    assert_int_equal(ita.verdict, STRIAE_DECREASED);
}

/* A table is taken whole or not at all. */
static void measured_colours(void **state)
{
    (void)state;
    struct card_colours nominal, read;
    striae_error error;
    char *text;
    size_t size;
    void *data;
    assert_int_equal(calibrate_card_draw(CARD_CSV, "1", &data, &size, NULL), STRIAE_OK);
    text = data;
    calibrate_card_nominal(&nominal);
    assert_int_equal(calibrate_card_measured("t.csv", text, &read, &error), STRIAE_OK);
    assert_true(read.measured && !nominal.measured);
    assert_memory_equal(read.lab, nominal.lab, sizeof read.lab);
    char *at = strstr(text, "skin 3,63");
    assert_non_null(at);
    memcpy(at + 7, "59", 2);
    assert_int_equal(calibrate_card_measured("t.csv", text, &read, &error), STRIAE_OK);
    assert_true(fabs(read.lab[8].l - 59) < 1e-9);
    memcpy(at + 7, "x9", 2);
    assert_int_equal(calibrate_card_measured("t.csv", text, &read, &error), STRIAE_ERROR_FORMAT);
    assert_non_null(strstr(error.message, "line 10"));
    memcpy(at, "skim", 4);
    assert_int_equal(calibrate_card_measured("t.csv", text, &read, &error), STRIAE_ERROR_FORMAT);
    *at = 0;
    assert_int_equal(calibrate_card_measured("t.csv", text, &read, &error), STRIAE_ERROR_FORMAT);
    assert_non_null(strstr(error.message, "8 of the card's 18"));
    free(text);
}

/* ---- the colour chart ---- */

/* The 24 patches of a ColorChecker Classic, 8-bit sRGB, seen askew on skin, turned by quarters;
 * with a shift of the order that no such chart has. */
static void draw_chart(int quarter, int shift, struct image *image)
{
    static const uint8_t patch[24][3] = {
        {115, 82, 68},   {194, 150, 130}, {98, 122, 157}, {87, 108, 67},   {133, 128, 177},
        {103, 189, 170}, {214, 126, 44},  {80, 91, 166},  {193, 90, 99},   {94, 60, 108},
        {157, 188, 64},  {224, 163, 46},  {56, 61, 150},  {70, 148, 73},   {175, 54, 60},
        {231, 199, 31},  {187, 86, 149},  {8, 133, 161},  {243, 243, 242}, {200, 200, 200},
        {160, 160, 160}, {122, 122, 121}, {85, 85, 85},   {52, 52, 52}};
    static const double skin[3] = {0.42, 0.24, 0.16}, gain[3] = {0.8, 0.7, 0.6};
    double turn = quarter * M_PI / 2 + 0.15;
    struct rng rng;
    rng_seed(&rng, 3, 3);
    assert_int_equal(image_init(image, 700, 700, NULL), STRIAE_OK);
    for (int y = 0; y < 700; y++)
        for (int x = 0; x < 700; x++) {
            double w = 1 + 0.0004 * (y - 350), dx = (x - 350) / w / 70, dy = (y - 350) / w / 60;
            double u = dx * cos(turn) + dy * sin(turn) + 3;
            double v = dy * cos(turn) - dx * sin(turn) + 2;
            bool frame = u > -0.3 && v > -0.3 && u < 6.3 && v < 4.3;
            bool inside = u > 0 && v > 0 && u < 6 && v < 4 && fabs(u - floor(u) - 0.5) < 0.42 &&
                          fabs(v - floor(v) - 0.5) < 0.42;
            int at = inside ? ((int)v * 6 + (int)u + shift) % 24 : 0;
            for (int c = 0; c < 3; c++) {
                double light = inside  ? colour_srgb_decode(patch[at][c] / 255.0)
                               : frame ? 0.01
                                       : skin[c];
                plane_row(&image->channel[c], y)[x] =
                    (float)fmax(0, gain[c] * light * (1 + 0.01 * gaussian(&rng)));
            }
        }
}

static void the_chart_gives_colours(void **state)
{
    (void)state;
    const struct photo_info none = {0};
    struct card_colours nominal;
    calibrate_card_nominal(&nominal);
    for (int quarter = 0; quarter < 4; quarter++) {
        struct image image = {0};
        struct card card;
        struct mask skin = {0};
        struct labels striae = {0};
        struct skin_tone tone;
        const struct tone_view view = {&image, &skin, &striae, &card};
        draw_chart(quarter, 0, &image);
        assert_int_equal(calibrate_card_find(&image, &none, &nominal, 1, &card, NULL), STRIAE_OK);
        assert_true(card.chart && card.has_colour && !card.found);
        assert_int_equal(card.patches, 24);
        assert_true(card.delta_e00 < 1);
        assert_int_equal(row_status(&card, "chart"), QC_PASS);
        assert_int_equal(mask_init(&skin, 700, 700, NULL), STRIAE_OK);
        memset(skin.data, 255, 700 * 700);
        calibrate_card_mask(&card, &skin);
        assert_int_equal(mask_row(&skin, 350)[350], 0);
        assert_int_equal(mask_row(&skin, 10)[350], 255);
        calibrate_card_correct(&card.correction, 1, &image);
        assert_true(calibrate_skin_tone(&view, &tone));
        assert_true(colour_delta_e00(tone.lab, colour_lab(0.42, 0.24, 0.16)) < 1);
        mask_free(&skin);
        image_free(&image);
    }
}

static void another_chart_is_not_mistaken_for_it(void **state)
{
    (void)state;
    const struct photo_info none = {0};
    struct card_colours nominal;
    calibrate_card_nominal(&nominal);
    for (int shift = 1; shift < 24; shift += 5) {
        struct image image = {0};
        struct card card;
        draw_chart(1, shift, &image);
        assert_int_equal(calibrate_card_find(&image, &none, &nominal, 1, &card, NULL), STRIAE_OK);
        assert_false(card.chart || card.has_colour);
        assert_non_null(card.reason);
        assert_int_equal(row_status(&card, "card"), QC_WARN);
        image_free(&image);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_card),
        cmocka_unit_test(a_hidden_part),
        cmocka_unit_test(too_little_or_nothing),
        cmocka_unit_test(the_scale_is_local),
        cmocka_unit_test(two_cameras_agree),
        cmocka_unit_test(the_chart_gives_colours),
        cmocka_unit_test(another_chart_is_not_mistaken_for_it),
        cmocka_unit_test(measured_colours),
        cmocka_unit_test(from_any_side),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
