/* HEIC and AVIF through libheif, which turns the picture upright itself. */
#include "io/raster.h"

#include "base/threads.h"

#include <stdlib.h>
#include <string.h>

#include <libheif/heif.h>

#define MOST_METADATA (1u << 24)

struct heif_work {
    struct heif_context *context;
    struct heif_image_handle *handle;
    struct heif_image *image;
    const struct source *source;
    struct raster *raster;
};

static striae_status failure(const struct heif_work *reader, struct heif_error found,
                             striae_error *error)
{
    if (found.code == heif_error_Memory_allocation_error)
        return found.subcode == heif_suberror_Security_limit_exceeded
                   ? fail_with(error, STRIAE_ERROR_TOO_LARGE,
                               "%s: larger than the decoder takes; reduce the picture",
                               reader->source->path)
                   : fail_memory(error);
    if (found.code == heif_error_Unsupported_feature ||
        found.code == heif_error_Unsupported_filetype ||
        found.code == heif_error_Decoder_plugin_error)
        return fail_with(error, STRIAE_ERROR_UNSUPPORTED,
                         "%s: this kind of HEIF picture is not read (%s); save it as JPEG or PNG",
                         reader->source->path, found.message);
    return raster_damaged(reader->source, found.message, false, error);
}

static bool failed(struct heif_error found)
{
    return found.code != heif_error_Ok;
}

static struct heif_error open_picture(struct heif_work *reader)
{
    const struct source *source = reader->source;
    heif_context_set_maximum_image_size_limit(reader->context, 65535);
    heif_context_set_max_decoding_threads(reader->context, threads_resolve(source->limits.threads));
    struct heif_error found = heif_context_read_from_memory_without_copy(
        reader->context, source->data, source->size, NULL);
    if (failed(found))
        return found;
    return heif_context_get_primary_image_handle(reader->context, &reader->handle);
}

static struct heif_error decode_picture(struct heif_work *reader)
{
    const struct heif_image_handle *handle = reader->handle;
    struct raster *raster = reader->raster;
    bool wide = heif_image_handle_get_luma_bits_per_pixel(handle) > 8;
    /* Premultiplied colours already lie on black. */
    bool alpha = heif_image_handle_has_alpha_channel(handle) &&
                 !heif_image_handle_is_premultiplied_alpha(handle);
    enum heif_chroma form =
        wide    ? alpha ? heif_chroma_interleaved_RRGGBBAA_LE : heif_chroma_interleaved_RRGGBB_LE
        : alpha ? heif_chroma_interleaved_RGBA
                : heif_chroma_interleaved_RGB;
    raster->sample_bytes = wide ? 2 : 1;
    raster->channels = alpha ? 4 : 3;
    struct heif_decoding_options *options = heif_decoding_options_alloc();
    if (options && options->version >= 3)
        options->strict_decoding = !reader->source->limits.accept_damaged;
    struct heif_error found =
        heif_decode_image(handle, &reader->image, heif_colorspace_RGB, form, options);
    heif_decoding_options_free(options);
    return found;
}

/* 10 or 12 bits to the full range of 16. */
static void copy_wide(const uint8_t *from, size_t count, unsigned most, uint16_t *to)
{
    for (size_t i = 0; i < count; i++) {
        unsigned v = (unsigned)from[2 * i] | (unsigned)from[2 * i + 1] << 8;
        to[i] = (uint16_t)(((v < most ? v : most) * 65535u + most / 2) / most);
    }
}

static striae_status copy_pixels(struct heif_work *reader, striae_error *error)
{
    struct raster *raster = reader->raster;
    int stride = 0;
    raster->width = heif_image_get_width(reader->image, heif_channel_interleaved);
    raster->height = heif_image_get_height(reader->image, heif_channel_interleaved);
    int bits = heif_image_get_bits_per_pixel_range(reader->image, heif_channel_interleaved);
    const uint8_t *data =
        heif_image_get_plane_readonly(reader->image, heif_channel_interleaved, &stride);
    if (!data || raster->width < 1 || raster->height < 1 || bits < 1 || bits > 16)
        return raster_damaged(reader->source, "no pixels in it", false, error);
    raster->info.bits = bits;
    raster->info.orientation = 1; /* whatever EXIF says: that is for others */
    striae_status status = raster_allocate(raster, reader->source, error);
    size_t count = (size_t)raster->width * (size_t)raster->channels;
    for (int y = 0; y < raster->height && status == STRIAE_OK; y++) {
        const uint8_t *row = data + (ptrdiff_t)y * stride;
        if (raster->sample_bytes == 2)
            copy_wide(row, count, (1u << bits) - 1, (uint16_t *)raster->data + (size_t)y * count);
        else
            memcpy((uint8_t *)raster->data + (size_t)y * count, row, count);
    }
    return status;
}

/* The block is 4 bytes that say where, behind them, the TIFF header begins, then the rest. */
static striae_status keep_exif(struct heif_work *reader, striae_error *error)
{
    struct raster *raster = reader->raster;
    heif_item_id id;
    if (heif_image_handle_get_list_of_metadata_block_IDs(reader->handle, "Exif", &id, 1) != 1)
        return STRIAE_OK;
    size_t size = heif_image_handle_get_metadata_size(reader->handle, id);
    if (size <= 4 || size > MOST_METADATA)
        return STRIAE_OK;
    uint8_t *block = malloc(size);
    raster->exif = malloc(size + 6);
    if (!block || !raster->exif) {
        free(block);
        return fail_memory(error);
    }
    if (!failed(heif_image_handle_get_metadata(reader->handle, id, block))) {
        size_t skipped = (size_t)block[0] << 24 | (size_t)block[1] << 16 | (size_t)block[2] << 8 |
                         (size_t)block[3];
        if (skipped < size - 4) {
            memcpy(raster->exif, "Exif\0", 6);
            memcpy(raster->exif + 6, block + 4 + skipped, size - 4 - skipped);
            raster->exif_size = size + 2 - skipped;
        }
    }
    free(block);
    return STRIAE_OK;
}

static striae_status keep_profile(struct heif_work *reader, striae_error *error)
{
    struct raster *raster = reader->raster;
    struct heif_color_profile_nclx *nclx = NULL;
    size_t size = heif_image_handle_get_raw_color_profile_size(reader->handle);
    if (size > 0 && size <= MOST_METADATA) {
        raster->icc = malloc(size);
        if (!raster->icc)
            return fail_memory(error);
        raster->icc_size = size;
        if (failed(heif_image_handle_get_raw_color_profile(reader->handle, raster->icc)))
            raster->icc_broken = true;
    } else if (!failed(heif_image_handle_get_nclx_color_profile(reader->handle, &nclx)) && nclx) {
        raster->tags.primaries = (int)nclx->color_primaries;
        raster->tags.transfer = (int)nclx->transfer_characteristics;
    }
    heif_nclx_color_profile_free(nclx);
    return STRIAE_OK;
}

static striae_status decode(struct heif_work *reader, striae_error *error)
{
    struct heif_error found = open_picture(reader);
    if (failed(found))
        return failure(reader, found, error);
    striae_status status =
        raster_check_size(heif_image_handle_get_width(reader->handle),
                          heif_image_handle_get_height(reader->handle), reader->source, error);
    if (status != STRIAE_OK)
        return status;
    found = decode_picture(reader);
    if (failed(found))
        return failure(reader, found, error);
    status = copy_pixels(reader, error);
    if (status == STRIAE_OK)
        status = keep_exif(reader, error);
    if (status == STRIAE_OK)
        status = keep_profile(reader, error);
    return status;
}

striae_status heif_read(const struct source *source, struct raster *raster, striae_error *error)
{
    struct heif_work reader = {.context = heif_context_alloc(), .source = source, .raster = raster};
    *raster = (struct raster){0};
    striae_status status = reader.context ? decode(&reader, error) : fail_memory(error);
    if (reader.image)
        heif_image_release(reader.image);
    if (reader.handle)
        heif_image_handle_release(reader.handle);
    if (reader.context)
        heif_context_free(reader.context);
    if (status != STRIAE_OK)
        raster_free(raster);
    return status;
}
