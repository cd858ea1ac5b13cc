/* PNG through libpng: reading from memory, writing to memory and from there to a file. */
#include "io/raster.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

/* ---- reading -------------------------------------------------------------------------------- */

struct png_reader {
    png_structp png;
    png_infop info;
    const struct source *source;
    struct raster *raster; /* to be filled */
    size_t position;
    int passes, rows_read; /* rows_read over all passes */
    bool out_of_memory, warned, past_header;
    char found[160]; /* first warning, or the error */
};

_Noreturn static void on_read_error(png_structp png, png_const_charp message)
{
    struct png_reader *reader = png_get_error_ptr(png);
    reader->out_of_memory = strstr(message, "emory") != NULL;
    (void)snprintf(reader->found, sizeof reader->found, "%s", message);
    png_longjmp(png, 1);
}

static void on_read_warning(png_structp png, png_const_charp message)
{
    struct png_reader *reader = png_get_error_ptr(png);
    reader->warned = true;
    if (!reader->source->limits.accept_damaged)
        on_read_error(png, message);
}

static void read_bytes(png_structp png, png_bytep bytes, size_t count)
{
    struct png_reader *reader = png_get_io_ptr(png);
    size_t left = reader->source->size - reader->position;
    bool pad = reader->source->limits.accept_damaged && left > 0; /* decode to the last byte */
    if (count > left && !pad)
        png_error(png, "the file ends too early");
    size_t there = count < left ? count : left;
    memcpy(bytes, reader->source->data + reader->position, there);
    memset(bytes + there, 0, count - there);
    reader->position += there;
}

/* Chunks that tell something of the photo go past libpng, which would call a picture damaged for
 * what is wrong in them. */
static int keep_chunk(png_structp png, png_unknown_chunkp chunk)
{
    struct raster *raster = ((struct png_reader *)png_get_user_chunk_ptr(png))->raster;
    png_note_chunk((const char *)chunk->name, chunk->data, chunk->size, raster);
    if (memcmp(chunk->name, "eXIf", 4) != 0 || raster->exif || chunk->size == 0)
        return 1; /* done with it */
    raster->exif = malloc(chunk->size + 6);
    if (!raster->exif)
        png_error(png, "out of memory");
    memcpy(raster->exif, "Exif\0", 6); /* libexif looks for it; PNG leaves it out */
    memcpy(raster->exif + 6, chunk->data, chunk->size);
    raster->exif_size = chunk->size + 6;
    return 1;
}

/* setjmp is sealed in the functions below: nothing in them lives across it but what the caller
 * owns. They return false after a longjmp. */
static bool read_header(struct png_reader *reader)
{
    /* Chunks that are not used are passed over, so that an odd one (a faulty colour profile is
     * common) is no damage. Their checksums still count. */
    static const png_byte unused[] = "bKGD\0hIST\0iTXt\0oFFs\0pCAL\0pHYs\0sBIT\0"
                                     "sCAL\0sPLT\0sTER\0tIME\0zTXt";
    static const png_byte kept[] = "cHRM\0cICP\0eXIf\0gAMA\0iCCP\0sRGB\0tEXt";
    if (setjmp(png_jmpbuf(reader->png)))
        return false;
    png_set_read_fn(reader->png, reader, read_bytes);
    png_set_user_limits(reader->png, 0x7fffffff, 0x7fffffff); /* checked by raster_check_size */
    if (reader->source->limits.accept_damaged)
        png_set_crc_action(reader->png, PNG_CRC_WARN_USE, PNG_CRC_WARN_DISCARD);
    png_set_keep_unknown_chunks(reader->png, PNG_HANDLE_CHUNK_NEVER, unused, sizeof unused / 5);
    png_set_keep_unknown_chunks(reader->png, PNG_HANDLE_CHUNK_ALWAYS, kept, sizeof kept / 5);
    png_set_read_user_chunk_fn(reader->png, reader, keep_chunk);
    png_read_info(reader->png, reader->info);
    return true;
}

/* Everything to 8- or 16-bit grey, RGB or RGBA. */
static bool choose_form(struct png_reader *reader)
{
    struct raster *raster = reader->raster;
    if (setjmp(png_jmpbuf(reader->png)))
        return false;
    int type = png_get_color_type(reader->png, reader->info);
    int depth = png_get_bit_depth(reader->png, reader->info);
    bool has_alpha = (type & PNG_COLOR_MASK_ALPHA) != 0 ||
                     png_get_valid(reader->png, reader->info, PNG_INFO_tRNS) != 0;
    raster->info.bits = type == PNG_COLOR_TYPE_PALETTE ? 8 : depth;
    raster->info.grey = (type & PNG_COLOR_MASK_COLOR) == 0;
    raster->channels = has_alpha ? 4 : raster->info.grey ? 1 : 3;
    raster->sample_bytes = depth == 16 ? 2 : 1;
    png_set_expand(reader->png);
    if (has_alpha)
        png_set_gray_to_rgb(reader->png);
    if (depth == 16 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
        png_set_swap(reader->png);
    reader->passes = png_set_interlace_handling(reader->png);
    png_read_update_info(reader->png, reader->info);
    return true;
}

static bool read_rows(struct png_reader *reader)
{
    struct raster *raster = reader->raster;
    reader->past_header = true;
    if (setjmp(png_jmpbuf(reader->png)))
        return false;
    size_t row_bytes =
        (size_t)raster->width * (size_t)raster->channels * (size_t)raster->sample_bytes;
    if (png_get_rowbytes(reader->png, reader->info) != row_bytes)
        png_error(reader->png, "unexpected row size");
    for (int pass = 0; pass < reader->passes; pass++)
        for (int y = 0; y < raster->height; y++) {
            png_read_row(reader->png, (png_bytep)raster->data + (size_t)y * row_bytes, NULL);
            reader->rows_read++;
        }
    png_read_end(reader->png, reader->info);
    return true;
}

static striae_status reader_failure(const struct png_reader *reader, striae_error *error)
{
    bool readable = reader->warned || reader->past_header;
    return reader->out_of_memory ? fail_memory(error)
                                 : raster_damaged(reader->source, reader->found, readable, error);
}

static striae_status decode(struct png_reader *reader, striae_error *error)
{
    struct raster *raster = reader->raster;
    if (!read_header(reader))
        return reader_failure(reader, error);
    double width = png_get_image_width(reader->png, reader->info);
    double height = png_get_image_height(reader->png, reader->info);
    striae_status status = raster_check_size(width, height, reader->source, error);
    if (status != STRIAE_OK)
        return status;
    raster->width = (int)width;
    raster->height = (int)height;
    if (!choose_form(reader))
        return reader_failure(reader, error);
    status = raster_allocate(raster, reader->source, error);
    if (status != STRIAE_OK)
        return status;
    /* The rows that are there pass as a damaged photo; the others stay black. */
    bool usable = reader->source->limits.accept_damaged;
    if (!read_rows(reader) && !(usable && reader->rows_read > 0))
        return reader_failure(reader, error);
    return STRIAE_OK;
}

striae_status png_read(const struct source *source, struct raster *raster, striae_error *error)
{
    struct png_reader reader = {.source = source, .raster = raster};
    striae_status status = STRIAE_ERROR_MEMORY;
    *raster = (struct raster){0};
    reader.png =
        png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader, on_read_error, on_read_warning);
    if (reader.png)
        reader.info = png_create_info_struct(reader.png);
    if (reader.info)
        status = decode(&reader, error);
    else
        (void)fail_memory(error);
    png_destroy_read_struct(&reader.png, &reader.info, NULL);
    if (status != STRIAE_OK)
        raster_free(raster);
    return status;
}

/* ---- writing -------------------------------------------------------------------------------- */

struct png_writer {
    png_structp png;
    png_infop info;
    const char *path;
    uint8_t *bytes; /* owned */
    size_t size, capacity;
    char found[160];
};

/* What to write: rows of packed samples, 16-bit ones in the machine's byte order. */
struct png_content {
    int width, height, colour_type, bits;
    const uint8_t *data;
    size_t row_bytes;
    int filters, level;
};

_Noreturn static void on_write_error(png_structp png, png_const_charp message)
{
    struct png_writer *writer = png_get_error_ptr(png);
    (void)snprintf(writer->found, sizeof writer->found, "%s", message);
    png_longjmp(png, 1);
}

static void on_write_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static void append_bytes(png_structp png, png_bytep bytes, size_t count)
{
    struct png_writer *writer = png_get_io_ptr(png);
    if (count > writer->capacity - writer->size) {
        size_t wanted = writer->capacity * 2 + count + 65536;
        uint8_t *grown = realloc(writer->bytes, wanted);
        if (!grown)
            png_error(png, "out of memory");
        writer->bytes = grown;
        writer->capacity = wanted;
    }
    memcpy(writer->bytes + writer->size, bytes, count);
    writer->size += count;
}

static void flush_nothing(png_structp png)
{
    (void)png;
}

/* Sealed like the readers above. */
static bool write_rows(struct png_writer *writer, const struct png_content *content)
{
    if (setjmp(png_jmpbuf(writer->png)))
        return false;
    png_structp png = writer->png;
    png_set_write_fn(png, writer, append_bytes, flush_nothing);
    png_set_filter(png, PNG_FILTER_TYPE_BASE, content->filters);
    png_set_compression_level(png, content->level);
    png_set_compression_buffer_size(png, 1u << 18);
    png_set_IHDR(png, writer->info, (png_uint_32)content->width, (png_uint_32)content->height,
                 content->bits, content->colour_type, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, writer->info);
    if (content->bits == 16 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
        png_set_swap(png);
    for (int y = 0; y < content->height; y++)
        png_write_row(png, content->data + (size_t)y * content->row_bytes);
    png_write_end(png, writer->info);
    return true;
}

static striae_status write_png(const char *path, const struct png_content *content, bool overwrite,
                               striae_error *error)
{
    struct png_writer writer = {.path = path};
    striae_status status = STRIAE_ERROR_MEMORY;
    writer.png =
        png_create_write_struct(PNG_LIBPNG_VER_STRING, &writer, on_write_error, on_write_warning);
    if (writer.png)
        writer.info = png_create_info_struct(writer.png);
    if (!writer.info)
        (void)fail_memory(error);
    else if (write_rows(&writer, content))
        status = io_write_file(path, writer.bytes, writer.size, overwrite, error);
    else
        status = strstr(writer.found, "emory")
                     ? fail_memory(error)
                     : fail_with(error, STRIAE_ERROR_OUTPUT,
                                 "%s: cannot be made as PNG: %s; choose a smaller picture", path,
                                 writer.found);
    png_destroy_write_struct(&writer.png, &writer.info);
    free(writer.bytes);
    return status;
}

/* Photos: one cheap filter and fast compression write 12 megapixels in 0.35 s; libpng's defaults
 * take five times as long for files a tenth smaller, and stb_image_write 1.1 to 1.7 s for larger
 * ones. Masks and labels are nearly empty: the usual level costs little. */
striae_status io_write_rgb(const char *path, const struct rgb8 *picture, bool overwrite,
                           striae_error *error)
{
    return write_png(path,
                     &(struct png_content){picture->width, picture->height, PNG_COLOR_TYPE_RGB, 8,
                                           picture->data, (size_t)picture->width * 3, PNG_FILTER_UP,
                                           2},
                     overwrite, error);
}

striae_status io_write_mask(const char *path, const struct mask *mask, bool overwrite,
                            striae_error *error)
{
    return write_png(path,
                     &(struct png_content){mask->width, mask->height, PNG_COLOR_TYPE_GRAY, 8,
                                           mask->data, (size_t)mask->width, PNG_FILTER_NONE, 6},
                     overwrite, error);
}

striae_status io_write_labels(const char *path, const struct labels *labels, bool overwrite,
                              striae_error *error)
{
    return write_png(path,
                     &(struct png_content){labels->width, labels->height, PNG_COLOR_TYPE_GRAY, 16,
                                           (const uint8_t *)labels->data, (size_t)labels->width * 2,
                                           PNG_FILTER_NONE, 6},
                     overwrite, error);
}
