#include "measure/width.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PARAMETERS   6
#define ROUNDS       3    /* of re-weighting with a new noise level */
#define STEPS        25   /* Levenberg-Marquardt steps per round, at most */
#define HUBER        1.5  /* in standard deviations */
#define NEAR_SHARE   0.12 /* of the width, to either side, that a first guess looks over */
#define USUAL_RATIO  0.2  /* softness over width where nothing is known yet */
#define USUAL_SPREAD 0.7  /* standard deviation of its logarithm */

enum { MIDDLE, LOG_WIDTH, LOG_SOFT, LEVEL_LEFT, LEVEL_RIGHT, TOP };

struct problem {
    const struct bar_input *in;
    double sigma;         /* noise of one sample of full weight */
    double ratio, spread; /* what ln(softness/width) is held to */
};

struct system {
    double normal[PARAMETERS][PARAMETERS], gradient[PARAMETERS];
    double cost;
};

#define GROUPS 120 /* most samples of a profile that are fitted */

static double phi(double u)
{
    return 0.5 * erfc(-u * M_SQRT1_2);
}

double bar_fwhm(double w, double s)
{
    if (s < 1e-3 * w)
        return w;
    double half = 0.5 * (phi(0.5 * w / s) - phi(-0.5 * w / s));
    double low = 0, high = 0.5 * w + 4 * s;
    for (int i = 0; i < 60; i++) {
        double x = 0.5 * (low + high);
        if (phi((x + 0.5 * w) / s) - phi((x - 0.5 * w) / s) > half)
            low = x;
        else
            high = x;
    }
    return low + high;
}

/* Integral of Phi from 0 to u. */
static double phi_integral(double u)
{
    return u * phi(u) + exp(-0.5 * u * u) / sqrt(2 * M_PI);
}

double bar_inner(double w, double s)
{
    if (s < 1e-3 * w)
        return 1;
    double half = 0.5 * bar_fwhm(w, s), near = (half - 0.5 * w) / s, far = (half + 0.5 * w) / s;
    double inside =
        s * (phi_integral(far) - phi_integral(near) - (phi_integral(-near) - phi_integral(-far)));
    return inside / w;
}

/* Value of the model at x and its derivative by each parameter. */
static double model(const double *p, double blur, double x, double d[PARAMETERS])
{
    double w = exp(p[LOG_WIDTH]), soft = exp(p[LOG_SOFT]), s = sqrt(soft * soft + blur * blur);
    double u = (x - p[MIDDLE] + 0.5 * w) / s, v = (x - p[MIDDLE] - 0.5 * w) / s;
    double pu = phi(u), pv = phi(v), scale = 1 / (s * sqrt(2 * M_PI));
    double left = (p[TOP] - p[LEVEL_LEFT]), right = (p[TOP] - p[LEVEL_RIGHT]);
    double du = left * scale * exp(-0.5 * u * u), dv = right * scale * exp(-0.5 * v * v);
    d[MIDDLE] = dv - du;
    d[LOG_WIDTH] = 0.5 * w * (du + dv);
    d[LOG_SOFT] = (v * dv - u * du) * soft * soft / s;
    d[LEVEL_LEFT] = 1 - pu;
    d[LEVEL_RIGHT] = pv;
    d[TOP] = pu - pv;
    return p[LEVEL_LEFT] + left * pu - right * pv;
}

static void build(const struct problem *problem, const double *p, struct system *system)
{
    const struct bar_input *in = problem->in;
    memset(system, 0, sizeof *system);
    for (int k = 0; k < in->count; k++) {
        double d[PARAMETERS];
        if (!(in->weight[k] > 0))
            continue;
        double r = (in->value[k] - model(p, in->blur, in->first + k, d)) / problem->sigma;
        double size = fabs(r), weight = in->weight[k];
        system->cost += weight * (size < HUBER ? r * r : HUBER * (2 * size - HUBER));
        if (size > HUBER)
            weight *= HUBER / size;
        for (int i = 0; i < PARAMETERS; i++) {
            d[i] /= problem->sigma;
            system->gradient[i] += weight * d[i] * r;
            for (int j = 0; j <= i; j++)
                system->normal[i][j] += weight * d[i] * d[j];
        }
    }
    double off = (p[LOG_SOFT] - p[LOG_WIDTH] - log(problem->ratio)) / problem->spread;
    double steep = 1 / problem->spread;
    system->cost += off * off;
    system->gradient[LOG_SOFT] -= off * steep;
    system->gradient[LOG_WIDTH] += off * steep;
    system->normal[LOG_SOFT][LOG_SOFT] += steep * steep;
    system->normal[LOG_WIDTH][LOG_WIDTH] += steep * steep;
    system->normal[LOG_SOFT][LOG_WIDTH] -= steep * steep;
    for (int i = 0; i < PARAMETERS; i++)
        for (int j = i + 1; j < PARAMETERS; j++)
            system->normal[i][j] = system->normal[j][i];
}

/* Lower Cholesky factor of a, in place; false when it is not positive definite. */
static bool factor(double a[PARAMETERS][PARAMETERS])
{
    for (int j = 0; j < PARAMETERS; j++)
        for (int i = j; i < PARAMETERS; i++) {
            double sum = a[i][j];
            for (int k = 0; k < j; k++)
                sum -= a[i][k] * a[j][k];
            if (i > j)
                a[i][j] = sum / a[j][j];
            else if (sum > 1e-14)
                a[j][j] = sqrt(sum);
            else
                return false;
        }
    return true;
}

static void solve(double a[PARAMETERS][PARAMETERS], double *b)
{
    for (int i = 0; i < PARAMETERS; i++) {
        for (int k = 0; k < i; k++)
            b[i] -= a[i][k] * b[k];
        b[i] /= a[i][i];
    }
    for (int i = PARAMETERS - 1; i >= 0; i--) {
        for (int k = i + 1; k < PARAMETERS; k++)
            b[i] -= a[k][i] * b[k];
        b[i] /= a[i][i];
    }
}

static void minimise(const struct problem *problem, double *p)
{
    struct system here, there;
    double damping = 1e-3;
    build(problem, p, &here);
    for (int step = 0; step < STEPS && damping < 1e8; step++) {
        double a[PARAMETERS][PARAMETERS], move[PARAMETERS], trial[PARAMETERS];
        memcpy(a, here.normal, sizeof a);
        memcpy(move, here.gradient, sizeof move);
        for (int i = 0; i < PARAMETERS; i++)
            a[i][i] += damping * a[i][i] + 1e-12;
        if (!factor(a)) {
            damping *= 10;
            continue;
        }
        solve(a, move);
        for (int i = 0; i < PARAMETERS; i++)
            trial[i] =
                p[i] + (i == LOG_WIDTH || i == LOG_SOFT ? fmin(fmax(move[i], -0.5), 0.5) : move[i]);
        build(problem, trial, &there);
        if (there.cost < here.cost) {
            bool done = here.cost - there.cost < 1e-6 * here.cost;
            memcpy(p, trial, sizeof trial);
            here = there;
            damping = fmax(damping * 0.2, 1e-9);
            if (done)
                break;
        } else {
            damping *= 5;
        }
    }
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Robust standard deviation (1.4826 median absolute) of the residuals, corrected for the number of
 * parameters. NaN for too few samples or no memory. */
static double noise_level(const struct bar_input *in, const double *p)
{
    double *size = malloc((size_t)in->count * sizeof *size), d[PARAMETERS], sigma = NAN;
    int n = 0;
    for (int k = 0; size && k < in->count; k++)
        if (in->weight[k] > 0)
            size[n++] =
                fabs(in->value[k] - model(p, in->blur, in->first + k, d)) * sqrt(in->weight[k]);
    if (n > PARAMETERS + 2) {
        qsort(size, (size_t)n, sizeof *size, ascending);
        sigma = 1.4826 * size[n / 2] * sqrt((double)n / (n - PARAMETERS));
    }
    free(size);
    return sigma;
}

static double mean_between(const struct bar_input *in, double low, double high)
{
    double sum = 0, weight = 0;
    for (int k = 0; k < in->count; k++)
        if (in->first + k >= low && in->first + k <= high) {
            sum += in->weight[k] * in->value[k];
            weight += in->weight[k];
        }
    return weight > 0 ? sum / weight : NAN;
}

/* First offset, going from 0 by `way`, where the profile falls under `level`. */
static double crossing(const struct bar_input *in, int way, double level, double fallback)
{
    double half = fmax(1, NEAR_SHARE * in->guess);
    for (int x = way; x >= in->first && x < in->first + in->count; x += way)
        if (mean_between(in, x - half, x + half) < level)
            return x - 0.5 * way;
    return fallback;
}

static bool first_guess(const struct bar_input *in, double *p)
{
    double far = 0.75 * in->guess + in->blur + 1, last = in->first + in->count - 1;
    double left = mean_between(in, in->first, -far), right = mean_between(in, far, last);
    double top = mean_between(in, -fmax(1, 0.2 * in->guess), fmax(1, 0.2 * in->guess));
    if (isnan(left + right + top) || !(top > 0.5 * (left + right)))
        return false;
    double l = crossing(in, -1, 0.5 * (top + left), -0.5 * in->guess);
    double r = crossing(in, 1, 0.5 * (top + right), 0.5 * in->guess);
    p[MIDDLE] = 0.5 * (l + r);
    p[LOG_WIDTH] = log(fmin(fmax(r - l, 0.4 * in->guess), 2 * in->guess));
    p[LOG_SOFT] = log(USUAL_RATIO) + p[LOG_WIDTH];
    p[LEVEL_LEFT] = left;
    p[LEVEL_RIGHT] = right;
    p[TOP] = top;
    return true;
}

/* Standard errors from the inverse of the normal matrix at p. */
static void set_errors(const struct problem *problem, const double *p, struct bar *bar)
{
    struct system system;
    double cover[2][PARAMETERS] = {{0}}, w = exp(p[LOG_WIDTH]), s = exp(p[LOG_SOFT]), h = 1e-3;
    build(problem, p, &system);
    for (int i = 0; i < PARAMETERS; i++)
        system.normal[i][i] += 1e-12;
    bar->width_error = bar->height_error = INFINITY;
    if (!factor(system.normal))
        return;
    cover[0][LOG_WIDTH] = (bar_fwhm(w * (1 + h), s) - bar_fwhm(w * (1 - h), s)) / (2 * h);
    cover[0][LOG_SOFT] = (bar_fwhm(w, s * (1 + h)) - bar_fwhm(w, s * (1 - h))) / (2 * h);
    cover[1][TOP] = 1;
    cover[1][LEVEL_LEFT] = cover[1][LEVEL_RIGHT] = -0.5;
    for (int which = 0; which < 2; which++) {
        double slope[PARAMETERS], variance = 0;
        memcpy(slope, cover[which], sizeof slope);
        solve(system.normal, slope);
        for (int i = 0; i < PARAMETERS; i++)
            variance += cover[which][i] * slope[i];
        *(which ? &bar->height_error : &bar->width_error) = sqrt(variance);
    }
}

/* Enough of the stria and of both sides has to be seen. */
static bool is_seen(const struct bar_input *in, double left, double right)
{
    double width = right - left, core = 0, side[2] = {0};
    double flank = fmax(3, 0.5 * width);
    for (int k = 0; k < in->count; k++) {
        double x = in->first + k, weight = fmin(in->weight[k] * 1.5, 1);
        if (x >= left && x <= right)
            core += weight;
        else if (x < left - in->blur && x > left - in->blur - 2 * flank)
            side[0] += weight;
        else if (x > right + in->blur && x < right + in->blur + 2 * flank)
            side[1] += weight;
    }
    return core > 0.7 * (width - 1) && side[0] > 0.5 * flank && side[1] > 0.5 * flank;
}

static bool fit_at_scale(const struct bar_input *in, struct bar *bar)
{
    double p[PARAMETERS];
    struct problem problem = {.in = in,
                              .ratio = in->softness > 0 ? in->softness : USUAL_RATIO,
                              .spread = in->softness > 0 ? in->tightness : USUAL_SPREAD};
    *bar = (struct bar){.seen = is_seen(in, -0.5 * in->guess, 0.5 * in->guess)};
    if (!first_guess(in, p))
        return false;
    problem.sigma = noise_level(in, p);
    for (int round = 0; round < ROUNDS; round++) {
        double floor_level = 1e-3 * fabs(p[TOP] - 0.5 * (p[LEVEL_LEFT] + p[LEVEL_RIGHT])) + 1e-9;
        if (isnan(problem.sigma))
            return false;
        problem.sigma = fmax(problem.sigma, floor_level);
        minimise(&problem, p);
        problem.sigma = noise_level(in, p);
    }
    problem.sigma = fmax(problem.sigma, 1e-9);
    double w = exp(p[LOG_WIDTH]), s = exp(p[LOG_SOFT]), full = bar_fwhm(w, s);
    bar->left = p[MIDDLE] - 0.5 * full;
    bar->right = p[MIDDLE] + 0.5 * full;
    bar->softness = s;
    bar->inner = bar_inner(w, s);
    bar->height = (p[TOP] - 0.5 * (p[LEVEL_LEFT] + p[LEVEL_RIGHT])) * (2 * phi(0.5 * w / s) - 1);
    bar->level[0] = p[LEVEL_LEFT];
    bar->level[1] = p[LEVEL_RIGHT];
    bar->residual = problem.sigma;
    set_errors(&problem, p, bar);
    bar->seen = isfinite(full) && is_seen(in, bar->left, bar->right);
    bar->valid = bar->seen && bar->height > 0 && isfinite(bar->width_error);
    return bar->valid;
}

/* Wide striae in large photos: groups of samples are averaged, since the fit needs no more than
 * some hundred. A group of g adds (g^2-1)/12 to the variance of the blur. */
bool bar_fit(const struct bar_input *in, struct bar *bar)
{
    double value[GROUPS] = {0}, weight[GROUPS] = {0};
    int group = (in->count + GROUPS - 1) / GROUPS;
    if (group <= 1)
        return fit_at_scale(in, bar);
    /* The middle group is centred on offset 0, as the middle sample is. */
    group |= 1;
    int half = (in->count / 2 - group / 2) / group, middle = in->count / 2;
    for (int k = -half; k <= half; k++) {
        for (int j = -(group / 2); j <= group / 2; j++) {
            int at = middle + k * group + j;
            value[k + half] += in->weight[at] > 0 ? in->weight[at] * in->value[at] : 0;
            weight[k + half] += in->weight[at];
        }
        value[k + half] /= weight[k + half] > 0 ? weight[k + half] : 1;
        weight[k + half] /= group;
    }
    struct bar_input coarse = *in;
    coarse.value = value;
    coarse.weight = weight;
    coarse.first = -half;
    coarse.count = 2 * half + 1;
    coarse.blur = sqrt(in->blur * in->blur + (group * group - 1) / 12.0) / group;
    coarse.guess = in->guess / group;
    bool valid = fit_at_scale(&coarse, bar);
    double *lengths[] = {&bar->left, &bar->right, &bar->softness, &bar->width_error};
    for (int k = 0; k < 4; k++)
        *lengths[k] *= group;
    bar->residual *= sqrt(group); /* of one pixel, as without groups */
    return valid;
}
