/* segment/: the model file, and the network against a plain computation and against torch. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <nettle/sha2.h>

#include "base/random.h"
#include "segment/convolve.h"
#include "segment/net.h"

/* ---- a small model in memory ---- */

#define SMALL_COUNT                                                                                \
    (16 * 8 * 9 + 8 + 8 * 8 * 9 + 8 + 8 * 16 * 9 + 16 + 16 * 16 * 9 + 16 + 24 * 8 * 9 + 8 +        \
     8 * 8 * 9 + 8 + 8 * 4 + 4)
#define SMALL_HEAD (8 + 16 + 8 + 4)
#define SMALL_SIZE (SMALL_HEAD + 2 * SMALL_COUNT + 32)

static void put_u32(uint8_t *at, uint32_t value)
{
    for (int k = 0; k < 4; k++)
        at[k] = (uint8_t)(value >> 8 * k);
}

static void seal(uint8_t *file, size_t size)
{
    struct sha256_ctx context;
    sha256_init(&context);
    sha256_update(&context, size - 32, file);
    sha256_digest(&context, 32, file + size - 32);
}

/* Levels of 8 and 16 channels, random weights between -1/8 and 1/8. */
static void small_model(uint8_t file[SMALL_SIZE])
{
    const uint32_t head[] = {1, 4, 2, 2, 8, 16, SMALL_COUNT};
    struct rng rng;
    rng_seed(&rng, 5, 1);
    memcpy(file, "STRIAENN", 8);
    for (int k = 0; k < 7; k++)
        put_u32(file + 8 + 4 * k, head[k]);
    for (size_t k = 0; k < SMALL_COUNT; k++) {
        /* Sign, exponent up to 11 (2^-4), any fraction. */
        uint32_t lot = rng_u32(&rng);
        unsigned half = (lot & 0x83ff) | (lot >> 16) % 12 << 10;
        file[SMALL_HEAD + 2 * k] = (uint8_t)half;
        file[SMALL_HEAD + 2 * k + 1] = (uint8_t)(half >> 8);
    }
    seal(file, SMALL_SIZE);
}

static double half_at(const uint8_t *at)
{
    int bits = at[0] | at[1] << 8, exponent = bits >> 10 & 31, fraction = bits & 1023;
    double size =
        exponent ? ldexp(1 + fraction / 1024.0, exponent - 15) : ldexp(fraction / 1024.0, -14);
    return bits & 0x8000 ? -size : size;
}

/* ---- the network as its definition says, in double ---- */

struct grid {
    int channels, width, height;
    double *data;
};

static struct grid grid_of(int channels, int width, int height)
{
    struct grid g = {channels, width, height, NULL};
    g.data = calloc((size_t)channels * (size_t)width * (size_t)height, sizeof *g.data);
    assert_non_null(g.data);
    return g;
}

static double *grid_at(const struct grid *g, int c, int x, int y)
{
    return g->data + ((size_t)c * (size_t)g->height + (size_t)y) * (size_t)g->width + (size_t)x;
}

/* Takes over `in`; *next moves on in the file. */
static struct grid plain_convolution(struct grid in, int outputs, int size, bool relu,
                                     const uint8_t **next)
{
    struct grid out = grid_of(outputs, in.width, in.height);
    const uint8_t *weights = *next, *bias = weights + 2 * outputs * in.channels * size * size;
    for (int o = 0; o < outputs; o++)
        for (int y = 0; y < in.height; y++)
            for (int x = 0; x < in.width; x++) {
                double sum = half_at(bias + 2 * o);
                for (int i = 0; i < in.channels; i++)
                    for (int ky = 0; ky < size; ky++)
                        for (int kx = 0; kx < size; kx++) {
                            int sx = x + kx - size / 2, sy = y + ky - size / 2;
                            if (sx < 0 || sy < 0 || sx >= in.width || sy >= in.height)
                                continue;
                            int at = ((o * in.channels + i) * size + ky) * size + kx;
                            sum += half_at(weights + 2 * at) * *grid_at(&in, i, sx, sy);
                        }
                *grid_at(&out, o, x, y) = relu && sum < 0 ? 0 : sum;
            }
    *next = bias + 2 * outputs;
    free(in.data);
    return out;
}

static struct grid plain_copy(const struct grid *g)
{
    struct grid copy = grid_of(g->channels, g->width, g->height);
    memcpy(copy.data, g->data,
           (size_t)g->channels * (size_t)g->width * (size_t)g->height * sizeof *g->data);
    return copy;
}

static struct grid plain_halve(const struct grid *g)
{
    struct grid out = grid_of(g->channels, g->width / 2, g->height / 2);
    for (int c = 0; c < g->channels; c++)
        for (int y = 0; y < out.height; y++)
            for (int x = 0; x < out.width; x++) {
                double best = -1e30;
                for (int k = 0; k < 4; k++)
                    best = fmax(best, *grid_at(g, c, 2 * x + k % 2, 2 * y + k / 2));
                *grid_at(&out, c, x, y) = best;
            }
    return out;
}

/* deep enlarged, then fine; takes over both. */
static struct grid plain_join(struct grid deep, struct grid fine)
{
    struct grid out = grid_of(deep.channels + fine.channels, fine.width, fine.height);
    for (int c = 0; c < out.channels; c++)
        for (int y = 0; y < out.height; y++)
            for (int x = 0; x < out.width; x++)
                *grid_at(&out, c, x, y) = c < deep.channels
                                              ? *grid_at(&deep, c, x / 2, y / 2)
                                              : *grid_at(&fine, c - deep.channels, x, y);
    free(deep.data);
    free(fine.data);
    return out;
}

/* The small model's network: [4][height][width] -> blocks of 4 channels. */
static struct grid plain_network(const uint8_t *file, struct grid blocks)
{
    const uint8_t *next = file + SMALL_HEAD;
    struct grid fine = plain_convolution(blocks, 8, 3, true, &next);
    fine = plain_convolution(fine, 8, 3, true, &next);
    struct grid deep = plain_halve(&fine);
    deep = plain_convolution(deep, 16, 3, true, &next);
    deep = plain_convolution(deep, 16, 3, true, &next);
    struct grid joined = plain_join(deep, plain_copy(&fine));
    free(fine.data);
    joined = plain_convolution(joined, 8, 3, true, &next);
    joined = plain_convolution(joined, 8, 3, true, &next);
    return plain_convolution(joined, 4, 1, false, &next);
}

/* ---- input ---- */

static void empty_channels(struct channels *channels, int width, int height)
{
    *channels = (struct channels){.factor = 1};
    for (int c = 0; c < CHANNEL_COUNT; c++)
        assert_int_equal(plane_init(&channels->value[c], width, height, NULL), STRIAE_OK);
    assert_int_equal(plane_init(&channels->skin, width, height, NULL), STRIAE_OK);
}

static void random_channels(struct channels *channels, int width, int height)
{
    struct rng rng;
    rng_seed(&rng, 9, 2);
    empty_channels(channels, width, height);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            plane_row(&channels->skin, y)[x] = rng_uniform(&rng) < 0.9 ? 1.f : 0.f;
            for (int c = 0; c < CHANNEL_COUNT; c++)
                plane_row(&channels->value[c], y)[x] = (float)rng_range(&rng, -4, 4);
        }
}

static void equals_the_plain_computation(void **state)
{
    (void)state;
    const int sizes[][2] = {{29, 18}, {3, 5}, {64, 33}};
    static uint8_t file[SMALL_SIZE];
    small_model(file);
    struct model model;
    assert_int_equal(model_read(file, sizeof file, "small", &model, NULL), STRIAE_OK);
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        int width = sizes[s][0], height = sizes[s][1];
        struct channels channels;
        struct plane logit;
        random_channels(&channels, width, height);
        assert_int_equal(net_run(&model, &channels, 2, &logit, NULL), STRIAE_OK);
        struct grid blocks = grid_of(16, (width + 3) / 4 * 2, (height + 3) / 4 * 2);
        for (int c = 0; c < 4; c++)
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++) {
                    float on = plane_row(&channels.skin, y)[x];
                    *grid_at(&blocks, 4 * c + 2 * (y % 2) + x % 2, x / 2, y / 2) =
                        on * (c < 3 ? plane_row(&channels.value[c], y)[x] : 1);
                }
        struct grid expected = plain_network(file, blocks);
        double spread = 0;
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++) {
                double e = *grid_at(&expected, 2 * (y % 2) + x % 2, x / 2, y / 2);
                if (plane_row(&channels.skin, y)[x] <= 0)
                    e = NET_NO_SKIN;
                else
                    spread = fmax(spread, fabs(e));
                assert_true(fabs(plane_row(&logit, y)[x] - e) < 1e-4);
            }
        assert_true(spread > 0.05);
        free(expected.data);
        plane_free(&logit);
        segment_channels_free(&channels);
    }
    model_free(&model);
}

static void same_bits_at_any_number_of_threads(void **state)
{
    (void)state;
    struct model model;
    struct channels channels;
    struct plane logit[3];
    const int threads[] = {1, 3, 8};
    assert_int_equal(model_built_in(&model, NULL), STRIAE_OK);
    random_channels(&channels, 101, 67);
    for (int k = 0; k < 3; k++)
        assert_int_equal(net_run(&model, &channels, threads[k], &logit[k], NULL), STRIAE_OK);
    for (int k = 0; k < 3; k++) {
        for (int y = 0; y < 67; y++)
            assert_memory_equal(plane_row(&logit[0], y), plane_row(&logit[k], y),
                                101 * sizeof(float));
        if (k)
            plane_free(&logit[k]);
    }
    plane_free(&logit[0]);
    segment_channels_free(&channels);
    model_free(&model);
}

/* models/golden.txt: written by models/train/golden.py from the same model file. */
static void built_in_model_gives_what_torch_gives(void **state)
{
    (void)state;
    struct model model;
    struct channels channels;
    struct plane logit;
    assert_int_equal(model_built_in(&model, NULL), STRIAE_OK);
    empty_channels(&channels, 50, 37);
    for (int y = 0; y < 37; y++)
        for (int x = 0; x < 50; x++) {
            plane_row(&channels.skin, y)[x] = x + y > 12 ? 1.f : 0.f;
            for (int c = 0; c < CHANNEL_COUNT; c++)
                plane_row(&channels.value[c], y)[x] =
                    (float)((x * 7 + y * 13 + c * 5) % 17 - 8) / 8 +
                    (abs(x - y - 6) < 4 ? 2 * ((float)c - 0.5f) : 0);
        }
    assert_int_equal(net_run(&model, &channels, 1, &logit, NULL), STRIAE_OK);
    FILE *golden = fopen(GOLDEN, "r");
    assert_non_null(golden);
    int x, y, count = 0;
    double expected;
    while (fscanf(golden, "%d %d %lf", &x, &y, &expected) == 3) {
        assert_true(fabs(plane_row(&logit, y)[x] - expected) < 2e-3);
        count++;
    }
    fclose(golden);
    assert_true(count > 20);
    plane_free(&logit);
    segment_channels_free(&channels);
    model_free(&model);
}

/* ---- damage ---- */

static void refused(const uint8_t *file, size_t size, striae_status expected, const char *said)
{
    struct model model;
    striae_error error = {0};
    assert_int_equal(model_read(file, size, "my.model", &model, &error), expected);
    assert_non_null(strstr(error.message, "my.model"));
    assert_non_null(strstr(error.message, said));
    assert_null(model.numbers);
}

static void damaged_models_are_refused(void **state)
{
    (void)state;
    static uint8_t good[SMALL_SIZE], bad[SMALL_SIZE];
    small_model(good);
    for (size_t size = 0; size < SMALL_SIZE; size += size < 80 ? 1 : 977)
        refused(good, size, STRIAE_ERROR_DAMAGED, "");
    for (size_t at = 0; at < SMALL_SIZE; at += 131) {
        if (at >= 8 && at < 12)
            continue;
        memcpy(bad, good, sizeof bad);
        bad[at] ^= 0x10;
        refused(bad, sizeof bad, STRIAE_ERROR_DAMAGED, at < 8 ? "begin" : "checksum");
    }
}

/* Damage that the checksum does not show: a file made wrong. */
static void wrong_models_are_refused(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        uint32_t value;
        striae_status status;
        const char *said;
    } cases[] = {
        {8, 2, STRIAE_ERROR_UNSUPPORTED, "version 2"},
        {12, 5, STRIAE_ERROR_DAMAGED, "sizes"},
        {16, 4, STRIAE_ERROR_DAMAGED, "sizes"},
        {20, 1, STRIAE_ERROR_DAMAGED, "sizes"},
        {20, 0xffffffff, STRIAE_ERROR_DAMAGED, "sizes"},
        {24, 0, STRIAE_ERROR_DAMAGED, "width"},
        {24, 12, STRIAE_ERROR_DAMAGED, "width"},
        {28, 264, STRIAE_ERROR_DAMAGED, "width"},
        {28, 24, STRIAE_ERROR_DAMAGED, "as many"},
        {32, 7, STRIAE_ERROR_DAMAGED, "as many"},
        {60, 0x7c007c00, STRIAE_ERROR_DAMAGED, "not a number"},
    };
    static uint8_t file[SMALL_SIZE];
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        small_model(file);
        put_u32(file + cases[k].at, cases[k].value);
        seal(file, sizeof file);
        refused(file, sizeof file, cases[k].status, cases[k].said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_the_plain_computation),
        cmocka_unit_test(same_bits_at_any_number_of_threads),
        cmocka_unit_test(built_in_model_gives_what_torch_gives),
        cmocka_unit_test(damaged_models_are_refused),
        cmocka_unit_test(wrong_models_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
