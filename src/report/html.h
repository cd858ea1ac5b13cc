/* The pieces of report.html. Each function appends to page->out. */
#ifndef STRIAE_REPORT_HTML_H
#define STRIAE_REPORT_HTML_H

#include "base/repeat.h"
#include "report/names.h"
#include "report/text.h"

enum { NOTES_MAX = 26 };

struct page {
    const struct striae_result *result;
    struct text out;
    /* In long tables reasons stand below, once each, and the cells point at them: between
     * open_notes and close_notes. Borrowed. */
    bool in_notes;
    size_t note_count;
    const char *notes[NOTES_MAX];
};

/* The style sheet and the script, without their tags. */
extern const char *const page_css;
extern const char *const page_js;

/* ---- words and numbers (html_value.c) ---- */
/* "Mean width", "Redness", ... ; symbol "Δa*" or "". Static, HTML. */
const char *metric_title(striae_metric metric);
/* What it is, in one sentence. Static, HTML. */
const char *metric_meaning(striae_metric metric);
/* "mm²" for "mm2", ... Static, HTML. */
const char *unit_label(const char *unit);
/* Its name for readers: "First photo", "Later photo", or "Session 2" in a series. */
void put_session_title(struct page *page, size_t session);
/* "2.81", or "not measurable: reason" greyed. Decimals suit the unit and the size of `like`, which
 * may be q itself, or NULL: only the unit, so that a column of numbers lines up. */
void put_value(struct page *page, const striae_quantity *q, const striae_quantity *like);
/* "2.70 to 2.92"; nothing when unknown. */
void put_interval(struct page *page, const striae_quantity *q, const striae_quantity *like);
/* One table cell with value and interval. Without a unit: that is in the heading. */
void put_value_cell(struct page *page, const striae_quantity *q, const striae_quantity *like);
/* The change in percent where that can be understood: of a first value surely above 0 (a stria that
 * is darker than the skin by 3 and then by 2 did not "decrease by 33 %" in lightness); else NaN. */
double percent_of(const striae_difference *d, const striae_quantity *first);
/* "-38 %", or "-" when it cannot be given. */
void put_percent(struct page *page, double percent);
/* How a verdict is shown: class, sign (HTML) and word. All static. */
struct verdict_look {
    const char *style, *sign, *word;
};
const struct verdict_look *verdict_look(const striae_difference *d);
void put_verdict(struct page *page, const striae_difference *d);
/* Whether it has a number, but cannot be told from no change; d->reason then says so. */
bool is_untold(const striae_difference *d);
void open_notes(struct page *page);
void close_notes(struct page *page);
/* Whether it can be shown as a number. */
bool is_known(const striae_quantity *q);

/* ---- pictures (html_picture.c) ---- */
/* Every photo once, and every overlay once, for the others to refer to. */
striae_status put_picture_store(struct page *page, striae_error *error);
/* The two photos one over the other, in the first's geometry, with a slider. */
void put_slider(struct page *page, const struct change *change);
/* A photo with its overlay. */
void put_photo(struct page *page, size_t session);
/* Which colour is which kind. */
void put_legend(struct page *page);

/* ---- tables (html_table.c) ---- */
/* <div><table class=...><caption>, to be closed with close_table after the last row. */
void open_table(struct page *page, const char *class, const char *caption);
void close_table(struct page *page);
/* A cell with one of the two values that a change compares; a dash where there is none. */
void put_compared_cell(struct page *page, double value, const striae_quantity *like);
void put_change_totals(struct page *page, const struct change *change);
void put_change_striae(struct page *page, const struct change *change);
void put_session_facts(struct page *page, size_t session);
void put_session_totals(struct page *page, size_t session);
void put_session_striae(struct page *page, size_t session);
void put_qc(struct page *page, size_t session);

/* ---- what came and went (html_became.c) ---- */
/* Number and area of the striae that both photos show, that are gone, and that are new. */
void put_became(struct page *page, const struct change *change);

/* ---- repeatability (repeat_plot.c) ---- */
/* Title of the metric, HTML, static. */
const char *repeat_title(const struct repeat_metric *metric);
/* Difference against mean of every pair of photos, with bias and limits of agreement. */
void put_bland_altman(struct page *page, const struct repeat *repeat,
                      const struct repeat_metric *metric);
extern const char *const repeat_css;

/* ---- definitions (html_terms.c) ---- */
void put_definitions(struct page *page);

/* ---- charts (html_chart.c) ---- */
/* Each metric over the sessions of a series. */
void put_charts(struct page *page);

#endif
