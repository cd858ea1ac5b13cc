/* Scores as a table for people. */
#ifndef STRIAE_CLI_VALIDATE_TABLE_H
#define STRIAE_CLI_VALIDATE_TABLE_H

#include "cli/validate_release.h"

/* On stdout: a line per pair, the figures per skin type and kind, and over all; which striae are
 * found, by width and contrast; what qualifies the machine, beside the figures of the release.
 * settings: what was rendered; NULL where pairs were given. false without memory. */
bool validate_print(const struct score *scores, size_t count,
                    const struct validate_settings *settings);

#endif
