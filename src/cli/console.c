#include "cli/console.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BAR_WIDTH 30

void console_init(struct console *console, const struct common *common)
{
    const char *no_colour = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    bool dumb = term && strcmp(term, "dumb") == 0;
    *console = (struct console){.quiet = common->quiet, .verbose = common->verbose};
    console->terminal = !common->quiet && !dumb && isatty(STDERR_FILENO);
    console->colour = console->terminal && !(no_colour && no_colour[0]);
    console->percent = -1;
}

static void on_progress(void *user, const char *stage, double fraction)
{
    console_progress(user, stage, fraction);
}

static void on_message(void *user, striae_level level, const char *text)
{
    console_message(user, NULL, level, text);
}

void console_attach(struct console *console, striae_options *options)
{
    options->progress = on_progress;
    options->message = on_message;
    options->user = console;
}

void console_done(struct console *console)
{
    if (console->bar_shown) {
        fprintf(stderr, "\r%*s\r", BAR_WIDTH + 48, "");
        console->bar_shown = false;
        console->percent = -1;
    }
}

void console_say(struct console *console, const char *format, ...)
{
    if (console->quiet) {
        return;
    }
    console_done(console);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

void console_error(struct console *console, const char *format, ...)
{
    console_done(console);
    fputs(console->colour ? "\033[31mstriae:\033[0m " : "striae: ", stderr);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

void console_message(struct console *console, const char *prefix, striae_level level,
                     const char *text)
{
    if (console->quiet || (level == STRIAE_LEVEL_DETAIL && !console->verbose)) {
        return;
    }
    console_done(console);
    bool warning = level == STRIAE_LEVEL_WARNING;
    const char *mark = !warning ? "" : console->colour ? "\033[33mwarning:\033[0m " : "warning: ";
    fprintf(stderr, "%s%s%s%s\n", mark, prefix ? prefix : "", prefix ? ": " : "", text);
}

void console_progress(struct console *console, const char *stage, double fraction)
{
    if (console->quiet) {
        return;
    }
    if (!console->terminal) {
        if (strncmp(console->stage, stage, sizeof console->stage - 1) != 0) {
            snprintf(console->stage, sizeof console->stage, "%s", stage);
            fprintf(stderr, "%s ...\n", console->stage);
        }
        return;
    }
    int percent = (int)(100 * (fraction < 0 ? 0 : fraction > 1 ? 1 : fraction));
    if (percent == console->percent && strncmp(console->stage, stage, 40) == 0) {
        return;
    }
    snprintf(console->stage, sizeof console->stage, "%s", stage);
    console->percent = percent;
    console->bar_shown = true;
    char bar[BAR_WIDTH + 1];
    int filled = percent * BAR_WIDTH / 100;
    memset(bar, '#', (size_t)filled);
    memset(bar + filled, '.', (size_t)(BAR_WIDTH - filled));
    bar[BAR_WIDTH] = '\0';
    fprintf(stderr, "\r[%s] %3d %% %-36.36s", bar, percent, stage);
    fflush(stderr);
}
