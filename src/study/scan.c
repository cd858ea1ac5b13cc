/* What each file of a folder is, and which photos belong together. */
#include "study/listing.h"
#include "study/names.h"
#include "study/pairing.h"
#include "study/paths.h"
#include "study/study.h"

#include "base/status.h"
#include "io/io.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const char *study_status_name(enum study_status status)
{
    static const char *const names[] = {"pending", "ok", "refused", "failed", "skipped"};
    return names[status];
}

/* Whether a photo of the same name without _mask, _id, ... lies beside path. */
static bool is_derived(const struct listing *files, const char *path)
{
    size_t stem = name_derived_stem(path);
    size_t low = 0, high = files->count;
    while (stem > 0 && low < high) { /* the first path not below "stem." */
        size_t middle = low + (high - low) / 2;
        int order = strncmp(files->paths[middle], path, stem);
        if (order < 0 || (order == 0 && files->paths[middle][stem] < '.')) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (size_t i = low; stem > 0 && i < files->count; i++) {
        const char *other = files->paths[i];
        if (strncmp(other, path, stem) != 0 || other[stem] != '.') {
            return false;
        }
        if (name_has_photo_extension(other)) {
            return true;
        }
    }
    return false;
}

/* Why a file is no photo, in words, or NULL when it is one. *bystander: never meant to be one. */
static const char *not_a_photo(const struct listing *files, const char *path, const char *full,
                               bool *bystander)
{
    const char *slash = strrchr(path, '/');
    struct stat info;
    *bystander = true;
    if ((slash ? slash[1] : path[0]) == '.') {
        return "hidden";
    }
    if (stat(full, &info) != 0) {
        *bystander = !name_has_photo_extension(path);
        return "cannot be opened: a broken link, or no permission";
    }
    if (S_ISDIR(info.st_mode)) {
        return is_result_folder(full) ? "a result folder of striae"
                                      : "a folder that is a link or cannot be opened";
    }
    if (!S_ISREG(info.st_mode)) {
        return "not a regular file";
    }
    if (is_derived(files, path)) {
        return "a mask or other picture made from the photo beside it";
    }
    if (io_is_photo(full)) {
        *bystander = false;
        return NULL;
    }
    *bystander = !name_has_photo_extension(path);
    if (*bystander) {
        return "not a photo";
    }
    return info.st_size == 0 ? "the file is empty: copy it again from the camera"
                             : "not a photo that this build reads, whatever its name says: export "
                               "it as JPEG or PNG";
}

static striae_status describe_input(const struct listing *files, const char *root, size_t index,
                                    struct study_input *input, striae_error *error)
{
    *input = (struct study_input){.session = -1, .series = STUDY_NO_SERIES};
    char *full = path_join(root, files->paths[index]);
    input->path = strdup(files->paths[index]);
    striae_status status = full && input->path ? STRIAE_OK : fail_memory(error);
    struct photo_name name = {0};
    if (status == STRIAE_OK) {
        status = name_read(input->path, &name, error);
    }
    if (status == STRIAE_OK) {
        input->subject = name.subject;
        input->arm = name.arm;
        input->site = name.site;
        input->side = name.side;
        input->key = name.key;
        input->session = name.session;
        input->numbered = name.numbered;
        const char *reason = not_a_photo(files, input->path, full, &input->bystander);
        enum study_status found = !reason            ? STUDY_PENDING
                                  : input->bystander ? STUDY_SKIPPED
                                                     : STUDY_FAILED;
        status = study_set_input(input, found, reason ? reason : "", error);
    }
    free(full);
    return status;
}

striae_status study_scan(const char *folder, const char *skip, struct study *study,
                         striae_error *error)
{
    *study = (struct study){0};
    struct listing files = {0};
    striae_status status = list_files(folder, skip, &files, error);
    if (status != STRIAE_OK) {
        goto done;
    }
    study->folder = strdup(folder);
    study->name = path_own_name(folder);
    study->inputs = calloc(files.count + 1, sizeof *study->inputs);
    if (!study->folder || !study->name || !study->inputs) {
        status = fail_memory(error);
        goto done;
    }
    for (size_t i = 0; i < files.count && status == STRIAE_OK; i++) {
        study->input_count = i + 1; /* a half-filled input is freed too */
        status = describe_input(&files, folder, i, &study->inputs[i], error);
    }
    if (status == STRIAE_OK) {
        status = study_pair(study, error);
    }
done:
    listing_free(&files);
    if (status != STRIAE_OK) {
        study_free(study);
    }
    return status;
}

void study_free(struct study *study)
{
    for (size_t i = 0; i < study->input_count; i++) {
        struct study_input *input = &study->inputs[i];
        free(input->path);
        free(input->reason);
        free(input->subject);
        free(input->arm);
        free(input->site);
        free(input->side);
        free(input->key);
    }
    for (size_t i = 0; i < study->series_count; i++) {
        free(study->series[i].name);
        free(study->series[i].inputs);
        free(study->series[i].rows);
    }
    free(study->inputs);
    free(study->series);
    free(study->folder);
    free(study->name);
    *study = (struct study){0};
}

struct study_counts study_count(const struct study *study)
{
    struct study_counts counts = {.found = study->input_count};
    for (size_t i = 0; i < study->input_count; i++) {
        const struct study_input *input = &study->inputs[i];
        counts.ok += input->status == STUDY_OK;
        counts.refused += input->status == STUDY_REFUSED;
        counts.failed += input->status == STUDY_FAILED;
        counts.skipped += input->status == STUDY_SKIPPED;
        counts.missed += input->status != STUDY_OK && !input->bystander;
        counts.photos += !input->bystander;
    }
    return counts;
}
