/* Training material: rendered photos as the segmentation sees them.
 *
 * Usage: scenes DIR SEED FIRST COUNT [OFFSET STEP]
 * Renders the scenes FIRST..FIRST+COUNT-1 of the seed (one in STEP of them, from OFFSET on) and
 * writes both photos of each, after JPEG, skin mask and channels, into DIR/scene_NUMBER.bin:
 *   per photo: "SCN1", int32 width, height, tone, stria count; then planes of width x height bytes:
 *   3 channels (int8, value = byte / 31.75), and flags (1 skin, 2 stria, 4 without weight).
 * The same arguments give the same bytes. */
#include "base/random.h"
#include "calibrate/calibrate.h"
#include "io/io.h"
#include "phantom/phantom.h"
#include "segment/channels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VALUE_STEPS 31.75f /* channels are limited to +-4 */
#define TOO_FAINT   1.5    /* CIELAB: nobody marks such a stria, none is asked for */
#define LEAST_SKIN  0.15   /* share of a photo; others are left out */

enum { FLAG_SKIN = 1, FLAG_STRIA = 2, FLAG_IGNORE = 4 };

static double range(struct rng *rng, double low, double high)
{
    return low + rng_uniform(rng) * (high - low);
}

static double log_range(struct rng *rng, double low, double high)
{
    return low * exp(rng_uniform(rng) * log(high / low));
}

/* Neighbouring numbers far apart: the finalizer of SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t scatter(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* Everything that a photo may be, hard cases rather more often than in life. */
static void choose(uint64_t seed, uint64_t number, struct phantom_options *o)
{
    static const double aspects[] = {0.5625, 0.6667, 0.75, 0.75, 1.0};
    struct rng rng;
    uint64_t own = scatter(scatter(seed) + number);
    rng_seed(&rng, own, 1);
    phantom_options_default(o);
    o->seed = own;
    o->threads = 1;
    /* Photos up to 450 px are enlarged before they are looked at. */
    double longer = rng_uniform(&rng) < 0.4 ? range(&rng, 240, 450) : log_range(&rng, 451, 760);
    double shorter = longer * aspects[rng_u32(&rng) % 5];
    bool upright = rng_uniform(&rng) < 0.5;
    o->width = (int)(upright ? shorter : longer);
    o->height = (int)(upright ? longer : shorter);
    o->px_per_mm = fmin(fmax(longer / log_range(&rng, 35, 260), 1.2), 25);
    o->tone = 1 + (int)(rng_u32(&rng) % 6);
    o->kind = (enum phantom_kind)(PHANTOM_RUBRA + (int)(rng_u32(&rng) % 4));
    double lot = rng_uniform(&rng);
    o->hardness = lot < 0.15 ? 1 : lot < 0.25 ? 0 : range(&rng, 0.1, 0.9);
    if (rng_uniform(&rng) < 0.33) {
        o->stria_count = 0;
        o->hardness = 1;
    }
    if (rng_uniform(&rng) < 0.4)
        o->stria_width = fmin(log_range(&rng, 2.5, 50) / o->px_per_mm, 12);
    o->contrast = log_range(&rng, 0.5, 2.5);
    o->pose = range(&rng, 0, 2);
    o->light = range(&rng, 0, 2.5);
    o->jpeg_quality = 60 + (int)(39 * sqrt(rng_uniform(&rng)));
}

/* Which striae are too faint to be asked for. */
static void list_faint(const struct phantom_session *session, bool faint[512])
{
    memset(faint, 0, 512 * sizeof *faint);
    for (size_t i = 0; i < session->stria_count; i++) {
        const struct phantom_stria *s = &session->striae[i];
        double difference = sqrt(s->dl * s->dl + s->da * s->da + s->db * s->db);
        if (s->id < 512 && difference < TOO_FAINT)
            faint[s->id] = true;
    }
}

/* What the truth says at a working pixel: at its middle. */
static uint8_t flags_at(const struct phantom_session *session, const struct channels *channels,
                        const bool faint[512], int x, int y)
{
    int sx = (int)((x + 0.5) * channels->factor), sy = (int)((y + 0.5) * channels->factor);
    sx = sx < session->mask.width ? sx : session->mask.width - 1;
    sy = sy < session->mask.height ? sy : session->mask.height - 1;
    uint8_t flags = plane_row(&channels->skin, y)[x] > 0 ? FLAG_SKIN : 0;
    if (mask_row(&session->mask, sy)[sx]) {
        uint16_t id = session->labels.data[(size_t)sy * (size_t)session->labels.width + (size_t)sx];
        flags |= id < 512 && faint[id] ? FLAG_IGNORE : FLAG_STRIA;
    }
    return flags;
}

static void write_record(FILE *file, const struct phantom_session *session,
                         const struct channels *channels, int tone)
{
    int width = channels->skin.width, height = channels->skin.height;
    int32_t head[] = {width, height, tone, (int32_t)session->stria_count};
    bool faint[512];
    list_faint(session, faint);
    fwrite("SCN1", 1, 4, file);
    fwrite(head, sizeof *head, 4, file);
    for (int c = 0; c < CHANNEL_COUNT; c++)
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                fputc((int)lrintf(VALUE_STEPS * plane_row(&channels->value[c], y)[x]) & 255, file);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            fputc(flags_at(session, channels, faint, x, y), file);
}

static striae_status write_photo(FILE *file, const struct phantom_pair *pair, int index,
                                 bool true_skin, striae_error *error)
{
    const struct phantom_session *session = &pair->session[index];
    struct photo photo = {0};
    struct mask skin = {0};
    struct channels channels = {0};
    striae_status status = phantom_photo(pair, index, 1, &photo, error);
    if (status == STRIAE_OK && !true_skin)
        status = calibrate_skin(&photo.image, 1, &skin, error);
    if (status == STRIAE_OK)
        status = segment_channels_init(&photo.image, true_skin ? &session->skin : &skin, 1,
                                       &channels, error);
    double covered = 0;
    if (status == STRIAE_OK) {
        for (int y = 0; y < channels.skin.height; y++)
            for (int x = 0; x < channels.skin.width; x++)
                covered += plane_row(&channels.skin, y)[x];
        if (covered >= LEAST_SKIN * channels.skin.width * channels.skin.height)
            write_record(file, session, &channels, pair->tone);
    }
    segment_channels_free(&channels);
    mask_free(&skin);
    photo_free(&photo);
    return status;
}

static striae_status write_scene(const char *dir, uint64_t seed, uint64_t number,
                                 striae_error *error)
{
    char path[4096], aside[4096];
    snprintf(path, sizeof path, "%s/scene_%06llu.bin", dir, (unsigned long long)number);
    snprintf(aside, sizeof aside, "%s/aside-%ld", dir, (long)getpid());
    if (access(path, F_OK) == 0)
        return STRIAE_OK;
    struct phantom_options options;
    struct phantom_pair pair;
    choose(seed, number, &options);
    striae_status status = phantom_render(&options, &pair, error);
    if (status != STRIAE_OK)
        return status;
    FILE *file = fopen(aside, "wb");
    if (!file) {
        fprintf(stderr, "scenes: cannot write %s\n", aside);
        exit(6);
    }
    for (int k = 0; k < 2; k++) {
        striae_error trouble = {0}; /* a photo without skin is no scene, and no reason to stop */
        if (write_photo(file, &pair, k, (number + (uint64_t)k) % 6 == 0, &trouble) != STRIAE_OK)
            fprintf(stderr, "scene %llu: %s\n", (unsigned long long)number, trouble.message);
    }
    phantom_pair_free(&pair);
    if (fclose(file) != 0 || rename(aside, path) != 0) {
        fprintf(stderr, "scenes: cannot write %s\n", path);
        exit(6);
    }
    return STRIAE_OK;
}

int main(int argc, char **argv)
{
    if (argc != 5 && argc != 7) {
        fprintf(stderr, "usage: scenes DIR SEED FIRST COUNT [OFFSET STEP]\n");
        return 2;
    }
    uint64_t seed = strtoull(argv[2], NULL, 10), first = strtoull(argv[3], NULL, 10);
    uint64_t count = strtoull(argv[4], NULL, 10);
    uint64_t offset = argc == 7 ? strtoull(argv[5], NULL, 10) : 0;
    uint64_t step = argc == 7 ? strtoull(argv[6], NULL, 10) : 1;
    for (uint64_t i = offset; i < count; i += step ? step : 1) {
        striae_error error = {0};
        if (write_scene(argv[1], seed, first + i, &error) != STRIAE_OK) {
            fprintf(stderr, "scenes: %s\n", error.message);
            return 1;
        }
    }
    return 0;
}
