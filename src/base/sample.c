#include "base/filter.h"

#include <math.h>

static int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

float sample_nearest(const struct plane *in, double x, double y)
{
    int px = (int)lround(x), py = (int)lround(y);
    if (px < 0 || py < 0 || px >= in->width || py >= in->height)
        return 0;
    return plane_row(in, py)[px];
}

float sample_bilinear(const struct plane *in, double x, double y)
{
    x = fmin(fmax(x, 0), in->width - 1);
    y = fmin(fmax(y, 0), in->height - 1);
    int x0 = (int)x, y0 = (int)y;
    int x1 = clamp(x0 + 1, 0, in->width - 1), y1 = clamp(y0 + 1, 0, in->height - 1);
    float tx = (float)(x - x0), ty = (float)(y - y0);
    const float *a = plane_row(in, y0), *b = plane_row(in, y1);
    float top = a[x0] + tx * (a[x1] - a[x0]), low = b[x0] + tx * (b[x1] - b[x0]);
    return top + ty * (low - top);
}

static void catmull_rom(float t, float w[4])
{
    w[0] = ((-0.5f * t + 1) * t - 0.5f) * t;
    w[1] = (1.5f * t - 2.5f) * t * t + 1;
    w[2] = ((-1.5f * t + 2) * t + 0.5f) * t;
    w[3] = (0.5f * t - 0.5f) * t * t;
}

/* Weighted sum of 4 rows of 4 pixels: down first, four columns side by side. */
static inline float weigh(const float *const row[4], const float wx[4], const float wy[4])
{
    float down[4];
    for (int i = 0; i < 4; i++)
        down[i] = wy[0] * row[0][i] + wy[1] * row[1][i] + wy[2] * row[2][i] + wy[3] * row[3][i];
    return (wx[0] * down[0] + wx[1] * down[1]) + (wx[2] * down[2] + wx[3] * down[3]);
}

/* The 4 x 4 pixels around (x0,y0)..(x0+1,y0+1), weighted. */
static float cubic_sum(const struct plane *in, int x0, int y0, const float wx[4], const float wy[4])
{
    const float *row[4];
    float edge[4][4];
    if (x0 >= 1 && y0 >= 1 && x0 + 2 < in->width && y0 + 2 < in->height) {
        for (int j = 0; j < 4; j++)
            row[j] = plane_row(in, y0 + j - 1) + x0 - 1;
        return weigh(row, wx, wy);
    }
    for (int j = 0; j < 4; j++) {
        const float *from = plane_row(in, clamp(y0 + j - 1, 0, in->height - 1));
        for (int i = 0; i < 4; i++)
            edge[j][i] = from[clamp(x0 + i - 1, 0, in->width - 1)];
        row[j] = edge[j];
    }
    return weigh(row, wx, wy);
}

void sample_cubic_each(const struct plane *in, int count, double x, double y, float *out)
{
    x = fmin(fmax(x, 0), in->width - 1);
    y = fmin(fmax(y, 0), in->height - 1);
    int x0 = (int)x, y0 = (int)y;
    float wx[4], wy[4];
    catmull_rom((float)(x - x0), wx);
    catmull_rom((float)(y - y0), wy);
    for (int c = 0; c < count; c++)
        out[c] = cubic_sum(&in[c], x0, y0, wx, wy);
}

float sample_cubic(const struct plane *in, double x, double y)
{
    float value;
    sample_cubic_each(in, 1, x, y, &value);
    return value;
}
