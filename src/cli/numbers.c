#include "cli/numbers.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_NUMBER 64

bool number_real(const char *text, double low, double high, double *out)
{
    size_t length = strlen(text);
    /* strtod alone would take " 1", "0x1p3", "inf" and "nan" */
    if (length == 0 || length > LONGEST_NUMBER || strspn(text, "+-0123456789.eE") != length) {
        return false;
    }
    char *end;
    double value = strtod(text, &end);
    if (*end != '\0' || !isfinite(value) || value < low || value > high) {
        return false;
    }
    *out = value;
    return true;
}

bool number_integer(const char *text, int low, int high, int *out)
{
    size_t digits = strspn(text + (text[0] == '-'), "0123456789");
    size_t length = strlen(text);
    if (digits == 0 || digits > 10 || digits + (text[0] == '-') != length) {
        return false;
    }
    long long value = strtoll(text, NULL, 10);
    if (value < low || value > high) {
        return false;
    }
    *out = (int)value;
    return true;
}

bool number_seed(const char *text, uint64_t *out)
{
    size_t length = strlen(text);
    if (length == 0 || strspn(text, "0123456789") != length) {
        return false;
    }
    errno = 0;
    unsigned long long value = strtoull(text, NULL, 10);
    if (errno != 0) {
        return false;
    }
    *out = value;
    return true;
}

bool number_list(const char *text, double low, double high, size_t limit, double *out,
                 size_t *count)
{
    size_t found = 0;
    for (const char *at = text;; at++) {
        size_t length = strcspn(at, ",");
        char one[LONGEST_NUMBER + 1];
        if (found == limit || length >= sizeof one) {
            return false;
        }
        memcpy(one, at, length);
        one[length] = '\0';
        if (!number_real(one, low, high, &out[found])) {
            return false;
        }
        found++;
        at += length;
        if (*at == '\0') {
            *count = found;
            return true;
        }
    }
}
