/* Whether there is room for the output, found out before minutes are spent on computing it. */
#ifndef STRIAE_CLI_OUTPUT_H
#define STRIAE_CLI_OUTPUT_H

#include "striae.h"

/* Whether dir, which need not exist, can be written into. OUTPUT with a message. Leaves nothing
 * behind. */
striae_status output_check_writable(const char *dir, striae_error *error);
/* The same, and that it holds no file of that name unless overwrite. */
striae_status output_check(const char *dir, const char *file, bool overwrite, striae_error *error);

/* Removes a folder with all that is in it; what cannot be removed stays. */
void output_remove(const char *dir);
/* A new folder for temporary files; freed with free(). NULL with a message on failure. */
char *output_temporary(striae_error *error);

/* "folder/name", freed with free(); NULL without memory. */
char *output_path(const char *folder, const char *name);

/* Prints the text, which it frees, as a line on stdout. MEMORY where there is none (NULL). */
striae_status output_print(char *text, striae_error *error);
/* MEMORY, with its message. */
striae_status output_no_memory(striae_error *error);

#endif
