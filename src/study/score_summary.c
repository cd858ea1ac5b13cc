/* Figures over many scored pairs. */
#include "study/quantile.h"
#include "study/score.h"
#include "study/score_class.h"

#include "base/status.h"

#include <math.h>
#include <stdlib.h>

/* A list of finite absolute errors. */
struct errors {
    double *values;
    size_t count;
};

static void add_error(struct errors *errors, double value)
{
    if (isfinite(value)) {
        errors->values[errors->count++] = fabs(value);
    }
}

static double middle(struct errors *errors)
{
    sort_values(errors->values, errors->count);
    return quantile(errors->values, errors->count, 0.5);
}

static double largest(const struct errors *errors) /* after middle() */
{
    return errors->count > 0 ? errors->values[errors->count - 1] : NAN;
}

static double relative(const struct score_number *number)
{
    return number->truth > 0 ? 100 * (number->value / number->truth - 1) : NAN;
}

static bool wrong_way(const struct score_number *change, striae_verdict verdict)
{
    return (verdict == STRIAE_DECREASED && change->truth > 0) ||
           (verdict == STRIAE_INCREASED && change->truth < 0);
}

static bool is_untold(const struct score_number *change, striae_verdict verdict)
{
    return isfinite(change->value) && verdict == STRIAE_NOT_MEASURABLE;
}

static void count_verdicts(const struct score *score, struct score_summary *summary)
{
    const struct score_number *change[3] = {&score->width_change, &score->area_change,
                                            &score->delta_a_change};
    const striae_verdict verdict[3] = {score->width_verdict, score->area_verdict,
                                       score->delta_a_verdict};
    for (size_t i = 0; i < 3; i++) {
        summary->wrong_way += wrong_way(change[i], verdict[i]);
        summary->untold += is_untold(change[i], verdict[i]);
    }
}

enum { LANDMARK, LANDMARK_95, DICE, WIDTH, AREA, DELTA_A, WIDTH_C, AREA_C, DELTA_A_C, LISTS };

static void count_held(const struct score_number *number, struct score_held *held)
{
    held->given += isfinite(number->value) && isfinite(number->truth);
    held->held += isfinite(number->value) && number->held;
}

/* Adds one pair's errors to the lists, its intervals to the summary and its counts to totals:
 * found, true, real, all found. */
static void add_score(const struct score *score, struct errors lists[LISTS], size_t totals[4],
                      struct score_summary *summary)
{
    for (size_t s = 0; s < 2; s++) {
        const struct score_session *session = &score->session[s];
        add_error(&lists[DICE], session->dice);
        add_error(&lists[WIDTH], relative(&session->width));
        add_error(&lists[AREA], relative(&session->area));
        add_error(&lists[DELTA_A], session->delta_a.value - session->delta_a.truth);
        totals[0] += session->found;
        totals[1] += session->true_count;
        totals[2] += session->real;
        totals[3] += session->found_count;
        count_held(&session->width, &summary->width_held);
        count_held(&session->area, &summary->area_held);
        count_held(&session->delta_a, &summary->delta_a_held);
    }
    if (score->refused) {
        return;
    }
    add_error(&lists[LANDMARK], score->landmark_median);
    add_error(&lists[LANDMARK_95], score->landmark_p95);
    const struct score_number *changes[] = {&score->width_change, &score->area_change,
                                            &score->delta_a_change};
    for (int i = 0; i < 3; i++) {
        add_error(&lists[WIDTH_C + i], changes[i]->value - changes[i]->truth);
        count_held(changes[i], &summary->changes_held);
    }
}

double score_percent(size_t part, size_t whole)
{
    return whole > 0 ? 100.0 * (double)part / (double)whole : NAN;
}

striae_status score_summarise(const struct score *scores, size_t count,
                              bool (*include)(const struct score *score, const void *context),
                              const void *context, struct score_summary *summary,
                              striae_error *error)
{
    *summary = (struct score_summary){0};
    struct errors lists[LISTS] = {{0}};
    double *values = calloc(LISTS * (2 * count + 1), sizeof *values);
    if (!values) {
        return fail_memory(error);
    }
    for (size_t i = 0; i < LISTS; i++) {
        lists[i].values = values + i * (2 * count + 1);
    }
    size_t totals[4] = {0};
    for (size_t i = 0; i < count; i++) {
        const struct score *score = &scores[i];
        if (include && !include(score, context)) {
            continue;
        }
        summary->pairs++;
        summary->aligned += !score->refused;
        summary->seconds += score->seconds;
        add_score(score, lists, totals, summary);
        score_class_add(summary->classes, score->session[0].classes);
        score_class_add(summary->classes, score->session[1].classes);
        if (!score->refused) {
            count_verdicts(score, summary);
        }
    }
    double dice_sum = 0;
    for (size_t i = 0; i < lists[DICE].count; i++) {
        dice_sum += lists[DICE].values[i];
    }
    summary->dice_mean = lists[DICE].count > 0 ? dice_sum / (double)lists[DICE].count : NAN;
    middle(&lists[DICE]);
    summary->dice_worst = lists[DICE].count > 0 ? lists[DICE].values[0] : NAN;
    summary->landmark_median = middle(&lists[LANDMARK]);
    summary->landmark_worst = largest(&lists[LANDMARK]);
    summary->landmark_p95 = middle(&lists[LANDMARK_95]);
    summary->width_median = middle(&lists[WIDTH]);
    summary->width_worst = largest(&lists[WIDTH]);
    summary->area_median = middle(&lists[AREA]);
    summary->area_worst = largest(&lists[AREA]);
    summary->delta_a_median = middle(&lists[DELTA_A]);
    summary->delta_a_worst = largest(&lists[DELTA_A]);
    summary->width_change_median = middle(&lists[WIDTH_C]);
    summary->area_change_median = middle(&lists[AREA_C]);
    summary->delta_a_change_median = middle(&lists[DELTA_A_C]);
    summary->found_percent = score_percent(totals[0], totals[1]);
    summary->real_percent = score_percent(totals[2], totals[3]);
    const struct score_held *held[] = {&summary->width_held, &summary->area_held,
                                       &summary->delta_a_held, &summary->changes_held};
    struct score_held all = {0};
    for (size_t i = 0; i < sizeof held / sizeof held[0]; i++) {
        all.given += held[i]->given;
        all.held += held[i]->held;
    }
    summary->held_percent = score_percent(all.held, all.given);
    free(values);
    return STRIAE_OK;
}
