/* Where the edges of each stria are. */
#include "measure/edges.h"
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
        status = strip_mix(&strip, job->mix, error);
    if (status == STRIAE_OK)
        status = edges_ridge(&strip, trace, shift, error);
    if (status == STRIAE_OK)
        status = trace_shift(trace, shift, error);
    strip_free(&strip);
    free(shift);
    return status;
}

static void edges_task(void *context, int index)
{
    struct series *series = context;
    struct job *job = &series->jobs[index];
    struct trace *trace = &series->crews[job->session].traces[job->trace];
    double blur = series->photos[job->session].blur;
    struct strip strip = {0};
    job->status = find_ridge(series, job, trace, &job->error);
    if (job->status == STRIAE_OK)
        job->status = series_strip(series, job, edges_reach(trace, blur), &strip, &job->error);
    if (job->status == STRIAE_OK)
        job->status = strip_mix(&strip, job->mix, &job->error);
    if (job->status == STRIAE_OK)
        job->status = edges_find(&strip, blur, job->extension, trace, &job->error);
    strip_free(&strip);
}

/* Once more, now that the width of every stria is known along its line: neighbours hide just what
 * they cover, and each fit starts from the width found before. */
static void again_task(void *context, int index)
{
    struct series *series = context;
    struct job *job = &series->jobs[index];
    struct trace *trace = &series->crews[job->session].traces[job->trace];
    double blur = series->photos[job->session].blur;
    struct strip strip = {0};
    job->status = series_strip(series, job, edges_reach(trace, blur), &strip, &job->error);
    if (job->status == STRIAE_OK)
        job->status = strip_mix(&strip, job->mix, &job->error);
    if (job->status == STRIAE_OK)
        job->status = edges_find(&strip, blur, 0, trace, &job->error);
    strip_free(&strip);
}

striae_status series_edges(struct series *series, striae_error *error)
{
    return series_run(series, edges_task, error);
}

striae_status series_edges_again(struct series *series, striae_error *error)
{
    return series_run(series, again_task, error);
}
