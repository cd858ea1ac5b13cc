#include "measure/detectable.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

/* The larger of `least` (px for widths, else the metric's unit) and `share` of the first value; for
 * one stria, then for a total. */
struct built_in {
    double least[2], share[2];
};

/* 1.96 standard deviations (= 2.77 SEM) of the differences between two rendered photos of the same
 * unchanged skin; for one stria the 95th percentile, since a few in thick bundles differ much.
 * Total width and area: of well visible striae (tests/accuracy/widths --scene clear-null --seed
 * 3000: 2.5 and 3.0 % standard deviation); fainter ones have wider intervals, which a change must
 * exceed as well. */
static const struct built_in built_in[STRIAE_METRIC_COUNT] = {
    [STRIAE_METRIC_WIDTH] = {{1.2, 0.4}, {0.33, 0.05}},
    [STRIAE_METRIC_WIDTH_RAW] = {{1.2, 0.4}, {0.33, 0.05}},
    [STRIAE_METRIC_LENGTH] = {{10, 10}, {0.20, 0.05}},
    [STRIAE_METRIC_AREA] = {{40, 40}, {0.50, 0.06}},
    [STRIAE_METRIC_AREA_RAW] = {{40, 40}, {0.50, 0.06}},
    [STRIAE_METRIC_DELTA_A] = {{1.4, 0.53}, {0, 0}},
    [STRIAE_METRIC_DELTA_L] = {{1.3, 0.82}, {0, 0}},
    [STRIAE_METRIC_DELTA_B] = {{1.3, 0.71}, {0, 0}},
    [STRIAE_METRIC_DELTA_E00] = {{1.7, 0.82}, {0, 0}},
    [STRIAE_METRIC_ERYTHEMA] = {{0.020, 0.007}, {0, 0}},
    [STRIAE_METRIC_MELANIN] = {{0.017, 0.010}, {0, 0}},
    [STRIAE_METRIC_TEXTURE] = {{0.40, 0.13}, {0, 0.09}},
};

static bool is_length(striae_metric metric)
{
    return metric <= STRIAE_METRIC_AREA_RAW;
}

double detectable_change(const struct measure_detectable *own, striae_metric metric, double value,
                         double unit, bool has_scale, bool total, striae_mdc_source *source)
{
    double known = !own                                               ? NAN
                   : is_length(metric) && own->has_scale != has_scale ? NAN
                   : total                                            ? own->total[metric]
                                                                      : own->stria[metric];
    *source = STRIAE_MDC_FILE;
    if (!isnan(known))
        return known;
    *source = STRIAE_MDC_BUILT_IN;
    double least = built_in[metric].least[total];
    if (metric <= STRIAE_METRIC_LENGTH)
        least *= unit;
    else if (is_length(metric))
        least *= unit * unit;
    return fmax(least, built_in[metric].share[total] * fabs(value));
}

/* ---- the user's own ------------------------------------------------------------------------- */

/* The positive number in object.mdc95.value; NaN where there is none. */
static double mdc_of(const json_t *object)
{
    const json_t *value = json_object_get(json_object_get(object, "mdc95"), "value");
    return json_is_number(value) && json_number_value(value) > 0 ? json_number_value(value) : NAN;
}

/* The unit that a length has in the file; false where it is neither mm nor px. */
static bool read_unit(const json_t *metrics, bool *has_scale)
{
    const char *unit =
        json_string_value(json_object_get(json_object_get(metrics, "width"), "unit"));
    *has_scale = unit && strcmp(unit, "mm") == 0;
    return unit && (*has_scale || strcmp(unit, "px") == 0);
}

static size_t take_metrics(const json_t *metrics, struct measure_detectable *own)
{
    size_t known = 0;
    for (int m = 0; m < STRIAE_METRIC_COUNT; m++) {
        const json_t *metric = json_object_get(metrics, striae_metric_name((striae_metric)m));
        own->total[m] = mdc_of(metric);
        own->stria[m] = mdc_of(json_object_get(metric, "stria"));
        known += !isnan(own->total[m]) || !isnan(own->stria[m]) ? 1 : 0;
    }
    return known;
}

striae_status measure_read_detectable(const char *path, const char *text,
                                      struct measure_detectable *own, striae_error *error)
{
    json_t *root = json_loads(text, 0, NULL);
    const json_t *metrics = json_object_get(root, "metrics");
    const char *schema = json_string_value(json_object_get(root, "schema"));
    striae_status status = STRIAE_OK;
    *own = (struct measure_detectable){0};
    if (!schema || strcmp(schema, "striae-repeat/1") != 0 || !read_unit(metrics, &own->has_scale))
        status = fail_with(error, STRIAE_ERROR_FORMAT,
                           "%s: is no repeatability file; give the repeat.json that 'striae "
                           "repeat' wrote",
                           path);
    else if (take_metrics(metrics, own) == 0)
        status = fail_with(error, STRIAE_ERROR_FORMAT,
                           "%s: has no minimal detectable change: there were too few photos; "
                           "repeat more, or leave --repeatability out",
                           path);
    const json_t *targets = json_object_get(json_object_get(root, "counts"), "targets");
    if (status == STRIAE_OK && json_is_integer(targets) && json_integer_value(targets) > 0)
        own->targets = (size_t)json_integer_value(targets);
    json_decref(root);
    return status;
}
