/* The commands of the command line. */
#ifndef STRIAE_CLI_CLI_H
#define STRIAE_CLI_CLI_H

#include "striae.h"

/* Exit codes, as documented in the manual page. */
enum exit_code {
    EXIT_DONE = 0,
    EXIT_INTERNAL = 1,
    EXIT_USAGE = 2,
    EXIT_NO_INPUT = 3,
    EXIT_SOME_FAILED = 4,
    EXIT_ALL_FAILED = 5,
    EXIT_OUTPUT = 6,
};

/* What a failure of the library means for a command that needed all of it. */
enum exit_code exit_code_of(striae_status status);

struct command {
    const char *name;
    const char *operands; /* as in the usage line */
    const char *summary;  /* one line for the list of commands */
    const char *details;  /* for the command's own --help; may be NULL */
    /* argv[0] is the command's name. Returns an exit code. */
    int (*run)(const struct command *self, int argc, char **argv);
};

extern const struct command command_compare, command_measure, command_batch, command_repeat,
    command_map, command_card, command_phantom, command_validate;

#endif
