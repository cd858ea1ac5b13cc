/* Drawing the card, through cairo: as PDF on a sheet of A4, as SVG or PNG by itself. */
#include "calibrate/card.h"

#include <apriltag/apriltag.h>
#include <apriltag/tag36h11.h>
#include <cairo/cairo-pdf.h>
#include <cairo/cairo-svg.h>
#include <cairo/cairo.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POINTS_PER_MM (72 / 25.4)
#define SHEET_WIDTH   210.0
#define SHEET_HEIGHT  297.0
#define PNG_PER_MM    (600 / 25.4)
#define RULER_LENGTH  50
#define RULER_LEFT    17.8
#define RULER_BOTTOM  51.5
#define CHECK_LINE    6.0 /* its y */

static void set_lab(cairo_t *to, struct lab lab)
{
    double rgb[3];
    colour_lab_to_rgb(lab, rgb);
    for (int c = 0; c < 3; c++)
        rgb[c] = fmin(fmax(colour_srgb_encode(rgb[c]), 0), 1);
    cairo_set_source_rgb(to, rgb[0], rgb[1], rgb[2]);
}

static void fill_rectangle(cairo_t *to, double x, double y, double width, double height)
{
    cairo_rectangle(to, x, y, width, height);
    cairo_fill(to);
}

/* Baseline at y; size in mm; centred at x, or from x on. */
static void put_text(cairo_t *to, double x, double y, double size, bool centred, const char *text)
{
    cairo_text_extents_t extents;
    cairo_select_font_face(to, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(to, size);
    cairo_text_extents(to, text, &extents);
    cairo_move_to(to, centred ? x - extents.x_advance / 2 : x, y);
    cairo_show_text(to, text);
    cairo_new_path(to);
}

/* Cells as rows of rectangles: no seams between neighbours. */
static bool draw_tag(cairo_t *to, apriltag_family_t *family, const struct card_tag *tag)
{
    image_u8_t *cells = apriltag_to_image(family, tag->id);
    if (!cells)
        return false;
    int width = (int)cells->width, height = (int)cells->height;
    double cell = CARD_TAG_SIDE / (double)family->width_at_border;
    double left = tag->x - cell * width / 2, top = tag->y - cell * height / 2;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            if (cells->buf[y * (int)cells->stride + x] < 128)
                cairo_rectangle(to, left + x * cell, top + y * cell, cell, cell);
    cairo_set_antialias(to, CAIRO_ANTIALIAS_GRAY);
    cairo_fill(to); /* one path: shared edges leave no gap */
    free(cells->buf);
    free(cells);
    return true;
}

static bool draw_tags(cairo_t *to)
{
    apriltag_family_t *family = tag36h11_create();
    bool good = family != NULL;
    cairo_set_source_rgb(to, 0, 0, 0);
    for (int i = 0; i < CARD_TAGS && good; i++)
        good = draw_tag(to, family, &card_tags[i]);
    if (family)
        tag36h11_destroy(family);
    return good;
}

static void draw_ruler(cairo_t *to)
{
    char text[8];
    cairo_set_source_rgb(to, 0, 0, 0);
    for (int mm = 0; mm <= RULER_LENGTH; mm++) {
        double height = mm % 10 == 0 ? 5 : mm % 5 == 0 ? 4 : 2.8;
        fill_rectangle(to, RULER_LEFT + mm - 0.1, RULER_BOTTOM - height, 0.2, height);
        (void)snprintf(text, sizeof text, "%d", mm);
        if (mm % 10 == 0)
            put_text(to, RULER_LEFT + mm, RULER_BOTTOM - 5.6, 2.4, true, text);
    }
    fill_rectangle(to, RULER_LEFT - 0.1, RULER_BOTTOM - 0.2, RULER_LENGTH + 0.2, 0.2);
}

static void draw_check_line(cairo_t *to, const char *batch)
{
    char text[96];
    cairo_set_source_rgb(to, 0, 0, 0);
    fill_rectangle(to, RULER_LEFT, CHECK_LINE - 0.1, RULER_LENGTH, 0.2);
    for (int end = 0; end < 2; end++)
        fill_rectangle(to, RULER_LEFT + end * RULER_LENGTH - 0.1, CHECK_LINE - 1, 0.2, 2);
    put_text(to, CARD_WIDTH / 2, CHECK_LINE - 1.4, 2.2, true,
             "print at 100 %: this line is 50 mm long");
    (void)snprintf(text, sizeof text, "striae card 1   batch %s", batch);
    put_text(to, CARD_WIDTH / 2, CHECK_LINE + 3.0, 2.2, true, text);
}

static bool draw_card(cairo_t *to, const char *batch)
{
    cairo_set_source_rgb(to, 1, 1, 1);
    fill_rectangle(to, 0, 0, CARD_WIDTH, CARD_HEIGHT);
    for (int i = 0; i < CARD_PATCHES; i++) {
        const struct card_patch *p = &card_patches[i];
        set_lab(to, p->lab);
        fill_rectangle(to, p->x - CARD_PATCH / 2, p->y - CARD_PATCH / 2, CARD_PATCH, CARD_PATCH);
    }
    draw_ruler(to);
    draw_check_line(to, batch);
    return draw_tags(to);
}

static void draw_outline(cairo_t *to)
{
    cairo_set_source_rgb(to, 0.6, 0.6, 0.6);
    cairo_set_line_width(to, 0.1);
    cairo_rectangle(to, -0.05, -0.05, CARD_WIDTH + 0.1, CARD_HEIGHT + 0.1);
    cairo_stroke(to);
}

static bool draw_sheet(cairo_t *to, const char *batch)
{
    static const char *const lines[] = {
        "Print at 100 % (no \"fit to page\") on matt white paper; check the line with a ruler.",
        "Cut along the outline. Lay the card flat on the skin, in the same plane as the striae,",
        "beside them, all four tags in view, without shine or shade on it.",
        "Use cards of one batch for all sessions of a person; keep them dark and dry."};
    double left = (SHEET_WIDTH - CARD_WIDTH) / 2, top = 40;
    cairo_scale(to, POINTS_PER_MM, POINTS_PER_MM);
    cairo_set_source_rgb(to, 0, 0, 0);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        put_text(to, 30, top + CARD_HEIGHT + 12 + 5.5 * (double)i, 3.6, false, lines[i]);
    cairo_translate(to, left, top);
    draw_outline(to);
    return draw_card(to, batch);
}

/* ---- files in memory ---- */

struct output {
    uint8_t *data;
    size_t size, capacity;
};

static cairo_status_t append(void *closure, const unsigned char *data, unsigned length)
{
    struct output *out = closure;
    if (length > out->capacity - out->size) {
        size_t wanted = out->capacity * 2 + length + 65536;
        uint8_t *grown = realloc(out->data, wanted);
        if (!grown)
            return CAIRO_STATUS_NO_MEMORY;
        out->data = grown;
        out->capacity = wanted;
    }
    memcpy(out->data + out->size, data, length);
    out->size += length;
    return CAIRO_STATUS_SUCCESS;
}

/* The surface is finished and freed. */
static bool finish(cairo_surface_t *surface, cairo_t *to, bool drawn)
{
    drawn = drawn && cairo_status(to) == CAIRO_STATUS_SUCCESS;
    cairo_destroy(to);
    cairo_surface_finish(surface);
    drawn = drawn && cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS;
    cairo_surface_destroy(surface);
    return drawn;
}

static bool make_pdf(struct output *out, const char *batch)
{
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(
        append, out, SHEET_WIDTH * POINTS_PER_MM, SHEET_HEIGHT * POINTS_PER_MM);
    /* The same bytes whenever it is made. */
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, "2026-01-01T00:00:00Z");
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, "striae reference card");
    cairo_t *to = cairo_create(surface);
    return finish(surface, to, draw_sheet(to, batch));
}

static bool make_svg(struct output *out, const char *batch)
{
    cairo_surface_t *surface =
        cairo_svg_surface_create_for_stream(append, out, CARD_WIDTH, CARD_HEIGHT);
    cairo_svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_MM);
    cairo_t *to = cairo_create(surface);
    return finish(surface, to, draw_card(to, batch));
}

static cairo_surface_t *make_raster(double px_per_mm, const char *batch)
{
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)lround(CARD_WIDTH * px_per_mm),
                                   (int)lround(CARD_HEIGHT * px_per_mm));
    cairo_t *to = cairo_create(surface);
    cairo_scale(to, px_per_mm, px_per_mm);
    cairo_set_source_rgb(to, 1, 1, 1);
    cairo_paint(to);
    bool good = draw_card(to, batch) && cairo_status(to) == CAIRO_STATUS_SUCCESS;
    cairo_destroy(to);
    if (good)
        return surface;
    cairo_surface_destroy(surface);
    return NULL;
}

static bool make_png(struct output *out, const char *batch)
{
    cairo_surface_t *surface = make_raster(PNG_PER_MM, batch);
    bool good =
        surface && cairo_surface_write_to_png_stream(surface, append, out) == CAIRO_STATUS_SUCCESS;
    if (surface)
        cairo_surface_destroy(surface);
    return good;
}

striae_status calibrate_card_draw(enum card_format format, const char *batch, void **data,
                                  size_t *size, striae_error *error)
{
    struct output out = {0};
    if (format == CARD_CSV)
        return card_table((char **)data, size, error);
    bool good = format == CARD_PDF   ? make_pdf(&out, batch)
                : format == CARD_SVG ? make_svg(&out, batch)
                                     : make_png(&out, batch);
    *data = NULL;
    *size = 0;
    if (!good) {
        free(out.data);
        return fail_memory(error);
    }
    *data = out.data;
    *size = out.size;
    return STRIAE_OK;
}

striae_status calibrate_card_picture(double px_per_mm, struct rgb8 *picture, striae_error *error)
{
    cairo_surface_t *surface = make_raster(px_per_mm, "test");
    if (!surface)
        return fail_memory(error);
    int width = cairo_image_surface_get_width(surface);
    int height = cairo_image_surface_get_height(surface);
    int stride = cairo_image_surface_get_stride(surface);
    cairo_surface_flush(surface);
    const uint8_t *data = cairo_image_surface_get_data(surface);
    striae_status status = rgb8_init(picture, width, height, error);
    for (int y = 0; y < height && status == STRIAE_OK; y++)
        for (int x = 0; x < width; x++) {
            uint32_t pixel;
            memcpy(&pixel, data + (ptrdiff_t)y * stride + 4 * (ptrdiff_t)x, sizeof pixel);
            for (int c = 0; c < 3; c++)
                picture->data[3 * ((size_t)y * (size_t)width + (size_t)x) + (size_t)c] =
                    (uint8_t)(pixel >> (16 - 8 * c));
        }
    cairo_surface_destroy(surface);
    return status;
}
