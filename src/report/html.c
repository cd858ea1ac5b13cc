/* report.html: one file that a person reads. */
#include "report/html.h"
#include "report/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- header ---- */

static const char *page_title(const struct striae_result *result)
{
    if (result->session_count == 1)
        return "Stretch marks: measurement";
    return result->session_count == 2 ? "Stretch marks: comparison of two photos"
                                      : "Stretch marks: series of photos";
}

static void put_captured(struct page *page, const char *captured)
{
    if (!*captured) {
        text_add(&page->out, "<span class=\"nm\">unknown</span>");
        return;
    }
    for (const char *c = captured; *c; c++) {
        char one[2] = {*c == 'T' ? ' ' : *c, '\0'};
        text_html(&page->out, one);
    }
}

static void put_header(struct page *page)
{
    const struct striae_result *result = page->result;
    struct text *out = &page->out;
    text_format(out,
                "<header>\n<h1>%s</h1>\n<p class=\"sub\">Measured by striae %s. What is "
                "measured here is appearance, never a diagnosis.</p>\n",
                page_title(result), striae_version());
    text_add(out, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Photos\">"
                  "<table class=\"files\"><thead><tr><th scope=\"col\">Photo</th>"
                  "<th scope=\"col\">File</th><th scope=\"col\">Taken</th><th scope=\"col\" "
                  "class=\"n\">Size</th><th scope=\"col\">SHA-256</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < result->session_count; i++) {
        const struct session *s = &result->sessions[i];
        text_add(out, "<tr><th scope=\"row\">");
        put_session_title(page, i);
        text_add(out, "</th><td>");
        text_html(out, s->path ? path_name(s->path) : "");
        text_add(out, "</td><td>");
        put_captured(page, s->captured);
        text_format(out,
                    "</td><td class=\"n\">%d&nbsp;&times;&nbsp;%d</td><td><code title=\"%s\">"
                    "%.12s&hellip;</code></td></tr>\n",
                    s->width, s->height, s->sha256, s->sha256);
    }
    text_add(out, "</tbody></table></div>\n</header>\n");
}

/* ---- summary ---- */

static const striae_metric summary_metrics[] = {STRIAE_METRIC_WIDTH, STRIAE_METRIC_AREA,
                                                STRIAE_METRIC_DELTA_A};
enum { SUMMARY = sizeof summary_metrics / sizeof *summary_metrics };

static void put_unit(struct page *page, const char *unit)
{
    if (unit && *unit)
        text_format(&page->out, "&nbsp;%s", unit_label(unit));
}

/* The headline of a card: percent where there is one, else the difference. Greyed where it cannot
 * be told from no change: what is read first must not look like a finding. */
static void put_card_headline(struct page *page, const striae_difference *d,
                              const striae_quantity *first)
{
    struct text *out = &page->out;
    text_add(out, is_untold(d) ? "<p class=\"big unsure\">" : "<p class=\"big\">");
    if (isfinite(percent_of(d, first))) {
        put_percent(page, d->percent);
    } else {
        text_add(out, d->difference.value > 0 ? "+" : "");
        put_value(page, &d->difference, first);
        text_format(out, " <span class=\"unit\">%s</span>", unit_label(d->difference.unit));
    }
    text_add(out, "</p>");
}

/* "2.30 &rarr; 1.70 mm": the two values whose difference the change is, not the photos' totals. */
static void put_compared(struct page *page, const striae_difference *d,
                         const striae_quantity *first)
{
    striae_quantity a = {d->first, NAN, NAN, first->unit, NULL};
    striae_quantity b = {d->later, NAN, NAN, first->unit, NULL};
    if (!is_known(&a) || !is_known(&b))
        return;
    text_add(&page->out, "<p>");
    put_value(page, &a, first);
    text_add(&page->out, " &rarr; ");
    put_value(page, &b, first);
    put_unit(page, first->unit);
    text_add(&page->out, "</p>");
}

static void put_change_card(struct page *page, const struct change *change, striae_metric metric)
{
    struct text *out = &page->out;
    const striae_quantity *first = &page->result->sessions[0].total[metric];
    const striae_difference *d = &change->total[metric];
    text_format(out, "<div class=\"card\"><h3>%s</h3>", metric_title(metric));
    if (is_known(&d->difference)) {
        put_card_headline(page, d, first);
        put_compared(page, d, first);
        text_format(out, "<p class=\"note\">change %s", d->difference.value > 0 ? "+" : "");
        put_value(page, &d->difference, first);
        put_unit(page, d->difference.unit);
        text_add(out, ", 95&nbsp;% interval <span class=\"keep\">");
        put_interval(page, &d->difference, first);
        text_add(out, "</span></p>");
        put_verdict(page, d);
        if (is_untold(d) && d->reason) {
            text_add(out, "<p class=\"note\">");
            text_html(out, d->reason);
            text_add(out, "</p>");
        }
    } else {
        text_add(out, "<p>");
        put_value(page, &d->difference, first);
        text_add(out, "</p>");
    }
    text_add(out, "</div>\n");
}

static void put_value_card(struct page *page, const char *title, const striae_quantity *q)
{
    struct text *out = &page->out;
    text_format(out, "<div class=\"card\"><h3>%s</h3>", title);
    if (is_known(q)) {
        text_add(out, "<p class=\"big\">");
        put_value(page, q, q);
        text_format(out,
                    " <span class=\"unit\">%s</span></p><p class=\"note\">95&nbsp;%% interval ",
                    unit_label(q->unit));
        put_interval(page, q, q);
        text_add(out, "</p>");
    } else {
        text_add(out, "<p>");
        put_value(page, q, q);
        text_add(out, "</p>");
    }
    text_add(out, "</div>\n");
}

/* "Mean width decreased, area decreased, redness is unchanged." */
static void put_verdict_sentence(struct page *page, const struct change *change)
{
    static const char *const names[SUMMARY] = {"mean width", "total area",
                                               "redness against the skin"};
    static const char *const words[] = {"could not be measured", "decreased", "is unchanged",
                                        "increased"};
    static const char *const untold = "may or may not have changed";
    struct text *out = &page->out;
    for (size_t i = 0; i < SUMMARY; i++) {
        const striae_difference *d = &change->total[summary_metrics[i]];
        size_t v = is_known(&d->difference) && (unsigned)d->verdict < 4 ? (size_t)d->verdict : 0;
        text_format(out, "%s%s <strong>%s</strong>",
                    i == 0            ? ""
                    : i + 1 < SUMMARY ? ", "
                                      : " and ",
                    names[i], is_untold(d) ? untold : words[v]);
    }
    text_add(out, ". ");
}

/* "none is gone", "1 is gone", "3 are gone" */
static void put_number_of(struct text *out, size_t count, const char *what)
{
    if (count)
        text_format(out, "%zu %s %s", count, count == 1 ? "is" : "are", what);
    else
        text_format(out, "none is %s", what);
}

static void put_count_sentence(struct page *page, const struct change *change)
{
    struct text *out = &page->out;
    size_t count[5] = {0};
    for (size_t i = 0; i < change->row_count; i++)
        if ((unsigned)change->rows[i].status < 5)
            count[change->rows[i].status]++;
    size_t followed = count[CHANGE_MATCHED] + count[CHANGE_SPLIT] + count[CHANGE_MERGED];
    text_format(out, "%zu %s followed from one photo to the other, ", followed,
                followed == 1 ? "stria was" : "striae were");
    put_number_of(out, count[CHANGE_GONE], "gone");
    text_add(out, ", ");
    put_number_of(out, count[CHANGE_NEW], "new");
    text_add(out, ".");
}

static void put_watch(struct page *page, const struct change *change)
{
    struct text *out = &page->out;
    if (!change->watch_count)
        return;
    text_add(out, "<div class=\"notice\"><p><strong>To look at in the patient</strong></p><ul>");
    for (size_t i = 0; i < change->watch_count; i++) {
        text_add(out, "<li>");
        text_html(out, change->watch[i].message);
        if (is_known(&change->watch[i].area)) {
            text_add(out, " (");
            put_value(page, &change->watch[i].area, NULL);
            put_unit(page, change->watch[i].area.unit);
            text_add(out, ")");
        }
        text_add(out, "</li>");
    }
    text_add(out, "</ul></div>\n");
}

static bool ends_sentence(const char *text)
{
    size_t length = strlen(text);
    return length && strchr(".!?", text[length - 1]);
}

static void put_refusal(struct page *page, const struct change *change)
{
    struct text *out = &page->out;
    text_add(out, "<div class=\"notice stop\" role=\"note\"><p><strong>Not compared:</strong> ");
    text_html(out, change->reason);
    text_add(out, ends_sentence(change->reason) ? "" : ".");
    text_add(out,
             "</p><p>Each photo has been measured by itself below; no change is stated, because "
             "the same skin could not be found in both.</p></div>\n");
}

static void put_change_summary(struct page *page, const struct change *change)
{
    struct text *out = &page->out;
    if (page->result->session_count > 2) {
        text_add(out, "<h3>");
        put_session_title(page, change->to);
        text_add(out, " against the baseline</h3>\n");
    }
    if (change->refused) {
        put_refusal(page, change);
        return;
    }
    text_add(out, "<p class=\"lead\">From the first to the later photo, ");
    put_verdict_sentence(page, change);
    put_count_sentence(page, change);
    text_add(out, "</p>\n<div class=\"cards\">\n");
    for (size_t i = 0; i < SUMMARY; i++)
        put_change_card(page, change, summary_metrics[i]);
    text_add(out,
             "</div>\n<p class=\"note\">Width and redness: along the stretches of striae that "
             "were measured in both photos. Area: over the skin that both show, with the striae "
             "that came or went. The totals of each photo stand in its own section.</p>\n");
    put_watch(page, change);
    put_became(page, change);
}

/* Warnings and failures of every photo, in one place near the top. */
static void put_quality_notice(struct page *page)
{
    struct text *out = &page->out;
    size_t found = 0;
    for (size_t i = 0; i < page->result->session_count; i++) {
        const struct qc *qc = &page->result->sessions[i].qc;
        for (size_t k = 0; k < qc->count; k++) {
            if (qc->rows[k].status == QC_PASS)
                continue;
            if (!found++)
                text_add(out, "<div class=\"notice\"><p><strong>About the photos</strong></p><ul>");
            text_add(out, "<li>");
            put_session_title(page, i);
            text_add(out, ": ");
            text_html(out, qc->rows[k].message);
            text_add(out, "</li>");
        }
    }
    if (found)
        text_add(out, "</ul></div>\n");
}

static void put_summary(struct page *page)
{
    const struct striae_result *result = page->result;
    struct text *out = &page->out;
    text_add(out, "<section>\n<h2>Summary</h2>\n");
    if (result->session_count == 1) {
        const struct session *s = &result->sessions[0];
        text_format(out, "<p class=\"lead\">%zu %s found.</p>\n<div class=\"cards\">\n",
                    s->stria_count, s->stria_count == 1 ? "stria was" : "striae were");
        for (size_t i = 0; i < SUMMARY; i++)
            put_value_card(page, metric_title(summary_metrics[i]), &s->total[summary_metrics[i]]);
        text_add(out, "</div>\n");
    }
    for (size_t i = 0; i < result->change_count; i++)
        put_change_summary(page, &result->changes[i]);
    put_quality_notice(page);
    text_add(out, "</section>\n");
}

/* ---- comparisons and sessions ---- */

static void put_alignment(struct page *page, const struct change *change)
{
    struct text *out = &page->out;
    text_add(out, "<dl class=\"facts\">\n<div><dt>Alignment</dt><dd>ok</dd></div>\n"
                  "<div><dt>Alignment error</dt><dd>");
    put_value(page, &change->alignment_error, NULL);
    if (is_known(&change->alignment_error))
        put_unit(page, change->alignment_error.unit);
    text_add(out, "</dd></div>\n<div><dt>Skin seen in both photos</dt><dd>");
    if (isfinite(change->overlap_percent)) {
        text_figure(out, change->overlap_percent, 0);
        text_add(out, "&nbsp;%");
    } else {
        text_add(out, "&ndash;");
    }
    text_add(out,
             "</dd></div>\n<div><dt>Change of the skin's own tone &Delta;E<sub>00</sub></dt><dd>");
    put_value(page, &change->skin_delta_e00.difference, NULL);
    text_add(out, "</dd></div>\n<div><dt>Change of the skin's ITA</dt><dd>");
    put_value(page, &change->skin_ita.difference, NULL);
    text_add(out, "</dd></div>\n</dl>\n");
}

static void put_comparison(struct page *page, const struct change *change)
{
    struct text *out = &page->out;
    if (change->refused)
        return;
    text_format(out, "<section data-marks=\"marks0 aligned-marks%zu\">\n<h2>", change->to);
    if (page->result->session_count > 2) {
        text_add(out, "Comparison: ");
        put_session_title(page, change->to);
        text_add(out, " against the baseline");
    } else {
        text_add(out, "Comparison");
    }
    text_add(out, "</h2>\n");
    put_slider(page, change);
    put_alignment(page, change);
    put_change_totals(page, change);
    put_change_striae(page, change);
    text_add(out, "</section>\n");
}

static void put_session(struct page *page, size_t session)
{
    struct text *out = &page->out;
    text_format(out, "<section data-marks=\"marks%zu\">\n<h2>", session);
    put_session_title(page, session);
    text_add(out, ": ");
    const char *path = page->result->sessions[session].path;
    text_html(out, path ? path_name(path) : "");
    text_add(out, "</h2>\n");
    put_photo(page, session);
    put_session_facts(page, session);
    put_qc(page, session);
    put_session_totals(page, session);
    put_session_striae(page, session);
    text_add(out, "</section>\n");
}

/* ---- the page ---- */

static void put_footer(struct page *page)
{
    const struct striae_result *result = page->result;
    text_format(&page->out,
                "<footer><p class=\"note\">striae %s &middot; options <code>%.12s</code> &middot; "
                "model <code>%.12s</code> &middot; all numbers in full precision: result.json</p>"
                "</footer>\n",
                striae_version(), *result->config_sha256 ? result->config_sha256 : "none",
                *result->model_sha256 ? result->model_sha256 : "none");
}

striae_status report_html(const struct striae_result *result, char **html, size_t *size,
                          striae_error *error)
{
    struct page page = {.result = result};
    struct text *out = &page.out;
    *html = NULL;
    *size = 0;
    text_format(out,
                "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                "<title>%s</title>\n<style>\n",
                page_title(result));
    text_add(out, page_css);
    text_add(out, "</style>\n</head>\n<body>\n");
    striae_status status = put_picture_store(&page, error);
    put_header(&page);
    text_add(out, "<main>\n");
    put_summary(&page);
    put_charts(&page);
    for (size_t i = 0; i < result->change_count; i++)
        put_comparison(&page, &result->changes[i]);
    for (size_t i = 0; i < result->session_count; i++)
        put_session(&page, i);
    put_definitions(&page);
    text_add(out, "</main>\n");
    put_footer(&page);
    text_add(out, "<script>\n");
    text_add(out, page_js);
    text_add(out, "</script>\n</body>\n</html>\n");
    if (status == STRIAE_OK && out->failed)
        status = fail_memory(error);
    if (status != STRIAE_OK) {
        text_free(out);
        return status;
    }
    *html = out->data;
    *size = out->size;
    return STRIAE_OK;
}
