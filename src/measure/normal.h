/* The normal distribution in plain arithmetic, which the compiler turns into vector instructions
 * where exp and erfc stay calls. Private to measure/. */
#ifndef STRIAE_MEASURE_NORMAL_H
#define STRIAE_MEASURE_NORMAL_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#define NORMAL_FAR 700.0 /* half of u*u counts up to there: exp of less is no normal number */

/* exp(x) for -NORMAL_FAR <= x <= 0, relative error under 1e-11: 2^k times the series of exp(r) with
 * |r| at most ln(2)/2. */
static inline double normal_exp(double x)
{
    const double whole = 0x1.8p52; /* added, it leaves the nearest integer in the last bits */
    double shifted = x * M_LOG2E + whole, r = x - (shifted - whole) * M_LN2, power;
    uint64_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits + 1023) << 52;
    memcpy(&power, &bits, sizeof power);
    double low = 1 + r * (1 + r * (1 / 2.0 + r * (1 / 6.0 + r * (1 / 24.0))));
    double high =
        1 / 120.0 + r * (1 / 720.0 + r * (1 / 5040.0 + r * (1 / 40320.0 + r * (1 / 362880.0))));
    return power * (low + r * r * r * r * r * high);
}

/* Density at u, without the factor 1/sqrt(2 pi), into *density; the distribution function is
 * returned, absolute error under 1e-10. Beyond 0 the function falls as the density times a slow
 * curve (Mills' ratio): a polynomial in 1/(1 + 0.28 |u|), fitted by Chebyshev nodes over 0..8. */
static inline double normal_at(double u, double *density)
{
    double far = 0.5 * u * u, t = 1 / (1 + 0.28 * fabs(u));
    double t2 = t * t, t4 = t2 * t2;
    double a = -1.16109881126545e-05 + t * 0.111975974853083;
    double b = 0.108861980961113 + t * 0.120382025558589;
    double c = 0.0157508619402734 + t * 0.250837565221811;
    double d = -0.320914670255976 + t * 0.460289440974113;
    double e = -0.365953630394525 + t * (0.13997309311764 + t * -0.0211910310494999);
    *density = normal_exp(-(far > NORMAL_FAR ? NORMAL_FAR : far));
    double beyond = *density * (a + t2 * b + t4 * (c + t2 * d + t4 * e));
    return u < 0 ? beyond : 1 - beyond;
}

#endif
