/* Charts of a series: one small drawing per metric. */
#include "report/html.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Drawing units; the plot area inside, the rest for axes and their text. */
enum { WIDTH = 360, HEIGHT = 230, LEFT = 46, RIGHT = 346, TOP = 14, BOTTOM = 186 };

struct axis {
    double low, high, step;
    int decimals;
};

/* Days since 1970-01-01 of "YYYY-MM-DD...", proleptic Gregorian; NaN when it is no date. */
static double day_number(const char *iso)
{
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    int year, month, day;
    if (sscanf(iso, "%4d-%2d-%2d", &year, &month, &day) != 3 || year < 1900 || month < 1 ||
        month > 12 || day < 1 || day > 31)
        return NAN;
    int past = month > 2 ? year : year - 1; /* years whose leap day counts */
    int leap = past / 4 - past / 100 + past / 400 - 477;
    return (year - 1970) * 365.0 + leap + before[month - 1] + day - 1;
}

/* x of every session: by date where all are known and in order, else evenly. */
static bool place_sessions(const struct striae_result *result, double *x)
{
    size_t count = result->session_count;
    bool dated = true;
    for (size_t i = 0; i < count; i++) {
        x[i] = day_number(result->sessions[i].captured);
        dated = dated && !isnan(x[i]) && (i == 0 || x[i] > x[i - 1]);
    }
    double first = dated ? x[0] : 0, span = dated ? x[count - 1] - x[0] : (double)(count - 1);
    for (size_t i = 0; i < count; i++) {
        double t = ((dated ? x[i] : (double)i) - first) / span;
        x[i] = LEFT + 22 + t * (RIGHT - LEFT - 44);
    }
    return dated;
}

static const struct change *change_of(const struct striae_result *result, size_t session)
{
    for (size_t i = 0; i < result->change_count; i++)
        if (result->changes[i].to == session && !result->changes[i].refused)
            return &result->changes[i];
    return NULL;
}

/* What is drawn for a session: the baseline's total, and for a later one that plus the change over
 * the skin that both show, so that a photo of more skin does not look like more striae. */
static bool shown(const struct striae_result *result, size_t session, striae_metric metric,
                  striae_quantity *out)
{
    const striae_quantity *first = &result->sessions[0].total[metric];
    const struct change *change = session ? change_of(result, session) : NULL;
    *out = *first;
    if (session && change && is_known(&change->total[metric].difference)) {
        const striae_quantity *d = &change->total[metric].difference;
        out->value = first->value + d->value;
        out->low = first->value + d->low;
        out->high = first->value + d->high;
    }
    return is_known(first) &&
           (session == 0 || (change && is_known(&change->total[metric].difference)));
}

/* The largest of the minimal detectable changes; 0 where there is none. */
static double detectable(const struct striae_result *result, striae_metric metric)
{
    double most = 0;
    for (size_t i = 0; i < result->change_count; i++)
        if (!result->changes[i].refused && isfinite(result->changes[i].total[metric].mdc95))
            most = fmax(most, result->changes[i].total[metric].mdc95);
    return most;
}

/* A step of 1, 2 or 5 times a power of ten, about four to the range; 0 is always on the axis, so
 * that the height of a point says how much. */
static bool make_axis(const struct striae_result *result, striae_metric metric, struct axis *axis)
{
    double low = 0, high = 0;
    size_t known = 0;
    for (size_t i = 0; i < result->session_count; i++) {
        striae_quantity q;
        if (!shown(result, i, metric, &q))
            continue;
        known++;
        low = fmin(low, fmin(q.value, isfinite(q.low) ? q.low : q.value));
        high = fmax(high, fmax(q.value, isfinite(q.high) ? q.high : q.value));
    }
    if (known < 2 || !(high > low))
        return false;
    double rough = (high - low) / 4, power = pow(10, floor(log10(rough)));
    double lead = rough / power;
    axis->step = power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
    axis->low = floor(low / axis->step - 1e-9) * axis->step;
    axis->high = ceil(high / axis->step + 1e-9) * axis->step;
    if (low == 0)
        axis->low = 0;
    if (high == 0)
        axis->high = 0;
    axis->decimals = (int)fmin(6, fmax(0, -floor(log10(axis->step) + 1e-9)));
    return true;
}

static double height_of(const struct axis *axis, double value)
{
    return BOTTOM - (value - axis->low) / (axis->high - axis->low) * (BOTTOM - TOP);
}

static void put_number(struct text *out, const char *name, double value)
{
    text_format(out, " %s=\"", name);
    text_number(out, value, 1);
    text_add(out, "\"");
}

static void put_segment(struct text *out, const char *class, double x1, double y1, double x2,
                        double y2)
{
    text_format(out, "<line class=\"%s\"", class);
    put_number(out, "x1", x1);
    put_number(out, "y1", y1);
    put_number(out, "x2", x2);
    put_number(out, "y2", y2);
    text_add(out, "/>");
}

static void put_grid(struct text *out, const struct axis *axis)
{
    int steps = (int)((axis->high - axis->low) / axis->step + 0.5);
    for (int i = 0; i <= steps && i < 20; i++) {
        double value = axis->low + i * axis->step, y = height_of(axis, value);
        put_segment(out, fabs(value) < axis->step / 2 ? "zero" : "grid", LEFT, y, RIGHT, y);
        text_format(out, "<text class=\"tick\" x=\"%d\"", LEFT - 6);
        put_number(out, "y", y + 4);
        text_add(out, ">");
        text_figure(out, value, axis->decimals);
        text_add(out, "</text>");
    }
}

static void put_dates(struct text *out, const struct striae_result *result, const double *x)
{
    size_t last = result->session_count - 1;
    double room = 0; /* x up to which the date line is taken */
    for (size_t i = 0; i <= last; i++) {
        text_add(out, "<text class=\"label\"");
        put_number(out, "x", x[i]);
        text_format(out, " y=\"%d\">%zu</text>", BOTTOM + 18, i);
        const char *captured = result->sessions[i].captured;
        if (!*captured || (x[i] - 34 < room) || (i < last && x[last] - x[i] < 68))
            continue;
        room = x[i] + 34;
        text_add(out, "<text class=\"date\"");
        put_number(out, "x", x[i]);
        text_format(out, " y=\"%d\">%.10s</text>", BOTTOM + 34, captured);
    }
}

/* What lies inside is no change that can be told from noise. */
static void put_band(struct text *out, const struct striae_result *result, striae_metric metric,
                     const struct axis *axis)
{
    double first = result->sessions[0].total[metric].value, reach = detectable(result, metric);
    double top = height_of(axis, fmin(first + reach, axis->high));
    double bottom = height_of(axis, fmax(first - reach, axis->low));
    if (!(bottom > top))
        return;
    text_format(out, "<rect class=\"band\" x=\"%d\" width=\"%d\"", LEFT, RIGHT - LEFT);
    put_number(out, "y", top);
    put_number(out, "height", bottom - top);
    text_add(out, "/>");
}

static void put_point(struct text *out, const striae_quantity *q, const struct axis *axis, double x)
{
    if (isfinite(q->low) && isfinite(q->high)) {
        double low = height_of(axis, q->low), high = height_of(axis, q->high);
        put_segment(out, "bar", x, low, x, high);
        put_segment(out, "bar", x - 5, low, x + 5, low);
        put_segment(out, "bar", x - 5, high, x + 5, high);
    }
    text_add(out, "<circle r=\"4.5\"");
    put_number(out, "cx", x);
    put_number(out, "cy", height_of(axis, q->value));
    text_add(out, "/>");
}

static void put_points(struct text *out, const struct striae_result *result, striae_metric metric,
                       const struct axis *axis, const double *x)
{
    bool joined = false;
    double before = 0;
    for (size_t i = 0; i < result->session_count; i++) {
        striae_quantity q;
        bool known = shown(result, i, metric, &q);
        if (known && joined)
            put_segment(out, "trend", x[i - 1], height_of(axis, before), x[i],
                        height_of(axis, q.value));
        joined = known;
        before = q.value;
    }
    for (size_t i = 0; i < result->session_count; i++) {
        striae_quantity q;
        if (shown(result, i, metric, &q))
            put_point(out, &q, axis, x[i]);
    }
}

static void put_chart(struct page *page, striae_metric metric, const double *x)
{
    struct text *out = &page->out;
    struct axis axis;
    const char *unit = page->result->sessions[0].total[metric].unit;
    text_format(out,
                "<figure class=\"chart\"><figcaption>%s <span class=\"unit\">%s</span>"
                "</figcaption>",
                metric_title(metric), unit_label(unit));
    if (!make_axis(page->result, metric, &axis)) {
        text_add(out, "<p class=\"nm\">not measurable in enough sessions to draw</p></figure>\n");
        return;
    }
    text_format(out,
                "<svg viewBox=\"0 0 %d %d\" role=\"img\"><title>%s over the sessions; the "
                "figures are in the tables</title>",
                WIDTH, HEIGHT, metric_title(metric));
    put_grid(out, &axis);
    put_band(out, page->result, metric, &axis);
    put_dates(out, page->result, x);
    put_points(out, page->result, metric, &axis, x);
    text_add(out, "</svg></figure>\n");
}

void put_charts(struct page *page)
{
    static const striae_metric charted[] = {
        STRIAE_METRIC_WIDTH,    STRIAE_METRIC_AREA,    STRIAE_METRIC_LENGTH,
        STRIAE_METRIC_DELTA_A,  STRIAE_METRIC_DELTA_L, STRIAE_METRIC_DELTA_E00,
        STRIAE_METRIC_ERYTHEMA, STRIAE_METRIC_MELANIN, STRIAE_METRIC_TEXTURE};
    if (page->result->session_count < 3)
        return;
    double *x = calloc(page->result->session_count, sizeof *x);
    if (!x) {
        page->out.failed = true;
        return;
    }
    bool dated = place_sessions(page->result, x);
    text_add(&page->out, "<section>\n<h2>Over time</h2>\n<div class=\"charts\">\n");
    for (size_t i = 0; i < sizeof charted / sizeof *charted; i++)
        put_chart(page, charted[i], x);
    text_format(
        &page->out,
        "</div>\n<p class=\"note\">Later sessions: the baseline plus the change over the "
        "skin that both photos show. Bars: 95&nbsp;%% intervals. Shaded: no change that can "
        "be told from noise (MDC<sub>95</sub>). Across: the sessions%s. Sessions that "
        "could not be compared are left out.</p>\n</section>\n",
        dated ? ", spaced by the dates in the photos" : "");
    free(x);
}
