/* Growing text, and numbers and names made safe for it. */
#ifndef STRIAE_REPORT_TEXT_H
#define STRIAE_REPORT_TEXT_H

#include "base/status.h"

#include <stdarg.h>

/* Starts zeroed. The first failed allocation sets `failed`; every later call does nothing, so that
 * a caller checks once, at the end. */
struct text {
    char *data; /* owned, NUL-terminated when not NULL */
    size_t size, capacity;
    bool failed;
};

void text_free(struct text *text);
/* Plain bytes. */
void text_add(struct text *text, const char *string);
void text_add_bytes(struct text *text, const void *bytes, size_t size);
/* printf; for strings and whole numbers only, as %f follows the locale: see text_number. */
void text_format(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Escaped for HTML content and for attributes in either kind of quotes. Bytes that are not valid
 * UTF-8 become U+FFFD, control characters a space. */
void text_html(struct text *text, const char *string);
/* With that many decimals (0..6), '.' as the point in every locale, half rounded away from zero.
 * "-0.00" is written "0.00". Not finite: "nan". */
void text_number(struct text *text, double value, int decimals);
/* The same with a true minus sign (U+2212), for people. */
void text_figure(struct text *text, double value, int decimals);
/* RFC 4648 base 64. */
void text_base64(struct text *text, const unsigned char *bytes, size_t size);

/* Length of the valid UTF-8 character at s (1..4), 0 when it is not one. No surrogates, no overlong
 * forms, nothing above U+10FFFF; a NUL ends every character. */
int utf8_length(const char *s);
/* A copy with every byte that is not valid UTF-8 replaced by U+FFFD. NULL without memory. */
char *utf8_repair(const char *string);
/* The part of a path after the last '/'. */
const char *path_name(const char *path);

#endif
