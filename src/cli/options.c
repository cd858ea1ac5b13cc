#include "cli/options.h"

#include "cli/numbers.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int usage_error(const char *command, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "striae: ");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\nTry 'striae %s%s--help'.\n", command, command[0] ? " " : "");
    va_end(arguments);
    return EXIT_USAGE;
}

/* ---- the tables ----------------------------------------------------------------------------- */

#define MOST_OPTIONS 48

struct table {
    size_t count;
    struct option options[MOST_OPTIONS];
};

static void add_options(struct table *table, const struct option *options)
{
    for (; options && options->name && table->count < MOST_OPTIONS; options++) {
        table->options[table->count++] = *options;
    }
}

static void build_table(const struct option *own, int groups, struct common *common, bool *help,
                        bool *version, struct table *table)
{
    const struct option output[] = {
        {"output", 'o', OPTION_TEXT, &common->output, "DIR", "write the results into DIR", 0, 0},
        {"force", 0, OPTION_FLAG, &common->force, NULL, "replace results that are there already", 0,
         0},
        {0}};
    const struct option scale[] = {
        {"px-per-mm", 0, OPTION_SCALES, &common->scales, "N[,N...]",
         "scale of the first photo in pixels per mm, or one number per photo", 0.1, 1000},
        {"ruler", 0, OPTION_RULER, &common->ruler, "X1,Y1,X2,Y2,MM",
         "scale from two points of the first photo (pixels) that are MM apart", 0, 0},
        {0}};
    const struct option verdict[] = {
        {"repeatability", 0, OPTION_TEXT, &common->repeatability, "FILE",
         "verdicts by the minimal detectable changes in this repeat.json", 0, 0},
        {0}};
    const struct option find[] = {{"sensitivity", 0, OPTION_CHOICE, &common->sensitivity,
                                   "low|normal|high",
                                   "how readily a mark is called a stria (default normal)", 0, 0},
                                  {0}};
    const struct option photos[] = {{"accept-damaged", 0, OPTION_FLAG, &common->accept_damaged,
                                     NULL, "read photos whose file is damaged as far as it goes", 0,
                                     0},
                                    {"max-pixels", 0, OPTION_REAL, &common->max_pixels, "N",
                                     "refuse photos with more pixels (default 1e8)", 1, 4e9},
                                    {0}};
    const struct option threads[] = {{"threads", 0, OPTION_INTEGER, &common->threads, "N",
                                      "worker threads, 0 = one per processor (default)", 0, 64},
                                     {0}};
    const struct option all[] = {
        {"json", 0, OPTION_FLAG, &common->json, NULL, "print the result as JSON on stdout", 0, 0},
        {"quiet", 'q', OPTION_FLAG, &common->quiet, NULL, "say nothing but errors", 0, 0},
        {"verbose", 'v', OPTION_FLAG, &common->verbose, NULL, "say more, with the time of stages",
         0, 0},
        {"help", 'h', OPTION_FLAG, help, NULL, "show this help", 0, 0},
        {"version", 0, OPTION_FLAG, version, NULL, "show the version", 0, 0},
        {0}};
    table->count = 0;
    add_options(table, groups & GROUP_OUTPUT ? output : NULL);
    add_options(table, own);
    add_options(table, groups & GROUP_SCALE ? scale : NULL);
    add_options(table, groups & GROUP_VERDICT ? verdict : NULL);
    add_options(table, groups & GROUP_FIND ? find : NULL);
    add_options(table, groups & GROUP_PHOTOS ? photos : NULL);
    add_options(table, groups & GROUP_THREADS ? threads : NULL);
    add_options(table, all);
}

static void print_help(const struct command *command, const struct table *table)
{
    printf("Usage: striae %s %s\n\n%s.\n", command->name, command->operands, command->summary);
    if (command->details) {
        printf("\n%s\n", command->details);
    }
    printf("\nOptions:\n");
    for (size_t i = 0; i < table->count; i++) {
        const struct option *option = &table->options[i];
        char left[96];
        char letter[8] = "    ";
        if (option->letter) {
            snprintf(letter, sizeof letter, "-%c, ", option->letter);
        }
        snprintf(left, sizeof left, "%s--%s%s%s", letter, option->name, option->value ? " " : "",
                 option->value ? option->value : "");
        if (strlen(left) > 28) {
            printf("  %s\n  %-28s  %s\n", left, "", option->help);
        } else {
            printf("  %-28s  %s\n", left, option->help);
        }
    }
    printf("\nExit codes: 0 done; 1 internal error; 2 wrong usage; 3 no input found; 4 some inputs "
           "failed\nor were refused; 5 all failed; 6 output not writable.\n");
}

/* ---- values --------------------------------------------------------------------------------- */

static bool read_choice(const char *choices, const char *text, int *out)
{
    size_t length = strlen(text);
    int index = 0;
    for (const char *at = choices;; at++, index++) {
        size_t size = strcspn(at, "|");
        if (size == length && strncmp(at, text, size) == 0) {
            *out = index;
            return true;
        }
        at += size;
        if (*at == '\0') {
            return false;
        }
    }
}

static bool read_ruler(const char *text, struct ruler *ruler)
{
    size_t count;
    double n[5];
    if (!number_list(text, -1e6, 1e6, 5, n, &count) || count != 5 || n[4] <= 0 ||
        (n[0] == n[2] && n[1] == n[3])) {
        return false;
    }
    ruler->given = true;
    memcpy(ruler->numbers, n, sizeof n);
    return true;
}

static bool read_value(const struct option *option, const char *text)
{
    switch (option->kind) {
    case OPTION_FLAG:
        *(bool *)option->target = true;
        return true;
    case OPTION_TEXT:
        *(const char **)option->target = text;
        return text[0] != '\0';
    case OPTION_INTEGER:
        return number_integer(text, (int)option->low, (int)option->high, option->target);
    case OPTION_REAL:
        return number_real(text, option->low, option->high, option->target);
    case OPTION_SEED:
        return number_seed(text, option->target);
    case OPTION_CHOICE:
        return read_choice(option->value, text, option->target);
    case OPTION_SCALES: {
        struct scales *scales = option->target;
        return number_list(text, option->low, option->high, MOST_SCALES, scales->px_per_mm,
                           &scales->count);
    }
    case OPTION_RULER:
        return read_ruler(text, option->target);
    }
    return false;
}

static int value_error(const struct command *command, const struct option *option, const char *text)
{
    switch (option->kind) {
    case OPTION_INTEGER:
        return usage_error(command->name, "--%s %s: give a whole number from %.0f to %.0f",
                           option->name, text, option->low, option->high);
    case OPTION_REAL:
    case OPTION_SCALES:
        return usage_error(command->name, "--%s %s: give %s from %g to %g", option->name, text,
                           option->kind == OPTION_REAL ? "a number" : "numbers joined by ','",
                           option->low, option->high);
    case OPTION_SEED:
        return usage_error(command->name, "--%s %s: give a whole number from 0 to %llu",
                           option->name, text, (unsigned long long)UINT64_MAX);
    case OPTION_RULER:
        return usage_error(command->name,
                           "--%s %s: give five numbers joined by ',': two different points in "
                           "pixels and their distance in mm",
                           option->name, text);
    case OPTION_CHOICE:
        return usage_error(command->name, "--%s %s: give one of %s", option->name, text,
                           option->value);
    case OPTION_FLAG:
    case OPTION_TEXT:
        break;
    }
    return usage_error(command->name, "--%s: the value is empty", option->name);
}

/* ---- the command line ----------------------------------------------------------------------- */

/* The option that word names ("--name", "--name=value", "-x", "-xVALUE"); *attached = the value
 * inside the word, or NULL. */
static const struct option *find_option(const struct table *table, const char *word,
                                        const char **attached)
{
    *attached = NULL;
    bool is_long = word[1] == '-';
    const char *equals = is_long ? strchr(word, '=') : NULL;
    size_t length = equals ? (size_t)(equals - word) : strlen(word);
    for (size_t i = 0; i < table->count; i++) {
        const struct option *option = &table->options[i];
        if (is_long && strlen(option->name) == length - 2 &&
            strncmp(option->name, word + 2, length - 2) == 0) {
            *attached = equals ? equals + 1 : NULL;
            return option;
        }
        if (!is_long && option->letter == word[1]) {
            *attached = word[2] ? word + 2 : NULL;
            return option;
        }
    }
    return NULL;
}

/* One option at argv[*at]; moves *at over its value. 0 = go on, else an exit code. */
static int take_option(const struct command *command, const struct table *table, int argc,
                       char **argv, int *at)
{
    const char *word = argv[*at];
    const char *value;
    const struct option *option = find_option(table, word, &value);
    if (!option) {
        return usage_error(command->name, "%s: no such option", word);
    }
    if (option->kind == OPTION_FLAG) {
        if (value) {
            return usage_error(command->name, "%s: --%s takes no value", word, option->name);
        }
        value = "";
    } else if (!value) {
        if (*at + 1 == argc) {
            return usage_error(command->name, "--%s: give it a value: %s", option->name,
                               option->value);
        }
        value = argv[++*at];
    }
    return read_value(option, value) ? 0 : value_error(command, option, value);
}

bool options_parse(const struct command *command, const struct option *own, int groups,
                   struct common *common, int argc, char **argv, int *count, int *code)
{
    *common = (struct common){.max_pixels = 100e6, .sensitivity = STRIAE_SENSITIVITY_NORMAL};
    bool help = false, version = false, only_operands = false;
    struct table table;
    build_table(own, groups, common, &help, &version, &table);
    *count = 0;
    for (int i = 1; i < argc; i++) {
        if (only_operands || argv[i][0] != '-' || argv[i][1] == '\0') {
            argv[(*count)++] = argv[i];
        } else if (strcmp(argv[i], "--") == 0) {
            only_operands = true;
        } else if ((*code = take_option(command, &table, argc, argv, &i)) != 0) {
            return false;
        }
    }
    *code = EXIT_DONE;
    if (help) {
        print_help(command, &table);
        return false;
    }
    if (version) {
        printf("striae %s\n", striae_version());
        return false;
    }
    if (common->scales.count > 0 && common->ruler.given) {
        *code = usage_error(command->name, "--ruler and --px-per-mm both give the scale: use one");
        return false;
    }
    return true;
}

void options_for_library(const struct common *common, striae_options *options)
{
    striae_options_default(options);
    options->px_per_mm = common->scales.count > 0 ? common->scales.px_per_mm : NULL;
    options->px_per_mm_count = common->scales.count;
    options->has_ruler = common->ruler.given;
    memcpy(options->ruler, common->ruler.numbers, sizeof options->ruler);
    options->repeatability = common->repeatability;
    options->sensitivity = (striae_sensitivity)common->sensitivity;
    options->threads = common->threads;
    options->max_pixels = common->max_pixels;
    options->accept_damaged = common->accept_damaged;
    options->overwrite = common->force;
}
