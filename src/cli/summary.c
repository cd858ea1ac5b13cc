#include "cli/summary.h"

#include <math.h>
#include <stdio.h>

/* The totals that a person looks at first. */
static const struct {
    striae_metric metric;
    const char *name;
} shown[] = {{STRIAE_METRIC_WIDTH, "width"},
             {STRIAE_METRIC_AREA, "area"},
             {STRIAE_METRIC_DELTA_A, "redness (delta a*)"},
             {STRIAE_METRIC_DELTA_E00, "contrast (dE2000)"}};
#define SHOWN_COUNT (sizeof shown / sizeof shown[0])

/* "2.31 mm (2.20 to 2.41)", or the reason. */
static void format_quantity(const striae_quantity *quantity, char *text, size_t size)
{
    if (quantity->reason) {
        snprintf(text, size, "not measurable: %s", quantity->reason);
    } else {
        double most = fmax(fabs(quantity->value), fmax(fabs(quantity->low), fabs(quantity->high)));
        const char *format = most < 1000 ? "%.3g %s (%.3g to %.3g)" : "%.0f %s (%.0f to %.0f)";
        snprintf(text, size, format, quantity->value, quantity->unit, quantity->low,
                 quantity->high);
    }
}

static void print_session(struct console *console, const striae_result *result, size_t session)
{
    console_say(console, "%s: %zu striae", striae_result_photo(result, session),
                striae_result_stria_count(result, session));
    for (size_t i = 0; i < SHOWN_COUNT; i++) {
        striae_quantity quantity;
        if (striae_result_quantity(result, session, STRIAE_TOTAL, shown[i].metric, &quantity) ==
            STRIAE_OK) {
            char text[200];
            format_quantity(&quantity, text, sizeof text);
            console_say(console, "  %-19s %s", shown[i].name, text);
        }
    }
}

/* "decreased: ", or nothing where the number itself is missing and says why. */
static const char *verdict_words(const striae_difference *change)
{
    switch (change->verdict) {
    case STRIAE_DECREASED:
        return "decreased: ";
    case STRIAE_UNCHANGED:
        return "unchanged: ";
    case STRIAE_INCREASED:
        return "increased: ";
    default:
        return change->difference.reason ? "" : "cannot be told from no change: ";
    }
}

static void print_change(struct console *console, const striae_result *result, size_t session)
{
    const char *refusal = striae_result_refusal(result, session);
    if (refusal) {
        console_say(console, "No comparison of %s with %s: %s",
                    striae_result_photo(result, session), striae_result_photo(result, 0), refusal);
        return;
    }
    console_say(console, "Change from %s to %s:", striae_result_photo(result, 0),
                striae_result_photo(result, session));
    for (size_t i = 0; i < SHOWN_COUNT; i++) {
        striae_difference change;
        const char *label;
        if (striae_result_change(result, session, STRIAE_TOTAL, shown[i].metric, &change, &label) !=
            STRIAE_OK) {
            continue;
        }
        char text[200], percent[32] = "";
        format_quantity(&change.difference, text, sizeof text);
        if (isfinite(change.percent)) {
            double whole = round(change.percent);
            snprintf(percent, sizeof percent, whole == 0 ? ", 0 %%" : ", %+.0f %%", whole);
        }
        console_say(console, "  %-19s %s%s%s", shown[i].name, verdict_words(&change), text,
                    percent);
    }
}

void summary_print(struct console *console, const striae_result *result)
{
    size_t count = striae_result_session_count(result);
    for (size_t i = 0; i < count; i++) {
        print_session(console, result, i);
    }
    for (size_t i = 1; i < count; i++) {
        print_change(console, result, i);
    }
}

void summary_print_checks(const striae_result *result)
{
    for (size_t i = 0; i < striae_result_session_count(result); i++)
        for (size_t k = 0; k < striae_result_check_count(result, i); k++) {
            striae_check check;
            char value[64] = "";
            if (striae_result_check(result, i, k, &check) != STRIAE_OK) {
                continue;
            }
            if (!isnan(check.value) && !isnan(check.limit)) {
                snprintf(value, sizeof value, " (%.3g, limit %.3g)", check.value, check.limit);
            }
            printf("%-4s %-13s %s%s\n", check.status, check.name, check.message, value);
        }
}
