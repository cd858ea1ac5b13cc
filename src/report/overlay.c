/* The photo with what was found drawn in. */
#include "report/draw.h"
#include "report/report.h"
#include "report/shape.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Thickness of things in px of a photo whose long side is 1400 px; they grow with the photo, and
 * shrink with it down to what can still be seen. */
#define CENTRE  1.0
#define EDGE    1.7
#define OUTLINE 1.0 /* to each side */
#define DIGIT   17.0
#define WATCH   2.4

#define LEAST_LINE  0.8
#define LEAST_DIGIT 0.5 /* small photos are looked at enlarged */

static double unit_of(const struct session *session, double least)
{
    int side = session->width > session->height ? session->width : session->height;
    return fmax(least, side / 1400.0);
}

/* Outside the skin: darker and greyer, so that it is clear what was not searched. */
static void dim(const struct mask *skin, struct rgb8 *picture)
{
    size_t count = (size_t)picture->width * (size_t)picture->height;
    if (!skin->data || skin->width != picture->width || skin->height != picture->height)
        return;
    for (size_t i = 0; i < count; i++) {
        uint8_t *p = picture->data + 3 * i;
        if (skin->data[i])
            continue;
        int grey = (3 * p[0] + 6 * p[1] + p[2]) / 10;
        for (int c = 0; c < 3; c++)
            p[c] = (uint8_t)((p[c] + grey) * 3 / 10);
    }
}

/* Lines of one kind, or of all (kind < 0), each wider by `more`. */
static striae_status add_lines(const struct session *session, int kind, double unit, double more,
                               struct layer *layer, striae_error *error)
{
    struct polyline run = {0};
    striae_status status = STRIAE_OK;
    for (size_t i = 0; i < session->stria_count && status == STRIAE_OK; i++) {
        const struct stria *stria = &session->striae[i];
        if (kind >= 0 && stria->kind != (enum kind)kind)
            continue;
        layer_stroke(layer, stria->centreline.points, stria->centreline.count,
                     CENTRE * unit + more);
        for (int side = -1; side <= 1 && status == STRIAE_OK; side += 2) {
            size_t at = 0;
            do {
                status = edge_next(stria, side, &at, &run, error);
                layer_stroke(layer, run.points, run.count, EDGE * unit + more);
            } while (status == STRIAE_OK && run.count);
        }
    }
    polyline_free(&run);
    return status;
}

static void add_numbers(const struct session *session, const struct point *places, int kind,
                        double unit, double more, struct layer *layer)
{
    for (size_t i = 0; i < session->stria_count; i++)
        if (kind < 0 || session->striae[i].kind == (enum kind)kind)
            layer_number(layer, session->striae[i].id, places[i].x, places[i].y, DIGIT * unit,
                         2.2 * unit + more);
}

/* Outlines of what is to be watched. */
static void draw_watch(const struct change *change, double unit, struct layer *layer,
                       struct rgb8 *out)
{
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < change->watch_count; i++)
            layer_stroke(layer, change->watch[i].where.points, change->watch[i].where.count,
                         WATCH * unit + (pass ? 0 : 2 * OUTLINE * unit));
        layer_apply(layer, pass ? watch_colour : outline_colour, pass ? 0.95 : 0.55, out);
    }
}

static striae_status draw_all(const struct session *session, struct layer *layer,
                              struct point *places, struct rgb8 *out, striae_error *error)
{
    double unit = unit_of(session, LEAST_LINE), digit = unit_of(session, LEAST_DIGIT);
    number_places(session, DIGIT * digit, places);
    striae_status status = add_lines(session, -1, unit, 2 * OUTLINE * unit, layer, error);
    layer_apply(layer, outline_colour, 0.55, out);
    for (int kind = KIND_RUBRA; kind <= KIND_DARK && status == STRIAE_OK; kind++) {
        status = add_lines(session, kind, unit, 0, layer, error);
        layer_apply(layer, kind_colour[kind], 0.95, out);
    }
    if (status != STRIAE_OK)
        return status;
    add_numbers(session, places, -1, digit, 3.6 * digit, layer);
    layer_apply(layer, outline_colour, 0.8, out);
    for (int kind = KIND_RUBRA; kind <= KIND_DARK; kind++) {
        add_numbers(session, places, kind, digit, 0, layer);
        layer_apply(layer, kind_colour[kind], 1, out);
    }
    return STRIAE_OK;
}

striae_status report_overlay(const struct session *session, const struct change *change,
                             struct rgb8 *out, striae_error *error)
{
    const struct rgb8 *picture = &session->picture;
    struct layer layer = {0};
    struct point *places = NULL;
    *out = (struct rgb8){0};
    if (!picture->data)
        return fail_with(error, STRIAE_ERROR_INTERNAL, "%s: no picture to draw on",
                         session->path ? session->path : "session");
    striae_status status = rgb8_init(out, picture->width, picture->height, error);
    if (status != STRIAE_OK)
        return status;
    memcpy(out->data, picture->data, 3 * (size_t)picture->width * (size_t)picture->height);
    dim(&session->skin, out);
    places = calloc(session->stria_count + 1, sizeof *places);
    status =
        places ? layer_init(&layer, picture->width, picture->height, error) : fail_memory(error);
    if (status == STRIAE_OK)
        status = draw_all(session, &layer, places, out, error);
    if (status == STRIAE_OK && change && !change->refused)
        draw_watch(change, unit_of(session, LEAST_LINE), &layer, out);
    if (status != STRIAE_OK)
        rgb8_free(out);
    layer_free(&layer);
    free(places);
    return status;
}
