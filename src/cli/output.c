#include "cli/output.h"

#include <errno.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static striae_status not_writable(striae_error *error, const char *path, const char *why)
{
    error->status = STRIAE_ERROR_OUTPUT;
    snprintf(error->message, sizeof error->message, "%s: %s; choose another folder with -o", path,
             why);
    return STRIAE_ERROR_OUTPUT;
}

striae_status output_no_memory(striae_error *error)
{
    error->status = STRIAE_ERROR_MEMORY;
    snprintf(error->message, sizeof error->message, "out of memory");
    return STRIAE_ERROR_MEMORY;
}

striae_status output_print(char *text, striae_error *error)
{
    if (!text) {
        return output_no_memory(error);
    }
    printf("%s\n", text);
    free(text);
    return STRIAE_OK;
}

char *output_path(const char *folder, const char *name)
{
    char *path = NULL;
    size_t length = strlen(folder);
    const char *slash = length > 0 && folder[length - 1] == '/' ? "" : "/";
    return asprintf(&path, "%s%s%s", folder, slash, name) < 0 ? NULL : path;
}

/* Cuts path back to its nearest part that exists ("." in the end). */
static void cut_to_existing(char *path, struct stat *info)
{
    while (stat(path, info) != 0) {
        if (errno == ENOTDIR || errno == ENOENT) {
            char *slash = strrchr(path, '/');
            if (slash && slash > path) {
                *slash = '\0';
            } else {
                strcpy(path, slash ? "/" : ".");
            }
            if (strcmp(path, "/") != 0 && strcmp(path, ".") != 0) {
                continue;
            }
        }
        if (stat(path, info) != 0) {
            *info = (struct stat){0};
        }
        return;
    }
}

striae_status output_check_writable(const char *dir, striae_error *error)
{
    struct stat info;
    char *existing = malloc(strlen(dir) + 2);
    if (!existing) {
        return output_no_memory(error);
    }
    strcpy(existing, dir);
    cut_to_existing(existing, &info);
    striae_status status = STRIAE_OK;
    if (!S_ISDIR(info.st_mode)) {
        status = not_writable(error, existing, "is no folder");
    } else {
        /* Permissions alone do not tell: the disk may be mounted read-only. So try. */
        char *probe = output_path(existing, ".striae-XXXXXX");
        if (!probe) {
            status = output_no_memory(error);
        } else if (!mkdtemp(probe)) {
            status = not_writable(error, existing, strerror(errno));
        } else {
            rmdir(probe);
        }
        free(probe);
    }
    free(existing);
    return status;
}

striae_status output_check(const char *dir, const char *file, bool overwrite, striae_error *error)
{
    striae_status status = output_check_writable(dir, error);
    if (status != STRIAE_OK || overwrite) {
        return status;
    }
    char *path = output_path(dir, file);
    struct stat info;
    if (!path) {
        return output_no_memory(error);
    }
    if (lstat(path, &info) == 0) {
        error->status = status = STRIAE_ERROR_OUTPUT;
        snprintf(error->message, sizeof error->message,
                 "%s: is there already; use --force to replace it", path);
    }
    free(path);
    return status;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *ftw)
{
    (void)info;
    (void)type;
    (void)ftw;
    (void)remove(path);
    return 0;
}

void output_remove(const char *dir)
{
    nftw(dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

char *output_temporary(striae_error *error)
{
    const char *base = getenv("TMPDIR");
    char *path = output_path(base && base[0] ? base : "/tmp", "striae-XXXXXX");
    if (path && !mkdtemp(path)) {
        not_writable(error, path, strerror(errno));
        free(path);
        return NULL;
    }
    if (!path) {
        output_no_memory(error);
    }
    return path;
}
