/* Least squares for affine maps of the plane. */
#ifndef STRIAE_ALIGN_AFFINE_H
#define STRIAE_ALIGN_AFFINE_H

#include <stdbool.h>

/* Weighted sums over pairs of points (x,y) -> (u,v); begins zeroed. */
struct affine_sums {
    double s[6];    /* of x*x, x*y, x, y*y, y, 1 */
    double r[2][3]; /* of u and v times x, y, 1 */
};

void affine_add(struct affine_sums *sums, double x, double y, double u, double v, double weight);

/* Pulls the derivative towards that of m (row by row, as below) with the weight of so many squared
 * units of x: a ridge, for points that do not span the plane. */
void affine_hold(struct affine_sums *sums, const double m[6], double weight);

/* u = m[0]*x + m[1]*y + m[2], v = m[3]*x + m[4]*y + m[5], by Cramer's rule on the normal equations;
 * false when the points do not span the plane. */
bool affine_solve(const struct affine_sums *sums, double m[6]);

#endif
