#include "segment/fuse.h"

#include "base/threads.h"
#include "base/vector.h"

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

/* One row of a direction. */
struct row {
    const float *logit, *strength, *support;
    const uint8_t *scale, *support_scale;
};

/* Two loops: of these the compiler makes vectors. */
VECTORISED static void fuse_row(const struct row *row, int width, float *restrict fused,
                                uint8_t *restrict fused_scale)
{
    const struct row r = *row;
    for (int x = 0; x < width; x++) {
        float gain = 1 + GAIN * (r.logit[x] - GAIN_FROM);
        gain = gain > GAIN_LOW ? gain : GAIN_LOW;
        gain = gain < GAIN_HIGH ? gain : GAIN_HIGH;
        fused[x] = gain * r.strength[x] + SUPPORT * r.support[x];
    }
    for (int x = 0; x < width; x++) /* of the larger part */
        fused_scale[x] = SUPPORT * r.support[x] > 0.5f * fused[x] ? r.support_scale[x] : r.scale[x];
}

static void fuse_task(void *context, int direction)
{
    const struct fusion *fusion = context;
    struct evidence *e = fusion->evidence;
    struct plane *fused = &e->fused[direction];
    for (int y = 0; y < fused->height; y++) {
        struct row row = {plane_row(fusion->logit, y), plane_row(&e->strength[direction], y),
                          plane_row(&e->support[direction], y), mask_row(&e->scale[direction], y),
                          mask_row(&e->support_scale[direction], y)};
        fuse_row(&row, fused->width, plane_row(fused, y), mask_row(&e->fused_scale[direction], y));
    }
}

void fuse_evidence(const struct plane *logit, int threads, struct evidence *evidence)
{
    struct fusion fusion = {logit, evidence};
    threads_run(threads, DIRECTION_COUNT, fuse_task, &fusion);
}
