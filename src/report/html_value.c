/* Words and numbers of the report. */
#include "report/html.h"

#include <math.h>
#include <string.h>

struct wording {
    const char *title, *meaning;
};

static const struct wording wordings[STRIAE_METRIC_COUNT] = {
    [STRIAE_METRIC_WIDTH] =
        {"Mean width", "Full width at half maximum of the contrast across the stria, averaged "
                       "along its length and corrected for how the skin was stretched."},
    [STRIAE_METRIC_WIDTH_RAW] = {"Mean width, uncorrected",
                                 "The same without the correction for stretch."},
    [STRIAE_METRIC_LENGTH] = {"Length", "Along the centreline."},
    [STRIAE_METRIC_AREA] = {"Area", "Width summed along the centreline."},
    [STRIAE_METRIC_AREA_RAW] = {"Area, uncorrected",
                                "The same without the correction for stretch."},
    [STRIAE_METRIC_DELTA_A] = {"Redness &Delta;a*",
                               "CIELAB a* of the stria less that of the skin beside it: above 0 is "
                               "redder than the skin."},
    [STRIAE_METRIC_DELTA_L] = {"Lightness &Delta;L*",
                               "CIELAB L* likewise: above 0 is lighter than the skin."},
    [STRIAE_METRIC_DELTA_B] = {"Yellowness &Delta;b*", "CIELAB b* likewise."},
    [STRIAE_METRIC_DELTA_E00] = {"Contrast &Delta;E<sub>00</sub>",
                                 "Colour difference (CIEDE2000) between stria and skin beside it; "
                                 "about 1 is just visible side by side."},
    [STRIAE_METRIC_ERYTHEMA] = {"RGB erythema index",
                                "log10(R/G) of linear light, stria less skin. Not in units of any "
                                "contact device."},
    [STRIAE_METRIC_MELANIN] = {"RGB melanin index",
                               "&minus;log10(R) of linear light, stria less skin. Not in units of "
                               "any contact device."},
    [STRIAE_METRIC_TEXTURE] = {"Texture",
                               "Fine roughness inside the stria over that of the skin beside it; 1 "
                               "is equal."},
};

const char *metric_title(striae_metric metric)
{
    return wordings[metric].title;
}

const char *metric_meaning(striae_metric metric)
{
    return wordings[metric].meaning;
}

struct unit {
    const char *unit, *label;
    int decimals;
};

static const struct unit *find_unit(const char *name)
{
    static const struct unit units[] = {{"mm", "mm", 2},
                                        {"px", "px", 2},
                                        {"mm2", "mm&sup2;", 1},
                                        {"px2", "px&sup2;", 0},
                                        {"px/mm", "px/mm", 2},
                                        {"CIELAB", "CIELAB", 2},
                                        {"dE00", "&Delta;E<sub>00</sub>", 2},
                                        {"log10", "log10", 3},
                                        {"ratio", "ratio", 2},
                                        {"%", "%", 2},
                                        {"deg", "&deg;", 1},
                                        {"degrees", "&deg;", 1},
                                        {"L*", "L*", 1}};
    for (size_t i = 0; name && i < sizeof units / sizeof *units; i++)
        if (strcmp(units[i].unit, name) == 0)
            return &units[i];
    return NULL;
}

const char *unit_label(const char *unit)
{
    const struct unit *found = find_unit(unit);
    return found ? found->label : unit ? unit : "";
}

/* Decimals that suit the unit, fewer for hundreds and thousands of it. */
static int decimals_of(const char *unit, const striae_quantity *like)
{
    const struct unit *found = find_unit(unit);
    int decimals = found ? found->decimals : 2;
    double size = like && is_known(like) ? fabs(like->value) : 0;
    decimals -= size >= 1000 ? 2 : size >= 100 ? 1 : 0;
    return decimals > 0 ? decimals : 0;
}

bool is_known(const striae_quantity *q)
{
    return !q->reason && isfinite(q->value);
}

void put_session_title(struct page *page, size_t session)
{
    size_t count = page->result->session_count;
    if (count == 1)
        text_add(&page->out, "Photo");
    else if (count == 2)
        text_add(&page->out, session ? "Later photo" : "First photo");
    else if (session == 0)
        text_add(&page->out, "Session 0 (baseline)");
    else
        text_format(&page->out, "Session %zu", session);
}

void open_notes(struct page *page)
{
    page->in_notes = true;
    page->note_count = 0;
}

void close_notes(struct page *page)
{
    page->in_notes = false;
    for (size_t i = 0; i < page->note_count; i++) {
        text_format(&page->out, "%s<sup>%c</sup> not measurable: ", i ? "; " : "<p class=\"note\">",
                    (char)('a' + i));
        text_html(&page->out, page->notes[i]);
    }
    if (page->note_count)
        text_add(&page->out, "</p>\n");
}

/* Index of the note with this reason, a new one where there is none; NOTES_MAX when full. */
static size_t find_note(struct page *page, const char *reason)
{
    size_t i = 0;
    while (i < page->note_count && strcmp(page->notes[i], reason) != 0)
        i++;
    if (i == page->note_count && i < NOTES_MAX)
        page->notes[page->note_count++] = reason;
    return i;
}

static void put_unknown(struct page *page, const striae_quantity *q)
{
    struct text *out = &page->out;
    const char *reason = q->reason ? q->reason : "not measured";
    size_t note = page->in_notes ? find_note(page, reason) : NOTES_MAX;
    if (note < NOTES_MAX) {
        text_add(out, "<span class=\"nm\" title=\"not measurable: ");
        text_html(out, reason);
        text_format(out, "\">n.m.<sup>%c</sup></span>", (char)('a' + note));
        return;
    }
    text_add(out, "<span class=\"nm\">not measurable: ");
    text_html(out, reason);
    text_add(out, "</span>");
}

void put_value(struct page *page, const striae_quantity *q, const striae_quantity *like)
{
    if (is_known(q))
        text_figure(&page->out, q->value, decimals_of(q->unit, like));
    else
        put_unknown(page, q);
}

void put_interval(struct page *page, const striae_quantity *q, const striae_quantity *like)
{
    if (!is_known(q) || !isfinite(q->low) || !isfinite(q->high))
        return;
    text_figure(&page->out, q->low, decimals_of(q->unit, like));
    text_add(&page->out, " to ");
    text_figure(&page->out, q->high, decimals_of(q->unit, like));
}

void put_value_cell(struct page *page, const striae_quantity *q, const striae_quantity *like)
{
    struct text *out = &page->out;
    if (!is_known(q)) {
        text_add(out, "<td class=\"n\">");
        put_unknown(page, q);
        text_add(out, "</td>");
        return;
    }
    text_add(out, "<td class=\"n\" data-v=\"");
    text_number(out, q->value, 6);
    text_add(out, "\">");
    put_value(page, q, like);
    if (isfinite(q->low) && isfinite(q->high)) {
        text_add(out, "<span class=\"ci\">");
        put_interval(page, q, like);
        text_add(out, "</span>");
    }
    text_add(out, "</td>");
}

double percent_of(const striae_difference *d, const striae_quantity *first)
{
    return is_known(first) && first->low > 0 ? d->percent : NAN;
}

void put_percent(struct page *page, double percent)
{
    if (!isfinite(percent)) {
        text_add(&page->out, "&ndash;");
        return;
    }
    if (percent > 0)
        text_add(&page->out, "+");
    text_figure(&page->out, percent, fabs(percent) < 9.95 ? 1 : 0);
    text_add(&page->out, "&nbsp;%");
}

bool is_untold(const striae_difference *d)
{
    return is_known(&d->difference) && d->verdict == STRIAE_NOT_MEASURABLE;
}

const struct verdict_look *verdict_look(const striae_difference *d)
{
    static const struct verdict_look looks[] = {{"nm", "&ndash;", "not measurable"},
                                                {"down", "&#9660;", "decreased"},
                                                {"same", "=", "unchanged"},
                                                {"up", "&#9650;", "increased"},
                                                {"nm", "?", "cannot be told"}};
    if (is_untold(d))
        return &looks[4];
    return &looks[is_known(&d->difference) && (unsigned)d->verdict < 4 ? d->verdict : 0];
}

void put_verdict(struct page *page, const striae_difference *d)
{
    const struct verdict_look *look = verdict_look(d);
    text_format(&page->out,
                "<span class=\"chip %s\"><span aria-hidden=\"true\">%s</span> %s</span>",
                look->style, look->sign, look->word);
}
