/* Finding striae without training: channels -> evidence -> lines -> striae.
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
 * The thresholds were chosen looking at these same photos: expect less elsewhere. */
#include "segment/segment.h"

#include "segment/evidence.h"
#include "segment/fuse.h"
#include "segment/net.h"
#include "segment/show.h"
#include "segment/trace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH_FLOOR    18.0 /* working px */
#define ELONGATION      4.0  /* length over width */
#define HALF_SURE       4.3  /* median strength at which a long line is as likely skin as stria */
#define HALF_SURE_SHORT 75.0 /* how much more is asked of a short one: over the length in px */
#define HALF_SURE_SLOPE 1.0
#define SUREST          (1 - 1e-12) /* measuring takes 1 for lines given by a person */
#define SUPPORT_SHARE   0.5         /* of the network's contrast along the line */
#define SUPPORT_FROM    1.0
#define SUPPORT_MOST    4.0

struct segmenter {
    struct channels channels;
    struct plane logit; /* of the network */
    struct evidence evidence;
    char model_sha256[65];
    int width, height;
    double least;
};

/* What network and filters see. */
static striae_status look(struct segmenter *made, int threads, striae_error *error)
{
    struct model model;
    striae_status status = model_built_in(&model, error);
    if (status != STRIAE_OK)
        return status;
    memcpy(made->model_sha256, model.sha256, sizeof made->model_sha256);
    status = net_run(&model, &made->channels, threads, &made->logit, error);
    model_free(&model);
    if (status == STRIAE_OK)
        status = evidence_init(&made->channels, &made->logit, threads, &made->evidence, error);
    if (status == STRIAE_OK)
        fuse_evidence(&made->logit, threads, &made->evidence);
    return status;
}

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
        status = segment_channels_init(input->image, input->skin, threads, &made->channels, error);
    }
    if (status == STRIAE_OK)
        status = look(made, threads, error);
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
    segment_channels_free(&(*segmenter)->channels);
    plane_free(&(*segmenter)->logit);
    evidence_free(&(*segmenter)->evidence);
    free(*segmenter);
    *segmenter = NULL;
}

const char *segment_model_sha256(const struct segmenter *segmenter)
{
    return segmenter->model_sha256;
}

striae_status segment_show(const struct segmenter *segmenter, enum segment_view view,
                           struct rgb8 *out, striae_error *error)
{
    switch (view) {
    case SEGMENT_CHANNELS:
        return show_channels(&segmenter->channels, out, error);
    case SEGMENT_NETWORK:
        return show_network(&segmenter->channels, &segmenter->logit, out, error);
    default:
        return show_lines(&segmenter->channels, &segmenter->evidence, out, error);
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

/* A line is the more probable the stronger it is and the surer the network, and a short one must be
 * stronger. */
static double line_probability(const struct trace *trace, double length)
{
    double asked = HALF_SURE + HALF_SURE_SHORT / length;
    double shown =
        trace->strength + SUPPORT_SHARE * (fmin(trace->support, SUPPORT_MOST) - SUPPORT_FROM);
    return fmin(1 / (1 + exp(-HALF_SURE_SLOPE * (shown - asked))), SUREST);
}

/* By how much less strength a line may begin when it is asked to be less probable. */
static double slack(double least)
{
    return -log(least / (1 - least)) / HALF_SURE_SLOPE;
}

static striae_status keep_probable(const struct segmenter *segmenter, const struct trace_list *list,
                                   struct segmentation *out, striae_error *error)
{
    double factor = segmenter->channels.factor;
    out->striae = calloc(list->count + 1, sizeof *out->striae);
    if (!out->striae)
        return fail_memory(error);
    for (size_t i = 0; i < list->count; i++) {
        const struct trace *trace = &list->traces[i];
        double length = polyline_length(&trace->path);
        double probability = line_probability(trace, length);
        if (length < fmax(LENGTH_FLOOR, ELONGATION * trace->width) ||
            probability < segmenter->least)
            continue;
        struct found_stria *stria = &out->striae[out->count];
        for (size_t k = 0; k < trace->path.count; k++) {
            double x = to_photo(trace->path.points[k].x, factor);
            double y = to_photo(trace->path.points[k].y, factor);
            x = fmin(fmax(x, 0), segmenter->width - 1);
            y = fmin(fmax(y, 0), segmenter->height - 1);
            striae_status status = polyline_append(&stria->centreline, x, y, error);
            if (status != STRIAE_OK) {
                polyline_free(&stria->centreline);
                return status;
            }
        }
        stria->width = trace->width * factor;
        stria->probability = probability;
        out->count++;
    }
    return STRIAE_OK;
}

static int by_probability(const void *a, const void *b)
{
    const struct found_stria *p = a, *q = b;
    if (p->probability != q->probability)
        return p->probability < q->probability ? 1 : -1;
    double dx = p->centreline.points[0].x - q->centreline.points[0].x;
    double dy = p->centreline.points[0].y - q->centreline.points[0].y;
    return dx != 0 ? (dx > 0 ? 1 : -1) : (dy > 0) - (dy < 0);
}

/* The hints at the working scale, about 1 px between points. */
static striae_status working_hints(const struct segmenter *segmenter,
                                   const struct found_stria *hints, size_t count,
                                   struct found_stria *out, striae_error *error)
{
    double factor = segmenter->channels.factor;
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
    if (status == STRIAE_OK)
        status = trace_lines(&segmenter->evidence, &segmenter->channels, scaled, hint_count,
                             slack(segmenter->least), &list, error);
    if (status == STRIAE_OK)
        status = keep_probable(segmenter, &list, segmentation, error);
    if (status == STRIAE_OK)
        qsort(segmentation->striae, segmentation->count, sizeof *segmentation->striae,
              by_probability);
    else
        segmentation_free(segmentation);
    for (size_t i = 0; scaled && i < hint_count; i++)
        polyline_free(&scaled[i].centreline);
    free(scaled);
    trace_list_free(&list);
    return status;
}
