/* A result in a few lines, for people. */
#ifndef STRIAE_CLI_SUMMARY_H
#define STRIAE_CLI_SUMMARY_H

#include "cli/console.h"

void summary_print(struct console *console, const striae_result *result);
/* Every quality check of every photo, a line each, on stdout. */
void summary_print_checks(const striae_result *result);

#endif
