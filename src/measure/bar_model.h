/* The bar of width.h as a least-squares problem. Private to measure/. */
#ifndef STRIAE_MEASURE_BAR_MODEL_H
#define STRIAE_MEASURE_BAR_MODEL_H

#include <stdbool.h>

#define BAR_PARAMETERS 6
#define BAR_SAMPLES    120 /* most that are fitted; a multiple of BAR_LANES */
#define BAR_LANES      8   /* samples that are summed side by side */

/* Middle, ln width and ln softness (blur taken off) in px, and three levels. */
enum { BAR_MIDDLE, BAR_LOG_WIDTH, BAR_LOG_SOFT, BAR_LEVEL_LEFT, BAR_LEVEL_RIGHT, BAR_TOP };

/* The seen samples of a profile. */
struct bar_samples {
    int count;   /* seen */
    int padded;  /* the next multiple of BAR_LANES: filled up with samples of no weight */
    double blur; /* sigma of the photo, px */
    double place[BAR_SAMPLES], value[BAR_SAMPLES], weight[BAR_SAMPLES];
};

/* A bar held against the samples. */
struct bar_state {
    double p[BAR_PARAMETERS];
    double miss[BAR_SAMPLES]; /* sample less bar */
    double slope[BAR_PARAMETERS][BAR_SAMPLES];
};

struct bar_problem {
    const struct bar_samples *samples;
    double sigma;         /* noise of one sample of full weight */
    double ratio, spread; /* what ln(softness/width) is held to */
};

/* Sets miss and slope for state->p. */
void bar_state_set(const struct bar_samples *samples, struct bar_state *state);

/* Levenberg-Marquardt steps until one gains less than `enough` of the cost. */
void bar_minimise(const struct bar_problem *problem, double enough, struct bar_state *state);

/* Variances of two linear forms of the parameters; false where the samples do not tell. */
bool bar_variances(const struct bar_problem *problem, const struct bar_state *state,
                   const double form[2][BAR_PARAMETERS], double variance[2]);

#endif
