/* Tables as comma-separated values: RFC 4180 quoting, UTF-8, LF, '.' whatever the locale. */
#ifndef STRIAE_STUDY_CSV_H
#define STRIAE_STUDY_CSV_H

#include <stdbool.h>
#include <stddef.h>

/* Text that grows; after a failed allocation it stays as it is and `failed` is set, so that a
 * writer checks once, at the end. Free data with free(). Zeroed = empty. */
struct csv {
    char *data; /* NUL-terminated once anything was written; owned */
    size_t size, capacity;
    bool row_begun;
    bool failed;
};

/* A text cell; NULL or "" = an empty cell. Text that a spreadsheet would run as a formula (it
 * begins with = + - @, a tab or a carriage return) gets a leading apostrophe, which spreadsheets
 * take for "this is text". */
void csv_text(struct csv *csv, const char *text);
/* A number with up to 6 significant digits; NaN and infinity = an empty cell. */
void csv_number(struct csv *csv, double value);
void csv_integer(struct csv *csv, long long value);
void csv_end_row(struct csv *csv);
/* Rows already formatted. */
void csv_append(struct csv *csv, const char *rows, size_t size);

#endif
