#include "study/csv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void append(struct csv *csv, const char *data, size_t size)
{
    if (csv->failed || size == 0) {
        return;
    }
    if (size >= csv->capacity - csv->size) { /* one byte more for the NUL */
        size_t capacity = 2 * csv->capacity + size + 256;
        char *grown = realloc(csv->data, capacity);
        if (!grown) {
            csv->failed = true;
            return;
        }
        csv->data = grown;
        csv->capacity = capacity;
    }
    memcpy(csv->data + csv->size, data, size);
    csv->size += size;
    csv->data[csv->size] = '\0';
}

static void begin_cell(struct csv *csv)
{
    if (csv->row_begun) {
        append(csv, ",", 1);
    }
    csv->row_begun = true;
}

void csv_text(struct csv *csv, const char *text)
{
    begin_cell(csv);
    if (!text || text[0] == '\0') {
        return;
    }
    bool formula = strchr("=+-@\t\r", text[0]) != NULL;
    if (!formula && strpbrk(text, ",\"\r\n") == NULL) {
        append(csv, text, strlen(text));
        return;
    }
    append(csv, formula ? "\"'" : "\"", formula ? 2 : 1);
    for (const char *c = text; *c; c++) {
        append(csv, *c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1);
    }
    append(csv, "\"", 1);
}

void csv_number(struct csv *csv, double value)
{
    begin_cell(csv);
    if (!isfinite(value)) {
        return;
    }
    char text[40];
    snprintf(text, sizeof text, "%.6g", value == 0 ? 0.0 : value);
    /* a decimal separator of the locale is the only character that is none of these */
    size_t other = strspn(text, "+-0123456789e");
    size_t rest = other + strcspn(text + other, "+-0123456789e");
    append(csv, text, other);
    if (text[other] != '\0') {
        append(csv, ".", 1);
        append(csv, text + rest, strlen(text + rest));
    }
}

void csv_integer(struct csv *csv, long long value)
{
    begin_cell(csv);
    char text[32];
    int size = snprintf(text, sizeof text, "%lld", value);
    append(csv, text, (size_t)size);
}

void csv_end_row(struct csv *csv)
{
    append(csv, "\n", 1);
    csv->row_begun = false;
}

void csv_append(struct csv *csv, const char *rows, size_t size)
{
    append(csv, rows, size);
}
