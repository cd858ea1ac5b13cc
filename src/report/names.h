/* Names of the files of a result folder, and other things that json, html and save must agree on.
 */
#ifndef STRIAE_REPORT_NAMES_H
#define STRIAE_REPORT_NAMES_H

#include "base/result.h"

#define FILE_NAME_SIZE 48
#define RESULT_FILE    "result.json"
#define HTML_FILE      "report.html"

/* "session-0-mask.png"; part is "mask", "labels" or "overlay". */
void session_file_name(char name[FILE_NAME_SIZE], size_t session, const char *part);
/* "map-0-1.bin" */
void map_file_name(char name[FILE_NAME_SIZE], size_t from, size_t to);

/* A change's number; of a refused comparison always "not measurable", whatever is stored. */
striae_difference shown_difference(const struct change *change, const striae_difference *stored);

#endif
