/* The same stria in all sessions: what belongs together is measured with the same mix. */
#include "measure/edges.h"
#include "measure/series.h"

#include <math.h>
#include <stdlib.h>

/* What shading may add to a stria, alike in all channels, as a share of its contrast. Measured on
 * 12 rendered photos of another generator: luminance puts the edges of a stria off by up to 0.3
 * widths towards the light, ln R/G by nothing. But colour is what JPEG keeps least of: widths from
 * it are noisier. Dice of the masks there, bias and spread (px) of well visible widths of our own
 * (tests/accuracy/widths, scene clear):
 *   widths and place with a share of 0     0.755   +0.07 0.48
 *   both with 1                            0.843   +0.60 1.10
 *   place with 1, widths with 0            0.832   +0.07 0.48
 *   place with 1, widths with 0.3          0.838   +0.24 0.51
 *   place with 1, widths with 0.15           -     +0.12 0.47
 * (Lines are cut by their colour, segment/hue.c, in all rows but the first; without, the second has
 * 0.824.) With hair taken out and edges smoothed, and how much narrower than the truth faint striae
 * (dE2000 under 3, 25 px wide) come out on those photos, and total areas' mean error:
 *   place with 1, widths with 0.15         0.887   +0.07 0.41   -1.5 px   9.6 %
 *   place with 1, widths with 0.3          0.890   +0.09 0.41   -1.0 px   8.4 %
 *   place with 1, widths with 0.5          0.891   +0.15 0.41   -0.6 px   7.5 %
 * Striae that fade to 0.6 or 0.3 of their colour keep their width alike with all three. Tried and
 * not kept: the difference of a stria's two flanks as noise instead of a share of its contrast
 * (0.880 and less). */
#define PLACE_SHADING 1.0
#define WIDTH_SHADING 0.5
#define UNTOLD        5.0 /* px: JPEG keeps colour by blocks of 16; of a stria as narrow it tells */
#define TOLD          12.0 /* nothing, of one as wide as this all */

striae_status series_match(const struct series *series, size_t later, struct matching *matching,
                           striae_error *error)
{
    const struct crew *a = &series->crews[0], *b = &series->crews[later];
    struct match_side first = {&series->photos[0], a->traces, a->count,
                               series->links[later - 1].forward};
    struct match_side other = {&series->photos[later], b->traces, b->count,
                               series->links[later - 1].backward};
    return match_sessions(&first, &other, matching, error);
}

striae_status series_groups(struct series *series, striae_error *error)
{
    size_t *parent = calloc(series->job_count + 1, sizeof *parent);
    striae_status status = parent ? STRIAE_OK : fail_memory(error);
    for (size_t i = 0; parent && i < series->job_count; i++)
        parent[i] = i;
    for (size_t later = 1; later < series->count && status == STRIAE_OK; later++) {
        struct matching matching;
        if (!series_linked(series, later))
            continue;
        status = series_match(series, later, &matching, error);
        if (status != STRIAE_OK)
            break;
        for (size_t j = 0; j < matching.count[1]; j++)
            for (size_t i = 0; i < matching.count[0]; i++)
                if (matching.trace[1][j].component == matching.trace[0][i].component)
                    forest_join(parent, i, series->crews[later].offset + j);
        matching_free(&matching);
    }
    for (size_t s = 0; s < series->count && status == STRIAE_OK; s++)
        for (size_t t = 0; t < series->crews[s].count; t++)
            series->crews[s].traces[t].group = forest_root(parent, series->crews[s].offset + t);
    free(parent);
    return status;
}

static void signature_task(void *context, int index)
{
    struct series *series = context;
    struct job *job = &series->jobs[index];
    const struct trace *trace = &series->crews[job->session].traces[job->trace];
    struct strip strip = {0};
    job->status = series_strip(series, job, edges_reach(trace, series->photos[job->session].blur),
                               &strip, &job->error);
    if (job->status == STRIAE_OK)
        job->status = signature_take(&strip, trace->rough_width, &job->signature, &job->error);
    strip_free(&strip);
}

/* How far the colour of a stria of that width can be told from its surroundings', 0..1. */
static double colour_told(double width)
{
    return fmin(fmax((width - UNTOLD) / (TOLD - UNTOLD), 0), 1);
}

striae_status series_mixes(struct series *series, striae_error *error)
{
    striae_status status = series_run(series, signature_task, error);
    if (status != STRIAE_OK)
        return status;
    struct signature *members = calloc(series->job_count + 1, sizeof *members);
    if (!members)
        return fail_memory(error);
    for (size_t i = 0; i < series->job_count; i++) {
        double width = 0;
        size_t n = 0,
               group = series->crews[series->jobs[i].session].traces[series->jobs[i].trace].group;
        for (size_t k = 0; k < series->job_count; k++) {
            const struct job *other = &series->jobs[k];
            const struct trace *trace = &series->crews[other->session].traces[other->trace];
            if (trace->group == group) {
                width += trace->rough_width;
                members[n++] = other->signature;
            }
        }
        double told = colour_told(width / (double)n);
        signature_mix(members, n, told * WIDTH_SHADING, series->jobs[i].mix);
        signature_mix(members, n, told * PLACE_SHADING, series->jobs[i].place_mix);
    }
    free(members);
    return STRIAE_OK;
}
