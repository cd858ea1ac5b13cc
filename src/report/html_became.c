/* What became of the striae: how many both photos show, how many came and went, and how much area.
 */
#include "report/html.h"

#include <math.h>

/* The rows of a change of one sort. Areas are sums over the rows that have one. */
struct group {
    size_t rows, from, to, unknown;
    striae_quantity first, later, change;
};

static void take_row(struct group *group, const struct change_row *row)
{
    const striae_difference *area = &row->metric[STRIAE_METRIC_AREA];
    group->rows++;
    group->from += row->from_count;
    group->to += row->to_count;
    if (!is_known(&area->difference)) {
        group->unknown++;
        return;
    }
    group->first.value += area->first;
    group->later.value += area->later;
    group->change.value += area->difference.value;
    /* as wide as they can be: striae of a photo err together */
    group->change.low += area->difference.low;
    group->change.high += area->difference.high;
}

static struct group group_of(const struct change *change, enum change_status only, bool both)
{
    const char *unit = change->total[STRIAE_METRIC_AREA].difference.unit;
    struct group group = {.first = {0, NAN, NAN, unit, NULL},
                          .later = {0, NAN, NAN, unit, NULL},
                          .change = {0, 0, 0, unit, NULL}};
    for (size_t i = 0; i < change->row_count; i++) {
        enum change_status status = change->rows[i].status;
        bool alone = status == CHANGE_GONE || status == CHANGE_NEW;
        if (both ? !alone : status == only)
            take_row(&group, &change->rows[i]);
    }
    return group;
}

/* "6" where one photo has none or both as many, else "3 &rarr; 2". */
static void put_count_cell(struct page *page, size_t from, size_t to)
{
    text_add(&page->out, "<td class=\"n\">");
    if (from && to && from != to)
        text_format(&page->out, "%zu&nbsp;&rarr;&nbsp;%zu</td>", from, to);
    else
        text_format(&page->out, "%zu</td>", from ? from : to);
}

static void put_group(struct page *page, const char *title, const struct group *group,
                      const striae_quantity *like)
{
    bool known = group->rows > group->unknown;
    text_format(&page->out, "<tr><th scope=\"row\">%s</th>", title);
    put_count_cell(page, group->from, group->to);
    put_compared_cell(page, known && group->from ? group->first.value : NAN, like);
    put_compared_cell(page, known && group->to ? group->later.value : NAN, like);
    if (known)
        put_value_cell(page, &group->change, like);
    else
        text_add(&page->out, "<td class=\"n\">&ndash;</td>");
    text_add(&page->out, "</tr>\n");
}

static void put_sum(struct page *page, const struct group *groups, size_t count,
                    const striae_difference *total, const striae_quantity *like)
{
    size_t from = 0, to = 0;
    for (size_t i = 0; i < count; i++) {
        from += groups[i].from;
        to += groups[i].to;
    }
    text_add(&page->out, "<tr class=\"sum\"><th scope=\"row\">All</th>");
    text_format(&page->out, "<td class=\"n\">%zu&nbsp;&rarr;&nbsp;%zu</td>", from, to);
    put_compared_cell(page, total->first, like);
    put_compared_cell(page, total->later, like);
    put_value_cell(page, &total->difference, like);
    text_add(&page->out, "</tr>\n");
}

void put_became(struct page *page, const struct change *change)
{
    struct text *out = &page->out;
    const striae_difference *total = &change->total[STRIAE_METRIC_AREA];
    const striae_quantity *like = &page->result->sessions[0].total[STRIAE_METRIC_AREA];
    const struct group groups[] = {group_of(change, CHANGE_MATCHED, true),
                                   group_of(change, CHANGE_GONE, false),
                                   group_of(change, CHANGE_NEW, false)};
    static const char *const titles[] = {"In both photos", "Gone", "New"};
    size_t unknown = 0;
    if (!change->row_count)
        return;
    open_table(page, "became", "What became of the striae");
    text_format(out,
                "<thead><tr><th></th><th scope=\"col\" class=\"n\">Striae</th>"
                "<th scope=\"col\" class=\"n\">Area first <span class=\"unit\">%s</span></th>"
                "<th scope=\"col\" class=\"n\">Area later <span class=\"unit\">%s</span></th>"
                "<th scope=\"col\" class=\"n\">Change</th></tr></thead>\n<tbody>\n",
                unit_label(like->unit), unit_label(like->unit));
    for (size_t i = 0; i < 3; i++) {
        put_group(page, titles[i], &groups[i], like);
        unknown += groups[i].unknown;
    }
    put_sum(page, groups, 3, total, like);
    close_table(page);
    text_add(out,
             "<p class=\"note\">Gone and new: found in one photo only, on skin that both show. A "
             "faint stria may have been overlooked in the other photo: look at the pictures. All: "
             "skin where striae cross counts once, and striae that the other photo hardly shows "
             "count with what it shows; its interval reaches out to striae that may have been "
             "overlooked.");
    if (unknown)
        text_format(out, " The area of %zu could not be measured.", unknown);
    text_add(out, "</p>\n");
}
