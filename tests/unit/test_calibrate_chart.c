/* calibrate/: a colour chart of 24 patches, found or refused. */
#include "test_card_scene.h"

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

/* With a pitch of 7 mm the chart is drawn at sqrt(70 * 60) / 7 px per mm in its middle, turned a
 * little out of the axes along which it is squeezed by 6 / 7. */
static void gives_a_scale(const struct card *found)
{
    struct card card = *found;
    struct mask all = {0};
    striae_quantity px_per_mm;
    assert_false(calibrate_card_has_scale(&card));
    double near = card_distance(&card, 350, 350);
    calibrate_chart_pitch(7, &card);
    assert_true(calibrate_card_has_scale(&card));
    assert_true(fabs(card.px_per_mm / (sqrt(70.0 * 60) / 7) - 1) < 0.005);
    assert_true(fabs(cos(card.tilt * M_PI / 180) - 6.0 / 7) < 0.02);
    assert_true(near == 0 && card_distance(&card, 350, 350) == 0);
    skin_beside(&card, 700, 700, &all);
    calibrate_card_px_per_mm(&card, &all, &px_per_mm);
    assert_true(px_per_mm.low < px_per_mm.value && px_per_mm.value < px_per_mm.high);
    mask_free(&all);
}

static void the_chart_gives_colours(void **state)
{
    (void)state;
    for (int quarter = 0; quarter < 4; quarter++) {
        struct image image = {0};
        struct card card;
        struct mask skin = {0};
        struct labels striae = {0};
        struct skin_tone tone;
        const struct tone_view view = {&image, &skin, &striae, &card};
        draw_chart(quarter, 0, &image);
        look(&image, NULL, &card);
        assert_true(card.chart && card.has_colour && !card.found);
        assert_int_equal(card.patches, 24);
        assert_true(card.delta_e00 < 1);
        assert_int_equal(row_status(&card, "chart"), QC_PASS);
        gives_a_scale(&card);
        skin_beside(&card, 700, 700, &skin);
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
    for (int shift = 1; shift < 24; shift += 5) {
        struct image image = {0};
        struct card card;
        draw_chart(1, shift, &image);
        look(&image, NULL, &card);
        assert_false(card.chart || card.has_colour);
        assert_non_null(card.reason);
        assert_int_equal(row_status(&card, "card"), QC_WARN);
        image_free(&image);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_chart_gives_colours),
        cmocka_unit_test(another_chart_is_not_mistaken_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
