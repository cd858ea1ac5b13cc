/* Measuring a series, as numbered steps. Definitions are those of the project: contrast on optical
 * density, width = full width at half maximum with each side's own background, colour against the
 * ring of skin next to the stria. */
#include "measure/measure.h"

#include "measure/change.h"
#include "measure/series.h"
#include "measure/watch.h"

static striae_status fill_change(const struct series *series, size_t later,
                                 const struct measure_detectable *own, struct change *change,
                                 striae_error *error)
{
    const struct crew *a = &series->crews[0], *b = &series->crews[later];
    struct change_side first = {a->traces, a->count, &a->context};
    struct change_side other = {b->traces, b->count, &b->context};
    struct matching matching;
    if (!series_linked(series, later)) {
        change_unknown("the photos could not be lined up", change);
        return STRIAE_OK;
    }
    striae_status status = series_match(series, later, &matching, error);
    if (status == STRIAE_OK)
        status = change_measure(&first, &other, &matching, a->has_scale && b->has_scale, own,
                                change, error);
    matching_free(&matching);
    return status;
}

/* Steps 1 to 6: all that is known of every trace. */
static striae_status measure_traces(struct series *series, struct session *sessions,
                                    striae_error *error)
{
    /* 1. lines */
    striae_status status = series_init(series, error);
    if (status == STRIAE_OK)
        status = series_owners(series, 1.3, 1.5, error);
    /* 2. the same stria in all sessions */
    if (status == STRIAE_OK)
        status = series_groups(series, error);
    /* 3. the mix of channels, one per group */
    if (status == STRIAE_OK)
        status = series_mixes(series, error);
    /* 4. edges; neighbours are told apart the better the better their widths are known. What has
     * no edges is no stria */
    if (status == STRIAE_OK)
        status = series_edges(series, error);
    if (status == STRIAE_OK)
        status = series_owners(series, 1.15, 1, error);
    if (status == STRIAE_OK)
        status = series_edges_again(series, error);
    if (status == STRIAE_OK) {
        series_drop(series);
        status = series_owners(series, 1.1, 1, error);
    }
    /* 5. scale */
    if (status == STRIAE_OK)
        status = series_scales(series, sessions, error);
    /* 6. colour */
    return status == STRIAE_OK ? series_tones(series, error) : status;
}

striae_status measure_series(const struct measure_photo *photos, const struct measure_link *links,
                             size_t count, const struct measure_detectable *own, int threads,
                             struct session *sessions, struct change *changes, striae_error *error)
{
    struct series series = {.photos = photos, .links = links, .count = count, .threads = threads};
    striae_status status = measure_traces(&series, sessions, error);
    /* 7. sessions */
    for (size_t s = 0; s < count && status == STRIAE_OK; s++)
        status = series_session(&series, s, &sessions[s], error);
    /* 8. changes, and what to look at early */
    for (size_t k = 1; k < count && status == STRIAE_OK; k++) {
        status = fill_change(&series, k, own, &changes[k - 1], error);
        if (status == STRIAE_OK)
            status = watch_find(&series, k, &changes[k - 1], error);
    }
    series_free(&series);
    return status;
}
