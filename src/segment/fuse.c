#include "segment/fuse.h"

#include "base/threads.h"

#include <math.h>

/* The filters' strength is raised where the network sees a stria and lowered where it does not: by
 * GAIN per unit of logit from GAIN_FROM on. */
#define GAIN      0.2f
#define GAIN_FROM (-2.f)
#define GAIN_LOW  0.4f
#define GAIN_HIGH 1.6f
#define SUPPORT   0.3f /* strength per unit of the logit's contrast across the line */

struct fusion {
    const struct plane *logit;
    struct evidence *evidence;
};

static void fuse_task(void *context, int direction)
{
    const struct fusion *fusion = context;
    struct evidence *e = fusion->evidence;
    struct plane *fused = &e->fused[direction];
    for (int y = 0; y < fused->height; y++) {
        const float *logit = plane_row(fusion->logit, y);
        const float *strength = plane_row(&e->strength[direction], y);
        const float *support = plane_row(&e->support[direction], y);
        const uint8_t *scale = mask_row(&e->scale[direction], y);
        const uint8_t *support_scale = mask_row(&e->support_scale[direction], y);
        for (int x = 0; x < fused->width; x++) {
            float gain = fminf(fmaxf(1 + GAIN * (logit[x] - GAIN_FROM), GAIN_LOW), GAIN_HIGH);
            float own = gain * strength[x], other = SUPPORT * support[x];
            plane_row(fused, y)[x] = own + other;
            mask_row(&e->fused_scale[direction], y)[x] = other > own ? support_scale[x] : scale[x];
        }
    }
}

void fuse_evidence(const struct plane *logit, int threads, struct evidence *evidence)
{
    struct fusion fusion = {logit, evidence};
    threads_run(threads, DIRECTION_COUNT, fuse_task, &fusion);
}
