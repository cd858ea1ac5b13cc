/* The pose of the camera that sees the card: all corners together, by least squares.
 *
 * A camera of square pixels with its axis through the middle of the photo; what is not known of the
 * focal length and of the lens's distortion is held by weak priors, so that the foreshortening
 * (which needs no focal length) and the perspective (which does) get the weight they deserve. */
#include "calibrate/card.h"

#include <gsl/gsl_blas.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <math.h>
#include <string.h>

#define UNKNOWN_FOCAL    1.4 /* of the longer side: between a phone and a macro lens */
#define UNKNOWN_SPREAD   0.8 /* of its logarithm: 0.3 to 7 longer sides */
#define KNOWN_SPREAD     0.03
#define CORNER_ERROR     0.15 /* px, at best, of a corner */
#define LENS_SPREAD      0.02 /* of what lenses distort in the corner: phones correct most of it */
#define GROWTH_SPREAD    0.05 /* mm by which ink spreads and blur moves the edges of the black */
#define PRIORS           3
#define MOST_CHI2        4.0  /* per corner: more, and something is wrong */
#define LARGEST_RESIDUAL 0.02 /* of the card's width in the photo: more is no flat card */

/* What is fitted. The distance is counted in focal lengths: so the scale in the photo hardly
 * depends on the focal length, of which little may be known. */
enum { TURN, PLACE = 3, DISTANCE = 5, FOCAL, LENS, GROWTH, PARAMETERS };

struct camera_view {
    const struct card_corners *corners;
    struct lens lens;     /* without distortion */
    double focal, spread; /* the prior */
    bool plain;           /* neither lens nor growth is fitted */
    double turn[3][3];    /* where the rotation vector counts from */
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
    double focal = exp(p[FOCAL]), place[3] = {p[PLACE], p[PLACE + 1], focal * exp(p[DISTANCE])};
    rotation(p + TURN, own);
    multiply(own, view->turn, turn);
    for (int i = 0; i < 3; i++) {
        h[i][0] = turn[i][0];
        h[i][1] = turn[i][1];
        h[i][2] = place[i] - turn[i][0] * CARD_WIDTH / 2 - turn[i][1] * CARD_HEIGHT / 2;
    }
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 3; j++)
            h[i][j] = focal * h[i][j] + view->lens.middle[i] * h[2][j];
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
    struct lens lens = view->lens;
    double growth = gsl_vector_get(p, GROWTH), tight = view->plain ? 1e3 : 1;
    lens.k = gsl_vector_get(p, LENS);
    homography_of(view, p->data, h);
    for (int i = 0; i < view->corners->count; i++) {
        const double *mm = view->corners->mm[i], *out = view->corners->out[i];
        double at[2], seen[2];
        project(h, mm[0] + growth * out[0], mm[1] + growth * out[1], at);
        lens_straighten(&lens, view->corners->px[i], seen);
        for (int k = 0; k < 2; k++)
            gsl_vector_set(f, (size_t)(2 * i + k), (at[k] - seen[k]) / CORNER_ERROR);
    }
    gsl_vector_set(f, (size_t)(2 * view->corners->count + 1), tight * lens.k / LENS_SPREAD);
    gsl_vector_set(f, (size_t)(2 * view->corners->count + 2), tight * growth / GROWTH_SPREAD);
    gsl_vector_set(f, (size_t)(2 * view->corners->count),
                   (gsl_vector_get(p, FOCAL) - log(view->focal)) / view->spread);
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
};

static striae_status fit_from(struct camera_view *view, const double place[3], double focal,
                              struct fitted *fitted, striae_error *error)
{
    size_t n = (size_t)(2 * view->corners->count + PRIORS);
    gsl_multifit_nlinear_parameters settings = gsl_multifit_nlinear_default_parameters();
    gsl_multifit_nlinear_workspace *work =
        gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &settings, n, PARAMETERS);
    gsl_matrix *covariance = gsl_matrix_alloc(PARAMETERS, PARAMETERS);
    double start[PARAMETERS] = {[PLACE] = place[0],
                                [PLACE + 1] = place[1],
                                [DISTANCE] = log(place[2] / focal),
                                [FOCAL] = log(focal)};
    gsl_vector_view from = gsl_vector_view_array(start, PARAMETERS);
    gsl_multifit_nlinear_fdf problem = {.f = residuals, .n = n, .p = PARAMETERS, .params = view};
    int info;
    if (!work || !covariance) {
        gsl_multifit_nlinear_free(work);
        gsl_matrix_free(covariance);
        return fail_memory(error);
    }
    /* First the pose, which is far from where it begins; then what is small. */
    for (int pass = 0; pass < 2; pass++) {
        view->plain = pass == 0;
        gsl_multifit_nlinear_init(&from.vector, &problem, work);
        (void)gsl_multifit_nlinear_driver(200, 1e-10, 1e-10, 0, NULL, NULL, &info, work);
        memcpy(start, work->x->data, sizeof start);
    }
    memcpy(fitted->p, work->x->data, sizeof fitted->p);
    (void)gsl_blas_ddot(work->f, work->f, &fitted->chi2);
    (void)gsl_multifit_nlinear_covar(gsl_multifit_nlinear_jac(work), 0, covariance);
    for (size_t i = 0; i < PARAMETERS; i++)
        for (size_t j = 0; j < PARAMETERS; j++)
            fitted->covariance[i][j] = gsl_matrix_get(covariance, i, j);
    gsl_multifit_nlinear_free(work);
    gsl_matrix_free(covariance);
    return STRIAE_OK;
}

/* The lens and the homography of these parameters. */
static struct perspective seen_by(const struct camera_view *view, const double *p)
{
    struct perspective plane;
    struct lens lens = view->lens;
    matrix h;
    lens.k = p[LENS];
    homography_of(view, p, h);
    perspective_init(&plane, h, &lens, CARD_WIDTH / 2, CARD_HEIGHT / 2);
    return plane;
}

/* px per mm in the card's middle: square root of the area that a square mm has. */
static double scale_of(const struct perspective *plane)
{
    double a[2], right[2], below[2];
    const double x = CARD_WIDTH / 2, y = CARD_HEIGHT / 2, step = 0.01;
    perspective_px(plane, x, y, a);
    perspective_px(plane, x + step, y, right);
    perspective_px(plane, x, y + step, below);
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
        double p[PARAMETERS], step = k == PLACE || k == PLACE + 1 ? 1e-3 : 1e-6;
        memcpy(p, fitted->p, sizeof p);
        p[k] += step;
        struct perspective moved = seen_by(view, p);
        slope[0][k] = (scale_of(&moved) - card->px_per_mm) / step;
        slope[1][k] = (tilt_of(view, p) - card->tilt) / step;
    }
    for (int m = 0; m < 2; m++)
        for (int i = 0; i < PARAMETERS; i++)
            for (int j = 0; j < PARAMETERS; j++)
                variance[m] += slope[m][i] * slope[m][j] * fitted->covariance[i][j];
    card->px_per_mm_error = looseness * sqrt(fmax(variance[0], 0));
    card->tilt_error = looseness * sqrt(fmax(variance[1], 0));
}

/* From both leans of the card and, where the focal length is unknown, from several of it: what is
 * far off does not find the way back. The view is left as the best fit has it. */
static striae_status best_fit(struct camera_view *view, bool known, struct fitted *best,
                              striae_error *error)
{
    static const double factors[] = {1, 2.5, 6};
    matrix turn_of_best = {{0}};
    striae_status status = STRIAE_OK;
    for (int i = 0; i < (known ? 1 : 3) * 2 && status == STRIAE_OK; i++) {
        matrix first, turn;
        double place[3], focal = view->focal * factors[i / 2];
        struct fitted fitted;
        if (!first_homography(view->corners, view->lens.middle, focal, first) ||
            !first_pose(first, turn, place) || !(place[2] > 0))
            continue;
        if (i % 2)
            lean_back(turn, view->turn);
        else
            memcpy(view->turn, turn, sizeof turn);
        status = fit_from(view, place, focal, &fitted, error);
        if (status == STRIAE_OK && fitted.chi2 < best->chi2) {
            *best = fitted;
            memcpy(turn_of_best, view->turn, sizeof turn_of_best);
        }
    }
    memcpy(view->turn, turn_of_best, sizeof turn_of_best);
    return status;
}

static void set_focal(struct camera_view *view, double focal, double longer)
{
    view->focal = focal > 0 ? focal : UNKNOWN_FOCAL * longer;
    view->spread = focal > 0 ? KNOWN_SPREAD : UNKNOWN_SPREAD;
}

/* A photo that was cut keeps the focal length of the whole: one that the corners speak against is
 * not believed. */
static striae_status fit_camera(struct camera_view *view, double focal, double longer,
                                struct fitted *best, striae_error *error)
{
    set_focal(view, focal, longer);
    striae_status status = best_fit(view, focal > 0, best, error);
    if (status != STRIAE_OK || !(focal > 0) || best->chi2 < MOST_CHI2 * view->corners->count)
        return status;
    struct camera_view free_view = *view;
    struct fitted other = {.chi2 = INFINITY};
    set_focal(&free_view, 0, longer);
    status = best_fit(&free_view, false, &other, error);
    if (status == STRIAE_OK && other.chi2 < best->chi2 / 2) {
        *best = other;
        *view = free_view;
    }
    return status;
}

striae_status card_fit(const struct card_corners *corners, int width, int height, double focal,
                       struct card *card, striae_error *error)
{
    double longer = width > height ? width : height;
    struct camera_view view = {
        .corners = corners,
        .lens = {{(width - 1) / 2.0, (height - 1) / 2.0}, hypot(width, height) / 2, 0}};
    struct fitted best = {.chi2 = INFINITY};
    striae_status status = fit_camera(&view, focal, longer, &best, error);
    bool possible = isfinite(best.chi2);
    if (status != STRIAE_OK)
        return status;
    double px = CORNER_ERROR * sqrt(best.chi2 / corners->count);
    struct perspective seen = seen_by(&view, best.p);
    card->px_per_mm = possible ? scale_of(&seen) : 0;
    card->residual = px;
    card->found = possible && isfinite(card->px_per_mm) &&
                  px < LARGEST_RESIDUAL * CARD_WIDTH * card->px_per_mm / 10;
    if (!card->found) {
        card->reason = "the card is bent or its tags do not fit together";
        return STRIAE_OK;
    }
    card->plane = seen;
    card->tilt = tilt_of(&view, best.p);
    find_errors(&view, &best, fmax(1, sqrt(best.chi2 / (2 * corners->count + PRIORS - PARAMETERS))),
                card);
    return STRIAE_OK;
}
