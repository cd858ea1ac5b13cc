#include "measure/smooth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BAND       3 /* diagonal and two beside it */
#define ROUNDS     4
#define HUBER      2.0 /* errors */
#define LEAST_STEP 1e-6

/* Adds the penalty on second differences to the band matrix: row i holds (i,i), (i,i+1), (i,i+2).
 * Between positions h1 and h2 apart the slope changes with variance q (h1 + h2) / 3. */
static void add_penalty(const struct sequence *s, double q, double *band)
{
    for (size_t i = 0; i + 2 < s->count; i++) {
        double h1 = fmax(s->position[i + 1] - s->position[i], LEAST_STEP);
        double h2 = fmax(s->position[i + 2] - s->position[i + 1], LEAST_STEP);
        double c[3] = {1 / h1, -1 / h1 - 1 / h2, 1 / h2}, weight = 3 / (q * (h1 + h2));
        for (size_t a = 0; a < 3; a++)
            for (size_t b = a; b < 3; b++)
                band[(i + a) * BAND + b - a] += weight * c[a] * c[b];
    }
}

/* Solves the symmetric positive definite band system by LDL'; band and right side are replaced,
 * the right side by the solution. */
static void solve(double *band, double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 1; k < BAND && i + k < n; k++) {
            double factor = band[i * BAND + k] / band[i * BAND];
            for (size_t m = k; m < BAND && i + m < n; m++)
                band[(i + k) * BAND + m - k] -= factor * band[i * BAND + m];
            x[i + k] -= factor * x[i];
        }
    for (size_t i = n; i-- > 0;) {
        for (size_t k = 1; k < BAND && i + k < n; k++)
            x[i] -= band[i * BAND + k] * x[i + k];
        x[i] /= band[i * BAND];
    }
}

striae_status smooth_sequence(const struct sequence *sequence, double rough, double reach,
                              striae_error *error)
{
    size_t n = sequence->count;
    double q = 3 * rough * rough / (reach * reach * reach);
    if (n < 3)
        return STRIAE_OK;
    double *band = calloc(n * (BAND + 1), sizeof *band), *curve = band + n * BAND;
    if (!band)
        return fail_memory(error);
    for (int round = 0; round < ROUNDS; round++) {
        memset(band, 0, n * BAND * sizeof *band);
        add_penalty(sequence, q, band);
        for (size_t i = 0; i < n; i++) {
            double off = round ? fabs(sequence->value[i] - curve[i]) / sequence->error[i] : 0;
            double weight =
                (off > HUBER ? HUBER / off : 1) / (sequence->error[i] * sequence->error[i]);
            band[i * BAND] += weight;
            curve[i] = weight * sequence->value[i];
        }
        solve(band, curve, n);
    }
    memcpy(sequence->value, curve, n * sizeof *curve);
    free(band);
    return STRIAE_OK;
}
