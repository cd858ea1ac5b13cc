#include "report/names.h"

#include <stdio.h>

void session_file_name(char name[FILE_NAME_SIZE], size_t session, const char *part)
{
    (void)snprintf(name, FILE_NAME_SIZE, "session-%zu-%s.png", session, part);
}

void map_file_name(char name[FILE_NAME_SIZE], size_t from, size_t to)
{
    (void)snprintf(name, FILE_NAME_SIZE, "map-%zu-%zu.bin", from, to);
}

striae_difference shown_difference(const struct change *change, const striae_difference *stored)
{
    if (change->refused)
        return difference_unknown("the photos could not be aligned", stored->difference.unit);
    return *stored;
}
