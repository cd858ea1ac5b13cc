#include "base/image.h"

#include <stdlib.h>
#include <string.h>

#define ROW_ALIGNMENT 64u

size_t checked_bytes(size_t rows, size_t columns, size_t size)
{
    size_t cells = 0, bytes = 0;
    if (__builtin_mul_overflow(rows, columns, &cells) ||
        __builtin_mul_overflow(cells, size, &bytes))
        return 0;
    return bytes;
}

static bool size_ok(int width, int height)
{
    return width >= 1 && height >= 1 && width <= 65535 && height <= 65535;
}

static striae_status bad_size(int width, int height, striae_error *error)
{
    return fail_with(error, STRIAE_ERROR_INTERNAL, "picture size %d x %d is out of range", width,
                     height);
}

striae_status plane_init(struct plane *p, int width, int height, striae_error *error)
{
    *p = (struct plane){0};
    if (!size_ok(width, height))
        return bad_size(width, height, error);
    size_t per_row = ROW_ALIGNMENT / sizeof(float);
    size_t stride = ((size_t)width + per_row - 1) / per_row * per_row;
    size_t bytes = checked_bytes((size_t)height, stride, sizeof(float));
    /* calloc has fresh memory zeroed by the system, page by page, by whichever thread comes first
     */
    char *block = bytes ? calloc(bytes + ROW_ALIGNMENT, 1) : NULL;
    if (!block)
        return fail_memory(error);
    size_t past = (uintptr_t)block % ROW_ALIGNMENT;
    *p = (struct plane){.width = width,
                        .height = height,
                        .stride = stride,
                        .data = (float *)(void *)(block + (past ? ROW_ALIGNMENT - past : 0)),
                        .block = block};
    return STRIAE_OK;
}

void plane_free(struct plane *p)
{
    free(p->block);
    *p = (struct plane){0};
}

striae_status plane_copy(const struct plane *from, struct plane *to, striae_error *error)
{
    striae_status status = plane_init(to, from->width, from->height, error);
    if (status == STRIAE_OK) /* of one width, so of one stride */
        memcpy(to->data, from->data, (size_t)from->height * from->stride * sizeof *to->data);
    return status;
}

striae_status image_init(struct image *p, int width, int height, striae_error *error)
{
    *p = (struct image){.width = width, .height = height};
    for (int c = 0; c < 3; c++) {
        striae_status status = plane_init(&p->channel[c], width, height, error);
        if (status != STRIAE_OK) {
            image_free(p);
            return status;
        }
    }
    return STRIAE_OK;
}

void image_free(struct image *p)
{
    for (int c = 0; c < 3; c++)
        plane_free(&p->channel[c]);
    *p = (struct image){0};
}

/* Zeroed cells of `size` bytes for a packed picture, or NULL with *error filled. */
static void *packed(int width, int height, size_t size, striae_error *error)
{
    if (!size_ok(width, height)) {
        (void)bad_size(width, height, error);
        return NULL;
    }
    void *data =
        calloc((size_t)height * (size_t)width, size); /* at most 2^32 cells, calloc checks */
    if (!data)
        (void)fail_memory(error);
    return data;
}

static striae_status failed_packed(int width, int height)
{
    return size_ok(width, height) ? STRIAE_ERROR_MEMORY : STRIAE_ERROR_INTERNAL;
}

striae_status mask_init(struct mask *p, int width, int height, striae_error *error)
{
    *p = (struct mask){0};
    uint8_t *data = packed(width, height, sizeof *data, error);
    if (!data)
        return failed_packed(width, height);
    *p = (struct mask){.width = width, .height = height, .data = data};
    return STRIAE_OK;
}

void mask_free(struct mask *p)
{
    free(p->data);
    *p = (struct mask){0};
}

striae_status labels_init(struct labels *p, int width, int height, striae_error *error)
{
    *p = (struct labels){0};
    uint16_t *data = packed(width, height, sizeof *data, error);
    if (!data)
        return failed_packed(width, height);
    *p = (struct labels){.width = width, .height = height, .data = data};
    return STRIAE_OK;
}

void labels_free(struct labels *p)
{
    free(p->data);
    *p = (struct labels){0};
}

striae_status rgb8_init(struct rgb8 *p, int width, int height, striae_error *error)
{
    *p = (struct rgb8){0};
    uint8_t *data = packed(width, height, 3, error);
    if (!data)
        return failed_packed(width, height);
    *p = (struct rgb8){.width = width, .height = height, .data = data};
    return STRIAE_OK;
}

void rgb8_free(struct rgb8 *p)
{
    free(p->data);
    *p = (struct rgb8){0};
}
