#include "segment/model.h"

#include "segment/model_bytes.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nettle/sha2.h>

#define VERSION      1
#define WEIGHTS_MOST 4000000

struct reader {
    const uint8_t *data;
    size_t size, at;
};

static uint32_t next_u32(struct reader *reader)
{
    const uint8_t *d = reader->data + reader->at;
    reader->at += 4;
    return (uint32_t)d[0] | (uint32_t)d[1] << 8 | (uint32_t)d[2] << 16 | (uint32_t)d[3] << 24;
}

/* IEEE 754 binary16. */
static float next_half(struct reader *reader)
{
    const uint8_t *d = reader->data + reader->at;
    reader->at += 2;
    unsigned bits = (unsigned)d[0] | (unsigned)d[1] << 8;
    int exponent = (int)(bits >> 10 & 31), fraction = (int)(bits & 1023);
    float size = exponent == 31 ? (fraction ? NAN : INFINITY)
                 : exponent     ? ldexpf((float)(fraction + 1024), exponent - 25)
                                : ldexpf((float)fraction, -24);
    return bits & 0x8000 ? -size : size;
}

static size_t whole_lanes(int outputs)
{
    return (size_t)(outputs + MODEL_LANES - 1) / MODEL_LANES * MODEL_LANES;
}

static size_t taps(const struct convolution *c)
{
    return (size_t)c->size * (size_t)c->size;
}

/* The convolutions that the widths ask for. */
static void plan(struct model *model)
{
    const int *width = model->widths;
    struct convolution *c = model->convolutions;
    for (int k = 0; k < model->levels; k++) {
        int inputs = k ? width[k - 1] : MODEL_INPUTS * MODEL_BLOCK * MODEL_BLOCK;
        *c++ = (struct convolution){.inputs = inputs, .outputs = width[k], .size = 3};
        *c++ = (struct convolution){.inputs = width[k], .outputs = width[k], .size = 3};
    }
    for (int k = model->levels - 2; k >= 0; k--) {
        *c++ =
            (struct convolution){.inputs = width[k + 1] + width[k], .outputs = width[k], .size = 3};
        *c++ = (struct convolution){.inputs = width[k], .outputs = width[k], .size = 3};
    }
    *c = (struct convolution){.inputs = width[0], .outputs = MODEL_BLOCK * MODEL_BLOCK, .size = 1};
}

static striae_status damaged(const char *name, const char *what, striae_error *error)
{
    return fail_with(error, STRIAE_ERROR_DAMAGED,
                     "%s: %s; the model is damaged, install the program again", name, what);
}

static striae_status check_sum(const struct reader *reader, const char *name, char hex[65],
                               striae_error *error)
{
    uint8_t sum[SHA256_DIGEST_SIZE];
    struct sha256_ctx context;
    sha256_init(&context);
    sha256_update(&context, reader->size - sizeof sum, reader->data);
    sha256_digest(&context, sizeof sum, sum);
    if (memcmp(sum, reader->data + reader->size - sizeof sum, sizeof sum) != 0)
        return damaged(name, "the checksum is wrong", error);
    sha256_init(&context);
    sha256_update(&context, reader->size, reader->data);
    sha256_digest(&context, sizeof sum, sum);
    for (size_t i = 0; i < sizeof sum; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", sum[i]);
    return STRIAE_OK;
}

static striae_status read_head(struct reader *reader, const char *name, struct model *model,
                               striae_error *error)
{
    size_t least = 8 + 4 * 4 + 4 + SHA256_DIGEST_SIZE;
    if (reader->size < least || memcmp(reader->data, "STRIAENN", 8) != 0)
        return damaged(name, "it does not begin like a model", error);
    reader->at = 8;
    uint32_t version = next_u32(reader);
    if (version != VERSION)
        return fail_with(error, STRIAE_ERROR_UNSUPPORTED,
                         "%s: version %u; this program reads version %d", name, (unsigned)version,
                         VERSION);
    striae_status status = check_sum(reader, name, model->sha256, error);
    if (status != STRIAE_OK)
        return status;
    uint32_t inputs = next_u32(reader), block = next_u32(reader), levels = next_u32(reader);
    if (inputs != MODEL_INPUTS || block != MODEL_BLOCK || levels < 2 ||
        levels > MODEL_LEVELS_MOST || reader->size < least + 4 * levels)
        return damaged(name, "its sizes are not those of this program's network", error);
    model->levels = (int)levels;
    for (uint32_t k = 0; k < levels; k++) {
        uint32_t width = next_u32(reader);
        if (width < MODEL_LANES || width > MODEL_WIDTH_MOST || width % MODEL_LANES != 0)
            return damaged(name, "a level's width is out of range", error);
        model->widths[k] = (int)width;
    }
    return STRIAE_OK;
}

/* The file's order [out][in][tap] into the order of the computation. */
static bool read_convolution(struct reader *reader, struct convolution *c)
{
    bool finite = true;
    for (int o = 0; o < c->outputs; o++)
        for (int i = 0; i < c->inputs; i++)
            for (size_t tap = 0; tap < taps(c); tap++) {
                size_t group = (size_t)(o / MODEL_LANES) * taps(c) + tap;
                float weight = next_half(reader);
                c->weights[(group * (size_t)c->inputs + (size_t)i) * MODEL_LANES +
                           (size_t)(o % MODEL_LANES)] = weight;
                finite = finite && isfinite(weight);
            }
    for (int o = 0; o < c->outputs; o++) {
        c->bias[o] = next_half(reader);
        finite = finite && isfinite(c->bias[o]);
    }
    return finite;
}

static striae_status read_numbers(struct reader *reader, const char *name, struct model *model,
                                  striae_error *error)
{
    size_t stored = 0, room = 0;
    for (size_t k = 0; k < model->count; k++) {
        const struct convolution *c = &model->convolutions[k];
        stored += ((size_t)c->inputs * taps(c) + 1) * (size_t)c->outputs;
        room += ((size_t)c->inputs * taps(c) + 1) * whole_lanes(c->outputs);
    }
    if (stored > WEIGHTS_MOST || next_u32(reader) != stored ||
        reader->size != reader->at + 2 * stored + SHA256_DIGEST_SIZE)
        return damaged(name, "it does not hold as many weights as its sizes ask for", error);
    model->numbers = calloc(room, sizeof *model->numbers);
    if (!model->numbers)
        return fail_memory(error);
    float *next = model->numbers;
    for (size_t k = 0; k < model->count; k++) {
        struct convolution *c = &model->convolutions[k];
        c->weights = next;
        c->bias = next + (size_t)c->inputs * taps(c) * whole_lanes(c->outputs);
        next = c->bias + whole_lanes(c->outputs);
        if (!read_convolution(reader, c))
            return damaged(name, "a weight is not a number", error);
    }
    return STRIAE_OK;
}

striae_status model_read(const void *data, size_t size, const char *name, struct model *model,
                         striae_error *error)
{
    struct reader reader = {data, size, 0};
    *model = (struct model){0};
    striae_status status = read_head(&reader, name, model, error);
    if (status == STRIAE_OK) {
        model->count = 4 * (size_t)model->levels - 1;
        model->convolutions = calloc(model->count, sizeof *model->convolutions);
        status = model->convolutions ? STRIAE_OK : fail_memory(error);
    }
    if (status == STRIAE_OK) {
        plan(model);
        status = read_numbers(&reader, name, model, error);
    }
    if (status != STRIAE_OK)
        model_free(model);
    return status;
}

striae_status model_built_in(struct model *model, striae_error *error)
{
    return model_read(model_bytes, model_bytes_size, "built-in model", model, error);
}

void model_free(struct model *model)
{
    free(model->convolutions);
    free(model->numbers);
    *model = (struct model){0};
}
