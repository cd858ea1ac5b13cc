#include "segment/blob.h"

#include <math.h>
#include <stdlib.h>

striae_status blob_init(struct blob *blob, int width, int height, striae_error *error)
{
    *blob = (struct blob){0};
    blob->pixels = calloc((size_t)width * (size_t)height, sizeof *blob->pixels);
    return blob->pixels ? STRIAE_OK : fail_memory(error);
}

void blob_free(struct blob *blob)
{
    free(blob->pixels);
    *blob = (struct blob){0};
}

/* Adds what hangs together with the pixel at (x,y). */
static void add_neighbours(const struct plane *plane, float limit, int x, int y, struct mask *seen,
                           struct blob *blob)
{
    for (int ny = y - 1; ny <= y + 1; ny++)
        for (int nx = x - 1; nx <= x + 1; nx++) {
            if (nx < 0 || ny < 0 || nx >= plane->width || ny >= plane->height)
                continue;
            uint8_t *mark = &mask_row(seen, ny)[nx];
            if (*mark || plane_row(plane, ny)[nx] < limit)
                continue;
            *mark = 255;
            blob->pixels[blob->count++] = (size_t)ny * (size_t)plane->width + (size_t)nx;
        }
}

static void describe(const struct plane *plane, struct blob *blob)
{
    size_t width = (size_t)plane->width;
    double sum = 0, sx = 0, sy = 0, sxx = 0, sxy = 0, syy = 0, n = (double)blob->count;
    blob->peak = 0;
    for (size_t i = 0; i < blob->count; i++) {
        double x = (double)(blob->pixels[i] % width), y = (double)(blob->pixels[i] / width);
        double value = (double)plane_row(plane, (int)y)[(int)x];
        sum += value;
        blob->peak = fmax(blob->peak, value);
        sx += x;
        sy += y;
        sxx += x * x;
        sxy += x * y;
        syy += y * y;
    }
    blob->x = sx / n;
    blob->y = sy / n;
    blob->mean = sum / n;
    /* 1/12: a pixel is not a point. */
    double xx = sxx / n - blob->x * blob->x + 1.0 / 12, xy = sxy / n - blob->x * blob->y;
    double yy = syy / n - blob->y * blob->y + 1.0 / 12;
    double half = 0.5 * (xx + yy), apart = hypot(0.5 * (xx - yy), xy);
    blob->longest = sqrt(half + apart);
    blob->narrowest = sqrt(fmax(half - apart, 0));
}

void blob_gather(const struct plane *plane, float limit, int x, int y, struct mask *seen,
                 struct blob *blob)
{
    size_t width = (size_t)plane->width;
    blob->count = 0;
    blob->pixels[blob->count++] = (size_t)y * width + (size_t)x;
    mask_row(seen, y)[x] = 255;
    for (size_t next = 0; next < blob->count; next++)
        add_neighbours(plane, limit, (int)(blob->pixels[next] % width),
                       (int)(blob->pixels[next] / width), seen, blob);
    describe(plane, blob);
}

void blob_paint(const struct blob *blob, int margin, struct mask *mask)
{
    size_t width = (size_t)mask->width;
    for (size_t i = 0; i < blob->count; i++) {
        int x = (int)(blob->pixels[i] % width), y = (int)(blob->pixels[i] / width);
        for (int ny = y - margin; ny <= y + margin; ny++)
            for (int nx = x - margin; nx <= x + margin; nx++)
                if (nx >= 0 && ny >= 0 && nx < mask->width && ny < mask->height)
                    mask_row(mask, ny)[nx] = 255;
    }
}
