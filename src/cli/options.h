/* The options of a command as a table: parsed, checked and explained from the same place. */
#ifndef STRIAE_CLI_OPTIONS_H
#define STRIAE_CLI_OPTIONS_H

#include "cli/cli.h"

#define MOST_SCALES 256

enum option_kind {
    OPTION_FLAG,    /* bool * */
    OPTION_TEXT,    /* const char ** */
    OPTION_INTEGER, /* int *, low..high */
    OPTION_REAL,    /* double *, low..high */
    OPTION_SEED,    /* uint64_t * */
    OPTION_CHOICE,  /* int *: the index among value, "a|b|c" */
    OPTION_SCALES,  /* struct scales *: numbers joined by ',' */
    OPTION_RULER,   /* struct ruler *: X1,Y1,X2,Y2,MM */
};

struct option {
    const char *name; /* without dashes; NULL ends the table */
    char letter;      /* 0 = none */
    enum option_kind kind;
    void *target;
    const char *value; /* what stands for the value in --help; NULL for flags */
    const char *help;
    double low, high;
};

struct scales {
    size_t count;
    double px_per_mm[MOST_SCALES];
};

struct ruler {
    bool given;
    double numbers[5];
};

/* The options that several commands share. */
struct common {
    bool json, quiet, verbose; /* all commands */
    const char *output;        /* -o */
    bool force;                /* with -o */
    bool accept_damaged;       /* commands that read photos */
    int threads;               /* commands that compute */
    double max_pixels;
    struct scales scales;
    struct ruler ruler;
    const char *repeatability; /* commands that give verdicts */
    int sensitivity;           /* commands that look for striae: enum striae_sensitivity */
};

enum option_group {
    GROUP_OUTPUT = 1, /* -o, --force */
    GROUP_PHOTOS = 2, /* --accept-damaged, --max-pixels */
    GROUP_THREADS = 4,
    GROUP_SCALE = 8,    /* --px-per-mm, --ruler */
    GROUP_VERDICT = 16, /* --repeatability */
    GROUP_FIND = 32,    /* --sensitivity */
};

/* Parses argv[1..]: options before, between or after operands, "--" ends the options. own: the
 * command's own table (may be NULL). Moves the operands, in order, to argv[0..*count-1].
 * Returns false when the command ends here, with *code: help or version was asked for, or the usage
 * is wrong and has been explained on stderr. */
bool options_parse(const struct command *command, const struct option *own, int groups,
                   struct common *common, int argc, char **argv, int *count, int *code);

/* Says on stderr what is wrong with the usage; returns EXIT_USAGE. */
int usage_error(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The options for the library; borrows from common. */
void options_for_library(const struct common *common, striae_options *options);

#endif
