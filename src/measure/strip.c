#include "measure/strip.h"

#include "base/filter.h"
#include "base/vector.h"
#include "colour/colour.h"

#include <math.h>
#include <stdlib.h>

static bool usable(const struct measure_photo *photo, const struct labels *owner, uint16_t own,
                   double x, double y)
{
    int width = photo->image->width, height = photo->image->height;
    if (!(x >= 0 && y >= 0 && x <= width - 1 && y <= height - 1))
        return false;
    size_t at = (size_t)lround(y) * (size_t)width + (size_t)lround(x);
    return photo->skin->data[at] && (owner->data[at] == 0 || owner->data[at] == own);
}

/* Density is 0 where nothing of the stria's own is seen: sums may run over all. */
static void take_row(const struct measure_photo *photo, const struct labels *owner, uint16_t own,
                     const struct trace_point *p, size_t row, struct strip *strip)
{
    for (int k = -strip->reach; k <= strip->reach; k++) {
        double x = p->at.x + k * p->normal.x, y = p->at.y + k * p->normal.y;
        size_t cell = strip_at(strip, row, k);
        float light[3] = {1, 1, 1};
        strip->ok[cell] = usable(photo, owner, own, x, y);
        if (strip->ok[cell])
            sample_cubic_each(photo->image->channel, 3, x, y, light);
        for (int c = 0; c < 3; c++)
            strip->value[c][cell] = light[c];
    }
    for (int c = 0; c < 3; c++)
        colour_densities(&strip->value[c][strip_at(strip, row, -strip->reach)],
                         strip_columns(strip));
}

striae_status strip_init(const struct measure_photo *photo, const struct labels *owner,
                         uint16_t own, const struct trace *trace, int reach, struct strip *strip,
                         striae_error *error)
{
    *strip = (struct strip){.rows = trace->count, .reach = reach};
    size_t cells = checked_bytes(trace->count, (size_t)strip_columns(strip), sizeof(float));
    bool good = cells > 0;
    for (int c = 0; c < 3 && good; c++)
        good = (strip->value[c] = malloc(cells)) != NULL;
    if (good)
        good = (strip->ok = malloc(cells / sizeof(float))) != NULL;
    if (!good) {
        strip_free(strip);
        return fail_memory(error);
    }
    for (size_t i = 0; i < trace->count; i++)
        take_row(photo, owner, own, &trace->points[i], i, strip);
    return STRIAE_OK;
}

void strip_free(struct strip *strip)
{
    for (int c = 0; c < 3; c++)
        free(strip->value[c]);
    free(strip->mixed);
    free(strip->ok);
    *strip = (struct strip){0};
}

striae_status strip_mix(struct strip *strip, const double mix[3], striae_error *error)
{
    size_t cells = strip->rows * (size_t)strip_columns(strip);
    if (!strip->mixed)
        strip->mixed = malloc(cells * sizeof *strip->mixed);
    if (!strip->mixed)
        return fail_memory(error);
    for (size_t i = 0; i < cells; i++)
        strip->mixed[i] = (float)(mix[0] * strip->value[0][i] + mix[1] * strip->value[1][i] +
                                  mix[2] * strip->value[2][i]);
    return STRIAE_OK;
}

VECTORISED static void add_row(const float *restrict mixed, const uint8_t *restrict ok, double w,
                               int columns, double *restrict profile, double *restrict weight)
{
    for (int k = 0; k < columns; k++) {
        profile[k] += w * (double)mixed[k]; /* 0 where not ok */
        weight[k] += w * ok[k];
    }
}

void strip_profile(const struct strip *strip, size_t row, double span, double *profile,
                   double *weight)
{
    int columns = strip_columns(strip);
    size_t radius = (size_t)fmax(0, ceil(span) - 1);
    size_t from = row > radius ? row - radius : 0;
    size_t to = row + radius < strip->rows ? row + radius : strip->rows - 1;
    double total = 0;
    for (int k = 0; k < columns; k++)
        profile[k] = weight[k] = 0;
    for (size_t r = from; r <= to; r++) {
        double distance = r > row ? (double)(r - row) : (double)(row - r);
        double w = 1 - distance / (double)(radius + 1);
        size_t base = r * (size_t)columns;
        total += w;
        add_row(strip->mixed + base, strip->ok + base, w, columns, profile, weight);
    }
    for (int k = 0; k < columns; k++) {
        profile[k] = weight[k] > 0 ? profile[k] / weight[k] : 0;
        weight[k] /= total;
    }
}

double strip_mean(const struct strip *strip, const double *profile, const double *weight, int from,
                  int to)
{
    double sum = 0, total = 0;
    from = from < -strip->reach ? -strip->reach : from;
    to = to > strip->reach ? strip->reach : to;
    for (int k = from; k <= to; k++) {
        sum += weight[k + strip->reach] * profile[k + strip->reach];
        total += weight[k + strip->reach];
    }
    return total > 0 ? sum / total : NAN;
}
