/* Where the edges of each stria are. */
#include "measure/edges.h"
#include "measure/place.h"
#include "measure/ridge.h"
#include "measure/series.h"

#include <stdlib.h>

#define LEAST_FITTED 0.33 /* real striae have 0.6 and more, what is none mostly under 0.2 */
#define TOO_THIN     4.0  /* px, as found: noise may hide the profile of a real one */

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
        status = ridge_find(&strip, trace, shift, error);
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

static bool is_fitted(const struct series *series, size_t group)
{
    for (size_t s = 0; s < series->count; s++)
        for (size_t t = 0; t < series->crews[s].count; t++) {
            const struct trace *trace = &series->crews[s].traces[t];
            if (trace->group == group &&
                (trace->fitted >= LEAST_FITTED || trace->rough_width < TOO_THIN))
                return true;
        }
    return false;
}

void series_drop(struct series *series)
{
    size_t kept = 0;
    for (size_t i = 0; i < series->job_count; i++) { /* jobs are in the order of the traces */
        const struct job *job = &series->jobs[i];
        struct trace *trace = &series->crews[job->session].traces[job->trace];
        if (is_fitted(series, trace->group))
            series->jobs[kept++] = *job;
        else
            trace->dropped = true;
    }
    series->job_count = kept;
    for (size_t s = 0, next = 0; s < series->count; s++) {
        struct crew *crew = &series->crews[s];
        size_t left = 0;
        for (size_t t = 0; t < crew->count; t++)
            if (crew->traces[t].dropped)
                trace_free(&crew->traces[t]);
            else {
                series->jobs[next++].trace = left;
                crew->traces[left++] = crew->traces[t];
            }
        crew->offset = next - left;
        crew->count = left;
    }
}
