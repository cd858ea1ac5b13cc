/* What is said on stderr: messages, and progress as a bar on a terminal or as plain lines. */
#ifndef STRIAE_CLI_CONSOLE_H
#define STRIAE_CLI_CONSOLE_H

#include "cli/options.h"

struct console {
    bool quiet, verbose;
    bool terminal;  /* stderr is one: draw a bar */
    bool colour;    /* a terminal without NO_COLOR */
    bool bar_shown; /* the bar is on the current line */
    char stage[64]; /* last announced */
    int percent;    /* last drawn */
};

void console_init(struct console *console, const struct common *common);
/* Sets the callbacks of options. */
void console_attach(struct console *console, striae_options *options);

/* A line, unless --quiet. */
void console_say(struct console *console, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A line that begins with "striae: ", always. */
void console_error(struct console *console, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The library's messages: details with --verbose only. prefix may be NULL. */
void console_message(struct console *console, const char *prefix, striae_level level,
                     const char *text);
/* fraction 0..1 of all the work; plain lines say each stage once. */
void console_progress(struct console *console, const char *stage, double fraction);
/* Removes the bar. */
void console_done(struct console *console);

#endif
