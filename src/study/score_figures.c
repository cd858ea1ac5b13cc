#include "study/score_figures.h"

#include "base/status.h"
#include "study/agreement.h"

#include <math.h>
#include <stdlib.h>

#define METRICS 3 /* width, area, delta a*: in this order in enum score_figure, too */

static const struct score_figure_form forms[SCORE_FIGURE_COUNT] = {
    [SCORE_ALIGNED] = {"aligned_percent", "lined up, %", 0},
    [SCORE_LANDMARK] = {"landmark_median_px", "landmarks off, px, median", 2},
    [SCORE_DICE] = {"dice_mean", "mask Dice, mean", 2},
    [SCORE_FOUND] = {"found_percent", "true striae that are found, %", 0},
    [SCORE_REAL] = {"real_percent", "found striae that are real, %", 0},
    [SCORE_WIDTH] = {"width_median_percent", "total width off, %, median", 1},
    [SCORE_AREA] = {"area_median_percent", "total area off, %, median", 1},
    [SCORE_DELTA_A] = {"delta_a_median", "delta a* off, median", 2},
    [SCORE_WIDTH_CHANGE] = {"width_change_median_points", "change of width off, points, median", 1},
    [SCORE_AREA_CHANGE] = {"area_change_median_points", "change of area off, points, median", 1},
    [SCORE_WRONG_WAY] = {"wrong_way_percent", "verdicts in the wrong direction, %", 1},
    [SCORE_HELD_WIDTH] = {"held_width_percent", "total width", 0},
    [SCORE_HELD_AREA] = {"held_area_percent", "total area", 0},
    [SCORE_HELD_DELTA_A] = {"held_delta_a_percent", "total delta a*", 0},
    [SCORE_HELD_CHANGES] = {"held_changes_percent", "changes of the three", 0},
    [SCORE_SEM_WIDTH] = {"sem_width_percent", "SEM of width, %", 2},
    [SCORE_SEM_AREA] = {"sem_area_percent", "SEM of area, %", 2},
    [SCORE_SEM_DELTA_A] = {"sem_delta_a", "SEM of delta a*", 2},
    [SCORE_MDC_WIDTH] = {"mdc95_width_percent", "MDC95 of width, %", 1},
    [SCORE_MDC_AREA] = {"mdc95_area_percent", "MDC95 of area, %", 1},
    [SCORE_MDC_DELTA_A] = {"mdc95_delta_a", "MDC95 of delta a*", 2},
    [SCORE_CALLED_CHANGED] = {"called_changed_percent", "verdicts of a change where none is, %", 1},
};

const struct score_figure_form *score_figure_form(enum score_figure figure)
{
    return &forms[figure];
}

static bool has_change(const struct score *score, const void *context)
{
    (void)context;
    return !score->unchanged;
}

bool score_is_repeat(const struct score *score, const void *context)
{
    (void)context;
    return score->unchanged;
}

striae_status score_accuracy(const struct score *scores, size_t count,
                             struct score_summary *summary, striae_error *error)
{
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        any = any || !scores[i].unchanged;
    }
    return score_summarise(scores, count, any ? has_change : NULL, NULL, summary, error);
}

/* ---- accuracy ------------------------------------------------------------------------------- */

static striae_status set_accuracy(const struct score *scores, size_t count, double *figures,
                                  striae_error *error)
{
    struct score_summary s;
    striae_status status = score_accuracy(scores, count, &s, error);
    if (status != STRIAE_OK) {
        return status;
    }
    figures[SCORE_ALIGNED] = score_percent(s.aligned, s.pairs);
    figures[SCORE_LANDMARK] = s.landmark_median;
    figures[SCORE_DICE] = s.dice_mean;
    figures[SCORE_FOUND] = s.found_percent;
    figures[SCORE_REAL] = s.real_percent;
    figures[SCORE_WIDTH] = s.width_median;
    figures[SCORE_AREA] = s.area_median;
    figures[SCORE_DELTA_A] = s.delta_a_median;
    figures[SCORE_WIDTH_CHANGE] = s.width_change_median;
    figures[SCORE_AREA_CHANGE] = s.area_change_median;
    figures[SCORE_WRONG_WAY] = score_percent(s.wrong_way, METRICS * s.aligned);
    return STRIAE_OK;
}

/* ---- intervals ------------------------------------------------------------------------------ */

static double held(const struct score_held *intervals)
{
    return score_percent(intervals->held, intervals->given);
}

static striae_status set_coverage(const struct score *scores, size_t count, double *figures,
                                  striae_error *error)
{
    struct score_summary s;
    striae_status status = score_summarise(scores, count, NULL, NULL, &s, error);
    if (status != STRIAE_OK) {
        return status;
    }
    figures[SCORE_HELD_WIDTH] = held(&s.width_held);
    figures[SCORE_HELD_AREA] = held(&s.area_held);
    figures[SCORE_HELD_DELTA_A] = held(&s.delta_a_held);
    figures[SCORE_HELD_CHANGES] = held(&s.changes_held);
    return STRIAE_OK;
}

/* ---- repeatability -------------------------------------------------------------------------- */

static const struct score_number *change_of(const struct score *score, int metric)
{
    return metric == 0   ? &score->width_change
           : metric == 1 ? &score->area_change
                         : &score->delta_a_change;
}

static bool is_called(const struct score *score, int metric)
{
    striae_verdict verdict = metric == 0   ? score->width_verdict
                             : metric == 1 ? score->area_verdict
                                           : score->delta_a_verdict;
    return verdict == STRIAE_DECREASED || verdict == STRIAE_INCREASED;
}

static striae_status set_repeatability(const struct score *scores, size_t count, double *figures,
                                       striae_error *error)
{
    size_t given = 0, called = 0;
    double *values = calloc(2 * count + 1, sizeof *values);
    if (!values) {
        return fail_memory(error);
    }
    for (int m = 0; m < METRICS; m++) {
        struct ratings ratings = {.most = 2, .value = values};
        for (size_t i = 0; i < count; i++) {
            if (!scores[i].unchanged || scores[i].refused) {
                continue;
            }
            /* both photos of the skin seen in both: the first as it is, the later with its change
             */
            values[2 * ratings.targets] = 0;
            values[2 * ratings.targets++ + 1] = change_of(&scores[i], m)->value;
            given++;
            called += is_called(&scores[i], m);
        }
        double freedom;
        struct estimate sem = agreement_sem(&ratings, &freedom);
        figures[SCORE_SEM_WIDTH + m] = sem.value;
        figures[SCORE_MDC_WIDTH + m] = agreement_mdc95(sem).value;
    }
    figures[SCORE_CALLED_CHANGED] = score_percent(called, given);
    free(values);
    return STRIAE_OK;
}

striae_status score_figures(const struct score *scores, size_t count,
                            double figures[SCORE_FIGURE_COUNT], striae_error *error)
{
    striae_status status = set_accuracy(scores, count, figures, error);
    if (status == STRIAE_OK) {
        status = set_coverage(scores, count, figures, error);
    }
    return status == STRIAE_OK ? set_repeatability(scores, count, figures, error) : status;
}
