/* Rows of measured against true numbers, and the tables made of them. */
#ifndef STRIAE_TESTS_WIDTH_ROWS_H
#define STRIAE_TESTS_WIDTH_ROWS_H

#include "true_pair.h"

#include <jansson.h>

struct numbers {
    double value, low, high, truth;
};

/* One stria of one session, or (session 2) its change. */
struct row {
    int pair, session, id, pieces;
    const char *status;
    double px_per_mm, cnr, apart, soft, blur, covered;
    double true_px, px;
    struct numbers width, area, delta_a;
    int verdict[3];
};

/* Freed by freeing rows. */
struct table {
    size_t count, capacity;
    struct row *rows;
    size_t expected, matched; /* striae with a right answer to "which is which" */
};

/* What must hold; 0 = anything. */
struct bounds {
    double most_bias, most_spread; /* px, of well visible striae that stand apart */
    double least_held;             /* percent of the intervals of widths */
    double least_matched;          /* percent */
};

/* Adds all rows of a measured pair. */
void take_result(const struct true_pair *pair, const json_t *truth, int index,
                 const struct striae_result *result, struct table *table);
/* As CSV. */
bool write_rows(const char *path, const struct table *table);
/* Prints the figures; whether the bounds are kept. */
bool print_table(const char *scene, const struct table *table, const struct bounds *bounds);

#endif
