#include "study/score_class.h"

#include "study/truth.h"

#include <math.h>
#include <string.h>

static const double limits[SCORE_BY_COUNT][SCORE_CLASSES + 1] = {
    [SCORE_BY_WIDTH] = {0, 5, 10, 20, INFINITY},  /* px */
    [SCORE_BY_CONTRAST] = {0, 2, 4, 8, INFINITY}, /* dE*ab 1976 */
};

double score_class_from(enum score_by by, size_t index)
{
    return limits[by][index];
}

/* NULL where the value is not known. Nor is 0: what is 0 wide or has no contrast is no stria, and
 * truths write 0 for what they could not measure. */
static struct score_class *class_of(struct score_session *score, enum score_by by, double value)
{
    if (!(value > 0 && isfinite(value))) {
        return NULL;
    }
    size_t at = 0;
    while (value >= limits[by][at + 1]) {
        at++;
    }
    return &score->classes[by][at];
}

static double contrast_of(double dl, double da, double db)
{
    return sqrt(dl * dl + da * da + db * db);
}

void score_class_truth(const json_t *session, double px_per_mm, const struct overlap *overlap,
                       struct score_session *score)
{
    const json_t *striae = json_object_get(session, "striae");
    for (size_t i = 0; i < json_array_size(striae); i++) {
        const json_t *stria = json_array_get(striae, i);
        json_int_t id = json_integer_value(json_object_get(stria, "id"));
        if (id < 1 || id >= (json_int_t)OVERLAP_IDS || !overlap->has[id]) {
            continue; /* gone, or nothing of it to be seen */
        }
        const double values[SCORE_BY_COUNT] = {
            [SCORE_BY_WIDTH] = truth_number(stria, "width_mean_mm") * px_per_mm,
            [SCORE_BY_CONTRAST] = contrast_of(truth_number(stria, "dL"), truth_number(stria, "da"),
                                              truth_number(stria, "db"))};
        for (enum score_by by = 0; by < SCORE_BY_COUNT; by++) {
            struct score_class *class = class_of(score, by, values[by]);
            if (class) {
                class->true_count++;
                class->found += overlap->is_covered[id];
            }
        }
    }
}

/* NaN where it is not measured. */
static double measured(const striae_result *result, size_t session, size_t stria,
                       striae_metric metric, double px_per_mm)
{
    striae_quantity quantity;
    if (striae_result_quantity(result, session, stria, metric, &quantity) != STRIAE_OK ||
        quantity.reason) {
        return NAN;
    }
    bool in_mm = quantity.unit && strcmp(quantity.unit, "mm") == 0;
    return quantity.value * (in_mm ? px_per_mm : 1);
}

void score_class_found(const striae_result *result, size_t session, double px_per_mm,
                       const struct overlap *overlap, struct score_session *score)
{
    size_t count = striae_result_stria_count(result, session);
    for (size_t i = 0; i < count && i + 1 < OVERLAP_IDS; i++) {
        if (!overlap->has[i + 1]) {
            continue;
        }
        const double values[SCORE_BY_COUNT] = {
            [SCORE_BY_WIDTH] = measured(result, session, i, STRIAE_METRIC_WIDTH, px_per_mm),
            [SCORE_BY_CONTRAST] =
                contrast_of(measured(result, session, i, STRIAE_METRIC_DELTA_L, px_per_mm),
                            measured(result, session, i, STRIAE_METRIC_DELTA_A, px_per_mm),
                            measured(result, session, i, STRIAE_METRIC_DELTA_B, px_per_mm))};
        for (enum score_by by = 0; by < SCORE_BY_COUNT; by++) {
            struct score_class *class = class_of(score, by, values[by]);
            if (class) {
                class->found_count++;
                class->real += overlap->is_covered[i + 1];
            }
        }
    }
}

void score_class_add(struct score_class sum[SCORE_BY_COUNT][SCORE_CLASSES],
                     const struct score_class classes[SCORE_BY_COUNT][SCORE_CLASSES])
{
    for (size_t by = 0; by < SCORE_BY_COUNT; by++) {
        for (size_t i = 0; i < SCORE_CLASSES; i++) {
            sum[by][i].true_count += classes[by][i].true_count;
            sum[by][i].found_count += classes[by][i].found_count;
            sum[by][i].found += classes[by][i].found;
            sum[by][i].real += classes[by][i].real;
        }
    }
}
