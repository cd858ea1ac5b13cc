/* Which photos are repeats of each other. */
#include "study/repeat.h"

#include "study/manifest.h"

#include "io/io.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *repeat_status_name(enum repeat_status status)
{
    static const char *const names[] = {"pending", "ok", "refused", "failed", "skipped"};
    return names[status];
}

static striae_status copy_photo(const struct manifest_row *row, struct repeat_photo *photo,
                                striae_error *error)
{
    photo->line = row->line;
    photo->session = row->session;
    photo->px_per_mm = row->px_per_mm;
    photo->has_ruler = row->has_ruler;
    memcpy(photo->ruler, row->ruler, sizeof photo->ruler);
    photo->photo = strdup(row->photo);
    photo->path = strdup(row->path);
    photo->subject = strdup(row->subject);
    photo->site = strdup(row->site);
    photo->side = strdup(row->side);
    photo->reason = strdup("");
    for (size_t m = 0; m < REPEAT_METRICS; m++) {
        photo->value[m] = NAN;
    }
    return photo->photo && photo->path && photo->subject && photo->site && photo->side &&
                   photo->reason
               ? STRIAE_OK
               : fail_memory(error);
}

/* "01 abdomen L", with the session where that tells targets apart; NULL without memory. */
static char *target_name(const struct repeat_photo *photo, bool by_session)
{
    char *name = NULL, session[32] = "";
    if (by_session && photo->session >= 0) {
        snprintf(session, sizeof session, " session %d", photo->session);
    }
    int size = asprintf(&name, "%s%s%s%s%s%s", photo->subject, photo->site[0] ? " " : "",
                        photo->site, photo->side[0] ? " " : "", photo->side, session);
    return size < 0 ? NULL : name;
}

static int same_target(const struct repeat_photo *a, const struct repeat_photo *b, bool by_session)
{
    int order = strcmp(a->subject, b->subject);
    order = order ? order : strcmp(a->site, b->site);
    order = order ? order : strcmp(a->side, b->side);
    return order || !by_session ? order : (a->session > b->session) - (a->session < b->session);
}

static int compare_photos(const void *a, const void *b, void *context)
{
    const struct repeat *repeat = context;
    const struct repeat_photo *x = &repeat->photos[*(const size_t *)a];
    const struct repeat_photo *y = &repeat->photos[*(const size_t *)b];
    int order = same_target(x, y, repeat->by_session);
    if (order != 0) {
        return order;
    }
    order = (x->session > y->session) - (x->session < y->session);
    return order ? order : (x->line > y->line) - (x->line < y->line);
}

/* order[begin..end-1] become a target. */
static striae_status add_target(struct repeat *repeat, const size_t *order, size_t begin,
                                size_t end, striae_error *error)
{
    struct repeat_target *target = &repeat->targets[repeat->target_count++];
    const struct repeat_photo *first = &repeat->photos[order[begin]];
    const struct repeat_target *before = target > repeat->targets ? target - 1 : NULL;
    target->name = target_name(first, repeat->by_session);
    target->photos = calloc(end - begin, sizeof *target->photos);
    if (!target->name || !target->photos) {
        return fail_memory(error);
    }
    for (size_t i = begin; i < end; i++) {
        target->photos[target->count++] = order[i];
        repeat->photos[order[i]].target = repeat->target_count - 1;
    }
    if (before) {
        bool same = strcmp(repeat->photos[before->photos[0]].subject, first->subject) == 0;
        target->subject = before->subject + !same;
    }
    return STRIAE_OK;
}

static striae_status group_photos(struct repeat *repeat, striae_error *error)
{
    size_t *order = calloc(repeat->photo_count, sizeof *order);
    repeat->targets = calloc(repeat->photo_count, sizeof *repeat->targets);
    striae_status status = order && repeat->targets ? STRIAE_OK : fail_memory(error);
    for (size_t i = 0; order && i < repeat->photo_count; i++) {
        order[i] = i;
    }
    if (status == STRIAE_OK) {
        qsort_r(order, repeat->photo_count, sizeof *order, compare_photos, repeat);
    }
    for (size_t begin = 0, end; begin < repeat->photo_count && status == STRIAE_OK; begin = end) {
        end = begin + 1;
        while (end < repeat->photo_count &&
               same_target(&repeat->photos[order[begin]], &repeat->photos[order[end]],
                           repeat->by_session) == 0) {
            end++;
        }
        status = add_target(repeat, order, begin, end, error);
    }
    free(order);
    return status;
}

static striae_status describe_manifest(const char *path, struct repeat *repeat, striae_error *error)
{
    char *data;
    size_t size;
    striae_status status = io_read_file(path, &data, &size, error);
    if (status == STRIAE_OK) {
        io_sha256(data, size, repeat->sha256);
    }
    free(data);
    repeat->manifest = strdup(path);
    return status == STRIAE_OK && !repeat->manifest ? fail_memory(error) : status;
}

striae_status repeat_read(const char *path, bool by_session, struct repeat *repeat,
                          striae_error *error)
{
    struct manifest manifest = {0};
    *repeat = (struct repeat){.by_session = by_session};
    striae_status status = describe_manifest(path, repeat, error);
    if (status == STRIAE_OK) {
        status = manifest_read(path, &manifest, error);
    }
    if (status == STRIAE_OK) {
        repeat->photos = calloc(manifest.count, sizeof *repeat->photos);
        status = repeat->photos ? STRIAE_OK : fail_memory(error);
    }
    for (size_t i = 0; status == STRIAE_OK && i < manifest.count; i++) {
        repeat->photo_count = i + 1; /* a half-filled photo is freed too */
        status = copy_photo(&manifest.rows[i], &repeat->photos[i], error);
    }
    if (status == STRIAE_OK) {
        status = group_photos(repeat, error);
    }
    manifest_free(&manifest);
    if (status != STRIAE_OK) {
        repeat_free(repeat);
    }
    return status;
}

void repeat_free(struct repeat *repeat)
{
    for (size_t i = 0; i < repeat->photo_count; i++) {
        struct repeat_photo *photo = &repeat->photos[i];
        free(photo->photo);
        free(photo->path);
        free(photo->subject);
        free(photo->site);
        free(photo->side);
        free(photo->reason);
    }
    for (size_t i = 0; i < repeat->target_count; i++) {
        free(repeat->targets[i].name);
        free(repeat->targets[i].photos);
    }
    for (size_t m = 0; m < REPEAT_METRICS; m++) {
        free(repeat->metric[m].points);
    }
    free(repeat->photos);
    free(repeat->targets);
    free(repeat->manifest);
    *repeat = (struct repeat){0};
}
