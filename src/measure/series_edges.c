/* Where the edges of each stria are. */
#include "measure/edges.h"
#include "measure/place.h"
#include "measure/series.h"

#include <stdlib.h>

static striae_status find_ridge(const struct series *series, struct job *job, struct trace *trace,
                                striae_error *error)
{
    struct strip strip = {0};
    double *shift = calloc(trace->count, sizeof *shift);
    striae_status status = shift ? STRIAE_OK : fail_memory(error);
    if (status == STRIAE_OK)
        status = series_strip(series, job, edges_reach(trace, 0), &strip, error);
    if (status == STRIAE_OK)
        status = strip_mix(&strip, job->place_mix, error);
    if (status == STRIAE_OK)
        status = edges_ridge(&strip, trace, shift, error);
    if (status == STRIAE_OK)
        status = trace_shift(trace, shift, error);
    strip_free(&strip);
    free(shift);
    return status;
}

/* Edges along the trace; with `place`, then moved to where the colour says. */
static striae_status find_edges(const struct series *series, struct job *job, size_t extension,
                                bool place, struct trace *trace, striae_error *error)
{
    double blur = series->photos[job->session].blur;
    size_t begin = 0, end = trace->count;
    struct strip strip = {0};
    striae_status status = series_strip(series, job, edges_reach(trace, blur), &strip, error);
    if (status == STRIAE_OK)
        status = strip_mix(&strip, job->mix, error);
    if (status == STRIAE_OK)
        status = edges_find(&strip, blur, extension, trace, &begin, &end, error);
    if (status == STRIAE_OK && place)
        status = strip_mix(&strip, job->place_mix, error);
    if (status == STRIAE_OK && place)
        status = place_edges(&strip, blur, trace, error);
    if (status == STRIAE_OK)
        trace_crop(trace, begin, end);
    strip_free(&strip);
    return status;
}

static void edges_task(void *context, int index)
{
    struct series *series = context;
    struct job *job = &series->jobs[index];
    struct trace *trace = &series->crews[job->session].traces[job->trace];
    job->status = find_ridge(series, job, trace, &job->error);
    if (job->status == STRIAE_OK)
        job->status = find_edges(series, job, job->extension, false, trace, &job->error);
}

/* Once more, now that the width of every stria is known along its line: neighbours hide just what
 * they cover, and each fit starts from the width found before. */
static void again_task(void *context, int index)
{
    struct series *series = context;
    struct job *job = &series->jobs[index];
    struct trace *trace = &series->crews[job->session].traces[job->trace];
    job->status = find_edges(series, job, 0, true, trace, &job->error);
}

striae_status series_edges(struct series *series, striae_error *error)
{
    return series_run(series, edges_task, error);
}

striae_status series_edges_again(struct series *series, striae_error *error)
{
    return series_run(series, again_task, error);
}
