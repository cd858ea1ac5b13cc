/* Strict reading of numbers: the whole text, no blanks, '.' whatever the locale, no inf or nan. */
#ifndef STRIAE_CLI_NUMBERS_H
#define STRIAE_CLI_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All return false, and leave *out alone, unless the text is a number within low..high. */
bool number_real(const char *text, double low, double high, double *out);
bool number_integer(const char *text, int low, int high, int *out);
bool number_seed(const char *text, uint64_t *out);
/* Numbers joined by ','; 1..limit of them. */
bool number_list(const char *text, double low, double high, size_t limit, double *out,
                 size_t *count);

#endif
