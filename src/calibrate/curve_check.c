/* What the cards tell of the body's curve.
 *
 * A photo does not tell how skin lies to the camera: light and shape make the same shading. The
 * card does, where it lies. So how far striae lie from it is told; and where two photos of the same
 * skin have the card in different places, each card's plane says what the scale is beside the
 * other: as far as they disagree, the skin does not lie in one plane (or was stretched in
 * between). */
#include "calibrate/card.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define NEAR_LIMIT                                                                                 \
    60.0 /* mm; there a body of 150 mm radius is seen at 24 degrees, 8 % too narrow */
#define CURVE_LIMIT  3.0  /* %, of lengths; breath stretches skin by nearly that */
#define BESIDE       15.0 /* mm around a card that its plane holds for */
#define APART        30.0 /* mm from the other card; nearer tells nothing of a curve */
#define STEP         8    /* px between places that are looked at */
#define LEAST_PLACES 40
#define FAR_SHARE    0.95

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

striae_status calibrate_near_check(const struct card *card, const struct labels *striae,
                                   struct qc *qc, striae_error *error)
{
    size_t all = (size_t)striae->width * (size_t)striae->height, count = 0;
    double *away = card->found && striae->data ? malloc((all / STEP + 1) * sizeof *away) : NULL;
    if (!card->found || !striae->data)
        return STRIAE_OK;
    if (!away)
        return fail_memory(error);
    for (size_t i = 0; i < all; i += STEP)
        if (striae->data[i])
            away[count++] = card_distance(card, (double)(i % (size_t)striae->width),
                                          (double)(i / (size_t)striae->width));
    qsort(away, count, sizeof *away, by_value);
    double far = count ? away[(size_t)(FAR_SHARE * (double)(count - 1))] : 0;
    free(away);
    if (!count || !isfinite(far))
        return STRIAE_OK;
    bool good = far <= NEAR_LIMIT;
    return qc_add(qc, "card_near", good ? QC_PASS : QC_WARN, far, NEAR_LIMIT,
                  good ? "The striae lie near the reference card."
                       : "Striae lie far from the reference card: where the body curves away from "
                         "its plane they come out too narrow. Lay the card beside them.",
                  error);
}

/* Places beside a card and apart from the other one: logarithms of the scale that this card's plane
 * and the map give the other photo, over the one that its own card gives. map: from the photo of
 * `here` to that of `there`. How many. */
static size_t compare_scales(const struct card *here, const struct card *there,
                             const struct warp *map, const int size[2], double *logs, size_t most)
{
    size_t count = 0;
    for (int y = 0; y < size[1]; y += STEP)
        for (int x = 0; x < size[0] && count < most; x += STEP) {
            double u, v, j[4];
            if (card_distance(here, x, y) > BESIDE || !warp_point(map, x, y, &u, &v) ||
                !warp_jacobian(map, x, y, j) || card_distance(there, u, v) < APART)
                continue;
            double own = calibrate_card_scale(there, u, v), area = j[0] * j[3] - j[1] * j[2];
            double carried = calibrate_card_scale(here, x, y) * sqrt(fmax(area, 0));
            if (own > 0 && carried > 0)
                logs[count++] = log(carried / own);
        }
    return count;
}

/* %, by which lengths differ beside one card; < 0 = not known. */
static double curve_beside(const struct card *here, const struct card *there,
                           const struct warp *map, const int size[2], double *logs, size_t most)
{
    size_t count = compare_scales(here, there, map, size, logs, most);
    qsort(logs, count, sizeof *logs, by_value);
    return count < LEAST_PLACES ? -1 : 100 * fabs(expm1(logs[count / 2]));
}

striae_status calibrate_curvature_check(const struct curve_view *view, struct qc *qc,
                                        striae_error *error)
{
    double off = -1;
    if (view->first->found && view->later && view->later->found && view->forward) {
        size_t most = 0;
        for (int k = 0; k < 2; k++) {
            size_t places =
                (size_t)(view->size[k][0] / STEP + 1) * (size_t)(view->size[k][1] / STEP + 1);
            most = places > most ? places : most;
        }
        double *logs = malloc(most * sizeof *logs);
        if (!logs)
            return fail_memory(error);
        off =
            fmax(curve_beside(view->first, view->later, view->forward, view->size[0], logs, most),
                 curve_beside(view->later, view->first, view->backward, view->size[1], logs, most));
        free(logs);
    }
    if (off < 0)
        return qc_add(qc, "curvature", QC_PASS, NAN, CURVE_LIMIT,
                      "How far the body's curve foreshortens the skin is not known: that takes the "
                      "reference card in both photos, in two places.",
                      error);
    bool good = off <= CURVE_LIMIT;
    return qc_add(
        qc, "curvature", good ? QC_PASS : QC_WARN, off, CURVE_LIMIT,
        good ? "The skin is flat enough: the cards of both photos agree on its scale."
             : "The cards of both photos disagree on the skin's scale: the body curves, or "
               "the skin was stretched. Lay the card beside the striae, in the same place "
               "each time.",
        error);
}
