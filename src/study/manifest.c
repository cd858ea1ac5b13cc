#include "study/manifest.h"

#include "study/paths.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct columns {
    size_t photo, subject, site, side, session, px_per_mm, ruler;
};

static const char *cell(const struct table_row *row, size_t column)
{
    return column == TABLE_NO_COLUMN ? "" : row->cells[column];
}

static striae_status find_columns(const char *path, const struct table *table,
                                  struct columns *columns, striae_error *error)
{
    *columns = (struct columns){table_column(table, "photo"),   table_column(table, "subject"),
                                table_column(table, "site"),    table_column(table, "side"),
                                table_column(table, "session"), table_column(table, "px_per_mm"),
                                table_column(table, "ruler")};
    const char *missing = columns->photo == TABLE_NO_COLUMN     ? "photo"
                          : columns->subject == TABLE_NO_COLUMN ? "subject"
                                                                : NULL;
    if (missing) {
        return fail_with(error, STRIAE_ERROR_FORMAT,
                         "%s: has no column '%s'; the first line must name the columns: subject, "
                         "site, side, session, photo, ...",
                         path, missing);
    }
    return STRIAE_OK;
}

/* A number that fills the text up to *end, '.' whatever the locale; NaN where there is none. */
static double read_number(const char *text, const char **end)
{
    size_t size = strspn(text, "+-0123456789.eE");
    char copy[48];
    char *stop;
    *end = text;
    if (size == 0 || size >= sizeof copy) {
        return NAN;
    }
    memcpy(copy, text, size);
    copy[size] = '\0';
    char *point = strchr(copy, '.');
    if (point) {
        *point = localeconv()->decimal_point[0];
    }
    double value = strtod(copy, &stop);
    if (*stop != '\0' || !isfinite(value)) {
        return NAN;
    }
    *end = text + size;
    return value;
}

static striae_status read_session(const char *path, const char *text, struct manifest_row *row,
                                  striae_error *error)
{
    const char *end;
    row->session = -1;
    if (text[0] == '\0') {
        return STRIAE_OK;
    }
    double value = read_number(text, &end);
    if (*end != '\0' || !(value >= 0 && value <= 99999) || value != floor(value)) {
        return fail_with(error, STRIAE_ERROR_FORMAT,
                         "%s, line %zu: session '%s' is no whole number from 0 on", path, row->line,
                         text);
    }
    row->session = (int)value;
    return STRIAE_OK;
}

static striae_status read_scale(const char *path, const char *scale, const char *ruler,
                                struct manifest_row *row, striae_error *error)
{
    const char *end = scale;
    row->px_per_mm = scale[0] ? read_number(scale, &end) : NAN;
    if (*end != '\0' || (scale[0] && !(row->px_per_mm > 0.1 && row->px_per_mm < 1000))) {
        return fail_with(error, STRIAE_ERROR_FORMAT,
                         "%s, line %zu: px_per_mm '%s' is no number from 0.1 to 1000", path,
                         row->line, scale);
    }
    end = ruler;
    size_t count = 0;
    for (; *end && count < 5; count++) {
        row->ruler[count] = read_number(end, &end);
        if (isnan(row->ruler[count])) {
            break;
        }
        end += strspn(end, " ,;");
    }
    row->has_ruler = ruler[0] != '\0';
    if (row->has_ruler && (*end || count != 5 || !(row->ruler[4] > 0))) {
        return fail_with(error, STRIAE_ERROR_FORMAT,
                         "%s, line %zu: ruler '%s' is not \"x1,y1,x2,y2,mm\": two points in pixels "
                         "and their distance in mm, in quotes",
                         path, row->line, ruler);
    }
    if (row->has_ruler && scale[0]) {
        return fail_with(error, STRIAE_ERROR_FORMAT,
                         "%s, line %zu: px_per_mm and ruler both give the scale: leave one empty",
                         path, row->line);
    }
    return STRIAE_OK;
}

static striae_status read_row(const char *path, const char *folder, const struct table_row *cells,
                              const struct columns *columns, struct manifest_row *row,
                              striae_error *error)
{
    row->line = cells->line;
    row->photo = cell(cells, columns->photo);
    row->subject = cell(cells, columns->subject);
    row->site = cell(cells, columns->site);
    row->side = cell(cells, columns->side);
    const char *empty = !row->photo[0] ? "photo" : !row->subject[0] ? "subject" : NULL;
    if (empty) {
        return fail_with(error, STRIAE_ERROR_FORMAT, "%s, line %zu: %s is empty", path, row->line,
                         empty);
    }
    row->path =
        row->photo[0] == '/' || !folder[0] ? strdup(row->photo) : path_join(folder, row->photo);
    if (!row->path) {
        return fail_memory(error);
    }
    striae_status status = read_session(path, cell(cells, columns->session), row, error);
    return status != STRIAE_OK ? status
                               : read_scale(path, cell(cells, columns->px_per_mm),
                                            cell(cells, columns->ruler), row, error);
}

striae_status manifest_read(const char *path, struct manifest *manifest, striae_error *error)
{
    struct columns columns;
    const char *slash = strrchr(path, '/');
    char *folder = strndup(path, slash ? (size_t)(slash - path) + (slash == path) : 0);
    *manifest = (struct manifest){0};
    striae_status status = folder ? table_read(path, &manifest->table, error) : fail_memory(error);
    if (status == STRIAE_OK) {
        status = find_columns(path, &manifest->table, &columns, error);
    }
    if (status == STRIAE_OK && manifest->table.rows == 0) {
        status = fail_with(error, STRIAE_ERROR_NOT_FOUND, "%s: names no photo", path);
    }
    if (status == STRIAE_OK) {
        manifest->rows = calloc(manifest->table.rows, sizeof *manifest->rows);
        status = manifest->rows ? STRIAE_OK : fail_memory(error);
    }
    for (size_t i = 0; status == STRIAE_OK && i < manifest->table.rows; i++) {
        manifest->count = i + 1; /* a half-filled row is freed too */
        status =
            read_row(path, folder, &manifest->table.row[i], &columns, &manifest->rows[i], error);
    }
    free(folder);
    if (status != STRIAE_OK) {
        manifest_free(manifest);
    }
    return status;
}

void manifest_free(struct manifest *manifest)
{
    for (size_t i = 0; i < manifest->count; i++) {
        free(manifest->rows[i].path);
    }
    free(manifest->rows);
    table_free(&manifest->table);
    *manifest = (struct manifest){0};
}
