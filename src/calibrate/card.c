/* The reference card in a photo: found, fitted, read. */
#include "calibrate/chart.h"

#include "base/threads.h"

#include <math.h>
#include <string.h>

#define LEAST_TAGS  2
#define PITCH_ERROR 0.005 /* of a chart's pitch, measured or published */
#define MARGIN      2.0   /* mm around the card that is not skin either: its shadow */

/* EXIF's equivalent is by the diagonal of 36 x 24 mm. */
static double focal_px(const struct image *image, const struct photo_info *info)
{
    return info->focal_35 > 0 ? info->focal_35 / hypot(36, 24) * hypot(image->width, image->height)
                              : 0;
}

striae_status calibrate_card_find(const struct image *image, const struct photo_info *info,
                                  const struct card_colours *colours, struct card *card,
                                  striae_error *error)
{
    struct card_corners corners;
    bool twice;
    *card = (struct card){.colour_reason = "no card"};
    striae_status status = card_find_tags(image, &corners, &twice, error);
    if (status != STRIAE_OK)
        return status;
    card->tags = corners.tags;
    if (twice) {
        card->reason = "more than one reference card is in the photo: leave one";
        return STRIAE_OK;
    }
    if (corners.tags == 0)
        return chart_find(image, card, error);
    if (corners.tags < LEAST_TAGS) {
        card->reason = corners.tags
                           ? "only one of the reference card's four tags can be read: show "
                             "the whole card, sharp and without shine"
                           : NULL;
        return STRIAE_OK;
    }
    status = card_fit(&corners, image->width, image->height, focal_px(image, info), card, error);
    if (status == STRIAE_OK && card->found)
        card_read_colours(image, colours, card);
    return status;
}

bool calibrate_card_has_scale(const struct card *card)
{
    return card->found || (card->chart && card->px_per_mm > 0);
}

/* Foreshortening, which needs no focal length, gives the tilt; of the places of the patches only
 * what they leave over counts, beside the pitch itself. */
void calibrate_chart_pitch(double pitch, struct card *card)
{
    double h[3][3], middle[2], j[4];
    if (!card->chart || !(pitch > 0))
        return;
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            h[i][k] = card->plane.to_px[i][k] / (k < 2 ? pitch : 1);
    const struct lens lens = card->plane.lens;
    double x = pitch * CHART_COLUMNS / 2.0, y = pitch * CHART_ROWS / 2.0;
    perspective_init(&card->plane, (const double(*)[3])h, &lens, x, y);
    perspective_px(&card->plane, x, y, middle);
    if (!perspective_jacobian(&card->plane, middle[0], middle[1], j))
        return;
    double all = j[0] * j[0] + j[1] * j[1] + j[2] * j[2] + j[3] * j[3];
    double det = fabs(j[0] * j[3] - j[1] * j[2]), root = sqrt(fmax(all * all / 4 - det * det, 0));
    card->pitch = pitch;
    card->px_per_mm = 1 / sqrt(det);
    card->px_per_mm_error =
        card->px_per_mm *
        hypot(PITCH_ERROR, card->residual / (card->px_per_mm * pitch * CHART_COLUMNS));
    card->tilt = acos(sqrt((all / 2 - root) / (all / 2 + root))) * (180 / M_PI);
}

double calibrate_card_scale(const struct card *card, double x, double y)
{
    double j[4];
    if (!perspective_jacobian(&card->plane, x, y, j))
        return 0;
    return 1 / sqrt(fabs(j[0] * j[3] - j[1] * j[2]));
}

/* The chart with its frame; mm, as if its patches were 10 mm apart where that is not known. */
static double chart_distance(const struct card *card, const double at[2])
{
    double u = at[0] / card->pitch - CHART_COLUMNS / 2.0,
           v = at[1] / card->pitch - CHART_ROWS / 2.0;
    double dx = fmax(fabs(u) - CHART_COLUMNS / 2.0 - CHART_MARGIN, 0);
    double dy = fmax(fabs(v) - CHART_ROWS / 2.0 - CHART_MARGIN, 0);
    return (calibrate_card_has_scale(card) ? card->pitch : 10) * hypot(dx, dy);
}

double card_distance(const struct card *card, double x, double y)
{
    double mm[2];
    if (!perspective_mm(&card->plane, x, y, mm))
        return INFINITY;
    if (card->chart)
        return chart_distance(card, mm);
    double dx = fmax(fabs(mm[0] - CARD_WIDTH / 2) - CARD_WIDTH / 2, 0);
    double dy = fmax(fabs(mm[1] - CARD_HEIGHT / 2) - CARD_HEIGHT / 2, 0);
    return hypot(dx, dy);
}

int card_side(const struct card *card, double x, double y)
{
    double mm[2], right = card->chart ? card->pitch * CHART_COLUMNS / 2.0 : CARD_WIDTH / 2;
    double down = card->chart ? card->pitch * CHART_ROWS / 2.0 : CARD_HEIGHT / 2;
    return perspective_mm(&card->plane, x, y, mm) ? (mm[0] > right) + 2 * (mm[1] > down) : 0;
}

void calibrate_card_mask(const struct card *card, struct mask *mask)
{
    for (int y = 0; y < mask->height; y++)
        for (int x = 0; x < mask->width; x++)
            if (mask_row(mask, y)[x] && card_distance(card, x, y) < MARGIN)
                mask_row(mask, y)[x] = 0;
}

/* GSL's own, when the matrix is singular, ends the program unless the whole process is told not to.
 */
bool card_solve(double *a, int n, double *b)
{
    for (int j = 0; j < n; j++) /* a = l l', l in the lower triangle */
        for (int i = j; i < n; i++) {
            double sum = a[i * n + j];
            for (int k = 0; k < j; k++)
                sum -= a[i * n + k] * a[j * n + k];
            if (i == j && !(sum > 0))
                return false;
            a[i * n + j] = i == j ? sqrt(sum) : sum / a[j * n + j];
        }
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < i; k++)
            b[i] -= a[i * n + k] * b[k];
        b[i] /= a[i * n + i];
    }
    for (int i = n - 1; i >= 0; i--) {
        for (int k = i + 1; k < n; k++)
            b[i] -= a[k * n + i] * b[k];
        b[i] /= a[i * n + i];
    }
    return true;
}

/* ---- correction ---- */

struct job {
    const struct card_correction *correction;
    struct image *image;
};

static void correct_row(void *context, int y)
{
    const struct job *job = context;
    float *row[3], m[3][6];
    int terms = job->correction->roots ? 6 : 3;
    for (int c = 0; c < 3; c++) {
        row[c] = plane_row(&job->image->channel[c], y);
        for (int k = 0; k < 6; k++)
            m[c][k] = (float)job->correction->matrix[c][k];
    }
    for (int x = 0; x < job->image->width; x++) {
        float t[6] = {row[0][x], row[1][x], row[2][x]};
        for (int k = 3; k < terms; k++)
            t[k] = sqrtf(fmaxf(t[k - 3], 0) * fmaxf(t[(k - 2) % 3], 0));
        for (int c = 0; c < 3; c++) {
            float sum = 0;
            for (int k = 0; k < terms; k++)
                sum += m[c][k] * t[k];
            row[c][x] = sum;
        }
    }
}

void calibrate_card_correct(const struct card_correction *correction, int threads,
                            struct image *image)
{
    struct job job = {correction, image};
    threads_run(threads, image->height, correct_row, &job);
}
