/* Every file in and below a folder. */
#ifndef STRIAE_STUDY_LISTING_H
#define STRIAE_STUDY_LISTING_H

#include "base/status.h"

struct listing {
    size_t count, capacity;
    char **paths; /* relative to the root, sorted by bytes; owned */
};

/* Files, and folders that are not looked into (hidden, links, results of this program, not to be
 * opened). The folder `skip` is left out altogether; NULL = none. *files must be zeroed; the caller
 * frees it on failure too. */
striae_status list_files(const char *root, const char *skip, struct listing *files,
                         striae_error *error);
void listing_free(struct listing *list);

/* A folder written by this program: its pictures are results, not photos to measure. */
bool is_result_folder(const char *path);

#endif
