/* striae phantom */
#include "cli/console.h"
#include "cli/options.h"
#include "cli/output.h"

#include "phantom/phantom.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_PAIRS 10000

static int render(const struct phantom_options *phantom, int count, const struct common *common)
{
    struct console console;
    console_init(&console, common);
    striae_error error = {0};
    striae_status status = output_check_writable(common->output, &error);
    for (int i = 0; i < count && status == STRIAE_OK; i++) {
        struct phantom_options one = *phantom;
        one.seed += (uint64_t)i;
        char name[16];
        snprintf(name, sizeof name, "p%04d", i);
        char *folder = count > 1 ? output_path(common->output, name) : strdup(common->output);
        if (!folder) {
            status = output_no_memory(&error);
            break;
        }
        char stage[64];
        snprintf(stage, sizeof stage, "rendering pair %d of %d", i + 1, count);
        console_progress(&console, stage, (double)i / count);
        status = output_check(folder, "truth.json", common->force, &error);
        if (status == STRIAE_OK) {
            status = phantom_write(&one, folder, common->force, &error);
        }
        if (status == STRIAE_OK && common->json) {
            printf("%s{\"folder\": \"%s\", \"seed\": %llu}%s", i == 0 ? "[" : " ",
                   count > 1 ? name : ".", (unsigned long long)one.seed,
                   i + 1 == count ? "]\n" : ",\n");
        }
        free(folder);
    }
    console_done(&console);
    if (status != STRIAE_OK) {
        console_error(&console, "%s", error.message);
    }
    return (int)exit_code_of(status);
}

static int run(const struct command *self, int argc, char **argv)
{
    struct phantom_options phantom;
    phantom_options_default(&phantom);
    phantom.seed = 1;
    int kind = (int)phantom.kind, count = 1;
    bool null_pair = false, still = false;
    const struct option own[] = {
        {"seed", 0, OPTION_SEED, &phantom.seed, "S",
         "what to render: the same seed, the same pair (default 1)", 0, 0},
        {"count", 0, OPTION_INTEGER, &count, "N",
         "N pairs, from seed S on, in DIR/p0000, DIR/p0001, ...", 1, MOST_PAIRS},
        {"width", 0, OPTION_INTEGER, &phantom.width, "PX", "of the photos (default 1800)", 64,
         20000},
        {"height", 0, OPTION_INTEGER, &phantom.height, "PX", "of the photos (default 1350)", 64,
         20000},
        {"px-per-mm", 0, OPTION_REAL, &phantom.px_per_mm, "N", "scale (default 10)", 0.5, 200},
        {"tone", 0, OPTION_INTEGER, &phantom.tone, "1..6",
         "skin type, from very light to very dark (default by seed)", 1, 6},
        {"kind", 0, OPTION_CHOICE, &kind, "any|rubra|alba|dark|mixed",
         "kind of the striae (default any)", 0, 0},
        {"striae", 0, OPTION_INTEGER, &phantom.stria_count, "N",
         "how many, 0 = skin without any (default by seed)", 0, 200},
        {"hardness", 0, OPTION_REAL, &phantom.hardness, "X",
         "0 = plain skin, 0.5 = as usual, 1 = everything that makes it hard", 0, 1},
        {"jpeg-quality", 0, OPTION_INTEGER, &phantom.jpeg_quality, "Q",
         "of both photos (default by seed)", 1, 100},
        {"null", 0, OPTION_FLAG, &null_pair, NULL, "the same skin photographed again: no change", 0,
         0},
        {"still", 0, OPTION_FLAG, &still, NULL, "no elastic deformation of the skin", 0, 0},
        {"pose", 0, OPTION_REAL, &phantom.pose, "X",
         "how far the camera moves: 0 = not at all, 1 = as usual", 0, 3},
        {"light", 0, OPTION_REAL, &phantom.light, "X",
         "how much lamp and white balance change: 0 = not at all, 1 = as usual", 0, 3},
        {"turn", 0, OPTION_REAL, &phantom.turn, "DEGREES", "turn the later photo", -180, 180},
        {"zoom", 0, OPTION_REAL, &phantom.zoom, "F", "later pixels per first pixel (default 1)",
         0.2, 5},
        {"shift-x", 0, OPTION_REAL, &phantom.shift_x, "S",
         "move the later camera, in widths of the first photo", -1, 1},
        {"shift-y", 0, OPTION_REAL, &phantom.shift_y, "S", "the same, in heights", -1, 1},
        {"stretch", 0, OPTION_REAL, &phantom.stretch, "S",
         "stretch the later session's skin evenly by this share", -0.3, 0.3},
        {"width-factor", 0, OPTION_REAL, &phantom.width_factor, "F",
         "change of every stria's width (default by seed)", 0.01, 10},
        {"colour-factor", 0, OPTION_REAL, &phantom.colour_factor, "F",
         "change of every stria's colour (default by seed)", 0.01, 10},
        {"marks", 0, OPTION_INTEGER, &phantom.marks, "N",
         "new dark marks in the later photo (default by seed)", 0, 30},
        {"reddened", 0, OPTION_INTEGER, &phantom.reddened, "N",
         "striae with redder skin beside them in the later photo (default by seed)", 0, 400},
        {"card", 0, OPTION_FLAG, &phantom.card, NULL,
         "the reference card lies on the skin, in another place each time", 0, 0},
        {"tilt", 0, OPTION_REAL, &phantom.tilt, "DEGREES", "both cameras look at the skin askew", 0,
         60},
        {"tilt-toward", 0, OPTION_REAL, &phantom.tilt_toward, "DEGREES",
         "direction of --tilt (default 0: from below)", -360, 360},
        {"cast", 0, OPTION_REAL, &phantom.cast, "X",
         "how far white balances are off and the cameras' colours differ (default 0)", 0, 0.5},
        {"radius", 0, OPTION_REAL, &phantom.radius, "MM",
         "of the body's curve in both photos (default by seed)", 20, 1e6},
        {"defocus", 0, OPTION_REAL, &phantom.defocus, "PX",
         "blur added to the later photo, sigma (default by seed)", 0, 20},
        {"motion", 0, OPTION_REAL, &phantom.faults.motion, "PX",
         "the later camera moves while it takes the photo", 0, 60},
        {"exposure", 0, OPTION_REAL, &phantom.faults.exposure, "STOPS",
         "more light in the later photo, < 0 = less", -6, 6},
        {"shine", 0, OPTION_REAL, &phantom.faults.shine, "X",
         "oily skin under a flash in the later photo: 0 = not, 1 = as can be", 0, 1},
        {"shade", 0, OPTION_REAL, &phantom.faults.shade, "SHARE",
         "skin in deep shade in the later photo", 0, 1},
        {"flush", 0, OPTION_REAL, &phantom.faults.flush, "SHARE",
         "skin that is red in the later photo, as after rubbing", 0, 1},
        {"hair", 0, OPTION_REAL, &phantom.faults.hair, "N",
         "long dark hairs per cm2 in the later photo", 0, 20},
        {"cover", 0, OPTION_REAL, &phantom.faults.cover, "SHARE",
         "skin under clothes in the later photo", 0, 0.95},
        {"askew", 0, OPTION_REAL, &phantom.faults.askew, "DEGREES",
         "the later camera looks at the skin from another side", -60, 60},
        {0}};
    struct common common;
    int operands, code;
    if (!options_parse(self, own, GROUP_OUTPUT | GROUP_THREADS, &common, argc, argv, &operands,
                       &code)) {
        return code;
    }
    if (operands > 0) {
        return usage_error(self->name, "%s: takes options only", argv[0]);
    }
    if (!common.output) {
        return usage_error(self->name, "say where the pair goes: -o DIR");
    }
    phantom.kind = (enum phantom_kind)kind;
    phantom.change = phantom.change && !null_pair;
    phantom.deform = phantom.deform && !still;
    phantom.threads = common.threads;
    return render(&phantom, count, &common);
}

const struct command command_phantom = {
    "phantom", "-o DIR --seed S [OPTION...]",
    "Render a before/after pair of skin with striae, with its exact truth",
    "DIR gets before.jpg, after.jpg, masks, ids and truth.json (widths, lengths, areas, colours,\n"
    "and which points of the two photos are the same skin).",
    run};
