/* Alignment alone, over rendered pairs of the whole range it must bear: turned by up to 35 degrees
 * and by quarter turns, zoomed by 0.4 to 2.5, down to 40 % of the smaller view in common, other
 * light, pose, blur, JPEG from 60. Prints one line per pair and the table of figures.
 *
 * alignment FOLDER [--pairs N] [--seed S] [--size WxH] [--threads N]
 *     renders into FOLDER/pNNNN what is not there yet, and aligns
 * alignment FOLDER --impostors N    first photo of one pair against the later one of another;
 *                                   --from I leaves out the first I of them
 * alignment FOLDER --mirrored N     each pair with the later photo mirrored
 * alignment --folder DIR...         pairs as they are: before.jpg, after.jpg, truth.json
 * Exit code 1 when a bound given by --least-ok PERCENT or --most-median PX is missed. */
#include "align/align.h"
#include "base/random.h"
#include "base/threads.h"
#include "calibrate/calibrate.h"
#include "io/io.h"
#include "phantom/phantom.h"
#include "render_once.h"
#include "study/quantile.h"
#include "study/truth.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PI         3.14159265358979323846
#define PATH_SIZE  1024
#define FAR_WRONG  3.0 /* px: an "ok" worse than that is a wrong answer */
#define STRIA_EDGE 3   /* px around the true striae that carry no weight */

struct settings {
    const char *folder;
    int pairs, impostors, mirrored, from, width, height, threads;
    uint64_t seed;
    double least_ok, most_median;
    char **folders;
    int folder_count;
};

struct shot {
    struct photo photo;
    struct mask skin, striae;
};

struct outcome {
    bool refused;
    char reason[240];
    double median, p95; /* px of the later photo */
    double at_first;    /* median in px of the first photo, as the claimed error is */
    double coarser;     /* median in px of whichever photo shows less detail there */
    double claimed, overlap, seconds;
    size_t landmarks, mapped;
};

/* ---- rendering ------------------------------------------------------------------------------ */

/* Shift along one axis, in lengths of the first view, that leaves the share `common` of the smaller
 * of the two views in common. */
static double shift_for(double common, double zoom, bool negative)
{
    double later = 1 / zoom, smaller = fmin(1, later);
    double shift = (1 + later) / 2 - common * smaller;
    return fmax(-1, fmin(1, negative ? -shift : shift));
}

static void choose(const struct settings *s, int index, struct phantom_options *o)
{
    struct rng rng;
    rng_seed(&rng, s->seed + (uint64_t)index, 77);
    phantom_options_default(o);
    o->seed = s->seed + (uint64_t)index;
    o->width = s->width;
    o->height = s->height;
    o->threads = s->threads;
    o->turn = rng_range(&rng, -35, 35);
    if (rng_uniform(&rng) < 0.25)
        o->turn += 90 * (1 + floor(3 * rng_uniform(&rng)));
    o->turn -= 360 * floor((o->turn + 180) / 360);
    o->zoom = 0.4 * pow(2.5 / 0.4, rng_uniform(&rng));
    o->px_per_mm = rng_range(&rng, 6, 16) * s->width / 1800 / sqrt(o->zoom);
    double common = rng_range(&rng, 0.4, 1), split = rng_uniform(&rng);
    o->shift_x = shift_for(pow(common, split), o->zoom, rng_uniform(&rng) < 0.5);
    o->shift_y = shift_for(pow(common, 1 - split), o->zoom, rng_uniform(&rng) < 0.5);
    o->hardness = rng_uniform(&rng);
    o->pose = rng_range(&rng, 0.5, 2);
    o->light = rng_range(&rng, 0.5, 2);
    if (rng_uniform(&rng) < 0.25)
        o->defocus = rng_range(&rng, 0.5, 2);
    if (rng_uniform(&rng) < 0.25)
        o->jpeg_quality = 60;
}

static striae_status render(const struct settings *s, int index, char dir[PATH_SIZE],
                            striae_error *error)
{
    struct phantom_options options;
    snprintf(dir, PATH_SIZE, "%s/p%04d", s->folder, index);
    choose(s, index, &options);
    return render_once(dir, &options, error);
}

/* ---- one pair ------------------------------------------------------------------------------- */

static void shot_free(struct shot *shot)
{
    photo_free(&shot->photo);
    mask_free(&shot->skin);
    mask_free(&shot->striae);
}

/* The true striae with a margin: what a segmentation would take out. */
static striae_status read_striae(const char *path, struct mask *mask, striae_error *error)
{
    struct labels labels = {0};
    striae_status status = io_read_labels(path, &labels, error);
    if (status == STRIAE_OK)
        status = mask_init(mask, labels.width, labels.height, error);
    for (int y = 0; status == STRIAE_OK && y < labels.height; y++)
        for (int x = 0; x < labels.width; x++) {
            if (!labels.data[(size_t)y * (size_t)labels.width + (size_t)x])
                continue;
            for (int v = y - STRIA_EDGE; v <= y + STRIA_EDGE; v++)
                for (int u = x - STRIA_EDGE; u <= x + STRIA_EDGE; u++)
                    if (u >= 0 && v >= 0 && u < labels.width && v < labels.height)
                        mask_row(mask, v)[u] = 255;
        }
    labels_free(&labels);
    return status;
}

static striae_status shot_read(const char *dir, int session, int threads, struct shot *shot,
                               striae_error *error)
{
    char path[PATH_SIZE + 32];
    struct io_limits limits = {100e6, false, threads};
    *shot = (struct shot){0};
    snprintf(path, sizeof path, "%s/%s.jpg", dir, truth_session_names[session]);
    striae_status status = io_read_photo(path, &limits, &shot->photo, error);
    if (status == STRIAE_OK)
        status = calibrate_skin(&shot->photo.image, threads, &shot->skin, error);
    snprintf(path, sizeof path, "%s/%s_mask.png", dir, truth_session_names[session]);
    if (status == STRIAE_OK)
        status = read_striae(path, &shot->striae, error);
    return status;
}

static void mirror(struct shot *shot)
{
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < shot->photo.image.height; y++) {
            float *row = plane_row(&shot->photo.image.channel[c], y);
            for (int a = 0, b = shot->photo.image.width - 1; a < b; a++, b--) {
                float keep = row[a];
                row[a] = row[b];
                row[b] = keep;
            }
        }
    struct mask *masks[] = {&shot->skin, &shot->striae};
    for (int k = 0; k < 2; k++)
        for (int y = 0; y < masks[k]->height; y++) {
            uint8_t *row = mask_row(masks[k], y);
            for (int a = 0, b = masks[k]->width - 1; a < b; a++, b--) {
                uint8_t keep = row[a];
                row[a] = row[b];
                row[b] = keep;
            }
        }
}

static bool point_of(const json_t *points, size_t i, double at[2])
{
    const json_t *point = json_array_get(points, i);
    at[0] = json_number_value(json_array_get(point, 0));
    at[1] = json_number_value(json_array_get(point, 1));
    return json_array_size(point) == 2;
}

static bool inside(const double at[2], const struct image *image)
{
    return at[0] >= 0 && at[1] >= 0 && at[0] <= image->width - 1 && at[1] <= image->height - 1;
}

static striae_status hold_against_truth(const char *dir, const struct shot shots[2],
                                        const struct alignment *a, struct outcome *out,
                                        striae_error *error)
{
    json_t *truth = truth_load(dir, "truth.json", error);
    if (!truth)
        return STRIAE_ERROR_FORMAT;
    const json_t *landmarks = json_object_get(truth, "landmarks");
    const json_t *from = json_object_get(landmarks, truth_session_names[0]);
    const json_t *to = json_object_get(landmarks, truth_session_names[1]);
    size_t count = json_array_size(from);
    double *distance = calloc(3 * (count + 1), sizeof *distance);
    double *at_first = distance + count + 1, *coarser = at_first + count + 1;
    for (size_t i = 0; distance && i < count; i++) {
        double p[2], q[2], u, v, j[4];
        if (!point_of(from, i, p) || !point_of(to, i, q) || !inside(p, &shots[0].photo.image) ||
            !inside(q, &shots[1].photo.image))
            continue;
        out->landmarks++;
        if (!warp_point(&a->forward, p[0], p[1], &u, &v))
            continue;
        double zoom = warp_jacobian(&a->forward, p[0], p[1], j)
                          ? sqrt(fmax(j[0] * j[3] - j[1] * j[2], 1e-6))
                          : 1;
        distance[out->mapped] = hypot(u - q[0], v - q[1]);
        at_first[out->mapped] = distance[out->mapped] / zoom;
        coarser[out->mapped] = distance[out->mapped] / fmax(zoom, 1);
        out->mapped++;
    }
    json_decref(truth);
    if (!distance)
        return fail_with(error, STRIAE_ERROR_MEMORY, "out of memory");
    sort_values(distance, out->mapped);
    sort_values(at_first, out->mapped);
    sort_values(coarser, out->mapped);
    out->median = out->mapped ? quantile(distance, out->mapped, 0.5) : NAN;
    out->p95 = out->mapped ? quantile(distance, out->mapped, 0.95) : NAN;
    out->at_first = out->mapped ? quantile(at_first, out->mapped, 0.5) : NAN;
    out->coarser = out->mapped ? quantile(coarser, out->mapped, 0.5) : NAN;
    free(distance);
    return STRIAE_OK;
}

/* Of the processor, over all threads: what the machine does beside it does not count. */
static double processor_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* dirs: where the first and the later photo come from; truth is read when they are the same. */
static striae_status run_pair(const char *first_dir, const char *later_dir, bool mirrored,
                              int threads, struct outcome *out, striae_error *error)
{
    struct shot shots[2];
    memset(shots, 0, sizeof shots);
    struct alignment alignment = {0};
    *out = (struct outcome){.median = NAN, .p95 = NAN, .at_first = NAN, .coarser = NAN};
    striae_status status = shot_read(first_dir, 0, threads, &shots[0], error);
    if (status == STRIAE_OK)
        status = shot_read(later_dir, 1, threads, &shots[1], error);
    if (status == STRIAE_OK && mirrored)
        mirror(&shots[1]);
    double begin = processor_seconds();
    if (status == STRIAE_OK) {
        struct align_input inputs[2];
        for (int k = 0; k < 2; k++)
            inputs[k] =
                (struct align_input){&shots[k].photo.image, &shots[k].skin, &shots[k].striae};
        status = align_photos(&inputs[0], &inputs[1], threads, &alignment, error);
    }
    out->seconds = processor_seconds() - begin;
    if (status == STRIAE_OK) {
        out->refused = alignment.refused;
        memcpy(out->reason, alignment.reason, sizeof out->reason);
        out->claimed = alignment.error;
        out->overlap = alignment.overlap_percent;
        if (!alignment.refused && strcmp(first_dir, later_dir) == 0 && !mirrored)
            status = hold_against_truth(first_dir, shots, &alignment, out, error);
    }
    alignment_free(&alignment);
    shot_free(&shots[0]);
    shot_free(&shots[1]);
    return status;
}

/* ---- tables --------------------------------------------------------------------------------- */

static void print_outcome(const char *name, const struct outcome *o)
{
    if (o->refused)
        printf("%-28s refused  %.2f s  %s\n", name, o->seconds, o->reason);
    else
        printf(
            "%-28s ok  median %6.3f  p95 %7.3f  claimed %6.3f  overlap %3.0f %%  points %zu/%zu  "
            "%.2f s\n",
            name, o->median, o->p95, o->claimed, o->overlap, o->mapped, o->landmarks, o->seconds);
    fflush(stdout);
}

static double percentile(const struct outcome *all, int count, double (*of)(const struct outcome *),
                         double p)
{
    double *values = calloc((size_t)count + 1, sizeof *values);
    size_t n = 0;
    for (int i = 0; values && i < count; i++)
        if (!all[i].refused && isfinite(of(&all[i])))
            values[n++] = of(&all[i]);
    if (values)
        sort_values(values, n);
    double result = values && n ? quantile(values, n, p) : NAN;
    free(values);
    return result;
}

static double median_of(const struct outcome *o)
{
    return o->median;
}

static double coarser_of(const struct outcome *o)
{
    return o->coarser;
}

static double p95_of(const struct outcome *o)
{
    return o->p95;
}

static double honesty_of(const struct outcome *o)
{
    return o->claimed / o->at_first;
}

static double seconds_of(const struct outcome *o)
{
    return o->seconds;
}

static double mapped_of(const struct outcome *o)
{
    return o->landmarks ? 100.0 * (double)o->mapped / (double)o->landmarks : NAN;
}

static int summarise(const struct settings *s, const struct outcome *all, int count)
{
    int ok = 0, wrong = 0, honest = 0;
    for (int i = 0; i < count; i++) {
        ok += !all[i].refused;
        wrong += !all[i].refused && !(all[i].median <= FAR_WRONG);
        double ratio = honesty_of(&all[i]);
        honest += !all[i].refused && ratio > 1 / 1.5 && ratio < 1.5;
    }
    double share = 100.0 * ok / count, median = percentile(all, count, median_of, 0.5);
    printf("\npairs                              %d\n", count);
    printf("ok                                 %.1f %%\n", share);
    printf("ok, but median over %.0f px           %d\n", FAR_WRONG, wrong);
    printf("median of medians                  %.3f px of the later photo\n", median);
    printf("the same, of the coarser photo     %.3f px\n", percentile(all, count, coarser_of, 0.5));
    printf("p95, median over pairs             %.3f px\n", percentile(all, count, p95_of, 0.5));
    printf("p95, in 90 of 100 pairs under      %.3f px\n", percentile(all, count, p95_of, 0.9));
    printf("p95, in 95 of 100 pairs under      %.3f px\n", percentile(all, count, p95_of, 0.95));
    printf("p95, worst                         %.3f px\n", percentile(all, count, p95_of, 1));
    printf("common points mapped, median       %.0f %%\n", percentile(all, count, mapped_of, 0.5));
    printf("claimed over true median, median   %.2f\n", percentile(all, count, honesty_of, 0.5));
    printf("claimed within 50 %% of true        %.0f %%\n", ok ? 100.0 * honest / ok : 0);
    printf("processor seconds, median          %.2f\n", percentile(all, count, seconds_of, 0.5));
    return share >= s->least_ok && median <= s->most_median && wrong == 0 ? 0 : 1;
}

static int true_pairs(const struct settings *s, striae_error *error)
{
    int count = s->folder_count ? s->folder_count : s->pairs;
    struct outcome *all = calloc((size_t)count + 1, sizeof *all);
    striae_status status = all ? STRIAE_OK : fail_with(error, STRIAE_ERROR_MEMORY, "no memory");
    for (int i = 0; i < count && status == STRIAE_OK; i++) {
        char dir[PATH_SIZE];
        if (s->folder_count)
            snprintf(dir, sizeof dir, "%s", s->folders[i]);
        else
            status = render(s, i, dir, error);
        if (status == STRIAE_OK)
            status = run_pair(dir, dir, false, s->threads, &all[i], error);
        const char *name = strrchr(dir, '/');
        if (status == STRIAE_OK)
            print_outcome(name ? name + 1 : dir, &all[i]);
    }
    int code = status == STRIAE_OK ? summarise(s, all, count) : 2;
    free(all);
    return code;
}

/* Pairs that must be refused: other skin, or the same mirrored. */
static int false_pairs(const struct settings *s, striae_error *error)
{
    int count = s->impostors ? s->impostors : s->mirrored, refused = 0, named = 0;
    for (int i = s->from; i < count; i++) {
        char first[PATH_SIZE], later[PATH_SIZE], name[64];
        struct outcome out;
        int a = i % s->pairs, b = s->impostors ? (a + 1 + i / s->pairs) % s->pairs : a;
        striae_status status = render(s, a, first, error);
        if (status == STRIAE_OK)
            status = render(s, b, later, error);
        if (status == STRIAE_OK)
            status = run_pair(first, later, s->mirrored > 0, s->threads, &out, error);
        if (status != STRIAE_OK)
            return 2;
        snprintf(name, sizeof name, "p%04d p%04d", a, b);
        print_outcome(name, &out);
        refused += out.refused;
        named += strstr(out.reason, "mirrored") != NULL;
    }
    count -= s->from;
    printf("\nrefused %d of %d, named as mirrored %d\n", refused, count, named);
    return refused == count && (!s->mirrored || named >= 0.9 * count) ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct settings s = {.pairs = 200, .width = 1200, .height = 900, .seed = 1, .most_median = 1e9};
    striae_error error = {0};
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "0";
        if (strcmp(argv[i], "--folder") == 0) {
            s.folders = argv + i + 1;
            s.folder_count = argc - i - 1;
            break;
        }
        if (argv[i][0] != '-') {
            s.folder = argv[i];
            continue;
        }
        i++;
        if (strcmp(argv[i - 1], "--pairs") == 0)
            s.pairs = atoi(value);
        else if (strcmp(argv[i - 1], "--impostors") == 0)
            s.impostors = atoi(value);
        else if (strcmp(argv[i - 1], "--mirrored") == 0)
            s.mirrored = atoi(value);
        else if (strcmp(argv[i - 1], "--from") == 0)
            s.from = atoi(value);
        else if (strcmp(argv[i - 1], "--seed") == 0)
            s.seed = strtoull(value, NULL, 10);
        else if (strcmp(argv[i - 1], "--threads") == 0)
            s.threads = atoi(value);
        else if (strcmp(argv[i - 1], "--least-ok") == 0)
            s.least_ok = atof(value);
        else if (strcmp(argv[i - 1], "--most-median") == 0)
            s.most_median = atof(value);
        else if (strcmp(argv[i - 1], "--size") != 0 ||
                 sscanf(value, "%dx%d", &s.width, &s.height) != 2) {
            fprintf(stderr, "unknown option %s\n", argv[i - 1]);
            return 2;
        }
    }
    if (!s.folder && !s.folder_count) {
        fprintf(stderr, "say where the pairs are or go\n");
        return 2;
    }
    s.threads = threads_resolve(s.threads);
    int code = s.impostors || s.mirrored ? false_pairs(&s, &error) : true_pairs(&s, &error);
    if (code == 2)
        fprintf(stderr, "%s\n", error.message);
    return code;
}
