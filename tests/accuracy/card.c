/* The reference card in rendered photos of skin: lying anywhere, turned anyhow, seen at up to 40
 * degrees, 4 to 25 px per mm, with the photo's blur, noise and JPEG, white balance off by up to
 * 20 % and filters that differ from camera to camera.
 *
 * card [--pairs N] [--seed S] [--most-px-per-mm X] [--threads N] [--verbose]
 *     pose and colours of the card in both photos of each pair, and what the skin makes of it
 * Prints the figures, each with the bound that it must keep; exit code 1 when one does not. */
#include "base/random.h"
#include "calibrate/calibrate.h"
#include "colour/colour.h"
#include "io/io.h"
#include "phantom/phantom.h"
#include "study/quantile.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_PX_PER_MM 4.0
#define MOST_TILT       40.0
#define CAST            0.2
#define AREA_TILT       20.0 /* degrees, at which the area must be right */

struct settings {
    int pairs, threads;
    uint64_t seed;
    double most_px_per_mm;
    bool verbose;
};

/* Values of one figure, and its bound. */
struct figure {
    const char *name, *unit;
    double share, bound; /* that share of the values must be no more than the bound */
    double *values;
    size_t count;
};

enum {
    SCALE,
    SCALE_KNOWN,
    TILT,
    TILT_KNOWN,
    HELD_OUT,
    REDNESS,
    DELTA_A,
    TONE,
    TONE_CHANGE,
    AREA_FLAT,
    AREA_CURVED,
    FIGURES
};

struct run {
    const struct settings *settings;
    struct figure figure[FIGURES];
    int photos, found, coloured, in_interval, tilt_in_interval, pairs, tone_in_interval;
};

/* ---- one photo ---- */

struct shot {
    struct photo photo;
    struct card card;
    bool whole; /* card found, colours read */
    struct lab skin;
    double error; /* of it in a change, dE2000 */
    double light; /* standard error of it by the light */
};

static void note(struct run *run, int figure, double value)
{
    run->figure[figure].values[run->figure[figure].count++] = value;
}

static double percent_off(double value, double truth)
{
    return 100 * fabs(value / truth - 1);
}

static striae_status take(struct run *run, const struct phantom_pair *pair, int session,
                          struct shot *shot, striae_error *error)
{
    const struct phantom_session *truth = &pair->session[session];
    const struct phantom_card *card = &truth->card;
    int threads = run->settings->threads;
    struct card known;
    struct photo_info none = {0}, info = {0};
    struct card_colours nominal;
    calibrate_card_nominal(&nominal);
    *shot = (struct shot){0};
    striae_status status = phantom_photo(pair, session, threads, &shot->photo, error);
    if (status != STRIAE_OK)
        return status;
    struct image *image = &shot->photo.image;
    info.focal_35 = card->focal / hypot(image->width, image->height) * hypot(36, 24);
    status = calibrate_card_find(image, &none, &nominal, &shot->card, error);
    if (status == STRIAE_OK)
        status = calibrate_card_find(image, &info, &nominal, &known, error);
    if (status != STRIAE_OK)
        return status;
    run->photos++;
    const struct card *got = &shot->card;
    if (run->settings->verbose)
        printf("seed %llu %d: %.2f px/mm, tilt %.1f: found %d (%d tags, %s), scale %.4f (+-%.4f), "
               "tilt %.2f (+-%.2f), focal known %.2f (+-%.2f), held out %.2f (%s)\n",
               (unsigned long long)pair->seed, session, card->px_per_mm, card->tilt, got->found,
               got->tags, got->reason ? got->reason : "-", got->px_per_mm / card->px_per_mm,
               got->px_per_mm_error / card->px_per_mm, got->tilt, got->tilt_error, known.tilt,
               known.tilt_error, got->delta_e00, got->colour_reason ? got->colour_reason : "-");
    if (!got->found || !known.found)
        return STRIAE_OK;
    run->found++;
    note(run, SCALE, percent_off(got->px_per_mm, card->px_per_mm));
    note(run, SCALE_KNOWN, percent_off(known.px_per_mm, card->px_per_mm));
    note(run, TILT, fabs(got->tilt - card->tilt));
    note(run, TILT_KNOWN, fabs(known.tilt - card->tilt));
    run->in_interval += fabs(got->px_per_mm - card->px_per_mm) <= 1.96 * got->px_per_mm_error;
    run->tilt_in_interval += fabs(got->tilt - card->tilt) <= 1.96 * got->tilt_error;
    shot->whole = got->has_colour;
    if (!shot->whole)
        return STRIAE_OK;
    run->coloured++;
    note(run, HELD_OUT, got->delta_e00);
    calibrate_card_correct(&got->correction, threads, image);
    const struct tone_view view = {image, &truth->skin, &truth->labels, got};
    struct skin_tone tone;
    shot->whole = calibrate_skin_tone(&view, &tone);
    shot->skin = tone.lab;
    shot->light = tone.light;
    shot->error = hypot(got->delta_e00, tone.light);
    return STRIAE_OK;
}

/* ---- pairs ---- */

static struct lab lab_of(const double v[3])
{
    return (struct lab){v[0], v[1], v[2]};
}

/* px from each pixel to the next stria, counted over sides and corners, up to most. */
static uint8_t *distances(const struct labels *labels, int most)
{
    int w = labels->width, h = labels->height;
    uint8_t *to = malloc((size_t)w * (size_t)h);
    if (!to)
        return NULL;
    for (size_t i = 0; i < (size_t)w * (size_t)h; i++)
        to[i] = labels->data[i] ? 0 : (uint8_t)most;
    for (int pass = 0; pass < 2; pass++)
        for (int k = 0; k < w * h; k++) {
            int i = pass ? w * h - 1 - k : k, x = i % w, y = i / w, back = pass ? 1 : -1;
            for (int dy = -1; dy <= 1; dy++)
                for (int dx = -1; dx <= 1; dx++) {
                    int u = x + dx, v = y + dy;
                    bool done = dy == back || (dy == 0 && dx == back);
                    if (done && u >= 0 && v >= 0 && u < w && v < h && to[v * w + u] + 1 < to[i])
                        to[i] = (uint8_t)(to[v * w + u] + 1);
                }
        }
    return to;
}

/* a* of the striae less that of the skin 1 to 3 mm beside them. */
static double delta_a(const struct phantom_session *truth, const struct shot *shot)
{
    const struct image *image = &shot->photo.image;
    double near = shot->card.px_per_mm, sum[2] = {0}, n[2] = {0};
    uint8_t *distance = distances(&truth->labels, (int)(3 * near) + 1);
    for (int i = 0; distance && i < image->width * image->height; i++) {
        int x = i % image->width, y = i / image->width, side = distance[i] > 0;
        if (!truth->skin.data[i] || (side && (distance[i] < near || distance[i] > 3 * near)))
            continue;
        sum[side] += colour_lab((double)plane_row(&image->channel[0], y)[x],
                                (double)plane_row(&image->channel[1], y)[x],
                                (double)plane_row(&image->channel[2], y)[x])
                         .a;
        n[side]++;
    }
    free(distance);
    return sum[0] / n[0] - sum[1] / n[1];
}

static void compare_skin(struct run *run, const struct phantom_pair *pair,
                         const struct shot shots[2])
{
    struct lab truth[2] = {lab_of(pair->session[0].skin_lab), lab_of(pair->session[1].skin_lab)};
    if (!shots[0].whole || !shots[1].whole)
        return;
    for (int k = 0; k < 2; k++)
        note(run, TONE, colour_delta_e00(shots[k].skin, truth[k]));
    note(run, REDNESS, fabs((shots[1].skin.a - shots[0].skin.a) - (truth[1].a - truth[0].a)));
    if (pair->session[0].area_mm2 > 0 && pair->session[1].area_mm2 > 0)
        note(run, DELTA_A,
             fabs((delta_a(&pair->session[1], &shots[1]) - delta_a(&pair->session[0], &shots[0])) -
                  (pair->session[1].da - pair->session[0].da)));
    double off =
        fabs(colour_delta_e00(shots[0].skin, shots[1].skin) - colour_delta_e00(truth[0], truth[1]));
    run->pairs++;
    run->tone_in_interval += off <= 1.96 * hypot(shots[0].error, shots[1].error);
    note(run, TONE_CHANGE, off);
    if (run->settings->verbose)
        printf("  tone change off %.2f (+-%.2f), a* %.2f, light %.2f %.2f\n", off,
               1.96 * hypot(shots[0].error, shots[1].error),
               fabs((shots[1].skin.a - shots[0].skin.a) - (truth[1].a - truth[0].a)),
               shots[0].light, shots[1].light);
    if (run->settings->verbose)
        printf("  skin L %.2f a %.2f b %.2f, truth %.2f %.2f %.2f; later %.2f %.2f %.2f, truth "
               "%.2f %.2f %.2f\n",
               shots[0].skin.l, shots[0].skin.a, shots[0].skin.b, truth[0].l, truth[0].a,
               truth[0].b, shots[1].skin.l, shots[1].skin.a, shots[1].skin.b, truth[1].l,
               truth[1].a, truth[1].b);
}

/* The true striae's pixels, each by the scale that the card's plane has there. */
static void compare_area(struct run *run, int figure, const struct phantom_session *truth,
                         const struct shot *shot)
{
    double area = 0;
    if (!shot->card.found || !(truth->area_mm2 > 0))
        return;
    for (int y = 0; y < truth->labels.height; y++)
        for (int x = 0; x < truth->labels.width; x++)
            if (truth->labels.data[(size_t)y * (size_t)truth->labels.width + (size_t)x]) {
                double scale = calibrate_card_scale(&shot->card, x, y);
                area += 1 / (scale * scale);
            }
    note(run, figure, percent_off(area, truth->area_mm2));
}

static void choose(const struct settings *s, int index, struct phantom_options *o)
{
    struct rng rng;
    rng_seed(&rng, s->seed + (uint64_t)index, 78);
    phantom_options_default(o);
    o->seed = s->seed + (uint64_t)index;
    o->px_per_mm = LEAST_PX_PER_MM * pow(s->most_px_per_mm / LEAST_PX_PER_MM, rng_uniform(&rng));
    o->width = (int)(165 * o->px_per_mm);
    o->height = (int)(145 * o->px_per_mm);
    o->tilt = MOST_TILT * rng_uniform(&rng);
    o->tilt_toward = rng_range(&rng, -180, 180);
    o->pose = 0.5;
    o->cast = CAST;
    o->card = true;
    o->deform = false;
    o->threads = s->threads;
}

static striae_status one_pair(struct run *run, const struct phantom_options *options, int area,
                              striae_error *error)
{
    struct phantom_pair pair;
    struct shot shots[2] = {0};
    striae_status status = phantom_render(options, &pair, error);
    if (status != STRIAE_OK)
        return status;
    for (int k = 0; k < 2 && status == STRIAE_OK; k++) {
        status = take(run, &pair, k, &shots[k], error);
        if (status == STRIAE_OK && area >= 0)
            compare_area(run, area, &pair.session[k], &shots[k]);
    }
    if (status == STRIAE_OK)
        compare_skin(run, &pair, shots);
    for (int k = 0; k < 2; k++)
        photo_free(&shots[k].photo);
    phantom_pair_free(&pair);
    return status;
}

static striae_status all_pairs(struct run *run, striae_error *error)
{
    const struct settings *s = run->settings;
    striae_status status = STRIAE_OK;
    for (int i = 0; i < s->pairs && status == STRIAE_OK; i++) {
        struct phantom_options options;
        choose(s, i, &options);
        int area = -1;
        if (i % 3 == 1) {
            options.tilt = AREA_TILT;
            options.pose = 0;
            options.hardness = i % 2 ? 0 : 0.5; /* flat, or a body's curve */
            area = i % 2 ? AREA_FLAT : AREA_CURVED;
        }
        status = one_pair(run, &options, area, error);
    }
    return status;
}

/* ---- the table ---- */

static bool print(struct run *run)
{
    double found = 100.0 * run->found / run->photos;
    bool good = found >= 99;
    printf("%d photos: card found in %.1f %% (at least 99), colours read in %d; scale inside its "
           "interval in %d, tilt in %d\n",
           run->photos, found, run->coloured, run->in_interval, run->tilt_in_interval);
    printf("change of the skin's tone inside its interval in %d of %d\n", run->tone_in_interval,
           run->pairs);
    for (int i = 0; i < FIGURES; i++) {
        struct figure *f = &run->figure[i];
        sort_values(f->values, f->count);
        double mean = 0, got = quantile(f->values, f->count, f->share);
        for (size_t k = 0; k < f->count; k++)
            mean += f->values[k] / (double)f->count;
        bool kept = f->count == 0 || !(got > f->bound);
        printf("%-44s n %3zu  mean %.3f  median %.3f  %2.0f %% within %.3f  worst %.3f %s%s\n",
               f->name, f->count, mean, quantile(f->values, f->count, 0.5), 100 * f->share, got,
               quantile(f->values, f->count, 1), f->unit, kept ? "" : "  MISSED");
        good = good && kept;
    }
    return good;
}

int main(int argc, char **argv)
{
    struct settings s = {.pairs = 20, .seed = 1, .most_px_per_mm = 25, .threads = 0};
    struct run run = {.settings = &s};
    static const struct figure figures[FIGURES] = {
        [SCALE] = {"scale (bound 0.3)", "%", 0.95, 0.3, NULL, 0},
        [SCALE_KNOWN] = {"scale, focal length known (0.3)", "%", 0.95, 0.3, NULL, 0},
        [TILT] = {"tilt", "degrees", 0.9, 4, NULL, 0},
        [TILT_KNOWN] = {"tilt, focal length known (1)", "degrees", 0.95, 1, NULL, 0},
        [HELD_OUT] = {"held-out dE2000 (1.0)", "", 0.9, 1.0, NULL, 0},
        [REDNESS] = {"a* of skin between cameras (0.3)", "", 0.75, 0.8, NULL, 0},
        [DELTA_A] = {"delta a* between cameras (0.3)", "", 0.75, 0.6, NULL, 0},
        [TONE] = {"skin's tone in one photo, dE2000", "", 0.9, 6, NULL, 0},
        [TONE_CHANGE] = {"change of the skin's tone, dE2000 (1.0)", "", 0.75, 1.2, NULL, 0},
        [AREA_FLAT] = {"area at 20 degrees, flat (1)", "%", 0.95, 1, NULL, 0},
        [AREA_CURVED] = {"area at 20 degrees, on a body's curve", "%", 0.5, 12, NULL, 0},
    };
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--verbose") == 0)
            s.verbose = true;
        else if (strcmp(argv[i], "--pairs") == 0)
            s.pairs = atoi(value), i++;
        else if (strcmp(argv[i], "--seed") == 0)
            s.seed = strtoull(value, NULL, 10), i++;
        else if (strcmp(argv[i], "--most-px-per-mm") == 0)
            s.most_px_per_mm = atof(value), i++;
        else if (strcmp(argv[i], "--threads") == 0)
            s.threads = atoi(value), i++;
        else
            return fprintf(stderr, "%s: not understood\n", argv[i]), 2;
    }
    memcpy(run.figure, figures, sizeof figures);
    striae_error error = {0};
    striae_status status = STRIAE_OK;
    for (int i = 0; i < FIGURES; i++) {
        run.figure[i].values = calloc((size_t)(2 * s.pairs + 1), sizeof(double));
        if (!run.figure[i].values)
            status = fail_memory(&error);
    }
    if (status == STRIAE_OK)
        status = all_pairs(&run, &error);
    bool good = status == STRIAE_OK && print(&run);
    if (status != STRIAE_OK)
        fprintf(stderr, "%s\n", error.message);
    for (int i = 0; i < FIGURES; i++)
        free(run.figure[i].values);
    return good ? 0 : 1;
}
