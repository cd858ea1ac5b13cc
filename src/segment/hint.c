#include "segment/hint.h"

#include <math.h>
#include <stdlib.h>

#define HINT_REACH   5 /* px to either side in which a hint is looked for */
#define HINT_OFFSETS (2 * HINT_REACH + 1)

striae_status hint_offsets(const struct evidence *evidence, const struct polyline *hint,
                           int *offset, float *strength, striae_error *error)
{
    size_t n = hint->count;
    float *value = calloc(n * HINT_OFFSETS, sizeof *value);
    float *sum = calloc(n * HINT_OFFSETS, sizeof *sum);
    signed char *from = calloc(n * HINT_OFFSETS, sizeof *from);
    striae_status status = value && sum && from ? STRIAE_OK : fail_memory(error);
    for (size_t i = 0; i < n && status == STRIAE_OK; i++) {
        double angle = polyline_tangent(hint, i), nx = -sin(angle), ny = cos(angle);
        for (int k = 0; k < HINT_OFFSETS; k++) {
            size_t at = i * HINT_OFFSETS + (size_t)k;
            int off = k - HINT_REACH;
            value[at] = (float)evidence_at(evidence, hint->points[i].x + off * nx,
                                           hint->points[i].y + off * ny, angle, NULL);
            sum[at] = fminf(value[at], 4.f) - 0.05f * (float)abs(off);
            if (!i)
                continue;
            float best = -1e30f;
            for (int step = -1; step <= 1; step++) {
                int before = k + step;
                if (before < 0 || before >= HINT_OFFSETS)
                    continue;
                float s = sum[(i - 1) * HINT_OFFSETS + (size_t)before] - 0.3f * (float)abs(step);
                if (s > best) {
                    best = s;
                    from[at] = (signed char)step;
                }
            }
            sum[at] += best;
        }
    }
    if (status == STRIAE_OK && n) {
        int k = 0;
        for (int c = 1; c < HINT_OFFSETS; c++)
            if (sum[(n - 1) * HINT_OFFSETS + (size_t)c] > sum[(n - 1) * HINT_OFFSETS + (size_t)k])
                k = c;
        for (size_t i = n; i-- > 0;) {
            size_t at = i * HINT_OFFSETS + (size_t)k;
            offset[i] = k - HINT_REACH;
            strength[i] = value[at];
            k += from[at];
        }
    }
    free(value);
    free(sum);
    free(from);
    return status;
}
