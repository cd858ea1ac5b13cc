/* What qualifies a machine: accuracy, repeatability and coverage of intervals, as a list of figures
 * that can be held against another list. */
#ifndef STRIAE_STUDY_SCORE_FIGURES_H
#define STRIAE_STUDY_SCORE_FIGURES_H

#include "study/score.h"

enum score_figure {
    /* accuracy: over the pairs between whose photos something changed */
    SCORE_ALIGNED,
    SCORE_LANDMARK,
    SCORE_DICE,
    SCORE_FOUND,
    SCORE_REAL,
    SCORE_WIDTH,
    SCORE_AREA,
    SCORE_DELTA_A,
    SCORE_WIDTH_CHANGE,
    SCORE_AREA_CHANGE,
    SCORE_WRONG_WAY,
    /* 95 % intervals that hold the truth: over all pairs */
    SCORE_HELD_WIDTH,
    SCORE_HELD_AREA,
    SCORE_HELD_DELTA_A,
    SCORE_HELD_CHANGES,
    /* repeatability: over the pairs of unchanged skin */
    SCORE_SEM_WIDTH,
    SCORE_SEM_AREA,
    SCORE_SEM_DELTA_A,
    SCORE_MDC_WIDTH,
    SCORE_MDC_AREA,
    SCORE_MDC_DELTA_A,
    SCORE_CALLED_CHANGED,
    SCORE_FIGURE_COUNT
};

/* Where each group begins. */
#define SCORE_FIRST_ACCURACY SCORE_ALIGNED
#define SCORE_FIRST_COVERAGE SCORE_HELD_WIDTH
#define SCORE_FIRST_REPEATED SCORE_SEM_WIDTH

struct score_figure_form {
    const char *key;   /* in JSON */
    const char *label; /* with the unit */
    int decimals;
};

const struct score_figure_form *score_figure_form(enum score_figure figure);

/* The figures of count scored pairs; NaN where there are none to tell. SEM is the within-subject
 * standard deviation of what is called change in unchanged skin (agreement.h), MDC95 2.77 of it:
 * per cent of the first total for width and area, CIELAB for delta a*. MEMORY. */
striae_status score_figures(const struct score *scores, size_t count,
                            double figures[SCORE_FIGURE_COUNT], striae_error *error);

/* Summary over the pairs with changes; over all where none has any. MEMORY. */
striae_status score_accuracy(const struct score *scores, size_t count,
                             struct score_summary *summary, striae_error *error);

/* For score_summarise: pairs of unchanged skin. */
bool score_is_repeat(const struct score *score, const void *context);

#endif
