#include "measure/bar_model.h"

#include "base/vector.h"
#include "measure/normal.h"

#include <math.h>
#include <string.h>

#define STEPS 25  /* Levenberg-Marquardt steps, at most */
#define HUBER 1.5 /* in standard deviations */

struct system {
    double normal[BAR_PARAMETERS][BAR_PARAMETERS], gradient[BAR_PARAMETERS];
};

struct shape {
    double middle, half, soft, s; /* half the width; softness without and with blur */
    double low, high, top;
};

static struct shape shape_of(const double *p, double blur)
{
    double soft = exp(p[BAR_LOG_SOFT]);
    return (struct shape){.middle = p[BAR_MIDDLE],
                          .half = 0.5 * exp(p[BAR_LOG_WIDTH]),
                          .soft = soft,
                          .s = sqrt(soft * soft + blur * blur),
                          .low = p[BAR_LEVEL_LEFT],
                          .high = p[BAR_LEVEL_RIGHT],
                          .top = p[BAR_TOP]};
}

VECTORISED static void hold_against(const struct bar_samples *samples, const struct shape *shape,
                                    struct bar_state *state)
{
    const double *restrict place = samples->place, *restrict value = samples->value;
    double *restrict miss = state->miss;
    double(*restrict slope)[BAR_SAMPLES] = state->slope;
    const double middle = shape->middle, half = shape->half, per = 1 / shape->s;
    const double left = shape->top - shape->low, right = shape->top - shape->high;
    const double low = shape->low, scale = per / sqrt(2 * M_PI), share = shape->soft * shape->soft;
    for (int k = 0; k < samples->padded; k++) {
        double u = (place[k] - middle + half) * per, v = (place[k] - middle - half) * per;
        double du, dv, pu = normal_at(u, &du), pv = normal_at(v, &dv);
        du *= left * scale;
        dv *= right * scale;
        miss[k] = value[k] - (low + left * pu - right * pv);
        slope[BAR_MIDDLE][k] = dv - du;
        slope[BAR_LOG_WIDTH][k] = half * (du + dv);
        slope[BAR_LOG_SOFT][k] = (v * dv - u * du) * (share * per);
        slope[BAR_LEVEL_LEFT][k] = 1 - pu;
        slope[BAR_LEVEL_RIGHT][k] = pv;
        slope[BAR_TOP][k] = pu - pv;
    }
}

void bar_state_set(const struct bar_samples *samples, struct bar_state *state)
{
    struct shape shape = shape_of(state->p, samples->blur);
    hold_against(samples, &shape, state);
}

static inline double total(const double lane[BAR_LANES])
{
    double sum = 0;
    for (int j = 0; j < BAR_LANES; j++)
        sum += lane[j];
    return sum;
}

/* Distance of ln(softness/width) from what it is held to, in its standard deviations. */
static double held_off(const struct bar_problem *problem, const double *p)
{
    return (p[BAR_LOG_SOFT] - p[BAR_LOG_WIDTH] - log(problem->ratio)) / problem->spread;
}

VECTORISED static double misfit(const struct bar_samples *samples, const double *restrict miss,
                                double sigma)
{
    const double *restrict weight = samples->weight, per = 1 / sigma;
    double lane[BAR_LANES] = {0};
    for (int k = 0; k < samples->padded; k += BAR_LANES)
        for (int j = 0; j < BAR_LANES; j++) {
            double r = fabs(miss[k + j]) * per;
            lane[j] += weight[k + j] * (r < HUBER ? r * r : HUBER * (2 * r - HUBER));
        }
    return total(lane);
}

static double cost(const struct bar_problem *problem, const struct bar_state *state)
{
    double off = held_off(problem, state->p);
    return misfit(problem->samples, state->miss, problem->sigma) + off * off;
}

/* Huber's weights over the variance. */
VECTORISED static void find_weights(const struct bar_samples *samples, const double *restrict miss,
                                    double sigma, double *restrict out)
{
    const double *restrict weight = samples->weight, most = HUBER * sigma,
                           per = 1 / (sigma * sigma);
    for (int k = 0; k < samples->padded; k++) {
        double size = fabs(miss[k]);
        out[k] = weight[k] * per * (size > most ? most / size : 1);
    }
}

VECTORISED static double dot(const double *restrict a, const double *restrict b, int padded)
{
    double lane[BAR_LANES] = {0};
    for (int k = 0; k < padded; k += BAR_LANES)
        for (int j = 0; j < BAR_LANES; j++)
            lane[j] += a[k + j] * b[k + j];
    return total(lane);
}

VECTORISED static void multiply(const double *restrict a, const double *restrict b, int padded,
                                double *restrict out)
{
    for (int k = 0; k < padded; k++)
        out[k] = a[k] * b[k];
}

static void build(const struct bar_problem *problem, const struct bar_state *state,
                  struct system *system)
{
    double weight[BAR_SAMPLES], weighted[BAR_SAMPLES];
    double off = held_off(problem, state->p), steep = 1 / problem->spread;
    int padded = problem->samples->padded;
    find_weights(problem->samples, state->miss, problem->sigma, weight);
    for (int i = 0; i < BAR_PARAMETERS; i++) {
        multiply(weight, state->slope[i], padded, weighted);
        system->gradient[i] = dot(weighted, state->miss, padded);
        for (int j = 0; j <= i; j++)
            system->normal[i][j] = dot(weighted, state->slope[j], padded);
    }
    system->gradient[BAR_LOG_SOFT] -= off * steep;
    system->gradient[BAR_LOG_WIDTH] += off * steep;
    system->normal[BAR_LOG_SOFT][BAR_LOG_SOFT] += steep * steep;
    system->normal[BAR_LOG_WIDTH][BAR_LOG_WIDTH] += steep * steep;
    system->normal[BAR_LOG_SOFT][BAR_LOG_WIDTH] -= steep * steep;
}

/* Lower Cholesky factor of a, whose lower half is read, in place; false when it is not positive
 * definite. */
static bool factor(double a[BAR_PARAMETERS][BAR_PARAMETERS])
{
    for (int j = 0; j < BAR_PARAMETERS; j++)
        for (int i = j; i < BAR_PARAMETERS; i++) {
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

static void solve(double a[BAR_PARAMETERS][BAR_PARAMETERS], double *b)
{
    for (int i = 0; i < BAR_PARAMETERS; i++) {
        for (int k = 0; k < i; k++)
            b[i] -= a[i][k] * b[k];
        b[i] /= a[i][i];
    }
    for (int i = BAR_PARAMETERS - 1; i >= 0; i--) {
        for (int k = i + 1; k < BAR_PARAMETERS; k++)
            b[i] -= a[k][i] * b[k];
        b[i] /= a[i][i];
    }
}

/* The parameters one step on; false where the system cannot be solved. */
static bool step_from(const struct system *system, double damping, const double *p, double *next)
{
    double a[BAR_PARAMETERS][BAR_PARAMETERS], move[BAR_PARAMETERS];
    memcpy(a, system->normal, sizeof a);
    memcpy(move, system->gradient, sizeof move);
    for (int i = 0; i < BAR_PARAMETERS; i++)
        a[i][i] += damping * a[i][i] + 1e-12;
    if (!factor(a))
        return false;
    solve(a, move);
    for (int i = 0; i < BAR_PARAMETERS; i++) {
        bool logarithm = i == BAR_LOG_WIDTH || i == BAR_LOG_SOFT;
        next[i] = p[i] + (logarithm ? fmin(fmax(move[i], -0.5), 0.5) : move[i]);
    }
    return true;
}

void bar_minimise(const struct bar_problem *problem, double enough, struct bar_state *state)
{
    struct system system;
    struct bar_state other, *here = state, *there = &other;
    double damping = 1e-3, best = cost(problem, here);
    build(problem, here, &system);
    for (int step = 0; step < STEPS && damping < 1e8; step++) {
        if (!step_from(&system, damping, here->p, there->p)) {
            damping *= 10;
            continue;
        }
        bar_state_set(problem->samples, there);
        double reached = cost(problem, there);
        if (!(reached < best)) {
            damping *= 5;
            continue;
        }
        struct bar_state *left = here;
        bool done = best - reached < enough * best;
        here = there;
        there = left;
        if (done)
            break;
        best = reached;
        build(problem, here, &system);
        damping = fmax(damping * 0.2, 1e-9);
    }
    if (here != state)
        *state = *here;
}

bool bar_variances(const struct bar_problem *problem, const struct bar_state *state,
                   const double form[2][BAR_PARAMETERS], double variance[2])
{
    struct system system;
    build(problem, state, &system);
    for (int i = 0; i < BAR_PARAMETERS; i++)
        system.normal[i][i] += 1e-12;
    if (!factor(system.normal))
        return false;
    for (int which = 0; which < 2; which++) {
        double slope[BAR_PARAMETERS];
        memcpy(slope, form[which], sizeof slope);
        solve(system.normal, slope);
        variance[which] = 0;
        for (int i = 0; i < BAR_PARAMETERS; i++)
            variance[which] += form[which][i] * slope[i];
    }
    return true;
}
