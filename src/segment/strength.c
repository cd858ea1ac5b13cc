#include "segment/strength.h"

#include "base/vector.h"

#include <math.h>
#include <stdlib.h>

/* Lines of one direction at the working pixels. */
struct lines {
    const struct yardstick *yardstick;
    int direction, offset[2]; /* to what lies on their left */
    int from, to;             /* columns with both sides in the picture */
    struct enlarging enlarging[PLANE_COUNT];
    float *ring[PLANE_COUNT];  /* smoothed rows: as many as lie between the two sides */
    float *strength, *support; /* of a row */
    int *index;                /* of a row */
    float *buffer;             /* owned, as is index */
};

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
    const struct plane *skin = &lines->yardstick->channels->skin;
    return (struct row){plane_row(skin, y),
                        plane_row(skin, y + lines->offset[1]) + lines->offset[0],
                        plane_row(skin, y - lines->offset[1]) - lines->offset[0]};
}

/* Row y of a smoothed plane, from the ring. */
static float *smooth_row(const struct lines *lines, int p, int y)
{
    size_t width = (size_t)lines->yardstick->channels->skin.width;
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

/* The contrast of a place against both sides, in density: undoes the local normalisation. */
static inline float in_density(const struct row *row, const float *rms, int x)
{
    return rms[x] * (row->middle[x] - 0.5f * (row->left[x] + row->right[x]));
}

/* Lowers the strength where the contrast does not have the colour of a stria; makes it negative
 * where the table is not sure. */
VECTORISED static void look_up_hues(const struct hue_table *hues,
                                    const struct row row[CHANNEL_COUNT],
                                    const float *const rms[CHANNEL_COUNT], int from, int to,
                                    int *restrict index, float *restrict strength)
{
    const struct row a = row[0], b = row[1], c = row[2];
    const float *ra = rms[0], *rb = rms[1], *rc = rms[2];
    for (int x = from; x < to; x++)
        index[x] =
            hue_table_index(in_density(&a, ra, x), in_density(&b, rb, x), in_density(&c, rc, x));
    for (int x = from; x < to; x++)
        strength[x] *= hues->value[index[x]];
}

static void lower_wrong_hues(const struct hue_table *hues, const struct row row[CHANNEL_COUNT],
                             const float *const rms[CHANNEL_COUNT], int from, int to,
                             int *restrict index, float *restrict strength)
{
    look_up_hues(hues, row, rms, from, to, index, strength);
    for (int x = from; x < to; x++)
        if (strength[x] < 0)
            strength[x] *= HUE_TABLE_UNSURE * hue_table_exact(hues, in_density(&row[0], rms[0], x),
                                                              in_density(&row[1], rms[1], x),
                                                              in_density(&row[2], rms[2], x));
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

static void look_along(const struct lines *lines, int y, struct evidence *e)
{
    const struct yardstick *yardstick = lines->yardstick;
    int d = lines->direction;
    uint8_t scale = (uint8_t)yardstick->grid.scale;
    struct row skin = skin_row(lines, y), row[PLANE_COUNT];
    for (int p = 0; p < PLANE_COUNT; p++)
        row[p] = row_of(lines, p, y);
    const float *rms[CHANNEL_COUNT];
    for (int c = 0; c < CHANNEL_COUNT; c++)
        rms[c] = plane_row(&yardstick->channels->rms[c], y);
    line_strength(yardstick->inverse, row, &skin, lines->from, lines->to, lines->strength);
    lower_wrong_hues(&yardstick->hues, row, rms, lines->from, lines->to, lines->index,
                     lines->strength);
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
    free(lines->index);
}

static bool lines_init(const struct yardstick *yardstick, int direction, struct lines *lines)
{
    const struct grid *grid = &yardstick->grid;
    size_t width = (size_t)yardstick->channels->skin.width;
    double offset[2];
    *lines = (struct lines){.yardstick = yardstick, .direction = direction};
    oriented_side(grid->scale, direction, offset);
    for (int k = 0; k < 2; k++)
        lines->offset[k] = (int)lround(offset[k]);
    lines->from = abs(lines->offset[0]);
    lines->to = (int)width - lines->from;
    size_t rows = (size_t)ring_rows(lines);
    lines->buffer = calloc((PLANE_COUNT * rows + 2) * width, sizeof *lines->buffer);
    lines->index = calloc(width, sizeof *lines->index);
    if (!lines->buffer || !lines->index)
        return false;
    lines->strength = lines->buffer + PLANE_COUNT * rows * width;
    lines->support = lines->strength + width;
    bool ok = true;
    for (int p = 0; p < PLANE_COUNT; p++) {
        lines->ring[p] = lines->buffer + (size_t)p * rows * width;
        ok = ok && enlarging_init(&yardstick->enlarger, grid->smooth[direction][p], grid->stride,
                                  &lines->enlarging[p]);
    }
    return ok;
}

bool strength_add(const struct yardstick *yardstick, int direction, struct evidence *evidence)
{
    struct lines lines;
    bool ok = lines_init(yardstick, direction, &lines);
    int below = abs(lines.offset[1]);
    for (int y = 0; ok && y < yardstick->channels->skin.height; y++) {
        for (int p = 0; p < PLANE_COUNT; p++)
            enlarge_row(&lines.enlarging[p], y, smooth_row(&lines, p, y));
        if (y >= 2 * below)
            look_along(&lines, y - below, evidence);
    }
    lines_free(&lines);
    return ok;
}
