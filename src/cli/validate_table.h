/* Scores as a table for people. */
#ifndef STRIAE_CLI_VALIDATE_TABLE_H
#define STRIAE_CLI_VALIDATE_TABLE_H

#include "study/study.h"

/* On stdout: a line per pair, the figures per skin type and kind, and over all; which striae are
 * found, by width and contrast. false without memory. */
bool validate_print(const struct score *scores, size_t count);

#endif
