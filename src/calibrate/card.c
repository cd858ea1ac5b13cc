/* The reference card in a photo: found, fitted, read. */
#include "calibrate/chart.h"

#include "base/threads.h"

#include <math.h>
#include <string.h>

#define LEAST_TAGS 2
#define MARGIN     2.0 /* mm around the card that is not skin either: its shadow */

/* EXIF's equivalent is by the diagonal of 36 x 24 mm. */
static double focal_px(const struct image *image, const struct photo_info *info)
{
    return info->focal_35 > 0 ? info->focal_35 / hypot(36, 24) * hypot(image->width, image->height)
                              : 0;
}

striae_status calibrate_card_find(const struct image *image, const struct photo_info *info,
                                  const struct card_colours *colours, int threads,
                                  struct card *card, striae_error *error)
{
    struct card_corners corners;
    bool twice;
    *card = (struct card){.colour_reason = "no card"};
    striae_status status = card_find_tags(image, threads, &corners, &twice, error);
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

double calibrate_card_scale(const struct card *card, double x, double y)
{
    double j[4];
    if (!perspective_jacobian(&card->plane, x, y, j))
        return 0;
    return 1 / sqrt(fabs(j[0] * j[3] - j[1] * j[2]));
}

/* The chart's grid as if its patches were 10 mm apart, with its frame. */
static double chart_distance(const double at[2])
{
    double dx = fmax(fabs(at[0] - CHART_COLUMNS / 2.0) - CHART_COLUMNS / 2.0 - CHART_MARGIN, 0);
    double dy = fmax(fabs(at[1] - CHART_ROWS / 2.0) - CHART_ROWS / 2.0 - CHART_MARGIN, 0);
    return 10 * hypot(dx, dy);
}

double card_distance(const struct card *card, double x, double y)
{
    double mm[2];
    if (!perspective_mm(&card->plane, x, y, mm))
        return INFINITY;
    if (card->chart)
        return chart_distance(mm);
    double dx = fmax(fabs(mm[0] - CARD_WIDTH / 2) - CARD_WIDTH / 2, 0);
    double dy = fmax(fabs(mm[1] - CARD_HEIGHT / 2) - CARD_HEIGHT / 2, 0);
    return hypot(dx, dy);
}

int card_side(const struct card *card, double x, double y)
{
    double mm[2], right = card->chart ? CHART_COLUMNS / 2.0 : CARD_WIDTH / 2;
    double down = card->chart ? CHART_ROWS / 2.0 : CARD_HEIGHT / 2;
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
