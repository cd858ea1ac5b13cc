/* Finding the maps of a saved result. */
#include "io/io.h"
#include "report/map_file.h"
#include "report/report.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Where we are reading, for messages and to find the files beside. */
struct source {
    const char *path;
    json_t *root;
    size_t session_count;
};

static striae_status bad(const struct source *source, const char *what, striae_error *error)
{
    return fail_with(error, STRIAE_ERROR_FORMAT,
                     "%s: %s; give the result.json that striae compare wrote", source->path, what);
}

static striae_status open_source(const char *path, struct source *source, striae_error *error)
{
    char *bytes;
    size_t size;
    json_error_t fault;
    *source = (struct source){.path = path};
    striae_status status = io_read_file(path, &bytes, &size, error);
    if (status != STRIAE_OK)
        return status;
    source->root = json_loadb(bytes, size, 0, &fault);
    free(bytes);
    const char *schema = json_string_value(json_object_get(source->root, "schema"));
    if (!schema || strcmp(schema, "striae-result/1") != 0) {
        json_decref(source->root);
        source->root = NULL;
        return bad(source, "not a result (schema striae-result/1)", error);
    }
    source->session_count = json_array_size(json_object_get(source->root, "sessions"));
    return STRIAE_OK;
}

static const json_t *find_change(const struct source *source, size_t to)
{
    const json_t *changes = json_object_get(source->root, "changes");
    json_t *change;
    size_t i;
    json_array_foreach(changes, i, change) if (json_integer_value(json_object_get(change, "to")) ==
                                               (json_int_t)to) return change;
    return NULL;
}

/* A name beside result.json, nothing that leads elsewhere. */
static bool is_plain_name(const char *name)
{
    return name && *name && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static char *path_beside(const char *path, const char *name)
{
    const char *slash = strrchr(path, '/');
    size_t folder = slash ? (size_t)(slash - path) + 1 : 0, length = strlen(name);
    char *beside = malloc(folder + length + 1);
    if (beside) {
        memcpy(beside, path, folder);
        memcpy(beside + folder, name, length + 1);
    }
    return beside;
}

static bool has_size(const struct source *source, size_t session, int width, int height)
{
    const json_t *photo = json_object_get(
        json_array_get(json_object_get(source->root, "sessions"), session), "photo");
    return json_integer_value(json_object_get(photo, "width")) == width &&
           json_integer_value(json_object_get(photo, "height")) == height;
}

/* The map between session 0 and `later`, in the direction asked for. */
static striae_status load_one(const struct source *source, size_t later, bool forward,
                              struct warp *map, striae_error *error)
{
    const json_t *alignment = json_object_get(find_change(source, later), "alignment");
    const char *state = json_string_value(json_object_get(alignment, "status"));
    const char *reason = json_string_value(json_object_get(alignment, "reason"));
    const char *name = json_string_value(
        json_object_get(json_object_get(alignment, "map"), forward ? "forward" : "backward"));
    if (!state)
        return bad(source, "it has no alignment for this session", error);
    if (strcmp(state, "ok") != 0)
        return fail_with(error, STRIAE_ERROR_ARGUMENT,
                         "%s: session %zu was not aligned with session 0 (%s), so there is no map; "
                         "choose another session",
                         source->path, later, reason ? reason : "no reason given");
    if (!is_plain_name(name))
        return bad(source, "it names no usable map file", error);
    char *path = path_beside(source->path, name);
    if (!path)
        return fail_memory(error);
    char *bytes = NULL;
    size_t size = 0;
    striae_status status = io_read_file(path, &bytes, &size, error);
    if (status == STRIAE_OK)
        status = map_decode(bytes, size, path, map, error);
    size_t from = forward ? 0 : later, to = forward ? later : 0;
    if (status == STRIAE_OK && !(has_size(source, from, map->source_width, map->source_height) &&
                                 has_size(source, to, map->target_width, map->target_height))) {
        warp_free(map);
        status = fail_with(error, STRIAE_ERROR_DAMAGED,
                           "%s: does not belong to the photos of %s; make the result again with "
                           "--force",
                           path, source->path);
    }
    free(bytes);
    free(path);
    return status;
}

striae_status report_load_maps(const char *result_json, size_t from, size_t to, struct warp maps[2],
                               int *count, striae_error *error)
{
    struct source source;
    maps[0] = maps[1] = (struct warp){0};
    *count = 0;
    if (from == to)
        return fail_with(error, STRIAE_ERROR_ARGUMENT,
                         "a map leads from one session to another; %zu and %zu are the same", from,
                         to);
    striae_status status = open_source(result_json, &source, error);
    if (status != STRIAE_OK)
        return status;
    size_t largest = from > to ? from : to;
    int found = 0;
    if (largest >= source.session_count) {
        status = fail_with(error, STRIAE_ERROR_ARGUMENT,
                           "%s: there is no session %zu; it has %zu, counted from 0", result_json,
                           largest, source.session_count);
        goto done;
    }
    if (from > 0 && (status = load_one(&source, from, false, &maps[found], error)) == STRIAE_OK)
        found++;
    if (status == STRIAE_OK && to > 0 &&
        (status = load_one(&source, to, true, &maps[found], error)) == STRIAE_OK)
        found++;
done:
    json_decref(source.root);
    if (status == STRIAE_OK) {
        *count = found;
    } else {
        warp_free(&maps[0]);
        warp_free(&maps[1]);
    }
    return status;
}
