/* From the points of a stria to its numbers, and from striae to totals. Private to measure/. */
#ifndef STRIAE_MEASURE_SUMS_H
#define STRIAE_MEASURE_SUMS_H

#include "measure/trace.h"

/* What is common to all striae of a session. */
struct sums_context {
    double raw;         /* unit per px without stretch correction */
    double blur;        /* sigma, px */
    double scale_error; /* relative standard error of the scale */
    double skin[3];     /* density of the reference skin; NaN = colour is not measurable */
    double px_per_mm;   /* 0 = unknown */
    double doubt;       /* 0..1: mean improbability of the found striae, weighted by rough area */
    struct found_doubt missed; /* what lines that were not counted may add, px */
};

/* The metrics of a stria or of several. NaN = not measurable. */
struct sums {
    double value[STRIAE_METRIC_COUNT];
    double random[STRIAE_METRIC_COUNT]; /* standard error, independent from stria to stria */
    double common[STRIAE_METRIC_COUNT]; /* standard error that all striae of the photo share; signed
                                           the same way in both photos of a pair */
    double length, area;                /* weights: over the points used; unit, unit^2 */
    double unknown; /* unit^2: rough area of what is in no value since it has no clear edges */
    double overlap; /* unit^2 of the area that is covered by earlier striae too */
};

/* Width, colour and texture over the points where `shape` is set, length and area over those where
 * `extent` is set; NULL = all points. */
void sums_take(const struct trace *trace, const struct sums_context *context, const bool *extent,
               const bool *shape, struct sums *sums);

/* Several striae as one: length and area add up, width is weighted by length, colour and texture by
 * area. once = skin covered by two striae counts once in the area. */
void sums_join(const struct sums *parts, size_t count, bool once, struct sums *sums);

/* Mean improbability of what was found, weighted by length times rough width; 0 for none. */
double sums_doubt(const struct trace *traces, size_t count);

/* How much of the errors of segmentation counts, 0..1: two photos of the same skin share some. */
struct sums_parts {
    double extent, width, tone; /* lengths and areas; widths; colours */
};

/* Adds to a total's random errors what segmentation may have missed, taken for a stria wrongly, or
 * ended too early or late. */
void sums_add_segmentation(const struct sums_context *context, const struct sums_parts *parts,
                           struct sums *total);

/* `half` of a total's interval, and what lines that were not counted may add to length or area. */
double sums_reach(const struct sums_context *context, striae_metric metric, double half);

/* The number with its 95 % interval, or unknown with `reason`. That of sizes and ratios
 * ends at 0. */
striae_quantity sums_quantity(const struct sums *sums, striae_metric metric, bool has_scale,
                              const char *reason);

/* Multiplier of a standard error to half of a 95 % interval. */
#define SUMS_NORMAL_95 1.96

#endif
