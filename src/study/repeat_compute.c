/* From the values of the photos to the figures of repeatability. */
#include "study/repeat.h"

#include "study/agreement.h"

#include <math.h>
#include <stdlib.h>

static const struct {
    const char *name;
    int metric;     /* -1 = share of the skin's area */
    bool has_ratio; /* 0 means none, so that a part of it means something */
} definitions[REPEAT_METRICS] = {
    {"width", STRIAE_METRIC_WIDTH, true},        {"length", STRIAE_METRIC_LENGTH, true},
    {"area", STRIAE_METRIC_AREA, true},          {"area_percent", -1, true},
    {"delta_a", STRIAE_METRIC_DELTA_A, false},   {"delta_l", STRIAE_METRIC_DELTA_L, false},
    {"delta_b", STRIAE_METRIC_DELTA_B, false},   {"delta_e00", STRIAE_METRIC_DELTA_E00, true},
    {"erythema", STRIAE_METRIC_ERYTHEMA, false}, {"melanin", STRIAE_METRIC_MELANIN, false},
    {"texture", STRIAE_METRIC_TEXTURE, true}};

static const char *unit_of(int metric, bool has_scale)
{
    switch (metric) {
    case -1:
        return "%";
    case STRIAE_METRIC_WIDTH:
    case STRIAE_METRIC_LENGTH:
        return has_scale ? "mm" : "px";
    case STRIAE_METRIC_AREA:
        return has_scale ? "mm2" : "px2";
    case STRIAE_METRIC_DELTA_E00:
        return "dE00";
    case STRIAE_METRIC_ERYTHEMA:
    case STRIAE_METRIC_MELANIN:
        return "log10";
    case STRIAE_METRIC_TEXTURE:
        return "ratio";
    default:
        return "CIELAB";
    }
}

void repeat_metric_define(size_t index, bool has_scale, struct repeat_metric *metric)
{
    int source = definitions[index].metric;
    metric->name = definitions[index].name;
    metric->unit = unit_of(source, has_scale);
    metric->is_percent = source < 0;
    metric->metric = source < 0 ? STRIAE_METRIC_AREA : (striae_metric)source;
}

static striae_quantity as_quantity(struct estimate e, double factor, const char *unit)
{
    return (striae_quantity){factor * e.value, factor * e.low, factor * e.high, unit, e.reason};
}

static bool is_length(const struct repeat_metric *metric)
{
    return !metric->is_percent && metric->metric <= STRIAE_METRIC_AREA_RAW;
}

/* Values of one metric, a row per target that counts; *map = the target of each row. */
static bool gather(const struct repeat *repeat, size_t m, struct ratings *ratings, double **values,
                   size_t **map)
{
    size_t most = 0;
    for (size_t t = 0; t < repeat->target_count; t++) {
        most = repeat->targets[t].count > most ? repeat->targets[t].count : most;
    }
    *values = calloc(repeat->target_count * most + 1, sizeof **values);
    *map = calloc(repeat->target_count + 1, sizeof **map);
    if (!*values || !*map) {
        return false;
    }
    *ratings = (struct ratings){0, most, *values};
    for (size_t t = 0; t < repeat->target_count; t++) {
        const struct repeat_target *target = &repeat->targets[t];
        bool other_unit = is_length(&repeat->metric[m]) && target->has_scale != repeat->has_scale;
        if (target->measured < 2 || other_unit) {
            continue;
        }
        for (size_t r = 0; r < most; r++) {
            (*values)[ratings->targets * most + r] =
                r < target->count ? repeat->photos[target->photos[r]].value[m] : NAN;
        }
        (*map)[ratings->targets++] = t;
    }
    return true;
}

static bool gather_points(const struct ratings *ratings, const size_t *map,
                          struct repeat_metric *metric)
{
    double sum = 0;
    size_t targets = 0;
    metric->points = calloc(ratings->targets * ratings->most + 1, sizeof *metric->points);
    if (!metric->points) {
        return false;
    }
    for (size_t t = 0; t < ratings->targets; t++) {
        const double *row = ratings->value + t * ratings->most, *first = NULL;
        double total = 0;
        size_t count = 0;
        for (size_t r = 0; r < ratings->most; r++) {
            if (isnan(row[r])) {
                continue;
            }
            if (first) {
                metric->points[metric->point_count++] =
                    (struct repeat_point){(row[r] + *first) / 2, row[r] - *first, map[t]};
            } else {
                first = &row[r];
            }
            total += row[r];
            count++;
        }
        if (count >= 2) {
            sum += total / (double)count;
            targets++;
        }
    }
    metric->mean = targets ? sum / (double)targets : NAN;
    return true;
}

/* A target's striae stand on the same photos: its interval has the targets' degrees of freedom. */
static void compute_striae(const struct repeat_striae *striae, double freedom,
                           struct repeat_metric *metric)
{
    struct estimate sem =
        metric->is_percent || striae->count == 0
            ? (struct estimate){NAN, NAN, NAN,
                                metric->is_percent ? "only the total has a share of the skin"
                                                   : "no stria was found in all photos of its skin"}
            : agreement_deviation(sqrt(striae->squares / striae->freedom), freedom);
    metric->striae = striae->count;
    metric->stria_sem = as_quantity(sem, 1, metric->unit);
    metric->stria_mdc95 = as_quantity(agreement_mdc95(sem), 1, metric->unit);
}

static striae_status compute_metric(struct repeat *repeat, size_t m,
                                    const struct repeat_striae *striae, striae_error *error)
{
    struct repeat_metric *metric = &repeat->metric[m];
    struct ratings ratings;
    struct estimate icc, cv = {NAN, NAN, NAN, "this number has no zero that means \"none\""};
    double *values, freedom;
    size_t *map;
    repeat_metric_define(m, repeat->has_scale, metric);
    bool good = gather(repeat, m, &ratings, &values, &map) && gather_points(&ratings, map, metric);
    striae_status status =
        good ? agreement_icc(&ratings, &icc, &metric->icc_targets, &metric->icc_replicates, error)
             : fail_memory(error);
    if (status == STRIAE_OK && definitions[m].has_ratio) {
        status = agreement_cv(&ratings, &cv, error);
    }
    if (status == STRIAE_OK) {
        struct estimate sem = agreement_sem(&ratings, &freedom);
        struct bland_altman limits = agreement_bland_altman(&ratings);
        metric->targets = agreement_count(&ratings, 2, &metric->photos);
        metric->sem = as_quantity(sem, 1, metric->unit);
        metric->mdc95 = as_quantity(agreement_mdc95(sem), 1, metric->unit);
        metric->icc = as_quantity(icc, 1, "ratio");
        metric->bias = as_quantity(limits.bias, 1, metric->unit);
        metric->lower = as_quantity(limits.lower, 1, metric->unit);
        metric->upper = as_quantity(limits.upper, 1, metric->unit);
        metric->cv = as_quantity(cv, 100, "%");
        compute_striae(striae, freedom, metric);
    }
    free(values);
    free(map);
    return status;
}

striae_status repeat_compute(struct repeat *repeat,
                             const struct repeat_striae striae[REPEAT_METRICS], striae_error *error)
{
    striae_status status = STRIAE_OK;
    size_t last = SIZE_MAX;
    for (size_t t = 0; t < repeat->target_count; t++) {
        const struct repeat_target *target = &repeat->targets[t];
        if (target->measured >= 2) {
            repeat->measured_targets++;
            repeat->measured_photos += target->measured;
            repeat->subjects += target->subject != last;
            last = target->subject;
        }
    }
    for (size_t m = 0; m < REPEAT_METRICS && status == STRIAE_OK; m++) {
        status = compute_metric(repeat, m, &striae[m], error);
    }
    return status;
}
