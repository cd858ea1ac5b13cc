#include "measure/width.h"

#include "base/select.h"
#include "measure/bar_model.h"

#include <math.h>

#define ROUNDS       3    /* of re-weighting with a new noise level */
#define NEARLY       1e-4 /* of the cost: a step that gains less is the last, while the noise level */
#define FULLY        1e-6 /* is sought, and in the last round */
#define NEAR_SHARE   0.12 /* of the width, to either side, that a first guess looks over */
#define USUAL_RATIO  0.2  /* softness over width where nothing is known yet */
#define USUAL_SPREAD 0.7  /* standard deviation of its logarithm */

static double phi(double u)
{
    return 0.5 * erfc(-u * M_SQRT1_2);
}

static double density(double u)
{
    return exp(-0.5 * u * u) / sqrt(2 * M_PI);
}

/* Where Phi(z+a) - Phi(z-a) is half of what it is at 0, by Newton's steps, which halve the bracket
 * instead where they would leave it. */
static double half_place(double a)
{
    double low = 0, high = a + 4, half = phi(a) - 0.5, z = sqrt(a * a + 2 * M_LN2);
    for (int i = 0; i < 60; i++) {
        double over = phi(z + a) - phi(z - a) - half;
        double next = z + over / (density(z - a) - density(z + a));
        *(over > 0 ? &low : &high) = z;
        if (fabs(next - z) < 1e-12 * z)
            return next;
        z = next > low && next < high ? next : 0.5 * (low + high);
    }
    return z;
}

double bar_fwhm(double w, double s)
{
    return s < 1e-3 * w ? w : 2 * s * half_place(0.5 * w / s);
}

/* Derivatives of the full width by ln w and ln s. */
static void fwhm_slopes(double w, double s, double full, double *by_width, double *by_soft)
{
    double a = 0.5 * w / s, z = 0.5 * full / s, near = density(z - a), far = density(z + a);
    *by_width = s < 1e-3 * w ? w : w * (near + far - density(a)) / (near - far);
    *by_soft = s < 1e-3 * w ? 0 : full - *by_width;
}

/* Integral of Phi from 0 to u. */
static double phi_integral(double u)
{
    return u * phi(u) + density(u);
}

/* Share of the bar's integral that lies within `full`, its full width at half maximum. */
static double inner_share(double w, double s, double full)
{
    if (s < 1e-3 * w)
        return 1;
    double near = 0.5 * (full - w) / s, far = 0.5 * (full + w) / s;
    double inside =
        s * (phi_integral(far) - phi_integral(near) - (phi_integral(-near) - phi_integral(-far)));
    return inside / w;
}

static void take_samples(const struct bar_input *in, struct bar_samples *samples)
{
    int n = 0;
    for (int k = 0; k < in->count; k++)
        if (in->weight[k] > 0) {
            samples->place[n] = in->first + k;
            samples->value[n] = in->value[k];
            samples->weight[n++] = in->weight[k];
        }
    samples->blur = in->blur;
    samples->count = n;
    for (; n > 0 && n % BAR_LANES; n++) {
        samples->place[n] = samples->place[n - 1];
        samples->value[n] = samples->value[n - 1];
        samples->weight[n] = 0;
    }
    samples->padded = n;
}

/* Robust standard deviation (1.4826 median absolute) of the residuals, corrected for the number of
 * parameters. NaN for too few samples. */
static double noise_level(const struct bar_samples *samples, const struct bar_state *state)
{
    double size[BAR_SAMPLES];
    size_t n = (size_t)samples->count;
    if (n <= BAR_PARAMETERS + 2)
        return NAN;
    for (size_t k = 0; k < n; k++)
        size[k] = fabs(state->miss[k]) * sqrt(samples->weight[k]);
    return 1.4826 * select_nth(size, n, n / 2) * sqrt((double)n / (double)(n - BAR_PARAMETERS));
}

static double mean_between(const struct bar_input *in, double low, double high)
{
    int from = (int)ceil(fmax(low, in->first)) - in->first;
    int to = (int)floor(fmin(high, in->first + in->count - 1)) - in->first;
    double sum = 0, weight = 0;
    for (int k = from; k <= to; k++) {
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
    p[BAR_MIDDLE] = 0.5 * (l + r);
    p[BAR_LOG_WIDTH] = log(fmin(fmax(r - l, 0.4 * in->guess), 2 * in->guess));
    p[BAR_LOG_SOFT] = log(USUAL_RATIO) + p[BAR_LOG_WIDTH];
    p[BAR_LEVEL_LEFT] = left;
    p[BAR_LEVEL_RIGHT] = right;
    p[BAR_TOP] = top;
    return true;
}

/* Standard errors from the inverse of the normal matrix. */
static void set_errors(const struct bar_problem *problem, const struct bar_state *state,
                       double full, struct bar *bar)
{
    double form[2][BAR_PARAMETERS] = {{0}}, variance[2];
    fwhm_slopes(exp(state->p[BAR_LOG_WIDTH]), exp(state->p[BAR_LOG_SOFT]), full,
                &form[0][BAR_LOG_WIDTH], &form[0][BAR_LOG_SOFT]);
    form[1][BAR_TOP] = 1;
    form[1][BAR_LEVEL_LEFT] = form[1][BAR_LEVEL_RIGHT] = -0.5;
    bar->width_error = bar->height_error = INFINITY;
    if (!bar_variances(problem, state, form, variance))
        return;
    bar->width_error = sqrt(variance[0]);
    bar->height_error = sqrt(variance[1]);
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

/* What the fitted parameters say of the bar. */
static void fill_bar(const struct bar_input *in, const struct bar_problem *problem,
                     const struct bar_state *state, struct bar *bar)
{
    const double *p = state->p;
    double w = exp(p[BAR_LOG_WIDTH]), s = exp(p[BAR_LOG_SOFT]), full = bar_fwhm(w, s);
    bar->left = p[BAR_MIDDLE] - 0.5 * full;
    bar->right = p[BAR_MIDDLE] + 0.5 * full;
    bar->softness = s;
    bar->inner = inner_share(w, s, full);
    bar->height =
        (p[BAR_TOP] - 0.5 * (p[BAR_LEVEL_LEFT] + p[BAR_LEVEL_RIGHT])) * (2 * phi(0.5 * w / s) - 1);
    bar->level[0] = p[BAR_LEVEL_LEFT];
    bar->level[1] = p[BAR_LEVEL_RIGHT];
    bar->residual = problem->sigma;
    set_errors(problem, state, full, bar);
    bar->seen = isfinite(full) && is_seen(in, bar->left, bar->right);
    bar->valid = bar->seen && bar->height > 0 && isfinite(bar->width_error);
}

static bool fit_at_scale(const struct bar_input *in, struct bar *bar)
{
    struct bar_samples samples;
    struct bar_state state;
    struct bar_problem problem = {.samples = &samples,
                                  .ratio = in->softness > 0 ? in->softness : USUAL_RATIO,
                                  .spread = in->softness > 0 ? in->tightness : USUAL_SPREAD};
    const double *p = state.p;
    *bar = (struct bar){.seen = is_seen(in, -0.5 * in->guess, 0.5 * in->guess)};
    if (!first_guess(in, state.p))
        return false;
    take_samples(in, &samples);
    bar_state_set(&samples, &state);
    problem.sigma = noise_level(&samples, &state);
    for (int round = 0; round < ROUNDS; round++) {
        double least =
            1e-3 * fabs(p[BAR_TOP] - 0.5 * (p[BAR_LEVEL_LEFT] + p[BAR_LEVEL_RIGHT])) + 1e-9;
        if (isnan(problem.sigma))
            return false;
        problem.sigma = fmax(problem.sigma, least);
        bar_minimise(&problem, round + 1 < ROUNDS ? NEARLY : FULLY, &state);
        problem.sigma = noise_level(&samples, &state);
    }
    problem.sigma = fmax(problem.sigma, 1e-9);
    fill_bar(in, &problem, &state, bar);
    return bar->valid;
}

/* Wide striae in large photos: groups of samples are averaged, since the fit needs no more than
 * some hundred. A group of g adds (g^2-1)/12 to the variance of the blur. */
bool bar_fit(const struct bar_input *in, struct bar *bar)
{
    double value[BAR_SAMPLES] = {0}, weight[BAR_SAMPLES] = {0};
    int group = (in->count + BAR_SAMPLES - 1) / BAR_SAMPLES;
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
