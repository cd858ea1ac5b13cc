/* A result as a folder of files. */
#include "io/io.h"
#include "report/map_file.h"
#include "report/names.h"
#include "report/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a save writes, in the order of writing; kept so that a failed one can be taken back. */
struct saving {
    const struct striae_result *result;
    const char *dir;
    bool overwrite;
    size_t written;
    size_t count;
    char (*names)[FILE_NAME_SIZE]; /* owned */
};

static const char *const parts[] = {"mask", "labels", "overlay"};
enum { PARTS = 3 };

/* dir/name, freed with free(); NULL without memory. */
static char *path_in(const char *dir, const char *name)
{
    size_t length = strlen(dir) + strlen(name) + 2;
    char *path = malloc(length);
    if (path)
        (void)snprintf(path, length, "%s/%s", dir, name);
    return path;
}

static striae_status list_names(struct saving *saving, striae_error *error)
{
    const struct striae_result *result = saving->result;
    size_t most = result->session_count * PARTS + result->change_count * 2 + 2;
    saving->names = calloc(most, sizeof *saving->names);
    if (!saving->names)
        return fail_memory(error);
    for (size_t i = 0; i < result->session_count; i++)
        for (size_t p = 0; p < PARTS; p++)
            session_file_name(saving->names[saving->count++], i, parts[p]);
    for (size_t i = 0; i < result->change_count; i++) {
        if (result->changes[i].refused)
            continue;
        map_file_name(saving->names[saving->count++], 0, result->changes[i].to);
        map_file_name(saving->names[saving->count++], result->changes[i].to, 0);
    }
    (void)snprintf(saving->names[saving->count++], FILE_NAME_SIZE, "%s", HTML_FILE);
    (void)snprintf(saving->names[saving->count++], FILE_NAME_SIZE, "%s", RESULT_FILE);
    return STRIAE_OK;
}

/* Before anything is written: nothing that must stay is in the way. */
static striae_status check_free(const struct saving *saving, striae_error *error)
{
    for (size_t i = saving->count; i-- > 0 && !saving->overwrite;) {
        char *path = path_in(saving->dir, saving->names[i]);
        if (!path)
            return fail_memory(error);
        bool exists = access(path, F_OK) == 0;
        if (exists)
            (void)fail_with(error, STRIAE_ERROR_OUTPUT,
                            "%s: exists already; choose another folder or allow overwriting "
                            "(--force)",
                            path);
        free(path);
        if (exists)
            return STRIAE_ERROR_OUTPUT;
    }
    return STRIAE_OK;
}

static void remove_name(const struct saving *saving, const char *name)
{
    char *path = path_in(saving->dir, name);
    if (path)
        (void)unlink(path);
    free(path);
}

/* Writes the next name of the list. */
static striae_status write_next(struct saving *saving, const void *data, size_t size,
                                striae_error *error)
{
    char *path = path_in(saving->dir, saving->names[saving->written]);
    if (!path)
        return fail_memory(error);
    striae_status status = io_write_file(path, data, size, saving->overwrite, error);
    if (status == STRIAE_OK)
        saving->written++;
    free(path);
    return status;
}

static striae_status write_mask(const char *path, const struct labels *labels, bool overwrite,
                                striae_error *error)
{
    struct mask mask;
    striae_status status = mask_init(&mask, labels->width, labels->height, error);
    if (status != STRIAE_OK)
        return status;
    size_t count = (size_t)labels->width * (size_t)labels->height;
    for (size_t i = 0; i < count; i++)
        mask.data[i] = labels->data[i] ? 255 : 0;
    status = io_write_mask(path, &mask, overwrite, error);
    mask_free(&mask);
    return status;
}

static striae_status write_overlay(const struct saving *saving, const char *path, size_t index,
                                   striae_error *error)
{
    struct rgb8 overlay;
    const struct striae_result *result = saving->result;
    striae_status status = report_overlay(
        &result->sessions[index], index ? &result->changes[index - 1] : NULL, &overlay, error);
    if (status != STRIAE_OK)
        return status;
    status = io_write_rgb(path, &overlay, saving->overwrite, error);
    rgb8_free(&overlay);
    return status;
}

static striae_status write_session(struct saving *saving, size_t index, striae_error *error)
{
    const struct session *session = &saving->result->sessions[index];
    striae_status status = STRIAE_OK;
    for (int part = 0; part < PARTS && status == STRIAE_OK; part++) {
        char *path = path_in(saving->dir, saving->names[saving->written]);
        if (!path)
            return fail_memory(error);
        if (part == 0)
            status = write_mask(path, &session->labels, saving->overwrite, error);
        else if (part == 1)
            status = io_write_labels(path, &session->labels, saving->overwrite, error);
        else
            status = write_overlay(saving, path, index, error);
        if (status == STRIAE_OK)
            saving->written++;
        free(path);
    }
    return status;
}

static striae_status write_map(struct saving *saving, const struct warp *warp, striae_error *error)
{
    unsigned char *data;
    size_t size;
    striae_status status = map_encode(warp, &data, &size, error);
    if (status == STRIAE_OK)
        status = write_next(saving, data, size, error);
    free(data);
    return status;
}

static striae_status write_all(struct saving *saving, const char *html, size_t html_size,
                               const char *json, striae_error *error)
{
    const struct striae_result *result = saving->result;
    striae_status status = STRIAE_OK;
    for (size_t i = 0; i < result->session_count && status == STRIAE_OK; i++)
        status = write_session(saving, i, error);
    for (size_t i = 0; i < result->change_count && status == STRIAE_OK; i++) {
        if (result->changes[i].refused)
            continue;
        status = write_map(saving, &result->changes[i].forward, error);
        if (status == STRIAE_OK)
            status = write_map(saving, &result->changes[i].backward, error);
    }
    if (status == STRIAE_OK)
        status = write_next(saving, html, html_size, error);
    if (status == STRIAE_OK)
        status = write_next(saving, json, strlen(json), error);
    return status;
}

/* Files of an earlier, longer or not refused result that would seem to belong to this one. */
static void remove_stale(const struct saving *saving)
{
    const struct striae_result *result = saving->result;
    char name[FILE_NAME_SIZE];
    for (size_t i = 0; i < result->change_count; i++) {
        if (!result->changes[i].refused)
            continue;
        map_file_name(name, 0, result->changes[i].to);
        remove_name(saving, name);
        map_file_name(name, result->changes[i].to, 0);
        remove_name(saving, name);
    }
    for (size_t i = result->session_count;; i++) {
        session_file_name(name, i, parts[0]);
        char *path = path_in(saving->dir, name);
        bool exists = path && access(path, F_OK) == 0;
        free(path);
        if (!exists)
            return;
        for (size_t p = 0; p < PARTS; p++) {
            session_file_name(name, i, parts[p]);
            remove_name(saving, name);
        }
        map_file_name(name, 0, i);
        remove_name(saving, name);
        map_file_name(name, i, 0);
        remove_name(saving, name);
    }
}

striae_status report_save(const struct striae_result *result, const char *dir, bool overwrite,
                          striae_error *error)
{
    struct saving saving = {.result = result, .dir = dir, .overwrite = overwrite};
    char *html = NULL, *json = NULL;
    size_t html_size = 0;
    striae_status status = list_names(&saving, error);
    if (status == STRIAE_OK)
        status = io_make_folder(dir, error);
    if (status == STRIAE_OK)
        status = check_free(&saving, error);
    if (status == STRIAE_OK)
        status = report_html(result, &html, &html_size, error);
    if (status == STRIAE_OK && !(json = report_json(result)))
        status = fail_memory(error);
    if (status == STRIAE_OK) {
        /* A folder with a result.json is complete: it goes first and comes last. */
        if (overwrite) {
            remove_name(&saving, RESULT_FILE);
            remove_stale(&saving);
        }
        status = write_all(&saving, html, html_size, json, error);
        for (size_t i = 0; status != STRIAE_OK && i < saving.written; i++)
            remove_name(&saving, saving.names[i]);
    }
    free(html);
    free(json);
    free(saving.names);
    return status;
}
