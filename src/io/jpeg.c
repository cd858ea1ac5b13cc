/* JPEG through libjpeg-turbo: reading from memory and writing to memory. */
#include "io/raster.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jerror.h>
#include <jpeglib.h>

/* A progressive file of a few kB can ask for any number of passes over the whole picture; encoders
 * write about ten. */
#define MOST_SCANS 200

/* What libjpeg's callbacks reach through cinfo->err and cinfo->progress. */
struct jpeg_trap {
    struct jpeg_error_mgr manager; /* first: libjpeg knows only this */
    struct jpeg_progress_mgr progress;
    jmp_buf out;
    bool stop_at_warning;
    bool unsupported, too_large, no_memory;
    char message[JMSG_LENGTH_MAX];
};

_Noreturn static void on_error(j_common_ptr common)
{
    struct jpeg_trap *trap = (struct jpeg_trap *)common->err;
    int code = trap->manager.msg_code;
    trap->unsupported = code == JERR_BAD_PRECISION || code == JERR_SOF_UNSUPPORTED ||
                        code == JERR_ARITH_NOTIMPL || code == JERR_CONVERSION_NOTIMPL ||
                        code == JERR_COMPONENT_COUNT || code == JERR_FRACT_SAMPLE_NOTIMPL ||
                        code == JERR_CCIR601_NOTIMPL || code == JERR_NOTIMPL;
    trap->too_large = code == JERR_IMAGE_TOO_BIG || code == JERR_WIDTH_OVERFLOW;
    trap->no_memory = code == JERR_OUT_OF_MEMORY;
    trap->manager.format_message(common, trap->message);
    longjmp(trap->out, 1);
}

static void on_message(j_common_ptr common, int level)
{
    if (level >= 0)
        return; /* a trace, not a warning */
    struct jpeg_trap *trap = (struct jpeg_trap *)common->err;
    if (trap->manager.num_warnings++ == 0)
        trap->manager.format_message(common, trap->message);
    if (trap->stop_at_warning)
        longjmp(trap->out, 1);
}

static void on_progress(j_common_ptr common)
{
    struct jpeg_trap *trap = (struct jpeg_trap *)common->err;
    if (common->is_decompressor && ((j_decompress_ptr)common)->input_scan_number > MOST_SCANS) {
        (void)snprintf(trap->message, sizeof trap->message, "more than %d scans", MOST_SCANS);
        longjmp(trap->out, 1);
    }
}

static struct jpeg_error_mgr *trap_init(struct jpeg_trap *trap)
{
    *trap = (struct jpeg_trap){.stop_at_warning = true};
    jpeg_std_error(&trap->manager);
    trap->manager.error_exit = on_error;
    trap->manager.emit_message = on_message;
    trap->progress.progress_monitor = on_progress;
    return &trap->manager;
}

/* ---- reading -------------------------------------------------------------------------------- */

struct jpeg_reader {
    struct jpeg_decompress_struct cinfo;
    struct jpeg_trap trap;
};

/* setjmp is sealed in the two functions below: nothing in them lives across it but *reader and
 * *raster, which the caller owns. Both return false after a longjmp. */
static bool read_header(struct jpeg_reader *reader, const struct source *source)
{
    if (setjmp(reader->trap.out))
        return false;
    jpeg_create_decompress(&reader->cinfo);
    reader->cinfo.progress = &reader->trap.progress;
    jpeg_mem_src(&reader->cinfo, source->data, (unsigned long)source->size);
    jpeg_save_markers(&reader->cinfo, JPEG_APP0 + 1, 0xffff);
    jpeg_save_markers(&reader->cinfo, JPEG_APP0 + 2, 0xffff);
    return jpeg_read_header(&reader->cinfo, TRUE) == JPEG_HEADER_OK;
}

static bool read_rows(struct jpeg_reader *reader, struct raster *raster)
{
    if (setjmp(reader->trap.out))
        return false;
    size_t row_bytes = (size_t)raster->width * (size_t)raster->channels;
    jpeg_start_decompress(&reader->cinfo);
    while (reader->cinfo.output_scanline < reader->cinfo.output_height) {
        JSAMPROW row = (JSAMPROW)raster->data + reader->cinfo.output_scanline * row_bytes;
        jpeg_read_scanlines(&reader->cinfo, &row, 1);
    }
    return jpeg_finish_decompress(&reader->cinfo);
}

/* Why libjpeg gave up. */
static striae_status reader_failure(const struct jpeg_reader *reader, const struct source *source,
                                    striae_error *error)
{
    const struct jpeg_trap *trap = &reader->trap;
    if (trap->no_memory)
        return fail_memory(error);
    if (trap->too_large)
        return fail_with(error, STRIAE_ERROR_TOO_LARGE,
                         "%s: larger than 65500 pixels a side; reduce the picture", source->path);
    if (trap->unsupported)
        return fail_with(error, STRIAE_ERROR_UNSUPPORTED,
                         "%s: this kind of JPEG is not read (%s); save it as an ordinary 8-bit RGB "
                         "JPEG or as PNG",
                         source->path, trap->message);
    return raster_damaged(source, trap->message, trap->manager.num_warnings > 0, error);
}

static striae_status choose_colours(struct jpeg_reader *reader, const struct source *source,
                                    struct raster *raster, striae_error *error)
{
    switch (reader->cinfo.jpeg_color_space) {
    case JCS_GRAYSCALE:
        reader->cinfo.out_color_space = JCS_GRAYSCALE;
        raster->channels = 1;
        raster->info.grey = true;
        return STRIAE_OK;
    case JCS_YCbCr:
    case JCS_RGB:
        reader->cinfo.out_color_space = JCS_RGB;
        raster->channels = 3;
        return STRIAE_OK;
    case JCS_CMYK:
    case JCS_YCCK:
        return fail_with(error, STRIAE_ERROR_UNSUPPORTED,
                         "%s: a CMYK JPEG (for printing) has no measurable colours; convert the "
                         "original to RGB JPEG or PNG",
                         source->path);
    default:
        return fail_with(error, STRIAE_ERROR_UNSUPPORTED,
                         "%s: a JPEG with %d colour components is not read; convert it to RGB JPEG "
                         "or PNG",
                         source->path, reader->cinfo.num_components);
    }
}

/* The luminance table of ITU-T T.81 (1992) table K.1, row by row. */
static const int luminance_table[DCTSIZE2] = {
    16, 11, 10, 16, 24,  40,  51,  61,  12, 12, 14, 19, 26,  58,  60,  55,
    14, 13, 16, 24, 40,  57,  69,  56,  14, 17, 22, 29, 51,  87,  80,  62,
    18, 22, 37, 56, 68,  109, 103, 77,  24, 35, 55, 64, 81,  104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99};

/* The quality whose table, scaled as the Independent JPEG Group's library does, comes closest. */
static int estimate_quality(const struct jpeg_decompress_struct *cinfo)
{
    int table_number = cinfo->comp_info[0].quant_tbl_no;
    const JQUANT_TBL *table = table_number >= 0 && table_number < NUM_QUANT_TBLS
                                  ? cinfo->quant_tbl_ptrs[table_number]
                                  : NULL;
    if (!table)
        return 0;
    int best = 0;
    long best_distance = 0;
    for (int quality = 1; quality <= 100; quality++) {
        int scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
        long distance = 0;
        for (int i = 0; i < DCTSIZE2; i++) {
            int step = (luminance_table[i] * scale + 50) / 100;
            step = step < 1 ? 1 : step > 255 ? 255 : step;
            distance += labs((long)step - (long)table->quantval[i]);
        }
        if (best == 0 || distance <= best_distance) {
            best = quality;
            best_distance = distance;
        }
    }
    return best;
}

static striae_status keep_exif(const struct jpeg_decompress_struct *cinfo, struct raster *raster,
                               striae_error *error)
{
    for (jpeg_saved_marker_ptr m = cinfo->marker_list; m; m = m->next) {
        if (m->marker != JPEG_APP0 + 1 || m->data_length < 6 || memcmp(m->data, "Exif\0", 6) != 0)
            continue;
        raster->exif = malloc(m->data_length);
        if (!raster->exif)
            return fail_memory(error);
        memcpy(raster->exif, m->data, m->data_length);
        raster->exif_size = m->data_length;
        break;
    }
    return STRIAE_OK;
}

/* An ICC profile comes in numbered pieces (ICC.1:2022, annex B.4): the piece's number from 1 on,
 * and how many there are, follow the name. */
static const char icc_name[12] = "ICC_PROFILE";
#define ICC_HEAD 14

static bool is_icc(jpeg_saved_marker_ptr m)
{
    return m->marker == JPEG_APP0 + 2 && m->data_length >= ICC_HEAD &&
           memcmp(m->data, icc_name, sizeof icc_name) == 0;
}

/* Finds the pieces and their sizes; false when they are not whole. */
static bool find_icc(const struct jpeg_decompress_struct *cinfo, jpeg_saved_marker_ptr piece[256],
                     int *count, size_t *size)
{
    *count = 0;
    *size = 0;
    for (jpeg_saved_marker_ptr m = cinfo->marker_list; m; m = m->next) {
        if (!is_icc(m))
            continue;
        int number = m->data[12], all = m->data[13];
        if (number < 1 || number > all || piece[number] || (*count && *count != all))
            return false;
        *count = all;
        piece[number] = m;
        *size += m->data_length - ICC_HEAD;
    }
    for (int i = 1; i <= *count; i++)
        if (!piece[i])
            return false;
    return true;
}

static striae_status keep_icc(const struct jpeg_decompress_struct *cinfo, struct raster *raster,
                              striae_error *error)
{
    jpeg_saved_marker_ptr piece[256] = {0};
    int count;
    size_t size, used = 0;
    if (!find_icc(cinfo, piece, &count, &size)) {
        raster->icc_broken = true;
        return STRIAE_OK;
    }
    if (size == 0)
        return STRIAE_OK;
    raster->icc = malloc(size);
    if (!raster->icc)
        return fail_memory(error);
    for (int i = 1; i <= count; i++) {
        memcpy(raster->icc + used, piece[i]->data + ICC_HEAD, piece[i]->data_length - ICC_HEAD);
        used += piece[i]->data_length - ICC_HEAD;
    }
    raster->icc_size = size;
    return STRIAE_OK;
}

static striae_status decode(struct jpeg_reader *reader, const struct source *source,
                            struct raster *raster, striae_error *error)
{
    if (!read_header(reader, source))
        return reader_failure(reader, source, error);
    raster->width = (int)reader->cinfo.image_width;
    raster->height = (int)reader->cinfo.image_height;
    raster->sample_bytes = 1;
    raster->info.bits = 8;
    striae_status status = choose_colours(reader, source, raster, error);
    if (status == STRIAE_OK)
        status = keep_exif(&reader->cinfo, raster, error);
    if (status == STRIAE_OK)
        status = keep_icc(&reader->cinfo, raster, error);
    if (status == STRIAE_OK)
        status = raster_allocate(raster, source, error);
    if (status != STRIAE_OK)
        return status;
    raster->info.jpeg_quality = estimate_quality(&reader->cinfo);
    if (!read_rows(reader, raster))
        return reader_failure(reader, source, error);
    return STRIAE_OK;
}

striae_status jpeg_read(const struct source *source, struct raster *raster, striae_error *error)
{
    struct jpeg_reader *reader = calloc(1, sizeof *reader);
    *raster = (struct raster){0};
    if (!reader)
        return fail_memory(error);
    reader->cinfo.err = trap_init(&reader->trap);
    reader->trap.stop_at_warning = !source->limits.accept_damaged;
    striae_status status = decode(reader, source, raster, error);
    jpeg_destroy_decompress(&reader->cinfo);
    free(reader);
    if (status != STRIAE_OK)
        raster_free(raster);
    return status;
}

/* ---- writing -------------------------------------------------------------------------------- */

struct jpeg_writer {
    struct jpeg_compress_struct cinfo;
    struct jpeg_trap trap;
    struct jpeg_destination_mgr destination;
    unsigned char *bytes; /* owned */
    size_t size, capacity;
};

/* The destination of jpeg_mem_dest() loses track of its buffer when growing fails: hence our own.
 * Called at the start and whenever the buffer is full. */
static boolean grow_buffer(j_compress_ptr cinfo)
{
    struct jpeg_writer *writer = cinfo->client_data;
    size_t used = writer->capacity, wanted = used * 2 + (1u << 16);
    unsigned char *grown = realloc(writer->bytes, wanted);
    if (!grown)
        ERREXIT1(cinfo, JERR_OUT_OF_MEMORY, 0);
    writer->bytes = grown;
    writer->capacity = wanted;
    writer->destination.next_output_byte = grown + used;
    writer->destination.free_in_buffer = wanted - used;
    return TRUE;
}

static void start_buffer(j_compress_ptr cinfo)
{
    (void)grow_buffer(cinfo);
}

static void end_buffer(j_compress_ptr cinfo)
{
    struct jpeg_writer *writer = cinfo->client_data;
    writer->size = writer->capacity - writer->destination.free_in_buffer;
}

/* Sealed like the readers above. */
static bool write_rows(struct jpeg_writer *writer, const struct rgb8 *picture, int quality)
{
    if (setjmp(writer->trap.out))
        return false;
    struct jpeg_compress_struct *cinfo = &writer->cinfo;
    jpeg_create_compress(cinfo);
    cinfo->client_data = writer;
    cinfo->dest = &writer->destination;
    cinfo->image_width = (JDIMENSION)picture->width;
    cinfo->image_height = (JDIMENSION)picture->height;
    cinfo->input_components = 3;
    cinfo->in_color_space = JCS_RGB;
    jpeg_set_defaults(cinfo);
    jpeg_set_quality(cinfo, quality, TRUE);
    if (quality > 90)
        cinfo->comp_info[0].h_samp_factor = cinfo->comp_info[0].v_samp_factor = 1;
    jpeg_start_compress(cinfo, TRUE);
    while (cinfo->next_scanline < cinfo->image_height) {
        JSAMPROW row = picture->data + (size_t)cinfo->next_scanline * (size_t)picture->width * 3;
        jpeg_write_scanlines(cinfo, &row, 1);
    }
    jpeg_finish_compress(cinfo);
    return true;
}

striae_status io_encode_jpeg(const struct rgb8 *picture, int quality, unsigned char **data,
                             size_t *size, striae_error *error)
{
    *data = NULL;
    *size = 0;
    struct jpeg_writer *writer = calloc(1, sizeof *writer);
    if (!writer)
        return fail_memory(error);
    writer->cinfo.err = trap_init(&writer->trap);
    writer->destination = (struct jpeg_destination_mgr){
        .init_destination = start_buffer,
        .empty_output_buffer = grow_buffer,
        .term_destination = end_buffer,
    };
    striae_status status = STRIAE_OK;
    if (write_rows(writer, picture, quality)) {
        *data = writer->bytes;
        *size = writer->size;
    } else {
        free(writer->bytes);
        status = writer->trap.no_memory
                     ? fail_memory(error)
                     : fail_with(error, STRIAE_ERROR_OUTPUT, "a %d x %d picture as JPEG: %s",
                                 picture->width, picture->height, writer->trap.message);
    }
    jpeg_destroy_compress(&writer->cinfo);
    free(writer);
    return status;
}
