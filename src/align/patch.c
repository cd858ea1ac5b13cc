#include "align/patch.h"

#include "base/filter.h"
#include "base/vector.h"

#include <math.h>
#include <stdlib.h>

#define WINDOW      (PATCH_SIDE + 2 * PATCH_WIDE) /* px: the patch and its shifts */
#define SHIFTS      (2 * PATCH_WIDE + 1)
#define WIDE_STRIDE 2    /* px between rivals: bands hold hardly anything finer */
#define LANES       32   /* sums kept apart, so that several vectors are added to at once */
#define LEAST_KNOWN 0.5  /* share of the patch */
#define LEAST_POWER 0.05 /* mean square of a band, whose own is 1 */
#define PEAK_REACH  3    /* px around the peak that do not count as chance */
#define LEAST_NOISE 0.05 /* of the mean correlation; fewer shifts than that say little */

struct window {
    bool channel[BAND_CHANNELS]; /* whether there is one: the finest octave has no colour */
    float first[BAND_CHANNELS][PATCH_SIDE][PATCH_SIDE];
    float later[BAND_CHANNELS][WINDOW][WINDOW];
};

/* ---- cutting out ---------------------------------------------------------------------------- */

/* Share of the patch that is skin in both, on every fourth pixel of each row. */
static double known_share(const struct patch_pair *pair, const struct patch_guess *g)
{
    double sum = 0;
    int count = 0;
    for (int j = 0; j < PATCH_SIDE; j += 4)
        for (int i = 0; i < PATCH_SIDE; i += 4, count++) {
            double dx = i - PATCH_SIDE / 2, dy = j - PATCH_SIDE / 2;
            float a = sample_nearest(pair->first_weight, g->x + dx, g->y + dy);
            float b = sample_nearest(pair->later_weight, g->u + g->m[0] * dx + g->m[1] * dy,
                                     g->v + g->m[2] * dx + g->m[3] * dy);
            sum += (double)(a * b);
        }
    return sum / count;
}

/* band_value at (x + k*dx, y + k*dy), k = 0..count-1, without branches: what is outside is read at
 * the edge, and dropped. */
VECTORISED static void cut_row(const struct plane *band, const double at[2], double dx, double dy,
                               int count, float *restrict out)
{
    const float *restrict p = band->data;
    int stride = (int)band->stride;
    float right = (float)(band->width - 1), bottom = (float)(band->height - 1);
    for (int k = 0; k < count; k++) {
        float x = (float)(at[0] + dx * k), y = (float)(at[1] + dy * k);
        float inside = (x >= 0) & (y >= 0) & (x < right) & (y < bottom) ? 1.0f : 0.0f;
        x = inside > 0 ? x : 0;
        y = inside > 0 ? y : 0;
        int px = (int)x, py = (int)y, n = py * stride + px;
        float tx = x - (float)px, ty = y - (float)py;
        float top = p[n] + tx * (p[n + 1] - p[n]);
        float low = p[n + stride] + tx * (p[n + stride + 1] - p[n + stride]);
        out[k] = inside * band_cut((1 - ty) * top + ty * low);
    }
}

static void cut_out(const struct patch_pair *pair, const struct patch_guess *g, int reach,
                    struct window *w)
{
    int side = PATCH_SIDE + 2 * reach, half = PATCH_SIDE / 2;
    for (int c = 0; c < BAND_CHANNELS; c++) {
        const struct plane *first = pair->first[c], *later = pair->later[c];
        bool there = first->width > 1 && first->height > 1 && later->width > 1 && later->height > 1;
        w->channel[c] = there;
        for (int j = 0; there && j < PATCH_SIDE; j++) {
            double at[2] = {g->x - half, g->y + j - half};
            cut_row(first, at, 1, 0, PATCH_SIDE, w->first[c][j]);
        }
        for (int j = 0; there && j < side; j++) {
            double dx = -half - reach, dy = j - half - reach;
            double at[2] = {g->u + g->m[0] * dx + g->m[1] * dy, g->v + g->m[2] * dx + g->m[3] * dy};
            cut_row(later, at, g->m[0], g->m[2], side, w->later[c][j]);
        }
    }
}

/* ---- correlation ---------------------------------------------------------------------------- */

static double power_of(float (*patch)[PATCH_SIDE])
{
    float lanes[LANES] = {0};
    for (int j = 0; j < PATCH_SIDE; j++)
        for (int i = 0; i < PATCH_SIDE; i += LANES)
            for (int k = 0; k < LANES; k++)
                lanes[k] += patch[j][i + k] * patch[j][i + k];
    double sum = 0;
    for (int k = 0; k < LANES; k++)
        sum += (double)lanes[k];
    return sum;
}

/* The sum of squares under the patch at each shift, by running sums. */
static void powers_of(float (*later)[WINDOW], int shifts, double out[SHIFTS][SHIFTS])
{
    double across[WINDOW][SHIFTS];
    for (int y = 0; y < PATCH_SIDE + shifts - 1; y++) {
        double sum = 0;
        for (int x = 0; x < PATCH_SIDE; x++)
            sum += (double)(later[y][x] * later[y][x]);
        for (int x = 0; x < shifts; x++) {
            across[y][x] = sum;
            float next = later[y][x + PATCH_SIDE < WINDOW ? x + PATCH_SIDE : x];
            sum += (double)(next * next) - (double)(later[y][x] * later[y][x]);
        }
    }
    for (int x = 0; x < shifts; x++) {
        double sum = 0;
        for (int y = 0; y < PATCH_SIDE; y++)
            sum += across[y][x];
        for (int y = 0; y < shifts; y++) {
            out[y][x] = sum;
            if (y + 1 < shifts)
                sum += across[y + PATCH_SIDE][x] - across[y][x];
        }
    }
}

VECTORISED static double product_at(const struct window *w, int channel, int dx, int dy)
{
    float product[LANES] = {0};
    for (int j = 0; j < PATCH_SIDE; j++) {
        const float *f = w->first[channel][j], *g = &w->later[channel][j + dy][dx];
        for (int i = 0; i < PATCH_SIDE; i += LANES)
            for (int k = 0; k < LANES; k++)
                product[k] += f[i + k] * g[i + k];
    }
    double sum = 0;
    for (int k = 0; k < LANES; k++)
        sum += (double)product[k];
    return sum;
}

/* Adds the channel's correlation at every `stride`-th shift. */
static void correlate(struct window *w, int channel, int shifts, int stride,
                      double rho[SHIFTS][SHIFTS])
{
    double there[SHIFTS][SHIFTS], least = LEAST_POWER * PATCH_SIDE * PATCH_SIDE;
    double power = w->channel[channel] ? power_of(w->first[channel]) : 0;
    if (!(power > least))
        return;
    powers_of(w->later[channel], shifts, there);
    for (int y = 0; y < shifts; y += stride)
        for (int x = 0; x < shifts; x += stride)
            if (there[y][x] > least)
                rho[y][x] +=
                    product_at(w, channel, x, y) / sqrt(power * there[y][x]) / BAND_CHANNELS;
}

static double parabola(double before, double at, double after)
{
    double bend = before - 2 * at + after;
    return bend < 0 ? fmax(-0.5, fmin(0.5, 0.5 * (before - after) / bend)) : 0;
}

/* Mean and standard deviation of the correlation away from (at_x,at_y): what chance gives. */
struct chance {
    double mean, noise, highest;
};

static struct chance chance_around(double rho[SHIFTS][SHIFTS], int shifts, int stride, int at_x,
                                   int at_y)
{
    double sum = 0, squares = 0, highest = -1;
    int count = 0;
    for (int y = 0; y < shifts; y += stride)
        for (int x = 0; x < shifts; x += stride)
            if (abs(x - at_x) > PEAK_REACH || abs(y - at_y) > PEAK_REACH) {
                sum += rho[y][x];
                squares += rho[y][x] * rho[y][x];
                highest = fmax(highest, rho[y][x]);
                count++;
            }
    double mean = count ? sum / count : 0;
    double noise = count ? sqrt(fmax(squares / count - mean * mean, 0)) : 1;
    return (struct chance){mean, fmax(noise, LEAST_NOISE), highest};
}

bool patch_search(const struct patch_pair *pair, const struct patch_guess *guess, int reach,
                  struct patch_peak *peak)
{
    struct window window;
    double rho[SHIFTS][SHIFTS] = {{0}};
    int shifts = 2 * reach + 1, best_x = reach, best_y = reach;
    if (known_share(pair, guess) < LEAST_KNOWN)
        return false;
    cut_out(pair, guess, reach, &window);
    for (int c = 0; c < BAND_CHANNELS; c++)
        correlate(&window, c, shifts, 1, rho);
    for (int y = 0; y < shifts; y++)
        for (int x = 0; x < shifts; x++)
            if (rho[y][x] > rho[best_y][best_x]) {
                best_x = x;
                best_y = y;
            }
    struct chance chance = chance_around(rho, shifts, 1, best_x, best_y);
    double dx = best_x - reach, dy = best_y - reach;
    peak->shift = fmax(fabs(dx), fabs(dy));
    if (best_x > 0 && best_x < shifts - 1)
        dx += parabola(rho[best_y][best_x - 1], rho[best_y][best_x], rho[best_y][best_x + 1]);
    if (best_y > 0 && best_y < shifts - 1)
        dy += parabola(rho[best_y - 1][best_x], rho[best_y][best_x], rho[best_y + 1][best_x]);
    peak->u = guess->u + guess->m[0] * dx + guess->m[1] * dy;
    peak->v = guess->v + guess->m[2] * dx + guess->m[3] * dy;
    peak->rho = rho[best_y][best_x];
    peak->z = (peak->rho - chance.mean) / chance.noise;
    return true;
}

double patch_prominence(const struct patch_pair *pair, const struct patch_guess *guess)
{
    struct window window;
    double rho[SHIFTS][SHIFTS] = {{0}};
    if (known_share(pair, guess) < LEAST_KNOWN)
        return 0;
    cut_out(pair, guess, PATCH_WIDE, &window);
    for (int c = 0; c < BAND_CHANNELS; c++)
        correlate(&window, c, SHIFTS, WIDE_STRIDE, rho);
    double here = rho[PATCH_WIDE][PATCH_WIDE];
    struct chance chance = chance_around(rho, SHIFTS, WIDE_STRIDE, PATCH_WIDE, PATCH_WIDE);
    return here > chance.highest ? (here - chance.mean) / chance.noise : 0;
}
