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
 * 12 megapixels, on grids it takes 1.3 (tests/bench/segment.sh, 2026-11-21). Strengths
 * interpolated from the grids instead of smoothed channels took 1.0, but their ridges, which have
 * kinks, lay up to 1.5 px beside wide bars. */
#include "segment/evidence.h"

#include "base/filter.h"
#include "base/threads.h"
#include "base/vector.h"
#include "segment/enlarge.h"
#include "segment/hue.h"
#include "segment/spread.h"

#include <math.h>
#include <stdlib.h>

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
    const struct channels *channels;
    struct evidence *evidence;
    struct spectra spectra;
    struct store store;
    /* Of the scale in work. */
    struct grid grid;
    struct plane skin; /* at the grid's places */
    struct samples samples[DIRECTION_COUNT];
    double inverse[6]; /* of the covariance of contrasts */
    struct enlarger enlarger;
    bool no_memory[DIRECTION_COUNT];
};

/* Lines of one direction at the working pixels. */
struct lines {
    const struct bank *bank;
    int direction, offset[2]; /* to what lies on their left */
    int from, to;             /* columns with both sides in the picture */
    struct enlarging enlarging[PLANE_COUNT];
    float *ring[PLANE_COUNT];  /* smoothed rows: as many as lie between the two sides */
    float *strength, *support; /* of a row */
    float *buffer;             /* owned */
};

/* ---- strength ---- */

static int ring_rows(const struct lines *lines)
{
    return 2 * abs(lines->offset[1]) + 1;
}

/* A row of one plane where a line runs, and left and right of it. */
struct row {
    const float *middle, *left, *right;
};

static struct row skin_row(const struct lines *lines, int y)
{
    const struct plane *skin = &lines->bank->channels->skin;
    return (struct row){plane_row(skin, y),
                        plane_row(skin, y + lines->offset[1]) + lines->offset[0],
                        plane_row(skin, y - lines->offset[1]) - lines->offset[0]};
}

/* Row y of a smoothed plane, from the ring. */
static float *smooth_row(const struct lines *lines, int p, int y)
{
    size_t width = (size_t)lines->bank->channels->skin.width;
    return lines->ring[p] + (size_t)(y % ring_rows(lines)) * width;
}

static struct row row_of(const struct lines *lines, int p, int y)
{
    return (struct row){smooth_row(lines, p, y),
                        smooth_row(lines, p, y + lines->offset[1]) + lines->offset[0],
                        smooth_row(lines, p, y - lines->offset[1]) - lines->offset[0]};
}

/* Strength of the lines through a row from their contrasts to both sides: what the weaker side
 * still shows, along the direction in colour space that separates the line best. 0 where line or
 * side is not skin. */
VECTORISED static void line_strength(const double inverse[6], const struct row row[CHANNEL_COUNT],
                                     const struct row *skin, int from, int to, float *restrict out)
{
    const struct row a = row[0], b = row[1], c = row[2], on = *skin;
    float m[6];
    for (int k = 0; k < 6; k++)
        m[k] = (float)inverse[k];
    for (int x = from; x < to; x++) {
        float la = a.middle[x] - a.left[x], ra = a.middle[x] - a.right[x];
        float lb = b.middle[x] - b.left[x], rb = b.middle[x] - b.right[x];
        float lc = c.middle[x] - c.left[x], rc = c.middle[x] - c.right[x];
        float va = 0.5f * (la + ra), vb = 0.5f * (lb + rb), vc = 0.5f * (lc + rc);
        float wa = m[0] * va + m[1] * vb + m[2] * vc;
        float wb = m[1] * va + m[3] * vb + m[4] * vc;
        float wc = m[2] * va + m[4] * vb + m[5] * vc;
        float square = wa * va + wb * vb + wc * vc;
        float full = sqrtf(square > 1e-12f ? square : 1e-12f);
        float l = wa * la + wb * lb + wc * lc, r = wa * ra + wb * rb + wc * rc;
        float weaker = 1.5f * (l < r ? l : r) / full;
        weaker = weaker < full ? weaker : full;
        out[x] = on.middle[x] * on.left[x] * on.right[x] * (weaker > 0 ? weaker : 0);
    }
}

/* How far the network's logit stands above that of the side that is more like it. */
VECTORISED static void network_contrast(const struct row *row, const struct row *skin, int from,
                                        int to, float *restrict out)
{
    const struct row on = *skin, p = *row;
    for (int x = from; x < to; x++) {
        float side = p.left[x] > p.right[x] ? p.left[x] : p.right[x];
        out[x] = on.middle[x] * on.left[x] * on.right[x] * (p.middle[x] - side);
    }
}

/* The contrast in density: undoes the local normalisation. */
static struct hue contrast_hue(const struct channels *channels, const struct row row[CHANNEL_COUNT],
                               int x, int y)
{
    double v[CHANNEL_COUNT];
    for (int c = 0; c < CHANNEL_COUNT; c++)
        v[c] = (double)(row[c].middle[x] - 0.5f * (row[c].left[x] + row[c].right[x])) *
               (double)plane_row(&channels->rms[c], y)[x];
    return (struct hue){v[0], v[1], v[2]};
}

/* What is left where a line that says more than `largest` does not have the colour of a stria. */
static void lower_wrong_hues(const struct lines *lines, const struct row row[CHANNEL_COUNT], int y,
                             const float *largest)
{
    for (int x = lines->from; x < lines->to; x++)
        if (lines->strength[x] > largest[x]) {
            struct hue hue = contrast_hue(lines->bank->channels, row, x, y);
            if (!hue_of_stria(&hue, HUE_SLACK))
                lines->strength[x] *= WRONG_HUE;
        }
}

/* Two loops: of these the compiler makes vectors. */
VECTORISED static void keep_larger(const float *restrict value, int from, int to, uint8_t scale,
                                   float *restrict largest, uint8_t *restrict scales)
{
    for (int x = from; x < to; x++)
        scales[x] = value[x] > largest[x] ? scale : scales[x];
    for (int x = from; x < to; x++)
        largest[x] = value[x] > largest[x] ? value[x] : largest[x];
}

static void look_along(const struct lines *lines, int y)
{
    const struct bank *bank = lines->bank;
    struct evidence *e = bank->evidence;
    int d = lines->direction;
    uint8_t scale = (uint8_t)bank->grid.scale;
    struct row skin = skin_row(lines, y), row[PLANE_COUNT];
    for (int p = 0; p < PLANE_COUNT; p++)
        row[p] = row_of(lines, p, y);
    line_strength(bank->inverse, row, &skin, lines->from, lines->to, lines->strength);
    lower_wrong_hues(lines, row, y, plane_row(&e->strength[d], y));
    keep_larger(lines->strength, lines->from, lines->to, scale, plane_row(&e->strength[d], y),
                mask_row(&e->scale[d], y));
    network_contrast(&row[NETWORK], &skin, lines->from, lines->to, lines->support);
    keep_larger(lines->support, lines->from, lines->to, scale, plane_row(&e->support[d], y),
                mask_row(&e->support_scale[d], y));
}

static void lines_free(struct lines *lines)
{
    for (int p = 0; p < PLANE_COUNT; p++)
        enlarging_free(&lines->enlarging[p]);
    free(lines->buffer);
}

static bool lines_init(const struct bank *bank, int direction, struct lines *lines)
{
    const struct grid *grid = &bank->grid;
    size_t width = (size_t)bank->channels->skin.width;
    double offset[2];
    *lines = (struct lines){.bank = bank, .direction = direction};
    oriented_side(grid->scale, direction, offset);
    for (int k = 0; k < 2; k++)
        lines->offset[k] = (int)lround(offset[k]);
    lines->from = abs(lines->offset[0]);
    lines->to = (int)width - lines->from;
    size_t rows = (size_t)ring_rows(lines);
    lines->buffer = calloc((PLANE_COUNT * rows + 2) * width, sizeof *lines->buffer);
    if (!lines->buffer)
        return false;
    lines->strength = lines->buffer + PLANE_COUNT * rows * width;
    lines->support = lines->strength + width;
    bool ok = true;
    for (int p = 0; p < PLANE_COUNT; p++) {
        lines->ring[p] = lines->buffer + (size_t)p * rows * width;
        ok = ok && enlarging_init(&bank->enlarger, grid->smooth[direction][p], grid->stride,
                                  &lines->enlarging[p]);
    }
    return ok;
}

static void strength_task(void *context, int direction)
{
    struct bank *bank = context;
    struct lines lines;
    bool ok = lines_init(bank, direction, &lines);
    int below = abs(lines.offset[1]);
    for (int y = 0; ok && y < bank->channels->skin.height; y++) {
        for (int p = 0; p < PLANE_COUNT; p++)
            enlarge_row(&lines.enlarging[p], y, smooth_row(&lines, p, y));
        if (y >= 2 * below)
            look_along(&lines, y - below);
    }
    bank->no_memory[direction] = !ok;
    lines_free(&lines);
}

/* ---- the bank ---- */

static void smooth_task(void *context, int direction)
{
    struct bank *bank = context;
    bank->no_memory[direction] =
        !grid_smooth(&bank->spectra, direction, &bank->grid) ||
        !samples_init(&bank->grid, &bank->skin, direction, &bank->samples[direction]);
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
    grid_free(&bank->grid);
    plane_free(&bank->skin);
    enlarger_free(&bank->enlarger);
    for (int d = 0; d < DIRECTION_COUNT; d++)
        samples_free(&bank->samples[d]);
}

static striae_status scale_init(struct bank *bank, int scale, striae_error *error)
{
    struct grid *grid = &bank->grid;
    const struct channels *channels = bank->channels;
    striae_status status = grid_init(&bank->spectra, scale, &bank->store, grid, error);
    if (status == STRIAE_OK)
        status = enlarger_init(grid->width, grid->height, grid->step_x, grid->step_y,
                               channels->skin.width, &bank->enlarger, error);
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
        spread_inverse(bank->samples, threads, bank->inverse);
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
    struct bank bank = {.channels = channels, .evidence = evidence};
    *evidence = (struct evidence){0};
    striae_status status =
        planes_init(evidence, channels->skin.width, channels->skin.height, error);
    if (status == STRIAE_OK)
        status = spectra_init(channels, logit, threads, &bank.spectra, error);
    if (status == STRIAE_OK)
        status = store_init(&bank.spectra, &bank.store, error);
    for (int scale = 0; scale < SCALE_COUNT && status == STRIAE_OK; scale++)
        status = run_scale(&bank, scale, threads, error);
    spectra_free(&bank.spectra);
    store_free(&bank.store);
    if (status != STRIAE_OK)
        evidence_free(evidence);
    return status;
}

void evidence_free(struct evidence *evidence)
{
    for (int d = 0; d < DIRECTION_COUNT; d++) {
        plane_free(&evidence->strength[d]);
        plane_free(&evidence->support[d]);
        mask_free(&evidence->scale[d]);
        mask_free(&evidence->support_scale[d]);
        plane_free(&evidence->fused[d]);
        mask_free(&evidence->fused_scale[d]);
    }
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
    return (1 - t) * sample_bilinear(&planes[first], x, y) +
           t * sample_bilinear(&planes[second], x, y);
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
