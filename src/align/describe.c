#include "align/describe.h"

#include <math.h>
#include <string.h>

#define PI      3.14159265358979323846
#define BINS    36 /* of the direction histogram */
#define FIELDS  4
#define SECTORS 8

static bool gradient(const struct plane *plane, int x, int y, float *gx, float *gy)
{
    if (x < 1 || y < 1 || x >= plane->width - 1 || y >= plane->height - 1)
        return false;
    const float *row = plane_row(plane, y);
    *gx = row[x + 1] - row[x - 1];
    *gy = plane_row(plane, y + 1)[x] - plane_row(plane, y - 1)[x];
    return true;
}

/* ---- direction ------------------------------------------------------------------------------ */

static void direction_histogram(const struct plane *plane, double x, double y, double sigma,
                                double histogram[BINS])
{
    double raw[BINS] = {0}, reach = 1.5 * sigma;
    int radius = (int)ceil(3 * reach), cx = (int)lround(x), cy = (int)lround(y);
    for (int dy = -radius; dy <= radius; dy++)
        for (int dx = -radius; dx <= radius; dx++) {
            float gx, gy;
            if (dx * dx + dy * dy > radius * radius || !gradient(plane, cx + dx, cy + dy, &gx, &gy))
                continue;
            float weight = expf((float)(-0.5 * (dx * dx + dy * dy) / (reach * reach)));
            int bin = (int)((atan2f(gy, gx) + (float)PI) * (float)(BINS / (2 * PI)));
            raw[bin < 0 ? 0 : bin % BINS] += (double)(weight * sqrtf(gx * gx + gy * gy));
        }
    for (int b = 0; b < BINS; b++)
        histogram[b] = (6 * raw[b] + 4 * (raw[(b + 1) % BINS] + raw[(b + BINS - 1) % BINS]) +
                        raw[(b + 2) % BINS] + raw[(b + BINS - 2) % BINS]) /
                       16;
}

int dominant_angles(const struct plane *plane, double x, double y, double sigma,
                    double angles[DESCRIBE_ANGLES])
{
    double histogram[BINS], height[DESCRIBE_ANGLES] = {0}, top = 0;
    int count = 0;
    direction_histogram(plane, x, y, sigma, histogram);
    for (int b = 0; b < BINS; b++)
        top = fmax(top, histogram[b]);
    for (int b = 0; b < BINS; b++) {
        double left = histogram[(b + BINS - 1) % BINS], right = histogram[(b + 1) % BINS];
        double middle = histogram[b];
        if (middle < 0.8 * top || middle <= left || middle < right)
            continue;
        double offset = 0.5 * (left - right) / (left - 2 * middle + right);
        double angle = (b + 0.5 + offset) * 2 * PI / BINS - PI;
        int at = count < DESCRIBE_ANGLES ? count++ : DESCRIBE_ANGLES - 1;
        if (height[at] > middle)
            continue;
        height[at] = middle;
        angles[at] = angle;
        for (; at > 0 && height[at] > height[at - 1]; at--) {
            double h = height[at], a = angles[at];
            height[at] = height[at - 1];
            angles[at] = angles[at - 1];
            height[at - 1] = h;
            angles[at - 1] = a;
        }
    }
    if (count == 0)
        angles[count++] = 0;
    return count;
}

/* ---- code ----------------------------------------------------------------------------------- */

/* Shares one gradient among the 8 nearest cells. */
static void spread(float column, float row, float sector, float value,
                   float bins[FIELDS][FIELDS][SECTORS])
{
    int c = (int)floorf(column), r = (int)floorf(row), s = (int)floorf(sector);
    float tc = column - (float)c, tr = row - (float)r, ts = sector - (float)s;
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++) {
            if (r + i < 0 || r + i >= FIELDS || c + j < 0 || c + j >= FIELDS)
                continue;
            float share = value * (i ? tr : 1 - tr) * (j ? tc : 1 - tc);
            float *cell = bins[r + i][c + j];
            cell[(s + SECTORS) % SECTORS] += share * (1 - ts);
            cell[(s + 1 + SECTORS) % SECTORS] += share * ts;
        }
}

static void encode(float *bins, int16_t code[FEATURE_CODE])
{
    float square = 0, sum = 0;
    for (int k = 0; k < FEATURE_CODE; k++)
        square += bins[k] * bins[k];
    float most = 0.2f * sqrtf(square); /* no single strong edge may decide */
    for (int k = 0; k < FEATURE_CODE; k++) {
        bins[k] = fminf(bins[k], most);
        sum += bins[k];
    }
    for (int k = 0; k < FEATURE_CODE; k++)
        code[k] = sum > 0 ? (int16_t)lrintf((float)FEATURE_UNITY * sqrtf(bins[k] / sum)) : 0;
}

void describe(const struct plane *plane, double x, double y, double sigma, double angle,
              int16_t code[FEATURE_CODE])
{
    float bins[FIELDS][FIELDS][SECTORS] = {{{0}}};
    float field = (float)(3 * sigma), co = (float)cos(angle), si = (float)sin(angle);
    int radius = (int)ceilf(field * 1.41422f * (FIELDS + 1) * 0.5f);
    int cx = (int)lround(x), cy = (int)lround(y);
    for (int dy = -radius; dy <= radius; dy++)
        for (int dx = -radius; dx <= radius; dx++) {
            float px = (float)(cx + dx - x), py = (float)(cy + dy - y), gx, gy;
            float u = (co * px + si * py) / field, v = (-si * px + co * py) / field;
            if (fabsf(u) >= 2.5f || fabsf(v) >= 2.5f ||
                !gradient(plane, cx + dx, cy + dy, &gx, &gy))
                continue;
            float turned = atan2f(gy, gx) - (float)angle;
            turned -= (float)(2 * PI) * floorf(turned / (float)(2 * PI));
            float weight = expf(-(u * u + v * v) / 8) * sqrtf(gx * gx + gy * gy);
            spread(u + 1.5f, v + 1.5f, turned * (float)(SECTORS / (2 * PI)), weight, bins);
        }
    encode(&bins[0][0][0], code);
}
