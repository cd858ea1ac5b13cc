/* A manifest: which photo shows whose skin, and when. */
#ifndef STRIAE_STUDY_MANIFEST_H
#define STRIAE_STUDY_MANIFEST_H

#include "study/table.h"

struct manifest_row {
    size_t line;                       /* in the file, 1.. */
    const char *subject, *site, *side; /* "" where the table has none; point into the table */
    const char *photo;                 /* as written */
    char *path;                        /* from the working directory; owned */
    int session;                       /* -1 where the table has none */
    double px_per_mm;                  /* NaN where the table has none */
    bool has_ruler;
    double ruler[5]; /* x1, y1, x2, y2 in px, mm */
};

struct manifest {
    struct table table; /* all columns, also those that are not known here */
    size_t count;
    struct manifest_row *rows; /* owned */
};

/* Reads the columns photo and subject, which must be there, and site, side, session, px_per_mm and
 * ruler ("x1,y1,x2,y2,mm", also with blanks or semicolons between). A photo's path counts from the
 * manifest's folder. Errors name file, line and what to write: FORMAT, NOT_FOUND, MEMORY. */
striae_status manifest_read(const char *path, struct manifest *manifest, striae_error *error);
void manifest_free(struct manifest *manifest);

#endif
