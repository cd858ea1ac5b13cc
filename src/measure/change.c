#include "measure/change.h"

#include "measure/detectable.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* What is wrong with a stria in one photo is partly so in the other too: of the errors of both,
 * taken as independent, this part was found in changes (rendered striae, as in sums.c). */
#define PAIRED_STRIA  0.9
#define PAIRED_TOTAL  0.9
#define LEAST_SEEN    0.5 /* of a stria without counterpart, to call it gone or new */
#define TELLING       0.5 /* of the first value: a wider interval does not say that it is unchanged */
#define STRETCH_ERROR 0.008 /* relative standard error of the scale between the photos, linear */

static int power_of_scale(striae_metric metric)
{
    return metric == STRIAE_METRIC_AREA || metric == STRIAE_METRIC_AREA_RAW ? 2
           : metric <= STRIAE_METRIC_LENGTH                                 ? 1
                                                                            : 0;
}

/* What all differences of a change have in common. */
struct terms {
    const struct measure_detectable *own; /* may be NULL */
    const struct change_side *side[2];
    double unit; /* per px of the first photo */
    bool has_scale, total;
    const char *reason; /* of what cannot be given */
};

/* Whether the interval of a length or area holds changes of half of what there was and more. */
static bool says_little(const striae_difference *change, striae_metric metric)
{
    const striae_quantity *d = &change->difference;
    double most = fmax(fabs(d->low), fabs(d->high));
    return power_of_scale(metric) > 0 && most > fmax(TELLING * change->first, change->mdc95);
}

/* Unchanged would be read as "no change" where a large one is as likely. */
static void set_verdict(striae_metric metric, striae_difference *change)
{
    const striae_quantity *d = &change->difference;
    bool noise = !(fabs(d->value) > change->mdc95);
    if (!noise && (d->low > 0 || d->high < 0)) {
        change->verdict = d->value < 0 ? STRIAE_DECREASED : STRIAE_INCREASED;
    } else if (noise && !says_little(change, metric)) {
        change->verdict = STRIAE_UNCHANGED;
    } else {
        change->verdict = STRIAE_NOT_MEASURABLE;
        change->reason = noise
                             ? "the interval of this change is so wide that a large change cannot "
                               "be told from none"
                             : "more than the noise of repeated photos, but the interval of this "
                               "change holds 0: it cannot be told from no change";
    }
}

/* The upper end of the interval that one session's number has by itself. */
static double most_of(const struct sums *sums, striae_metric metric, const struct terms *terms,
                      int side)
{
    striae_quantity q = sums_quantity(sums, metric, terms->has_scale, "");
    return terms->total ? q.value + sums_reach(terms->side[side]->context, metric, q.high - q.value)
                        : q.high;
}

static striae_difference difference(const struct sums *first, const struct sums *later,
                                    striae_metric metric, const struct terms *terms)
{
    const char *name = metric_unit(metric, terms->has_scale);
    double a = first->value[metric], b = later->value[metric];
    if (isnan(a) || isnan(b))
        return difference_unknown(terms->reason, name);
    double random = (terms->total ? PAIRED_TOTAL : PAIRED_STRIA) *
                    hypot(first->random[metric], later->random[metric]);
    double common = fabs(later->common[metric] - first->common[metric]);
    double stretch = STRETCH_ERROR * power_of_scale(metric) * fabs(b);
    double half = SUMS_NORMAL_95 * sqrt(random * random + common * common + stretch * stretch);
    double value = b - a, low = value - half, high = value + half;
    if (terms->total) { /* what was missed in one photo only is a change that is none */
        low = value - sums_reach(terms->side[0]->context, metric, half);
        high = value + sums_reach(terms->side[1]->context, metric, half);
    }
    if (power_of_scale(metric) > 0) { /* nothing shrinks by more than there was */
        low = fmax(low, -most_of(first, metric, terms, 0));
        high = fmin(high, most_of(later, metric, terms, 1));
    }
    striae_difference out = {.difference = quantity(value, low, high, name),
                             .percent = a != 0 ? 100 * value / a : NAN,
                             .first = a,
                             .later = b};
    out.mdc95 = detectable_change(terms->own, metric, a, terms->unit, terms->has_scale,
                                  terms->total, &out.mdc_source);
    set_verdict(metric, &out);
    return out;
}

static void set_differences(const struct sums *first, const struct sums *later,
                            const struct terms *terms, striae_difference *out)
{
    for (int m = 0; m < STRIAE_METRIC_COUNT; m++)
        out[m] = difference(first, later, (striae_metric)m, terms);
}

/* ---- rows ----------------------------------------------------------------------------------- */

/* The striae of one component: indices on either side, and their sums. */
struct party {
    size_t count[2];
    size_t *index[2]; /* borrowed from the caller's buffers */
    struct sums *sums[2];
    double length[2], seen[2]; /* px */
};

struct builder {
    const struct change_side *side[2];
    const struct matching *matching;
    const struct measure_detectable *own;
    bool has_scale;
    struct change *change;
    struct sums *parts[2]; /* of every stria; owned */
    size_t part_count[2];
    size_t *index[2]; /* owned buffers for one party */
};

/* Nothing left where there was, or has come, a stria: no length, no area, no width. */
static void set_absent(struct sums *sums)
{
    *sums = (struct sums){0};
    for (int m = 0; m < STRIAE_METRIC_COUNT; m++)
        sums->value[m] = m <= STRIAE_METRIC_AREA_RAW ? 0 : NAN;
}

static void gather(struct builder *b, size_t component, struct party *party)
{
    *party = (struct party){0};
    for (int s = 0; s < 2; s++) {
        party->index[s] = b->index[s];
        party->sums[s] = b->parts[s] + b->part_count[s];
        for (size_t t = 0; t < b->side[s]->count; t++) {
            const struct match_trace *m = &b->matching->trace[s][t];
            if (m->component != component)
                continue;
            const struct trace *trace = &b->side[s]->traces[t];
            for (size_t i = 0; i < trace->count; i++)
                party->length[s] += trace_piece(trace, i);
            party->seen[s] += m->seen_length;
            sums_take(trace, b->side[s]->context, m->seen, m->common,
                      &party->sums[s][party->count[s]]);
            party->index[s][party->count[s]++] = t;
        }
    }
}

static enum change_status party_status(const struct party *party)
{
    if (party->count[1] == 0)
        return CHANGE_GONE;
    if (party->count[0] == 0)
        return CHANGE_NEW;
    return party->count[1] > party->count[0]   ? CHANGE_SPLIT
           : party->count[0] > party->count[1] ? CHANGE_MERGED
                                               : CHANGE_MATCHED;
}

static int by_number(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

static bool set_ids(const struct builder *b, const struct party *party, int side, int **ids,
                    size_t *count)
{
    if (party->count[side] == 0)
        return true;
    *ids = calloc(party->count[side], sizeof **ids);
    if (!*ids)
        return false;
    *count = party->count[side];
    for (size_t i = 0; i < *count; i++)
        (*ids)[i] = b->side[side]->traces[party->index[side][i]].id;
    qsort(*ids, *count, sizeof **ids, by_number);
    return true;
}

static void set_label(struct change_row *row)
{
    size_t used = 0;
    bool fresh = row->from_count == 0;
    const int *ids = fresh ? row->to_ids : row->from_ids;
    size_t count = fresh ? row->to_count : row->from_count;
    for (size_t i = 0; i < count && used < sizeof row->label; i++) {
        int written = snprintf(row->label + used, sizeof row->label - used, "%s%d",
                               i ? "+" : (fresh ? "new:" : ""), ids[i]);
        used += written > 0 ? (size_t)written : 0;
    }
}

static striae_status add_row(struct builder *b, const struct party *party, striae_error *error)
{
    struct change_row *row = &b->change->rows[b->change->row_count];
    struct sums joined[2];
    const char *reason = "this part of the stria could not be measured in both photos";
    row->status = party_status(party);
    b->change->row_count++;
    if (!set_ids(b, party, 0, &row->from_ids, &row->from_count) ||
        !set_ids(b, party, 1, &row->to_ids, &row->to_count))
        return fail_memory(error);
    set_label(row);
    for (int s = 0; s < 2; s++)
        sums_join(party->sums[s], party->count[s], false, &joined[s]);
    if (row->status == CHANGE_GONE || row->status == CHANGE_NEW) {
        /* its whole width is what came or went: measured over all that is seen */
        int there = row->status == CHANGE_GONE ? 0 : 1;
        const struct trace *trace = &b->side[there]->traces[party->index[there][0]];
        sums_take(trace, b->side[there]->context,
                  b->matching->trace[there][party->index[there][0]].seen,
                  b->matching->trace[there][party->index[there][0]].seen, &joined[there]);
        set_absent(&joined[1 - there]);
        reason = "the stria is seen in one of the photos only";
    }
    struct terms terms = {
        b->own, {b->side[0], b->side[1]}, b->side[0]->context->raw, b->has_scale, false, reason};
    set_differences(&joined[0], &joined[1], &terms, row->metric);
    return STRIAE_OK;
}

static bool builder_init(struct builder *b)
{
    size_t rows = b->side[0]->count + b->side[1]->count;
    b->change->rows = calloc(rows + 1, sizeof *b->change->rows);
    bool good = b->change->rows != NULL;
    for (int s = 0; s < 2; s++) {
        b->parts[s] = calloc(b->side[s]->count + 1, sizeof *b->parts[s]);
        b->index[s] = calloc(b->side[s]->count + 1, sizeof *b->index[s]);
        good = good && b->parts[s] && b->index[s];
    }
    return good;
}

static void builder_free(struct builder *b)
{
    for (int s = 0; s < 2; s++) {
        free(b->parts[s]);
        free(b->index[s]);
    }
}

/* The components, each once, named by the first of its striae in the order of the arrays (which is
 * the order of ids). */
static bool is_first_of_component(const struct builder *b, int side, size_t t)
{
    size_t component = b->matching->trace[side][t].component;
    for (size_t i = 0; i < t; i++)
        if (b->matching->trace[side][i].component == component)
            return false;
    for (size_t i = 0; side == 1 && i < b->side[0]->count; i++)
        if (b->matching->trace[0][i].component == component)
            return false;
    return true;
}

striae_status change_measure(const struct change_side *first, const struct change_side *later,
                             const struct matching *matching, bool has_scale,
                             const struct measure_detectable *own, struct change *change,
                             striae_error *error)
{
    struct builder b = {.side = {first, later},
                        .matching = matching,
                        .own = own,
                        .has_scale = has_scale,
                        .change = change};
    striae_status status = builder_init(&b) ? STRIAE_OK : fail_memory(error);
    for (int s = 0; s < 2 && status == STRIAE_OK; s++)
        for (size_t t = 0; t < b.side[s]->count && status == STRIAE_OK; t++) {
            struct party party;
            if (!is_first_of_component(&b, s, t))
                continue;
            gather(&b, matching->trace[s][t].component, &party);
            b.part_count[0] += party.count[0];
            b.part_count[1] += party.count[1];
            bool alone = party.count[0] == 0 || party.count[1] == 0;
            if (!alone || party.seen[s] >= LEAST_SEEN * party.length[s])
                status = add_row(&b, &party, error);
        }
    if (status == STRIAE_OK) {
        /* of a width less is left: its change compares the same stretches */
        static const struct sums_parts left = {.extent = 0.6, .width = 0.3, .tone = 0.6};
        struct sums total[2];
        for (int s = 0; s < 2; s++) {
            sums_join(b.parts[s], b.part_count[s], true, &total[s]);
            sums_add_segmentation(b.side[s]->context, &left, &total[s]);
            for (int m = STRIAE_METRIC_LENGTH; m <= STRIAE_METRIC_AREA_RAW; m++)
                if (isnan(total[s].value[m]))
                    total[s].value[m] = 0;
        }
        struct terms terms = {
            own,       {first, later}, first->context->raw,
            has_scale, true,           "no stria could be measured in both photos"};
        set_differences(&total[0], &total[1], &terms, change->total);
    }
    builder_free(&b);
    return status;
}

void change_unknown(const char *reason, struct change *change)
{
    for (int m = 0; m < STRIAE_METRIC_COUNT; m++)
        change->total[m] = difference_unknown(reason, metric_unit((striae_metric)m, false));
}
