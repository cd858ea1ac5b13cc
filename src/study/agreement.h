/* How well repeated measurements of the same things agree. Plain statistics: no files, no photos.
 */
#ifndef STRIAE_STUDY_AGREEMENT_H
#define STRIAE_STUDY_AGREEMENT_H

#include "base/status.h"

/* A number with its 95 % interval; reason (static) is set, and the numbers are NaN, where it cannot
 * be given. */
struct estimate {
    double value, low, high;
    const char *reason;
};

/* Measurements of `targets` things, up to `most` of each: value[t*most + r], NaN = not measured. */
struct ratings {
    size_t targets, most;
    const double *value;
};

/* Fewest degrees of freedom, and fewest targets, that a figure is given for. */
#define AGREEMENT_LEAST_FREEDOM  3
#define AGREEMENT_LEAST_TARGETS  3
#define AGREEMENT_MDC_MULTIPLIER 2.7718585822512662 /* 1.96 sqrt(2) */

/* Targets with at least `least` measurements, and measurements of those. */
size_t agreement_count(const struct ratings *ratings, size_t least, size_t *measurements);

/* Within-subject standard deviation, which is the standard error of measurement (Bland and Altman
 * 1996, BMJ 312:1654): root of the pooled variance about each target's mean, over the targets with
 * two or more. Interval from the chi-square distribution of its degrees of freedom (*freedom =
 * measurements less targets). Same unit as the values. */
struct estimate agreement_sem(const struct ratings *ratings, double *freedom);

/* The interval of a standard deviation with so many degrees of freedom. */
struct estimate agreement_deviation(double deviation, double freedom);

/* Minimal detectable change, 95 %: 1.96 sqrt(2) SEM (Bland and Altman 1999, section 3; 2.77 SEM).
 */
struct estimate agreement_mdc95(struct estimate sem);

/* ICC(2,1), absolute agreement of single measurements, two-way random effects (Shrout and Fleiss
 * 1979; ICC(A,1) of McGraw and Wong 1996), with the interval of McGraw and Wong, table 7. It needs
 * the same number of measurements of every target: *replicates, of the first ones of *targets
 * targets, chosen so that (targets - 1)(replicates - 1) is largest. -1..1. MEMORY. */
striae_status agreement_icc(const struct ratings *ratings, struct estimate *icc, size_t *targets,
                            size_t *replicates, striae_error *error);

/* Later measurements less the first of each target. */
struct bland_altman {
    size_t targets, pairs;
    struct estimate bias, lower, upper; /* mean difference; 95 % limits of agreement */
};

/* With one later measurement per target: bias +- 1.96 SD, Student intervals, and the limits'
 * standard error of Bland and Altman 1999 (equation in section 2.1). With more: bias = mean of the
 * targets' means; the variance of a difference is that of the means plus (1 - 1/m_h) times that
 * within targets, m_h the harmonic mean of the numbers of differences; intervals of the limits by
 * recovering variance estimates (Zou 2013, Stat Methods Med Res 22:630). */
struct bland_altman agreement_bland_altman(const struct ratings *ratings);

/* Within-subject coefficient of variation as a fraction: exp(s) - 1, s the within-subject standard
 * deviation of the logarithms (Bland and Altman 1996, BMJ 313:106). Every value must be > 0.
 * MEMORY. */
striae_status agreement_cv(const struct ratings *ratings, struct estimate *cv, striae_error *error);

#endif
