#include "phantom/truth.h"

#include "colour/colour.h"
#include "phantom/card.h"

#include <math.h>
#include <stdlib.h>

#define LANDMARKS_ACROSS 20

static bool visible_at(const struct rendering *r, struct point p)
{
    long x = lround(fmin(fmax(p.x, -10.0), 1e5)), y = lround(fmin(fmax(p.y, -10.0), 1e5));
    return x >= 0 && y >= 0 && x < r->skin.width && y < r->skin.height &&
           mask_row(&r->skin, (int)y)[x] != 0;
}

/* Mean width along what can be seen of the line, and its length. */
static void walk_line(const struct scene *scene, int index, const struct ribbon *r,
                      const struct rendering *rendering, struct phantom_stria *stria)
{
    size_t fine = (r->count - 1) * RIBBON_FINE + 1, seen = 0;
    double width = 0.0, facing;
    for (size_t i = 0; i < fine; i++) {
        double at = (double)i / RIBBON_FINE, part = at - floor(at);
        size_t k = (size_t)at, next = k + 1 < r->count ? k + 1 : k;
        double x = r->x[k] + part * (r->x[next] - r->x[k]);
        double y = r->y[k] + part * (r->y[next] - r->y[k]);
        if (!visible_at(rendering, view_project(&scene->session[index].view, x, y, &facing)) ||
            facing <= 0.0)
            continue;
        seen++;
        width += r->state[index].width * (r->left[i] + r->right[i]);
    }
    stria->visible_length_mm = r->length * (double)seen / (double)fine;
    stria->width_mean_mm = seen ? width / (double)seen : 0.0;
}

/* Stria less ring; 0 where either has no pixels. */
static void contrast(const struct tally *t, double out[3])
{
    for (int k = 0; k < 3; k++)
        out[k] = t->stria_px && t->ring_px
                     ? t->stria_lab[k] / (double)t->stria_px - t->ring_lab[k] / (double)t->ring_px
                     : 0.0;
}

static striae_status describe(const struct scene *scene, int index, const struct ribbon *r,
                              const struct rendering *rendering, struct phantom_stria *stria,
                              striae_error *error)
{
    const struct tally *tally = &rendering->tally[r->id];
    double delta[3], facing;
    *stria = (struct phantom_stria){.id = r->id, .kind = r->kind};
    stria->gone = !r->state[index].present;
    if (stria->gone)
        return STRIAE_OK;
    stria->width_factor = r->state[index].width;
    stria->colour_factor = r->state[index].colour;
    stria->redness = r->state[index].erythema;
    stria->length_mm = r->length;
    walk_line(scene, index, r, rendering, stria);
    stria->visible_px = tally->stria_px;
    stria->area_mm2 = tally->stria_mm2;
    contrast(tally, delta);
    stria->dl = delta[0];
    stria->da = delta[1];
    stria->db = delta[2];
    striae_status status = STRIAE_OK;
    for (size_t i = 0; i < r->count && !status; i++) {
        struct point p = view_project(&scene->session[index].view, r->x[i], r->y[i], &facing);
        if (facing > 0.0)
            status = polyline_append(&stria->centreline, p.x, p.y, error);
    }
    return status;
}

static void describe_all(const struct rendering *rendering, struct phantom_session *session)
{
    const struct tally *all = &rendering->tally[0];
    double delta[3], length = 0.0, width = 0.0;
    contrast(all, delta);
    session->dl = delta[0];
    session->da = delta[1];
    session->db = delta[2];
    session->area_mm2 = all->stria_mm2;
    session->skin_mm2 = rendering->skin_mm2;
    for (int k = 0; k < 3; k++) {
        session->stria_lab[k] = all->stria_px ? all->stria_lab[k] / (double)all->stria_px : 0.0;
        session->ring_lab[k] = all->ring_px ? all->ring_lab[k] / (double)all->ring_px : 0.0;
    }
    if (all->ring_px)
        session->ring_ita = colour_ita(
            (struct lab){session->ring_lab[0], session->ring_lab[1], session->ring_lab[2]});
    if (rendering->bare_px) {
        double n = (double)rendering->bare_px;
        const double *sum = rendering->bare_light;
        struct lab bare = colour_lab(sum[0] / n, sum[1] / n, sum[2] / n);
        session->skin_lab[0] = bare.l;
        session->skin_lab[1] = bare.a;
        session->skin_lab[2] = bare.b;
    }
    for (size_t i = 0; i < session->stria_count; i++) {
        length += session->striae[i].visible_length_mm;
        width += session->striae[i].visible_length_mm * session->striae[i].width_mean_mm;
    }
    session->width_mean_mm = length > 0.0 ? width / length : 0.0;
}

static striae_status list_side_effects(const struct scene *scene, int index,
                                       const struct rendering *rendering,
                                       struct phantom_session *session, striae_error *error)
{
    striae_status status = STRIAE_OK;
    double facing, red = 0.0;
    for (size_t i = 0; i < scene->stria_count; i++)
        if (scene->ribbons[i].state[index].present)
            red += scene->ribbons[i].state[index].erythema / (double)scene->stria_count;
    session->redness = red;
    for (size_t i = 0; i < scene->spot_count && !status; i++) {
        const struct spot *spot = &scene->spots[i];
        if (!spot->mark || !spot->present[index])
            continue;
        struct point p = view_project(&scene->session[index].view, spot->x, spot->y, &facing);
        if (facing > 0.0 && visible_at(rendering, p))
            status = polyline_append(&session->watch, p.x, p.y, error);
    }
    return status;
}

striae_status phantom_truth_session(const struct scene *scene, int index,
                                    const struct rendering *rendering,
                                    struct phantom_session *session, striae_error *error)
{
    session->tan = scene->session[index].tan;
    card_truth(&scene->session[index].card, &scene->session[index].view, &session->card);
    session->striae = calloc(scene->stria_count + 1, sizeof *session->striae);
    if (!session->striae)
        return fail_memory(error);
    session->stria_count = scene->stria_count;
    striae_status status = STRIAE_OK;
    for (size_t i = 0; i < scene->stria_count && !status; i++)
        status = describe(scene, index, &scene->ribbons[i], rendering, &session->striae[i], error);
    if (!status)
        status = list_side_effects(scene, index, rendering, session, error);
    if (!status)
        describe_all(rendering, session);
    return status;
}

striae_status phantom_truth_landmarks(const struct scene *scene,
                                      const struct rendering rendering[2],
                                      struct phantom_session session[2], striae_error *error)
{
    const struct view *view = &scene->session[0].view;
    int across = LANDMARKS_ACROSS, down = 1 + across * view->height / view->width;
    down = down > 3 * across ? 3 * across : down;
    striae_status status = STRIAE_OK;
    for (int j = 0; j < down; j++) {
        for (int i = 0; i < across && !status; i++) {
            struct point at = {(i + 0.5) * view->width / across - 0.5,
                               (j + 0.5) * view->height / down - 0.5};
            struct sight sight;
            double facing;
            view_sight(view, at.x, at.y, &sight);
            struct point there = view_project(&scene->session[1].view, sight.x, sight.y, &facing);
            if (!visible_at(&rendering[0], at) || !visible_at(&rendering[1], there) ||
                facing <= 0.0)
                continue;
            status = polyline_append(&session[0].landmarks, at.x, at.y, error);
            if (!status)
                status = polyline_append(&session[1].landmarks, there.x, there.y, error);
        }
    }
    return status;
}
