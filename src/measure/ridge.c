#include "measure/ridge.h"

#include <math.h>
#include <stdlib.h>

#define RIDGE_HOLD 0.25 /* widths: standard deviation of the found line about the ridge */

/* How much a bar of the rough width at each shift stands out; 0 where it cannot be seen. */
static void ridge_scores(const struct strip *strip, const struct trace *trace, int range,
                         double *profile, double *weight, double *score)
{
    int half = (int)lround(fmax(0, 0.4 * trace->rough_width - 0.5));
    int flank = (int)ceil(0.6 * trace->rough_width + 1);
    int states = 2 * range + 1;
    for (size_t row = 0; row < strip->rows; row++) {
        strip_profile(strip, row, fmax(4, 0.5 * trace->rough_width), profile, weight);
        for (int s = -range; s <= range; s++) {
            double core = strip_mean(strip, profile, weight, s - half, s + half);
            double left = strip_mean(strip, profile, weight, s - 2 * flank, s - flank);
            double right = strip_mean(strip, profile, weight, s + flank, s + 2 * flank);
            double value = core - 0.5 * (left + right);
            score[row * (size_t)states + (size_t)(s + range)] = isnan(value) ? 0 : value;
        }
    }
}

/* What was found is a witness too: a shift costs as the square of it, so that a faint stria beside
 * a strong one is not left for it. */
static void hold_to_line(double *score, size_t rows, int range, double level, double width)
{
    int states = 2 * range + 1;
    for (size_t row = 0; row < rows; row++)
        for (int s = -range; s <= range; s++) {
            double off = s / (RIDGE_HOLD * width + 1);
            score[row * (size_t)states + (size_t)(s + range)] -= 0.5 * level * off * off;
        }
}

/* Best path of one shift per row with steps of -1, 0, 1 (dynamic programming). score is replaced by
 * the best total up to there. */
static void best_path(double *score, size_t rows, int range, double step_cost, double *shift)
{
    int states = 2 * range + 1;
    for (size_t r = 1; r < rows; r++) {
        const double *before = score + (r - 1) * (size_t)states;
        double *here = score + r * (size_t)states;
        for (int s = 0; s < states; s++) {
            double best = before[s];
            if (s > 0)
                best = fmax(best, before[s - 1] - step_cost);
            if (s + 1 < states)
                best = fmax(best, before[s + 1] - step_cost);
            here[s] += best;
        }
    }
    const double *last = score + (rows - 1) * (size_t)states;
    int at = range; /* ties go to the middle */
    for (int s = 0; s < states; s++)
        if (last[s] > last[at])
            at = s;
    for (size_t r = rows; r-- > 0;) {
        shift[r] = at - range;
        if (r == 0)
            break;
        const double *before = score + (r - 1) * (size_t)states;
        int to = at;
        if (at > 0 && before[at - 1] - step_cost > before[to])
            to = at - 1;
        if (at + 1 < states && before[at + 1] - step_cost > before[to] - (to != at ? step_cost : 0))
            to = at + 1;
        at = to;
    }
}

striae_status ridge_find(const struct strip *strip, const struct trace *trace, double *shift,
                         striae_error *error)
{
    int range = (int)ceil(fmax(2, 0.6 * trace->rough_width)), columns = strip_columns(strip);
    range = range > strip->reach ? strip->reach : range;
    size_t states = 2 * (size_t)range + 1;
    size_t bytes = checked_bytes(strip->rows, states, sizeof(double));
    double *score = bytes ? malloc(bytes) : NULL;
    double *profile = calloc(2 * (size_t)columns, sizeof *profile);
    striae_status status = STRIAE_OK;
    if (!score || !profile) {
        status = fail_memory(error);
    } else {
        double sum = 0;
        ridge_scores(strip, trace, range, profile, profile + columns, score);
        for (size_t i = 0; i < strip->rows * states; i++)
            sum += fabs(score[i]);
        double level = sum / (double)(strip->rows * states);
        hold_to_line(score, strip->rows, range, level, trace->rough_width);
        best_path(score, strip->rows, range, level, shift);
        status =
            smooth_along(shift, strip->rows, fmin(fmax(0.5 * trace->rough_width, 3), 15), error);
    }
    free(score);
    free(profile);
    return status;
}
