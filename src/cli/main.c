/* striae: the command line. */
#include "cli/cli.h"
#include "cli/options.h"

#include <stdio.h>
#include <string.h>

static const struct command *const commands[] = {
    &command_compare, &command_measure, &command_batch,   &command_repeat,
    &command_map,     &command_card,    &command_phantom, &command_validate,
};
#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

enum exit_code exit_code_of(striae_status status)
{
    switch (status) {
    case STRIAE_OK:
        return EXIT_DONE;
    case STRIAE_ERROR_INTERNAL:
    case STRIAE_ERROR_MEMORY:
        return EXIT_INTERNAL;
    case STRIAE_ERROR_ARGUMENT:
        return EXIT_USAGE;
    case STRIAE_ERROR_NOT_FOUND:
        return EXIT_NO_INPUT;
    case STRIAE_ERROR_FORMAT:
    case STRIAE_ERROR_UNSUPPORTED:
    case STRIAE_ERROR_DAMAGED:
    case STRIAE_ERROR_TOO_LARGE:
        return EXIT_ALL_FAILED;
    case STRIAE_ERROR_OUTPUT:
        return EXIT_OUTPUT;
    }
    return EXIT_INTERNAL;
}

static void print_help(void)
{
    printf("Usage: striae COMMAND [OPTION...] [OPERAND...]\n\n"
           "Measures how stretch marks (striae distensae) change between photo sessions.\n"
           "What is measured is appearance; it is no diagnosis.\n\nCommands:\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
    }
    printf("\n'striae COMMAND --help' explains each. To begin:\n"
           "  striae compare before.jpg after.jpg --px-per-mm 10 -o result\n");
}

/* What was printed must have arrived: a full disk behind a pipe is an error too. */
static int finish(int code)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "striae: standard output cannot be written\n");
        return EXIT_OUTPUT;
    }
    return code;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        return usage_error("", "give a command");
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(argv[1], commands[i]->name) == 0) {
            return finish(commands[i]->run(commands[i], argc - 1, argv + 1));
        }
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        print_help();
        return finish(EXIT_DONE);
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("striae %s\n", striae_version());
        return finish(EXIT_DONE);
    }
    return argv[1][0] == '-'
               ? usage_error("", "%s: give the command first, options after it", argv[1])
               : usage_error("", "%s: no such command", argv[1]);
}
