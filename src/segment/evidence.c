/* Oriented multi-scale line evidence.
 *
 * Each channel is smoothed along and across 16 directions at 6 widths (elongated Gaussians), each
 * width on a grid as fine against it as the working pixels are against the finest (oriented.h), and
 * interpolated from there (enlarge.h): what a grid has fewer places for is not there any more. A
 * line's contrast is its smoothed value less the mean of the values beside it, as a vector over the
 * channels; it is measured in standard deviations of the same vector over the whole skin (a robust
 * covariance per width, spread.h), so that the evidence adapts to what this skin does in luminance,
 * redness and yellowness. A step (clothes, contour, shadow) differs from one side only: the smaller
 * of the two sides' contrasts decides.
 *
 * With every width smoothed at all working pixels this took 5.7 processor seconds per photo of
 * 12 megapixels, half of it skin, and 10 where all is skin; on grids it takes 1.1 and 1.9
 * (tests/bench/segment.sh, 2026-11-21). Strengths interpolated from the grids instead of smoothed
 * channels took less, but their ridges, which have kinks, lay up to 1.5 px beside wide bars. */
#include "segment/evidence.h"

#include "base/threads.h"
#include "segment/lively.h"
#include "segment/spread.h"
#include "segment/strength.h"

#include <math.h>

#define PI          3.14159265358979323846
#define FIRST_SIGMA 1.3
#define SIGMA_STEP  1.5
#define HUE_SLACK   0.15
#define WRONG_HUE   0.3f /* what is left of a line that is not coloured like a stria */

double evidence_sigma(int scale)
{
    return FIRST_SIGMA * pow(SIGMA_STEP, scale);
}

struct bank {
    struct evidence *evidence;
    struct spectra spectra;
    struct store store;
    struct yardstick yardstick;
    /* Of the scale in work. */
    struct plane skin; /* at the grid's places */
    struct samples samples[DIRECTION_COUNT];
    bool no_memory[DIRECTION_COUNT];
};

static void strength_task(void *context, int direction)
{
    struct bank *bank = context;
    bank->no_memory[direction] = !strength_add(&bank->yardstick, direction, bank->evidence);
}

static void smooth_task(void *context, int direction)
{
    struct bank *bank = context;
    bank->no_memory[direction] =
        !grid_smooth(&bank->spectra, direction, &bank->yardstick.grid) ||
        !samples_init(&bank->yardstick.grid, &bank->skin, direction, &bank->samples[direction]);
}

static striae_status run_directions(struct bank *bank, int threads, void (*task)(void *, int),
                                    striae_error *error)
{
    threads_run(threads, DIRECTION_COUNT, task, bank);
    for (int d = 0; d < DIRECTION_COUNT; d++)
        if (bank->no_memory[d])
            return fail_memory(error);
    return STRIAE_OK;
}

static void scale_free(struct bank *bank)
{
    grid_free(&bank->yardstick.grid);
    plane_free(&bank->skin);
    enlarger_free(&bank->yardstick.enlarger);
    for (int d = 0; d < DIRECTION_COUNT; d++)
        samples_free(&bank->samples[d]);
}

static striae_status scale_init(struct bank *bank, int scale, striae_error *error)
{
    struct grid *grid = &bank->yardstick.grid;
    const struct channels *channels = bank->yardstick.channels;
    striae_status status = grid_init(&bank->spectra, scale, &bank->store, grid, error);
    if (status == STRIAE_OK)
        status = enlarger_init(grid->width, grid->height, grid->step_x, grid->step_y,
                               channels->skin.width, &bank->yardstick.enlarger, error);
    if (status == STRIAE_OK)
        status = grid_pick(grid, &channels->skin, &bank->skin, error);
    return status;
}

static striae_status run_scale(struct bank *bank, int scale, int threads, striae_error *error)
{
    striae_status status = scale_init(bank, scale, error);
    if (status == STRIAE_OK)
        status = run_directions(bank, threads, smooth_task, error);
    if (status == STRIAE_OK) {
        spread_inverse(bank->samples, threads, bank->yardstick.inverse);
        status = run_directions(bank, threads, strength_task, error);
    }
    scale_free(bank);
    return status;
}

static striae_status planes_init(struct evidence *evidence, int width, int height,
                                 striae_error *error)
{
    striae_status status = STRIAE_OK;
    for (int d = 0; d < DIRECTION_COUNT && status == STRIAE_OK; d++) {
        struct plane *const planes[] = {&evidence->strength[d], &evidence->support[d],
                                        &evidence->fused[d]};
        struct mask *const scales[] = {&evidence->scale[d], &evidence->support_scale[d],
                                       &evidence->fused_scale[d]};
        for (int k = 0; k < 3 && status == STRIAE_OK; k++) {
            status = plane_init(planes[k], width, height, error);
            if (status == STRIAE_OK)
                status = mask_init(scales[k], width, height, error);
        }
    }
    return status;
}

striae_status evidence_init(const struct channels *channels, const struct plane *logit, int threads,
                            struct evidence *evidence, striae_error *error)
{
    struct bank bank = {.evidence = evidence, .yardstick.channels = channels};
    *evidence = (struct evidence){0};
    struct hue_limits limits = hue_limits_of(channels, HUE_SLACK);
    hue_table_fill(&limits, WRONG_HUE, &bank.yardstick.hues);
    striae_status status =
        planes_init(evidence, channels->skin.width, channels->skin.height, error);
    if (status == STRIAE_OK)
        status = spectra_init(channels, logit, threads, &bank.spectra, error);
    if (status == STRIAE_OK)
        status = store_init(&bank.spectra, &bank.store, error);
    for (int scale = 0; scale < SCALE_COUNT && status == STRIAE_OK; scale++)
        status = run_scale(&bank, scale, threads, error);
    if (status == STRIAE_OK)
        status = lively_measure(evidence, &channels->skin, &evidence->lively, error);
    spectra_free(&bank.spectra);
    store_free(&bank.store);
    if (status != STRIAE_OK)
        evidence_free(evidence);
    return status;
}

void evidence_free(struct evidence *evidence)
{
    plane_free(&evidence->lively);
    for (int d = 0; d < DIRECTION_COUNT; d++) {
        plane_free(&evidence->strength[d]);
        plane_free(&evidence->support[d]);
        mask_free(&evidence->scale[d]);
        mask_free(&evidence->support_scale[d]);
        plane_free(&evidence->fused[d]);
        mask_free(&evidence->fused_scale[d]);
    }
}

/* The pixels around a place inside the picture, and the shares of the right and the lower ones. */
struct spot {
    int x, y, right, down; /* steps to the next pixels: 0 at the edges */
    float share_x, share_y;
};

static struct spot spot_at(const struct plane *plane, double x, double y)
{
    int px = (int)x, py = (int)y;
    return (struct spot){
        px, py, px + 1 < plane->width, py + 1 < plane->height, (float)(x - px), (float)(y - py)};
}

static float value_at(const struct plane *plane, const struct spot *spot)
{
    const float *a = plane_row(plane, spot->y) + spot->x;
    const float *b = plane_row(plane, spot->y + spot->down) + spot->x;
    float top = a[0] + spot->share_x * (a[spot->right] - a[0]);
    float low = b[0] + spot->share_x * (b[spot->right] - b[0]);
    return top + spot->share_y * (low - top);
}

/* Between the two nearest directions' planes; *nearest is the nearer one. */
static double between(const struct plane planes[DIRECTION_COUNT], double x, double y, double angle,
                      int *nearest)
{
    double turn = angle * DIRECTION_COUNT / PI;
    double whole = floor(turn), t = turn - whole;
    int first = (int)(((long)whole % DIRECTION_COUNT + DIRECTION_COUNT) % DIRECTION_COUNT);
    int second = (first + 1) % DIRECTION_COUNT;
    *nearest = t < 0.5 ? first : second;
    if (x < 0 || y < 0 || x > planes[0].width - 1 || y > planes[0].height - 1)
        return 0;
    struct spot spot = spot_at(&planes[0], x, y);
    return (1 - t) * (double)value_at(&planes[first], &spot) +
           t * (double)value_at(&planes[second], &spot);
}

double evidence_at(const struct evidence *evidence, double x, double y, double angle, double *sigma)
{
    int nearest;
    double strength = between(evidence->fused, x, y, angle, &nearest);
    const struct mask *scale = &evidence->fused_scale[nearest];
    if (sigma && x >= 0 && y >= 0 && x <= scale->width - 1 && y <= scale->height - 1)
        *sigma = evidence_sigma(mask_row(scale, (int)lround(y))[(int)lround(x)]);
    return strength;
}

double evidence_part_at(const struct plane part[DIRECTION_COUNT], double x, double y, double angle)
{
    int nearest;
    return between(part, x, y, angle, &nearest);
}
