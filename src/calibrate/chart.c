/* The chart's colours, and where in a grid of spots it can be. */
#include "calibrate/chart.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_SPOTS 14  /* of 24: dark patches run into the frame */
#define INNER       0.3 /* of the step between patches: half the side that is looked at */
#define SAMPLES     7   /* a side */
#define CLIPPED     0.98
#define LEAST_USED  18
#define MOST_ERROR  7.0 /* dE2000, held out: another order of colours is far beyond */
#define CLEAR       1.5 /* by which the next best placement must be worse */

/* sRGB, 8 bits, as the chart's makers publish it for D65; row by row from dark skin to black. */
static const uint8_t nominal[CHART_PATCHES][3] = {
    {115, 82, 68},   {194, 150, 130}, {98, 122, 157}, {87, 108, 67},   {133, 128, 177},
    {103, 189, 170}, {214, 126, 44},  {80, 91, 166},  {193, 90, 99},   {94, 60, 108},
    {157, 188, 64},  {224, 163, 46},  {56, 61, 150},  {70, 148, 73},   {175, 54, 60},
    {231, 199, 31},  {187, 86, 149},  {8, 133, 161},  {243, 243, 242}, {200, 200, 200},
    {160, 160, 160}, {122, 122, 121}, {85, 85, 85},   {52, 52, 52}};

/* Column and row of the grid to those of the chart: turned by quarters, then moved. */
struct placement {
    int turn, column, row;
};

static void place(const struct placement *p, const struct chart_spot *spot, int *column, int *row)
{
    static const int turns[4][4] = {{1, 0, 0, 1}, {0, 1, -1, 0}, {-1, 0, 0, -1}, {0, -1, 1, 0}};
    const int *t = turns[p->turn];
    *column = t[0] * spot->column + t[1] * spot->row + p->column;
    *row = t[2] * spot->column + t[3] * spot->row + p->row;
}

/* The plane through the spots by the direct linear transform. */
static bool fit_plane(const struct chart_spots *spots, const struct placement *p,
                      const struct lens *lens, struct perspective *plane)
{
    double a[64] = {0}, b[8] = {0}, unit = lens->corner;
    for (size_t i = 0; i < spots->count; i++) {
        const struct chart_spot *s = &spots->spot[i];
        int column, row;
        if (!s->used)
            continue;
        place(p, s, &column, &row);
        double x = column - 2.5, y = row - 1.5;
        const double px[2] = {(s->x - lens->middle[0]) / unit, (s->y - lens->middle[1]) / unit};
        for (int k = 0; k < 2; k++) {
            double line[8] = {0};
            line[3 * k] = x;
            line[3 * k + 1] = y;
            line[3 * k + 2] = 1;
            line[6] = -px[k] * x;
            line[7] = -px[k] * y;
            for (int m = 0; m < 8; m++) {
                b[m] += line[m] * px[k];
                for (int n = 0; n < 8; n++)
                    a[8 * m + n] += line[m] * line[n];
            }
        }
    }
    if (!card_solve(a, 8, b))
        return false;
    /* From the corner of the grid, and to px. */
    double h[3][3] = {{b[0], b[1], b[2]}, {b[3], b[4], b[5]}, {b[6], b[7], 1}};
    for (int i = 0; i < 3; i++)
        h[i][2] -= 3 * h[i][0] + 2 * h[i][1];
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 3; j++)
            h[i][j] = unit * h[i][j] + lens->middle[i] * h[2][j];
    perspective_init(plane, (const double(*)[3])h, lens, 3, 2);
    return true;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Median of each channel in the middle of the patch; false outside the photo. */
static bool read_patch(const struct image *image, const struct perspective *plane, int column,
                       int row, double seen[3])
{
    double value[3][SAMPLES * SAMPLES];
    for (int i = 0; i < SAMPLES * SAMPLES; i++) {
        double dx = 2 * INNER * ((i % SAMPLES + 0.5) / SAMPLES - 0.5), px[2];
        double dy = 2 * INNER * ((i / SAMPLES + 0.5) / SAMPLES - 0.5);
        perspective_px(plane, column + 0.5 + dx, row + 0.5 + dy, px);
        if (!(px[0] > -0.5 && px[1] > -0.5 && px[0] < image->width - 0.5 &&
              px[1] < image->height - 0.5))
            return false;
        for (int c = 0; c < 3; c++)
            value[c][i] = (double)plane_row(&image->channel[c], (int)lround(px[1]))[lround(px[0])];
    }
    for (int c = 0; c < 3; c++) {
        qsort(value[c], SAMPLES * SAMPLES, sizeof **value, by_value);
        seen[c] = value[c][SAMPLES * SAMPLES / 2];
    }
    return true;
}

/* The chart as it would be with this placement. */
static bool try_placement(const struct image *image, const struct chart_spots *spots,
                          const struct placement *p, struct card *card)
{
    struct card_sample samples[CHART_PATCHES];
    struct lens lens = {{(image->width - 1) / 2.0, (image->height - 1) / 2.0},
                        hypot(image->width, image->height) / 2,
                        0};
    int count = 0;
    double grey = INFINITY;
    if (!fit_plane(spots, p, &lens, &card->plane))
        return false;
    for (int i = 0; i < CHART_PATCHES; i++) {
        struct card_sample *s = &samples[count];
        int column = i % CHART_COLUMNS, row = i / CHART_COLUMNS;
        if (!read_patch(image, &card->plane, column, row, s->seen))
            return false;
        if (row == 3 && !(s->seen[1] < grey || s->seen[1] > CLIPPED)) /* greys darken */
            return false;
        grey = row == 3 ? s->seen[1] : grey;
        if (fmax(s->seen[0], fmax(s->seen[1], s->seen[2])) > CLIPPED || !(s->seen[1] > 0))
            continue;
        for (int c = 0; c < 3; c++)
            s->truth[c] = colour_srgb_decode(nominal[i][c] / 255.0);
        s->lab = colour_lab(s->truth[0], s->truth[1], s->truth[2]);
        count++;
    }
    if (count < LEAST_USED)
        return false;
    card_fit_colours(samples, count, card);
    return card->has_colour;
}

/* All placements that have every spot of the grid on the chart. */
static void find_placement(const struct image *image, const struct chart_spots *spots,
                           struct card *card)
{
    double second = INFINITY;
    card->delta_e00 = INFINITY;
    for (int turn = 0; turn < 4; turn++) {
        struct placement p = {.turn = turn};
        int low[2] = {1000, 1000}, high[2] = {-1000, -1000};
        for (size_t i = 0; i < spots->count; i++) {
            int at[2];
            if (!spots->spot[i].used)
                continue;
            place(&p, &spots->spot[i], &at[0], &at[1]);
            for (int k = 0; k < 2; k++) {
                low[k] = at[k] < low[k] ? at[k] : low[k];
                high[k] = at[k] > high[k] ? at[k] : high[k];
            }
        }
        for (p.column = -low[0]; p.column + high[0] < CHART_COLUMNS; p.column++)
            for (p.row = -low[1]; p.row + high[1] < CHART_ROWS; p.row++) {
                struct card tried = {0};
                if (!try_placement(image, spots, &p, &tried))
                    continue;
                if (tried.delta_e00 < card->delta_e00) {
                    second = card->delta_e00;
                    *card = tried;
                } else {
                    second = fmin(second, tried.delta_e00);
                }
            }
    }
    if (!(card->delta_e00 < MOST_ERROR && second > CLEAR * card->delta_e00))
        *card = (struct card){.colour_reason = "no card"};
}

/* px, RMS of the patches off the middles of the plane's grid. */
static double off_places(const struct chart_spots *spots, const struct perspective *plane)
{
    double sum = 0, count = 0;
    for (size_t i = 0; i < spots->count; i++) {
        const struct chart_spot *s = &spots->spot[i];
        double at[2], px[2];
        if (!s->used || !perspective_mm(plane, s->x, s->y, at))
            continue;
        perspective_px(plane, floor(at[0]) + 0.5, floor(at[1]) + 0.5, px);
        sum += (px[0] - s->x) * (px[0] - s->x) + (px[1] - s->y) * (px[1] - s->y);
        count++;
    }
    return count > 0 ? sqrt(sum / count) : 0;
}

striae_status chart_find(const struct image *image, struct card *card, striae_error *error)
{
    struct chart_spots spots;
    struct card found = {.colour_reason = "no card"};
    striae_status status = chart_find_spots(image, &spots, error);
    if (status == STRIAE_OK && chart_find_grid(&spots) >= LEAST_SPOTS) {
        find_placement(image, &spots, &found);
        if (!found.has_colour)
            card->reason = "the colour patches in the photo are not those of a ColorChecker "
                           "Classic, or it is not wholly in view";
    }
    if (status == STRIAE_OK && found.has_colour) {
        found.chart = true;
        found.pitch = 1;
        found.residual = off_places(&spots, &found.plane);
        *card = found;
    }
    free(spots.spot);
    return status;
}
