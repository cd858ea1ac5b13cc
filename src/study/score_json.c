#include "study/score_figures.h"

#include <jansson.h>
#include <math.h>

/* JSON has no NaN: null. */
static json_t *real_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *number_json(const struct score_number *number)
{
    return json_pack("{s:o, s:o, s:b}", "truth", real_or_null(number->truth), "value",
                     real_or_null(number->value), "held", number->held);
}

static json_t *classes_json(const struct score_class classes[SCORE_CLASSES], enum score_by by)
{
    json_t *json = json_array();
    for (size_t i = 0; i < SCORE_CLASSES; i++) {
        const struct score_class *class = &classes[i];
        json_array_append_new(json, json_pack("{s:o, s:o, s:s, s:I, s:I, s:I, s:I}", "from",
                                              real_or_null(score_class_from(by, i)), "to",
                                              real_or_null(score_class_from(by, i + 1)), "unit",
                                              by == SCORE_BY_WIDTH ? "px" : "dE76", "true_striae",
                                              (json_int_t) class->true_count, "true_striae_found",
                                              (json_int_t) class->found, "found_striae",
                                              (json_int_t) class->found_count, "found_striae_real",
                                              (json_int_t) class->real));
    }
    return json;
}

static void add_classes(json_t *json,
                        const struct score_class classes[SCORE_BY_COUNT][SCORE_CLASSES])
{
    json_object_set_new(json, "by_width", classes_json(classes[SCORE_BY_WIDTH], SCORE_BY_WIDTH));
    json_object_set_new(json, "by_contrast",
                        classes_json(classes[SCORE_BY_CONTRAST], SCORE_BY_CONTRAST));
}

static json_t *session_json(const struct score_session *session)
{
    json_t *json = json_pack(
        "{s:o, s:I, s:I, s:I, s:I, s:o, s:o, s:o}", "dice", real_or_null(session->dice),
        "true_striae", (json_int_t)session->true_count, "true_striae_found",
        (json_int_t)session->found, "found_striae", (json_int_t)session->found_count,
        "found_striae_real", (json_int_t)session->real, "width", number_json(&session->width),
        "area", number_json(&session->area), "delta_a", number_json(&session->delta_a));
    add_classes(json, session->classes);
    return json;
}

static json_t *change_json(const struct score_number *change, striae_verdict verdict)
{
    json_t *json = number_json(change);
    json_object_set_new(json, "verdict", json_string(striae_verdict_name(verdict)));
    return json;
}

static json_t *score_one(const struct score *score)
{
    json_t *json = json_pack(
        "{s:s, s:i, s:s, s:b, s:s, s:o, s:o, s:I, s:I, s:[o, o], s:o}", "pair", score->name, "tone",
        score->tone, "kind", score->kind, "unchanged", score->unchanged, "alignment",
        score->refused ? "refused" : "ok", "landmark_median_px",
        real_or_null(score->landmark_median), "landmark_p95_px", real_or_null(score->landmark_p95),
        "landmarks", (json_int_t)score->landmarks, "landmarks_mapped", (json_int_t)score->mapped,
        "sessions", session_json(&score->session[0]), session_json(&score->session[1]), "seconds",
        real_or_null(score->seconds));
    if (score->refused) {
        json_object_set_new(json, "reason", json_string(score->reason));
        return json;
    }
    json_object_set_new(json, "width_change_percent",
                        change_json(&score->width_change, score->width_verdict));
    json_object_set_new(json, "area_change_percent",
                        change_json(&score->area_change, score->area_verdict));
    json_object_set_new(json, "delta_a_change",
                        change_json(&score->delta_a_change, score->delta_a_verdict));
    return json;
}

static json_t *summary_json(const struct score_summary *s)
{
    const struct {
        const char *name;
        double value;
    } figures[] = {{"landmark_median_px", s->landmark_median},
                   {"landmark_p95_px", s->landmark_p95},
                   {"landmark_worst_px", s->landmark_worst},
                   {"dice_mean", s->dice_mean},
                   {"dice_worst", s->dice_worst},
                   {"found_percent", s->found_percent},
                   {"real_percent", s->real_percent},
                   {"width_median_percent", s->width_median},
                   {"width_worst_percent", s->width_worst},
                   {"area_median_percent", s->area_median},
                   {"area_worst_percent", s->area_worst},
                   {"delta_a_median", s->delta_a_median},
                   {"delta_a_worst", s->delta_a_worst},
                   {"width_change_median_points", s->width_change_median},
                   {"area_change_median_points", s->area_change_median},
                   {"delta_a_change_median", s->delta_a_change_median},
                   {"intervals_held_percent", s->held_percent},
                   {"seconds", s->seconds}};
    json_t *json = json_pack("{s:I, s:I, s:I, s:I}", "pairs", (json_int_t)s->pairs, "aligned",
                             (json_int_t)s->aligned, "wrong_way_verdicts", (json_int_t)s->wrong_way,
                             "untold_verdicts", (json_int_t)s->untold);
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        json_object_set_new(json, figures[i].name, real_or_null(figures[i].value));
    }
    add_classes(json, s->classes);
    return json;
}

static json_t *figures_json(const double *figures)
{
    json_t *json = json_object();
    for (int i = 0; i < SCORE_FIGURE_COUNT; i++) {
        json_object_set_new(json, score_figure_form((enum score_figure)i)->key,
                            real_or_null(figures[i]));
    }
    return json;
}

char *score_json(const struct score *scores, size_t count, const struct score_summary *summary,
                 const double *figures)
{
    json_t *pairs = json_array();
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(pairs, score_one(&scores[i]));
    }
    json_t *json = json_pack("{s:s, s:o, s:o, s:o}", "schema", "striae-validate/1", "pairs", pairs,
                             "summary", summary_json(summary), "figures", figures_json(figures));
    char *text = json ? json_dumps(json, JSON_INDENT(1) | JSON_REAL_PRECISION(6)) : NULL;
    json_decref(json);
    return text;
}
