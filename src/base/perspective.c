#include "base/perspective.h"

#include <math.h>
#include <string.h>

#define STEP 0.5 /* px, of derivatives */

static double lens_factor(const struct lens *lens, const double seen[2])
{
    double dx = seen[0] - lens->middle[0], dy = seen[1] - lens->middle[1];
    return lens->k == 0 ? 1 : 1 + lens->k * (dx * dx + dy * dy) / (lens->corner * lens->corner);
}

void lens_straighten(const struct lens *lens, const double seen[2], double straight[2])
{
    double factor = lens_factor(lens, seen);
    for (int i = 0; i < 2; i++)
        straight[i] = lens->middle[i] + factor * (seen[i] - lens->middle[i]);
}

void perspective_init(struct perspective *perspective, const double to_px[3][3],
                      const struct lens *lens, double x, double y)
{
    double(*inverse)[3] = perspective->to_mm, at[3], w = 0;
    *perspective = (struct perspective){.known = true, .lens = *lens};
    memcpy(perspective->to_px, to_px, sizeof perspective->to_px);
    for (int i = 0; i < 3; i++) /* the adjugate: its length does not matter, its sign does */
        for (int j = 0; j < 3; j++) {
            int p = (i + 1) % 3, q = (i + 2) % 3, r = (j + 1) % 3, s = (j + 2) % 3;
            inverse[j][i] = to_px[p][r] * to_px[q][s] - to_px[p][s] * to_px[q][r];
        }
    for (int i = 0; i < 3; i++)
        at[i] = to_px[i][0] * x + to_px[i][1] * y + to_px[i][2];
    for (int i = 0; i < 3; i++)
        w += inverse[2][i] * at[i] / at[2];
    for (int i = 0; i < 9; i++)
        inverse[i / 3][i % 3] /= w;
}

void perspective_px(const struct perspective *perspective, double x, double y, double px[2])
{
    const double(*h)[3] = perspective->to_px;
    const struct lens *lens = &perspective->lens;
    double w = h[2][0] * x + h[2][1] * y + h[2][2], straight[2];
    for (int i = 0; i < 2; i++)
        px[i] = straight[i] = (h[i][0] * x + h[i][1] * y + h[i][2]) / w;
    for (int step = 0; step < 8 && lens->k != 0; step++) { /* the inverse of lens_straighten */
        double factor = lens_factor(lens, px);
        for (int i = 0; i < 2; i++)
            px[i] = lens->middle[i] + (straight[i] - lens->middle[i]) / factor;
    }
}

bool perspective_mm(const struct perspective *perspective, double u, double v, double mm[2])
{
    const double(*h)[3] = perspective->to_mm, seen[2] = {u, v};
    double straight[2], at[3];
    lens_straighten(&perspective->lens, seen, straight);
    for (int i = 0; i < 3; i++)
        at[i] = h[i][0] * straight[0] + h[i][1] * straight[1] + h[i][2];
    mm[0] = at[0] / at[2];
    mm[1] = at[1] / at[2];
    return at[2] > 0 && isfinite(mm[0]) && isfinite(mm[1]);
}

bool perspective_jacobian(const struct perspective *perspective, double u, double v, double j[4])
{
    double left[2], right[2], above[2], below[2];
    if (!perspective_mm(perspective, u - STEP, v, left) ||
        !perspective_mm(perspective, u + STEP, v, right) ||
        !perspective_mm(perspective, u, v - STEP, above) ||
        !perspective_mm(perspective, u, v + STEP, below))
        return false;
    for (int i = 0; i < 2; i++) {
        j[2 * i] = (right[i] - left[i]) / (2 * STEP);
        j[2 * i + 1] = (below[i] - above[i]) / (2 * STEP);
    }
    return true;
}
