/* The reference card in a photo: found, fitted, read. */
#include "calibrate/card.h"

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

/* (r / corner)^2 */
static double radius2(const struct card_lens *lens, double u, double v)
{
    if (lens->k == 0)
        return 0;
    double dx = (u - lens->middle[0]) / lens->corner, dy = (v - lens->middle[1]) / lens->corner;
    return dx * dx + dy * dy;
}

void card_straighten(const struct card_lens *lens, const double seen[2], double ideal[2])
{
    double factor = 1 + lens->k * radius2(lens, seen[0], seen[1]);
    for (int i = 0; i < 2; i++)
        ideal[i] = lens->middle[i] + factor * (seen[i] - lens->middle[i]);
}

void card_point(const struct card *card, double x, double y, double to[2])
{
    const double(*h)[3] = card->homography;
    const struct card_lens *lens = &card->lens;
    double w = h[2][0] * x + h[2][1] * y + h[2][2], ideal[2];
    for (int i = 0; i < 2; i++)
        to[i] = ideal[i] = (h[i][0] * x + h[i][1] * y + h[i][2]) / w;
    for (int step = 0; step < 8; step++) { /* the inverse of card_straighten */
        double factor = 1 + lens->k * radius2(lens, to[0], to[1]);
        for (int i = 0; i < 2; i++)
            to[i] = lens->middle[i] + (ideal[i] - lens->middle[i]) / factor;
    }
}

/* px to mm: the inverse homography, by the adjugate. false behind the camera's horizon. */
static bool to_card(const struct card *card, double u, double v, double mm[2], double *depth)
{
    const double(*h)[3] = card->homography;
    double a[3][3], at[3], seen[2] = {u, v}, ideal[2];
    card_straighten(&card->lens, seen, ideal);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            int p = (i + 1) % 3, q = (i + 2) % 3, r = (j + 1) % 3, s = (j + 2) % 3;
            a[j][i] = h[p][r] * h[q][s] - h[p][s] * h[q][r];
        }
    for (int i = 0; i < 3; i++)
        at[i] = a[i][0] * ideal[0] + a[i][1] * ideal[1] + a[i][2];
    mm[0] = at[0] / at[2];
    mm[1] = at[1] / at[2];
    *depth = h[2][0] * mm[0] + h[2][1] * mm[1] + h[2][2];
    double middle = h[2][0] * CARD_WIDTH / 2 + h[2][1] * CARD_HEIGHT / 2 + h[2][2];
    return isfinite(mm[0]) && isfinite(mm[1]) && *depth * middle > 0;
}

double calibrate_card_scale(const struct card *card, double x, double y)
{
    const double(*h)[3] = card->homography;
    double mm[2], depth;
    if (!to_card(card, x, y, mm, &depth))
        return 0;
    /* det of the map's derivative = det(H) / w^3. */
    double det = 0;
    for (int j = 0; j < 3; j++)
        det += h[0][j] *
               (h[1][(j + 1) % 3] * h[2][(j + 2) % 3] - h[1][(j + 2) % 3] * h[2][(j + 1) % 3]);
    /* And of the lens: radially (r + k r^3)' and (r + k r^3) / r around. */
    double kr2 = card->lens.k * radius2(&card->lens, x, y);
    return sqrt(fabs(det / (depth * depth * depth * (1 + kr2) * (1 + 3 * kr2))));
}

double card_distance(const struct card *card, double x, double y)
{
    double mm[2], depth;
    if (!to_card(card, x, y, mm, &depth))
        return INFINITY;
    double dx = fmax(fabs(mm[0] - CARD_WIDTH / 2) - CARD_WIDTH / 2, 0);
    double dy = fmax(fabs(mm[1] - CARD_HEIGHT / 2) - CARD_HEIGHT / 2, 0);
    return hypot(dx, dy);
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
