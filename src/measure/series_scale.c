/* The scale of each session: its own, or inherited from the first through the alignment. */
#include "measure/scale.h"
#include "measure/series.h"

#include <math.h>

#define INHERITED_ERROR 0.005 /* relative standard error that inheriting a scale adds */

static double known(const striae_quantity *quantity)
{
    return quantity->reason || !(quantity->value > 0) ? 0 : quantity->value;
}

static double relative_error(const striae_quantity *quantity)
{
    double value = known(quantity);
    return value > 0 ? fmax(0, quantity->high - quantity->low) / (2 * SUMS_NORMAL_95 * value) : 0;
}

striae_status series_scales(struct series *series, struct session *sessions, striae_error *error)
{
    double first = known(&series->photos[0].px_per_mm), unit = first > 0 ? 1 / first : 1;
    const struct yardstick of_first = {unit, series->photos[0].plane};
    striae_status status = STRIAE_OK;
    for (size_t s = 0; s < series->count && status == STRIAE_OK; s++) {
        struct crew *crew = &series->crews[s];
        double own = known(&series->photos[s].px_per_mm);
        crew->context.blur = series->photos[s].blur;
        if (s == 0 || !series_linked(series, s)) {
            crew->has_scale = own > 0;
            crew->context.px_per_mm = own;
            crew->context.raw = own > 0 ? 1 / own : 1;
            crew->context.scale_error = relative_error(&series->photos[s].px_per_mm);
            const struct yardstick yardstick = {crew->context.raw, series->photos[s].plane};
            for (size_t t = 0; t < crew->count; t++)
                yardstick_apply(&yardstick, &crew->traces[t]);
            continue;
        }
        struct stretch stretch = {0};
        status = stretch_init(series->links[s - 1].backward, &crew->owner, &stretch, error);
        if (status != STRIAE_OK)
            break;
        double mean = sqrt(stretch_mean(&stretch));
        mean = isnan(mean) ? 1 : mean;
        for (size_t t = 0; t < crew->count; t++)
            stretch_apply(&stretch, &of_first, &crew->traces[t]);
        stretch_free(&stretch);
        crew->has_scale = first > 0;
        crew->context.px_per_mm = own > 0 ? own : first > 0 ? first / mean : 0;
        crew->context.raw = own > 0 && first > 0 ? 1 / own : unit * mean;
        crew->context.scale_error = relative_error(&series->photos[0].px_per_mm);
        if (!(own > 0) && first > 0) {
            double value = first / mean;
            double half =
                SUMS_NORMAL_95 * value * hypot(crew->context.scale_error, INHERITED_ERROR);
            sessions[s].px_per_mm = quantity(value, value - half, value + half, "px/mm");
            sessions[s].scale_source = sessions[0].scale_source;
        }
    }
    return status;
}
