/* striae map */
#include "cli/console.h"
#include "cli/numbers.h"
#include "cli/options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS      " \t\r\n"
#define FARTHEST    1e9
#define MOST_PHOTOS 10000

/* Reads "x y" out of a line, which is cut up. */
static bool read_point(char *line, double *x, double *y)
{
    char *rest = NULL;
    const char *first = strtok_r(line, BLANKS, &rest);
    const char *second = strtok_r(NULL, BLANKS, &rest);
    return first && second && !strtok_r(NULL, BLANKS, &rest) &&
           number_real(first, -FARTHEST, FARTHEST, x) &&
           number_real(second, -FARTHEST, FARTHEST, y);
}

/* Maps every line of stdin; the first one that is no point ends it. */
static int map_lines(const striae_map *map, struct console *console)
{
    char *line = NULL;
    size_t capacity = 0;
    int code = EXIT_DONE;
    for (size_t number = 1; getline(&line, &capacity, stdin) >= 0; number++) {
        double x, y, u, v;
        if (!read_point(line, &x, &y)) {
            console_error(console, "line %zu: give two numbers, x and y", number);
            code = EXIT_USAGE;
            break;
        }
        if (striae_map_point(map, x, y, &u, &v)) {
            /* + 0.0 turns -0.000 into 0.000 */
            printf("%.3f %.3f\n", round(u * 1000) / 1000 + 0.0, round(v * 1000) / 1000 + 0.0);
        } else {
            printf("nan nan\n");
        }
    }
    free(line);
    return code;
}

static int run(const struct command *self, int argc, char **argv)
{
    int from = -1, to = -1;
    const struct option own[] = {
        {"from", 0, OPTION_INTEGER, &from, "I", "photo that the points are in; 0 is the first", 0,
         MOST_PHOTOS},
        {"to", 0, OPTION_INTEGER, &to, "J", "photo to find them in", 0, MOST_PHOTOS},
        {0}};
    struct common common;
    int count, code;
    if (!options_parse(self, own, 0, &common, argc, argv, &count, &code)) {
        return code;
    }
    if (count != 1) {
        return usage_error(self->name, "give one result.json (%d given)", count);
    }
    if (from < 0 || to < 0) {
        return usage_error(self->name, "say which photos: --from I --to J");
    }
    struct console console;
    console_init(&console, &common);
    striae_error error = {0};
    striae_map *map = NULL;
    striae_status status = striae_map_open(argv[0], (size_t)from, (size_t)to, &map, &error);
    if (status != STRIAE_OK) {
        console_error(&console, "%s", error.message);
        return (int)exit_code_of(status);
    }
    code = map_lines(map, &console);
    striae_map_free(&map);
    return code;
}

const struct command command_map = {
    "map", "RESULT.json --from I --to J < POINTS", "Find points of one photo in another",
    "Reads lines \"x y\" (pixels of photo I; the centre of its top-left pixel is 0 0) and prints "
    "for\n"
    "each the same skin in photo J, or \"nan nan\" where that is not in view or not sure. A line\n"
    "that is no point ends the command with exit code 2 and its number.",
    run};
