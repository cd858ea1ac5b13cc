/* The figures of this release, to hold a machine's own against. */
#ifndef STRIAE_CLI_VALIDATE_RELEASE_H
#define STRIAE_CLI_VALIDATE_RELEASE_H

#include "study/study.h"

/* What was rendered. */
struct validate_settings {
    int pairs, repeats; /* pairs with changes, and of unchanged skin */
    uint64_t seed;
    int width, height; /* px */
    double px_per_mm, hardness;
};

struct validate_release {
    const char *version, *measured; /* the day: ISO */
    struct validate_settings settings;
    const double *figures; /* SCORE_FIGURE_COUNT; NaN = none */
};

/* Static. */
const struct validate_release *validate_release(void);

bool validate_same_settings(const struct validate_settings *a, const struct validate_settings *b);

#endif
