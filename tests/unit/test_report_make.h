/* A made-up result: textured photos, two striae in each, maps that shift by (SHIFT_X, SHIFT_Y) per
 * session. */
#ifndef STRIAE_TEST_REPORT_MAKE_H
#define STRIAE_TEST_REPORT_MAKE_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/result.h"

enum { PHOTO_WIDTH = 240, PHOTO_HEIGHT = 180, SHIFT_X = 5, SHIFT_Y = -3, HALF_WIDTH = 6 };

#define NASTY_NAME "some/<script>alert('1')</script>&\"quote\".jpg"

static inline void make_metrics(striae_quantity metric[STRIAE_METRIC_COUNT], double factor)
{
    for (int m = 0; m < STRIAE_METRIC_COUNT; m++)
        metric[m] = quantity(factor * (m + 1), factor * (m + 1) - 0.5, factor * (m + 1) + 0.5,
                             metric_unit((striae_metric)m, true));
    metric[STRIAE_METRIC_TEXTURE] = quantity_unknown("the photo is too soft", "ratio");
}

static inline void make_differences(striae_difference metric[STRIAE_METRIC_COUNT])
{
    for (int m = 0; m < STRIAE_METRIC_COUNT; m++)
        metric[m] = (striae_difference){
            .difference = quantity(-1.25, -1.5, -1.0, metric_unit((striae_metric)m, true)),
            .percent = m == STRIAE_METRIC_DELTA_A ? NAN : -37.5,
            .verdict = STRIAE_DECREASED,
            .first = 3.75,
            .later = 2.5};
    metric[STRIAE_METRIC_TEXTURE] = difference_unknown("the photo is too soft", "ratio");
}

/* A horizontal line of 21 points, 10 px apart; the sixth point has no width. */
static inline void make_stria(struct stria *stria, int id, double y)
{
    stria->id = id;
    stria->kind = id == 1 ? KIND_RUBRA : KIND_ALBA;
    stria->probability = 0.75;
    stria->half_width = calloc(21, sizeof *stria->half_width);
    for (int i = 0; i < 21; i++) {
        (void)polyline_append(&stria->centreline, 20 + 10 * i, y, NULL);
        stria->half_width[i] = i == 5 ? NAN : HALF_WIDTH;
    }
    make_metrics(stria->metric, 1 + 0.1 * id);
}

static inline void make_session(struct session *session, size_t index)
{
    session->path = strdup(index ? "folder/later.jpg" : NASTY_NAME);
    memset(session->sha256, 'b', 64);
    (void)snprintf(session->captured, sizeof session->captured, "2026-0%zu-03T10:00:00", index + 1);
    session->width = PHOTO_WIDTH;
    session->height = PHOTO_HEIGHT;
    (void)rgb8_init(&session->picture, PHOTO_WIDTH, PHOTO_HEIGHT, NULL);
    (void)mask_init(&session->skin, PHOTO_WIDTH, PHOTO_HEIGHT, NULL);
    (void)labels_init(&session->labels, PHOTO_WIDTH, PHOTO_HEIGHT, NULL);
    for (int i = 0; i < PHOTO_WIDTH * PHOTO_HEIGHT; i++) {
        int x = i % PHOTO_WIDTH, y = i / PHOTO_WIDTH;
        session->skin.data[i] = 255;
        session->picture.data[3 * i] = (uint8_t)(200 + (x * 7 + y * 13) % 23);
        session->picture.data[3 * i + 1] = (uint8_t)(160 + (x * 5 + y * 3) % 19);
        session->picture.data[3 * i + 2] = (uint8_t)(140 + (x * 3 + y * 11) % 17);
        if (abs(y - 60) <= HALF_WIDTH && x >= 20 && x <= 220)
            session->labels.data[i] = 1;
    }
    session->scale_source = SCALE_OPTION;
    session->px_per_mm = quantity(10, 9.9, 10.1, "px/mm");
    session->colour_source = "profile";
    session->colour_delta_e00 = quantity_unknown("no reference card", "dE00");
    (void)qc_add(&session->qc, "focus", QC_WARN, 3, NAN, "A little soft; hold the camera still.",
                 NULL);
    session->skin_area = quantity(400, 390, 410, "mm2");
    session->skin_lightness = quantity(65, 64, 66, "L*");
    session->skin_ita = quantity(40, 39, 41, "deg");
    session->area_percent = quantity(5, 4, 6, "%");
    session->stria_count = 2;
    session->striae = calloc(2, sizeof *session->striae);
    make_stria(&session->striae[0], 1, 60);
    make_stria(&session->striae[1], 2, 120);
    make_metrics(session->total, 3 - 0.4 * (double)index);
}

static inline void make_shift(struct warp *warp, double dx, double dy)
{
    (void)warp_init(warp, PHOTO_WIDTH, PHOTO_HEIGHT, PHOTO_WIDTH, PHOTO_HEIGHT, 16, NULL);
    for (int j = 0; j < warp->rows; j++) {
        for (int i = 0; i < warp->columns; i++) {
            int at = j * warp->columns + i;
            if (i == 0)
                continue; /* the first column stays unknown */
            warp->x[at] = (float)(i * 16 + dx);
            warp->y[at] = (float)(j * 16 + dy);
            warp->error[at] = 0.25f;
        }
    }
}

static inline void make_row(struct change_row *row, enum change_status status, int from, int to)
{
    row->status = status;
    row->from_count = from ? 1 : 0;
    row->to_count = to ? 1 : 0;
    row->from_ids = malloc(sizeof(int));
    row->to_ids = malloc(sizeof(int));
    row->from_ids[0] = from;
    row->to_ids[0] = to;
    (void)snprintf(row->label, sizeof row->label, from ? "%d" : "new:%d", from ? from : to);
    make_differences(row->metric);
}

static inline void make_change(struct change *change, size_t to, bool refused)
{
    change->to = to;
    change->refused = refused;
    change->alignment_error = quantity(0.3, 0.2, 0.4, "px");
    change->overlap_percent = 93;
    if (refused) {
        (void)snprintf(change->reason, sizeof change->reason, "not the same skin <at all>");
        change->alignment_error = quantity_unknown("refused", "px");
        change->overlap_percent = NAN;
        return; /* numbers stay zero: they must not be taken for measured ones */
    }
    make_shift(&change->forward, SHIFT_X * (double)to, SHIFT_Y * (double)to);
    make_shift(&change->backward, -SHIFT_X * (double)to, -SHIFT_Y * (double)to);
    change->row_count = 2;
    change->rows = calloc(2, sizeof *change->rows);
    make_row(&change->rows[0], CHANGE_MATCHED, 1, 1);
    make_row(&change->rows[1], CHANGE_NEW, 0, 2);
    make_differences(change->total);
    change->skin_delta_e00 = difference_unknown("needs a card", "dE00");
    change->skin_ita = difference_unknown("needs a card", "deg");
    change->watch_count = 1;
    change->watch = calloc(1, sizeof *change->watch);
    change->watch[0].kind = "redness";
    change->watch[0].area = quantity(30, 25, 35, "mm2");
    (void)polyline_append(&change->watch[0].where, 1.236, 2, NULL);
    (void)snprintf(change->watch[0].message, sizeof change->watch[0].message, "Redder around 1.");
}

/* refused: index of the session whose comparison is refused; 0 = none. */
static inline void make_result(struct striae_result *result, size_t sessions, size_t refused)
{
    *result = (struct striae_result){.session_count = sessions, .change_count = sessions - 1};
    result->sessions = calloc(sessions, sizeof *result->sessions);
    result->changes = calloc(sessions, sizeof *result->changes);
    memset(result->config_sha256, 'c', 64);
    for (size_t i = 0; i < sessions; i++)
        make_session(&result->sessions[i], i);
    for (size_t i = 1; i < sessions; i++)
        make_change(&result->changes[i - 1], i, i == refused);
}

#endif
