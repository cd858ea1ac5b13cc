/* striae batch */
#include "cli/console.h"
#include "cli/options.h"
#include "cli/output.h"

#include "study/study.h"

#include <stdio.h>
#include <stdlib.h>

/* The comparison that a photo ends in, for people: the reason of its first photo that has one. */
static const struct study_input *speaker(const struct study *study, size_t series)
{
    const struct study_series *one = &study->series[series];
    for (size_t i = 0; i < one->count; i++) {
        const struct study_input *input = &study->inputs[one->inputs[i]];
        if (input->status == STUDY_FAILED || (input->status == STUDY_REFUSED && i > 0)) {
            return input;
        }
    }
    return &study->inputs[one->inputs[0]];
}

static void on_done(void *user, const struct study *study, size_t series, size_t finished)
{
    struct console *console = user;
    const struct study_input *input = speaker(study, series);
    const char *colon = input->reason[0] ? ": " : "";
    console_say(console, "[%zu/%zu] %s: %s%s%s", finished, study->series_count,
                study->series[series].name, study_status_name(input->status), colon, input->reason);
    if (console->terminal && finished < study->series_count) {
        console_progress(console, "comparing", (double)finished / (double)study->series_count);
    }
}

static void on_message(void *user, const char *series, striae_level level, const char *text)
{
    console_message(user, series, level, text);
}

/* Which photos would be compared, and why the others would not. On stdout: it is what was asked
 * for. */
static void print_pairing(const struct study *study)
{
    for (size_t i = 0; i < study->series_count; i++) {
        const struct study_series *series = &study->series[i];
        printf("%s:", series->name);
        for (size_t k = 0; k < series->count; k++) {
            const struct study_input *input = &study->inputs[series->inputs[k]];
            printf("%s session %d %s", k > 0 ? "," : "", input->session, input->path);
        }
        printf("\n");
    }
    for (size_t i = 0; i < study->input_count; i++) {
        const struct study_input *input = &study->inputs[i];
        if (input->status != STUDY_PENDING) {
            printf("left out: %s: %s\n", input->path, input->reason);
        }
    }
}

static void print_json_text(const char *text)
{
    putchar('"');
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\') {
            printf("\\%c", *c);
        } else if (*c < 0x20) {
            printf("\\u%04x", *c);
        } else {
            putchar(*c);
        }
    }
    putchar('"');
}

/* The rows of inputs.csv as JSON. */
static void print_json(const struct study *study)
{
    printf("{\"schema\": \"striae-batch/1\", \"inputs\": [");
    for (size_t i = 0; i < study->input_count; i++) {
        const struct study_input *input = &study->inputs[i];
        printf("%s\n {\"path\": ", i > 0 ? "," : "");
        print_json_text(input->path);
        printf(", \"status\": \"%s\", \"reason\": ", study_status_name(input->status));
        print_json_text(input->reason);
        printf(", \"series\": ");
        if (input->series == STUDY_NO_SERIES) {
            printf("null");
        } else {
            print_json_text(study->series[input->series].name);
        }
        printf("}");
    }
    printf("\n]}\n");
}

static int outcome(const struct study *study)
{
    struct study_counts counts = study_count(study);
    if (counts.missed == 0) {
        return EXIT_DONE;
    }
    return counts.ok > 0 || counts.refused > 0 ? EXIT_SOME_FAILED : EXIT_ALL_FAILED;
}

static void print_counts(const struct study *study)
{
    struct study_counts counts = study_count(study);
    fprintf(stderr, "%zu found = %zu ok + %zu refused + %zu failed + %zu skipped\n", counts.found,
            counts.ok, counts.refused, counts.failed, counts.skipped);
}

static striae_status compare_all(struct study *study, const struct common *common, int jobs,
                                 struct console *console, striae_error *error)
{
    struct study_options options = {
        .jobs = jobs, .done = on_done, .message = on_message, .user = console};
    options_for_library(common, &options.striae);
    striae_status status = output_check_writable(common->output, error);
    if (status == STRIAE_OK) {
        status = study_check_output(study, common->output, common->force, error);
    }
    if (status == STRIAE_OK) {
        status = study_run(study, &options, common->output, error);
    }
    return status == STRIAE_OK ? study_write_tables(study, common->output, common->force, error)
                               : status;
}

static int batch(const char *folder, const struct common *common, int jobs, bool dry_run)
{
    struct console console;
    console_init(&console, common);
    striae_error error = {0};
    struct study study;
    if (common->repeatability &&
        striae_repeatability_check(common->repeatability, &error) != STRIAE_OK) {
        console_error(&console, "%s", error.message);
        return error.status == STRIAE_ERROR_FORMAT ? EXIT_USAGE : (int)exit_code_of(error.status);
    }
    striae_status status = study_scan(folder, common->output, &study, &error);
    if (status != STRIAE_OK) {
        console_error(&console, "%s", error.message);
        return (int)exit_code_of(status);
    }
    int code = EXIT_DONE;
    if (study_count(&study).photos == 0) {
        console_error(&console, "%s: there is no photo in it (JPEG or PNG)", folder);
        code = EXIT_NO_INPUT;
    } else if (!dry_run) {
        status = compare_all(&study, common, jobs, &console, &error);
        code = status == STRIAE_OK ? outcome(&study) : (int)exit_code_of(status);
        if (status != STRIAE_OK) {
            console_error(&console, "%s", error.message);
        }
    }
    console_done(&console);
    if (common->json && status == STRIAE_OK) {
        print_json(&study);
    } else if (dry_run) {
        print_pairing(&study);
    }
    if (status == STRIAE_OK && !dry_run) {
        print_counts(&study); /* whatever --quiet says: the last line is part of the result */
    }
    study_free(&study);
    return code;
}

static int run(const struct command *self, int argc, char **argv)
{
    int jobs = 1;
    bool dry_run = false;
    const struct option own[] = {
        {"jobs", 'j', OPTION_INTEGER, &jobs, "N", "comparisons at once (default 1)", 1, 64},
        {"dry-run", 'n', OPTION_FLAG, &dry_run, NULL,
         "only show what would be compared, and why a file is left out", 0, 0},
        {0}};
    struct common common;
    int count, code;
    if (!options_parse(self, own,
                       GROUP_OUTPUT | GROUP_PHOTOS | GROUP_THREADS | GROUP_SCALE | GROUP_VERDICT |
                           GROUP_FIND,
                       &common, argc, argv, &count, &code)) {
        return code;
    }
    if (count != 1) {
        return usage_error(self->name, "give one folder (%d given)", count);
    }
    if (!common.output && !dry_run) {
        return usage_error(self->name, "say where the results go: -o DIR");
    }
    return batch(argv[0], &common, jobs, dry_run);
}

const struct command command_batch = {
    "batch", "FOLDER -o DIR [OPTION...]", "Compare every pair or series of photos in a folder",
    "Photos are paired by name, in FOLDER and the folders below it:\n"
    "  sub-01_site-abdomen_side-L_ses-0.jpg with ..._ses-1.jpg, ..._ses-2.jpg\n"
    "  anna_before.jpg with anna_after.jpg; also pre/post, vorher/nachher, avant/apres,\n"
    "  antes/depois, t0/t1, in any case, before, after or within the name\n"
    "The baseline is the lowest session number in the folder. One bad photo never stops the rest:\n"
    "DIR/inputs.csv has a row for every file with its status and reason, DIR/long.csv every\n"
    "number, DIR/NAME the result of each pair. The last line on stderr counts the files. The exit\n"
    "code is 0 only when every photo was measured and compared; files that are no photos and not\n"
    "named like one do not count.",
    run};
