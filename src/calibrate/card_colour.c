/* The card's patches: what the camera made of them, and the way back. */
#include "calibrate/card.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define INNER       0.6  /* share of the patch's side that is looked at */
#define GRID        12   /* samples a side, at least one px apart */
#define LEAST_PATCH 6.0  /* px; smaller ones are all edge */
#define MOST_SPREAD 0.25 /* of the luminance within a patch: shine, shade or a finger on it */
#define CLIPPED     0.98
#define LEAST_USED  12
#define MOST_TERMS  6
#define RIDGE       1e-6

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Mean of the middle half of the samples of each channel; false when the patch is of no use. */
static bool read_patch(const struct image *image, const struct card *card,
                       const struct card_patch *patch, double seen[3])
{
    double value[3][GRID * GRID];
    size_t count = 0;
    for (int i = 0; i < GRID * GRID; i++) {
        double dx = ((i % GRID + 0.5) / GRID - 0.5) * INNER * CARD_PATCH, at[2];
        double dy = ((i / GRID + 0.5) / GRID - 0.5) * INNER * CARD_PATCH;
        perspective_px(&card->plane, patch->x + dx, patch->y + dy, at);
        int x = (int)lround(at[0]), y = (int)lround(at[1]);
        if (x < 0 || y < 0 || x >= image->width || y >= image->height)
            return false;
        for (int c = 0; c < 3; c++)
            value[c][count] = (double)plane_row(&image->channel[c], y)[x];
        count++;
    }
    for (int c = 0; c < 3; c++) {
        qsort(value[c], count, sizeof **value, by_value);
        double sum = 0, low = value[c][count / 10], high = value[c][count * 9 / 10];
        for (size_t i = count / 4; i < count * 3 / 4; i++)
            sum += value[c][i];
        seen[c] = sum / (double)(count * 3 / 4 - count / 4);
        if (seen[c] > CLIPPED || (c == 1 && high - low > 2 * MOST_SPREAD * (seen[c] + 0.02)))
            return false;
    }
    return seen[1] > 0;
}

/* ---- light over the card ---- */

#define PAPER_POINTS (4 * CARD_TAGS)
#define BESIDE_TAG   (CARD_TAG_SIDE / 2 + 0.8) /* mm from its centre: white on all sides */
#define LEAST_POINTS 8
#define PAPER_OFF    0.08 /* of a logarithm: a finger, shine or dirt on the paper */

/* ln of the light on the card, less that in its middle: falls off evenly, mm from the middle. */
struct paper_light {
    double slope[3][2];
};

struct paper_point {
    double mm[2], light[3]; /* from the middle; ln */
    bool used;
};

/* Median of 3 x 3 px; false outside the photo or where it is clipped. */
static bool read_paper(const struct image *image, const struct card *card, double x, double y,
                       struct paper_point *point)
{
    double at[2];
    perspective_px(&card->plane, x, y, at);
    int px = (int)lround(at[0]), py = (int)lround(at[1]);
    if (px < 1 || py < 1 || px + 1 >= image->width || py + 1 >= image->height)
        return false;
    for (int c = 0; c < 3; c++) {
        double value[9];
        for (int i = 0; i < 9; i++)
            value[i] = (double)plane_row(&image->channel[c], py + i / 3 - 1)[px + i % 3 - 1];
        qsort(value, 9, sizeof *value, by_value);
        if (!(value[4] > 0.05 && value[4] < CLIPPED))
            return false;
        point->light[c] = log(value[4]);
    }
    point->mm[0] = x - CARD_WIDTH / 2;
    point->mm[1] = y - CARD_HEIGHT / 2;
    return true;
}

/* Least squares of one channel over the used points: level, slopes. */
static bool fit_light(const struct paper_point *points, int count, int channel, double to[3])
{
    double a[9] = {0};
    int used = 0;
    to[0] = to[1] = to[2] = 0;
    for (int i = 0; i < count; i++) {
        const double row[3] = {1, points[i].mm[0], points[i].mm[1]};
        if (!points[i].used)
            continue;
        used++;
        for (int m = 0; m < 3; m++) {
            to[m] += row[m] * points[i].light[channel];
            for (int n = 0; n < 3; n++)
                a[3 * m + n] += row[m] * row[n];
        }
    }
    return used >= LEAST_POINTS && card_solve(a, 3, to);
}

/* How light falls off over the card, by its paper beside the tags; none where that tells nothing.
 */
static struct paper_light light_on(const struct image *image, const struct card *card)
{
    struct paper_point points[PAPER_POINTS];
    struct paper_light light = {{{0}}};
    double fit[3][3];
    int count = 0;
    for (int i = 0; i < PAPER_POINTS; i++) {
        const struct card_tag *tag = &card_tags[i / 4];
        points[count].used = true;
        count += read_paper(image, card, tag->x + (i & 1 ? BESIDE_TAG : -BESIDE_TAG),
                            tag->y + (i & 2 ? BESIDE_TAG : -BESIDE_TAG), &points[count]);
    }
    for (int pass = 0; pass < 2; pass++) {
        for (int c = 0; c < 3; c++)
            if (!fit_light(points, count, c, fit[c]))
                return light;
        for (int i = 0; i < count && pass == 0; i++)
            for (int c = 0; c < 3; c++)
                if (fabs(points[i].light[c] - fit[c][0] - fit[c][1] * points[i].mm[0] -
                         fit[c][2] * points[i].mm[1]) > PAPER_OFF)
                    points[i].used = false;
    }
    for (int c = 0; c < 3; c++)
        memcpy(light.slope[c], fit[c] + 1, sizeof light.slope[c]);
    return light;
}

/* ---- correction ---- */

static int terms_of(const double seen[3], bool roots, double term[MOST_TERMS])
{
    for (int k = 0; k < 3; k++) {
        term[k] = seen[k];
        term[3 + k] = sqrt(fmax(seen[k], 0) * fmax(seen[(k + 1) % 3], 0));
    }
    return roots ? 6 : 3;
}

/* Weighted least squares without sample `without` (-1: with all): errors count by how light the
 * patch is, as the eye counts them. */
static bool solve(const struct card_sample *samples, int count, int without, bool roots,
                  struct card_correction *to)
{
    double a[MOST_TERMS * MOST_TERMS] = {0}, b[3][MOST_TERMS] = {{0}};
    int terms = roots ? 6 : 3;
    *to = (struct card_correction){.roots = roots};
    for (int i = 0; i < count; i++) {
        double term[MOST_TERMS];
        if (i == without)
            continue;
        terms_of(samples[i].seen, roots, term);
        double weight = pow(samples[i].truth[1] + 0.02, -4.0 / 3);
        for (int m = 0; m < terms; m++) {
            for (int n = 0; n < terms; n++)
                a[m * terms + n] += weight * term[m] * term[n];
            for (int c = 0; c < 3; c++)
                b[c][m] += weight * term[m] * samples[i].truth[c];
        }
    }
    double trace = 0;
    for (int m = 0; m < terms; m++)
        trace += a[m * terms + m] / terms;
    for (int m = 0; m < terms; m++)
        a[m * terms + m] += RIDGE * trace;
    for (int c = 0; c < 3; c++) {
        double copy[MOST_TERMS * MOST_TERMS];
        memcpy(copy, a, sizeof copy);
        if (!card_solve(copy, terms, b[c]))
            return false;
        memcpy(to->matrix[c], b[c], (size_t)terms * sizeof **b);
    }
    return true;
}

static double error_of(const struct card_correction *correction, const struct card_sample *sample)
{
    double term[MOST_TERMS], rgb[3] = {0};
    int terms = terms_of(sample->seen, correction->roots, term);
    for (int c = 0; c < 3; c++)
        for (int k = 0; k < terms; k++)
            rgb[c] += correction->matrix[c][k] * term[k];
    return colour_delta_e00(colour_lab(rgb[0], rgb[1], rgb[2]), sample->lab);
}

/* Mean error of each patch under a correction made without it; infinite when there is none. */
static double held_out(const struct card_sample *samples, int count, bool roots,
                       double *standard_error)
{
    double sum = 0, squares = 0;
    for (int i = 0; i < count; i++) {
        struct card_correction correction;
        if (!solve(samples, count, i, roots, &correction))
            return INFINITY;
        double off = error_of(&correction, &samples[i]);
        sum += off;
        squares += off * off;
    }
    *standard_error = sqrt(fmax(squares - sum * sum / count, 0) / (count * (count - 1.0)));
    return sum / count;
}

/* With nothing but the exposure put right. */
static double plain_error(const struct card_sample *samples, int count)
{
    double seen = 0, truth = 0, sum = 0;
    for (int i = 0; i < count; i++) {
        seen += samples[i].seen[1];
        truth += samples[i].truth[1];
    }
    struct card_correction correction = {0};
    for (int c = 0; c < 3; c++)
        correction.matrix[c][c] = truth / seen;
    for (int i = 0; i < count; i++)
        sum += error_of(&correction, &samples[i]);
    return sum / count;
}

void card_fit_colours(const struct card_sample *samples, int count, struct card *card)
{
    card->patches = count;
    double error_of_mean[2];
    double linear = held_out(samples, count, false, &error_of_mean[0]);
    double roots = held_out(samples, count, true, &error_of_mean[1]);
    card->delta_e00 = fmin(linear, roots);
    card->delta_e00_error = error_of_mean[roots < linear];
    card->delta_e00_plain = plain_error(samples, count);
    card->has_colour =
        isfinite(card->delta_e00) && solve(samples, count, -1, roots < linear, &card->correction);
    card->colour_reason = card->has_colour ? NULL : "the card's colours do not fit together";
}

void card_read_colours(const struct image *image, const struct card_colours *colours,
                       struct card *card)
{
    struct card_sample samples[CARD_PATCHES];
    int count = 0;
    card->has_colour = false;
    if (card->px_per_mm * CARD_PATCH * cos(card->tilt * (M_PI / 180)) < LEAST_PATCH) {
        card->colour_reason = "the card's patches are too small in the photo";
        return;
    }
    struct paper_light light = light_on(image, card);
    for (int i = 0; i < CARD_PATCHES; i++) {
        struct card_sample *s = &samples[count];
        if (!read_patch(image, card, &card_patches[i], s->seen))
            continue;
        for (int c = 0; c < 3; c++)
            s->seen[c] /= exp(light.slope[c][0] * (card_patches[i].x - CARD_WIDTH / 2) +
                              light.slope[c][1] * (card_patches[i].y - CARD_HEIGHT / 2));
        s->lab = colours->lab[i];
        colour_lab_to_rgb(s->lab, s->truth);
        count++;
    }
    card->patches = count;
    if (count < LEAST_USED) {
        card->colour_reason = "too many of the card's patches are hidden, over-exposed or uneven";
        return;
    }
    card_fit_colours(samples, count, card);
}
