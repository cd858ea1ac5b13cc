/* How to read the numbers. */
#include "report/html.h"

/* Where the verdicts' limits come from. */
static void put_detectable(struct page *page)
{
    const struct repeatability *own = &page->result->repeatability;
    struct text *out = &page->out;
    text_add(out, "<dt>MDC<sub>95</sub></dt><dd>Minimal detectable change: two photos of unchanged "
                  "skin differ by more in 5 of 100 cases. ");
    if (!own->path) {
        text_add(out, "Here it is the built-in one, from rendered photos of the same skin taken "
                      "again; <code>striae repeat</code> finds that of your own camera and "
                      "hands.</dd>\n");
        return;
    }
    text_add(out, "Here it comes from your own repeated photos (");
    text_html(out, path_name(own->path));
    text_format(out,
                ", %zu targets, <code title=\"%s\">%.12s</code>); where those have none, the "
                "built-in one, marked with *.</dd>\n",
                own->targets, own->sha256, own->sha256);
}

void put_definitions(struct page *page)
{
    struct text *out = &page->out;
    text_add(out, "<section>\n<h2>How to read the numbers</h2>\n<dl class=\"terms\">\n");
    for (int m = 0; m < STRIAE_METRIC_COUNT; m++)
        text_format(out, "<dt>%s</dt><dd>%s</dd>\n", metric_title((striae_metric)m),
                    metric_meaning((striae_metric)m));
    text_add(
        out,
        "<dt>95&nbsp;% interval</dt><dd>The range that holds the true value 95 times in 100, from "
        "the spread along the striae, the fit of the edges, scale, blur, alignment and "
        "colour.</dd>\n"
        "<dt>Verdict</dt><dd>Decreased or increased only where the change is larger than its "
        "minimal detectable change, and its own interval does not hold 0. Unchanged: not larger "
        "than "
        "it, which does not mean that there is none: see the interval. Cannot be told: larger than "
        "it, but the interval holds 0, so that there may be a change or none; or the interval of a "
        "length or area reaches to changes of more than half. In result.json and long.csv that is "
        "not_measurable, with its numbers and the reason.</dd>\n");
    put_detectable(page);
    text_add(
        out,
        "<dt>Not measurable</dt><dd>A number that these photos cannot give; the reason stands "
        "beside it. Nothing is guessed.</dd>\n"
        "<dt>Colour and light</dt><dd>A stria is always compared with the skin right beside it, so "
        "that exposure and white balance cancel. The tone of the skin itself needs a reference "
        "card "
        "in both photos.</dd>\n"
        "<dt>Red, pale, dark</dt><dd>Rubra: redder than the skin beside it. Alba: lighter. Dark: "
        "darker and not redder.</dd>\n</dl>\n"
        "<p class=\"disclaimer\">What is measured here is appearance, never a diagnosis.</p>\n"
        "</section>\n");
}
