/* report.html of a repeatability study. */
#include "report/html.h"
#include "report/report.h"

#include <math.h>
#include <string.h>

#define MANY_TARGETS 30 /* fewer leave wide intervals */

static const char *status_style(enum repeat_status status)
{
    return status == REPEAT_OK ? "pass" : status == REPEAT_SKIPPED ? "warn" : "fail";
}

static const char *status_word(enum repeat_status status)
{
    static const char *const words[] = {"pending", "ok", "refused", "failed", "left out"};
    return words[status];
}

static void put_intro(struct page *page, const struct repeat *repeat)
{
    struct text *out = &page->out;
    text_format(out,
                "<header>\n<h1>Repeatability of the measurements</h1>\n<p class=\"sub\">Measured "
                "by striae %s from photos of unchanged skin. What is measured here is appearance, "
                "never a diagnosis.</p>\n</header>\n<main>\n<section>\n<h2>Summary</h2>\n",
                striae_version());
    text_format(out,
                "<p class=\"lead\">%zu of %zu targets (the same skin, photographed again) of %zu "
                "%s and %zu of %zu photos went into the figures. ",
                repeat->measured_targets, repeat->target_count, repeat->subjects,
                repeat->subjects == 1 ? "person" : "persons", repeat->measured_photos,
                repeat->photo_count);
    text_add(out, repeat->by_session
                      ? "Photos of one session count as repeats of each other.</p>\n"
                      : "All photos of one subject, site and side count as repeats of each "
                        "other.</p>\n");
}

static void put_warnings(struct page *page, const struct repeat *repeat)
{
    struct text *out = &page->out;
    size_t other = 0;
    for (size_t t = 0; t < repeat->target_count; t++)
        other +=
            repeat->targets[t].measured > 0 && repeat->targets[t].has_scale != repeat->has_scale;
    bool few = repeat->measured_targets < MANY_TARGETS,
         missing = repeat->measured_photos < repeat->photo_count,
         shared = repeat->subjects < repeat->measured_targets;
    if (!few && !missing && !shared && !other)
        return;
    text_add(out,
             "<div class=\"notice\"><p><strong>Before these figures are used</strong></p><ul>");
    if (few)
        text_format(out,
                    "<li>%zu targets are few: mind the intervals. Thirty or more, photographed by "
                    "those who will take the photos later, give figures to rely on.</li>",
                    repeat->measured_targets);
    if (missing)
        text_format(out,
                    "<li>%zu of %zu photos could not be used; the last table says why. If the "
                    "hard ones are missing, the figures flatter.</li>",
                    repeat->photo_count - repeat->measured_photos, repeat->photo_count);
    if (shared)
        text_format(out,
                    "<li>%zu targets belong to %zu persons. Targets of one person are not "
                    "independent; the intervals take them as if they were.</li>",
                    repeat->measured_targets, repeat->subjects);
    if (other)
        text_format(out,
                    "<li>%zu targets have no scale; their lengths, widths and areas are left out."
                    "</li>",
                    other);
    text_add(out, "</ul></div>\n");
}

/* Two significant digits of the standard error, and everything beside it alike. */
static int decimals_for(const striae_quantity *sem)
{
    if (!is_known(sem) || !(sem->value > 0))
        return 2;
    return (int)fmin(6, fmax(0, 1 - floor(log10(sem->value))));
}

static void put_cell(struct page *page, const striae_quantity *q, int decimals)
{
    struct text *out = &page->out;
    if (!is_known(q)) {
        put_value_cell(page, q, NULL);
        return;
    }
    text_add(out, "<td class=\"n\">");
    text_figure(out, q->value, decimals);
    if (isfinite(q->low) && isfinite(q->high)) {
        text_add(out, "<span class=\"ci\">");
        text_figure(out, q->low, decimals);
        text_add(out, " to ");
        text_figure(out, q->high, decimals);
        text_add(out, "</span>");
    }
    text_add(out, "</td>");
}

static void put_numbers_row(struct page *page, const struct repeat_metric *metric)
{
    struct text *out = &page->out;
    int decimals = decimals_for(&metric->sem);
    text_format(out,
                "<tr><th scope=\"row\">%s</th><td>%s</td><td class=\"n\">%zu / %zu</td>"
                "<td class=\"n\">",
                repeat_title(metric), unit_label(metric->unit), metric->targets, metric->photos);
    if (isfinite(metric->mean))
        text_figure(out, metric->mean, decimals);
    else
        text_add(out, "&ndash;");
    text_add(out, "</td>");
    put_cell(page, &metric->sem, decimals);
    put_cell(page, &metric->mdc95, decimals);
    put_cell(page, &metric->icc, 3);
    put_cell(page, &metric->bias, decimals);
    put_cell(page, &metric->lower, decimals);
    put_cell(page, &metric->upper, decimals);
    put_cell(page, &metric->cv, 1);
    text_add(out, "</tr>\n");
}

static void put_numbers(struct page *page, const struct repeat *repeat)
{
    struct text *out = &page->out;
    text_add(out,
             "<h3>Totals of a photo</h3>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
             "aria-label=\"Repeatability of totals\"><table class=\"striae\"><thead><tr>"
             "<th scope=\"col\">Metric</th><th scope=\"col\">Unit</th><th scope=\"col\" "
             "class=\"n\">Targets / photos</th><th scope=\"col\" class=\"n\">Mean</th>"
             "<th scope=\"col\" class=\"n\">SEM</th><th scope=\"col\" class=\"n\">"
             "MDC<sub>95</sub></th><th scope=\"col\" class=\"n\">ICC(2,1)</th><th scope=\"col\" "
             "class=\"n\">Bias</th><th scope=\"col\" class=\"n\">Lower limit of agreement</th>"
             "<th scope=\"col\" class=\"n\">Upper limit of agreement</th><th scope=\"col\" "
             "class=\"n\">Coefficient of variation, %</th></tr></thead>\n<tbody>\n");
    open_notes(page);
    for (size_t m = 0; m < REPEAT_METRICS; m++)
        put_numbers_row(page, &repeat->metric[m]);
    text_add(out, "</tbody></table></div>\n");
    close_notes(page);
    text_add(out, "<p class=\"note\">Small figures: 95&nbsp;% intervals. A change smaller than "
                  "MDC<sub>95</sub> cannot be told from noise. This folder's repeat.json gives "
                  "these limits to <code>striae compare --repeatability</code>.</p>\n");
}

static void put_striae(struct page *page, const struct repeat *repeat)
{
    struct text *out = &page->out;
    text_add(out, "<h3>A single stria</h3>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                  "aria-label=\"Repeatability of single striae\"><table class=\"striae\"><thead>"
                  "<tr><th scope=\"col\">Metric</th><th scope=\"col\">Unit</th><th scope=\"col\" "
                  "class=\"n\">Striae</th><th scope=\"col\" class=\"n\">SEM</th><th scope=\"col\" "
                  "class=\"n\">MDC<sub>95</sub></th></tr></thead>\n<tbody>\n");
    open_notes(page);
    for (size_t m = 0; m < REPEAT_METRICS; m++) {
        const struct repeat_metric *metric = &repeat->metric[m];
        if (metric->is_percent)
            continue;
        text_format(out, "<tr><th scope=\"row\">%s</th><td>%s</td><td class=\"n\">%zu</td>",
                    repeat_title(metric), unit_label(metric->unit), metric->striae);
        int decimals = decimals_for(&metric->stria_sem);
        put_cell(page, &metric->stria_sem, decimals);
        put_cell(page, &metric->stria_mdc95, decimals);
        text_add(out, "</tr>\n");
    }
    text_add(out, "</tbody></table></div>\n");
    close_notes(page);
    text_add(out, "<p class=\"note\">Striae found in every photo of their skin. Those of one skin "
                  "are not independent: the intervals count them as one.</p>\n");
}

static void put_plots(struct page *page, const struct repeat *repeat)
{
    struct text *out = &page->out;
    text_add(out, "</section>\n<section>\n<h2>Bland-Altman plots</h2>\n<div class=\"charts\">\n");
    for (size_t m = 0; m < REPEAT_METRICS; m++)
        put_bland_altman(page, repeat, &repeat->metric[m]);
    text_add(out, "</div>\n<p class=\"note\">A dot: a later photo and the first one of the same "
                  "skin. Line: bias; dashed: 95&nbsp;% limits of agreement; shaded: their "
                  "95&nbsp;% intervals.</p>\n</section>\n");
}

static void put_photos(struct page *page, const struct repeat *repeat)
{
    struct text *out = &page->out;
    text_add(out, "<section>\n<h2>Photos</h2>\n<div class=\"scroll\" tabindex=\"0\" "
                  "role=\"region\" aria-label=\"Photos\"><table class=\"qc\"><thead><tr>"
                  "<th scope=\"col\">Target</th><th scope=\"col\">Session</th><th scope=\"col\">"
                  "Photo</th><th scope=\"col\">Status</th><th scope=\"col\">Reason</th></tr>"
                  "</thead>\n<tbody>\n");
    for (size_t t = 0; t < repeat->target_count; t++) {
        for (size_t i = 0; i < repeat->targets[t].count; i++) {
            const struct repeat_photo *photo = &repeat->photos[repeat->targets[t].photos[i]];
            text_add(out, "<tr><th scope=\"row\">");
            text_html(out, repeat->targets[t].name);
            text_add(out, "</th><td>");
            if (photo->session >= 0)
                text_format(out, "%d", photo->session);
            text_add(out, "</td><td>");
            text_html(out, photo->photo);
            text_format(out, "</td><td><span class=\"chip %s\">%s</span></td><td>",
                        status_style(photo->status), status_word(photo->status));
            text_html(out, photo->reason);
            text_add(out, "</td></tr>\n");
        }
    }
    text_add(out, "</tbody></table></div>\n</section>\n");
}

static void put_methods(struct page *page)
{
    text_add(
        &page->out,
        "<section>\n<h2>How to read the figures</h2>\n<dl class=\"terms\">\n"
        "<dt>SEM</dt><dd>Standard error of measurement: the within-subject standard deviation of "
        "repeated photos (Bland and Altman 1996), interval by chi-square.</dd>\n"
        "<dt>MDC<sub>95</sub></dt><dd>Minimal detectable change: 1.96 &radic;2 SEM, about 2.77 "
        "SEM. "
        "Two photos of unchanged skin differ by more in 5 of 100 cases.</dd>\n"
        "<dt>ICC(2,1)</dt><dd>Absolute agreement of single measurements, two-way random effects "
        "(Shrout and Fleiss 1979), interval after McGraw and Wong (1996). It depends on how much "
        "the measured persons differ: 1 is perfect.</dd>\n"
        "<dt>Bias, limits of agreement</dt><dd>Mean difference of a later photo from the first, "
        "and the range that holds 95&nbsp;% of the differences (Bland and Altman 1986, 1999); with "
        "more than two photos of a skin, the form for repeated measurements with the intervals of "
        "Zou (2013).</dd>\n"
        "<dt>Coefficient of variation</dt><dd>Within-subject, from logarithms (Bland and Altman "
        "1996). Only for numbers whose zero means none.</dd>\n"
        "<dt>Values</dt><dd>Each later photo is compared with the first one of its skin over the "
        "skin and striae that both show, just as a comparison of two sessions is.</dd>\n</dl>\n"
        "<p class=\"disclaimer\">What is measured here is appearance, never a diagnosis.</p>\n"
        "</section>\n</main>\n");
}

static void put_end(struct page *page, const struct repeat *repeat)
{
    text_format(&page->out,
                "<footer><p class=\"note\">striae %s &middot; manifest <code>%.12s</code> &middot; "
                "all numbers: repeat.csv, photos.csv, repeat.json</p></footer>\n</body>\n</html>\n",
                striae_version(), repeat->sha256);
}

striae_status report_repeat(const struct repeat *repeat, char **html, size_t *size,
                            striae_error *error)
{
    struct page page = {0};
    struct text *out = &page.out;
    *html = NULL;
    *size = 0;
    text_add(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                  "<title>Stretch marks: repeatability</title>\n<style>\n");
    text_add(out, page_css);
    text_add(out, repeat_css);
    text_add(out, "</style>\n</head>\n<body>\n");
    put_intro(&page, repeat);
    put_warnings(&page, repeat);
    put_numbers(&page, repeat);
    put_striae(&page, repeat);
    put_plots(&page, repeat);
    put_photos(&page, repeat);
    put_methods(&page);
    put_end(&page, repeat);
    if (out->failed) {
        text_free(out);
        return fail_memory(error);
    }
    *html = out->data;
    *size = out->size;
    return STRIAE_OK;
}
