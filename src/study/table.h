/* Reads a table of comma-separated values: the way back from csv.h. */
#ifndef STRIAE_STUDY_TABLE_H
#define STRIAE_STUDY_TABLE_H

#include "base/status.h"

struct table_row {
    size_t line; /* in the file, 1.. */
    char **cells;
};

/* columns names; every row has as many cells. Cells are trimmed of blanks, never NULL. */
struct table {
    size_t columns, rows;
    char **names;          /* lower case */
    struct table_row *row; /* owned, as is all below */
    char *text;            /* what names and cells point into */
    char **cells;
};

/* Reads RFC 4180 text, UTF-8 with or without byte order mark, any line ends; the separator (',',
 * ';' or tab) is the one that the header has most of. Blank lines are left out. Errors name the
 * file and the line: FORMAT (no header, a column twice, a row with another number of cells, a quote
 * that is not closed, not UTF-8), MEMORY, NOT_FOUND. */
striae_status table_read(const char *path, struct table *table, striae_error *error);
/* The same from memory; name is for messages. text is taken over and may be changed. */
striae_status table_parse(const char *name, char *text, struct table *table, striae_error *error);
void table_free(struct table *table);

#define TABLE_NO_COLUMN SIZE_MAX
/* Index of the column of that name, or TABLE_NO_COLUMN. */
size_t table_column(const struct table *table, const char *name);

#endif
