#include "align/certainty.h"

#include <math.h>
#include <stdlib.h>

#define AROUND 2 /* nodes: the neighbourhood is (2*AROUND+1)^2 of them */

#define LEAST_RHO   0.15
#define MOST_RHO    0.95
#define CALIBRATION 1.0

/* Sum over the neighbourhood of node (i,j). */
static struct node around(const struct node *nodes, int columns, int rows, int i, int j, int reach)
{
    struct node sum = {0};
    for (int r = j - reach; r <= j + reach; r++)
        for (int c = i - reach; c <= i + reach; c++) {
            if (c < 1 || r < 1 || c >= columns - 1 || r >= rows - 1)
                continue;
            const struct node *n = &nodes[(size_t)r * (size_t)columns + (size_t)c];
            sum.xx += n->xx;
            sum.xy += n->xy;
            sum.yy += n->yy;
            sum.x += n->x;
            sum.y += n->y;
            sum.rho += n->rho;
            sum.rho_weight += n->rho_weight;
            sum.seen += 1;
        }
    return sum;
}

/* gradient' * information^-1 * gradient: the squared move in units of its own error. */
static double square(const struct node *n)
{
    double ridge = 0.02 * (n->xx + n->yy), xx = n->xx + ridge, yy = n->yy + ridge;
    double det = xx * yy - n->xy * n->xy;
    return det > 0 ? (yy * n->x * n->x - 2 * n->xy * n->x * n->y + xx * n->y * n->y) / det : 0;
}

/* By how much the views contradict each other around a node: >= 1. */
static double contradiction(const struct node *nodes, const struct node *views, int columns,
                            int rows, int i, int j)
{
    struct node all = around(nodes, columns, rows, i, j, AROUND);
    double chi = -square(&all), freedom = -2;
    for (int v = 0; v < VIEWS; v++) {
        struct node one =
            around(views + (size_t)v * (size_t)columns * (size_t)rows, columns, rows, i, j, AROUND);
        if (one.xx + one.yy > 1e-3 * (all.xx + all.yy)) {
            chi += square(&one);
            freedom += 2;
        }
    }
    return freedom > 0 ? fmax(chi / freedom, 1) : 1;
}

/* What is not common to both photos moves the map as well, and over wide areas: other light on the
 * relief, hair, JPEG. sqrt(1-rho^2)/rho is its strength against the common pattern. */
static double unlikeness(const struct node *nodes, int columns, int rows, int i, int j)
{
    struct node near = around(nodes, columns, rows, i, j, AROUND);
    double rho = near.rho_weight > 0 ? near.rho / near.rho_weight : 0;
    rho = fmin(fmax(rho, LEAST_RHO), MOST_RHO);
    return CALIBRATION * sqrt(1 - rho * rho) / rho;
}

striae_status certainty(const struct node *nodes, const struct node *views, double stiffness,
                        struct elastic *elastic, striae_error *error)
{
    int columns = elastic->map.columns, rows = elastic->map.rows;
    double area = elastic->map.step * elastic->map.step, sum = 0, weight = 0;
    if (columns < 1 || rows < 1)
        return fail_with(error, STRIAE_ERROR_INTERNAL, "alignment: an empty map");
    for (int j = 0; j < rows; j++)
        for (int i = 0; i < columns; i++) {
            size_t at = (size_t)j * (size_t)columns + (size_t)i;
            const struct node *n = &nodes[at];
            struct node near = around(nodes, columns, rows, i, j, 1);
            double det = near.xx * near.yy - near.xy * near.xy, trace = near.xx + near.yy;
            double info = trace > 0 ? 2 * det / trace : 0; /* harmonic mean of both directions */
            double density = near.seen > 0 ? info / near.seen / area : 0;
            double variance = density > 0 ? 1 / (8 * sqrt(density * stiffness)) : INFINITY;
            elastic->error[at] = sqrt(variance * contradiction(nodes, views, columns, rows, i, j)) *
                                 unlikeness(nodes, columns, rows, i, j);
            elastic->correlation[at] = n->rho_weight > 0 ? n->rho / n->rho_weight : 0;
            elastic->seen[at] = fmin(n->seen, 1);
            sum += n->rho;
            weight += n->rho_weight;
        }
    elastic->agreement = weight > 0 ? sum / weight : 0;
    return STRIAE_OK;
}
