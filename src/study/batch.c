/* Runs the comparisons of a study and writes its tables. */
#include "study/pairing.h"
#include "study/paths.h"
#include "study/rows.h"
#include "study/study.h"

#include "base/status.h"
#include "base/threads.h"
#include "io/io.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define INPUTS_TABLE "inputs.csv"
#define LONG_TABLE   "long.csv"

/* What the workers share. Every series belongs to one worker; the rest is under the lock. */
struct run {
    struct study *study;
    const struct study_options *options;
    const char *dir;
    pthread_mutex_t lock;
    size_t finished;
    bool out_of_memory;
};

/* One comparison on its way: the photos that are still part of it. */
struct job {
    struct run *run;
    struct study_series *series;
    size_t count;
    size_t *inputs; /* indices into study.inputs; owned */
    char **paths;   /* owned */
    double *scales; /* the px_per_mm of the options, for these photos; owned */
    striae_options options;
    bool out_of_memory;
};

static void forward_message(void *user, striae_level level, const char *text)
{
    struct job *job = user;
    struct run *run = job->run;
    pthread_mutex_lock(&run->lock);
    run->options->message(run->options->user, job->series->name, level, text);
    pthread_mutex_unlock(&run->lock);
}

static void job_free(struct job *job)
{
    for (size_t i = 0; job->paths && i < job->series->count; i++) {
        free(job->paths[i]);
    }
    free(job->paths);
    free(job->inputs);
    free(job->scales);
}

static bool job_init(struct job *job, struct run *run, struct study_series *series)
{
    const striae_options *base = &run->options->striae;
    *job = (struct job){.run = run, .series = series, .count = series->count, .options = *base};
    job->inputs = calloc(series->count, sizeof *job->inputs);
    job->paths = calloc(series->count, sizeof *job->paths);
    job->scales = calloc(base->px_per_mm_count + 1, sizeof *job->scales);
    if (!job->inputs || !job->paths || !job->scales) {
        return false;
    }
    for (size_t i = 0; i < series->count; i++) {
        job->inputs[i] = series->inputs[i];
        job->paths[i] = path_join(run->study->folder, run->study->inputs[series->inputs[i]].path);
        if (!job->paths[i]) {
            return false;
        }
    }
    for (size_t i = 0; i < base->px_per_mm_count; i++) {
        job->scales[i] = base->px_per_mm[i];
    }
    job->options.px_per_mm = job->scales;
    job->options.progress = NULL;
    job->options.message = run->options->message ? forward_message : NULL;
    job->options.user = job;
    if (job->options.threads == 0) {
        int each = threads_resolve(0) / run->options->jobs;
        job->options.threads = each > 1 ? each : 1;
    }
    return true;
}

static void set_status(struct job *job, size_t i, enum study_status status, const char *reason)
{
    struct study_input *input = &job->run->study->inputs[job->inputs[i]];
    if (study_set_input(input, status, reason, NULL) != STRIAE_OK) {
        job->out_of_memory = true;
    }
}

/* Takes photo i out of the comparison. */
static void drop_photo(struct job *job, size_t i)
{
    free(job->paths[i]);
    size_t after = job->count - i - 1;
    memmove(&job->paths[i], &job->paths[i + 1], after * sizeof *job->paths);
    memmove(&job->inputs[i], &job->inputs[i + 1], after * sizeof *job->inputs);
    job->paths[--job->count] = NULL;
    if (job->options.px_per_mm_count > 1 && i < job->options.px_per_mm_count) {
        size_t scales = job->options.px_per_mm_count - i - 1;
        memmove(&job->scales[i], &job->scales[i + 1], scales * sizeof *job->scales);
        job->options.px_per_mm_count--;
    }
}

/* The photo that an error is about: messages about a photo begin with its path. */
static size_t blamed_photo(const struct job *job, const striae_error *error)
{
    for (size_t i = 0; i < job->count; i++) {
        size_t length = strlen(job->paths[i]);
        if (strncmp(error->message, job->paths[i], length) == 0 && error->message[length] == ':') {
            return i;
        }
    }
    return job->count;
}

/* Gives the photos of a comparison that cannot be made their status. */
static void give_up(struct job *job, size_t blamed, const char *reason)
{
    const char *broken =
        blamed < job->count ? job->run->study->inputs[job->inputs[blamed]].path : NULL;
    for (size_t i = 0; i < job->count; i++) {
        if (!broken || i == blamed) {
            set_status(job, i, STUDY_FAILED, reason);
        } else {
            char text[STRIAE_MESSAGE_SIZE];
            snprintf(text, sizeof text, "its partner %s cannot be used", broken);
            set_status(job, i, STUDY_SKIPPED, text);
        }
    }
}

/* Compares; a later photo that cannot be read is dropped as long as two are left. */
static striae_status compare_readable(struct job *job, struct csv *rows, striae_result **result)
{
    for (;;) {
        striae_error error = {0};
        striae_status status = striae_compare((const char *const *)job->paths, job->count,
                                              &job->options, result, &error);
        if (status == STRIAE_OK) {
            return status;
        }
        size_t blamed = blamed_photo(job, &error);
        const char *reason = error.message;
        if (blamed < job->count) {
            reason += strlen(job->paths[blamed]) + 1;
            reason += strspn(reason, " ");
        }
        bool go_on = blamed > 0 && blamed < job->count && job->count > 2;
        if (go_on) {
            set_status(job, blamed, STUDY_FAILED, reason);
        } else {
            give_up(job, blamed, reason);
        }
        for (size_t i = go_on ? blamed : 1; i < job->count; i++) {
            rows_of_failure(rows, job->run->study, job->inputs[0], job->inputs[i], reason);
            if (go_on) {
                break;
            }
        }
        if (!go_on) {
            return status;
        }
        drop_photo(job, blamed);
    }
}

static void set_outcome(struct job *job, const striae_result *result)
{
    bool compared = false;
    for (size_t i = 1; i < job->count; i++) {
        const char *refusal = striae_result_refusal(result, i);
        compared |= refusal == NULL;
        set_status(job, i, refusal ? STUDY_REFUSED : STUDY_OK, refusal ? refusal : "");
    }
    set_status(job, 0, compared ? STUDY_OK : STUDY_REFUSED,
               compared ? "" : "no later photo could be compared with it");
}

static void run_job(struct job *job, struct csv *rows)
{
    striae_result *result = NULL;
    if (compare_readable(job, rows, &result) != STRIAE_OK) {
        return;
    }
    striae_error error = {0};
    char *folder = path_join(job->run->dir, job->series->name);
    if (!folder) {
        job->out_of_memory = true;
    } else if (striae_result_save(result, folder, &job->options, &error) != STRIAE_OK) {
        give_up(job, job->count, error.message);
        for (size_t i = 1; i < job->count; i++) {
            rows_of_failure(rows, job->run->study, job->inputs[0], job->inputs[i], error.message);
        }
    } else {
        set_outcome(job, result);
        rows_of_result(rows, job->run->study, job->inputs, result);
    }
    free(folder);
    striae_result_free(&result);
}

static void run_series(void *context, int index)
{
    struct run *run = context;
    struct study_series *series = &run->study->series[index];
    struct csv rows = {0};
    struct job job;
    if (job_init(&job, run, series)) {
        run_job(&job, &rows);
    } else {
        job.out_of_memory = true;
    }
    series->rows = rows.data;
    series->rows_size = rows.size;
    pthread_mutex_lock(&run->lock);
    run->out_of_memory |= job.out_of_memory || rows.failed;
    run->finished++;
    if (run->options->done) {
        run->options->done(run->options->user, run->study, (size_t)index, run->finished);
    }
    pthread_mutex_unlock(&run->lock);
    job_free(&job);
}

striae_status study_run(struct study *study, const struct study_options *options, const char *dir,
                        striae_error *error)
{
    struct run run = {.study = study, .options = options, .dir = dir};
    if (pthread_mutex_init(&run.lock, NULL) != 0) {
        return fail_memory(error);
    }
    threads_run(options->jobs, (int)study->series_count, run_series, &run);
    pthread_mutex_destroy(&run.lock);
    return run.out_of_memory ? fail_memory(error) : STRIAE_OK;
}

/* ---- tables --------------------------------------------------------------------------------- */

static striae_status check_free(const char *dir, const char *name, const char *file,
                                striae_error *error)
{
    char *folder = path_join(dir, name);
    char *path = folder && file ? path_join(folder, file) : folder;
    striae_status status = path ? STRIAE_OK : fail_memory(error);
    struct stat info;
    if (path && lstat(path, &info) == 0) {
        status = fail_with(error, STRIAE_ERROR_OUTPUT,
                           "%s: is there already; use --force to replace it", path);
    }
    if (path != folder) {
        free(path);
    }
    free(folder);
    return status;
}

striae_status study_check_output(const struct study *study, const char *dir, bool overwrite,
                                 striae_error *error)
{
    if (overwrite) {
        return STRIAE_OK;
    }
    striae_status status = check_free(dir, INPUTS_TABLE, NULL, error);
    if (status == STRIAE_OK) {
        status = check_free(dir, LONG_TABLE, NULL, error);
    }
    for (size_t i = 0; i < study->series_count && status == STRIAE_OK; i++) {
        status = check_free(dir, study->series[i].name, "result.json", error);
    }
    return status;
}

static void fill_inputs(struct csv *csv, const struct study *study)
{
    static const char *const columns[] = {"path", "status", "reason",  "subject", "arm",
                                          "site", "side",   "session", "result"};
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        csv_text(csv, columns[i]);
    }
    csv_end_row(csv);
    for (size_t i = 0; i < study->input_count; i++) {
        const struct study_input *input = &study->inputs[i];
        bool has_result = input->status == STUDY_OK || input->status == STUDY_REFUSED;
        bool named = !input->bystander && input->session >= 0;
        csv_text(csv, input->path);
        csv_text(csv, study_status_name(input->status));
        csv_text(csv, input->reason);
        csv_text(csv, !named ? "" : input->subject[0] ? input->subject : study->name);
        csv_text(csv, named ? input->arm : "");
        csv_text(csv, named ? input->site : "");
        csv_text(csv, named ? input->side : "");
        if (named) {
            csv_integer(csv, input->session);
        } else {
            csv_text(csv, "");
        }
        csv_text(csv, has_result ? study->series[input->series].name : "");
        csv_end_row(csv);
    }
}

static striae_status write_table(struct csv *csv, const char *dir, const char *name, bool overwrite,
                                 striae_error *error)
{
    char *path = path_join(dir, name);
    striae_status status = path && !csv->failed ? STRIAE_OK : fail_memory(error);
    if (status == STRIAE_OK) {
        status = io_write_file(path, csv->data, csv->size, overwrite, error);
    }
    free(path);
    free(csv->data);
    *csv = (struct csv){0};
    return status;
}

striae_status study_write_tables(const struct study *study, const char *dir, bool overwrite,
                                 striae_error *error)
{
    striae_status status = io_make_folder(dir, error);
    struct csv csv = {0};
    if (status == STRIAE_OK) {
        rows_header(&csv);
        for (size_t i = 0; i < study->series_count; i++) {
            csv_append(&csv, study->series[i].rows, study->series[i].rows_size);
        }
        status = write_table(&csv, dir, LONG_TABLE, overwrite, error);
    }
    if (status == STRIAE_OK) {
        fill_inputs(&csv, study);
        status = write_table(&csv, dir, INPUTS_TABLE, overwrite, error);
    }
    return status;
}
