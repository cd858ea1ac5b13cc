/* A result in a few lines, for people. */
#ifndef STRIAE_CLI_SUMMARY_H
#define STRIAE_CLI_SUMMARY_H

#include "cli/console.h"

void summary_print(struct console *console, const striae_result *result);

#endif
