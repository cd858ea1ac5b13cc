/* Files and folders: read whole, written whole or not at all. */
#include "io/io.h"

#include <errno.h>
#include <fcntl.h>
#include <nettle/base16.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LARGEST_FILE ((size_t)1 << 31)

void io_sha256(const void *data, size_t size, char hex[65])
{
    struct sha256_ctx context;
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_init(&context);
    sha256_update(&context, size, data);
    sha256_digest(&context, sizeof digest, digest);
    base16_encode_update(hex, sizeof digest, digest);
    hex[64] = 0;
}

/* ---- reading -------------------------------------------------------------------------------- */

static striae_status cannot_open(const char *path, striae_error *error)
{
    int reason = errno;
    const char *advice = reason == ENOENT || reason == ENOTDIR ? "check the name and the folder"
                         : reason == EACCES                    ? "ask for the right to read it"
                                                               : "check the disk and try again";
    return fail_with(error, STRIAE_ERROR_NOT_FOUND, "%s: %s; %s", path,
                     reason == ENOENT ? "no such file" : strerror(reason), advice);
}

/* Reads to the end. first_size is a guess; what is read beyond it is read as well. */
static striae_status read_all(int file, const char *path, size_t first_size, char **data,
                              size_t *size, striae_error *error)
{
    size_t capacity = first_size + 2, used = 0;
    char *bytes = malloc(capacity);
    if (!bytes)
        return fail_memory(error);
    for (;;) {
        if (used + 1 == capacity) {
            char *grown = capacity <= LARGEST_FILE ? realloc(bytes, capacity * 2) : NULL;
            if (!grown)
                break;
            bytes = grown;
            capacity *= 2;
        }
        ssize_t got = read(file, bytes + used, capacity - used - 1);
        if (got == 0 && used <= LARGEST_FILE) {
            bytes[used] = 0;
            *data = bytes;
            *size = used;
            return STRIAE_OK;
        }
        if (got < 0 && errno != EINTR) {
            striae_status status = cannot_open(path, error);
            free(bytes);
            return status;
        }
        if (got > 0)
            used += (size_t)got;
        if (used > LARGEST_FILE)
            break;
    }
    free(bytes);
    if (used > LARGEST_FILE)
        return fail_with(error, STRIAE_ERROR_TOO_LARGE,
                         "%s: larger than 2 GiB; no photo or table is: give another file", path);
    return fail_memory(error);
}

striae_status io_read_file(const char *path, char **data, size_t *size, striae_error *error)
{
    *data = NULL;
    *size = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return cannot_open(path, error);
    struct stat facts;
    striae_status status = STRIAE_OK;
    if (fstat(file, &facts) != 0)
        status = cannot_open(path, error);
    else if (S_ISDIR(facts.st_mode))
        status = fail_with(error, STRIAE_ERROR_NOT_FOUND,
                           "%s: a folder, not a file; name a file in it", path);
    else if (facts.st_size > (off_t)LARGEST_FILE)
        status = fail_with(error, STRIAE_ERROR_TOO_LARGE,
                           "%s: larger than 2 GiB; no photo or table is: give another file", path);
    else
        status = read_all(file, path, S_ISREG(facts.st_mode) ? (size_t)facts.st_size : 65536, data,
                          size, error);
    close(file);
    return status;
}

/* ---- writing -------------------------------------------------------------------------------- */

static striae_status cannot_write(const char *path, striae_error *error)
{
    int reason = errno;
    const char *advice = "check the disk and try again";
    if (reason == EEXIST || reason == EISDIR)
        advice = "choose another place, or allow overwriting";
    else if (reason == ENOENT || reason == ENOTDIR)
        advice = "make its folder first, or choose another place";
    else if (reason == EACCES || reason == EPERM || reason == EROFS)
        advice = "choose a folder that you may write to";
    else if (reason == ENOSPC || reason == EDQUOT)
        advice = "free some space or choose another disk";
    return fail_with(error, STRIAE_ERROR_OUTPUT, "%s: cannot be written: %s; %s", path,
                     strerror(reason), advice);
}

static bool write_all(int file, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t written = write(file, data, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        data += written;
        size -= (size_t)written;
    }
    return fsync(file) == 0 || errno == EINVAL || errno == EROFS; /* some places cannot sync */
}

/* rename() that does not replace, where the file system can. */
static bool rename_new(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return true;
    return (errno == EINVAL || errno == ENOSYS) && rename(from, to) == 0;
}

striae_status io_write_file(const char *path, const void *data, size_t size, bool overwrite,
                            striae_error *error)
{
    struct stat facts;
    if (!overwrite && lstat(path, &facts) == 0) {
        errno = EEXIST;
        return cannot_write(path, error);
    }
    char *aside = NULL;
    if (asprintf(&aside, "%s.tmp-%ld", path, (long)getpid()) < 0)
        return fail_memory(error);
    striae_status status = STRIAE_OK;
    int file = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (file < 0) {
        status = cannot_write(path, error);
    } else {
        bool good = write_all(file, data, size);
        int reason = errno;
        if (close(file) != 0 && good) {
            good = false;
            reason = errno;
        }
        errno = reason;
        good = good && (overwrite ? rename(aside, path) == 0 : rename_new(aside, path));
        if (!good) {
            status = cannot_write(path, error);
            unlink(aside);
        }
    }
    free(aside);
    return status;
}

striae_status io_make_folder(const char *path, striae_error *error)
{
    char *part = strdup(path);
    if (!part)
        return fail_memory(error);
    striae_status status = STRIAE_OK;
    struct stat facts;
    for (char *end = part; status == STRIAE_OK && *end;) {
        end += strspn(end, "/");
        end += strcspn(end, "/");
        char kept = *end;
        *end = 0;
        if (mkdir(part, 0777) != 0) {
            int reason = errno;
            if (stat(part, &facts) != 0 || !S_ISDIR(facts.st_mode)) {
                errno = reason;
                status = reason == EEXIST
                             ? fail_with(error, STRIAE_ERROR_OUTPUT,
                                         "%s: a file is in the way of this folder; choose another "
                                         "folder or move the file",
                                         part)
                             : cannot_write(part, error);
            }
        }
        *end = kept;
    }
    if (status == STRIAE_OK && stat(path, &facts) != 0) /* an empty name */
        status = cannot_write(path, error);
    free(part);
    return status;
}
