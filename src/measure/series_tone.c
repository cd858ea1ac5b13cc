/* Colour of each stria against the skin next to it. */
#include "measure/series.h"
#include "measure/tone.h"

static void tone_task(void *context, int index)
{
    struct series *series = context;
    struct job *job = &series->jobs[index];
    struct crew *crew = &series->crews[job->session];
    struct trace *trace = &crew->traces[job->trace];
    struct strip strip = {0};
    job->status =
        series_strip(series, job, tone_reach(trace, crew->context.px_per_mm), &strip, &job->error);
    if (job->status == STRIAE_OK)
        job->status = tone_take(&strip, crew->context.px_per_mm, trace, &job->error);
    strip_free(&strip);
}

/* The later photo's adjacent skin is brought onto the first's: the contrast, which is relative to
 * the skin next to the stria, is shown on the first photo's skin in every session. */
static striae_status set_skin(struct series *series, striae_error *error)
{
    striae_status status = STRIAE_OK;
    for (size_t s = 0; s < series->count && status == STRIAE_OK; s++) {
        struct sums_context *context = &series->crews[s].context;
        context->missed = series->photos[s].missed;
        context->doubt = sums_doubt(series->crews[s].traces, series->crews[s].count);
        if (s == 0 || !series_linked(series, s))
            status = tone_skin(&series->photos[s], &series->crews[s].owner, context->skin, error);
        else
            for (int c = 0; c < 3; c++)
                context->skin[c] = series->crews[0].context.skin[c];
    }
    return status;
}

striae_status series_tones(struct series *series, striae_error *error)
{
    striae_status status = series_run(series, tone_task, error);
    return status == STRIAE_OK ? set_skin(series, error) : status;
}
