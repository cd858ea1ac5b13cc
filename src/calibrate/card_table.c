/* The colours of the card's patches as a table: patch,L,a,b. */
#include "calibrate/card.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void calibrate_card_nominal(struct card_colours *colours)
{
    *colours = (struct card_colours){0};
    for (int i = 0; i < CARD_PATCHES; i++)
        colours->lab[i] = card_patches[i].lab;
}

striae_status card_table(char **text, size_t *size, striae_error *error)
{
    FILE *out = open_memstream(text, size);
    if (!out)
        return fail_memory(error);
    (void)fprintf(out, "patch,L,a,b\n");
    for (int i = 0; i < CARD_PATCHES; i++) /* whole numbers: no locale gets at them */
        (void)fprintf(out, "%s,%d,%d,%d\n", card_patches[i].name, (int)card_patches[i].lab.l,
                      (int)card_patches[i].lab.a, (int)card_patches[i].lab.b);
    return fclose(out) == 0 ? STRIAE_OK : fail_memory(error);
}

/* Three numbers, each behind a comma, to the end of the line. */
static bool read_lab(const char *at, const char *end, locale_t plain, struct lab *lab)
{
    double value[3];
    for (int k = 0; k < 3; k++) {
        char *rest;
        if (at >= end || *at != ',')
            return false;
        value[k] = strtod_l(at + 1, &rest, plain);
        if (rest == at + 1 || rest > end || !isfinite(value[k]))
            return false;
        at = rest;
    }
    *lab = (struct lab){value[0], value[1], value[2]};
    return at == end && value[0] >= 0 && value[0] <= 100 && fabs(value[1]) <= 128 &&
           fabs(value[2]) <= 128;
}

static int patch_named(const char *name, size_t length)
{
    for (int i = 0; i < CARD_PATCHES; i++)
        if (strlen(card_patches[i].name) == length &&
            memcmp(card_patches[i].name, name, length) == 0)
            return i;
    return -1;
}

static striae_status read_lines(const char *path, const char *text, locale_t plain,
                                struct card_colours *colours, striae_error *error)
{
    bool seen[CARD_PATCHES] = {false};
    int line = 0, patches = 0;
    for (const char *at = text; *at; line++) {
        size_t length = strcspn(at, "\r\n"), name = strcspn(at, ",\r\n");
        int patch = patch_named(at, name);
        bool blank = length == 0 || (line == 0 && patch < 0);
        if (!blank && (patch < 0 || seen[patch] ||
                       !read_lab(at + name, at + length, plain, &colours->lab[patch])))
            return fail_with(
                error, STRIAE_ERROR_FORMAT,
                "%s: line %d is no 'patch,L,a,b' of the card; 'striae card -o card.csv' "
                "makes a table to fill in",
                path, line + 1);
        if (!blank) {
            seen[patch] = true;
            patches++;
        }
        at += length;
        at += *at == '\r';
        at += *at == '\n';
    }
    if (patches < CARD_PATCHES)
        return fail_with(error, STRIAE_ERROR_FORMAT,
                         "%s: %d of the card's %d patches; measure and name them all", path,
                         patches, CARD_PATCHES);
    colours->measured = true;
    return STRIAE_OK;
}

striae_status calibrate_card_measured(const char *path, const char *text,
                                      struct card_colours *colours, striae_error *error)
{
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!plain)
        return fail_memory(error);
    calibrate_card_nominal(colours);
    striae_status status = read_lines(path, text, plain, colours, error);
    freelocale(plain);
    return status;
}
