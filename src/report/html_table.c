/* Tables of the report. */
#include "report/html.h"

#include <math.h>
#include <string.h>

/* Rows in the order in which people ask. */
static const striae_metric metric_order[] = {
    STRIAE_METRIC_WIDTH,   STRIAE_METRIC_AREA,    STRIAE_METRIC_LENGTH,    STRIAE_METRIC_DELTA_A,
    STRIAE_METRIC_DELTA_L, STRIAE_METRIC_DELTA_B, STRIAE_METRIC_DELTA_E00, STRIAE_METRIC_ERYTHEMA,
    STRIAE_METRIC_MELANIN, STRIAE_METRIC_TEXTURE, STRIAE_METRIC_WIDTH_RAW, STRIAE_METRIC_AREA_RAW};

enum { ORDER = sizeof metric_order / sizeof *metric_order };

void open_table(struct page *page, const char *class, const char *caption)
{
    text_format(&page->out,
                "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">"
                "<table class=\"%s\"><caption>%s</caption>\n",
                caption, class, caption);
}

void close_table(struct page *page)
{
    text_add(&page->out, "</tbody></table></div>\n");
}

/* "Mean width" with its unit, as a row's heading. */
static void put_metric_heading(struct page *page, striae_metric metric, const char *unit)
{
    text_format(&page->out, "<th scope=\"row\">%s", metric_title(metric));
    if (unit && *unit)
        text_format(&page->out, " <span class=\"unit\">%s</span>", unit_label(unit));
    text_add(&page->out, "</th>");
}

void put_compared_cell(struct page *page, double value, const striae_quantity *like)
{
    struct text *out = &page->out;
    striae_quantity q = {value, NAN, NAN, like->unit, NULL};
    if (is_known(&q))
        put_value_cell(page, &q, like);
    else
        text_add(out, "<td class=\"n\">&ndash;</td>");
}

/* A star marks a built-in limit among the user's own. */
static void put_detectable_cell(struct page *page, const striae_difference *d,
                                const striae_quantity *first)
{
    bool strange = page->result->repeatability.path && d->mdc_source == STRIAE_MDC_BUILT_IN;
    striae_quantity mdc = {d->mdc95, NAN, NAN, d->difference.unit, NULL};
    text_add(&page->out, "<td class=\"n\">");
    if (is_known(&mdc))
        put_value(page, &mdc, first);
    text_add(&page->out, strange ? "*</td>" : "</td>");
}

static void put_difference_cells(struct page *page, const striae_difference *d,
                                 const striae_quantity *first)
{
    struct text *out = &page->out;
    if (!is_known(&d->difference)) {
        text_add(out, "<td class=\"n\" colspan=\"3\">");
        put_value(page, &d->difference, first);
        text_add(out, "</td>");
    } else {
        put_value_cell(page, &d->difference, first);
        text_add(out, "<td class=\"n\">");
        put_percent(page, percent_of(d, first));
        text_add(out, "</td>");
        put_detectable_cell(page, d, first);
    }
    text_add(out, "<td>");
    put_verdict(page, d);
    text_add(out, "</td>");
}

void put_change_totals(struct page *page, const struct change *change)
{
    struct text *out = &page->out;
    const struct session *first = &page->result->sessions[0];
    size_t untold = 0;
    open_table(page, "totals", "All striae together");
    text_add(out, "<thead><tr><th scope=\"col\">Measure</th><th scope=\"col\" class=\"n\">");
    put_session_title(page, 0);
    text_add(out, "</th><th scope=\"col\" class=\"n\">");
    put_session_title(page, change->to);
    text_add(out, "</th><th scope=\"col\" class=\"n\">Change</th><th scope=\"col\" class=\"n\">"
                  "Change in %</th><th scope=\"col\" class=\"n\">MDC<sub>95</sub></th>"
                  "<th scope=\"col\">Verdict</th></tr></thead>\n<tbody>\n");
    for (int i = 0; i < ORDER; i++) {
        striae_metric m = metric_order[i];
        text_add(out, "<tr>");
        put_metric_heading(page, m, first->total[m].unit);
        put_compared_cell(page, change->total[m].first, &first->total[m]);
        put_compared_cell(page, change->total[m].later, &first->total[m]);
        put_difference_cells(page, &change->total[m], &first->total[m]);
        text_add(out, "</tr>\n");
        untold += is_untold(&change->total[m]);
    }
    close_table(page);
    text_add(out, "<p class=\"note\">Over the skin that both photos show. Small figures: 95&nbsp;% "
                  "interval. The totals of each photo, over "
                  "all skin in its view and with their intervals, stand in its own section. ");
    if (untold)
        text_add(out,
                 "Cannot be told: larger than MDC<sub>95</sub>, but with an interval that holds 0; "
                 "or with one so wide that a large change is as possible as none.");
    text_add(out, "</p>\n");
}

/* ---- striae ---- */

static const struct stria *find_stria(const struct session *session, const int *ids, size_t count)
{
    for (size_t i = 0; count == 1 && i < session->stria_count; i++)
        if (session->striae[i].id == ids[0])
            return &session->striae[i];
    return NULL;
}

static void put_ids(struct page *page, const int *ids, size_t count)
{
    for (size_t i = 0; i < count; i++)
        text_format(&page->out, "%s%d", i ? "+" : "", ids[i]);
    if (!count)
        text_add(&page->out, "&ndash;");
}

/* What the change compares, so that later less first is the change; where there is none, the
 * stria's own value. Without its interval: the change carries one, those of the photos stand
 * further down. */
static void put_stria_value(struct page *page, const struct change_row *row, int side,
                            const struct stria *stria, striae_metric metric)
{
    const striae_difference *d = &row->metric[metric];
    striae_quantity q = quantity_unknown(NULL, d->difference.unit);
    if (is_known(&d->difference) && (side ? row->to_count : row->from_count))
        q.value = side ? d->later : d->first;
    else if (stria)
        q = stria->metric[metric];
    q.low = q.high = NAN;
    if (is_known(&q) || q.reason)
        put_value_cell(page, &q, NULL);
    else
        text_add(&page->out, "<td class=\"n\">&ndash;</td>");
}

static void put_stria_change(struct page *page, const striae_difference *d)
{
    struct text *out = &page->out;
    if (!is_known(&d->difference)) {
        text_add(out, "<td class=\"n\">");
        put_value(page, &d->difference, NULL);
        text_add(out, "</td>");
        return;
    }
    const struct verdict_look *look = verdict_look(d);
    text_add(out, "<td class=\"n\" data-v=\"");
    text_number(out, d->difference.value, 6);
    text_format(out,
                "\"><span class=\"sign %s\" title=\"%s\" aria-label=\"%s\" role=\"img\">%s</span> ",
                look->style, look->word, look->word, look->sign);
    if (d->difference.value > 0)
        text_add(out, "+");
    put_value(page, &d->difference, NULL);
    text_add(out, "<span class=\"ci\">");
    put_interval(page, &d->difference, NULL);
    text_add(out, "</span></td>");
}

static const striae_metric shown_per_stria[] = {STRIAE_METRIC_WIDTH, STRIAE_METRIC_AREA,
                                                STRIAE_METRIC_DELTA_A};
enum { SHOWN = sizeof shown_per_stria / sizeof *shown_per_stria };

static void put_change_row(struct page *page, const struct change *change,
                           const struct change_row *row)
{
    struct text *out = &page->out;
    const struct stria *first =
        find_stria(&page->result->sessions[0], row->from_ids, row->from_count);
    const struct stria *later =
        find_stria(&page->result->sessions[change->to], row->to_ids, row->to_count);
    const struct stria *known = first ? first : later;
    text_add(out, "<tr data-s=\"");
    text_html(out, row->label);
    text_format(out, "\"><th scope=\"row\" data-v=\"%d\">",
                row->from_count ? row->from_ids[0] : 100000 + (row->to_count ? row->to_ids[0] : 0));
    text_html(out, row->label);
    text_add(out, "</th><td>");
    put_ids(page, row->from_ids, row->from_count);
    text_add(out, "&nbsp;&rarr;&nbsp;");
    put_ids(page, row->to_ids, row->to_count);
    text_format(out, "</td><td>%s</td><td>%s</td>", known ? kind_name(known->kind) : "&ndash;",
                change_status_name(row->status));
    for (int i = 0; i < SHOWN; i++) {
        put_stria_value(page, row, 0, first, shown_per_stria[i]);
        put_stria_value(page, row, 1, later, shown_per_stria[i]);
        put_stria_change(page, &row->metric[shown_per_stria[i]]);
    }
    text_add(out, "</tr>\n");
}

void put_change_striae(struct page *page, const struct change *change)
{
    struct text *out = &page->out;
    const struct session *first = &page->result->sessions[0];
    open_notes(page);
    open_table(page, "striae sortable", "Each stria");
    text_add(out, "<thead><tr><th colspan=\"4\"></th>");
    for (int i = 0; i < SHOWN; i++)
        text_format(out,
                    "<th colspan=\"3\" scope=\"colgroup\" class=\"group\">%s "
                    "<span class=\"unit\">%s</span></th>",
                    metric_title(shown_per_stria[i]),
                    unit_label(first->total[shown_per_stria[i]].unit));
    text_add(
        out,
        "</tr>\n<tr class=\"sort\"><th scope=\"col\">Stria</th><th scope=\"col\">No. first&nbsp;"
        "&rarr;&nbsp;later</th><th scope=\"col\">Kind</th><th scope=\"col\">Status</th>");
    for (int i = 0; i < SHOWN; i++)
        text_add(out,
                 "<th scope=\"col\" class=\"n\">first</th><th scope=\"col\" class=\"n\">later</th>"
                 "<th scope=\"col\" class=\"n\">change</th>");
    text_add(out, "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < change->row_count; i++)
        put_change_row(page, change, &change->rows[i]);
    close_table(page);
    text_add(out,
             "<p class=\"note\">&#9650; increased, &#9660; decreased, = unchanged, ? cannot be "
             "told from no change. First and later are what the change compares: width and "
             "redness along the stretches measured in both photos, area on the skin that both "
             "show. The whole stria stands in the section of its photo.</p>\n");
    close_notes(page);
}

void put_session_striae(struct page *page, size_t session)
{
    static const striae_metric shown[] = {STRIAE_METRIC_WIDTH,   STRIAE_METRIC_LENGTH,
                                          STRIAE_METRIC_AREA,    STRIAE_METRIC_DELTA_A,
                                          STRIAE_METRIC_DELTA_L, STRIAE_METRIC_DELTA_E00};
    enum { COUNT = sizeof shown / sizeof *shown };
    struct text *out = &page->out;
    const struct session *s = &page->result->sessions[session];
    if (!s->stria_count) {
        text_add(out, "<p>No striae were found in this photo.</p>\n");
        return;
    }
    open_notes(page);
    open_table(page, "striae sortable", "Each stria in this photo");
    text_add(out,
             "<thead><tr class=\"sort\"><th scope=\"col\">Stria</th><th scope=\"col\">Kind</th>"
             "<th scope=\"col\" class=\"n\">Probability</th>");
    for (int i = 0; i < COUNT; i++)
        text_format(out, "<th scope=\"col\" class=\"n\">%s <span class=\"unit\">%s</span></th>",
                    metric_title(shown[i]), unit_label(s->total[shown[i]].unit));
    text_add(out, "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < s->stria_count; i++) {
        const struct stria *stria = &s->striae[i];
        text_format(out,
                    "<tr data-s=\"%d\"><th scope=\"row\" data-v=\"%d\">%d</th><td>%s</td>"
                    "<td class=\"n\" data-v=\"",
                    stria->id, stria->id, stria->id, kind_name(stria->kind));
        text_number(out, stria->probability, 6);
        text_add(out, "\">");
        text_figure(out, stria->probability, 2);
        text_add(out, "</td>");
        for (int k = 0; k < COUNT; k++)
            put_value_cell(page, &stria->metric[shown[k]], NULL);
        text_add(out, "</tr>\n");
    }
    close_table(page);
    close_notes(page);
}

/* ---- one session ---- */

void put_session_totals(struct page *page, size_t session)
{
    struct text *out = &page->out;
    const struct session *s = &page->result->sessions[session];
    open_table(page, "totals own", "All striae of this photo");
    text_add(out, "<thead><tr><th scope=\"col\">Measure</th><th scope=\"col\" class=\"n\">Value"
                  "</th></tr></thead>\n<tbody>\n");
    for (int i = 0; i < ORDER; i++) {
        striae_metric m = metric_order[i];
        text_add(out, "<tr>");
        put_metric_heading(page, m, s->total[m].unit);
        put_value_cell(page, &s->total[m], &s->total[m]);
        text_add(out, "</tr>\n");
    }
    close_table(page);
}

static void put_fact(struct page *page, const char *name, const striae_quantity *q)
{
    struct text *out = &page->out;
    text_format(out, "<div><dt>%s</dt><dd>", name);
    put_value(page, q, q);
    if (is_known(q)) {
        if (q->unit && *q->unit && strcmp(q->unit, "L*") != 0)
            text_format(out, "&nbsp;%s", unit_label(q->unit));
        if (isfinite(q->low) && isfinite(q->high) && q->low < q->high) {
            text_add(out, " <span class=\"ci\">");
            put_interval(page, q, q);
            text_add(out, "</span>");
        }
    }
    text_add(out, "</dd></div>\n");
}

void put_session_facts(struct page *page, size_t session)
{
    static const char *const scale_words[] = {"none", "given as an option", "ruler in the photo",
                                              "reference card"};
    struct text *out = &page->out;
    const struct session *s = &page->result->sessions[session];
    text_format(out, "<dl class=\"facts\">\n<div><dt>Striae found</dt><dd>%zu</dd></div>\n",
                s->stria_count);
    put_fact(page, "Share of the skin in view", &s->area_percent);
    put_fact(page, "Skin searched", &s->skin_area);
    put_fact(page, "Skin lightness L*", &s->skin_lightness);
    put_fact(page, "Skin tone ITA", &s->skin_ita);
    put_fact(page, "Scale", &s->px_per_mm);
    text_format(out, "<div><dt>Scale from</dt><dd>%s</dd></div>\n",
                (unsigned)s->scale_source < 4 ? scale_words[s->scale_source] : "none");
    bool card = s->colour_source && strcmp(s->colour_source, "card") == 0;
    text_add(out, "<div><dt>Colour from</dt><dd>");
    text_html(out, card                 ? "reference card"
                   : s->info.profile[0] ? s->info.profile
                                        : "colour profile");
    text_add(out, s->info.profile[0] && s->info.profile_state != PROFILE_USED && !card
                      ? " (assumed)</dd></div>\n"
                      : "</dd></div>\n");
    put_fact(page, "Colour error", &s->colour_delta_e00);
    text_add(out, "</dl>\n");
}

void put_qc(struct page *page, size_t session)
{
    static const struct {
        const char *style, *sign, *word;
    } looks[] = {
        {"pass", "&#10003;", "pass"}, {"warn", "!", "warning"}, {"fail", "&#10005;", "fail"}};
    struct text *out = &page->out;
    const struct qc *qc = &page->result->sessions[session].qc;
    if (!qc->count)
        return;
    open_table(page, "qc", "Photo quality");
    text_add(out, "<thead><tr><th scope=\"col\">Check</th><th scope=\"col\">Result</th>"
                  "<th scope=\"col\" class=\"n\">Value</th><th scope=\"col\" class=\"n\">Limit</th>"
                  "<th scope=\"col\">What it means, what to do</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < qc->count; i++) {
        const struct qc_row *row = &qc->rows[i];
        size_t look = (unsigned)row->status < 3 ? (size_t)row->status : QC_FAIL;
        text_add(out, "<tr><th scope=\"row\">");
        text_html(out, row->check);
        text_format(out,
                    "</th><td><span class=\"chip %s\"><span aria-hidden=\"true\">%s</span> %s"
                    "</span></td>",
                    looks[look].style, looks[look].sign, looks[look].word);
        const double numbers[2] = {row->value, row->limit};
        for (int k = 0; k < 2; k++) {
            text_add(out, "<td class=\"n\">");
            if (isfinite(numbers[k]))
                text_figure(out, numbers[k], fabs(numbers[k]) >= 100 ? 0 : 2);
            else
                text_add(out, "&ndash;");
            text_add(out, "</td>");
        }
        text_add(out, "<td>");
        text_html(out, row->message);
        text_add(out, "</td></tr>\n");
    }
    close_table(page);
}
