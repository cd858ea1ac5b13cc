/* calibrate/: the reference card in photos, from any side, in any light. */
#include "test_card_scene.h"

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
    struct photo_info info = {0};
    info.focal_35 = s->focal / hypot(s->width, s->height) * hypot(36, 24);
    render(raster, s, &image);
    truth_of(s, &px_per_mm, &tilt);
    look(&image, NULL, &card);
    look(&image, &info, &known);
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
    assert_int_equal(calibrate_card_picture(CARD_RASTER, &raster, NULL), STRIAE_OK);
    render(&raster, s, image);
    rgb8_free(&raster);
    look(image, NULL, card);
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
    skin_beside(&card, 700, 500, &mask);
    assert_int_equal(mask_row(&mask, 250)[350], 0);
    assert_int_equal(mask_row(&mask, 250)[349 - 262], 0);
    assert_int_equal(mask_row(&mask, 250)[349 - 274], 255);
    mask_free(&mask);
    image_free(&image);
}

/* The card with something over part of it (mm: left, top, right, bottom); two tags are left. */
static void hide(const double hidden[4], struct card *card)
{
    struct scene s = plain_scene();
    struct image image = {0};
    memcpy(s.hidden, hidden, sizeof s.hidden);
    find(&s, &image, card);
    image_free(&image);
    assert_true(card->found);
    assert_int_equal(card->tags, 2);
}

static void a_hidden_part(void **state)
{
    (void)state;
    static const double right[4] = {60, 0, 90, 60}, most[4] = {20, -10, 90, 60},
                        below[4] = {-10, 20, 90, 60};
    struct card card;
    hide(right, &card); /* a finger on the right end */
    assert_true(fabs(card.px_per_mm / 6 - 1) < 0.01);
    assert_int_equal(row_status(&card, "card"), QC_WARN);
    hide(most, &card);  /* the two tags at the left are left */
    hide(below, &card); /* the two above */
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

/* A lamp at one side: patches are compared as if all had the same light. */
static void light_falls_off(void **state)
{
    (void)state;
    struct scene s = plain_scene();
    struct image image = {0};
    struct card card;
    s.fall = 0.5;
    find(&s, &image, &card);
    image_free(&image);
    print_message("held-out dE2000 with half of the light lost: %.2f\n", card.delta_e00);
    assert_true(card.has_colour && card.delta_e00 < 1);
    assert_int_equal(row_status(&card, "card_colour"), QC_PASS);
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
        assert_true(fabs(calibrate_card_scale(&card, x, 100) / true_scale(&s, x, 100) - 1) < 0.005);
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
        skin_beside(&card, 700, 500, &skin);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_card),        cmocka_unit_test(a_hidden_part),
        cmocka_unit_test(too_little_or_nothing), cmocka_unit_test(the_scale_is_local),
        cmocka_unit_test(light_falls_off),       cmocka_unit_test(two_cameras_agree),
        cmocka_unit_test(measured_colours),      cmocka_unit_test(from_any_side),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
