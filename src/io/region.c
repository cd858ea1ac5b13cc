/* The region of a photo to search, as a person gives it: a mask, or polygons in JSON. */
#include "io/io.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_CORNERS 100000

struct corner {
    double x, y;
};

static bool is_point(const json_t *value)
{
    return json_array_size(value) == 2 && json_is_number(json_array_get(value, 0)) &&
           json_is_number(json_array_get(value, 1));
}

/* Turns the pixels whose centre is inside (even-odd rule) from what they are to the other. */
static void flip_inside(const struct corner *corner, size_t count, struct mask *mask)
{
    for (int y = 0; y < mask->height; y++)
        for (size_t i = 0; i < count; i++) {
            struct corner a = corner[i], b = corner[(i + 1) % count];
            if ((a.y <= y) == (b.y <= y))
                continue;
            /* Every pixel right of the edge changes sides. */
            double cut = a.x + (y - a.y) * (b.x - a.x) / (b.y - a.y);
            int from = cut < 0 ? 0 : cut >= mask->width ? mask->width : (int)floor(cut) + 1;
            for (int x = from; x < mask->width; x++)
                mask_row(mask, y)[x] = (uint8_t)~mask_row(mask, y)[x];
        }
}

static striae_status add_polygon(const char *path, const json_t *list, struct mask *mask,
                                 striae_error *error)
{
    size_t count = json_array_size(list);
    if (count < 3 || count > MOST_CORNERS)
        return fail_with(error, STRIAE_ERROR_FORMAT,
                         "%s: a polygon of %zu corners; give 3 or more [x, y]", path, count);
    struct corner *corner = calloc(count, sizeof *corner);
    if (!corner)
        return fail_memory(error);
    for (size_t i = 0; i < count; i++) {
        const json_t *point = json_array_get(list, i);
        if (!is_point(point)) {
            free(corner);
            return fail_with(error, STRIAE_ERROR_FORMAT,
                             "%s: corner %zu is no [x, y]; give pixels of the upright photo", path,
                             i + 1);
        }
        corner[i] = (struct corner){json_number_value(json_array_get(point, 0)),
                                    json_number_value(json_array_get(point, 1))};
    }
    flip_inside(corner, count, mask);
    free(corner);
    return STRIAE_OK;
}

static striae_status read_polygons(const char *path, const char *text, struct mask *mask,
                                   striae_error *error)
{
    json_error_t found;
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &found);
    if (!root)
        return fail_with(error, STRIAE_ERROR_FORMAT,
                         "%s: neither a PNG nor JSON (line %d: %s); give a mask or a polygon", path,
                         found.line, found.text);
    const json_t *list = json_is_object(root) ? json_object_get(root, "polygon") : root;
    bool single = is_point(json_array_get(list, 0));
    striae_status status = STRIAE_OK;
    if (!json_is_array(list) || json_array_size(list) == 0)
        status = fail_with(error, STRIAE_ERROR_FORMAT,
                           "%s: no polygon in it; give [[x, y], [x, y], ...]", path);
    else if (single)
        status = add_polygon(path, list, mask, error);
    for (size_t i = 0; !single && status == STRIAE_OK && i < json_array_size(list); i++)
        status = add_polygon(path, json_array_get(list, i), mask, error);
    json_decref(root);
    return status;
}

static striae_status read_mask(const char *path, struct mask *mask, striae_error *error)
{
    struct labels labels = {0};
    striae_status status = io_read_labels(path, &labels, error);
    if (status == STRIAE_OK && (labels.width != mask->width || labels.height != mask->height))
        status = fail_with(error, STRIAE_ERROR_FORMAT,
                           "%s: %d x %d pixels, but the upright photo has %d x %d; give a mask of "
                           "the photo's size",
                           path, labels.width, labels.height, mask->width, mask->height);
    for (size_t i = 0; status == STRIAE_OK && i < (size_t)mask->width * (size_t)mask->height; i++)
        mask->data[i] = labels.data[i] ? 255 : 0;
    labels_free(&labels);
    return status;
}

striae_status io_read_region(const char *path, int width, int height, struct mask *region,
                             striae_error *error)
{
    char *data = NULL;
    size_t size = 0;
    *region = (struct mask){0};
    striae_status status = io_read_file(path, &data, &size, error);
    if (status == STRIAE_OK)
        status = mask_init(region, width, height, error);
    if (status == STRIAE_OK)
        status = size > 4 && memcmp(data, "\x89PNG", 4) == 0
                     ? read_mask(path, region, error)
                     : read_polygons(path, data, region, error);
    if (status == STRIAE_OK && !memchr(region->data, 255, (size_t)width * (size_t)height))
        status = fail_with(error, STRIAE_ERROR_FORMAT,
                           "%s: no pixel of the photo is in this region; give pixels of the "
                           "upright photo",
                           path);
    free(data);
    if (status != STRIAE_OK)
        mask_free(region);
    return status;
}
