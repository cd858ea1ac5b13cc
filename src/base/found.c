#include "base/found.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void fill_disc(struct mask *mask, struct point at, int reach)
{
    int cx = (int)lround(at.x), cy = (int)lround(at.y);
    int top = cy - reach < 0 ? 0 : cy - reach;
    int bottom = cy + reach >= mask->height ? mask->height - 1 : cy + reach;
    for (int y = top; y <= bottom; y++) {
        int half = (int)sqrt((double)(reach * reach - (y - cy) * (y - cy)));
        int left = cx - half < 0 ? 0 : cx - half;
        int right = cx + half >= mask->width ? mask->width - 1 : cx + half;
        if (right >= left)
            memset(mask_row(mask, y) + left, 255, (size_t)(right - left + 1));
    }
}

striae_status found_mask(const struct found_stria *striae, size_t count, int width, int height,
                         struct mask *mask, striae_error *error)
{
    striae_status status = mask_init(mask, width, height, error);
    for (size_t i = 0; i < count && status == STRIAE_OK; i++)
        for (size_t k = 0; k < striae[i].centreline.count; k++)
            fill_disc(mask, striae[i].centreline.points[k], (int)ceil(0.75 * striae[i].width + 2));
    return status;
}

/* Takes the stretch over when it is long enough; else empties it. */
static striae_status append(struct polyline *stretch, const struct found_stria *like,
                            struct found_stria **to, size_t *to_count, striae_error *error)
{
    if (stretch->count < 2) {
        polyline_free(stretch);
        return STRIAE_OK;
    }
    struct found_stria *more = reallocarray(*to, *to_count + 1, sizeof *more);
    if (!more)
        return fail_memory(error);
    *to = more;
    more[(*to_count)++] = (struct found_stria){*stretch, like->width, like->probability};
    *stretch = (struct polyline){0};
    return STRIAE_OK;
}

static striae_status carry_one(const struct found_stria *stria, const struct warp *warp,
                               struct found_stria **to, size_t *to_count, striae_error *error)
{
    const struct polyline *line = &stria->centreline;
    struct polyline stretch = {0};
    striae_status status = STRIAE_OK;
    for (size_t k = 0; k <= line->count && status == STRIAE_OK; k++) {
        double x, y;
        if (k < line->count && warp_point(warp, line->points[k].x, line->points[k].y, &x, &y))
            status = polyline_append(&stretch, x, y, error);
        else
            status = append(&stretch, stria, to, to_count, error);
    }
    polyline_free(&stretch);
    return status;
}

striae_status found_carry(const struct found_stria *striae, size_t count, const struct warp *warp,
                          struct found_stria **to, size_t *to_count, striae_error *error)
{
    striae_status status = STRIAE_OK;
    for (size_t i = 0; i < count && status == STRIAE_OK; i++)
        status = carry_one(&striae[i], warp, to, to_count, error);
    return status;
}
