/* striae validate */
#include "cli/console.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/validate_table.h"

#include "phantom/phantom.h"
#include "study/study.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#define MOST_PAIRS 10000

struct validation {
    const struct common *common;
    struct console *console;
    struct validate_settings settings;
    const char *keep; /* where pairs and results stay, or NULL */
    char *temporary;  /* where they are until they are removed; owned */
    size_t failed, count;
    struct score *scores; /* owned */
};

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Compares the pair in dir, saves the result into result_dir and scores it. */
static striae_status score_one(const struct validation *validation, const char *dir,
                               const char *result_dir, struct score *score, striae_error *error)
{
    double px_per_mm;
    striae_status status = score_read_truth(dir, &px_per_mm, score, error);
    if (status != STRIAE_OK) {
        return status;
    }
    striae_options options;
    options_for_library(validation->common, &options);
    options.px_per_mm = &px_per_mm;
    options.px_per_mm_count = 1;
    options.overwrite = true;
    char *before = output_path(dir, "before.jpg"), *after = output_path(dir, "after.jpg");
    striae_result *result = NULL;
    if (!before || !after) {
        status = output_no_memory(error);
    } else {
        const char *const paths[] = {before, after};
        double start = seconds_now();
        status = striae_compare(paths, 2, &options, &result, error);
        score->seconds = seconds_now() - start;
    }
    if (status == STRIAE_OK) {
        status = striae_result_save(result, result_dir, &options, error);
    }
    if (status == STRIAE_OK) {
        status = score_pair(dir, result, result_dir, score, error);
    }
    striae_result_free(&result);
    free(before);
    free(after);
    return status;
}

/* Scores one pair into the next place of validation->scores. A pair that fails is reported and
 * counted. */
static void take_pair(struct validation *validation, const char *dir, const char *result_dir)
{
    striae_error error = {0};
    struct score *score = &validation->scores[validation->count];
    if (score_one(validation, dir, result_dir, score, &error) == STRIAE_OK) {
        validation->count++;
    } else {
        validation->failed++;
        console_error(validation->console, "%s: %s", dir, error.message);
    }
}

/* Every skin type with every kind in turn; after the pairs with changes those without. */
static void choose_pair(const struct validation *validation, int index,
                        struct phantom_options *phantom)
{
    static const enum phantom_kind kinds[] = {PHANTOM_RUBRA, PHANTOM_ALBA, PHANTOM_DARK,
                                              PHANTOM_MIXED};
    const struct validate_settings *s = &validation->settings;
    phantom_options_default(phantom);
    phantom->seed = s->seed + (uint64_t)index;
    phantom->width = s->width;
    phantom->height = s->height;
    phantom->px_per_mm = s->px_per_mm;
    phantom->hardness = s->hardness;
    phantom->change = index < s->pairs;
    phantom->tone = 1 + index % 6;
    phantom->kind = kinds[(index + index / 6) % 4];
    phantom->threads = validation->common->threads;
}

static striae_status render_and_score(struct validation *validation, striae_error *error)
{
    int pairs = validation->settings.pairs + validation->settings.repeats;
    const char *base = validation->keep ? validation->keep : validation->temporary;
    for (int i = 0; i < pairs; i++) {
        char name[16], stage[48];
        snprintf(name, sizeof name, "p%04d", i);
        snprintf(stage, sizeof stage, "pair %d of %d", i + 1, pairs);
        console_progress(validation->console, stage, (double)i / pairs);
        char *dir = output_path(base, name);
        char *result_dir = dir ? output_path(dir, "result") : NULL;
        struct phantom_options phantom;
        choose_pair(validation, i, &phantom);
        striae_status status = STRIAE_ERROR_MEMORY;
        if (result_dir) {
            status = output_check(dir, "truth.json", validation->common->force, error);
        }
        if (status == STRIAE_OK) {
            status = phantom_write(&phantom, dir, validation->common->force, error);
        }
        if (status == STRIAE_OK) {
            take_pair(validation, dir, result_dir);
        }
        if (dir && !validation->keep) {
            output_remove(dir);
        }
        free(result_dir);
        free(dir);
        if (status != STRIAE_OK) {
            return status;
        }
    }
    return STRIAE_OK;
}

static int has_truth(const char *folder, const char *name)
{
    char *dir = output_path(folder, name);
    char *truth = dir ? output_path(dir, "truth.json") : NULL;
    struct stat info;
    int found = truth && stat(truth, &info) == 0;
    free(truth);
    free(dir);
    return found;
}

/* Scores every FOLDER/NAME that holds a rendered pair. */
static striae_status score_folder(struct validation *validation, const char *folder,
                                  striae_error *error)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, NULL, alphasort);
    if (count < 0) {
        error->status = STRIAE_ERROR_NOT_FOUND;
        snprintf(error->message, sizeof error->message, "%s: cannot be opened as a folder", folder);
        return error->status;
    }
    const char *base = validation->keep ? validation->keep : validation->temporary;
    validation->scores = calloc((size_t)count + 1, sizeof *validation->scores);
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        if (name[0] != '.' && validation->scores && has_truth(folder, name)) {
            char *dir = output_path(folder, name), *result_dir = output_path(base, name);
            console_progress(validation->console, name, (double)i / count);
            if (dir && result_dir) {
                take_pair(validation, dir, result_dir);
            }
            if (result_dir && !validation->keep) {
                output_remove(result_dir);
            }
            free(result_dir);
            free(dir);
        }
    }
    for (int i = 0; i < count; i++) {
        free(entries[i]);
    }
    free(entries);
    if (validation->count + validation->failed == 0) {
        error->status = STRIAE_ERROR_NOT_FOUND;
        snprintf(error->message, sizeof error->message,
                 "%s: no folder in it has a truth.json beside before.jpg and after.jpg", folder);
        return error->status;
    }
    return STRIAE_OK;
}

static striae_status print_scores(const struct validation *validation, const char *folder,
                                  striae_error *error)
{
    if (!validation->common->json) {
        const struct validate_settings *rendered = folder ? NULL : &validation->settings;
        return validate_print(validation->scores, validation->count, rendered)
                   ? STRIAE_OK
                   : output_no_memory(error);
    }
    struct score_summary summary;
    char *json = NULL;
    double figures[SCORE_FIGURE_COUNT];
    if (score_accuracy(validation->scores, validation->count, &summary, NULL) == STRIAE_OK &&
        score_figures(validation->scores, validation->count, figures, NULL) == STRIAE_OK) {
        json = score_json(validation->scores, validation->count, &summary, figures);
    }
    return output_print(json, error);
}

static int validate(struct validation *validation, const char *folder)
{
    size_t pairs = (size_t)(validation->settings.pairs + validation->settings.repeats);
    striae_error error = {0};
    striae_status status = STRIAE_OK;
    if (validation->keep) {
        status = output_check_writable(validation->keep, &error);
    } else {
        validation->temporary = output_temporary(&error);
        status = validation->temporary ? STRIAE_OK : error.status;
    }
    if (status == STRIAE_OK && !folder) {
        validation->scores = calloc(pairs, sizeof *validation->scores);
        status = validation->scores ? render_and_score(validation, &error) : STRIAE_ERROR_MEMORY;
    } else if (status == STRIAE_OK) {
        status = score_folder(validation, folder, &error);
    }
    console_done(validation->console);
    int code = (int)exit_code_of(status);
    if (status != STRIAE_OK) {
        console_error(validation->console, "%s",
                      error.message[0] ? error.message : "out of memory");
    } else if (validation->count == 0) {
        code = EXIT_ALL_FAILED;
    } else if (print_scores(validation, folder, &error) != STRIAE_OK) {
        console_error(validation->console, "%s", error.message);
        code = EXIT_INTERNAL;
    } else {
        code = validation->failed > 0 ? EXIT_SOME_FAILED : EXIT_DONE;
    }
    if (validation->temporary) {
        output_remove(validation->temporary);
    }
    free(validation->temporary);
    free(validation->scores);
    return code;
}

static int run(const struct command *self, int argc, char **argv)
{
    struct validation validation = {0};
    struct validate_settings *settings = &validation.settings;
    *settings = validate_release()->settings;
    settings->repeats = -1;
    const char *folder = NULL;
    struct common common;
    const struct option own[] = {
        {"pairs", 0, OPTION_INTEGER, &settings->pairs, "N",
         "how many pairs with changes to render (default 24)", 1, MOST_PAIRS},
        {"repeats", 0, OPTION_INTEGER, &settings->repeats, "N",
         "how many pairs of unchanged skin after them (default: half as many)", 0, MOST_PAIRS},
        {"seed", 0, OPTION_SEED, &settings->seed, "S", "seed of the first pair (default 1)", 0, 0},
        {"folder", 0, OPTION_TEXT, &folder, "DIR",
         "score the pairs rendered in DIR/*/ (before.jpg, after.jpg, truth.json) instead", 0, 0},
        {"keep", 0, OPTION_TEXT, &validation.keep, "DIR", "keep pairs and results in DIR", 0, 0},
        {"force", 0, OPTION_FLAG, &common.force, NULL, "replace what is kept there already", 0, 0},
        {"width", 0, OPTION_INTEGER, &settings->width, "PX", "of the photos (default 1800)", 64,
         20000},
        {"height", 0, OPTION_INTEGER, &settings->height, "PX", "of the photos (default 1350)", 64,
         20000},
        {"px-per-mm", 0, OPTION_REAL, &settings->px_per_mm, "N", "scale (default 10)", 0.5, 200},
        {"hardness", 0, OPTION_REAL, &settings->hardness, "X",
         "0 = plain skin, 0.5 = as usual (default), 1 = everything that makes it hard", 0, 1},
        {0}};
    int count, code;
    if (!options_parse(self, own, GROUP_THREADS, &common, argc, argv, &count, &code)) {
        return code;
    }
    if (settings->repeats < 0) {
        settings->repeats = settings->pairs / 2;
    }
    if (count > 0) {
        return usage_error(self->name, "%s: takes options only (--folder DIR for a folder)",
                           argv[0]);
    }
    struct console console;
    console_init(&console, &common);
    validation.common = &common;
    validation.console = &console;
    return validate(&validation, folder);
}

const struct command command_validate = {
    "validate", "[OPTION...]", "Measure the accuracy on rendered pairs, on this very machine",
    "Renders pairs of every skin type and kind, compares each, and prints how far the results are\n"
    "from the truth. The figures hold for rendered skin; photos of real skin may differ.",
    run};
