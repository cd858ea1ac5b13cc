#include "measure/sums.h"

#include "base/result.h"
#include "measure/tone.h"

#include <math.h>

/* What the fitted bar does not know of real profiles (ragged edges, mottled skin, neighbours),
 * estimated as the spread of measured against true widths of 619 rendered striae whose lines were
 * given (tests/accuracy/widths, scenes "clear" and "change", seed 1000): of the terms tried, a
 * multiple of the fit's own error, the hidden share, a part in px and the blur were enough to hold
 * 95 % in nearly every class of width, contrast, crowding and hidden share; spread along the stria
 * and a plain share of the width added nothing. */
#define FIT_TIMES    5.0  /* the fit takes noise for independent from pixel to pixel */
#define HIDDEN_SHARE 0.37 /* relative error of a width per share of the line without a fit */
#define WIDTH_PX     0.24 /* px */
#define BLUR_SQUARE  0.39 /* px^2: standard error of the square of the photo's blur ... */
#define BLUR_SHARE   0.2  /* ... and per square of it */
#define MODEL_PHOTO  0.01 /* relative error of widths that the striae of a photo share */

/* Of colour differences, set likewise on 792 striae (with scene "null"). */
#define TONE_LAB  0.26 /* CIELAB */
#define TONE_THIN 1.3  /* relative, over the width in px: edges that wander */
/* Shared by the striae of a photo. A smooth stria throws back more light from its surface than the
 * skin beside it, or less: that light is white, and is taken for colour. On dark skin it looks just
 * like less pigment, so it cannot be told apart and is part of the error. Of 48 rendered photos
 * whose light is known it was 0.006 on average (spread 0.007). Then exposure and white balance. */
#define TONE_GLOSS     0.011 /* linear light */
#define PHOTO_TONE_LAB 0.10  /* CIELAB */
#define SKIN_ERROR     0.05  /* relative */

#define UNKNOWN_SHARE 0.5 /* of the rough area of striae without any clear edge */
#define END_ERROR     0.4 /* error of where it ends, in widths, both ends together */
#define GRAIN_PX      3.0 /* rows between independent roughness values */

/* Standard error of totals from segmentation: a floor, and what doubt adds. Set on 26 photos, half
 * of them rendered here (phantom --seed 77 --count 8), half by a generator that is not ours, as the
 * spread of measured against true totals, 2026-11-21; checked on other seeds, see README. */
#define SURE_DOUBT        0.01 /* no segmentation is surer; only lines given by a person are (0) */
#define DOUBT_AREA_FLOOR  0.09 /* relative; length likewise */
#define DOUBT_AREA        1.2
#define DOUBT_WIDTH_FLOOR 0.08 /* relative */
#define DOUBT_WIDTH       0.4
#define DOUBT_TONE_FLOOR  0.35 /* CIELAB */
#define DOUBT_TONE        1.2

static const striae_metric tones[6] = {STRIAE_METRIC_DELTA_L,  STRIAE_METRIC_DELTA_A,
                                       STRIAE_METRIC_DELTA_B,  STRIAE_METRIC_DELTA_E00,
                                       STRIAE_METRIC_ERYTHEMA, STRIAE_METRIC_MELANIN};

/* Sums of a value along the line, for its mean and spread. */
struct spread {
    double weight, sum, square, length; /* length in px */
};

static void spread_add(struct spread *spread, double weight, double value, double length)
{
    spread->weight += weight;
    spread->sum += weight * value;
    spread->square += weight * value * value;
    spread->length += length;
}

static double spread_mean(const struct spread *spread)
{
    return spread->sum / spread->weight;
}

static double spread_variance(const struct spread *spread)
{
    double mean = spread_mean(spread);
    return fmax(0, spread->square / spread->weight - mean * mean);
}

/* How many independent values a stretch of this length holds. */
static double independent(double length, double correlation)
{
    return fmax(1, length / correlation);
}

static void set(struct sums *sums, striae_metric metric, double value, double random, double common)
{
    sums->value[metric] = value;
    sums->random[metric] = random;
    sums->common[metric] = common;
}

/* ---- width, length, area -------------------------------------------------------------------- */

struct extent {
    double length, length_px, area, area_raw, overlap;
};

static void take_extent(const struct trace *trace, const struct sums_context *context,
                        const bool *use, struct extent *extent)
{
    *extent = (struct extent){0};
    for (size_t i = 0; i < trace->count; i++) {
        const struct trace_point *p = &trace->points[i];
        double piece = trace_piece(trace, i);
        if (use && !use[i])
            continue;
        extent->length_px += piece;
        extent->length += piece * p->along;
        if (isnan(p->left))
            continue;
        double area = piece * trace_width(p);
        extent->area += area * p->across * p->along;
        extent->area_raw += area * context->raw * context->raw;
        extent->overlap += p->overlap * p->across * p->along;
    }
}

/* Standard error of a width of `mean` from not knowing the photo's blur well: squares of full
 * widths add up, and that of a Gaussian is 5.55 of its variance. */
static double blur_part(const struct sums_context *context, double unit, double mean)
{
    double error = hypot(BLUR_SQUARE, BLUR_SHARE * context->blur * context->blur);
    return 0.5 * 5.55 * error * unit * unit / mean;
}

static void take_shape(const struct trace *trace, const struct sums_context *context,
                       const bool *use, double length_px, struct sums *sums)
{
    struct spread width = {0}, raw = {0}, fit = {0};
    for (size_t i = 0; i < trace->count; i++) {
        const struct trace_point *p = &trace->points[i];
        double piece = trace_piece(trace, i);
        if ((use && !use[i]) || !p->valid)
            continue;
        spread_add(&width, piece * p->along, trace_width(p) * p->across, piece);
        spread_add(&raw, piece, trace_width(p) * context->raw, piece);
        spread_add(&fit, piece, p->error * p->error * p->across * p->across, piece);
    }
    if (!(width.weight > 0))
        return;
    double mean = spread_mean(&width), plain = spread_mean(&raw);
    double values = independent(width.length, trace->correlation);
    double hidden = fmax(0, 1 - width.length / length_px);
    double random = hypot(FIT_TIMES * sqrt(spread_mean(&fit) / values),
                          hypot(HIDDEN_SHARE * hidden * mean, WIDTH_PX * context->raw));
    double common = hypot(blur_part(context, context->raw, mean),
                          hypot(context->scale_error, MODEL_PHOTO) * mean);
    set(sums, STRIAE_METRIC_WIDTH, mean, random, common);
    set(sums, STRIAE_METRIC_WIDTH_RAW, plain, random * plain / mean, common * plain / mean);
}

/* Needs the width of the same stria for its errors; where the stretch has none (extent without
 * shape), a tenth of the area stands in. */
static void take_area(const struct extent *over, const struct sums_context *context,
                      struct sums *sums)
{
    if (!(over->area > 0))
        return;
    double mean = over->area / over->length, width = sums->random[STRIAE_METRIC_WIDTH];
    double random =
        isnan(sums->value[STRIAE_METRIC_WIDTH]) ? 0.1 * over->area : width * over->length;
    double ends = END_ERROR * mean * mean;
    double blur = blur_part(context, context->raw, mean) * over->length;
    double all = hypot(random, ends);
    double common = hypot(blur, hypot(2 * context->scale_error, MODEL_PHOTO) * over->area);
    double plain = over->area_raw / over->area;
    set(sums, STRIAE_METRIC_AREA, over->area, all, common);
    set(sums, STRIAE_METRIC_AREA_RAW, over->area_raw, all * plain, common * plain);
}

/* ---- colour --------------------------------------------------------------------------------- */

/* Size of a metric's numbers against those of CIELAB: one unit of a* is about 0.012 of log10. */
static double tone_unit(striae_metric metric)
{
    return metric == STRIAE_METRIC_ERYTHEMA || metric == STRIAE_METRIC_MELANIN ? 0.012 : 1;
}

static double model_variance(striae_metric metric, double difference, double width_px)
{
    double fixed = TONE_LAB * tone_unit(metric), share = TONE_THIN * difference / width_px;
    return fixed * fixed + share * share;
}

/* Colour differences less the light that the surface of a stria may add to it. */
static void without_gloss(const double skin[3], const double contrast[3], double difference[6])
{
    double less[3];
    for (int c = 0; c < 3; c++) {
        double inside = exp(-skin[c] - contrast[c]);
        less[c] = -log(fmax(inside - TONE_GLOSS, 0.2 * inside)) - skin[c];
    }
    tone_differences(skin, less, difference);
}

static void take_tone(const struct trace *trace, const struct sums_context *context,
                      const bool *use, struct sums *sums)
{
    struct spread contrast[3] = {{0}}, tone[6] = {{0}}, rough[2] = {{0}};
    for (size_t i = 0; i < trace->count; i++) {
        const struct trace_point *p = &trace->points[i];
        double piece = trace_piece(trace, i), difference[6], area = piece * trace_width(p);
        if ((use && !use[i]) || !(area > 0))
            continue;
        for (int k = 0; k < 2; k++)
            if (!isnan(p->rough[0] + p->rough[1]))
                spread_add(&rough[k], area, p->rough[k], piece);
        if (isnan(p->contrast[0] + p->contrast[1] + p->contrast[2] + context->skin[0]))
            continue;
        tone_differences(context->skin, p->contrast, difference);
        for (int c = 0; c < 3; c++)
            spread_add(&contrast[c], area, p->contrast[c], piece);
        for (int k = 0; k < 6; k++)
            spread_add(&tone[k], area, difference[k], piece);
    }
    if (contrast[0].weight > 0) {
        double mean[3], difference[6], less[6];
        double values = independent(contrast[0].length, fmax(10, 2 * trace->rough_width));
        double width = contrast[0].weight / contrast[0].length;
        for (int c = 0; c < 3; c++)
            mean[c] = spread_mean(&contrast[c]);
        tone_differences(context->skin, mean, difference);
        without_gloss(context->skin, mean, less);
        for (int k = 0; k < 6; k++) {
            double random = sqrt(spread_variance(&tone[k]) / values +
                                 model_variance(tones[k], difference[k], width));
            double photo = hypot(SKIN_ERROR * difference[k], tone_unit(tones[k]) * PHOTO_TONE_LAB);
            set(sums, tones[k], difference[k], random, hypot(less[k] - difference[k], photo));
        }
    }
    if (rough[0].weight > 0 && rough[1].sum > 0) {
        double ratio = sqrt(spread_mean(&rough[0]) / spread_mean(&rough[1]));
        double values = independent(rough[0].length, GRAIN_PX);
        set(sums, STRIAE_METRIC_TEXTURE, ratio, ratio * 1.5 / sqrt(values), 0);
    }
}

void sums_take(const struct trace *trace, const struct sums_context *context, const bool *extent,
               const bool *shape, struct sums *sums)
{
    struct extent over, shaped;
    *sums = (struct sums){0};
    for (int m = 0; m < STRIAE_METRIC_COUNT; m++)
        sums->value[m] = NAN;
    take_extent(trace, context, extent, &over);
    take_extent(trace, context, shape, &shaped);
    take_shape(trace, context, shape, shaped.length_px, sums);
    take_area(&over, context, sums);
    take_tone(trace, context, shape, sums);
    sums->length = shaped.length;
    sums->area = shaped.area;
    sums->overlap = over.overlap;
    if (isnan(sums->value[STRIAE_METRIC_AREA]))
        sums->unknown = over.length * trace->rough_width * context->raw;
    if (over.length > 0) {
        double unit = over.length / over.length_px;
        set(sums, STRIAE_METRIC_LENGTH, over.length,
            hypot(0.5 * trace->rough_width * unit, 0.015 * over.length),
            context->scale_error * over.length);
    }
}

/* ---- several as one ------------------------------------------------------------------------- */

static double weight_of(const struct sums *part, striae_metric metric)
{
    switch (metric) {
    case STRIAE_METRIC_LENGTH:
    case STRIAE_METRIC_AREA:
    case STRIAE_METRIC_AREA_RAW:
        return 1;
    case STRIAE_METRIC_WIDTH:
    case STRIAE_METRIC_WIDTH_RAW:
        return part->length;
    default:
        return part->area;
    }
}

static bool adds_up(striae_metric metric)
{
    return metric == STRIAE_METRIC_LENGTH || metric == STRIAE_METRIC_AREA ||
           metric == STRIAE_METRIC_AREA_RAW;
}

void sums_join(const struct sums *parts, size_t count, bool once, struct sums *sums)
{
    *sums = (struct sums){0};
    for (size_t i = 0; i < count; i++) {
        sums->length += parts[i].length;
        sums->area += parts[i].area;
        sums->overlap += parts[i].overlap;
        sums->unknown += parts[i].unknown;
    }
    for (int k = 0; k < STRIAE_METRIC_COUNT; k++) {
        striae_metric metric = (striae_metric)k;
        double weight = 0, value = 0, random = 0, common = 0;
        for (size_t i = 0; i < count; i++) {
            double w = weight_of(&parts[i], metric);
            if (isnan(parts[i].value[k]) || !(w > 0))
                continue;
            weight += w;
            value += w * parts[i].value[k];
            random += w * w * parts[i].random[k] * parts[i].random[k];
            common += w * parts[i].common[k];
        }
        double scale = adds_up(metric) ? 1 : 1 / weight;
        if (weight > 0)
            set(sums, metric, value * scale, sqrt(random) * scale, common * scale);
        else
            sums->value[k] = NAN;
    }
    double area = sums->value[STRIAE_METRIC_AREA];
    sums->random[STRIAE_METRIC_AREA] =
        hypot(sums->random[STRIAE_METRIC_AREA], UNKNOWN_SHARE * sums->unknown);
    double share = once && area > 0 ? 1 - fmin(1, sums->overlap / area) : 1;
    sums->value[STRIAE_METRIC_AREA] *= share;
    sums->value[STRIAE_METRIC_AREA_RAW] *= share;
}

double sums_doubt(const struct trace *traces, size_t count)
{
    double weight = 0, doubt = 0;
    for (size_t t = 0; t < count; t++) {
        double area = (double)traces[t].count * traces[t].rough_width;
        weight += area;
        double improbable = 1 - traces[t].probability;
        doubt += area * (improbable > 0 ? fmax(improbable, SURE_DOUBT) : 0);
    }
    return weight > 0 ? doubt / weight : 0;
}

void sums_add_segmentation(const struct sums_context *context, const struct sums_parts *parts,
                           struct sums *total)
{
    double known = fmin(1, context->doubt / SURE_DOUBT);
    for (int k = 0; k < STRIAE_METRIC_COUNT; k++) {
        double value = fabs(total->value[k]), error;
        if (isnan(value))
            continue;
        if (adds_up((striae_metric)k))
            error = parts->extent * (DOUBT_AREA_FLOOR + DOUBT_AREA * context->doubt) * value;
        else if (k == STRIAE_METRIC_WIDTH || k == STRIAE_METRIC_WIDTH_RAW)
            error = parts->width * (DOUBT_WIDTH_FLOOR + DOUBT_WIDTH * context->doubt) * value;
        else if (k == STRIAE_METRIC_TEXTURE)
            error = 0;
        else
            error = parts->tone * (DOUBT_TONE_FLOOR + DOUBT_TONE * context->doubt) *
                    tone_unit((striae_metric)k);
        total->random[k] = hypot(total->random[k], known * error);
    }
}

double sums_reach(const struct sums_context *context, striae_metric metric, double half)
{
    const struct found_doubt *missed = &context->missed;
    double unit = context->raw;
    if (metric == STRIAE_METRIC_LENGTH)
        return half + missed->length * unit;
    if (metric == STRIAE_METRIC_AREA || metric == STRIAE_METRIC_AREA_RAW)
        return missed->area * unit * unit +
               hypot(half, SUMS_NORMAL_95 * missed->spread * unit * unit);
    return half;
}

striae_quantity sums_quantity(const struct sums *sums, striae_metric metric, bool has_scale,
                              const char *reason)
{
    const char *unit = metric_unit(metric, has_scale);
    double value = sums->value[metric];
    if (isnan(value))
        return quantity_unknown(reason, unit);
    double half = SUMS_NORMAL_95 * hypot(sums->random[metric], sums->common[metric]);
    bool is_size = metric <= STRIAE_METRIC_AREA_RAW || metric == STRIAE_METRIC_TEXTURE;
    double least = is_size ? 0 : -INFINITY; /* sizes and ratios are never negative */
    return quantity(value, fmax(value - half, least), value + half, unit);
}
