#include "measure/watch.h"

#include <stdio.h>
#include <stdlib.h>

striae_status watch_add(struct change *change, const char *kind, striae_quantity area,
                        struct polyline *where, const char *message, striae_error *error)
{
    struct watch_row *rows =
        reallocarray(change->watch, change->watch_count + 1, sizeof *change->watch);
    if (!rows)
        return fail_memory(error);
    change->watch = rows;
    struct watch_row *row = &rows[change->watch_count++];
    *row = (struct watch_row){.kind = kind, .area = area, .where = *where};
    *where = (struct polyline){0};
    (void)snprintf(row->message, sizeof row->message, "%s", message);
    return STRIAE_OK;
}

striae_status watch_find(const struct series *series, size_t later, struct change *change,
                         striae_error *error)
{
    struct watch_grid grid = {0};
    if (!series_linked(series, later))
        return STRIAE_OK;
    striae_status status = watch_grid_init(series, later, &grid, error);
    if (status == STRIAE_OK)
        status = watch_marks(&grid, change, error);
    if (status == STRIAE_OK)
        status = watch_redness(series, later, &grid, change, error);
    watch_grid_free(&grid);
    return status;
}
