/* striae repeat */
#include "cli/console.h"
#include "cli/options.h"
#include "cli/output.h"

#include "report/report.h"
#include "study/study.h"

#include <stdio.h>
#include <stdlib.h>

static void on_done(void *user, const struct repeat *repeat, size_t target)
{
    struct console *console = user;
    const struct repeat_target *one = &repeat->targets[target];
    console_say(console, "[%zu/%zu] %s: %zu of %zu photos", target + 1, repeat->target_count,
                one->name, one->measured, one->count);
    for (size_t i = 0; i < one->count; i++) {
        const struct repeat_photo *photo = &repeat->photos[one->photos[i]];
        if (photo->status != REPEAT_OK) {
            console_say(console, "  %s: %s", photo->photo, photo->reason);
        }
    }
    if (console->terminal && target + 1 < repeat->target_count) {
        console_progress(console, "measuring", (double)(target + 1) / (double)repeat->target_count);
    }
}

static void say_metrics(struct console *console, const struct repeat *repeat)
{
    for (size_t m = 0; m < REPEAT_METRICS; m++) {
        const struct repeat_metric *metric = &repeat->metric[m];
        if (metric->mdc95.reason) {
            console_say(console, "  %-12s not measurable: %s", metric->name, metric->mdc95.reason);
        } else {
            console_say(console, "  %-12s SEM %.3g, MDC95 %.3g %s (%.3g to %.3g)", metric->name,
                        metric->sem.value, metric->mdc95.value, metric->unit, metric->mdc95.low,
                        metric->mdc95.high);
        }
    }
}

static striae_status deliver(const struct repeat *repeat, const struct common *common,
                             striae_error *error)
{
    striae_status status = STRIAE_OK;
    if (common->output) {
        char *html;
        size_t size;
        status = report_repeat(repeat, &html, &size, error);
        if (status == STRIAE_OK) {
            status = repeat_save(repeat, html, size, common->output, common->force, error);
        }
        free(html);
    }
    if (status == STRIAE_OK && common->json) {
        status = output_print(repeat_json(repeat), error);
    }
    return status;
}

static int outcome(const struct repeat *repeat)
{
    size_t ok = repeat_count(repeat, REPEAT_OK);
    return ok == repeat->photo_count ? EXIT_DONE : ok > 0 ? EXIT_SOME_FAILED : EXIT_ALL_FAILED;
}

static int measure(const char *manifest, bool by_session, const struct common *common)
{
    struct console console;
    struct repeat repeat = {0};
    struct repeat_options options = {.done = on_done, .user = &console};
    striae_error error = {0};
    console_init(&console, common);
    options_for_library(common, &options.striae);
    striae_status status = repeat_read(manifest, by_session, &repeat, &error);
    if (status == STRIAE_OK && common->output) {
        status = output_check_writable(common->output, &error);
    }
    if (status == STRIAE_OK && common->output) {
        status = repeat_check_output(common->output, common->force, &error);
    }
    if (status == STRIAE_OK) {
        status = repeat_measure(&repeat, &options, &error);
    }
    if (status == STRIAE_OK) {
        status = deliver(&repeat, common, &error);
    }
    int code = status == STRIAE_OK ? outcome(&repeat) : (int)exit_code_of(status);
    if (status != STRIAE_OK) {
        console_error(&console, "%s", error.message);
    } else {
        say_metrics(&console, &repeat);
        if (common->output) {
            console_say(&console, "Report: %s/report.html", common->output);
        }
        console_done(&console);
        fprintf(stderr, "%zu found = %zu ok + %zu refused + %zu failed + %zu skipped\n",
                repeat.photo_count, repeat_count(&repeat, REPEAT_OK),
                repeat_count(&repeat, REPEAT_REFUSED), repeat_count(&repeat, REPEAT_FAILED),
                repeat_count(&repeat, REPEAT_SKIPPED));
    }
    repeat_free(&repeat);
    return code;
}

static int run(const struct command *self, int argc, char **argv)
{
    bool by_session = false;
    const struct option own[] = {
        {"by-session", 0, OPTION_FLAG, &by_session, NULL,
         "only photos of the same session are repeats: the skin changed between sessions", 0, 0},
        {0}};
    struct common common;
    int count, code;
    if (!options_parse(self, own,
                       GROUP_OUTPUT | GROUP_PHOTOS | GROUP_THREADS | GROUP_SCALE | GROUP_FIND,
                       &common, argc, argv, &count, &code)) {
        return code;
    }
    if (count != 1) {
        return usage_error(self->name, "give one manifest (%d given)", count);
    }
    if (!common.output && !common.json) {
        return usage_error(self->name, "say where the results go: -o DIR (or --json)");
    }
    if (common.scales.count > 1) {
        return usage_error(self->name, "--px-per-mm: give one number; for more, the manifest has a "
                                       "column px_per_mm");
    }
    return measure(argv[0], by_session, &common);
}

const struct command command_repeat = {
    "repeat", "MANIFEST.csv -o DIR [OPTION...]",
    "Measure how much the numbers of unchanged skin differ from photo to photo",
    "The manifest is a table (CSV, UTF-8) with the columns subject and photo, and perhaps site,\n"
    "side, session, px_per_mm, ruler. Photos of the same subject, site and side show the same\n"
    "unchanged skin. DIR gets report.html with Bland-Altman plots, repeat.csv, photos.csv, and\n"
    "repeat.json, whose limits 'striae compare --repeatability' uses for its verdicts.",
    run};
