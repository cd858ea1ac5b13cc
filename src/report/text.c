#include "report/text.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_free(struct text *text)
{
    free(text->data);
    *text = (struct text){0};
}

/* Room for `more` bytes and a NUL. */
static bool reserve(struct text *text, size_t more)
{
    if (text->failed || more >= SIZE_MAX / 4 - text->size) {
        text->failed = true;
        return false;
    }
    if (text->size + more + 1 <= text->capacity)
        return true;
    size_t capacity = text->capacity ? text->capacity : 256;
    while (capacity < text->size + more + 1)
        capacity *= 2;
    char *data = realloc(text->data, capacity);
    if (!data) {
        text->failed = true;
        return false;
    }
    text->data = data;
    text->capacity = capacity;
    return true;
}

void text_add_bytes(struct text *text, const void *bytes, size_t size)
{
    if (!reserve(text, size))
        return;
    if (size)
        memcpy(text->data + text->size, bytes, size);
    text->size += size;
    text->data[text->size] = '\0';
}

void text_add(struct text *text, const char *string)
{
    text_add_bytes(text, string, strlen(string));
}

void text_format(struct text *text, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0) {
        text->failed = true;
    } else if (reserve(text, (size_t)length)) {
        (void)vsnprintf(text->data + text->size, (size_t)length + 1, format, again);
        text->size += (size_t)length;
    }
    va_end(again);
}

int utf8_length(const char *s)
{
    const unsigned char *b = (const unsigned char *)s;
    if (b[0] == 0)
        return 0;
    if (b[0] < 0x80)
        return 1;
    int length = b[0] >= 0xf0 ? 4 : b[0] >= 0xe0 ? 3 : 2;
    if (b[0] < 0xc2 || b[0] > 0xf4)
        return 0;
    for (int i = 1; i < length; i++)
        if ((b[i] & 0xc0) != 0x80)
            return 0;
    /* overlong, surrogate, above U+10FFFF: decided by the second byte */
    if ((b[0] == 0xe0 && b[1] < 0xa0) || (b[0] == 0xed && b[1] > 0x9f) ||
        (b[0] == 0xf0 && b[1] < 0x90) || (b[0] == 0xf4 && b[1] > 0x8f))
        return 0;
    return length;
}

#define REPLACEMENT "\xef\xbf\xbd"

char *utf8_repair(const char *string)
{
    struct text text = {0};
    text_add(&text, "");
    for (const char *s = string; *s;) {
        int length = utf8_length(s);
        text_add_bytes(&text, length ? s : REPLACEMENT, length ? (size_t)length : 3);
        s += length ? length : 1;
    }
    if (text.failed)
        text_free(&text);
    return text.data;
}

void text_html(struct text *text, const char *string)
{
    for (const char *s = string; *s;) {
        int length = utf8_length(s);
        if (*s == '&')
            text_add(text, "&amp;");
        else if (*s == '<')
            text_add(text, "&lt;");
        else if (*s == '>')
            text_add(text, "&gt;");
        else if (*s == '"')
            text_add(text, "&quot;");
        else if (*s == '\'')
            text_add(text, "&#39;");
        else if ((unsigned char)*s < 0x20 || *s == 0x7f)
            text_add(text, " ");
        else
            text_add_bytes(text, length ? s : REPLACEMENT, length ? (size_t)length : 3);
        s += length ? length : 1;
    }
}

/* In whole numbers, because printf's %f takes its point from the locale. */
static void number(struct text *text, double value, int decimals, const char *minus)
{
    static const int64_t power[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
    decimals = decimals < 0 ? 0 : decimals > 6 ? 6 : decimals;
    double scaled = round(fabs(value) * (double)power[decimals]);
    if (!(scaled < 9e18)) {
        text_add(text, "nan");
        return;
    }
    int64_t whole = (int64_t)scaled;
    if (value < 0 && whole)
        text_add(text, minus);
    text_format(text, "%lld", (long long)(whole / power[decimals]));
    if (decimals)
        text_format(text, ".%0*lld", decimals, (long long)(whole % power[decimals]));
}

void text_number(struct text *text, double value, int decimals)
{
    number(text, value, decimals, "-");
}

void text_figure(struct text *text, double value, int decimals)
{
    number(text, value, decimals, "\xe2\x88\x92");
}

void text_base64(struct text *text, const unsigned char *bytes, size_t size)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (size > SIZE_MAX / 8 || !reserve(text, (size + 2) / 3 * 4))
        return;
    char *out = text->data + text->size;
    for (size_t i = 0; i < size; i += 3) {
        unsigned b1 = i + 1 < size ? bytes[i + 1] : 0, b2 = i + 2 < size ? bytes[i + 2] : 0;
        unsigned word = (unsigned)bytes[i] << 16 | b1 << 8 | b2;
        *out++ = digit[word >> 18];
        *out++ = digit[word >> 12 & 63];
        *out++ = i + 1 < size ? digit[word >> 6 & 63] : '=';
        *out++ = i + 2 < size ? digit[word & 63] : '=';
    }
    *out = '\0';
    text->size = (size_t)(out - text->data);
}

const char *path_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}
