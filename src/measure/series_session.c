/* What one session shows: its striae, each with its numbers, and their totals. */
#include "measure/paint.h"
#include "measure/series.h"

#include <math.h>
#include <stdlib.h>

static double pixel_area(const struct trace *trace)
{
    double area = 0;
    for (size_t i = 0; i < trace->count; i++)
        if (!isnan(trace->points[i].left))
            area += trace_piece(trace, i) * trace_width(&trace->points[i]);
    return area;
}

static int by_area(const void *a, const void *b)
{
    const struct trace *x = a, *y = b;
    double p = pixel_area(x), q = pixel_area(y);
    return p != q ? (p < q) - (p > q) : (x->found > y->found) - (x->found < y->found);
}

static enum kind kind_of(const struct sums *sums)
{
    double redder = sums->value[STRIAE_METRIC_DELTA_A],
           lighter = sums->value[STRIAE_METRIC_DELTA_L];
    double yellower = sums->value[STRIAE_METRIC_DELTA_B];
    if (isnan(redder))
        return KIND_RUBRA;
    if (lighter > 0)
        return redder > lighter ? KIND_RUBRA : KIND_ALBA;
    /* melanin darkens and yellows, blood reddens and takes yellow away */
    return redder > 0.5 * -lighter && redder > yellower ? KIND_RUBRA : KIND_DARK;
}

static striae_status fill_stria(const struct trace *trace, const struct sums *sums, bool has_scale,
                                struct stria *stria, striae_error *error)
{
    striae_status status = STRIAE_OK;
    stria->id = trace->id;
    stria->kind = kind_of(sums);
    stria->probability = trace->probability;
    stria->half_width = malloc(trace->count * sizeof *stria->half_width);
    if (!stria->half_width)
        return fail_memory(error);
    for (size_t i = 0; i < trace->count && status == STRIAE_OK; i++) {
        const struct trace_point *p = &trace->points[i];
        double middle = isnan(p->left) ? 0 : 0.5 * (p->left + p->right);
        stria->half_width[i] = (float)(0.5 * trace_width(p));
        status = polyline_append(&stria->centreline, p->at.x + middle * p->normal.x,
                                 p->at.y + middle * p->normal.y, error);
    }
    for (int m = 0; m < STRIAE_METRIC_COUNT; m++)
        stria->metric[m] = sums_quantity(sums, (striae_metric)m, has_scale,
                                         m <= STRIAE_METRIC_AREA_RAW
                                             ? "no point of this stria has clear edges"
                                             : "the stria or the skin beside it is hidden");
    return status;
}

/* Lets the intervals of the totals reach out to what they would be with the lines that were not
 * counted, which are more likely none: missed striae make a total small, and a mean width that of
 * the others. */
static void reach_out(const struct sums_context *context, struct session *session)
{
    striae_quantity *total = session->total;
    double unit = context->raw, length = context->missed.length * unit;
    double area = context->missed.area * unit * unit, all = total[STRIAE_METRIC_LENGTH].value;
    static const striae_metric widths[2] = {STRIAE_METRIC_WIDTH, STRIAE_METRIC_WIDTH_RAW};
    static const striae_metric sums[3] = {STRIAE_METRIC_LENGTH, STRIAE_METRIC_AREA,
                                          STRIAE_METRIC_AREA_RAW};
    for (int k = 0; k < 2 && length > 0; k++) {
        striae_quantity *w = &total[widths[k]];
        double move = (w->value * all + area) / (all + length) - w->value;
        if (w->reason)
            continue;
        w->low = fmax(w->low + fmin(move, 0), 0);
        w->high += fmax(move, 0);
    }
    for (int k = 0; k < 3; k++) {
        striae_quantity *sum = &total[sums[k]];
        if (!sum->reason)
            sum->high = sum->value + sums_reach(context, sums[k], sum->high - sum->value);
    }
}

static void fill_totals(const struct series *series, const struct crew *crew, size_t s,
                        const struct sums *parts, struct session *session)
{
    static const struct sums_parts all = {1, 1, 1};
    struct sums total;
    double skin = 0;
    const struct mask *mask = series->photos[s].skin;
    for (size_t i = 0; i < (size_t)mask->width * (size_t)mask->height; i++)
        skin += mask->data[i] != 0;
    skin *= crew->context.raw * crew->context.raw;
    sums_join(parts, crew->count, true, &total);
    sums_add_segmentation(&crew->context, &all, &total);
    for (int m = STRIAE_METRIC_LENGTH; m <= STRIAE_METRIC_AREA_RAW; m++)
        if (isnan(total.value[m]) && crew->count == 0)
            total.value[m] = 0;
    for (int m = 0; m < STRIAE_METRIC_COUNT; m++)
        session->total[m] =
            sums_quantity(&total, (striae_metric)m, crew->has_scale,
                          crew->count ? "no stria could be measured" : "no stria was found");
    reach_out(&crew->context, session);
    const striae_quantity *area = &session->total[STRIAE_METRIC_AREA];
    session->area_percent = area->reason || !(skin > 0)
                                ? quantity_unknown("the area or the skin in view is unknown", "%")
                                : quantity(100 * area->value / skin, 100 * area->low / skin,
                                           100 * area->high / skin, "%");
}

striae_status series_session(struct series *series, size_t s, struct session *session,
                             striae_error *error)
{
    struct crew *crew = &series->crews[s];
    const struct image *image = series->photos[s].image;
    struct sums *parts = calloc(crew->count + 1, sizeof *parts);
    session->striae = calloc(crew->count + 1, sizeof *session->striae);
    if (!parts || !session->striae) {
        free(parts);
        return fail_memory(error);
    }
    striae_status status = labels_init(&session->labels, image->width, image->height, error);
    qsort(crew->traces, crew->count, sizeof *crew->traces, by_area);
    for (size_t t = 0; t < crew->count && status == STRIAE_OK; t++) {
        crew->traces[t].id = (int)t + 1;
        paint_trace(&crew->traces[t], &session->labels);
        sums_take(&crew->traces[t], &crew->context, NULL, NULL, &parts[t]);
        session->stria_count++;
        status =
            fill_stria(&crew->traces[t], &parts[t], crew->has_scale, &session->striae[t], error);
    }
    if (status == STRIAE_OK)
        fill_totals(series, crew, s, parts, session);
    free(parts);
    return status;
}
