#include "study/agreement.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#define NORMAL_95 1.959963984540054

static struct estimate unknown(const char *reason)
{
    return (struct estimate){NAN, NAN, NAN, reason};
}

static const char few_measurements[] = "too few repeated measurements: fewer than 3 beyond the "
                                       "first of each target";
static const char few_targets[] = "too few targets with repeated measurements: fewer than 3";

/* ---- sums over one target ------------------------------------------------------------------- */

struct moments {
    size_t count;
    double mean, squares; /* squares about the mean */
};

/* Of the measurements of one target, each less `origin`, from index `begin` on. */
static struct moments target_moments(const struct ratings *ratings, size_t target, size_t begin,
                                     double origin)
{
    struct moments m = {0};
    const double *row = ratings->value + target * ratings->most;
    for (size_t r = begin; r < ratings->most; r++) {
        if (isnan(row[r])) {
            continue;
        }
        double step = row[r] - origin - m.mean;
        m.count++;
        m.mean += step / (double)m.count;
        m.squares += step * (row[r] - origin - m.mean);
    }
    return m;
}

size_t agreement_count(const struct ratings *ratings, size_t least, size_t *measurements)
{
    size_t targets = 0;
    *measurements = 0;
    for (size_t t = 0; t < ratings->targets; t++) {
        size_t count = target_moments(ratings, t, 0, 0).count;
        if (count >= least) {
            targets++;
            *measurements += count;
        }
    }
    return targets;
}

/* ---- within-subject standard deviation ------------------------------------------------------ */

struct estimate agreement_deviation(double deviation, double freedom)
{
    if (!(freedom >= AGREEMENT_LEAST_FREEDOM)) {
        return unknown(few_measurements);
    }
    return (struct estimate){deviation,
                             deviation * sqrt(freedom / gsl_cdf_chisq_Pinv(0.975, freedom)),
                             deviation * sqrt(freedom / gsl_cdf_chisq_Pinv(0.025, freedom)), NULL};
}

struct estimate agreement_sem(const struct ratings *ratings, double *freedom)
{
    double squares = 0;
    *freedom = 0;
    for (size_t t = 0; t < ratings->targets; t++) {
        struct moments m = target_moments(ratings, t, 0, 0);
        squares += m.squares;
        *freedom += m.count > 1 ? (double)(m.count - 1) : 0;
    }
    return agreement_deviation(sqrt(squares / *freedom), *freedom);
}

struct estimate agreement_mdc95(struct estimate sem)
{
    sem.value *= AGREEMENT_MDC_MULTIPLIER;
    sem.low *= AGREEMENT_MDC_MULTIPLIER;
    sem.high *= AGREEMENT_MDC_MULTIPLIER;
    return sem;
}

/* ---- ICC(2,1) ------------------------------------------------------------------------------- */

/* The two-way table without replication: mean squares of rows, columns and rest. */
struct mean_squares {
    double rows, columns, rest;
};

static struct mean_squares analyse(const double *y, size_t n, size_t k)
{
    double grand = 0, rows = 0, columns = 0, all = 0;
    double dn = (double)n, dk = (double)k;
    for (size_t i = 0; i < n * k; i++) {
        grand += y[i] / (dn * dk);
    }
    for (size_t i = 0; i < n; i++) {
        double mean = 0;
        for (size_t j = 0; j < k; j++) {
            mean += (y[i * k + j] - grand) / dk;
            all += (y[i * k + j] - grand) * (y[i * k + j] - grand);
        }
        rows += dk * mean * mean;
    }
    for (size_t j = 0; j < k; j++) {
        double mean = 0;
        for (size_t i = 0; i < n; i++) {
            mean += (y[i * k + j] - grand) / dn;
        }
        columns += dn * mean * mean;
    }
    double rest = fmax(0, all - rows - columns);
    return (struct mean_squares){rows / (dn - 1), columns / (dk - 1), rest / ((dn - 1) * (dk - 1))};
}

/* McGraw and Wong 1996, table 7, ICC(A,1). */
static struct estimate icc_interval(const struct mean_squares *ms, double n, double k)
{
    double divisor = ms->rows + (k - 1) * ms->rest + k * (ms->columns - ms->rest) / n;
    if (!(divisor > 0)) {
        return unknown("the measurements do not differ at all");
    }
    double icc = (ms->rows - ms->rest) / divisor;
    if (icc >= 1) {
        return (struct estimate){1, 1, 1, NULL};
    }
    double a = k * icc / (n * (1 - icc)), b = 1 + k * icc * (n - 1) / (n * (1 - icc));
    double top = a * ms->columns + b * ms->rest;
    double freedom = top * top /
                     (a * a * ms->columns * ms->columns / (k - 1) +
                      b * b * ms->rest * ms->rest / ((n - 1) * (k - 1)));
    freedom = fmin(fmax(freedom, 1e-3), 1e6);
    double f_low = gsl_cdf_fdist_Pinv(0.975, n - 1, freedom);
    double f_high = gsl_cdf_fdist_Pinv(0.975, freedom, n - 1);
    double others = k * ms->columns + (k * n - k - n) * ms->rest;
    double low = n * (ms->rows - f_low * ms->rest) / (f_low * others + n * ms->rows);
    double high = n * (f_high * ms->rows - ms->rest) / (others + n * f_high * ms->rows);
    return (struct estimate){icc, fmin(low, icc), fmax(high, icc), NULL};
}

/* The first k measurements of every target that has as many, row by row. */
static size_t complete_rows(const struct ratings *ratings, size_t k, double *out)
{
    size_t n = 0;
    for (size_t t = 0; t < ratings->targets; t++) {
        const double *row = ratings->value + t * ratings->most;
        size_t found = 0;
        for (size_t r = 0; r < ratings->most && found < k; r++) {
            if (!isnan(row[r])) {
                out[n * k + found++] = row[r];
            }
        }
        n += found == k;
    }
    return n;
}

striae_status agreement_icc(const struct ratings *ratings, struct estimate *icc, size_t *targets,
                            size_t *replicates, striae_error *error)
{
    size_t best = 0;
    *targets = *replicates = 0;
    *icc = unknown(few_targets);
    for (size_t k = 2; k <= ratings->most; k++) {
        size_t measurements, n = agreement_count(ratings, k, &measurements);
        if (n >= AGREEMENT_LEAST_TARGETS && (n - 1) * (k - 1) > best) {
            best = (n - 1) * (k - 1);
            *replicates = k;
        }
    }
    if (best == 0) {
        return STRIAE_OK;
    }
    /* one row of room beyond the last: a row that turns out too short is written and left */
    double *table = calloc((ratings->targets + 1) * *replicates, sizeof *table);
    if (!table) {
        return fail_memory(error);
    }
    *targets = complete_rows(ratings, *replicates, table);
    struct mean_squares ms = analyse(table, *targets, *replicates);
    *icc = icc_interval(&ms, (double)*targets, (double)*replicates);
    free(table);
    return STRIAE_OK;
}

/* ---- Bland-Altman --------------------------------------------------------------------------- */

/* The differences of all targets, taken together. */
struct differences {
    double targets, pairs;
    double mean;         /* of the targets' means */
    double between;      /* variance of the targets' means */
    double within;       /* pooled variance within targets; 0 where there is one each */
    double inverse_mean; /* mean of 1/m, m the number of differences of a target */
};

static struct differences take_differences(const struct ratings *ratings)
{
    struct differences d = {0};
    double squares = 0, about = 0;
    for (size_t t = 0; t < ratings->targets; t++) {
        const double *row = ratings->value + t * ratings->most;
        size_t first = 0;
        while (first < ratings->most && isnan(row[first])) {
            first++;
        }
        if (first == ratings->most) {
            continue;
        }
        struct moments m = target_moments(ratings, t, first + 1, row[first]);
        if (m.count == 0) {
            continue;
        }
        double step = m.mean - d.mean;
        d.targets++;
        d.pairs += (double)m.count;
        d.mean += step / d.targets;
        about += step * (m.mean - d.mean);
        squares += m.squares;
        d.inverse_mean += 1 / (double)m.count;
    }
    d.between = about / (d.targets - 1);
    d.within = d.pairs > d.targets ? squares / (d.pairs - d.targets) : 0;
    d.inverse_mean /= d.targets;
    return d;
}

/* One difference per target. */
static void simple_limits(const struct differences *d, struct bland_altman *out)
{
    double t = gsl_cdf_tdist_Pinv(0.975, d->targets - 1), deviation = sqrt(d->between);
    double half =
        t * deviation * sqrt(1 / d->targets + NORMAL_95 * NORMAL_95 / (2 * (d->targets - 1)));
    double low = d->mean - NORMAL_95 * deviation, high = d->mean + NORMAL_95 * deviation;
    out->lower = (struct estimate){low, low - half, low + half, NULL};
    out->upper = (struct estimate){high, high - half, high + half, NULL};
}

/* Several differences per target. */
static void repeated_limits(const struct differences *d, struct bland_altman *out)
{
    double inner = (1 - d->inverse_mean) * d->within, total = d->between + inner;
    double freedom = d->targets - 1, rest = d->pairs - d->targets;
    double less = hypot(d->between * (1 - freedom / gsl_cdf_chisq_Pinv(0.975, freedom)),
                        inner * (1 - rest / gsl_cdf_chisq_Pinv(0.975, rest)));
    double more = hypot(d->between * (freedom / gsl_cdf_chisq_Pinv(0.025, freedom) - 1),
                        inner * (rest / gsl_cdf_chisq_Pinv(0.025, rest) - 1));
    double deviation = sqrt(total), shift = sqrt(d->between / d->targets);
    double inward = NORMAL_95 * hypot(shift, deviation - sqrt(fmax(0, total - less)));
    double outward = NORMAL_95 * hypot(shift, sqrt(total + more) - deviation);
    double low = d->mean - NORMAL_95 * deviation, high = d->mean + NORMAL_95 * deviation;
    out->lower = (struct estimate){low, low - outward, low + inward, NULL};
    out->upper = (struct estimate){high, high - inward, high + outward, NULL};
}

struct bland_altman agreement_bland_altman(const struct ratings *ratings)
{
    struct differences d = take_differences(ratings);
    struct bland_altman out = {.targets = (size_t)d.targets, .pairs = (size_t)d.pairs};
    if (out.targets < AGREEMENT_LEAST_TARGETS) {
        out.bias = out.lower = out.upper = unknown(few_targets);
        return out;
    }
    double half = gsl_cdf_tdist_Pinv(0.975, d.targets - 1) * sqrt(d.between / d.targets);
    out.bias = (struct estimate){d.mean, d.mean - half, d.mean + half, NULL};
    if (out.pairs > out.targets) {
        repeated_limits(&d, &out);
    } else {
        simple_limits(&d, &out);
    }
    return out;
}

/* ---- coefficient of variation --------------------------------------------------------------- */

striae_status agreement_cv(const struct ratings *ratings, struct estimate *cv, striae_error *error)
{
    size_t count = ratings->targets * ratings->most;
    double freedom, *logarithm = calloc(count + 1, sizeof *logarithm);
    bool positive = true;
    if (!logarithm) {
        return fail_memory(error);
    }
    for (size_t i = 0; i < count; i++) {
        positive = positive && !(ratings->value[i] <= 0);
        logarithm[i] = isnan(ratings->value[i]) ? NAN : log(ratings->value[i]);
    }
    if (positive) {
        struct ratings logged = {ratings->targets, ratings->most, logarithm};
        *cv = agreement_sem(&logged, &freedom);
        cv->value = expm1(cv->value);
        cv->low = expm1(cv->low);
        cv->high = expm1(cv->high);
    } else {
        *cv = unknown("a value is not above 0");
    }
    free(logarithm);
    return STRIAE_OK;
}
