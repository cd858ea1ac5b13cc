/* CIEDE2000, after G. Sharma, W. Wu, E. N. Dalal, "The CIEDE2000 color-difference formula:
 * implementation notes, supplementary test data, and mathematical observations", Color Research and
 * Application 30 (2005) 21-30. Numbers in brackets are their equations. */
#include "colour/colour.h"

#include <math.h>

static double radians(double degrees)
{
    return degrees * (M_PI / 180);
}

/* (7) Hue angle in degrees, 0 <= h < 360; 0 for a colour without hue. */
static double hue(double a, double b)
{
    if (a == 0 && b == 0)
        return 0;
    double degrees = atan2(b, a) * (180 / M_PI);
    return degrees < 0 ? degrees + 360 : degrees;
}

/* (10) Later hue less first, in -180..180. */
static double hue_difference(double first, double second)
{
    double d = second - first;
    if (d > 180)
        return d - 360;
    return d < -180 ? d + 360 : d;
}

/* (14) The mean of two hues on the circle, on the side where they are closer. */
static double hue_mean(double first, double second)
{
    double sum = first + second;
    if (fabs(first - second) <= 180)
        return sum / 2;
    return sum < 360 ? (sum + 360) / 2 : (sum - 360) / 2;
}

/* sqrt(c^7 / (c^7 + 25^7)), of (4) and (17). */
static double high_chroma(double c)
{
    double c7 = pow(c, 7);
    return sqrt(c7 / (c7 + 6103515625.0));
}

double colour_delta_e00(struct lab first, struct lab second)
{
    /* (2)-(7): a* stretched for near-neutral colours, then chroma and hue. */
    double g = 0.5 * (1 - high_chroma((hypot(first.a, first.b) + hypot(second.a, second.b)) / 2));
    double a1 = (1 + g) * first.a, a2 = (1 + g) * second.a;
    double c1 = hypot(a1, first.b), c2 = hypot(a2, second.b);
    double h1 = hue(a1, first.b), h2 = hue(a2, second.b);
    bool no_hue = c1 == 0 || c2 == 0;

    /* (8)-(11): the three differences. */
    double delta_l = second.l - first.l;
    double delta_c = c2 - c1;
    double delta_h = no_hue ? 0 : 2 * sqrt(c1 * c2) * sin(radians(hue_difference(h1, h2) / 2));

    /* (12)-(14): the means. */
    double l = (first.l + second.l) / 2;
    double c = (c1 + c2) / 2;
    double h = no_hue ? h1 + h2 : hue_mean(h1, h2);

    /* (15)-(21): weights and the rotation term for blue. */
    double t = 1 - 0.17 * cos(radians(h - 30)) + 0.24 * cos(radians(2 * h)) +
               0.32 * cos(radians(3 * h + 6)) - 0.20 * cos(radians(4 * h - 63));
    double l50 = (l - 50) * (l - 50);
    double weight_l = 1 + 0.015 * l50 / sqrt(20 + l50);
    double weight_c = 1 + 0.045 * c;
    double weight_h = 1 + 0.015 * c * t;
    double turn = 30 * exp(-((h - 275) / 25) * ((h - 275) / 25));
    double rotation = -sin(radians(2 * turn)) * 2 * high_chroma(c);

    /* (22) */
    double dl = delta_l / weight_l, dc = delta_c / weight_c, dh = delta_h / weight_h;
    double square = dl * dl + dc * dc + dh * dh + rotation * dc * dh;
    return square > 0 ? sqrt(square) : 0;
}
