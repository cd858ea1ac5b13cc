/* striae compare, striae measure */
#include "cli/console.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/summary.h"

#include <stdio.h>
#include <stdlib.h>

/* Any refused comparison makes it "some failed". */
static int outcome(const striae_result *result)
{
    for (size_t i = 1; i < striae_result_session_count(result); i++) {
        if (striae_result_refusal(result, i)) {
            return EXIT_SOME_FAILED;
        }
    }
    return EXIT_DONE;
}

static striae_status deliver(const striae_result *result, const struct common *common,
                             const striae_options *options, struct console *console,
                             striae_error *error)
{
    if (common->output) {
        striae_status status = striae_result_save(result, common->output, options, error);
        if (status != STRIAE_OK) {
            return status;
        }
    }
    if (common->json) {
        striae_status status = output_print(striae_result_json(result), error);
        if (status != STRIAE_OK) {
            return status;
        }
    }
    if (options->qc_only) {
        if (!common->json) {
            summary_print_checks(result);
        }
        return STRIAE_OK;
    }
    summary_print(console, result);
    if (common->output) {
        console_say(console, "Report: %s/report.html", common->output);
    }
    return STRIAE_OK;
}

/* The options of these two commands alone. */
struct own {
    const char *roi, *card_colours, *debug;
    double chart_pitch;
    bool qc_only;
};

static int compare(const char *const *paths, size_t count, const struct common *common,
                   const struct own *own)
{
    striae_options options;
    options_for_library(common, &options);
    options.roi = own->roi;
    options.card_colours = own->card_colours;
    options.chart_pitch = own->chart_pitch;
    options.debug = own->debug;
    options.qc_only = own->qc_only;
    struct console console;
    console_init(&console, common);
    console_attach(&console, &options);
    striae_error error = {0};
    striae_result *result = NULL;
    striae_status status = STRIAE_OK;
    if (common->repeatability) {
        status = striae_repeatability_check(common->repeatability, &error);
    }
    bool wrong_file = status == STRIAE_ERROR_FORMAT;
    if (status == STRIAE_OK && common->output) {
        status = output_check(common->output, "result.json", common->force, &error);
    }
    if (status == STRIAE_OK) {
        status = striae_compare(paths, count, &options, &result, &error);
    }
    if (status == STRIAE_OK) {
        status = deliver(result, common, &options, &console, &error);
    }
    int code = status == STRIAE_OK ? own->qc_only ? EXIT_DONE : outcome(result)
               : wrong_file ? EXIT_USAGE
                                   : (int)exit_code_of(status);
    if (status != STRIAE_OK) {
        console_error(&console, "%s", error.message);
    }
    console_done(&console);
    striae_result_free(&result);
    return code;
}

#define PHOTO_OPTIONS(own)                                                                         \
    {"roi",       0,                                                                               \
     OPTION_TEXT, &(own).roi,                                                                      \
     "FILE",      "look only here in the first photo: PNG mask, or polygon in JSON, [[x,y],...]",  \
     0,           0},                                                                              \
        {"debug",     0,                                                                           \
         OPTION_TEXT, &(own).debug,                                                                \
         "DIR",       "write a picture of each step of finding striae into DIR",                   \
         0,           0},                                                                          \
        {"chart-pitch",                                                                            \
         0,                                                                                        \
         OPTION_REAL,                                                                              \
         &(own).chart_pitch,                                                                       \
         "MM",                                                                                     \
         "mm from patch to patch of the colour chart of 24 patches: it gives the scale, too",      \
         0.5,                                                                                      \
         200},                                                                                     \
    {                                                                                              \
        "card-colours", 0, OPTION_TEXT, &(own).card_colours, "FILE",                               \
            "measured colours of the reference card: CSV as 'striae card -o card.csv' makes", 0, 0 \
    }

#define GROUPS (GROUP_OUTPUT | GROUP_PHOTOS | GROUP_THREADS | GROUP_SCALE | GROUP_FIND)

static int run_compare(const struct command *self, int argc, char **argv)
{
    struct common common;
    struct own own = {0};
    const struct option options[] = {PHOTO_OPTIONS(own), {0}};
    int count, code;
    if (!options_parse(self, options, GROUPS | GROUP_VERDICT, &common, argc, argv, &count, &code)) {
        return code;
    }
    if (count < 2) {
        return usage_error(self->name, "give at least two photos, the first one first");
    }
    if (!common.output && !common.json) {
        return usage_error(self->name, "say where the results go: -o DIR (or --json)");
    }
    if (common.scales.count > 1 && common.scales.count != (size_t)count) {
        return usage_error(self->name,
                           "--px-per-mm: %zu numbers for %d photos: give one number, "
                           "or one per photo",
                           common.scales.count, count);
    }
    return compare((const char *const *)argv, (size_t)count, &common, &own);
}

static int run_measure(const struct command *self, int argc, char **argv)
{
    struct common common;
    struct own own = {0};
    const struct option options[] = {
        PHOTO_OPTIONS(own),
        {"qc-only", 0, OPTION_FLAG, &own.qc_only, NULL,
         "only judge the photo, in about a second, so that it can be retaken", 0, 0},
        {0}};
    int count, code;
    if (!options_parse(self, options, GROUPS, &common, argc, argv, &count, &code)) {
        return code;
    }
    if (own.qc_only && common.output) {
        return usage_error(self->name, "--qc-only writes no files: leave out -o (or use --json)");
    }
    if (count != 1) {
        return usage_error(self->name, "give one photo (%d given)", count);
    }
    if (!common.output && !common.json && !own.qc_only) {
        return usage_error(self->name, "say where the results go: -o DIR (or --json)");
    }
    if (common.scales.count > 1) {
        return usage_error(self->name, "--px-per-mm: give one number for the one photo");
    }
    return compare((const char *const *)argv, 1, &common, &own);
}

const struct command command_compare = {
    "compare", "FIRST LATER... -o DIR [OPTION...]",
    "Measure and compare two or more photos of the same skin",
    "The first photo is the baseline; every later one is lined up and compared with it. DIR gets\n"
    "report.html to look at, result.json with every number, and masks, labels and overlays.\n"
    "Without a scale (--px-per-mm or --ruler) all lengths are in pixels of the photo.",
    run_compare};

const struct command command_measure = {
    "measure", "PHOTO -o DIR [OPTION...]", "Measure the striae in one photo",
    "DIR gets report.html to look at, result.json with every number, mask, labels and overlay.\n"
    "With --qc-only nothing is measured or written: a line for every check of the photo on stdout.",
    run_measure};
