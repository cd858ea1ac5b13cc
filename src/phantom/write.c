/* Files of a rendered pair. io/ is the one stage that phantom/ may include: like the command line,
 * it stands at the end of the chain and writes files. */
#include "io/io.h"
#include "phantom/phantom.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const session_names[2] = {"before", "after"};

/* ---- truth.json ----------------------------------------------------------------------------- */

/* Rounded to 1e-4, so that the file stays small. */
static json_t *number(double value)
{
    return json_real(round(value * 1e4) / 1e4);
}

static json_t *points(const struct polyline *line)
{
    json_t *list = json_array();
    for (size_t i = 0; i < line->count; i++) {
        json_t *pair = json_array();
        json_array_append_new(pair, json_real(round(line->points[i].x * 100) / 100));
        json_array_append_new(pair, json_real(round(line->points[i].y * 100) / 100));
        json_array_append_new(list, pair);
    }
    return list;
}

static json_t *triple(const double v[3])
{
    json_t *list = json_array();
    for (int k = 0; k < 3; k++)
        json_array_append_new(list, number(v[k]));
    return list;
}

static json_t *stria_json(const struct phantom_stria *stria)
{
    json_t *o = json_object();
    json_object_set_new(o, "id", json_integer(stria->id));
    json_object_set_new(o, "gone", json_boolean(stria->gone));
    json_object_set_new(o, "kind", json_string(phantom_kind_name(stria->kind)));
    if (stria->gone)
        return o;
    json_object_set_new(o, "width_mean_mm", number(stria->width_mean_mm));
    json_object_set_new(o, "length_mm", number(stria->length_mm));
    json_object_set_new(o, "visible_length_mm", number(stria->visible_length_mm));
    json_object_set_new(o, "area_mm2", number(stria->area_mm2));
    json_object_set_new(o, "visible_px", json_integer((json_int_t)stria->visible_px));
    json_object_set_new(o, "width_factor", number(stria->width_factor));
    json_object_set_new(o, "color_factor", number(stria->colour_factor));
    json_object_set_new(o, "dL", number(stria->dl));
    json_object_set_new(o, "da", number(stria->da));
    json_object_set_new(o, "db", number(stria->db));
    json_object_set_new(o, "redness", number(stria->redness));
    json_object_set_new(o, "centreline", points(&stria->centreline));
    return o;
}

static json_t *card_json(const struct phantom_card *card)
{
    if (!card->present)
        return json_null();
    json_t *o = json_object(), *corners = json_array();
    for (int k = 0; k < 4; k++)
        json_array_append_new(corners, json_pack("[f,f]", round(card->corner[k].x * 1e3) / 1e3,
                                                 round(card->corner[k].y * 1e3) / 1e3));
    json_object_set_new(o, "corners", corners);
    json_object_set_new(o, "px_per_mm", number(card->px_per_mm));
    json_object_set_new(o, "tilt", number(card->tilt));
    return o;
}

static json_t *session_json(const struct phantom_session *session)
{
    json_t *o = json_object(), *striae = json_array();
    json_object_set_new(o, "area_mm2", number(session->area_mm2));
    json_object_set_new(o, "skin_mm2", number(session->skin_mm2));
    json_object_set_new(o, "tan", number(session->tan));
    json_object_set_new(o, "stria_lab", triple(session->stria_lab));
    json_object_set_new(o, "ring_lab", triple(session->ring_lab));
    json_object_set_new(o, "skin_lab", triple(session->skin_lab));
    json_object_set_new(o, "card", card_json(&session->card));
    json_object_set_new(o, "dL", number(session->dl));
    json_object_set_new(o, "da", number(session->da));
    json_object_set_new(o, "db", number(session->db));
    json_object_set_new(o, "ring_ita", number(session->ring_ita));
    json_object_set_new(o, "width_mean_mm", number(session->width_mean_mm));
    json_object_set_new(o, "redness", number(session->redness));
    json_object_set_new(o, "dark_marks", points(&session->watch));
    for (size_t i = 0; i < session->stria_count; i++)
        json_array_append_new(striae, stria_json(&session->striae[i]));
    json_object_set_new(o, "striae", striae);
    return o;
}

static json_t *faults_json(const struct phantom_faults *faults)
{
    json_t *o = json_object();
    json_object_set_new(o, "motion", number(faults->motion));
    json_object_set_new(o, "exposure", number(faults->exposure));
    json_object_set_new(o, "shine", number(faults->shine));
    json_object_set_new(o, "shade", number(faults->shade));
    json_object_set_new(o, "flush", number(faults->flush));
    json_object_set_new(o, "hair", number(faults->hair));
    json_object_set_new(o, "cover", number(faults->cover));
    json_object_set_new(o, "askew", number(faults->askew));
    return o;
}

static json_t *options_json(const struct phantom_options *options)
{
    json_t *o = json_object();
    json_object_set_new(o, "width", json_integer(options->width));
    json_object_set_new(o, "height", json_integer(options->height));
    json_object_set_new(o, "px_per_mm", number(options->px_per_mm));
    json_object_set_new(o, "tone", json_integer(options->tone));
    json_object_set_new(o, "kind", json_string(phantom_kind_name(options->kind)));
    json_object_set_new(o, "stria_count", json_integer(options->stria_count));
    json_object_set_new(o, "stria_width", number(options->stria_width));
    json_object_set_new(o, "contrast", number(options->contrast));
    json_object_set_new(o, "hardness", number(options->hardness));
    json_object_set_new(o, "ideal", json_boolean(options->ideal));
    json_object_set_new(o, "change", json_boolean(options->change));
    json_object_set_new(o, "deform", json_boolean(options->deform));
    json_object_set_new(o, "pose", number(options->pose));
    json_object_set_new(o, "light", number(options->light));
    json_object_set_new(o, "turn", number(options->turn));
    json_object_set_new(o, "zoom", number(options->zoom));
    json_object_set_new(o, "shift_x", number(options->shift_x));
    json_object_set_new(o, "shift_y", number(options->shift_y));
    json_object_set_new(o, "stretch", number(options->stretch));
    json_object_set_new(o, "width_factor", number(options->width_factor));
    json_object_set_new(o, "colour_factor", number(options->colour_factor));
    json_object_set_new(o, "tilt", number(options->tilt));
    json_object_set_new(o, "tilt_toward", number(options->tilt_toward));
    json_object_set_new(o, "card", json_boolean(options->card));
    json_object_set_new(o, "cast", number(options->cast));
    json_object_set_new(o, "radius", number(options->radius));
    json_object_set_new(o, "defocus", number(options->defocus));
    json_object_set_new(o, "faults", faults_json(&options->faults));
    return o;
}

static char *truth_text(const struct phantom_options *options, const struct phantom_pair *pair)
{
    json_t *o = json_object(), *sessions = json_object(), *landmarks = json_object();
    json_object_set_new(o, "seed", json_integer((json_int_t)pair->seed));
    json_object_set_new(o, "tone", json_integer(pair->tone));
    json_object_set_new(o, "kind", json_string(phantom_kind_name(pair->kind)));
    json_object_set_new(o, "px_per_mm", number(pair->px_per_mm));
    json_object_set_new(o, "jpeg_quality", json_integer(pair->jpeg_quality));
    json_object_set_new(o, "options", options_json(options));
    for (int k = 0; k < 2; k++) {
        json_object_set_new(sessions, session_names[k], session_json(&pair->session[k]));
        json_object_set_new(landmarks, session_names[k], points(&pair->session[k].landmarks));
    }
    json_object_set_new(o, "sessions", sessions);
    json_object_set_new(o, "landmarks", landmarks);
    char *text = json_dumps(o, JSON_COMPACT | JSON_REAL_PRECISION(10));
    json_decref(o);
    return text;
}

/* ---- files ---------------------------------------------------------------------------------- */

static char *file_path(const char *dir, const char *first, const char *last)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s%s", dir, first, last) < 0)
        return NULL;
    return path;
}

striae_status phantom_photo(const struct phantom_pair *pair, int session, int threads,
                            struct photo *photo, striae_error *error)
{
    const struct io_limits limits = {1e9, false, threads};
    unsigned char *data = NULL;
    size_t size = 0;
    striae_status status =
        io_encode_jpeg(&pair->session[session].picture, pair->jpeg_quality, &data, &size, error);
    if (!status)
        status = io_decode_photo("rendered photo", data, size, &limits, photo, error);
    free(data);
    return status;
}

enum part { PART_PHOTO, PART_MASK, PART_LABELS, PART_SKIN, PART_COUNT };

static const char *const part_endings[PART_COUNT] = {".jpg", "_mask.png", "_id.png", "_skin.png"};

static striae_status write_photo(const char *path, const struct rgb8 *picture, int quality,
                                 bool overwrite, striae_error *error)
{
    unsigned char *data = NULL;
    size_t size = 0;
    striae_status status = io_encode_jpeg(picture, quality, &data, &size, error);
    if (!status)
        status = io_write_file(path, data, size, overwrite, error);
    free(data);
    return status;
}

static striae_status write_part(const struct phantom_pair *pair, int index, enum part part,
                                const char *dir, bool overwrite, striae_error *error)
{
    const struct phantom_session *session = &pair->session[index];
    char *path = file_path(dir, session_names[index], part_endings[part]);
    if (!path)
        return fail_memory(error);
    striae_status status = STRIAE_OK;
    if (part == PART_PHOTO)
        status = write_photo(path, &session->picture, pair->jpeg_quality, overwrite, error);
    else if (part == PART_LABELS)
        status = io_write_labels(path, &session->labels, overwrite, error);
    else
        status = io_write_mask(path, part == PART_MASK ? &session->mask : &session->skin, overwrite,
                               error);
    free(path);
    return status;
}

striae_status phantom_write(const struct phantom_options *options, const char *dir, bool overwrite,
                            striae_error *error)
{
    struct phantom_pair pair;
    striae_status status = io_make_folder(dir, error);
    if (!status)
        status = phantom_render(options, &pair, error);
    if (status)
        return status;
    for (int k = 0; k < 2; k++)
        for (int part = 0; part < PART_COUNT && !status; part++)
            status = write_part(&pair, k, (enum part)part, dir, overwrite, error);
    char *text = status ? NULL : truth_text(options, &pair);
    char *path = file_path(dir, "truth", ".json");
    if (!status)
        status = text && path ? io_write_file(path, text, strlen(text), overwrite, error)
                              : fail_memory(error);
    free(text);
    free(path);
    phantom_pair_free(&pair);
    return status;
}
