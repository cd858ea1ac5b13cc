/* report/: the overlay picture and the page. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/report.h"
#include "report/shape.h"
#include "report/text.h"
#include "test_report_make.h"

static void overlay_draws_at_the_lines_and_nowhere_else(void **state)
{
    (void)state;
    struct striae_result result;
    struct rgb8 overlay;
    make_result(&result, 1, 0);
    const struct session *session = &result.sessions[0];
    assert_int_equal(report_overlay(session, NULL, &overlay, NULL), STRIAE_OK);
    assert_int_equal(overlay.width, PHOTO_WIDTH);
    assert_int_equal(overlay.height, PHOTO_HEIGHT);
    int changed_far = 0;
    for (int i = 0; i < PHOTO_WIDTH * PHOTO_HEIGHT; i++) {
        bool changed = memcmp(overlay.data + 3 * i, session->picture.data + 3 * i, 3) != 0;
        int y = i / PHOTO_WIDTH, near = abs(y - 60) < abs(y - 120) ? abs(y - 60) : abs(y - 120);
        changed_far += changed && near > 35; /* numbers stand beside the line */
    }
    assert_int_equal(changed_far, 0);
    /* centre and both edges, in the colour of the kind; none where the width is not known */
    const int rows[3] = {60, 60 - HALF_WIDTH, 60 + HALF_WIDTH};
    for (int k = 0; k < 3; k++) {
        const uint8_t *p = overlay.data + 3 * (rows[k] * PHOTO_WIDTH + 150);
        for (int c = 0; c < 3; c++)
            assert_true(abs(p[c] - kind_colour[KIND_RUBRA][c]) < 60);
    }
    int gap = 3 * ((60 + HALF_WIDTH) * PHOTO_WIDTH + 70);
    assert_memory_equal(overlay.data + gap, session->picture.data + gap, 3);
    rgb8_free(&overlay);
    result_clear(&result);
}

static void overlay_dims_what_was_not_searched(void **state)
{
    (void)state;
    struct striae_result result;
    struct rgb8 overlay;
    make_result(&result, 1, 0);
    memset(result.sessions[0].skin.data, 0, (size_t)PHOTO_WIDTH * 5);
    assert_int_equal(report_overlay(&result.sessions[0], NULL, &overlay, NULL), STRIAE_OK);
    assert_true(overlay.data[3 * 40] < result.sessions[0].picture.data[3 * 40]);
    assert_int_equal(overlay.data[3 * PHOTO_WIDTH * 10],
                     result.sessions[0].picture.data[3 * PHOTO_WIDTH * 10]);
    rgb8_free(&overlay);
    result_clear(&result);
}

static void fewer_points_stay_close_to_the_line(void **state)
{
    (void)state;
    struct polyline line = {0}, fewer = {0};
    for (int i = 0; i < 2000; i++)
        (void)polyline_append(&line, i * 0.5, 40 * sin(i * 0.01), NULL);
    assert_int_equal(line_simplify(&line, 0.3, &fewer, NULL), STRIAE_OK);
    assert_true(fewer.count < 200 && fewer.count > 10);
    double worst = 0;
    for (size_t i = 0, k = 0; i < line.count; i++) {
        while (k + 2 < fewer.count && fewer.points[k + 1].x < line.points[i].x)
            k++;
        struct point a = fewer.points[k], b = fewer.points[k + 1];
        double t = (line.points[i].x - a.x) / (b.x - a.x);
        worst = fmax(worst, fabs(line.points[i].y - a.y - t * (b.y - a.y)) *
                                cos(atan2(b.y - a.y, b.x - a.x)));
    }
    assert_true(worst <= 0.3 + 1e-9);
    polyline_free(&line);
    polyline_free(&fewer);
}

static char *page_of_result(struct striae_result *result)
{
    char *html;
    size_t size;
    assert_int_equal(report_html(result, &html, &size, NULL), STRIAE_OK);
    assert_int_equal(strlen(html), size);
    result_clear(result);
    return html;
}

static char *page_of(size_t sessions, size_t refused)
{
    struct striae_result result;
    make_result(&result, sessions, refused);
    return page_of_result(&result);
}

static size_t occurrences(const char *text, const char *what)
{
    size_t count = 0;
    for (const char *s = text; (s = strstr(s, what)); s += strlen(what))
        count++;
    return count;
}

static void page_asks_for_nothing_from_outside(void **state)
{
    (void)state;
    char *html = page_of(2, 0);
    static const char *const outside[] = {"http:", "https:", "@import", "src=", "<link", "url(h"};
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
        assert_null(strstr(html, outside[i]));
    assert_int_equal(occurrences(html, "href=\""),
                     occurrences(html, "href=\"#") + occurrences(html, "href=\"data:image/jpeg"));
    /* both photos and the aligned one, and the shade of each photo */
    assert_int_equal(occurrences(html, "data:image/jpeg;base64,"), 5);
    assert_null(strstr(html, ">nan"));
    assert_non_null(strstr(html, "What is measured here is appearance, never a diagnosis."));
    assert_non_null(strstr(html, "not measurable: the photo is too soft"));
    free(html);
}

static void page_escapes_names(void **state)
{
    (void)state;
    char *html = page_of(2, 0);
    assert_int_equal(occurrences(html, "<script"), 1);
    /* path_name: what follows the last slash */
    assert_non_null(strstr(html, "script&gt;&amp;&quot;quote&quot;.jpg"));
    assert_null(strstr(html, "alert('1')"));
    free(html);
    struct text text = {0};
    text_html(&text, "<a b='c' d=\"e\">\x01&\xff");
    assert_string_equal(text.data, "&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt; &amp;\xef\xbf\xbd");
    text_free(&text);
}

/* Later less first is the change, in the cards and in both tables. */
static void what_is_compared_adds_up(void **state)
{
    (void)state;
    struct striae_result result;
    make_result(&result, 2, 0);
    result.changes[0].rows[0].metric[STRIAE_METRIC_WIDTH].first = 8.25;
    result.changes[0].rows[0].metric[STRIAE_METRIC_WIDTH].later = 7;
    char *html = page_of_result(&result);
    assert_non_null(strstr(html, "<p>3.75 &rarr; 2.50&nbsp;mm</p>"));
    assert_non_null(strstr(html, "Mean width <span class=\"unit\">mm</span></th>"
                                 "<td class=\"n\" data-v=\"3.750000\">3.75</td>"
                                 "<td class=\"n\" data-v=\"2.500000\">2.50</td>"));
    assert_non_null(strstr(html, ">8.25</td><td class=\"n\" data-v=\"7.000000\">7.00</td>"));
    /* the photos' own totals, each in its section */
    assert_int_equal(occurrences(html, "<caption>All striae of this photo"), 2);
    free(html);
}

static void changes_that_cannot_be_told_are_not_called_unchanged(void **state)
{
    (void)state;
    struct striae_result result;
    make_result(&result, 2, 0);
    striae_difference *area = &result.changes[0].total[STRIAE_METRIC_AREA];
    area->difference = quantity(-1.25, -3, 0.5, "mm2");
    area->verdict = STRIAE_NOT_MEASURABLE;
    area->reason = "more than <noise>";
    char *html = page_of_result(&result);
    assert_non_null(strstr(html, "total area <strong>may or may not have changed</strong>"));
    assert_int_equal(occurrences(html, "</span> cannot be told</span>"), 2); /* card and table */
    assert_non_null(strstr(html, "<p class=\"note\">more than &lt;noise&gt;</p>"));
    assert_non_null(strstr(html, "\"big unsure\""));
    assert_null(strstr(html, "unchanged</span>"));
    free(html);
}

/* One stria that both photos show, one that is new, and one that is gone but without an area. */
static void what_came_and_went_is_counted_apart(void **state)
{
    (void)state;
    struct striae_result result;
    make_result(&result, 2, 0);
    struct change *change = &result.changes[0];
    change->rows = realloc(change->rows, 3 * sizeof *change->rows);
    change->rows[2] = (struct change_row){0};
    make_row(&change->rows[2], CHANGE_GONE, 2, 0);
    change->row_count = 3;
    change->rows[1].metric[STRIAE_METRIC_AREA] = (striae_difference){
        .difference = quantity(70, 60, 80, "mm2"), .verdict = STRIAE_INCREASED, .later = 70};
    change->rows[2].metric[STRIAE_METRIC_AREA] = difference_unknown("it is hidden", "mm2");
    char *html = page_of_result(&result);
    assert_non_null(strstr(html, "<th scope=\"row\">In both photos</th><td class=\"n\">1</td>"));
    assert_non_null(strstr(html, "<th scope=\"row\">Gone</th><td class=\"n\">1</td>"
                                 "<td class=\"n\">&ndash;</td><td class=\"n\">&ndash;</td>"));
    assert_non_null(strstr(html,
                           "<th scope=\"row\">New</th><td class=\"n\">1</td>"
                           "<td class=\"n\">&ndash;</td><td class=\"n\" data-v=\"70.000000\">"));
    assert_non_null(strstr(html, "<span class=\"ci\">60.0 to 80.0</span>"));
    assert_non_null(strstr(html, "All</th><td class=\"n\">2&nbsp;&rarr;&nbsp;2</td>"));
    assert_non_null(strstr(html, "The area of 1 could not be measured."));
    free(html);
}

/* The page shows a small photo as large as a large one. */
static void numbers_are_as_large_on_small_photos(void **state)
{
    (void)state;
    char *html = page_of(2, 0), scale[32];
    (void)snprintf(scale, sizeof scale, ") scale(%.3f)\">", PHOTO_WIDTH / 1400.0);
    assert_int_equal(occurrences(html, scale), occurrences(html, "<text transform="));
    assert_true(occurrences(html, scale) >= 4);
    free(html);
}

static void refused_page_says_why_and_gives_no_change(void **state)
{
    (void)state;
    char *html = page_of(2, 1);
    assert_non_null(strstr(html, "not the same skin &lt;at all&gt;"));
    assert_null(strstr(html, "class=\"stage\""));
    assert_null(strstr(html, "Change in %"));
    assert_null(strstr(html, "decreased</span>"));
    free(html);
}

static void every_reference_has_its_target(void **state)
{
    (void)state;
    for (size_t sessions = 1; sessions <= 4; sessions++) {
        char *html = page_of(sessions, sessions == 4 ? 2 : 0);
        for (const char *s = html; (s = strstr(s, "href=\"#")); s++) {
            char id[80];
            (void)snprintf(id, sizeof id, " id=\"%.*s\"", (int)strcspn(s + 7, "\""), s + 7);
            assert_non_null(strstr(html, id));
        }
        assert_int_equal(occurrences(html, "class=\"chart\""), sessions > 2 ? 9 : 0);
        assert_int_equal(occurrences(html, "class=\"stage\""), sessions == 4 ? 2 : sessions - 1);
        free(html);
    }
}

static void figures_do_not_depend_on_the_locale(void **state)
{
    (void)state;
    struct text text = {0};
    const double values[] = {1.005, -0.004, -12.345, 1e6, 0.5};
    for (size_t i = 0; i < 5; i++) {
        text_number(&text, values[i], i == 4 ? 0 : 2);
        text_add(&text, " ");
    }
    text_figure(&text, -2.5, 1);
    text_number(&text, NAN, 1);
    assert_string_equal(text.data, "1.00 0.00 -12.35 1000000.00 1 \xe2\x88\x92"
                                   "2.5nan");
    text_free(&text);
    text_base64(&text, (const unsigned char *)"striae", 5);
    assert_string_equal(text.data, "c3RyaWE=");
    text_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(overlay_draws_at_the_lines_and_nowhere_else),
        cmocka_unit_test(overlay_dims_what_was_not_searched),
        cmocka_unit_test(fewer_points_stay_close_to_the_line),
        cmocka_unit_test(page_asks_for_nothing_from_outside),
        cmocka_unit_test(page_escapes_names),
        cmocka_unit_test(what_is_compared_adds_up),
        cmocka_unit_test(changes_that_cannot_be_told_are_not_called_unchanged),
        cmocka_unit_test(what_came_and_went_is_counted_apart),
        cmocka_unit_test(numbers_are_as_large_on_small_photos),
        cmocka_unit_test(refused_page_says_why_and_gives_no_change),
        cmocka_unit_test(every_reference_has_its_target),
        cmocka_unit_test(figures_do_not_depend_on_the_locale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
