#include "align/affine.h"

#include <math.h>

void affine_add(struct affine_sums *sums, double x, double y, double u, double v, double w)
{
    double row[3] = {x, y, 1}, to[2] = {u, v};
    sums->s[0] += w * x * x;
    sums->s[1] += w * x * y;
    sums->s[2] += w * x;
    sums->s[3] += w * y * y;
    sums->s[4] += w * y;
    sums->s[5] += w;
    for (int c = 0; c < 2; c++)
        for (int k = 0; k < 3; k++)
            sums->r[c][k] += w * row[k] * to[c];
}

void affine_hold(struct affine_sums *sums, const double m[6], double weight)
{
    sums->s[0] += weight;
    sums->s[3] += weight;
    for (int c = 0; c < 2; c++)
        for (int k = 0; k < 2; k++)
            sums->r[c][k] += weight * m[3 * c + k];
}

bool affine_solve(const struct affine_sums *sums, double m[6])
{
    const double *s = sums->s;
    double c0 = s[3] * s[5] - s[4] * s[4], c1 = s[2] * s[4] - s[1] * s[5];
    double c2 = s[1] * s[4] - s[2] * s[3];
    double det = s[0] * c0 + s[1] * c1 + s[2] * c2;
    if (!(fabs(det) > 1e-12 * s[0] * s[3] * s[5]))
        return false;
    double c4 = s[0] * s[5] - s[2] * s[2], c5 = s[1] * s[2] - s[0] * s[4];
    double c8 = s[0] * s[3] - s[1] * s[1];
    for (int c = 0; c < 2; c++) {
        const double *r = sums->r[c];
        m[3 * c] = (c0 * r[0] + c1 * r[1] + c2 * r[2]) / det;
        m[3 * c + 1] = (c1 * r[0] + c4 * r[1] + c5 * r[2]) / det;
        m[3 * c + 2] = (c2 * r[0] + c5 * r[1] + c8 * r[2]) / det;
    }
    return true;
}
