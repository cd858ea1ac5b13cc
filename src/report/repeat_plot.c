/* Bland-Altman plots. */
#include "report/html.h"

#include <math.h>

/* Drawing units; the plot area inside, the rest for axes and their text. */
enum { WIDTH = 380, HEIGHT = 270, LEFT = 58, RIGHT = 368, TOP = 14, BOTTOM = 216 };

const char *const repeat_css = ".chart .edge{fill:#a34a00;fill-opacity:.1}\n"
                               ".chart .bias{stroke:#0b5a9e;stroke-width:1.5}\n"
                               ".chart .limit{stroke:#a34a00;stroke-width:1.5;stroke-dasharray:6 "
                               "4}\n"
                               ".chart circle.pair{fill:#1a2330;fill-opacity:.65}\n"
                               ".chart .xt,.chart .name{text-anchor:middle}\n";

struct axis {
    double low, high, step;
    int decimals;
};

struct plot {
    struct axis x, y;
};

const char *repeat_title(const struct repeat_metric *metric)
{
    return metric->is_percent ? "Area, share of the skin" : metric_title(metric->metric);
}

/* A step of 1, 2 or 5 times a power of ten, about four to the range; ends on whole steps. */
static struct axis make_axis(double low, double high)
{
    if (!(high - low > 1e-9 * fmax(1, fabs(low)))) {
        low -= 0.5;
        high += 0.5;
    }
    double rough = (high - low) / 4, power = pow(10, floor(log10(rough))), lead = rough / power;
    struct axis axis = {.step = power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10)};
    axis.low = floor(low / axis.step + 1e-9) * axis.step;
    axis.high = ceil(high / axis.step - 1e-9) * axis.step;
    axis.decimals = (int)fmax(0, -floor(log10(axis.step) + 1e-9));
    return axis;
}

static void widen(double value, double *low, double *high)
{
    if (isfinite(value)) {
        *low = fmin(*low, value);
        *high = fmax(*high, value);
    }
}

static struct plot make_plot(const struct repeat_metric *metric)
{
    double x[2] = {INFINITY, -INFINITY}, y[2] = {0, 0};
    for (size_t i = 0; i < metric->point_count; i++) {
        widen(metric->points[i].mean, &x[0], &x[1]);
        widen(metric->points[i].difference, &y[0], &y[1]);
    }
    const striae_quantity *lines[] = {&metric->bias, &metric->lower, &metric->upper};
    for (size_t i = 0; i < 3; i++) {
        widen(lines[i]->low, &y[0], &y[1]);
        widen(lines[i]->high, &y[0], &y[1]);
    }
    return (struct plot){make_axis(x[0], x[1]), make_axis(y[0], y[1])};
}

static double place(const struct axis *axis, double value, double from, double to)
{
    return from + (value - axis->low) / (axis->high - axis->low) * (to - from);
}

static double x_of(const struct plot *plot, double value)
{
    return place(&plot->x, value, LEFT + 10, RIGHT - 10);
}

static double y_of(const struct plot *plot, double value)
{
    return place(&plot->y, value, BOTTOM, TOP);
}

static void put_attribute(struct text *out, const char *name, double value)
{
    text_format(out, " %s=\"", name);
    text_number(out, value, 1);
    text_add(out, "\"");
}

static void put_level(struct text *out, const char *class, double y)
{
    text_format(out, "<line class=\"%s\" x1=\"%d\" x2=\"%d\"", class, LEFT, RIGHT);
    put_attribute(out, "y1", y);
    put_attribute(out, "y2", y);
    text_add(out, "/>");
}

/* A line with the band of its interval. */
static void put_line(struct text *out, const struct plot *plot, const striae_quantity *q,
                     const char *line, const char *band)
{
    if (!is_known(q)) {
        return;
    }
    double top = y_of(plot, q->high), bottom = y_of(plot, q->low);
    text_format(out, "<rect class=\"%s\" x=\"%d\" width=\"%d\"", band, LEFT, RIGHT - LEFT);
    put_attribute(out, "y", top);
    put_attribute(out, "height", bottom - top);
    text_add(out, "/>");
    put_level(out, line, y_of(plot, q->value));
}

static void put_ticks(struct text *out, const struct plot *plot)
{
    const struct axis *y = &plot->y, *x = &plot->x;
    int steps = (int)lround((y->high - y->low) / y->step);
    for (int i = 0; i <= steps && i < 20; i++) {
        double value = y->low + i * y->step, at = y_of(plot, value);
        put_level(out, fabs(value) < y->step / 2 ? "zero" : "grid", at);
        text_format(out, "<text class=\"tick\" x=\"%d\"", LEFT - 6);
        put_attribute(out, "y", at + 4);
        text_add(out, ">");
        text_figure(out, value, y->decimals);
        text_add(out, "</text>");
    }
    steps = (int)lround((x->high - x->low) / x->step);
    for (int i = 0; i <= steps && i < 20; i++) {
        double value = x->low + i * x->step;
        text_add(out, "<text class=\"xt\"");
        put_attribute(out, "x", x_of(plot, value));
        text_format(out, " y=\"%d\">", BOTTOM + 17);
        text_figure(out, value, x->decimals);
        text_add(out, "</text>");
    }
}

static void put_pairs(struct text *out, const struct plot *plot, const struct repeat *repeat,
                      const struct repeat_metric *metric)
{
    for (size_t i = 0; i < metric->point_count; i++) {
        const struct repeat_point *point = &metric->points[i];
        text_add(out, "<circle class=\"pair\" r=\"4\"");
        put_attribute(out, "cx", x_of(plot, point->mean));
        put_attribute(out, "cy", y_of(plot, point->difference));
        text_add(out, "><title>");
        text_html(out, repeat->targets[point->target].name);
        text_add(out, "</title></circle>");
    }
}

void put_bland_altman(struct page *page, const struct repeat *repeat,
                      const struct repeat_metric *metric)
{
    struct text *out = &page->out;
    text_format(out,
                "<figure class=\"chart\"><figcaption>%s <span class=\"unit\">%s</span>"
                "</figcaption>",
                repeat_title(metric), unit_label(metric->unit));
    if (metric->point_count == 0) {
        text_add(out, "<p class=\"nm\">not measurable: no pair of photos has this number</p>"
                      "</figure>\n");
        return;
    }
    struct plot plot = make_plot(metric);
    text_format(out,
                "<svg viewBox=\"0 0 %d %d\" role=\"img\"><title>%s: difference of two photos of "
                "the same skin against their mean; the figures are in the table</title>",
                WIDTH, HEIGHT, repeat_title(metric));
    put_ticks(out, &plot);
    put_line(out, &plot, &metric->upper, "limit", "edge");
    put_line(out, &plot, &metric->lower, "limit", "edge");
    put_line(out, &plot, &metric->bias, "bias", "band");
    put_pairs(out, &plot, repeat, metric);
    text_format(out,
                "<text class=\"name\" x=\"%d\" y=\"%d\">mean of the two photos</text>"
                "<text class=\"name\" transform=\"translate(13 %d) rotate(-90)\">later less "
                "first</text></svg></figure>\n",
                (LEFT + RIGHT) / 2, BOTTOM + 40, (TOP + BOTTOM) / 2);
}
