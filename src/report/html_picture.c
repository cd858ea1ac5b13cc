/* Pictures of the report. Each photo is embedded once, as the image of a hidden drawing that the
 * others refer to; overlays are drawings too, so that they stay sharp and can be switched off. */
#include "report/html.h"
#include "report/picture.h"
#include "report/shape.h"

#include "io/io.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONG_SIDE = 1400, QUALITY = 85, SHADE_SIDE = 480, SHADE_QUALITY = 70 };
#define DIGIT     19.0 /* px of a picture of LONG_SIDE; smaller ones are shown enlarged */
#define TOLERANCE 0.35 /* px of the shown picture: by how much a simplified line may be off */

static double factor_of(const struct session *session)
{
    return picture_factor(session->width, session->height, LONG_SIDE);
}

/* Size of numbers against those of a picture of LONG_SIDE. */
static double number_scale(const struct session *session)
{
    int side = session->width > session->height ? session->width : session->height;
    return factor_of(session) * side / LONG_SIDE;
}

static int shown_size(int size, double factor)
{
    return (int)fmax(1, floor(size * factor + 0.5));
}

/* <svg ...> that shows things in the geometry of that session's photo. */
static void open_svg(struct page *page, const struct session *session, const char *attributes)
{
    double factor = factor_of(session);
    text_format(&page->out, "<svg viewBox=\"0 0 %d %d\" %s>", shown_size(session->width, factor),
                shown_size(session->height, factor), attributes);
}

static striae_status put_image(struct page *page, const char *id, const struct rgb8 *picture,
                               striae_error *error)
{
    unsigned char *jpeg = NULL;
    size_t size = 0;
    striae_status status = io_encode_jpeg(picture, QUALITY, &jpeg, &size, error);
    if (status != STRIAE_OK)
        return status;
    text_format(&page->out,
                "<image id=\"%s\" width=\"%d\" height=\"%d\" "
                "href=\"data:image/jpeg;base64,",
                id, picture->width, picture->height);
    text_base64(&page->out, jpeg, size);
    text_add(&page->out, "\"/>\n");
    free(jpeg);
    return page->out.failed ? fail_memory(error) : STRIAE_OK;
}

/* ---- overlays ---- */

/* From a photo's pixels to those shown: straight, or through a map into another photo first. */
struct view {
    const struct warp *warp; /* NULL: none */
    double factor, number;   /* of sizes; of numbers */
};

static bool view_point(const struct view *view, struct point in, struct point *out)
{
    *out = in;
    if (view->warp && !warp_point(view->warp, in.x, in.y, &out->x, &out->y))
        return false;
    out->x = (out->x + 0.5) * view->factor;
    out->y = (out->y + 0.5) * view->factor;
    return true;
}

static void put_point(struct text *out, const char *before, struct point p)
{
    text_add(out, before);
    text_number(out, p.x, 1);
    text_add(out, " ");
    text_number(out, p.y, 1);
}

/* Path data of one line, broken where the map is not known. */
static striae_status put_line(struct text *out, const struct view *view,
                              const struct polyline *line, striae_error *error)
{
    struct polyline seen = {0}, fewer = {0};
    striae_status status = STRIAE_OK;
    for (size_t i = 0; i <= line->count && status == STRIAE_OK; i++) {
        struct point p;
        if (i < line->count && view_point(view, line->points[i], &p)) {
            status = polyline_append(&seen, p.x, p.y, error);
            continue;
        }
        status = line_simplify(&seen, TOLERANCE, &fewer, error);
        for (size_t k = 0; k < fewer.count && fewer.count > 1; k++)
            put_point(out, k ? " " : "M", fewer.points[k]);
        seen.count = 0;
    }
    polyline_free(&seen);
    polyline_free(&fewer);
    return status;
}

static striae_status put_edges(struct text *out, const struct view *view, const struct stria *stria,
                               striae_error *error)
{
    struct polyline run = {0};
    striae_status status = STRIAE_OK;
    for (int side = -1; side <= 1 && status == STRIAE_OK; side += 2) {
        size_t at = 0;
        do {
            status = edge_next(stria, side, &at, &run, error);
            if (status == STRIAE_OK && run.count)
                status = put_line(out, view, &run, error);
        } while (status == STRIAE_OK && run.count);
    }
    polyline_free(&run);
    return status;
}

/* Dark line below, coloured line above: two paths with the same data. */
static void put_paths(struct page *page, const char *class, const struct text *path)
{
    if (!path->size)
        return;
    text_format(&page->out, "<path class=\"o\" d=\"%s\"/><path class=\"%s\" d=\"%s\"/>", path->data,
                class, path->data);
}

static striae_status put_stria(struct page *page, const struct view *view,
                               const struct stria *stria, const char *label, struct point place,
                               striae_error *error)
{
    struct text centre = {0}, edges = {0};
    struct point p;
    striae_status status = put_line(&centre, view, &stria->centreline, error);
    if (status == STRIAE_OK)
        status = put_edges(&edges, view, stria, error);
    if (status == STRIAE_OK && (centre.failed || edges.failed))
        status = fail_memory(error);
    if (status == STRIAE_OK && (centre.size || edges.size)) {
        text_format(&page->out, "<g class=\"k-%s\" data-s=\"", kind_name(stria->kind));
        text_html(&page->out, label);
        text_add(&page->out, "\">");
        put_paths(page, "e", &edges);
        put_paths(page, "c", &centre);
        if (*label && view_point(view, place, &p)) {
            put_point(&page->out, "<text transform=\"translate(", p);
            text_add(&page->out, ") scale(");
            text_number(&page->out, view->number, 3);
            text_add(&page->out, ")\">");
            text_html(&page->out, label);
            text_add(&page->out, "</text>");
        }
        text_add(&page->out, "</g>\n");
    }
    text_free(&centre);
    text_free(&edges);
    return status;
}

/* Outlines of what is to be watched, in the later photo, or carried into the first by the view. */
static striae_status put_watched(struct page *page, const struct view *view,
                                 const struct change *change, striae_error *error)
{
    struct text path = {0};
    striae_status status = STRIAE_OK;
    for (size_t i = 0; i < change->watch_count && status == STRIAE_OK; i++)
        status = put_line(&path, view, &change->watch[i].where, error);
    if (status == STRIAE_OK && path.failed)
        status = fail_memory(error);
    if (status == STRIAE_OK && path.size) {
        text_add(&page->out, "<g class=\"k-watch\">");
        put_paths(page, "e", &path);
        text_add(&page->out, "</g>\n");
    }
    text_free(&path);
    return status;
}

/* The row of `change` that a stria of the later session belongs to; NULL when none. */
static const char *row_label(const struct change *change, int later_id)
{
    for (size_t i = 0; change && i < change->row_count; i++)
        for (size_t k = 0; k < change->rows[i].to_count; k++)
            if (change->rows[i].to_ids[k] == later_id)
                return change->rows[i].label;
    return NULL;
}

static const struct change *change_of(const struct striae_result *result, size_t session)
{
    for (size_t i = 0; i < result->change_count; i++)
        if (result->changes[i].to == session && !result->changes[i].refused)
            return &result->changes[i];
    return NULL;
}

/* <g id=...> with every stria of a session and what is to be watched in it; with `change`, carried
 * into the first photo and numbered as in the table of changes, where those that are not in it have
 * no number: their own would be taken for that of a row. */
static striae_status put_overlay(struct page *page, const char *prefix, size_t session,
                                 const struct change *change, striae_error *error)
{
    const struct session *s = &page->result->sessions[session];
    const struct session *shown = change ? &page->result->sessions[0] : s;
    struct view view = {change ? &change->backward : NULL, factor_of(shown), number_scale(shown)};
    striae_status status = STRIAE_OK;
    struct point *places = calloc(s->stria_count + 1, sizeof *places);
    if (!places)
        return fail_memory(error);
    number_places(s, DIGIT * number_scale(s) / factor_of(s), places);
    text_format(&page->out, "<g id=\"%s%zu\">\n", prefix, session);
    for (size_t i = 0; i < s->stria_count && status == STRIAE_OK; i++) {
        char number[16];
        (void)snprintf(number, sizeof number, "%d", s->striae[i].id);
        const char *label = change ? row_label(change, s->striae[i].id) : number;
        status = put_stria(page, &view, &s->striae[i], label ? label : "", places[i], error);
    }
    const struct change *own = change_of(page->result, session);
    if (status == STRIAE_OK && own)
        status = put_watched(page, &view, own, error);
    text_add(&page->out, "</g>\n");
    free(places);
    return status;
}

/* ---- the store ---- */

static striae_status put_aligned(struct page *page, const struct change *change,
                                 const struct rgb8 *later, double later_factor, striae_error *error)
{
    struct rgb8 aligned = {0};
    char id[32];
    double factor = factor_of(&page->result->sessions[0]);
    striae_status status =
        picture_align(later, later_factor, &change->forward, factor, &aligned, error);
    (void)snprintf(id, sizeof id, "aligned%zu", change->to);
    if (status == STRIAE_OK)
        status = put_image(page, id, &aligned, error);
    rgb8_free(&aligned);
    if (status == STRIAE_OK)
        status = put_overlay(page, "aligned-marks", change->to, change, error);
    return status;
}

/* White where the skin was not searched: a small picture is enough for a shade. */
static striae_status unsearched_picture(const struct mask *skin, struct rgb8 *out,
                                        striae_error *error)
{
    double factor = picture_factor(skin->width, skin->height, SHADE_SIDE);
    striae_status status =
        rgb8_init(out, shown_size(skin->width, factor), shown_size(skin->height, factor), error);
    for (int y = 0; status == STRIAE_OK && y < out->height; y++) {
        for (int x = 0; x < out->width; x++) {
            int sx = (int)((x + 0.5) * skin->width / out->width);
            int sy = (int)((y + 0.5) * skin->height / out->height);
            uint8_t *pixel = out->data + 3 * ((size_t)y * (size_t)out->width + (size_t)x);
            memset(pixel, mask_row(skin, sy)[sx] ? 0 : 255, 3);
        }
    }
    return status;
}

/* <g id="shade0">: dark over what was not searched; nothing where all was. */
static striae_status put_shade(struct page *page, size_t session, striae_error *error)
{
    const struct session *s = &page->result->sessions[session];
    struct text *out = &page->out;
    struct rgb8 small = {0};
    unsigned char *jpeg = NULL;
    size_t size = 0;
    if (!s->skin.data)
        return STRIAE_OK;
    striae_status status = unsearched_picture(&s->skin, &small, error);
    if (status == STRIAE_OK)
        status = io_encode_jpeg(&small, SHADE_QUALITY, &jpeg, &size, error);
    if (status == STRIAE_OK) {
        int width = shown_size(s->width, factor_of(s)),
            height = shown_size(s->height, factor_of(s));
        text_format(out,
                    "<mask id=\"unsearched%zu\" maskUnits=\"userSpaceOnUse\" x=\"0\" y=\"0\" "
                    "width=\"%d\" height=\"%d\"><image width=\"%d\" height=\"%d\" "
                    "preserveAspectRatio=\"none\" href=\"data:image/jpeg;base64,",
                    session, width, height, width, height);
        text_base64(out, jpeg, size);
        text_format(out,
                    "\"/></mask>\n<g id=\"shade%zu\"><rect class=\"shade\" width=\"%d\" "
                    "height=\"%d\" mask=\"url(#unsearched%zu)\"/></g>\n",
                    session, width, height, session);
    }
    rgb8_free(&small);
    free(jpeg);
    return status;
}

static striae_status put_session(struct page *page, size_t session, striae_error *error)
{
    const struct session *s = &page->result->sessions[session];
    const struct change *change = change_of(page->result, session);
    struct rgb8 shown = {0};
    char id[32];
    if (!s->picture.data)
        return fail_with(error, STRIAE_ERROR_INTERNAL, "%s: no picture to show",
                         s->path ? s->path : "session");
    striae_status status = picture_shrink(&s->picture, factor_of(s), &shown, error);
    (void)snprintf(id, sizeof id, "photo%zu", session);
    if (status == STRIAE_OK)
        status = put_image(page, id, &shown, error);
    if (status == STRIAE_OK)
        status = put_shade(page, session, error);
    if (status == STRIAE_OK)
        status = put_overlay(page, "marks", session, NULL, error);
    if (status == STRIAE_OK && change)
        status = put_aligned(page, change, &shown, factor_of(s), error);
    rgb8_free(&shown);
    return status;
}

striae_status put_picture_store(struct page *page, striae_error *error)
{
    striae_status status = STRIAE_OK;
    text_add(&page->out, "<svg class=\"store\" width=\"0\" height=\"0\" aria-hidden=\"true\">"
                         "<defs>\n");
    for (size_t i = 0; i < page->result->session_count && status == STRIAE_OK; i++)
        status = put_session(page, i, error);
    text_add(&page->out, "</defs></svg>\n");
    return status;
}

/* ---- figures ---- */

/* Width over height, so that the style sheet can keep a tall photo within the window. */
static void put_shape(struct page *page, const struct session *session)
{
    text_add(&page->out, " style=\"--shape:");
    text_number(&page->out, (double)session->width / session->height, 3);
    text_add(&page->out, "\"");
}

static void put_layer(struct page *page, const char *which, const char *photo, const char *marks,
                      size_t session, const char *title)
{
    struct text *out = &page->out;
    text_format(out, "<div class=\"layer %s\">", which);
    open_svg(page, &page->result->sessions[0], "role=\"img\" focusable=\"false\"");
    text_format(out,
                "<title>%s</title><use href=\"#%s%zu\"/><use class=\"marks\" href=\"#%s%zu\"/>",
                title, photo, session, marks, session);
    text_format(out, "</svg><span class=\"tag\">%s</span></div>\n", title);
}

void put_slider(struct page *page, const struct change *change)
{
    struct text *out = &page->out;
    bool series = page->result->session_count > 2;
    char later[32];
    (void)snprintf(later, sizeof later, series ? "Session %zu" : "Later photo", change->to);
    text_add(out, "<div class=\"compare\">\n<div class=\"controls\"><label class=\"box\">"
                  "<input type=\"checkbox\" class=\"show-marks\" checked> Show what was found"
                  "</label><button type=\"button\" class=\"flicker js\" aria-pressed=\"false\">"
                  "Flicker between the photos</button></div>\n<div class=\"stage\"");
    put_shape(page, &page->result->sessions[0]);
    text_add(out, ">\n");
    put_layer(page, "first", "photo", "marks", 0, series ? "Session 0" : "First photo");
    put_layer(page, "later", "aligned", "aligned-marks", change->to, later);
    text_format(out,
                "<span class=\"handle js\" aria-hidden=\"true\"></span>"
                "<input class=\"slide js\" type=\"range\" min=\"0\" max=\"100\" step=\"0.5\" "
                "value=\"50\" aria-label=\"Divide between %s and %s\">\n</div>\n",
                series ? "session 0" : "first photo", series ? later : "later photo");
    put_legend(page);
    text_add(out,
             "<p class=\"note\">The later photo is shown in the first one's geometry; hatched "
             "grey is skin that is not in it or could not be lined up. Numbers are those of "
             "the table of changes; a stria of the later photo without one lies mostly on skin "
             "that the first does not show.</p>\n</div>\n");
}

void put_photo(struct page *page, size_t session)
{
    struct text *out = &page->out;
    const struct session *s = &page->result->sessions[session];
    text_add(out, "<figure class=\"photo\"");
    put_shape(page, s);
    text_add(out, "><div class=\"controls\"><label class=\"box\">"
                  "<input type=\"checkbox\" class=\"show-marks\" checked> Show what was found"
                  "</label></div>\n");
    open_svg(page, s, "role=\"img\" focusable=\"false\"");
    text_add(out, "<title>");
    put_session_title(page, session);
    text_format(out,
                "</title><use href=\"#photo%zu\"/><use class=\"marks\" href=\"#shade%zu\"/>"
                "<use class=\"marks\" href=\"#marks%zu\"/></svg>",
                session, session, session);
    text_add(out, "<figcaption>");
    put_legend(page);
    text_add(out, "</figcaption></figure>\n");
}

void put_legend(struct page *page)
{
    bool watched = false;
    for (size_t i = 0; i < page->result->change_count; i++)
        watched = watched || page->result->changes[i].watch_count > 0;
    text_format(&page->out,
                "<p class=\"legend\"><span class=\"keep\"><span class=\"key rubra\"></span> red "
                "(rubra)</span> <span class=\"keep\"><span class=\"key alba\"></span> pale (alba)"
                "</span> <span class=\"keep\"><span class=\"key dark\"></span> dark</span> %s"
                "&middot; thick lines: edges, thin line: centre</p>\n",
                watched
                    ? "<span class=\"keep\"><span class=\"key watch\"></span> to look at in the "
                      "patient</span> "
                    : "");
}
