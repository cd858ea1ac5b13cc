#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>

striae_status fail_with(striae_error *error, striae_status status, const char *format, ...)
{
    if (error) {
        va_list arguments;
        va_start(arguments, format);
        error->status = status;
        (void)vsnprintf(error->message, sizeof error->message, format, arguments);
        va_end(arguments);
    }
    return status;
}

striae_status fail_memory(striae_error *error)
{
    return fail_with(error, STRIAE_ERROR_MEMORY,
                     "out of memory; close other programs or use a smaller photo");
}
