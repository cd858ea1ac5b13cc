/* The recipe: photo files in, a result out. */
#ifndef STRIAE_PIPELINE_H
#define STRIAE_PIPELINE_H

#include "base/result.h"

striae_status pipeline_run(const char *const *paths, size_t count, const striae_options *options,
                           struct striae_result *result, striae_error *error);

/* Reads a file for striae_options.repeatability for nothing but to see whether that works. */
striae_status pipeline_check_repeatability(const char *path, striae_error *error);

#endif
