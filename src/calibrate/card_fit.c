/* The pose of the camera that sees the card: all corners together, by least squares.
 *
 * A camera of square pixels with its axis through the middle of the photo; what is not known of the
 * focal length is held by a weak prior, so that the foreshortening (which needs no focal length)
 * and the perspective (which does) get the weight they deserve. */
#include "calibrate/card.h"

#include <gsl/gsl_blas.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <math.h>
#include <string.h>

#define UNKNOWN_FOCAL    1.0  /* of the longer side: between a phone's and a macro lens */
#define UNKNOWN_SPREAD   0.35 /* of its logarithm */
#define KNOWN_SPREAD     0.03
#define CORNER_ERROR     0.15 /* px, at best, of a corner */
#define PARAMETERS       7    /* rotation vector, place in mm, logarithm of the focal length */
#define LARGEST_RESIDUAL 0.02 /* of the card's width in the photo: more is no flat card */

struct camera_view {
    const struct card_corners *corners;
    double middle[2], focal, spread; /* the prior */
    double turn[3][3];               /* where the rotation vector counts from */
};

typedef double matrix[3][3];

static void multiply(const matrix a, const matrix b, matrix to)
{
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            to[i][j] = 0;
            for (int k = 0; k < 3; k++)
                to[i][j] += a[i][k] * b[k][j];
        }
}

/* The rotation about `axis` by its length (Rodrigues). */
static void rotation(const double axis[3], matrix to)
{
    double angle = sqrt(axis[0] * axis[0] + axis[1] * axis[1] + axis[2] * axis[2]);
    double s = angle > 1e-9 ? sin(angle) / angle : 1;
    double c = angle > 1e-9 ? (1 - cos(angle)) / (angle * angle) : 0.5;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            to[i][j] = (i == j) * cos(angle) + c * axis[i] * axis[j];
    to[0][1] -= s * axis[2];
    to[0][2] += s * axis[1];
    to[1][2] -= s * axis[0];
    to[1][0] += s * axis[2];
    to[2][0] -= s * axis[1];
    to[2][1] += s * axis[0];
}

/* Card mm to photo px, for these parameters. */
static void homography_of(const struct camera_view *view, const double *p, matrix h)
{
    matrix own, turn;
    double focal = exp(p[6]);
    rotation(p, own);
    multiply(own, view->turn, turn);
    for (int i = 0; i < 3; i++) {
        h[i][0] = turn[i][0];
        h[i][1] = turn[i][1];
        h[i][2] = p[3 + i] - turn[i][0] * CARD_WIDTH / 2 - turn[i][1] * CARD_HEIGHT / 2;
    }
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 3; j++)
            h[i][j] = focal * h[i][j] + view->middle[i] * h[2][j];
}

static void project(const matrix h, double x, double y, double to[2])
{
    double w = h[2][0] * x + h[2][1] * y + h[2][2];
    for (int i = 0; i < 2; i++)
        to[i] = (h[i][0] * x + h[i][1] * y + h[i][2]) / w;
}

static int residuals(const gsl_vector *p, void *context, gsl_vector *f)
{
    const struct camera_view *view = context;
    matrix h;
    homography_of(view, p->data, h);
    for (int i = 0; i < view->corners->count; i++) {
        double at[2];
        project(h, view->corners->mm[i][0], view->corners->mm[i][1], at);
        for (int k = 0; k < 2; k++)
            gsl_vector_set(f, (size_t)(2 * i + k),
                           (at[k] - view->corners->px[i][k]) / CORNER_ERROR);
    }
    gsl_vector_set(f, (size_t)(2 * view->corners->count),
                   (gsl_vector_get(p, 6) - log(view->focal)) / view->spread);
    return GSL_SUCCESS;
}

/* ---- where to begin ---- */

/* Direct linear transform by the normal equations, in centred coordinates. */
static bool first_homography(const struct card_corners *c, const double middle[2], double unit,
                             matrix h)
{
    double a_data[64] = {0}, b_data[8] = {0};
    for (int i = 0; i < c->count; i++) {
        double x = c->mm[i][0] - CARD_WIDTH / 2, y = c->mm[i][1] - CARD_HEIGHT / 2;
        for (int k = 0; k < 2; k++) {
            double v = (c->px[i][k] - middle[k]) / unit, row[8] = {0};
            row[3 * k] = x;
            row[3 * k + 1] = y;
            row[3 * k + 2] = 1;
            row[6] = -v * x;
            row[7] = -v * y;
            for (int m = 0; m < 8; m++) {
                b_data[m] += row[m] * v;
                for (int n = 0; n < 8; n++)
                    a_data[8 * m + n] += row[m] * row[n];
            }
        }
    }
    if (!card_solve(a_data, 8, b_data))
        return false;
    for (int i = 0; i < 8; i++)
        h[i / 3][i % 3] = b_data[i];
    h[2][2] = 1;
    return true;
}

static double length(const double v[3])
{
    return sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
}

/* Rotation and place from a homography of centred coordinates (unit = focal length). */
static bool first_pose(const matrix h, matrix turn, double place[3])
{
    double r[3][3]; /* rows here are the columns of the rotation */
    double scale = 0, dot = 0;
    for (int j = 0; j < 2; j++) {
        for (int i = 0; i < 3; i++)
            r[j][i] = h[i][j];
        scale += length(r[j]) / 2;
    }
    if (!(scale > 1e-12))
        return false;
    double first = length(r[0]);
    for (int i = 0; i < 3; i++)
        r[0][i] /= first;
    for (int i = 0; i < 3; i++)
        dot += r[0][i] * r[1][i];
    for (int i = 0; i < 3; i++)
        r[1][i] -= dot * r[0][i];
    double second = length(r[1]);
    if (!(second > 1e-12))
        return false;
    for (int i = 0; i < 3; i++)
        r[1][i] /= second;
    for (int i = 0; i < 3; i++)
        r[2][i] = r[0][(i + 1) % 3] * r[1][(i + 2) % 3] - r[0][(i + 2) % 3] * r[1][(i + 1) % 3];
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++)
            turn[i][j] = r[j][i];
        place[i] = h[i][2] / scale;
    }
    return true;
}

/* The same card leaning the other way: nearly the same picture, and often the better fit. */
static void lean_back(const matrix turn, matrix to)
{
    double n[3] = {turn[0][2], turn[1][2], turn[2][2]};
    double angle = 2 * atan2(hypot(n[0], n[1]), n[2]), side = hypot(n[0], n[1]);
    double axis[3] = {0, 0, 0};
    matrix back;
    if (side > 1e-9) {
        axis[0] = -n[1] / side * -angle;
        axis[1] = n[0] / side * -angle;
    }
    rotation(axis, back);
    multiply(back, turn, to);
}

/* ---- the fit ---- */

struct fitted {
    double p[PARAMETERS], chi2;
    double covariance[PARAMETERS][PARAMETERS];
    matrix h;
    double normal; /* cosine of the tilt */
};

static striae_status fit_from(struct camera_view *view, const double place[3],
                              struct fitted *fitted, striae_error *error)
{
    size_t n = (size_t)(2 * view->corners->count + 1);
    gsl_multifit_nlinear_parameters settings = gsl_multifit_nlinear_default_parameters();
    gsl_multifit_nlinear_workspace *work =
        gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &settings, n, PARAMETERS);
    gsl_matrix *covariance = gsl_matrix_alloc(PARAMETERS, PARAMETERS);
    double start[PARAMETERS] = {0, 0, 0, place[0], place[1], place[2], log(view->focal)};
    gsl_vector_view from = gsl_vector_view_array(start, PARAMETERS);
    gsl_multifit_nlinear_fdf problem = {.f = residuals, .n = n, .p = PARAMETERS, .params = view};
    int info;
    if (!work || !covariance) {
        gsl_multifit_nlinear_free(work);
        gsl_matrix_free(covariance);
        return fail_memory(error);
    }
    gsl_multifit_nlinear_init(&from.vector, &problem, work);
    (void)gsl_multifit_nlinear_driver(200, 1e-10, 1e-10, 0, NULL, NULL, &info, work);
    memcpy(fitted->p, work->x->data, sizeof fitted->p);
    (void)gsl_blas_ddot(work->f, work->f, &fitted->chi2);
    (void)gsl_multifit_nlinear_covar(gsl_multifit_nlinear_jac(work), 0, covariance);
    for (size_t i = 0; i < PARAMETERS; i++)
        for (size_t j = 0; j < PARAMETERS; j++)
            fitted->covariance[i][j] = gsl_matrix_get(covariance, i, j);
    matrix own, turn;
    homography_of(view, fitted->p, fitted->h);
    rotation(fitted->p, own);
    multiply(own, view->turn, turn);
    fitted->normal = turn[2][2];
    gsl_multifit_nlinear_free(work);
    gsl_matrix_free(covariance);
    return STRIAE_OK;
}

/* px per mm at a point of the card: square root of the area that a square mm has. */
static double scale_at(const matrix h, double x, double y)
{
    double a[2], right[2], below[2];
    const double step = 0.01;
    project(h, x, y, a);
    project(h, x + step, y, right);
    project(h, x, y + step, below);
    return sqrt(fabs((right[0] - a[0]) * (below[1] - a[1]) -
                     (right[1] - a[1]) * (below[0] - a[0]))) /
           step;
}

static double tilt_of(const struct camera_view *view, const double *p)
{
    matrix own, turn;
    rotation(p, own);
    multiply(own, view->turn, turn);
    return acos(fmin(fabs(turn[2][2]), 1)) * (180 / M_PI);
}

/* Standard errors, from the covariance by small steps. */
static void find_errors(const struct camera_view *view, const struct fitted *fitted,
                        double looseness, struct card *card)
{
    double slope[2][PARAMETERS], variance[2] = {0};
    for (int k = 0; k < PARAMETERS; k++) {
        double p[PARAMETERS], step = k >= 3 && k < 6 ? 1e-3 : 1e-6;
        matrix h;
        memcpy(p, fitted->p, sizeof p);
        p[k] += step;
        homography_of(view, p, h);
        slope[0][k] = (scale_at(h, CARD_WIDTH / 2, CARD_HEIGHT / 2) - card->px_per_mm) / step;
        slope[1][k] = (tilt_of(view, p) - card->tilt) / step;
    }
    for (int m = 0; m < 2; m++)
        for (int i = 0; i < PARAMETERS; i++)
            for (int j = 0; j < PARAMETERS; j++)
                variance[m] += slope[m][i] * slope[m][j] * fitted->covariance[i][j];
    card->px_per_mm_error = looseness * sqrt(fmax(variance[0], 0));
    card->tilt_error = looseness * sqrt(fmax(variance[1], 0));
}

striae_status card_fit(const struct card_corners *corners, int width, int height, double focal,
                       struct card *card, striae_error *error)
{
    double longer = width > height ? width : height;
    struct camera_view view = {.corners = corners,
                               .middle = {(width - 1) / 2.0, (height - 1) / 2.0},
                               .focal = focal > 0 ? focal : UNKNOWN_FOCAL * longer,
                               .spread = focal > 0 ? KNOWN_SPREAD : UNKNOWN_SPREAD};
    matrix first, upright_turn, other_turn;
    double place[3];
    struct fitted best = {0}, other = {0};
    striae_status status = STRIAE_OK;
    bool possible = first_homography(corners, view.middle, view.focal, first) &&
                    first_pose(first, upright_turn, place);
    if (possible) {
        lean_back(upright_turn, other_turn);
        memcpy(view.turn, upright_turn, sizeof view.turn);
        status = fit_from(&view, place, &best, error);
        memcpy(view.turn, other_turn, sizeof view.turn);
        if (status == STRIAE_OK)
            status = fit_from(&view, place, &other, error);
        if (status == STRIAE_OK && other.chi2 < best.chi2)
            best = other;
        else
            memcpy(view.turn, upright_turn, sizeof view.turn);
    }
    if (status != STRIAE_OK)
        return status;
    double px = CORNER_ERROR * sqrt(best.chi2 / corners->count);
    card->px_per_mm = possible ? scale_at(best.h, CARD_WIDTH / 2, CARD_HEIGHT / 2) : 0;
    card->residual = px;
    card->found = possible && isfinite(card->px_per_mm) && best.p[5] > 0 &&
                  px < LARGEST_RESIDUAL * CARD_WIDTH * card->px_per_mm / 10;
    if (!card->found) {
        card->reason = "the card is bent or its tags do not fit together";
        return STRIAE_OK;
    }
    memcpy(card->homography, best.h, sizeof card->homography);
    card->tilt = tilt_of(&view, best.p);
    find_errors(&view, &best, fmax(1, sqrt(best.chi2 / (2 * corners->count + 1 - PARAMETERS))),
                card);
    return STRIAE_OK;
}
