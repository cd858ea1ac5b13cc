/* What the card means for a photo: its scale, its quality rows, the tone of the skin. */
#include "calibrate/card.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define PRINT_ERROR   0.002 /* of lengths: printers feed paper that well */
#define SKIN_SLOPE    0.05 /* rad, standard deviation: skin does not lie just in the card's plane */
#define TILT_LIMIT    10.0 /* degrees */
#define COLOUR_LIMIT  3.0  /* dE2000 */
#define SAMPLE_STEP   4    /* px */
#define PRINT_TONE    5.0  /* CIELAB, of patches whose print nobody measured */
#define MEASURED_TONE 1.0  /* of an instrument */
#define LEAST_SAMPLES 100
#define NEAR_CARD     12.0 /* mm from its edge */

/* ---- scale ---- */

/* One number stands for the whole photo: it is the one that makes the skin's area right. Its
 * interval holds the print, the fit, and skin that slopes against the card: at a tilt t, a slope s
 * more makes areas cos(t + s) / cos(t) as large, about 1 - s tan(t). */
void calibrate_card_px_per_mm(const struct card *card, const struct mask *skin,
                              striae_quantity *px_per_mm)
{
    double count = 0, area = 0;
    for (int y = 0; y < skin->height; y += SAMPLE_STEP)
        for (int x = 0; x < skin->width; x += SAMPLE_STEP) {
            double s = mask_row(skin, y)[x] ? calibrate_card_scale(card, x, y) : 0;
            if (!(s > 0.1 * card->px_per_mm && s < 10 * card->px_per_mm))
                continue;
            count++;
            area += 1 / (s * s);
        }
    double value = count > 0 ? sqrt(count / area) : card->px_per_mm;
    double fit = 1.96 * card->px_per_mm_error / card->px_per_mm;
    double slope = 1.96 * SKIN_SLOPE * tan(card->tilt * (M_PI / 180)) / 2;
    double half = value * sqrt(fit * fit + slope * slope + PRINT_ERROR * PRINT_ERROR);
    *px_per_mm = quantity(value, value - half, value + half, "px/mm");
}

/* ---- quality ---- */

striae_status calibrate_card_checks(const struct card *card, struct qc *qc, striae_error *error)
{
    char text[200];
    if (card->chart) {
        bool fits = card->delta_e00 <= COLOUR_LIMIT;
        return qc_add(qc, "chart", fits ? QC_PASS : QC_WARN, card->delta_e00, COLOUR_LIMIT,
                      fits && calibrate_card_has_scale(card)
                          ? "A colour chart of 24 patches corrects the colours and gives the scale."
                      : fits
                          ? "A colour chart of 24 patches corrects the colours. Such charts come "
                            "in several sizes: it gives no scale without --chart-pitch."
                          : "The colour chart's patches do not fit well: mixed light, shine, an "
                            "old chart or an edited photo. Use even light, retake.",
                      error);
    }
    if (!card->found && !card->reason)
        return STRIAE_OK;
    if (!card->found) {
        (void)snprintf(text, sizeof text, "The reference card was not used: %s.", card->reason);
        return qc_add(qc, "card", QC_WARN, card->tags, CARD_TAGS, text, error);
    }
    bool whole = card->tags == CARD_TAGS;
    striae_status status =
        qc_add(qc, "card", whole ? QC_PASS : QC_WARN, card->tags, CARD_TAGS,
               whole ? "The reference card is there."
                     : "Part of the reference card is hidden: show all four tags.",
               error);
    bool level = card->tilt <= TILT_LIMIT;
    if (status == STRIAE_OK)
        status = qc_add(qc, "tilt", level ? QC_PASS : QC_WARN, card->tilt, TILT_LIMIT,
                        level ? "The camera looks straight at the skin."
                              : "The camera looks at the skin at an angle: hold it parallel to the "
                                "skin, retake.",
                        error);
    if (status == STRIAE_OK && !card->has_colour) {
        (void)snprintf(text, sizeof text, "Colours are not corrected: %s.", card->colour_reason);
        return qc_add(qc, "card_colour", QC_WARN, card->patches, CARD_PATCHES, text, error);
    }
    bool close = card->delta_e00 <= COLOUR_LIMIT;
    if (status == STRIAE_OK)
        status =
            qc_add(qc, "card_colour", close ? QC_PASS : QC_WARN, card->delta_e00, COLOUR_LIMIT,
                   close ? "The colours are corrected by the reference card."
                         : "The card's colours do not fit well: mixed light, shine on the card "
                           "or an old card. Use even light, retake.",
                   error);
    return status;
}

/* ---- tone of the skin ---- */

/* How much the light at a pixel is that on the card. */
static double nearness(const struct card *card, double x, double y)
{
    double off = card_distance(card, x, y) / NEAR_CARD;
    return off < 3 ? exp(-off * off / 2) : 0;
}

static bool is_skin(const struct tone_view *view, int x, int y)
{
    return x >= 0 && y >= 0 && x < view->image->width && y < view->image->height &&
           mask_row(view->skin, y)[x] &&
           !(view->striae->data &&
             view->striae->data[(size_t)y * (size_t)view->striae->width + (size_t)x]);
}

#define SIDES 4 /* quarters around the card's middle */

struct tone_sum {
    double light[SIDES + 1][3], weight[SIDES + 1]; /* the last: of all */
};

static void add_tone(struct tone_sum *sum, const struct tone_view *view, int x, int y)
{
    double weight = nearness(view->card, x, y);
    const int parts[2] = {card_side(view->card, x, y), SIDES};
    for (int k = 0; k < 2; k++) {
        for (int c = 0; c < 3; c++)
            sum->light[parts[k]][c] += weight * (double)plane_row(&view->image->channel[c], y)[x];
        sum->weight[parts[k]] += weight;
    }
}

static struct lab tone_of(const struct tone_sum *sum, int part)
{
    double w = sum->weight[part];
    const double *light = sum->light[part];
    return colour_lab(light[0] / w, light[1] / w, light[2] / w);
}

/* Light that falls off evenly cancels around the card; what the sides still differ by is taken for
 * what the card's own light may differ from theirs. */
static bool mean_tone(const struct tone_sum *sum, struct skin_tone *tone)
{
    double squares = 0;
    int sides = 0;
    if (sum->weight[SIDES] < LEAST_SAMPLES)
        return false;
    tone->lab = tone_of(sum, SIDES);
    for (int k = 0; k < SIDES; k++) {
        if (sum->weight[k] < LEAST_SAMPLES / 10.0)
            continue;
        double off = colour_delta_e00(tone_of(sum, k), tone->lab);
        squares += off * off;
        sides++;
    }
    tone->light = sides ? sqrt(squares / sides) / sqrt(sides) : 0;
    return true;
}

bool calibrate_skin_tone(const struct tone_view *view, struct skin_tone *tone)
{
    struct tone_sum sum = {0};
    for (int y = 0; y < view->image->height; y += SAMPLE_STEP)
        for (int x = 0; x < view->image->width; x += SAMPLE_STEP)
            if (is_skin(view, x, y))
                add_tone(&sum, view, x, y);
    return mean_tone(&sum, tone);
}

bool calibrate_skin_tones(const struct tone_view *first, const struct tone_view *later,
                          const struct warp *forward, struct skin_tone tones[2])
{
    struct tone_sum sum[2] = {0};
    for (int y = 0; y < first->image->height; y += SAMPLE_STEP)
        for (int x = 0; x < first->image->width; x += SAMPLE_STEP) {
            double u, v;
            if (!is_skin(first, x, y) || !warp_point(forward, x, y, &u, &v) ||
                !is_skin(later, (int)lround(u), (int)lround(v)))
                continue;
            add_tone(&sum[0], first, x, y);
            add_tone(&sum[1], later, (int)lround(u), (int)lround(v));
        }
    return mean_tone(&sum[0], &tones[0]) && mean_tone(&sum[1], &tones[1]);
}

/* Standard error of ITA when L* and b* have each this one. */
static double ita_error(struct lab tone, double error)
{
    return error * (180 / M_PI) / fmax(hypot(tone.l - 50, tone.b), 1);
}

void calibrate_tone_quantities(const struct skin_tone *tone, double error, bool measured,
                               striae_quantity *lightness, striae_quantity *ita)
{
    double half = hypot(1.96 * hypot(error, tone->light), measured ? MEASURED_TONE : PRINT_TONE);
    double angle = colour_ita(tone->lab), spread = ita_error(tone->lab, half);
    *lightness = quantity(tone->lab.l, tone->lab.l - half, tone->lab.l + half, "CIELAB");
    *ita = quantity(angle, angle - spread, angle + spread, "degrees");
}

static striae_verdict verdict_of(double low, double high)
{
    return low > 0 ? STRIAE_INCREASED : high < 0 ? STRIAE_DECREASED : STRIAE_UNCHANGED;
}

void calibrate_tone_change(const struct skin_tone tones[2], double first_error, double later_error,
                           striae_difference *delta_e00, striae_difference *ita)
{
    first_error = hypot(first_error, tones[0].light);
    later_error = hypot(later_error, tones[1].light);
    double half = 1.96 * hypot(first_error, later_error);
    double change = colour_delta_e00(tones[0].lab, tones[1].lab);
    double turned = colour_ita(tones[1].lab) - colour_ita(tones[0].lab);
    double spread =
        1.96 * hypot(ita_error(tones[0].lab, first_error), ita_error(tones[1].lab, later_error));
    *delta_e00 = (striae_difference){
        .difference = quantity(change, fmax(change - half, 0), change + half, "dE00"),
        .percent = NAN,
        .mdc95 = half,
        .verdict = verdict_of(change - half, change + half)};
    *ita = (striae_difference){.difference =
                                   quantity(turned, turned - spread, turned + spread, "degrees"),
                               .percent = NAN,
                               .verdict = verdict_of(turned - spread, turned + spread)};
}
