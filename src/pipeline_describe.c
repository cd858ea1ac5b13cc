/* What is said of the skin itself, and of numbers that are not given. */
#include "pipeline.h"

#include "calibrate/calibrate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Area of the searched skin, and why its colour cannot be told. */
static void describe_area(struct session *session)
{
    static const char reason[] = "the colour of the skin itself needs a reference card in the "
                                 "photo: camera and light decide it";
    double pixels = 0;
    for (size_t i = 0; i < (size_t)session->width * (size_t)session->height; i++)
        pixels += session->skin.data[i] != 0;
    session->skin_lightness = quantity_unknown(reason, "CIELAB");
    session->skin_ita = quantity_unknown(reason, "degrees");
    if (session->px_per_mm.reason) {
        session->skin_area = quantity(pixels, pixels * 0.97, pixels * 1.03, "px2");
        return;
    }
    const striae_quantity *s = &session->px_per_mm;
    session->skin_area =
        quantity(pixels / (s->value * s->value), 0.97 * pixels / (s->high * s->high),
                 1.03 * pixels / (s->low * s->low), "mm2");
}

void pipeline_describe_skin(const struct image *image, const struct card *card,
                            const struct card_colours *print, struct session *session)
{
    const struct tone_view view = {image, &session->skin, &session->labels, card};
    struct skin_tone tone;
    describe_area(session);
    if (card->has_colour && calibrate_skin_tone(&view, &tone))
        calibrate_tone_quantities(&tone, card->delta_e00, print->measured, &session->skin_lightness,
                                  &session->skin_ita);
}

void pipeline_describe_tone_change(const struct image *const images[2],
                                   const struct card *const cards[2],
                                   const struct session *const sessions[2], struct change *change)
{
    static const char reason[] = "the tone of the skin itself needs a card in both photos";
    struct tone_view view[2];
    struct skin_tone tones[2];
    change->skin_delta_e00 = difference_unknown(reason, "dE00");
    change->skin_ita = difference_unknown(reason, "degrees");
    for (size_t k = 0; k < 2; k++) {
        view[k] = (struct tone_view){images[k], &sessions[k]->skin, &sessions[k]->labels, cards[k]};
        if (!cards[k]->has_colour || !sessions[k]->labels.data)
            return;
    }
    if (!change->refused && calibrate_skin_tones(&view[0], &view[1], &change->forward, tones))
        calibrate_tone_change(tones, cards[0]->delta_e00, cards[1]->delta_e00,
                              &change->skin_delta_e00, &change->skin_ita);
}

/* Leaves one row of that kind, which says why there is no other. */
static striae_status withhold_watch(struct change *change, const char *kind, const char *reason,
                                    striae_error *error)
{
    struct watch_row row = {.kind = kind, .area = quantity_unknown(reason, "mm2")};
    struct watch_row *rows = realloc(change->watch, (change->watch_count + 1) * sizeof *rows);
    size_t kept = 0;
    if (!rows)
        return fail_memory(error);
    for (size_t i = 0; i < change->watch_count; i++) {
        if (strcmp(rows[i].kind, kind) != 0)
            rows[kept++] = rows[i];
        else
            polyline_free(&rows[i].where);
    }
    (void)snprintf(row.message, sizeof row.message, "Not looked for, %s: %s.",
                   strcmp(kind, "redness") == 0 ? "skin that stays red" : "new dark marks", reason);
    rows[kept++] = row;
    change->watch = rows;
    change->watch_count = kept;
    return STRIAE_OK;
}

striae_status pipeline_withhold(struct striae_result *result, striae_error *error)
{
    static const struct {
        striae_metric metric;
        const char *kind;
    } watched[] = {{STRIAE_METRIC_ERYTHEMA, "redness"}, {STRIAE_METRIC_MELANIN, "dark_mark"}};
    striae_status status = STRIAE_OK;
    for (size_t i = 0; i < result->session_count; i++)
        for (int m = 0; m < STRIAE_METRIC_COUNT; m++) {
            const char *reason = calibrate_withheld(&result->sessions[i].qc, (striae_metric)m);
            if (!reason)
                continue;
            result_withhold(result, i, (striae_metric)m, reason);
            for (size_t k = 0; k < result->change_count; k++)
                for (int w = 0; w < 2 && status == STRIAE_OK; w++)
                    if (watched[w].metric == (striae_metric)m && !result->changes[k].refused &&
                        (i == 0 || result->changes[k].to == i))
                        status =
                            withhold_watch(&result->changes[k], watched[w].kind, reason, error);
        }
    return status;
}

void pipeline_leave_unmeasured(struct striae_result *result)
{
    static const char reason[] = "only the quality of the photo was looked at";
    for (size_t i = 0; i < result->session_count; i++) {
        struct session *session = &result->sessions[i];
        for (int m = 0; m < STRIAE_METRIC_COUNT; m++)
            session->total[m] =
                quantity_unknown(reason, metric_unit((striae_metric)m, !session->px_per_mm.reason));
        session->area_percent = quantity_unknown(reason, "%");
    }
    for (size_t k = 1; k < result->session_count; k++) {
        struct change *change = &result->changes[k - 1];
        change->to = k;
        change->refused = true;
        memcpy(change->reason, reason, sizeof reason);
        change->alignment_error = quantity_unknown(reason, "px");
        for (int m = 0; m < STRIAE_METRIC_COUNT; m++)
            change->total[m] = difference_unknown(reason, metric_unit((striae_metric)m, false));
    }
}
