#include "width_rows.h"

#include "study/quantile.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define CLEAR_CNR 5.0 /* well visible */
#define APART     0.6 /* share of the line that no other stria comes near to */
#define LEAST_PX  2.0 /* thinner ones are not claimed */

/* A list of numbers taken from rows. */
struct list {
    double *values;
    size_t count;
};

static double mean_of(const struct list *list)
{
    double sum = 0;
    for (size_t i = 0; i < list->count; i++)
        sum += list->values[i];
    return list->count ? sum / (double)list->count : NAN;
}

static double mean_size(const struct list *list)
{
    double sum = 0;
    for (size_t i = 0; i < list->count; i++)
        sum += fabs(list->values[i]);
    return list->count ? sum / (double)list->count : NAN;
}

static double deviation(const struct list *list)
{
    double mean = mean_of(list), sum = 0;
    for (size_t i = 0; i < list->count; i++)
        sum += (list->values[i] - mean) * (list->values[i] - mean);
    return list->count ? sqrt(sum / (double)list->count) : NAN;
}

/* Sorts it. */
static double middle(struct list *list)
{
    sort_values(list->values, list->count);
    return list->count ? quantile(list->values, list->count, 0.5) : NAN;
}

static bool is_stria(const struct row *row)
{
    return row->session < 2 && row->id > 0 && !isnan(row->width.value);
}

static void print_class(const struct table *table, double low, double high, double least_cnr,
                        struct list *px, struct list *percent)
{
    px->count = percent->count = 0;
    for (size_t i = 0; i < table->count; i++) {
        const struct row *r = &table->rows[i];
        if (!is_stria(r) || !(r->true_px >= low && r->true_px < high && r->cnr >= least_cnr) ||
            r->apart < APART)
            continue;
        px->values[px->count++] = r->px - r->true_px;
        percent->values[percent->count++] = 100 * (r->px / r->true_px - 1);
    }
    if (px->count == 0)
        return;
    char name[32];
    snprintf(name, sizeof name, high < 1e6 ? "%.0f to %.0f px" : "%.0f px and more", low, high);
    printf("  %-14s %6zu   %+7.3f  %6.3f   %+6.1f %%\n", name, px->count, mean_of(px),
           deviation(px), middle(percent));
}

/* Leaves the errors of all well visible striae in *px. */
static void print_widths(const struct table *table, struct list *px, struct list *percent)
{
    static const double edges[] = {2, 3, 4, 6, 8, 16, 32, 1e9};
    for (int clear = 0; clear < 2; clear++) {
        printf("  striae apart%s: n, bias px, sd px, median %%\n",
               clear ? ", contrast to noise 5 and more" : "");
        for (size_t k = 0; k + 1 < sizeof edges / sizeof *edges; k++)
            print_class(table, edges[k], edges[k + 1], clear ? CLEAR_CNR : 0, px, percent);
        print_class(table, LEAST_PX, 1e9, clear ? CLEAR_CNR : 0, px, percent);
    }
}

static const struct numbers *metric_of(const struct row *row, int metric)
{
    return metric == 0 ? &row->width : metric == 1 ? &row->area : &row->delta_a;
}

/* What a metric's error is told in: a share of the (first) true number, or CIELAB. */
static double base_of(const struct row *row, int metric)
{
    if (metric == 2)
        return 1;
    if (row->session < 2)
        return metric_of(row, metric)->truth;
    return metric == 0 ? row->true_px / row->px_per_mm : row->px;
}

static bool in_group(const struct row *row, bool change, bool total)
{
    bool is_total = row->session == 2 ? row->status[0] == 't' : row->id == 0;
    return (row->session == 2) == change && is_total == total;
}

/* Percent of the intervals that hold the truth; NaN without any. */
static double print_group(const struct table *table, bool change, bool total, int metric,
                          struct list *errors)
{
    static const char *const names[3] = {"width", "area", "delta a*"};
    size_t held = 0, changed = 0, untold = 0;
    errors->count = 0;
    for (size_t i = 0; i < table->count; i++) {
        const struct row *r = &table->rows[i];
        const struct numbers *n = metric_of(r, metric);
        if (!in_group(r, change, total) || isnan(n->value) || isnan(n->truth))
            continue;
        errors->values[errors->count++] = (n->value - n->truth) / base_of(r, metric);
        held += n->low <= n->truth && n->truth <= n->high;
        changed += change && (r->verdict[metric] == STRIAE_DECREASED ||
                              r->verdict[metric] == STRIAE_INCREASED);
        untold += change && r->verdict[metric] == STRIAE_NOT_MEASURABLE;
    }
    if (errors->count == 0)
        return NAN;
    double share = 100.0 * (double)held / (double)errors->count, unit = metric == 2 ? 1 : 100;
    printf("  %-6s %-6s %-9s %5zu  %+7.2f  %6.2f   %5.1f %%", change ? "change" : "value",
           total ? "totals" : "striae", names[metric], errors->count, unit * mean_of(errors),
           unit * mean_size(errors), share);
    if (change)
        printf("   %5.1f %%   %5.1f %%", 100.0 * (double)changed / (double)errors->count,
               100.0 * (double)untold / (double)errors->count);
    printf("\n");
    return share;
}

bool print_table(const char *scene, const struct table *table, const struct bounds *bounds)
{
    struct list a = {calloc(table->count + 1, sizeof(double)), 0};
    struct list b = {calloc(table->count + 1, sizeof(double)), 0};
    double share = table->expected ? 100.0 * (double)table->matched / (double)table->expected : NAN;
    double held = NAN, bias = NAN, spread = NAN;
    if (a.values && b.values) {
        printf("%s\n", scene);
        print_widths(table, &a, &b);
        bias = mean_of(&a);
        spread = deviation(&a);
        printf(
            "  errors (%% of the true or first number, CIELAB for delta a*): n, mean, mean size, "
            "held by 95 %%, called changed, cannot be told from no change\n");
        for (int group = 0; group < 4; group++)
            for (int metric = 0; metric < 3; metric++) {
                double percent = print_group(table, group >= 2, group % 2, metric, &a);
                if (group == 0 && metric == 0)
                    held = percent;
            }
        printf("  matched rightly %zu of %zu (%.1f %%)\n", table->matched, table->expected, share);
    }
    free(a.values);
    free(b.values);
    return (bounds->most_bias <= 0 || fabs(bias) <= bounds->most_bias) &&
           (bounds->most_spread <= 0 || spread <= bounds->most_spread) &&
           (bounds->least_held <= 0 || held >= bounds->least_held) &&
           (bounds->least_matched <= 0 || share >= bounds->least_matched);
}
