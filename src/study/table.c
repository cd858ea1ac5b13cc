#include "study/table.h"

#include "io/io.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The text while it is taken apart, in place. */
struct parser {
    const char *name; /* of the file */
    char *at;
    char separator;
    size_t line;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static char *trimmed(char *text)
{
    size_t length = strlen(text);
    while (length > 0 && is_blank(text[length - 1])) {
        text[--length] = '\0';
    }
    return text + strspn(text, " \t");
}

static char find_separator(const char *header)
{
    static const char choices[] = ",;\t";
    size_t end = strcspn(header, "\r\n"), most = 0;
    char best = ',';
    for (const char *c = choices; *c; c++) {
        size_t count = 0;
        for (size_t i = 0; i < end; i++) {
            count += header[i] == *c;
        }
        if (count > most) {
            most = count;
            best = *c;
        }
    }
    return best;
}

static size_t utf8_size(const unsigned char *s)
{
    size_t size = *s < 0x80                  ? 1
                  : *s >= 0xC2 && *s <= 0xDF ? 2
                  : *s >= 0xE0 && *s <= 0xEF ? 3
                  : *s >= 0xF0 && *s <= 0xF4 ? 4
                                             : 0;
    for (size_t i = 1; i < size; i++) {
        if ((s[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return size;
}

static striae_status check_utf8(const char *name, const char *text, striae_error *error)
{
    size_t line = 1;
    for (const unsigned char *s = (const unsigned char *)text; *s;) {
        size_t size = utf8_size(s);
        if (size == 0) {
            return fail_with(error, STRIAE_ERROR_FORMAT,
                             "%s, line %zu: is not UTF-8; save the table as \"CSV UTF-8\"", name,
                             line);
        }
        line += *s == '\n';
        s += size;
    }
    return STRIAE_OK;
}

/* The rest of a quoted cell, from behind its opening quote, unquoted in place. */
static striae_status take_quoted(struct parser *p, striae_error *error)
{
    char *out = p->at;
    size_t began = p->line;
    for (;; p->at++) {
        if (*p->at == '\0') {
            return fail_with(error, STRIAE_ERROR_FORMAT, "%s, line %zu: a quote is not closed",
                             p->name, began);
        }
        if (*p->at == '"') {
            if (p->at[1] != '"') {
                break;
            }
            p->at++;
        }
        p->line += *p->at == '\n';
        *out++ = *p->at;
    }
    p->at++;
    while (*p->at && *p->at != p->separator && *p->at != '\n' && *p->at != '\r') {
        if (!is_blank(*p->at)) {
            return fail_with(error, STRIAE_ERROR_FORMAT,
                             "%s, line %zu: text behind a closing quote", p->name, p->line);
        }
        p->at++;
    }
    /* between out and the end of the cell nothing is read again */
    *out = '\0';
    return STRIAE_OK;
}

/* One cell; *last = it ends its row. The character behind it is consumed. */
static striae_status take_cell(struct parser *p, char **cell, bool *last, striae_error *error)
{
    while (is_blank(*p->at) && *p->at != p->separator) {
        p->at++;
    }
    *cell = p->at;
    if (*p->at == '"') {
        *cell = ++p->at;
        striae_status status = take_quoted(p, error);
        if (status != STRIAE_OK) {
            return status;
        }
    } else {
        while (*p->at && *p->at != p->separator && *p->at != '\n' && *p->at != '\r') {
            p->at++;
        }
    }
    char end = *p->at;
    *last = end != p->separator;
    if (end) {
        *p->at++ = '\0';
    }
    if (end == '\r' && *p->at == '\n') {
        p->at++;
    }
    p->line += end == '\n' || end == '\r';
    *cell = trimmed(*cell);
    return STRIAE_OK;
}

/* A row into cells[0..*count-1]; room for `room` of them, the rest is counted only. */
static striae_status take_row(struct parser *p, char **cells, size_t room, size_t *count,
                              striae_error *error)
{
    striae_status status = STRIAE_OK;
    bool last = false;
    for (*count = 0; !last && status == STRIAE_OK; ++*count) {
        char *cell;
        status = take_cell(p, &cell, &last, error);
        if (status == STRIAE_OK && *count < room) {
            cells[*count] = cell;
        }
    }
    return status;
}

static bool skip_blank_lines(struct parser *p)
{
    for (;;) {
        size_t blanks = strspn(p->at, " ");
        char c = p->at[blanks];
        if (c != '\n' && c != '\r') {
            return c != '\0';
        }
        p->at += blanks + 1 + (c == '\r' && p->at[blanks + 1] == '\n');
        p->line++;
    }
}

static striae_status take_header(struct parser *p, struct table *table, size_t room,
                                 striae_error *error)
{
    if (!skip_blank_lines(p)) {
        return fail_with(error, STRIAE_ERROR_FORMAT,
                         "%s: is empty; the first line must name the columns", p->name);
    }
    p->separator = find_separator(p->at);
    striae_status status = take_row(p, table->names, room, &table->columns, error);
    for (size_t i = 0; i < table->columns && status == STRIAE_OK; i++) {
        for (char *c = table->names[i]; *c; c++) {
            *c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
        }
        for (size_t k = 0; k < i && status == STRIAE_OK; k++) {
            if (table->names[i][0] && strcmp(table->names[i], table->names[k]) == 0) {
                status = fail_with(error, STRIAE_ERROR_FORMAT, "%s: column '%s' is there twice",
                                   p->name, table->names[i]);
            }
        }
    }
    return status;
}

static striae_status take_rows(struct parser *p, struct table *table, striae_error *error)
{
    striae_status status = STRIAE_OK;
    while (status == STRIAE_OK && skip_blank_lines(p)) {
        struct table_row *row = &table->row[table->rows];
        size_t count;
        row->line = p->line;
        row->cells = table->cells + table->rows * table->columns;
        status = take_row(p, row->cells, table->columns, &count, error);
        if (status == STRIAE_OK && count != table->columns) {
            status =
                fail_with(error, STRIAE_ERROR_FORMAT, "%s, line %zu: has %zu cells, the header %zu",
                          p->name, row->line, count, table->columns);
        }
        table->rows++;
    }
    return status;
}

/* How many separators and lines there can be at most. */
static void count_most(const char *text, size_t *cells, size_t *lines)
{
    *cells = *lines = 1;
    for (const char *c = text; *c; c++) {
        *cells += *c == ',' || *c == ';' || *c == '\t' || *c == '\n' || *c == '\r';
        *lines += *c == '\n' || *c == '\r';
    }
}

striae_status table_parse(const char *name, char *text, struct table *table, striae_error *error)
{
    struct parser p = {.name = name, .at = text, .line = 1};
    size_t cells, lines;
    *table = (struct table){.text = text};
    if (strncmp(text, "\xEF\xBB\xBF", 3) == 0) {
        p.at += 3;
    }
    count_most(text, &cells, &lines);
    table->names = calloc(cells, sizeof *table->names);
    table->cells = calloc(cells, sizeof *table->cells);
    table->row = calloc(lines, sizeof *table->row);
    striae_status status =
        table->names && table->cells && table->row ? STRIAE_OK : fail_memory(error);
    if (status == STRIAE_OK) {
        status = check_utf8(name, text, error);
    }
    if (status == STRIAE_OK) {
        status = take_header(&p, table, cells, error);
    }
    if (status == STRIAE_OK) {
        status = take_rows(&p, table, error);
    }
    if (status != STRIAE_OK) {
        table_free(table);
    }
    return status;
}

striae_status table_read(const char *path, struct table *table, striae_error *error)
{
    char *text;
    size_t size;
    *table = (struct table){0};
    striae_status status = io_read_file(path, &text, &size, error);
    if (status != STRIAE_OK) {
        return status;
    }
    if (strlen(text) != size) {
        free(text);
        return fail_with(error, STRIAE_ERROR_FORMAT,
                         "%s: is no text; save the table as \"CSV UTF-8\"", path);
    }
    return table_parse(path, text, table, error);
}

void table_free(struct table *table)
{
    free(table->names);
    free(table->cells);
    free(table->row);
    free(table->text);
    *table = (struct table){0};
}

size_t table_column(const struct table *table, const char *name)
{
    for (size_t i = 0; i < table->columns; i++) {
        if (strcmp(table->names[i], name) == 0) {
            return i;
        }
    }
    return TABLE_NO_COLUMN;
}
