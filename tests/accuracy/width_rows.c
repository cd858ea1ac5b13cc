#include "width_rows.h"

#include "phantom/phantom.h"
#include "study/truth.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- what was measured, beside the truth ------------------------------------------------------
 */

static struct row *next_row(struct table *table)
{
    if (table->count == table->capacity) {
        table->capacity = table->capacity ? 2 * table->capacity : 256;
        struct row *more = reallocarray(table->rows, table->capacity, sizeof *more);
        if (!more)
            abort();
        table->rows = more;
    }
    table->rows[table->count] = (struct row){0};
    return &table->rows[table->count++];
}

static struct numbers numbers(const striae_quantity *q, double truth)
{
    if (q->reason)
        return (struct numbers){NAN, NAN, NAN, truth};
    return (struct numbers){q->value, q->low, q->high, truth};
}

static double true_delta_a(const json_t *truth, int k, int id)
{
    const json_t *session = truth_session(truth, (size_t)k);
    if (id == 0)
        return truth_number(session, "da");
    return truth_number(json_array_get(json_object_get(session, "striae"), (size_t)(id - 1)), "da");
}

static double mean_width(const struct stria *stria)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < stria->centreline.count; i++)
        if (!isnan(stria->half_width[i])) {
            sum += 2 * (double)stria->half_width[i];
            n++;
        }
    return n ? sum / (double)n : NAN;
}

static void take_stria(const struct true_pair *pair, const json_t *truth, int k,
                       const struct stria *stria, const struct stretch_of *stretch, struct row *row)
{
    double unit = 1 / pair->px_per_mm;
    struct stretch_of whole = {stretch->ribbon, 0, (stretch->ribbon->count - 1) * RIBBON_FINE};
    struct true_sums own = true_sum(pair, stretch, k, k, 0);
    struct true_sums first = true_sum(pair, stretch, k, 0, 0);
    row->session = k;
    row->id = stretch->ribbon->id;
    row->status = "";
    row->px_per_mm = pair->px_per_mm;
    row->cnr = true_contrast_to_noise(pair, stretch, k);
    row->apart = true_apart(pair, stretch, k);
    row->soft = stretch->ribbon->softness;
    row->blur = pair->session[k].blur;
    row->covered = own.length / true_sum(pair, &whole, k, k, 1 << k).length;
    row->true_px = own.width;
    row->px = mean_width(stria);
    row->width = numbers(&stria->metric[STRIAE_METRIC_WIDTH], first.width * unit);
    row->area = numbers(&stria->metric[STRIAE_METRIC_AREA], first.area * unit * unit);
    row->delta_a =
        numbers(&stria->metric[STRIAE_METRIC_DELTA_A], true_delta_a(truth, k, stretch->ribbon->id));
}

/* Totals of one session: id 0. */
static void take_totals(const struct true_pair *pair, const json_t *truth, int k,
                        const struct session *session, struct row *row)
{
    double length = 0, area = 0, unit = 1 / pair->px_per_mm;
    for (size_t i = 0; i < pair->scene.stria_count; i++) {
        const struct ribbon *r = &pair->scene.ribbons[i];
        struct stretch_of whole = {r, 0, (r->count - 1) * RIBBON_FINE};
        if (!r->state[k].present)
            continue;
        struct true_sums sums = true_sum(pair, &whole, k, 0, 1 << k);
        length += sums.length;
        area += sums.area;
    }
    row->session = k;
    row->status = "";
    row->px_per_mm = pair->px_per_mm;
    row->true_px = area / length;
    row->px = session->total[STRIAE_METRIC_WIDTH].value / unit;
    row->width = numbers(&session->total[STRIAE_METRIC_WIDTH], area / length * unit);
    row->area = numbers(&session->total[STRIAE_METRIC_AREA],
                        truth_number(truth_session(truth, (size_t)k), "area_mm2"));
    row->delta_a = numbers(&session->total[STRIAE_METRIC_DELTA_A], true_delta_a(truth, k, 0));
}

/* ---- changes -------------------------------------------------------------------------------- */

static const int change_metrics[3] = {STRIAE_METRIC_WIDTH, STRIAE_METRIC_AREA,
                                      STRIAE_METRIC_DELTA_A};

static void set_verdicts(const striae_difference *metric, struct row *row)
{
    for (int m = 0; m < 3; m++)
        row->verdict[m] = (int)metric[change_metrics[m]].verdict;
}

static void take_changed(const struct true_pair *pair, const json_t *truth,
                         const struct stretch_of *a, const struct stretch_of *b,
                         const struct change_row *change, struct row *row)
{
    double unit = 1 / pair->px_per_mm;
    struct stretch_of both = {a->ribbon, a->from > b->from ? a->from : b->from,
                              a->to < b->to ? a->to : b->to};
    struct true_sums was = true_sum(pair, &both, 0, 0, 3), is_now = true_sum(pair, &both, 1, 0, 3);
    struct true_sums whole[2] = {true_sum(pair, a, 0, 0, 3), true_sum(pair, b, 1, 0, 3)};
    row->session = 2;
    row->id = a->ribbon->id;
    row->status = change_status_name(change->status);
    row->px_per_mm = pair->px_per_mm;
    row->cnr = fmin(true_contrast_to_noise(pair, a, 0), true_contrast_to_noise(pair, b, 1));
    row->apart = fmin(true_apart(pair, a, 0), true_apart(pair, b, 1));
    row->soft = a->ribbon->softness;
    row->true_px = was.width;
    row->width =
        numbers(&change->metric[STRIAE_METRIC_WIDTH].difference, (is_now.width - was.width) * unit);
    row->area = numbers(&change->metric[STRIAE_METRIC_AREA].difference,
                        (whole[1].area - whole[0].area) * unit * unit);
    row->delta_a =
        numbers(&change->metric[STRIAE_METRIC_DELTA_A].difference,
                true_delta_a(truth, 1, a->ribbon->id) - true_delta_a(truth, 0, a->ribbon->id));
    row->px = was.area * unit * unit; /* the baseline, for areas */
    set_verdicts(change->metric, row);
}

static void take_total_change(const struct true_pair *pair, const struct change *change,
                              const json_t *truth, struct row *row)
{
    double unit = 1 / pair->px_per_mm, length[2] = {0}, shaped[2] = {0}, area[2] = {0};
    double colour[2] = {0}, weight[2] = {0};
    for (size_t i = 0; i < pair->scene.stria_count; i++) {
        const struct ribbon *r = &pair->scene.ribbons[i];
        struct stretch_of whole = {r, 0, (r->count - 1) * RIBBON_FINE};
        for (int k = 0; k < 2; k++) {
            if (!r->state[k].present)
                continue;
            struct true_sums sums = true_sum(pair, &whole, k, 0, 3);
            area[k] += sums.area;
            if (!r->state[1 - k].present)
                continue;
            length[k] += sums.length;
            shaped[k] += sums.area;
            weight[k] += sums.area;
            colour[k] += sums.area * true_delta_a(truth, k, r->id);
        }
    }
    const striae_difference *total = change->total;
    row->session = 2;
    row->status = "total";
    row->px_per_mm = pair->px_per_mm;
    row->true_px = shaped[0] / length[0];
    row->px = area[0] * unit * unit;
    row->width = numbers(&total[STRIAE_METRIC_WIDTH].difference,
                         (shaped[1] / length[1] - shaped[0] / length[0]) * unit);
    row->area = numbers(&total[STRIAE_METRIC_AREA].difference, (area[1] - area[0]) * unit * unit);
    row->delta_a = numbers(&total[STRIAE_METRIC_DELTA_A].difference,
                           colour[1] / weight[1] - colour[0] / weight[0]);
    set_verdicts(total, row);
}

/* ---- which is which ---------------------------------------------------------------------------
 */

static const struct change_row *row_of(const struct change *change, int k, int id)
{
    for (size_t i = 0; i < change->row_count; i++) {
        const struct change_row *row = &change->rows[i];
        const int *ids = k ? row->to_ids : row->from_ids;
        for (size_t j = 0; j < (k ? row->to_count : row->from_count); j++)
            if (ids[j] == id)
                return row;
    }
    return NULL;
}

/* Whether a row holds the pieces of this ribbon, all of them and no others, and says so. */
static bool row_right(const struct change_row *row, const struct stretch_of *const of[2],
                      const size_t pieces[2], const struct ribbon *ribbon)
{
    enum change_status expected = pieces[1] == 0          ? CHANGE_GONE
                                  : pieces[0] == 0        ? CHANGE_NEW
                                  : pieces[1] > pieces[0] ? CHANGE_SPLIT
                                  : pieces[0] > pieces[1] ? CHANGE_MERGED
                                                          : CHANGE_MATCHED;
    size_t have[2] = {row->from_count, row->to_count};
    for (int k = 0; k < 2; k++)
        for (size_t j = 0; j < have[k]; j++)
            if (of[k][(k ? row->to_ids : row->from_ids)[j] - 1].ribbon != ribbon)
                return false;
    bool alone = pieces[0] == 0 || pieces[1] == 0; /* then each piece has a row of its own */
    return row->status == expected && (alone || (have[0] == pieces[0] && have[1] == pieces[1]));
}

/* Every ribbon of which both photos show most counts once. */
static void score_matches(const struct true_pair *pair, const struct striae_result *result,
                          const struct stretch_of *const of[2], struct table *table, int index)
{
    for (size_t i = 0; i < pair->scene.stria_count; i++) {
        const struct ribbon *r = &pair->scene.ribbons[i];
        struct stretch_of whole = {r, 0, (r->count - 1) * RIBBON_FINE};
        size_t pieces[2] = {0}, wrong = 0;
        double seen[2];
        for (int k = 0; k < 2; k++)
            seen[k] = true_sum(pair, &whole, k, 0, 1 << k).length;
        double common = true_sum(pair, &whole, 0, 0, 3).length;
        if (!(common > 30 && common > 0.7 * fmax(seen[0], seen[1])))
            continue;
        for (int k = 0; k < 2; k++)
            for (size_t t = 0; t < result->sessions[k].stria_count; t++)
                pieces[k] += of[k][t].ribbon == r;
        if (pieces[0] + pieces[1] == 0)
            continue;
        const struct change_row *only = NULL;
        for (int k = 0; k < 2; k++)
            for (size_t t = 0; t < result->sessions[k].stria_count; t++) {
                if (of[k][t].ribbon != r)
                    continue;
                const struct change_row *row =
                    row_of(&result->changes[0], k, result->sessions[k].striae[t].id);
                bool alone = pieces[0] == 0 || pieces[1] == 0;
                wrong += !row || !row_right(row, of, pieces, r) || (only && row != only && !alone);
                only = row;
            }
        table->expected++;
        table->matched += wrong == 0;
        if (wrong && getenv("WIDTHS_MATCHES"))
            printf("  pair %d stria %d: %zu piece(s) before, %zu after, called %s (%zu and %zu)\n",
                   index, r->id, pieces[0], pieces[1],
                   only ? change_status_name(only->status) : "nothing", only ? only->from_count : 0,
                   only ? only->to_count : 0);
    }
}

void take_result(const struct true_pair *pair, const json_t *truth, int index,
                 const struct striae_result *result, struct table *table)
{
    struct stretch_of *of[2];
    for (int k = 0; k < 2; k++) {
        const struct session *session = &result->sessions[k];
        of[k] = calloc(session->stria_count + 1, sizeof *of[k]);
        if (!of[k])
            abort();
        for (size_t i = 0; i < session->stria_count; i++) {
            of[k][i] = true_stretch(pair, k, &session->striae[i]);
            struct row *row = next_row(table);
            row->pair = index;
            take_stria(pair, truth, k, &session->striae[i], &of[k][i], row);
        }
        struct row *row = next_row(table);
        row->pair = index;
        take_totals(pair, truth, k, session, row);
    }
    const struct change *change = &result->changes[0];
    for (size_t i = 0; i < change->row_count; i++) {
        const struct change_row *c = &change->rows[i];
        if (c->status != CHANGE_MATCHED || c->from_count != 1 || c->to_count != 1)
            continue;
        const struct stretch_of *a = &of[0][c->from_ids[0] - 1], *b = &of[1][c->to_ids[0] - 1];
        if (a->ribbon != b->ribbon)
            continue;
        struct row *row = next_row(table);
        row->pair = index;
        take_changed(pair, truth, a, b, c, row);
    }
    struct row *row = next_row(table);
    row->pair = index;
    take_total_change(pair, change, truth, row);
    const struct stretch_of *const both[2] = {of[0], of[1]};
    score_matches(pair, result, both, table, index);
    free(of[0]);
    free(of[1]);
}

bool write_rows(const char *path, const struct table *table)
{
    FILE *file = fopen(path, "w");
    if (!file)
        return false;
    fprintf(file, "pair,session,id,status,px_per_mm,cnr,apart,soft,blur,covered,true_px,px");
    const char *names[3] = {"width", "area", "delta_a"};
    for (int m = 0; m < 3; m++)
        fprintf(file, ",%s,%s_low,%s_high,%s_truth,%s_verdict", names[m], names[m], names[m],
                names[m], names[m]);
    fprintf(file, "\n");
    for (size_t i = 0; i < table->count; i++) {
        const struct row *r = &table->rows[i];
        const struct numbers *all[3] = {&r->width, &r->area, &r->delta_a};
        fprintf(file, "%d,%d,%d,%s,%g,%g,%g,%g,%g,%g,%g,%g", r->pair, r->session, r->id, r->status,
                r->px_per_mm, r->cnr, r->apart, r->soft, r->blur, r->covered, r->true_px, r->px);
        for (int m = 0; m < 3; m++)
            fprintf(file, ",%g,%g,%g,%g,%d", all[m]->value, all[m]->low, all[m]->high,
                    all[m]->truth, r->verdict[m]);
        fprintf(file, "\n");
    }
    return fclose(file) == 0;
}
