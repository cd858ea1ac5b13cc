#include "cli/validate_table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A number right-aligned in width characters; '-' where there is none. */
static void cell(int width, int decimals, double value)
{
    if (isfinite(value)) {
        printf(" %*.*f", width, decimals, value);
    } else {
        printf(" %*s", width, "-");
    }
}

static void signed_cell(int width, int decimals, double value)
{
    if (isfinite(value)) {
        printf(" %+*.*f", width, decimals, value);
    } else {
        printf(" %*s", width, "-");
    }
}

static double percent_off(const struct score_number *number)
{
    return number->truth > 0 ? 100 * (number->value / number->truth - 1) : NAN;
}

static double off(const struct score_number *number)
{
    return number->value - number->truth;
}

static void print_pair(const struct score *score)
{
    printf("%-10.10s %4d %-6.6s %-7s", score->name, score->tone, score->kind,
           score->refused ? "refused" : "ok");
    cell(6, 2, score->refused ? NAN : score->landmark_median);
    cell(6, 2, score->refused ? NAN : score->landmark_p95);
    const struct score_session *first = &score->session[0], *later = &score->session[1];
    cell(5, 2, first->dice);
    cell(5, 2, later->dice);
    size_t true_count = first->true_count + later->true_count;
    size_t found_count = first->found_count + later->found_count;
    printf(" %3zu/%-3zu %3zu/%-3zu", first->found + later->found, true_count,
           first->real + later->real, found_count);
    signed_cell(6, 1, percent_off(&first->width));
    signed_cell(6, 1, percent_off(&later->width));
    signed_cell(6, 1, percent_off(&first->area));
    signed_cell(6, 1, percent_off(&later->area));
    signed_cell(6, 2, off(&first->delta_a));
    signed_cell(6, 2, off(&later->delta_a));
    signed_cell(7, 1, score->refused ? NAN : score->width_change.truth);
    signed_cell(7, 1, score->refused ? NAN : score->width_change.value);
    printf("  %-14s", score->refused ? "" : striae_verdict_name(score->width_verdict));
    cell(6, 1, score->seconds);
    printf("\n");
}

static void print_pairs(const struct score *scores, size_t count)
{
    printf("%-10s %4s %-6s %-7s %13s %11s %7s %7s %13s %13s %13s %15s\n", "", "", "", "",
           "landmarks px", "mask Dice", "true", "found", "width % off", "area % off",
           "delta a* off", "width change %");
    printf("%-10s %4s %-6s %-7s %6s %6s %5s %5s %7s %7s %6s %6s %6s %6s %6s %6s %7s %7s  %-14s "
           "%6s\n",
           "pair", "tone", "kind", "aligned", "median", "p95", "first", "later", "found", "real",
           "first", "later", "first", "later", "first", "later", "true", "found", "verdict", "s");
    for (size_t i = 0; i < count; i++) {
        print_pair(&scores[i]);
    }
}

static void print_group(const char *name, const struct score_summary *summary)
{
    printf("%-14s %5zu %4zu/%-4zu", name, summary->pairs, summary->aligned, summary->pairs);
    cell(6, 2, summary->landmark_median);
    cell(6, 2, summary->landmark_p95);
    cell(6, 2, summary->dice_mean);
    cell(7, 0, summary->found_percent);
    cell(6, 0, summary->real_percent);
    cell(8, 1, summary->width_median);
    cell(7, 1, summary->area_median);
    cell(8, 2, summary->delta_a_median);
    cell(8, 1, summary->width_change_median);
    cell(7, 1, summary->area_change_median);
    cell(6, 0, summary->held_percent);
    printf("\n");
}

static bool has_tone(const struct score *score, const void *context)
{
    return !score->unchanged && score->tone == *(const int *)context;
}

static bool has_kind(const struct score *score, const void *context)
{
    return !score->unchanged && strcmp(score->kind, context) == 0;
}

static bool print_tone(const struct score *scores, size_t count, int tone)
{
    struct score_summary summary;
    char name[24];
    snprintf(name, sizeof name, "skin type %d", tone);
    if (score_summarise(scores, count, has_tone, &tone, &summary, NULL) != STRIAE_OK) {
        return false;
    }
    if (summary.pairs > 0) {
        print_group(name, &summary);
    }
    return true;
}

static bool print_kind(const struct score *scores, size_t count, size_t index)
{
    const char *kind = scores[index].kind;
    for (size_t i = 0; i < index; i++) {
        if (strcmp(scores[i].kind, kind) == 0) {
            return true; /* printed already */
        }
    }
    struct score_summary summary;
    if (score_summarise(scores, count, has_kind, kind, &summary, NULL) != STRIAE_OK) {
        return false;
    }
    if (summary.pairs > 0) {
        print_group(kind, &summary);
    }
    return true;
}

static bool print_unchanged(const struct score *scores, size_t count)
{
    struct score_summary summary;
    if (score_summarise(scores, count, score_is_repeat, NULL, &summary, NULL) != STRIAE_OK) {
        return false;
    }
    if (summary.pairs > 0) {
        print_group("unchanged skin", &summary);
    }
    return true;
}

static void print_classes(const char *title, enum score_by by,
                          const struct score_class classes[SCORE_CLASSES])
{
    printf("%s\n", title);
    for (size_t i = 0; i < SCORE_CLASSES; i++) {
        char name[40];
        double from = score_class_from(by, i), to = score_class_from(by, i + 1);
        if (i == 0) {
            snprintf(name, sizeof name, "under %g", to);
        } else if (isfinite(to)) {
            snprintf(name, sizeof name, "%g to %g", from, to);
        } else {
            snprintf(name, sizeof name, "%g and more", from);
        }
        printf("  %-12s %6zu", name, classes[i].true_count);
        cell(7, 0, score_percent(classes[i].found, classes[i].true_count));
        printf(" %8zu", classes[i].found_count);
        cell(6, 0, score_percent(classes[i].real, classes[i].found_count));
        printf("\n");
    }
}

static void print_all_classes(const struct score_summary *all)
{
    printf("\nStriae of both photos by what they are, true ones by the truth, found ones as "
           "measured:\n%-14s %6s %7s %8s %6s\n",
           "", "true", "found %", "found", "real %");
    print_classes("width, px", SCORE_BY_WIDTH, all->classes[SCORE_BY_WIDTH]);
    print_classes("contrast, dE76 from the skin beside", SCORE_BY_CONTRAST,
                  all->classes[SCORE_BY_CONTRAST]);
}

/* ---- this machine and the release ----------------------------------------------------------- */

/* Whether two figures differ by more than what they are rounded to may hide. */
static bool differ(enum score_figure figure, double a, double b)
{
    double unit = pow(10, -score_figure_form(figure)->decimals);
    return isfinite(a) != isfinite(b) || fabs(a - b) > 1.5 * unit;
}

static void print_figures(const char *title, enum score_figure from, enum score_figure to,
                          const double *here, const double *release)
{
    printf("%s\n", title);
    for (enum score_figure i = from; i < to; i++) {
        const struct score_figure_form *form = score_figure_form(i);
        printf("  %-42s", form->label);
        cell(9, form->decimals, here[i]);
        cell(9, form->decimals, release[i]);
        printf("\n");
    }
}

static void print_agreement(const double *here, const struct validate_release *release, bool same)
{
    const struct validate_settings *s = &release->settings;
    if (!same) {
        printf("The release's are of %d pairs and %d of unchanged skin, %d x %d, %g px/mm, seed "
               "%llu, hardness %g\n(the options as they are): with others they are no bar.\n",
               s->pairs, s->repeats, s->width, s->height, s->px_per_mm, (unsigned long long)s->seed,
               s->hardness);
        return;
    }
    size_t others = 0;
    for (enum score_figure i = 0; i < SCORE_FIGURE_COUNT; i++) {
        others += differ(i, here[i], release->figures[i]);
    }
    if (others == 0) {
        printf("This machine gives the figures of the release.\n");
    } else {
        printf("%zu of %d figures are not those of the release: another version, or a machine "
               "that does not calculate as it should.\n",
               others, (int)SCORE_FIGURE_COUNT);
    }
}

static bool print_qualification(const struct score *scores, size_t count,
                                const struct validate_settings *settings)
{
    const struct validate_release *release = validate_release();
    double here[SCORE_FIGURE_COUNT];
    if (score_figures(scores, count, here, NULL) != STRIAE_OK) {
        return false;
    }
    printf("\n%-44s%10s  release %s of %s\n", "What qualifies this machine:", "here",
           release->version, release->measured);
    print_figures("accuracy, pairs with changes", SCORE_FIRST_ACCURACY, SCORE_FIRST_COVERAGE, here,
                  release->figures);
    print_figures("95 % intervals that hold the truth, %, all pairs", SCORE_FIRST_COVERAGE,
                  SCORE_FIRST_REPEATED, here, release->figures);
    print_figures("repeatability, pairs of unchanged skin", SCORE_FIRST_REPEATED,
                  SCORE_FIGURE_COUNT, here, release->figures);
    print_agreement(here, release,
                    settings && validate_same_settings(settings, &release->settings));
    return true;
}

bool validate_print(const struct score *scores, size_t count,
                    const struct validate_settings *settings)
{
    print_pairs(scores, count);
    printf("\nMedians of absolute errors (Dice: mean):\n");
    printf("%-14s %5s %9s %6s %6s %6s %7s %6s %8s %7s %8s %8s %7s %6s\n", "", "pairs", "aligned",
           "lm px", "p95", "Dice", "found %", "real %", "width %", "area %", "delta a*", "d width",
           "d area", "held %");
    bool done = true;
    for (int tone = 0; tone <= 6 && done; tone++) {
        done = print_tone(scores, count, tone);
    }
    for (size_t i = 0; i < count && done; i++) {
        done = print_kind(scores, count, i);
    }
    struct score_summary all;
    done = done && score_accuracy(scores, count, &all, NULL) == STRIAE_OK;
    if (!done) {
        return false;
    }
    print_group("all", &all);
    if (!print_unchanged(scores, count)) {
        return false;
    }
    print_all_classes(&all);
    printf("\nWorst: landmarks %.2f px (a pair's median), Dice %.2f, width %.1f %%, area %.1f %%, "
           "delta a* %.2f.\n",
           all.landmark_worst, all.dice_worst, all.width_worst, all.area_worst, all.delta_a_worst);
    printf(
        "d width, d area: percentage points off the true change. held: 95 %% intervals that hold "
        "the truth.\nVerdicts of a change in the wrong direction: %zu; changes that cannot be told "
        "from none: %zu. Time: %.1f s for %zu pairs.\n",
        all.wrong_way, all.untold, all.seconds, all.pairs);
    return print_qualification(scores, count, settings);
}
