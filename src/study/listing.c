#include "study/listing.h"

#include "study/paths.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static striae_status add_path(struct listing *list, char *path, striae_error *error)
{
    if (!path) {
        return fail_memory(error);
    }
    if (list->count == list->capacity) {
        size_t capacity = 2 * list->capacity + 64;
        char **grown = realloc(list->paths, capacity * sizeof *grown);
        if (!grown) {
            free(path);
            return fail_memory(error);
        }
        list->paths = grown;
        list->capacity = capacity;
    }
    list->paths[list->count++] = path;
    return STRIAE_OK;
}

void listing_free(struct listing *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->paths[i]);
    }
    free(list->paths);
    *list = (struct listing){0};
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Whether path is the same folder as skip. */
static bool same_folder(const struct stat *folder, const struct stat *skip)
{
    return skip && folder->st_dev == skip->st_dev && folder->st_ino == skip->st_ino;
}

bool is_result_folder(const char *path)
{
    char *json = path_join(path, "result.json");
    struct stat info;
    bool found = json && stat(json, &info) == 0;
    free(json);
    return found;
}

/* Sorts what is in one folder into files and folders still to look into. Links to folders are
 * listed as files: following them could go round for ever. */
static striae_status list_folder(const char *root, const char *folder, const struct stat *skip,
                                 struct listing *files, struct listing *folders,
                                 striae_error *error)
{
    char *path = folder[0] ? path_join(root, folder) : strdup(root);
    DIR *dir = path ? opendir(path) : NULL;
    if (!dir) {
        striae_status status = path ? fail_with(error, STRIAE_ERROR_NOT_FOUND,
                                                "%s: cannot be opened: %s", path, strerror(errno))
                                    : fail_memory(error);
        free(path);
        return status;
    }
    striae_status status = STRIAE_OK;
    for (struct dirent *entry; status == STRIAE_OK && (entry = readdir(dir)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        char *relative = folder[0] ? path_join(folder, entry->d_name) : strdup(entry->d_name);
        char *full = relative ? path_join(root, relative) : NULL;
        struct stat info;
        if (!full) {
            free(relative);
            status = fail_memory(error);
        } else if (lstat(full, &info) == 0 && S_ISDIR(info.st_mode)) {
            if (same_folder(&info, skip)) {
                free(relative);
            } else {
                bool leave = entry->d_name[0] == '.' || is_result_folder(full);
                status = add_path(leave ? files : folders, relative, error);
            }
        } else {
            status = add_path(files, relative, error);
        }
        free(full);
    }
    closedir(dir);
    free(path);
    return status;
}

striae_status list_files(const char *root, const char *skip, struct listing *files,
                         striae_error *error)
{
    struct stat skip_info;
    bool has_skip = skip && stat(skip, &skip_info) == 0;
    struct listing folders = {0};
    striae_status status =
        list_folder(root, "", has_skip ? &skip_info : NULL, files, &folders, error);
    /* the list grows while it is worked through */
    for (size_t i = 0; i < folders.count && status == STRIAE_OK; i++) {
        striae_error ignored;
        if (list_folder(root, folders.paths[i], has_skip ? &skip_info : NULL, files, &folders,
                        &ignored) == STRIAE_ERROR_NOT_FOUND) {
            /* a folder that cannot be opened becomes an input, whose row says so */
            status = add_path(files, strdup(folders.paths[i]), error);
        }
    }
    listing_free(&folders);
    if (status == STRIAE_OK && files->count > 0) {
        qsort(files->paths, files->count, sizeof *files->paths, compare_paths);
    }
    return status;
}
