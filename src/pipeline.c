/* The recipe.
 *
 * Order: read, calibrate, segment, align, look again, measure. Striae are segmented before the
 * photos are aligned, since they may fade and so must carry no weight in the alignment; what was
 * found in one session is then looked for again in the others with less evidence asked for. */
#include "pipeline.h"

#include "align/align.h"
#include "calibrate/calibrate.h"
#include "colour/colour.h"
#include "io/io.h"
#include "measure/measure.h"
#include "segment/segment.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SMALLEST_SIDE 64 /* px; below that there is nothing to measure */

/* One session in work; what lasts goes into struct session. */
struct work {
    struct image image;
    struct blur blur;
    struct card card;
    struct segmenter *segmenter;
    struct segmentation found, again; /* alone, and with the other sessions' hints */
    struct mask striae;               /* rough mask of `found`, for the alignment */
};

struct run {
    const striae_options *options;
    size_t count;
    struct work *work;           /* per session */
    struct alignment *alignment; /* per later session */
    struct striae_result *result;
    struct measure_detectable detectable; /* when options->repeatability */
    struct card_colours card_colours;
    double steps_done, steps;
    struct timespec began;
};

/* ---- telling the caller ---- */

__attribute__((format(printf, 3, 4))) static void tell(const struct run *run, striae_level level,
                                                       const char *format, ...)
{
    char text[STRIAE_MESSAGE_SIZE];
    va_list arguments;
    if (!run->options->message)
        return;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    run->options->message(run->options->user, level, text);
}

static double seconds_since(const struct timespec *began)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - began->tv_sec) + 1e-9 * (double)(now.tv_nsec - began->tv_nsec);
}

static void stage_begins(struct run *run, const char *stage)
{
    (void)clock_gettime(CLOCK_MONOTONIC, &run->began);
    if (run->options->progress)
        run->options->progress(run->options->user, stage, run->steps_done / run->steps);
}

static void stage_ends(struct run *run, const char *stage, size_t session)
{
    run->steps_done++;
    tell(run, STRIAE_LEVEL_DETAIL, "%s, photo %zu: %.2f s", stage, session + 1,
         seconds_since(&run->began));
}

/* ---- one photo ---- */

static striae_status take_photo(const char *path, struct photo *photo, struct work *work,
                                struct session *session, striae_error *error)
{
    session->path = strdup(path);
    if (!session->path)
        return fail_memory(error);
    session->width = photo->image.width;
    session->height = photo->image.height;
    session->colour_source = "profile";
    session->colour_delta_e00 =
        quantity_unknown("no colour reference in the photo: the file's profile is trusted", "dE00");
    session->info = photo->info;
    memcpy(session->sha256, photo->sha256, sizeof session->sha256);
    memcpy(session->captured, photo->info.captured, sizeof session->captured);
    work->image = photo->image;
    session->picture = photo->picture;
    photo->image = (struct image){0};
    photo->picture = (struct rgb8){0};
    return STRIAE_OK;
}

static striae_status read_card_colours(struct run *run, striae_error *error)
{
    const char *path = run->options->card_colours;
    char *text = NULL;
    size_t size;
    calibrate_card_nominal(&run->card_colours);
    if (!path)
        return STRIAE_OK;
    striae_status status = io_read_file(path, &text, &size, error);
    if (status == STRIAE_OK)
        status = calibrate_card_measured(path, text, &run->card_colours, error);
    free(text);
    return status;
}

/* What the card in the photo gives, where there is one: an own scale stands before it. Colours are
 * corrected once all that judges the camera's picture has seen it. */
static striae_status use_card(struct run *run, size_t index, striae_error *error)
{
    struct work *work = &run->work[index];
    struct session *session = &run->result->sessions[index];
    const struct card *card = &work->card;
    striae_status status = calibrate_card_checks(card, &session->qc, error);
    if (status == STRIAE_OK && calibrate_card_has_scale(card) &&
        session->scale_source == SCALE_NONE) {
        session->scale_source = SCALE_CARD;
        calibrate_card_px_per_mm(card, &session->skin, &session->px_per_mm);
    }
    if (status != STRIAE_OK || !card->has_colour)
        return status;
    session->colour_source = "card";
    session->colour_delta_e00 =
        quantity(card->delta_e00, fmax(card->delta_e00 - 2 * card->delta_e00_error, 0),
                 card->delta_e00 + 2 * card->delta_e00_error, "dE00");
    calibrate_card_correct(&card->correction, run->options->threads, &work->image);
    return STRIAE_OK;
}

static striae_status read_session(struct run *run, size_t index, const char *path,
                                  striae_error *error)
{
    struct session *session = &run->result->sessions[index];
    struct work *work = &run->work[index];
    struct io_limits limits = {run->options->max_pixels, run->options->accept_damaged,
                               run->options->threads};
    struct photo photo = {0};
    int threads = run->options->threads;
    stage_begins(run, "reading");
    striae_status status = io_read_photo(path, &limits, &photo, error);
    if (status == STRIAE_OK &&
        (photo.image.width < SMALLEST_SIDE || photo.image.height < SMALLEST_SIDE))
        status = fail_with(error, STRIAE_ERROR_UNSUPPORTED,
                           "%s: only %d x %d pixels; use the camera's original photo", path,
                           photo.image.width, photo.image.height);
    if (status == STRIAE_OK)
        status = take_photo(path, &photo, work, session, error);
    if (status == STRIAE_OK) {
        calibrate_scale(run->options, index, &session->scale_source, &session->px_per_mm);
        const char *roi = index == 0 ? run->options->roi : NULL;
        status = roi ? io_read_region(roi, session->width, session->height, &session->skin, error)
                     : calibrate_skin(&work->image, threads, &session->skin, error);
    }
    if (status == STRIAE_OK)
        status = calibrate_card_find(&work->image, &session->info, &run->card_colours, &work->card,
                                     error);
    calibrate_chart_pitch(run->options->chart_pitch, &work->card);
    if (status == STRIAE_OK && (work->card.found || work->card.chart))
        calibrate_card_mask(&work->card, &session->skin);
    if (status == STRIAE_OK)
        status = calibrate_blur(&work->image, &session->skin, threads, &work->blur, error);
    if (status == STRIAE_OK)
        status = calibrate_quality(&work->image, &session->skin, &work->blur, &session->qc, error);
    if (status == STRIAE_OK)
        status = calibrate_file_checks(&session->info, &session->qc, error);
    if (status == STRIAE_OK)
        status = use_card(run, index, error);
    photo_free(&photo);
    stage_ends(run, "read and calibrated", index);
    return status;
}

static double least_probability(striae_sensitivity sensitivity)
{
    static const double least[] = {0.75, 0.5, 0.25};
    return least[sensitivity];
}

static striae_status segment_session(struct run *run, size_t index, striae_error *error)
{
    struct work *work = &run->work[index];
    const struct session *session = &run->result->sessions[index];
    struct segment_input input = {&work->image, &session->skin,
                                  session->px_per_mm.reason ? 0 : session->px_per_mm.value,
                                  least_probability(run->options->sensitivity)};
    stage_begins(run, "finding striae");
    striae_status status = segment_prepare(&input, run->options->threads, &work->segmenter, error);
    if (status == STRIAE_OK) {
        const char *model = segment_model_sha256(work->segmenter);
        memcpy(run->result->model_sha256, model, sizeof run->result->model_sha256);
        status = segment_find(work->segmenter, NULL, 0, &work->found, error);
    }
    if (status == STRIAE_OK)
        status = found_mask(work->found.striae, work->found.count, session->width, session->height,
                            &work->striae, error);
    if (status == STRIAE_OK && run->options->debug)
        status = pipeline_show_steps(run->options, session, index, work->segmenter, &work->striae,
                                     error);
    stage_ends(run, "segmented", index);
    return status;
}

/* ---- what is known beforehand ---- */

static striae_status read_repeatability(struct run *run, striae_error *error)
{
    const char *path = run->options->repeatability;
    struct repeatability *record = &run->result->repeatability;
    char *text;
    size_t size;
    if (!path)
        return STRIAE_OK;
    striae_status status = io_read_file(path, &text, &size, error);
    if (status != STRIAE_OK)
        return status;
    status = measure_read_detectable(path, text, &run->detectable, error);
    io_sha256(text, size, record->sha256);
    record->targets = run->detectable.targets;
    record->path = strdup(path);
    free(text);
    return status == STRIAE_OK && !record->path ? fail_memory(error) : status;
}

striae_status pipeline_check_repeatability(const char *path, striae_error *error)
{
    striae_options options = {.repeatability = path};
    struct striae_result result = {0};
    struct run run = {.options = &options, .result = &result};
    striae_status status = read_repeatability(&run, error);
    result_clear(&result);
    return status;
}

/* ---- sessions together ---- */

static striae_status align_session(struct run *run, size_t later, striae_error *error)
{
    const struct session *sessions = run->result->sessions;
    struct alignment *a = &run->alignment[later - 1];
    struct change *change = &run->result->changes[later - 1];
    struct align_input first = {&run->work[0].image, &sessions[0].skin, &run->work[0].striae};
    struct align_input second = {&run->work[later].image, &sessions[later].skin,
                                 &run->work[later].striae};
    stage_begins(run, "aligning");
    striae_status status = align_photos(&first, &second, run->options->threads, a, error);
    if (status == STRIAE_OK) {
        change->to = later;
        change->refused = a->refused;
        memcpy(change->reason, a->reason, sizeof change->reason);
        change->overlap_percent = a->refused ? 0 : a->overlap_percent;
        change->alignment_error = a->refused
                                      ? quantity_unknown("the photos could not be lined up", "px")
                                      : quantity(a->error, a->error_low, a->error_high, "px");
    }
    stage_ends(run, "aligned", later);
    return status;
}

/* Whether session k >= 1 was lined up with the first, one of the two being session `index`. */
static bool is_link_of(const struct run *run, size_t k, size_t index)
{
    return (index == 0 || index == k) && !run->alignment[k - 1].refused;
}

/* What the other sessions show, in the pixels of session `index`. */
static striae_status gather_hints(const struct run *run, size_t index, struct segmentation *hints,
                                  striae_error *error)
{
    striae_status status = STRIAE_OK;
    *hints = (struct segmentation){0};
    for (size_t k = 1; k < run->count && status == STRIAE_OK; k++) {
        const struct alignment *a = &run->alignment[k - 1];
        if (!is_link_of(run, k, index))
            continue;
        const struct segmentation *from = &run->work[index == 0 ? k : 0].found;
        status = found_carry(from->striae, from->count, index == 0 ? &a->backward : &a->forward,
                             &hints->striae, &hints->count, error);
    }
    return status;
}

/* Whether any other session was lined up with this one. */
static bool is_linked(const struct run *run, size_t index)
{
    bool linked = false;
    for (size_t k = 1; k < run->count; k++)
        linked = linked || is_link_of(run, k, index);
    return linked;
}

static striae_status look_again(struct run *run, size_t index, striae_error *error)
{
    struct segmentation hints;
    stage_begins(run, "looking again");
    struct work *work = &run->work[index];
    striae_status status = gather_hints(run, index, &hints, error);
    if (status == STRIAE_OK && !is_linked(run, index)) { /* the same would be found */
        work->again = work->found;
        work->found = (struct segmentation){0};
    } else if (status == STRIAE_OK) {
        status = segment_find(work->segmenter, hints.striae, hints.count, &work->again, error);
    }
    segmentation_free(&hints);
    stage_ends(run, "looked again", index);
    return status;
}

static striae_status measure_sessions(struct run *run, striae_error *error)
{
    struct measure_photo *photos = calloc(run->count, sizeof *photos);
    struct measure_link *links = calloc(run->count, sizeof *links);
    striae_status status = photos && links ? STRIAE_OK : fail_memory(error);
    stage_begins(run, "measuring");
    for (size_t i = 0; i < run->count && status == STRIAE_OK; i++) {
        const struct work *work = &run->work[i];
        const struct session *session = &run->result->sessions[i];
        photos[i] = (struct measure_photo){
            &work->image,       &session->skin,
            work->blur.sigma,   session->px_per_mm,
            work->again.striae, work->again.count,
            work->again.missed, session->scale_source == SCALE_CARD ? &work->card.plane : NULL};
        if (i) {
            struct alignment *a = &run->alignment[i - 1];
            links[i - 1] = (struct measure_link){a->refused, &a->forward, &a->backward};
        }
    }
    if (status == STRIAE_OK)
        status = measure_series(
            photos, links, run->count, run->options->repeatability ? &run->detectable : NULL,
            run->options->threads, run->result->sessions, run->result->changes, error);
    free(photos);
    free(links);
    stage_ends(run, "measured", run->count - 1);
    return status;
}

/* Warnings that only the photos together can give. */
static striae_status check_series(struct run *run, striae_error *error)
{
    const struct session *first = &run->result->sessions[0];
    striae_status status = STRIAE_OK;
    for (size_t i = 1; i < run->count && status == STRIAE_OK; i++) {
        struct session *later = &run->result->sessions[i];
        bool same = strcmp(first->sha256, later->sha256) == 0;
        bool earlier = first->captured[0] && later->captured[0] &&
                       strcmp(later->captured, first->captured) < 0;
        if (same)
            tell(run, STRIAE_LEVEL_WARNING, "%s and %s are the same file", first->path,
                 later->path);
        if (earlier)
            tell(run, STRIAE_LEVEL_WARNING, "%s was taken before %s: are they in the wrong order?",
                 later->path, first->path);
        status = qc_add(&later->qc, "identical", same ? QC_WARN : QC_PASS, NAN, NAN,
                        same ? "The same file as the first photo: no change can be seen in it."
                             : "Not the same file as the first photo.",
                        error);
        if (status == STRIAE_OK && first->captured[0] && later->captured[0])
            status = qc_add(&later->qc, "order", earlier ? QC_WARN : QC_PASS, NAN, NAN,
                            earlier ? "Taken before the first photo: check the order."
                                    : "Taken after the first photo.",
                            error);
        if (status == STRIAE_OK)
            status = calibrate_pair_checks(&first->info, &later->info, run->work[0].blur.sigma,
                                           run->work[i].blur.sigma, &later->qc, error);
    }
    return status;
}

/* Whether the card's plane stands for the skin that was measured. */
static striae_status check_card_place(struct run *run, size_t index, striae_error *error)
{
    struct session *session = &run->result->sessions[index];
    const struct session *first = &run->result->sessions[0];
    const struct alignment *a = index > 0 ? &run->alignment[index - 1] : NULL;
    bool aligned = a && !run->result->changes[index - 1].refused;
    const struct curve_view view = {
        .first = &run->work[0].card,
        .later = aligned ? &run->work[index].card : NULL,
        .forward = aligned ? &a->forward : NULL,
        .backward = aligned ? &a->backward : NULL,
        .size = {{first->width, first->height}, {session->width, session->height}}};
    striae_status status =
        calibrate_near_check(&run->work[index].card, &session->labels, &session->qc, error);
    return status == STRIAE_OK ? calibrate_curvature_check(&view, &session->qc, error) : status;
}

/* The scale as it is, and whether the striae are wide enough in the photo. */
static striae_status check_measured(struct run *run, size_t index, striae_error *error)
{
    struct session *session = &run->result->sessions[index];
    striae_status status = calibrate_scale_check(
        &session->px_per_mm, session->scale_source == SCALE_NONE, &session->qc, error);
    if (status == STRIAE_OK && !run->options->qc_only)
        status = calibrate_width_check(&session->total[STRIAE_METRIC_WIDTH_RAW],
                                       &session->px_per_mm, &session->qc, error);
    if (status == STRIAE_OK && !run->options->qc_only)
        status = check_card_place(run, index, error);
    if (status == STRIAE_OK && index > 0 && !run->result->changes[index - 1].refused &&
        !run->options->qc_only) {
        status = calibrate_overlap_check(run->result->changes[index - 1].overlap_percent,
                                         &session->qc, error);
        if (status == STRIAE_OK)
            status = calibrate_view_check(&run->alignment[index - 1].forward, &session->qc, error);
    }
    return status;
}

static void hand_over(struct run *run)
{
    struct session *sessions = run->result->sessions;
    const struct work *work = run->work;
    for (size_t i = 0; i < run->count; i++)
        pipeline_describe_skin(&work[i].image, &work[i].card, &run->card_colours, &sessions[i]);
    for (size_t k = 1; k < run->count; k++) {
        struct change *change = &run->result->changes[k - 1];
        change->forward = run->alignment[k - 1].forward;
        change->backward = run->alignment[k - 1].backward;
        run->alignment[k - 1].forward = run->alignment[k - 1].backward = (struct warp){0};
        pipeline_describe_tone_change((const struct image *const[]){&work[0].image, &work[k].image},
                                      (const struct card *const[]){&work[0].card, &work[k].card},
                                      (const struct session *const[]){&sessions[0], &sessions[k]},
                                      change);
    }
}

/* ---- the whole ---- */

static striae_status find_and_measure(struct run *run, striae_error *error)
{
    striae_status status = STRIAE_OK;
    /* 2. find striae in each photo by itself */
    for (size_t i = 0; i < run->count && status == STRIAE_OK; i++)
        status = segment_session(run, i, error);
    /* 3. line each later photo up with the first */
    for (size_t i = 1; i < run->count && status == STRIAE_OK; i++)
        status = align_session(run, i, error);
    /* 4. look again where the other sessions show striae */
    for (size_t i = 0; i < run->count && status == STRIAE_OK; i++) {
        status = look_again(run, i, error);
        segment_free(&run->work[i].segmenter);
    }
    /* 5. match and measure */
    return status == STRIAE_OK ? measure_sessions(run, error) : status;
}

static striae_status run_stages(struct run *run, const char *const *paths, striae_error *error)
{
    striae_status status = read_repeatability(run, error);
    if (status == STRIAE_OK)
        status = read_card_colours(run, error);
    /* 1. read and calibrate */
    for (size_t i = 0; i < run->count && status == STRIAE_OK; i++)
        status = read_session(run, i, paths[i], error);
    if (status == STRIAE_OK)
        status = check_series(run, error);
    if (status == STRIAE_OK && run->options->qc_only)
        pipeline_leave_unmeasured(run->result);
    else if (status == STRIAE_OK)
        status = find_and_measure(run, error);
    for (size_t i = 0; i < run->count && status == STRIAE_OK; i++)
        status = check_measured(run, i, error);
    /* 6. the record */
    if (status == STRIAE_OK && !run->options->qc_only)
        status = pipeline_withhold(run->result, error);
    if (status == STRIAE_OK) {
        hand_over(run);
        pipeline_fingerprint(run->options, run->result, &run->card_colours,
                             run->result->config_sha256);
    }
    return status;
}

static void run_free(struct run *run)
{
    for (size_t i = 0; run->work && i < run->count; i++) {
        image_free(&run->work[i].image);
        segment_free(&run->work[i].segmenter);
        segmentation_free(&run->work[i].found);
        segmentation_free(&run->work[i].again);
        mask_free(&run->work[i].striae);
    }
    for (size_t i = 0; run->alignment && i + 1 < run->count; i++)
        alignment_free(&run->alignment[i]);
    free(run->work);
    free(run->alignment);
}

striae_status pipeline_run(const char *const *paths, size_t count, const striae_options *options,
                           struct striae_result *result, striae_error *error)
{
    struct run run = {.options = options, .count = count, .result = result};
    *result = (struct striae_result){0};
    striae_status status = pipeline_check_options(options, count, error);
    if (status != STRIAE_OK)
        return status;
    run.steps = 4.0 * (double)count;
    run.work = calloc(count, sizeof *run.work);
    run.alignment = calloc(count, sizeof *run.alignment);
    result->sessions = calloc(count, sizeof *result->sessions);
    result->changes = calloc(count, sizeof *result->changes);
    if (run.work && run.alignment && result->sessions && result->changes) {
        result->session_count = count;
        result->change_count = count - 1;
        status = run_stages(&run, paths, error);
    } else {
        status = fail_memory(error);
    }
    run_free(&run);
    if (status != STRIAE_OK)
        result_clear(result);
    return status;
}
