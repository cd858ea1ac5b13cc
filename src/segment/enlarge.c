#include "segment/enlarge.h"

#include "base/vector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BEFORE ((ENLARGE_TAPS - 1) / 2) /* taps before the place on the left */

/* Lagrange's polynomial through the places -BEFORE..ENLARGE_TAPS - BEFORE - 1 at 0 <= t < 1. */
static void lagrange(double t, float share[ENLARGE_TAPS])
{
    for (int k = 0; k < ENLARGE_TAPS; k++) {
        double product = 1;
        for (int m = 0; m < ENLARGE_TAPS; m++)
            if (m != k)
                product *= (t - (m - BEFORE)) / (k - m);
        share[k] = (float)product;
    }
}

striae_status enlarger_init(int width, int height, double step_x, double step_y, int pixels,
                            struct enlarger *enlarger, striae_error *error)
{
    size_t count = (size_t)pixels;
    *enlarger =
        (struct enlarger){.width = width, .height = height, .pixels = pixels, .step_y = step_y};
    enlarger->place = calloc(count, sizeof *enlarger->place);
    enlarger->share[0] = calloc(ENLARGE_TAPS * count, sizeof(float));
    if (!enlarger->place || !enlarger->share[0]) {
        enlarger_free(enlarger);
        return fail_memory(error);
    }
    for (int k = 1; k < ENLARGE_TAPS; k++)
        enlarger->share[k] = enlarger->share[k - 1] + count;
    for (int x = 0; x < pixels; x++) {
        float share[ENLARGE_TAPS];
        double at = fmin(x / step_x, width - 1);
        enlarger->place[x] = (int)at;
        lagrange(at - (int)at, share);
        for (int k = 0; k < ENLARGE_TAPS; k++)
            enlarger->share[k][x] = share[k];
    }
    return STRIAE_OK;
}

void enlarger_free(struct enlarger *enlarger)
{
    free(enlarger->place);
    free(enlarger->share[0]);
    *enlarger = (struct enlarger){0};
}

/* ---- one plane ---- */

bool enlarging_init(const struct enlarger *enlarger, const float *in, size_t stride,
                    struct enlarging *enlarging)
{
    size_t edged = (size_t)enlarger->width + ENLARGE_TAPS - 1, pixels = (size_t)enlarger->pixels;
    *enlarging =
        (struct enlarging){.enlarger = enlarger, .in = in, .stride = stride, .next = -BEFORE};
    enlarging->edged = malloc((edged + ENLARGE_TAPS * pixels) * sizeof *enlarging->edged);
    if (!enlarging->edged)
        return false;
    for (size_t k = 0; k < ENLARGE_TAPS; k++)
        enlarging->row[k] = enlarging->edged + edged + k * pixels;
    return true;
}

void enlarging_free(struct enlarging *enlarging)
{
    free(enlarging->edged);
    *enlarging = (struct enlarging){0};
}

VECTORISED static void lengthen(const float *restrict edged, const struct enlarger *enlarger,
                                float *restrict out)
{
    const int *restrict place = enlarger->place;
    const float *restrict a = enlarger->share[0], *restrict b = enlarger->share[1];
    const float *restrict c = enlarger->share[2], *restrict d = enlarger->share[3];
    const float *restrict e = enlarger->share[4], *restrict f = enlarger->share[5];
    for (int x = 0; x < enlarger->pixels; x++) {
        int at = place[x];
        out[x] = (a[x] * edged[at] + b[x] * edged[at + 1]) +
                 (c[x] * edged[at + 2] + d[x] * edged[at + 3]) +
                 (e[x] * edged[at + 4] + f[x] * edged[at + 5]);
    }
}

/* Brings in the rows up to `last`, each in the place of the oldest. */
static void bring_in(struct enlarging *e, int last)
{
    int width = e->enlarger->width, bottom = e->enlarger->height - 1;
    for (; e->next <= last; e->next++) {
        int y = e->next < 0 ? 0 : e->next < bottom ? e->next : bottom;
        const float *row = e->in + (size_t)y * e->stride;
        for (int k = 0; k < BEFORE; k++)
            e->edged[k] = row[0];
        memcpy(e->edged + BEFORE, row, (size_t)width * sizeof *row);
        for (int k = BEFORE; k < ENLARGE_TAPS - 1; k++)
            e->edged[width + k] = row[width - 1];
        lengthen(e->edged, e->enlarger, e->row[(e->next + BEFORE) % ENLARGE_TAPS]);
    }
}

/* Between rows, from number `first` of the ring on. */
VECTORISED static void mix_rows(const struct enlarging *rows, int first,
                                const float share[ENLARGE_TAPS], int pixels, float *restrict out)
{
    const float *restrict a = rows->row[first % ENLARGE_TAPS];
    const float *restrict b = rows->row[(first + 1) % ENLARGE_TAPS];
    const float *restrict c = rows->row[(first + 2) % ENLARGE_TAPS];
    const float *restrict d = rows->row[(first + 3) % ENLARGE_TAPS];
    const float *restrict e = rows->row[(first + 4) % ENLARGE_TAPS];
    const float *restrict f = rows->row[(first + 5) % ENLARGE_TAPS];
    for (int x = 0; x < pixels; x++)
        out[x] = (share[0] * a[x] + share[1] * b[x]) + (share[2] * c[x] + share[3] * d[x]) +
                 (share[4] * e[x] + share[5] * f[x]);
}

void enlarge_row(struct enlarging *enlarging, int y, float *out)
{
    const struct enlarger *enlarger = enlarging->enlarger;
    float share[ENLARGE_TAPS];
    double at = fmin(y / enlarger->step_y, enlarger->height - 1);
    lagrange(at - (int)at, share);
    bring_in(enlarging, (int)at + ENLARGE_TAPS - BEFORE - 1);
    mix_rows(enlarging, (int)at, share, enlarger->pixels, out);
}
