/* striae card */
#include "cli/console.h"
#include "cli/options.h"

static int run_card(const struct command *self, int argc, char **argv)
{
    const char *output = NULL, *batch = NULL;
    bool force = false;
    const struct option own[] = {
        {"output", 'o', OPTION_TEXT, &output, "FILE",
         "card.pdf to print, .svg or .png, or .csv with its colours", 0, 0},
        {"batch", 0, OPTION_TEXT, &batch, "NAME",
         "name of this batch of prints, on the card (default 1)", 0, 0},
        {"force", 0, OPTION_FLAG, &force, NULL, "replace a file that is there already", 0, 0},
        {0}};
    struct common common;
    int operands, code;
    if (!options_parse(self, own, 0, &common, argc, argv, &operands, &code)) {
        return code;
    }
    if (operands > 0) {
        return usage_error(self->name, "%s: takes options only", argv[0]);
    }
    if (!output) {
        return usage_error(self->name, "say where the card goes: -o card.pdf");
    }
    struct console console;
    striae_error error = {0};
    console_init(&console, &common);
    striae_status status = striae_card_save(output, batch, force, &error);
    if (status != STRIAE_OK) {
        console_error(&console, "%s", error.message);
    } else {
        console_say(&console,
                    "%s: print it at 100 %% on matt white paper, check the 50 mm line, cut it out",
                    output);
    }
    console_done(&console);
    return status == STRIAE_OK ? EXIT_DONE : (int)exit_code_of(status);
}

const struct command command_card = {
    "card", "-o card.pdf [OPTION...]", "Make the reference card to print",
    "The card is as large as a bank card (85.60 x 53.98 mm). Lay it on the skin beside the striae, "
    "in the\n"
    "same plane, all of it in view: it gives the scale, the tilt and the colours of the photo.",
    run_card};
