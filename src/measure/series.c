#include "measure/series.h"

#include "base/threads.h"

#include <math.h>
#include <stdlib.h>

static size_t extension_of(double width)
{
    return (size_t)fmin(fmax(1.0 * width, 4), 60);
}

static striae_status make_traces(struct series *series, size_t s, striae_error *error)
{
    const struct measure_photo *photo = &series->photos[s];
    struct crew *crew = &series->crews[s];
    striae_status status = STRIAE_OK;
    crew->traces = calloc(photo->found_count + 1, sizeof *crew->traces);
    if (!crew->traces)
        return fail_memory(error);
    for (size_t i = 0; i < photo->found_count && crew->count < OWNER_MANY - 1; i++) {
        const struct found_stria *found = &photo->found[i];
        if (found->centreline.count < 2 || !(polyline_length(&found->centreline) >= 3))
            continue;
        size_t extension = extension_of(found->width);
        struct trace *trace = &crew->traces[crew->count];
        status = trace_init(found, (double)extension, trace, error);
        trace->session = s;
        trace->found = i;
        trace->group = crew->offset + crew->count;
        crew->count++;
        if (status != STRIAE_OK)
            break;
    }
    return status;
}

static striae_status make_jobs(struct series *series, striae_error *error)
{
    for (size_t s = 0; s < series->count; s++)
        series->job_count += series->crews[s].count;
    series->jobs = calloc(series->job_count + 1, sizeof *series->jobs);
    if (!series->jobs)
        return fail_memory(error);
    for (size_t s = 0; s < series->count; s++)
        for (size_t t = 0; t < series->crews[s].count; t++)
            series->jobs[series->crews[s].offset + t] =
                (struct job){.session = s,
                             .trace = t,
                             .extension = extension_of(
                                 series->photos[s].found[series->crews[s].traces[t].found].width)};
    return STRIAE_OK;
}

striae_status series_init(struct series *series, striae_error *error)
{
    striae_status status = STRIAE_OK;
    series->crews = calloc(series->count + 1, sizeof *series->crews);
    if (!series->crews)
        return fail_memory(error);
    for (size_t s = 0; s < series->count && status == STRIAE_OK; s++) {
        if (s > 0)
            series->crews[s].offset = series->crews[s - 1].offset + series->crews[s - 1].count;
        status = make_traces(series, s, error);
    }
    return status == STRIAE_OK ? make_jobs(series, error) : status;
}

void series_free(struct series *series)
{
    for (size_t s = 0; series->crews && s < series->count; s++) {
        for (size_t t = 0; t < series->crews[s].count; t++)
            trace_free(&series->crews[s].traces[t]);
        free(series->crews[s].traces);
        labels_free(&series->crews[s].owner);
    }
    free(series->crews);
    free(series->jobs);
}

striae_status series_run(struct series *series, void (*task)(void *, int), striae_error *error)
{
    threads_run(series->threads, (int)series->job_count, task, series);
    for (size_t i = 0; i < series->job_count; i++)
        if (series->jobs[i].status != STRIAE_OK)
            return fail_with(error, series->jobs[i].status, "%s", series->jobs[i].error.message);
    return STRIAE_OK;
}

striae_status series_owners(struct series *series, double factor, double margin,
                            striae_error *error)
{
    striae_status status = STRIAE_OK;
    for (size_t s = 0; s < series->count && status == STRIAE_OK; s++) {
        struct crew *crew = &series->crews[s];
        const struct measure_photo *photo = &series->photos[s];
        labels_free(&crew->owner);
        status = owner_map(crew->traces, crew->count, factor, margin + photo->blur,
                           photo->image->width, photo->image->height, &crew->owner, error);
    }
    return status;
}

bool series_linked(const struct series *series, size_t later)
{
    const struct measure_link *link = &series->links[later - 1];
    return !link->refused && link->forward && link->backward;
}

striae_status series_strip(const struct series *series, const struct job *job, int reach,
                           struct strip *strip, striae_error *error)
{
    const struct crew *crew = &series->crews[job->session];
    return strip_init(&series->photos[job->session], &crew->owner, (uint16_t)(job->trace + 1),
                      &crew->traces[job->trace], reach, strip, error);
}
