/* Makes HEIC files in memory through libheif; needs an encoder, which not every system has. */
#ifndef STRIAE_TEST_IO_MAKE_HEIF_H
#define STRIAE_TEST_IO_MAKE_HEIF_H

#include "test_io_make.h"

#include <libheif/heif.h>

struct heif_sample {
    int width, height;
    bool alpha, ten_bits;
    const struct bytes *exif; /* without "Exif\0\0"; NULL = none */
    const struct bytes *icc;
    int primaries, transfer; /* nclx; 0 = none */
};

static inline bool heif_can_encode(void)
{
    return heif_have_encoder_for_format(heif_compression_HEVC);
}

/* Sample c of pixel (x,y), 0..1: smooth, so that it survives compression. */
static inline double heif_sample_value(int x, int y, int c)
{
    return jpeg_sample_value(x, y, c) / 255.0;
}

static inline struct heif_image *heif_sample_image(const struct heif_sample *s)
{
    struct heif_image *image = NULL;
    enum heif_chroma form = s->ten_bits ? heif_chroma_interleaved_RRGGBB_LE
                            : s->alpha  ? heif_chroma_interleaved_RGBA
                                        : heif_chroma_interleaved_RGB;
    int channels = s->alpha ? 4 : 3, stride = 0;
    heif_image_create(s->width, s->height, heif_colorspace_RGB, form, &image);
    heif_image_add_plane(image, heif_channel_interleaved, s->width, s->height,
                         s->ten_bits ? 10 : 8);
    uint8_t *data = heif_image_get_plane(image, heif_channel_interleaved, &stride);
    for (int y = 0; y < s->height; y++)
        for (int x = 0; x < s->width; x++)
            for (int c = 0; c < channels; c++) {
                double v = c == 3 ? 0.5 : heif_sample_value(x, y, c);
                uint8_t *row = data + y * stride;
                int at = x * channels + c;
                if (s->ten_bits) {
                    unsigned wide = (unsigned)(v * 1023 + 0.5);
                    row[2 * at] = (uint8_t)wide;
                    row[2 * at + 1] = (uint8_t)(wide >> 8);
                } else {
                    row[at] = (uint8_t)(v * 255 + 0.5);
                }
            }
    if (s->icc)
        heif_image_set_raw_color_profile(image, "prof", s->icc->data, s->icc->size);
    if (s->primaries) {
        struct heif_color_profile_nclx *nclx = heif_nclx_color_profile_alloc();
        heif_nclx_color_profile_set_color_primaries(nclx, (uint16_t)s->primaries);
        heif_nclx_color_profile_set_transfer_characteristics(nclx, (uint16_t)s->transfer);
        heif_image_set_nclx_color_profile(image, nclx);
        heif_nclx_color_profile_free(nclx);
    }
    return image;
}

static inline struct heif_error heif_sample_write(struct heif_context *context, const void *data,
                                                  size_t size, void *to)
{
    (void)context;
    bytes_add(to, data, size);
    return (struct heif_error){heif_error_Ok, heif_suberror_Unspecified, "ok"};
}

static inline struct bytes make_heif(const struct heif_sample *s)
{
    struct bytes file = {0};
    struct heif_context *context = heif_context_alloc();
    struct heif_encoder *encoder = NULL;
    struct heif_image *image = heif_sample_image(s);
    struct heif_image_handle *handle = NULL;
    struct heif_writer writer = {1, heif_sample_write};
    heif_context_get_encoder_for_format(context, heif_compression_HEVC, &encoder);
    heif_encoder_set_lossy_quality(encoder, 95);
    heif_encoder_set_parameter_string(encoder, "chroma", "444");
    struct heif_encoding_options *options = heif_encoding_options_alloc();
    options->macOS_compatibility_workaround_no_nclx_profile = 0;
    if (heif_context_encode_image(context, image, encoder, options, &handle).code != heif_error_Ok)
        abort();
    heif_encoding_options_free(options);
    if (s->exif)
        heif_context_add_exif_metadata(context, handle, s->exif->data, (int)s->exif->size);
    heif_context_write(context, &writer, &file);
    heif_image_handle_release(handle);
    heif_encoder_release(encoder);
    heif_image_release(image);
    heif_context_free(context);
    return file;
}

#endif
