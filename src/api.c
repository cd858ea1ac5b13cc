/* The public functions that are thin: defaults, version, accessors. */
#include "striae.h"

const char *striae_version(void)
{
    return STRIAE_VERSION;
}

void striae_options_default(striae_options *options)
{
    *options = (striae_options){.max_pixels = 100e6};
}
