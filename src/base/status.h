/* Filling a striae_error. */
#ifndef STRIAE_BASE_STATUS_H
#define STRIAE_BASE_STATUS_H

#include "striae.h"

/* Stores status and the printf-formatted message in *error (which may be NULL); returns status, so
 * that `return fail_with(error, STRIAE_ERROR_..., "...")` reads well. */
striae_status fail_with(striae_error *error, striae_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* fail_with() with STRIAE_ERROR_MEMORY. */
striae_status fail_memory(striae_error *error);

#endif
