#include "cli/validate_release.h"

#include "cli/release_figures.h"

#include <math.h>

static const struct validate_release release = {
    .version = RELEASE_VERSION,
    .measured = RELEASE_MEASURED,
    .settings = {.pairs = 24,
                 .repeats = 12,
                 .seed = 1,
                 .width = 1800,
                 .height = 1350,
                 .px_per_mm = 10,
                 .hardness = 0.5},
    .figures = release_figures,
};

_Static_assert(sizeof release_figures / sizeof release_figures[0] == SCORE_FIGURE_COUNT,
               "release_figures.h is of another list: make it anew");

const struct validate_release *validate_release(void)
{
    return &release;
}

bool validate_same_settings(const struct validate_settings *a, const struct validate_settings *b)
{
    return a->pairs == b->pairs && a->repeats == b->repeats && a->seed == b->seed &&
           a->width == b->width && a->height == b->height && !(a->px_per_mm < b->px_per_mm) &&
           !(a->px_per_mm > b->px_per_mm) && !(a->hardness < b->hardness) &&
           !(a->hardness > b->hardness);
}
