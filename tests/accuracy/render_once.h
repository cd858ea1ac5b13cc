/* Rendered pairs that are kept from run to run. */
#ifndef STRIAE_TESTS_RENDER_ONCE_H
#define STRIAE_TESTS_RENDER_ONCE_H

#include "phantom/phantom.h"

#include <stdio.h>

/* Renders into dir unless a whole pair is there: truth.json is written last. */
static inline striae_status render_once(const char *dir, const struct phantom_options *options,
                                        striae_error *error)
{
    char truth[2048];
    (void)snprintf(truth, sizeof truth, "%s/truth.json", dir);
    FILE *there = fopen(truth, "r");
    if (!there)
        return phantom_write(options, dir, true, error);
    fclose(there);
    return STRIAE_OK;
}

#endif
