#include "true_pair.h"

#include "base/filter.h"
#include "calibrate/calibrate.h"
#include "colour/colour.h"
#include "study/truth.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WARP_STEP  16
#define WARP_ERROR 0.2 /* px, as a good alignment claims */
#define LEAST_LINE 12  /* px, of a visible piece */

/* ---- where things are ----------------------------------------------------------------------- */

static size_t fine_count(const struct ribbon *r)
{
    return (r->count - 1) * RIBBON_FINE + 1;
}

static struct point fine_point(const struct ribbon *r, double at)
{
    size_t k = (size_t)(at / RIBBON_FINE), next = k + 1 < r->count ? k + 1 : k;
    double part = at / RIBBON_FINE - (double)k;
    return (struct point){r->x[k] + part * (r->x[next] - r->x[k]),
                          r->y[k] + part * (r->y[next] - r->y[k])};
}

/* Unit direction of the segment that holds a sample. */
static struct point fine_direction(const struct ribbon *r, size_t at)
{
    size_t k = at / RIBBON_FINE < r->count - 1 ? at / RIBBON_FINE : r->count - 2;
    double dx = r->x[k + 1] - r->x[k], dy = r->y[k + 1] - r->y[k], length = hypot(dx, dy);
    return (struct point){dx / length, dy / length};
}

static bool is_skin(const struct true_session *session, struct point p)
{
    const struct mask *skin = &session->skin;
    return p.x >= 0 && p.y >= 0 && p.x <= skin->width - 1 && p.y <= skin->height - 1 &&
           mask_row(skin, (int)lround(p.y))[lround(p.x)];
}

static struct point project(const struct true_pair *pair, int view, struct point p, bool *seen)
{
    double facing;
    struct point q = view_project(&pair->scene.session[view].view, p.x, p.y, &facing);
    *seen = facing > 0;
    return q;
}

static bool sample_seen(const struct true_pair *pair, const struct ribbon *r, size_t i, int view)
{
    bool seen;
    struct point p = project(pair, view, fine_point(r, (double)i), &seen);
    return seen && is_skin(&pair->session[view], p);
}

/* ---- what is found -------------------------------------------------------------------------- */

static striae_status add_found(struct true_session *session, const struct ribbon *r,
                               struct polyline *line, double width, striae_error *error)
{
    if (polyline_length(line) < LEAST_LINE) {
        polyline_free(line);
        return STRIAE_OK;
    }
    struct found_stria *more = reallocarray(session->found, session->count + 1, sizeof *more);
    int *ids = reallocarray(session->id, session->count + 1, sizeof *ids);
    session->found = more ? more : session->found;
    session->id = ids ? ids : session->id;
    if (!more || !ids) {
        polyline_free(line);
        return fail_memory(error);
    }
    session->found[session->count] =
        (struct found_stria){*line, width, 1 - 1e-9 * (double)(session->count + 1)};
    session->id[session->count++] = r->id;
    *line = (struct polyline){0};
    return STRIAE_OK;
}

/* The visible runs of a ribbon; from..to is left out. */
static striae_status find_ribbon(struct true_pair *pair, int k, const struct ribbon *r,
                                 const struct finding *finding, size_t from, size_t to,
                                 striae_error *error)
{
    struct rng rng;
    rng_seed(&rng, finding->seed + 1000 * (uint64_t)r->id + (uint64_t)k, 5);
    double usual = r->state[k].width * r->length; /* replaced below; keeps the order of draws */
    size_t n = fine_count(r);
    struct polyline line = {0};
    striae_status status = STRIAE_OK;
    struct stretch_of whole = {r, 0, n - 1};
    usual = true_sum(pair, &whole, k, k, 1 << k).width;
    double sigma = finding->wobble * (1 + 0.1 * usual),
           guess = usual * exp(0.15 * rng_normal(&rng));
    double a = sigma * rng_normal(&rng), b = sigma * rng_normal(&rng);
    for (size_t i = 0; i <= n && status == STRIAE_OK; i++) {
        bool seen = i < n && !(i > from && i < to) && sample_seen(pair, r, i, k), front;
        if (!seen) {
            status = add_found(&pair->session[k], r, &line, guess, error);
            continue;
        }
        struct point p = project(pair, k, fine_point(r, (double)i), &front);
        struct point t = fine_direction(r, i);
        double phase = (double)i * r->step / RIBBON_FINE / 4;
        double off = a * sin(phase) + b * cos(0.6 * phase);
        status = polyline_append(&line, p.x - off * t.y, p.y + off * t.x, error);
    }
    polyline_free(&line);
    return status;
}

static striae_status find_all(struct true_pair *pair, const struct finding *finding,
                              striae_error *error)
{
    striae_status status = STRIAE_OK;
    struct rng rng;
    rng_seed(&rng, finding->seed, 9);
    for (size_t i = 0; i < pair->scene.stria_count && status == STRIAE_OK; i++) {
        const struct ribbon *r = &pair->scene.ribbons[i];
        double chance_of_cut = rng_uniform(&rng), where = rng_range(&rng, 0.3, 0.7);
        int cut = rng_uniform(&rng) < 0.5;
        size_t n = fine_count(r), middle = (size_t)(where * (double)n), half = n / 20 + 2;
        for (int k = 0; k < 2 && status == STRIAE_OK; k++) {
            bool here = chance_of_cut < finding->cut && k == cut;
            if (r->state[k].present)
                status = find_ribbon(pair, k, r, finding, here ? middle - half : n,
                                     here ? middle + half : n, error);
        }
    }
    return status;
}

/* ---- reading -------------------------------------------------------------------------------- */

static striae_status read_skin(const char *path, struct mask *skin, striae_error *error)
{
    struct labels labels = {0};
    striae_status status = io_read_labels(path, &labels, error);
    if (status == STRIAE_OK)
        status = mask_init(skin, labels.width, labels.height, error);
    for (size_t i = 0; status == STRIAE_OK && i < (size_t)skin->width * (size_t)skin->height; i++)
        skin->data[i] = labels.data[i] ? 255 : 0;
    labels_free(&labels);
    return status;
}

static striae_status read_session(const char *dir, int k, int threads, struct true_session *session,
                                  striae_error *error)
{
    char path[1200];
    struct io_limits limits = {100e6, false, threads};
    struct blur blur = {0};
    snprintf(path, sizeof path, "%s/%s.jpg", dir, truth_session_names[k]);
    striae_status status = io_read_photo(path, &limits, &session->photo, error);
    snprintf(path, sizeof path, "%s/%s_skin.png", dir, truth_session_names[k]);
    if (status == STRIAE_OK)
        status = read_skin(path, &session->skin, error);
    if (status == STRIAE_OK)
        status = calibrate_blur(&session->photo.image, &session->skin, threads, &blur, error);
    session->blur = blur.sigma;
    return status;
}

static striae_status make_warp(const struct true_pair *pair, int from, struct warp *warp,
                               striae_error *error)
{
    const struct mask *a = &pair->session[from].skin, *b = &pair->session[1 - from].skin;
    striae_status status =
        warp_init(warp, a->width, a->height, b->width, b->height, WARP_STEP, error);
    for (int j = 0; status == STRIAE_OK && j < warp->rows; j++)
        for (int i = 0; i < warp->columns; i++) {
            struct sight sight;
            bool seen;
            size_t at = (size_t)j * (size_t)warp->columns + (size_t)i;
            view_sight(&pair->scene.session[from].view, i * WARP_STEP, j * WARP_STEP, &sight);
            struct point p = project(pair, 1 - from, (struct point){sight.x, sight.y}, &seen);
            if (!(sight.clearance > 0) || !seen || !(fabs(p.x) < 1e5 && fabs(p.y) < 1e5))
                continue;
            warp->x[at] = (float)p.x;
            warp->y[at] = (float)p.y;
            warp->error[at] = (float)WARP_ERROR;
        }
    return status;
}

striae_status true_pair_read(const char *dir, const struct phantom_options *options,
                             const struct finding *finding, int threads, struct true_pair *pair,
                             striae_error *error)
{
    *pair = (struct true_pair){0};
    json_t *truth = truth_load(dir, "truth.json", error);
    if (!truth)
        return STRIAE_ERROR_FORMAT;
    pair->px_per_mm = truth_number(truth, "px_per_mm");
    json_decref(truth);
    striae_status status = scene_init(&pair->scene, options, error);
    for (int k = 0; k < 2 && status == STRIAE_OK; k++)
        status = read_session(dir, k, threads, &pair->session[k], error);
    if (status == STRIAE_OK)
        status = make_warp(pair, 0, &pair->forward, error);
    if (status == STRIAE_OK)
        status = make_warp(pair, 1, &pair->backward, error);
    if (status == STRIAE_OK)
        status = find_all(pair, finding, error);
    if (status != STRIAE_OK)
        true_pair_free(pair);
    return status;
}

void true_pair_free(struct true_pair *pair)
{
    for (int k = 0; k < 2; k++) {
        struct true_session *session = &pair->session[k];
        for (size_t i = 0; i < session->count; i++)
            polyline_free(&session->found[i].centreline);
        free(session->found);
        free(session->id);
        photo_free(&session->photo);
        mask_free(&session->skin);
    }
    warp_free(&pair->forward);
    warp_free(&pair->backward);
    scene_free(&pair->scene);
    *pair = (struct true_pair){0};
}

striae_status true_pair_measure(const struct true_pair *pair, int threads,
                                struct striae_result *result, striae_error *error)
{
    struct measure_photo photos[2];
    struct measure_link link = {false, &pair->forward, &pair->backward};
    *result = (struct striae_result){.session_count = 2, .change_count = 1};
    result->sessions = calloc(2, sizeof *result->sessions);
    result->changes = calloc(1, sizeof *result->changes);
    if (!result->sessions || !result->changes)
        return fail_memory(error);
    for (int k = 0; k < 2; k++) {
        const struct true_session *session = &pair->session[k];
        double scale = pair->px_per_mm;
        photos[k] = (struct measure_photo){&session->photo.image,
                                           &session->skin,
                                           session->blur,
                                           k ? quantity_unknown("inherited", "px/mm")
                                             : quantity(scale, scale, scale, "px/mm"),
                                           session->found,
                                           session->count,
                                           {0, 0, 0},
                                           NULL};
    }
    return measure_series(photos, &link, 2, NULL, threads, result->sessions, result->changes,
                          error);
}

/* ---- the truth along one stria -------------------------------------------------------------- */

/* The fine sample of the ribbon's line nearest to a skin point. */
static void nearest(const struct ribbon *r, struct point p, size_t *at)
{
    double best = INFINITY;
    for (size_t s = 0; s + 1 < r->count; s++) {
        double ex = r->x[s + 1] - r->x[s], ey = r->y[s + 1] - r->y[s];
        double px = p.x - r->x[s], py = p.y - r->y[s];
        double t = fmin(fmax((px * ex + py * ey) / (ex * ex + ey * ey), 0), 1);
        double distance = hypot(px - t * ex, py - t * ey);
        if (distance < best) {
            best = distance;
            *at = (size_t)lround(((double)s + t) * RIBBON_FINE);
        }
    }
}

/* The probability of what is found tells one from the other. */
struct stretch_of true_stretch(const struct true_pair *pair, int k, const struct stria *stria)
{
    size_t index = (size_t)lround((1 - stria->probability) * 1e9) - 1, at = 0;
    int id = pair->session[k].id[index];
    struct stretch_of out = {&pair->scene.ribbons[id - 1], SIZE_MAX, 0};
    for (size_t j = 0; j < stria->centreline.count; j++) {
        struct sight sight;
        const struct point *p = &stria->centreline.points[j];
        view_sight(&pair->scene.session[k].view, p->x, p->y, &sight);
        nearest(out.ribbon, (struct point){sight.x, sight.y}, &at);
        out.from = at < out.from ? at : out.from;
        out.to = at > out.to ? at : out.to;
    }
    return out;
}

/* Width of the ribbon at a sample as session k has it, seen by `view`, px: between the lines
 * through its two edges, at right angles to them. */
static double width_at(const struct true_pair *pair, const struct ribbon *r, size_t i, int k,
                       int view)
{
    struct point c = fine_point(r, (double)i), t = fine_direction(r, i);
    double left = r->state[k].width * r->left[i], right = r->state[k].width * r->right[i];
    bool seen;
    struct point a = project(pair, view, (struct point){c.x + left * t.y, c.y - left * t.x}, &seen);
    struct point b =
        project(pair, view, (struct point){c.x - right * t.y, c.y + right * t.x}, &seen);
    struct point before =
        project(pair, view, (struct point){c.x - 0.3 * t.x, c.y - 0.3 * t.y}, &seen);
    struct point after =
        project(pair, view, (struct point){c.x + 0.3 * t.x, c.y + 0.3 * t.y}, &seen);
    double ux = after.x - before.x, uy = after.y - before.y;
    return fabs((b.x - a.x) * uy - (b.y - a.y) * ux) / hypot(ux, uy);
}

struct true_sums true_sum(const struct true_pair *pair, const struct stretch_of *stretch, int k,
                          int view, int visible)
{
    struct true_sums sums = {0};
    const struct ribbon *r = stretch->ribbon;
    for (size_t i = stretch->from; r && i < stretch->to; i++) {
        bool seen;
        if (((visible & 1) && !sample_seen(pair, r, i, 0)) ||
            ((visible & 2) && !sample_seen(pair, r, i, 1)))
            continue;
        struct point a = project(pair, view, fine_point(r, (double)i), &seen);
        struct point b = project(pair, view, fine_point(r, (double)i + 1), &seen);
        double length = hypot(b.x - a.x, b.y - a.y);
        sums.length += length;
        sums.area += length * width_at(pair, r, i, k, view);
    }
    sums.width = sums.length > 0 ? sums.area / sums.length : 0;
    return sums;
}

double true_apart(const struct true_pair *pair, const struct stretch_of *stretch, int k)
{
    size_t all = 0, clear = 0;
    const struct ribbon *r = stretch->ribbon;
    for (size_t i = stretch->from; r && i <= stretch->to; i++) {
        struct point c = fine_point(r, (double)i), t = fine_direction(r, i);
        double w = r->state[k].width * (r->left[i] + r->right[i]);
        bool alone = true;
        for (int side = -2; side <= 2 && alone; side++) {
            struct hit hits[RIBBON_HITS];
            double off = 0.5 * side * w;
            int count = ribbons_at(&pair->scene.grid, pair->scene.ribbons, k, c.x + off * t.y,
                                   c.y - off * t.x, hits);
            for (int h = 0; h < count; h++)
                alone = alone && (hits[h].ribbon == r || hits[h].ribbon->class != RIBBON_STRIA ||
                                  hits[h].profile <= 0);
        }
        all++;
        clear += alone;
    }
    return all ? (double)clear / (double)all : 0;
}

/* Density at a point beside the line (widths off it, px beyond that). */
static bool density_at(const struct true_pair *pair, const struct ribbon *r, size_t i, int k,
                       double widths, double density[4])
{
    struct point c = fine_point(r, (double)i), t = fine_direction(r, i);
    double w = r->state[k].width * (r->left[i] + r->right[i]);
    double off = widths * w + (widths > 0.5 ? 0.2 : widths < -0.5 ? -0.2 : 0);
    bool seen;
    struct point p = project(pair, k, (struct point){c.x + off * t.y, c.y - off * t.x}, &seen);
    if (!seen || !is_skin(&pair->session[k], p))
        return false;
    density[3] = 0;
    for (int ch = 0; ch < 3; ch++) {
        const struct plane *plane = &pair->session[k].photo.image.channel[ch];
        density[ch] = colour_density(plane_row(plane, (int)lround(p.y))[(int)lround(p.x)]);
        density[3] += density[ch] / 3;
    }
    return true;
}

double true_contrast_to_noise(const struct true_pair *pair, const struct stretch_of *stretch, int k)
{
    double contrast[4] = {0}, square[4] = {0}, best = 0, n = 0;
    for (size_t i = stretch->from; stretch->ribbon && i <= stretch->to; i++) {
        double core[4], side[4][4];
        const double off[4] = {-1.5, -0.9, 0.9, 1.5};
        bool good = density_at(pair, stretch->ribbon, i, k, 0, core);
        for (int s = 0; s < 4 && good; s++)
            good = density_at(pair, stretch->ribbon, i, k, off[s], side[s]);
        if (!good)
            continue;
        n++;
        for (int c = 0; c < 4; c++) {
            contrast[c] += core[c] - 0.5 * (side[1][c] + side[2][c]);
            square[c] += 0.25 * (pow(side[0][c] - side[1][c], 2) + pow(side[2][c] - side[3][c], 2));
        }
    }
    for (int c = 0; c < 4 && n > 0; c++)
        best = fmax(best, fabs(contrast[c] / n) / sqrt(square[c] / n + 1e-12));
    return best;
}
