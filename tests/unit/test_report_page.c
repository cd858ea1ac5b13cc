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

static char *page_of(size_t sessions, size_t refused)
{
    struct striae_result result;
    char *html;
    size_t size;
    make_result(&result, sessions, refused);
    assert_int_equal(report_html(&result, &html, &size, NULL), STRIAE_OK);
    assert_int_equal(strlen(html), size);
    result_clear(&result);
    return html;
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
        cmocka_unit_test(refused_page_says_why_and_gives_no_change),
        cmocka_unit_test(every_reference_has_its_target),
        cmocka_unit_test(figures_do_not_depend_on_the_locale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
