/* measure/ alone: striae of known lines, on rendered photos lined up without error, so that what
 * finding and aligning get wrong cannot hide what measuring gets wrong.
 *
 * widths FOLDER [--pairs N] [--seed S] [--size WxH] [--threads N] [--scene NAME] [--rows FILE]
 *     renders into FOLDER/NAME-SSSSS what is not there yet, and measures it
 * scenes: clear (eight strong striae of 4 to 40 px; clear-null, clear-narrow), ideal (the same
 * without light, blur and noise), change (all skin types and kinds, 6 to 25 px/mm), null (same
 * skin, new photo), narrow (every stria 10 % narrower, 10 px/mm), fade60, fade30 (colour only),
 * soft1, soft2 (defocus of the later photo, px), cut (some striae in two pieces in one of the
 * photos) Exit code 1 when a bound given by --most-bias PX, --most-spread PX, --least-held PERCENT
 * or
 * --least-matched PERCENT is missed. */
#include "width_rows.h"

#include "base/threads.h"
#include "phantom/phantom.h"
#include "render_once.h"
#include "study/truth.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_SIZE 1024

struct settings {
    const char *folder, *scene, *rows;
    int pairs, width, height, threads;
    uint64_t seed;
    struct bounds bounds;
};

/* ---- scenes --------------------------------------------------------------------------------- */

static bool is(const struct settings *s, const char *scene)
{
    return strcmp(s->scene, scene) == 0;
}

static void choose(const struct settings *s, int index, struct phantom_options *o,
                   struct finding *finding)
{
    static const enum phantom_kind kinds[] = {PHANTOM_RUBRA, PHANTOM_ALBA, PHANTOM_DARK,
                                              PHANTOM_MIXED};
    struct rng rng;
    rng_seed(&rng, s->seed + (uint64_t)index, 78);
    phantom_options_default(o);
    *finding = (struct finding){.seed = s->seed + (uint64_t)index, .wobble = 0.5};
    o->seed = s->seed + (uint64_t)index;
    o->width = s->width;
    o->height = s->height;
    o->threads = s->threads;
    o->tone = 1 + index % 6;
    o->kind = kinds[(index + index / 6) % 4];
    o->px_per_mm =
        is(s, "narrow") || is(s, "clear-narrow") ? 10 : 6 * pow(25.0 / 6, rng_uniform(&rng));
    o->change = is(s, "change") || is(s, "cut");
    o->width_factor = is(s, "narrow") || is(s, "clear-narrow") ? 0.9 : 0;
    o->colour_factor = is(s, "fade60") ? 0.6 : is(s, "fade30") ? 0.3 : 0;
    o->defocus = is(s, "soft1") ? 1 : is(s, "soft2") ? 2 : -1;
    if (strncmp(s->scene, "clear", 5) == 0 || is(s, "ideal")) {
        o->ideal = is(s, "ideal");
        o->hardness = 0.3;
        o->contrast = rng_range(&rng, 1.5, 2.5);
        o->stria_count = 8;
        o->stria_width = 4 * pow(10, rng_uniform(&rng)) / o->px_per_mm;
        o->change = !is(s, "clear-null") && !is(s, "clear-narrow");
    }
    finding->cut = is(s, "cut") ? 0.3 : 0;
}

static striae_status take_pair(const struct settings *s, int index, struct table *table,
                               striae_error *error)
{
    char dir[PATH_SIZE];
    struct phantom_options options;
    struct finding finding;
    struct true_pair pair = {0};
    struct striae_result result = {0};
    choose(s, index, &options, &finding);
    snprintf(dir, sizeof dir, "%s/%s-%05d", s->folder, is(s, "cut") ? "change" : s->scene,
             (int)(s->seed + (uint64_t)index));
    striae_status status = render_once(dir, &options, error);
    json_t *truth = status == STRIAE_OK ? truth_load(dir, "truth.json", error) : NULL;
    if (!truth)
        return error->status;
    status = true_pair_read(dir, &options, &finding, s->threads, &pair, error);
    if (status == STRIAE_OK)
        status = true_pair_measure(&pair, s->threads, &result, error);
    if (status == STRIAE_OK)
        take_result(&pair, truth, index, &result, table);
    result_clear(&result);
    true_pair_free(&pair);
    json_decref(truth);
    return status;
}

int main(int argc, char **argv)
{
    struct settings s = {.pairs = 24, .width = 1200, .height = 900, .seed = 1, .scene = "change"};
    striae_error error = {0};
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "0";
        if (argv[i][0] != '-') {
            s.folder = argv[i];
            continue;
        }
        i++;
        if (strcmp(argv[i - 1], "--pairs") == 0)
            s.pairs = atoi(value);
        else if (strcmp(argv[i - 1], "--seed") == 0)
            s.seed = strtoull(value, NULL, 10);
        else if (strcmp(argv[i - 1], "--threads") == 0)
            s.threads = atoi(value);
        else if (strcmp(argv[i - 1], "--scene") == 0)
            s.scene = value;
        else if (strcmp(argv[i - 1], "--rows") == 0)
            s.rows = value;
        else if (strcmp(argv[i - 1], "--most-bias") == 0)
            s.bounds.most_bias = atof(value);
        else if (strcmp(argv[i - 1], "--most-spread") == 0)
            s.bounds.most_spread = atof(value);
        else if (strcmp(argv[i - 1], "--least-held") == 0)
            s.bounds.least_held = atof(value);
        else if (strcmp(argv[i - 1], "--least-matched") == 0)
            s.bounds.least_matched = atof(value);
        else if (strcmp(argv[i - 1], "--size") != 0 ||
                 sscanf(value, "%dx%d", &s.width, &s.height) != 2) {
            fprintf(stderr, "unknown option %s\n", argv[i - 1]);
            return 2;
        }
    }
    if (!s.folder) {
        fprintf(stderr, "say where the pairs are or go\n");
        return 2;
    }
    s.threads = threads_resolve(s.threads);
    struct table table = {0};
    for (int i = 0; i < s.pairs; i++)
        if (take_pair(&s, i, &table, &error) != STRIAE_OK) {
            fprintf(stderr, "%s\n", error.message);
            return 2;
        }
    if (s.rows && !write_rows(s.rows, &table)) {
        fprintf(stderr, "%s: cannot be written\n", s.rows);
        return 2;
    }
    bool kept = print_table(s.scene, &table, &s.bounds);
    free(table.rows);
    return kept ? 0 : 1;
}
