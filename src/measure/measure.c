/* Measuring a series, as numbered steps. Definitions are those of the project: contrast on optical
 * density, width = full width at half maximum with each side's own background, colour against the
 * ring of skin next to the stria. */
#include "measure/measure.h"

#include "base/threads.h"
#include "measure/change.h"
#include "measure/edges.h"
#include "measure/match.h"
#include "measure/mix.h"
#include "measure/paint.h"
#include "measure/scale.h"
#include "measure/strip.h"
#include "measure/sums.h"
#include "measure/tone.h"

#include <math.h>
#include <stdlib.h>

#define INHERITED_ERROR 0.005 /* relative standard error that inheriting a scale adds */

/* The striae of one session. */
struct crew {
    struct trace *traces; /* owned */
    size_t count;
    size_t offset; /* of its first trace among those of all sessions */
    struct labels owner;
    bool has_scale;
    struct sums_context context;
};

struct job {
    size_t session, trace;
    size_t extension;
    struct signature signature;
    double mix[3];
    striae_status status;
    striae_error error;
};

struct series {
    const struct measure_photo *photos;
    const struct measure_link *links;
    size_t count;
    int threads;
    struct crew *crews; /* owned, one per session */
    struct job *jobs;   /* owned, one per trace */
    size_t job_count;
};

static void series_free(struct series *series)
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

/* ---- 1. lines ------------------------------------------------------------------------------- */

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
        if (status != STRIAE_OK)
            break;
        trace->session = s;
        trace->found = i;
        trace->group = crew->offset + crew->count;
        crew->count++;
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

/* Runs one task per trace; the first failure in order is the one reported. */
static striae_status run_jobs(struct series *series, void (*task)(void *, int), striae_error *error)
{
    threads_run(series->threads, (int)series->job_count, task, series);
    for (size_t i = 0; i < series->job_count; i++)
        if (series->jobs[i].status != STRIAE_OK)
            return fail_with(error, series->jobs[i].status, "%s", series->jobs[i].error.message);
    return STRIAE_OK;
}

static striae_status make_owners(struct series *series, double factor, double margin,
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

/* ---- 2. the same stria in all sessions ------------------------------------------------------ */

static bool usable_link(const struct series *series, size_t later)
{
    const struct measure_link *link = &series->links[later - 1];
    return !link->refused && link->forward && link->backward;
}

static striae_status match_with_first(const struct series *series, size_t later,
                                      struct matching *matching, striae_error *error)
{
    const struct crew *a = &series->crews[0], *b = &series->crews[later];
    struct match_side first = {&series->photos[0], a->traces, a->count,
                               series->links[later - 1].forward};
    struct match_side other = {&series->photos[later], b->traces, b->count,
                               series->links[later - 1].backward};
    return match_sessions(&first, &other, matching, error);
}

static striae_status make_groups(struct series *series, striae_error *error)
{
    size_t *parent = calloc(series->job_count + 1, sizeof *parent);
    striae_status status = parent ? STRIAE_OK : fail_memory(error);
    for (size_t i = 0; parent && i < series->job_count; i++)
        parent[i] = i;
    for (size_t later = 1; later < series->count && status == STRIAE_OK; later++) {
        struct matching matching;
        if (!usable_link(series, later))
            continue;
        status = match_with_first(series, later, &matching, error);
        if (status != STRIAE_OK)
            break;
        for (size_t j = 0; j < matching.count[1]; j++)
            for (size_t i = 0; i < matching.count[0]; i++)
                if (matching.trace[1][j].component == matching.trace[0][i].component)
                    forest_join(parent, i, series->crews[later].offset + j);
        matching_free(&matching);
    }
    for (size_t s = 0; s < series->count && status == STRIAE_OK; s++)
        for (size_t t = 0; t < series->crews[s].count; t++)
            series->crews[s].traces[t].group = forest_root(parent, series->crews[s].offset + t);
    free(parent);
    return status;
}

/* ---- 3. the mix of channels, one per group -------------------------------------------------- */

static striae_status make_strip(const struct series *series, const struct job *job, int reach,
                                struct strip *strip, striae_error *error)
{
    const struct crew *crew = &series->crews[job->session];
    return strip_init(&series->photos[job->session], &crew->owner, (uint16_t)(job->trace + 1),
                      &crew->traces[job->trace], reach, strip, error);
}

static void signature_task(void *context, int index)
{
    struct series *series = context;
    struct job *job = &series->jobs[index];
    const struct trace *trace = &series->crews[job->session].traces[job->trace];
    struct strip strip = {0};
    job->status = make_strip(series, job, edges_reach(trace, series->photos[job->session].blur),
                             &strip, &job->error);
    if (job->status == STRIAE_OK)
        job->status = signature_take(&strip, trace->rough_width, &job->signature, &job->error);
    strip_free(&strip);
}

static striae_status make_mixes(struct series *series, striae_error *error)
{
    struct signature *members = calloc(series->job_count + 1, sizeof *members);
    if (!members)
        return fail_memory(error);
    for (size_t i = 0; i < series->job_count; i++) {
        size_t n = 0,
               group = series->crews[series->jobs[i].session].traces[series->jobs[i].trace].group;
        for (size_t k = 0; k < series->job_count; k++) {
            const struct job *other = &series->jobs[k];
            if (series->crews[other->session].traces[other->trace].group == group)
                members[n++] = other->signature;
        }
        signature_mix(members, n, series->jobs[i].mix);
    }
    free(members);
    return STRIAE_OK;
}

/* ---- 4. edges ------------------------------------------------------------------------------- */

static striae_status find_ridge(const struct series *series, struct job *job, struct trace *trace,
                                striae_error *error)
{
    struct strip strip = {0};
    double *shift = calloc(trace->count, sizeof *shift);
    striae_status status = shift ? STRIAE_OK : fail_memory(error);
    if (status == STRIAE_OK)
        status = make_strip(series, job, edges_reach(trace, 0), &strip, error);
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
        job->status = make_strip(series, job, edges_reach(trace, blur), &strip, &job->error);
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
    job->status = make_strip(series, job, edges_reach(trace, blur), &strip, &job->error);
    if (job->status == STRIAE_OK)
        job->status = strip_mix(&strip, job->mix, &job->error);
    if (job->status == STRIAE_OK)
        job->status = edges_find(&strip, blur, 0, trace, &job->error);
    strip_free(&strip);
}

/* ---- 5. scale ------------------------------------------------------------------------------- */

static double known(const striae_quantity *quantity)
{
    return quantity->reason || !(quantity->value > 0) ? 0 : quantity->value;
}

static double relative_error(const striae_quantity *quantity)
{
    double value = known(quantity);
    return value > 0 ? fmax(0, quantity->high - quantity->low) / (2 * SUMS_NORMAL_95 * value) : 0;
}

static void set_plain_scale(struct crew *crew, double unit)
{
    for (size_t t = 0; t < crew->count; t++)
        for (size_t i = 0; i < crew->traces[t].count; i++)
            crew->traces[t].points[i].across = crew->traces[t].points[i].along = unit;
}

static striae_status set_scales(struct series *series, struct session *sessions,
                                striae_error *error)
{
    double first = known(&series->photos[0].px_per_mm), unit = first > 0 ? 1 / first : 1;
    striae_status status = STRIAE_OK;
    for (size_t s = 0; s < series->count && status == STRIAE_OK; s++) {
        struct crew *crew = &series->crews[s];
        double own = known(&series->photos[s].px_per_mm);
        crew->context.blur = series->photos[s].blur;
        if (s == 0 || !usable_link(series, s)) {
            crew->has_scale = own > 0;
            crew->context.px_per_mm = own;
            crew->context.raw = own > 0 ? 1 / own : 1;
            crew->context.scale_error = relative_error(&series->photos[s].px_per_mm);
            set_plain_scale(crew, crew->context.raw);
            continue;
        }
        struct stretch stretch = {0};
        status = stretch_init(series->links[s - 1].backward, &crew->owner, &stretch, error);
        if (status != STRIAE_OK)
            break;
        double mean = sqrt(stretch_mean(&stretch));
        mean = isnan(mean) ? 1 : mean;
        for (size_t t = 0; t < crew->count; t++)
            stretch_apply(&stretch, unit, &crew->traces[t]);
        stretch_free(&stretch);
        crew->has_scale = first > 0;
        crew->context.px_per_mm = own > 0 ? own : first > 0 ? first / mean : 0;
        crew->context.raw = own > 0 && first > 0 ? 1 / own : unit * mean;
        crew->context.scale_error = relative_error(&series->photos[0].px_per_mm);
        if (!(own > 0) && first > 0) {
            double value = first / mean;
            double half =
                SUMS_NORMAL_95 * value * hypot(crew->context.scale_error, INHERITED_ERROR);
            sessions[s].px_per_mm = quantity(value, value - half, value + half, "px/mm");
            sessions[s].scale_source = sessions[0].scale_source;
        }
    }
    return status;
}

/* ---- 6. colour ------------------------------------------------------------------------------ */

static void tone_task(void *context, int index)
{
    struct series *series = context;
    struct job *job = &series->jobs[index];
    struct crew *crew = &series->crews[job->session];
    struct trace *trace = &crew->traces[job->trace];
    struct strip strip = {0};
    job->status =
        make_strip(series, job, tone_reach(trace, crew->context.px_per_mm), &strip, &job->error);
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
        context->doubt = sums_doubt(series->crews[s].traces, series->crews[s].count);
        if (s == 0 || !usable_link(series, s))
            status = tone_skin(&series->photos[s], &series->crews[s].owner, context->skin, error);
        else
            for (int c = 0; c < 3; c++)
                context->skin[c] = series->crews[0].context.skin[c];
    }
    return status;
}

/* ---- 7. sessions ---------------------------------------------------------------------------- */

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

static void fill_totals(const struct series *series, const struct crew *crew, size_t s,
                        const struct sums *parts, struct session *session)
{
    struct sums total;
    double skin = 0;
    const struct mask *mask = series->photos[s].skin;
    for (size_t i = 0; i < (size_t)mask->width * (size_t)mask->height; i++)
        skin += mask->data[i] != 0;
    skin *= crew->context.raw * crew->context.raw;
    sums_join(parts, crew->count, true, &total);
    sums_add_segmentation(&crew->context, 1, &total);
    for (int m = STRIAE_METRIC_LENGTH; m <= STRIAE_METRIC_AREA_RAW; m++)
        if (isnan(total.value[m]) && crew->count == 0)
            total.value[m] = 0;
    for (int m = 0; m < STRIAE_METRIC_COUNT; m++)
        session->total[m] =
            sums_quantity(&total, (striae_metric)m, crew->has_scale,
                          crew->count ? "no stria could be measured" : "no stria was found");
    const striae_quantity *area = &session->total[STRIAE_METRIC_AREA];
    session->area_percent = area->reason || !(skin > 0)
                                ? quantity_unknown("the area or the skin in view is unknown", "%")
                                : quantity(100 * area->value / skin, 100 * area->low / skin,
                                           100 * area->high / skin, "%");
}

static striae_status fill_session(struct series *series, size_t s, struct session *session,
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

/* ---- 8. changes ----------------------------------------------------------------------------- */

static striae_status fill_change(const struct series *series, size_t later, struct change *change,
                                 striae_error *error)
{
    const struct crew *a = &series->crews[0], *b = &series->crews[later];
    struct change_side first = {a->traces, a->count, &a->context};
    struct change_side other = {b->traces, b->count, &b->context};
    struct matching matching;
    if (!usable_link(series, later)) {
        change_unknown("the photos could not be lined up", change);
        return STRIAE_OK;
    }
    striae_status status = match_with_first(series, later, &matching, error);
    if (status == STRIAE_OK)
        status =
            change_measure(&first, &other, &matching, a->has_scale && b->has_scale, change, error);
    matching_free(&matching);
    return status;
}

striae_status measure_series(const struct measure_photo *photos, const struct measure_link *links,
                             size_t count, int threads, struct session *sessions,
                             struct change *changes, striae_error *error)
{
    struct series series = {.photos = photos, .links = links, .count = count, .threads = threads};
    striae_status status = STRIAE_OK;
    series.crews = calloc(count + 1, sizeof *series.crews);
    if (!series.crews)
        return fail_memory(error);
    for (size_t s = 0; s < count && status == STRIAE_OK; s++) {
        if (s > 0)
            series.crews[s].offset = series.crews[s - 1].offset + series.crews[s - 1].count;
        status = make_traces(&series, s, error);
    }
    if (status == STRIAE_OK)
        status = make_jobs(&series, error);
    if (status == STRIAE_OK)
        status = make_owners(&series, 1.3, 1.5, error);
    if (status == STRIAE_OK)
        status = make_groups(&series, error);
    if (status == STRIAE_OK)
        status = run_jobs(&series, signature_task, error);
    if (status == STRIAE_OK)
        status = make_mixes(&series, error);
    if (status == STRIAE_OK)
        status = run_jobs(&series, edges_task, error);
    if (status == STRIAE_OK)
        status = make_owners(&series, 1.15, 1, error);
    if (status == STRIAE_OK)
        status = run_jobs(&series, again_task, error);
    if (status == STRIAE_OK)
        status = make_owners(&series, 1.1, 1, error);
    if (status == STRIAE_OK)
        status = set_scales(&series, sessions, error);
    if (status == STRIAE_OK)
        status = run_jobs(&series, tone_task, error);
    if (status == STRIAE_OK)
        status = set_skin(&series, error);
    for (size_t s = 0; s < count && status == STRIAE_OK; s++)
        status = fill_session(&series, s, &sessions[s], error);
    for (size_t k = 1; k < count && status == STRIAE_OK; k++)
        status = fill_change(&series, k, &changes[k - 1], error);
    series_free(&series);
    return status;
}
