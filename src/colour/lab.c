/* CIELAB (CIE 15:2004, section 8.2.1) of linear sRGB, and indices of skin colour. */
#include "colour/colour.h"

#include <math.h>

/* IEC 61966-2-1:1999, linear RGB to XYZ. The white point is what RGB (1,1,1) gives: its rows' sums,
 * which are the D65 white of the standard. */
static const double rgb_to_xyz[3][3] = {
    {0.4124, 0.3576, 0.1805}, {0.2126, 0.7152, 0.0722}, {0.0193, 0.1192, 0.9505}};
/* Its inverse; the rounded one of the standard would not lead back. */
static const double xyz_to_rgb[3][3] = {
    {3.2406254773200538, -1.5372079722103185, -0.49862859869824783},
    {-0.96893071472931958, 1.8757560608852413, 0.04151752384295395},
    {0.05571012044551063, -0.20402105059848671, 1.0569959422543882}};
static const double white[3] = {0.9505, 1.0, 1.089};

/* The exact fractions of CIE 15:2004: (6/29)^3 and (29/3)^3. */
#define EPSILON (216.0 / 24389.0)
#define KAPPA   (24389.0 / 27.0)

static double lab_curve(double t)
{
    return t > EPSILON ? cbrt(t) : (KAPPA * t + 16) / 116;
}

static double lab_curve_inverse(double f)
{
    return f > 6.0 / 29.0 ? f * f * f : (116 * f - 16) / KAPPA;
}

struct lab colour_lab(double r, double g, double b)
{
    double f[3];
    for (int i = 0; i < 3; i++)
        f[i] = lab_curve((rgb_to_xyz[i][0] * r + rgb_to_xyz[i][1] * g + rgb_to_xyz[i][2] * b) /
                         white[i]);
    return (struct lab){116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])};
}

void colour_lab_to_rgb(struct lab lab, double rgb[3])
{
    double y = (lab.l + 16) / 116;
    double f[3] = {y + lab.a / 500, y, y - lab.b / 200}, xyz[3];
    for (int i = 0; i < 3; i++)
        xyz[i] = white[i] * lab_curve_inverse(f[i]);
    for (int i = 0; i < 3; i++)
        rgb[i] = xyz_to_rgb[i][0] * xyz[0] + xyz_to_rgb[i][1] * xyz[1] + xyz_to_rgb[i][2] * xyz[2];
}

double colour_ita(struct lab lab)
{
    return atan2(lab.l - 50, lab.b) * (180 / M_PI);
}

#define INDEX_FLOOR 1e-4

double colour_erythema(double r, double g)
{
    return log10(fmax(r, INDEX_FLOOR) / fmax(g, INDEX_FLOOR));
}

double colour_melanin(double r)
{
    return -log10(fmax(r, INDEX_FLOOR));
}
