/* Hairs: bent lines that stand off the skin, each with its shadow. */
#include "base/threads.h"
#include "phantom/render.h"

#include <math.h>
#include <stdlib.h>

#define BAND     32 /* rows per task */
#define SEGMENTS 7

struct strand {
    float x[SEGMENTS + 1], y[SEGMENTS + 1];   /* px, from root to tip */
    float sx[SEGMENTS + 1], sy[SEGMENTS + 1]; /* the shadow's */
    float width, dark;                        /* px at the root; density */
    float red;
    int y0, y1;
};

struct brush {
    const struct strand *strands;
    size_t count;
    struct image *light;
};

/* The root belongs to the skin; how the hair has grown, to the session. */
static void grow_hair(const struct scene *scene, const struct hair_plan *hair, int session,
                      uint32_t number, struct rng *roots, double px_per_mm, struct strand *strand)
{
    const struct session_plan *plan = &scene->session[session];
    struct rng grown;
    rng_seed(&grown, hair->session_seed[session], number);
    double x = 1.3 * scene->half_width * rng_range(roots, -1, 1);
    double y = 1.3 * scene->half_height * rng_range(roots, -1, 1);
    double shade = rng_range(roots, 0.6, 1.2), size = rng_range(roots, 0.4, 1.2);
    double lean = rng_normal(roots);
    double turn = hair->direction + hair->spread * (0.7 * lean + 0.5 * rng_normal(&grown));
    double length = hair->length * size * rng_range(&grown, 0.5, 1.1);
    double curl = hair->curl * rng_normal(&grown), lift = rng_range(&grown, 0.05, 0.6);
    double facing, step = length / SEGMENTS, qx = 0.0, qy = 0.0, height = 0.0;
    struct point root = view_project(&plan->view, x, y, &facing);
    const struct lamp *lamp = &plan->lamp;
    double high = fmax(-lamp->place[2], 1.0);
    strand->y0 = 1 << 30;
    strand->y1 = -1;
    if (facing < 0.1)
        return;
    for (int k = 0; k <= SEGMENTS; k++) {
        double t = (double)k / SEGMENTS;
        double fall = fmin(1.0, 8.0 / px_per_mm); /* far away only lifted hairs throw shadows */
        double cast = height * (0.5 + 0.5 * fall);
        strand->x[k] = (float)(root.x + px_per_mm * qx);
        strand->y[k] = (float)(root.y + px_per_mm * qy);
        strand->sx[k] = strand->x[k] - (float)(px_per_mm * cast * lamp->place[0] / high);
        strand->sy[k] = strand->y[k] - (float)(px_per_mm * cast * lamp->place[1] / high);
        double low = fmin(strand->y[k], strand->sy[k]), deep = fmax(strand->y[k], strand->sy[k]);
        strand->y0 = (int)fmin(strand->y0, fmax(low - 5.0, -1e6));
        strand->y1 = (int)fmax(strand->y1, fmin(deep + 5.0, 1e6));
        qx += step * cos(turn + curl * t) * (1.0 - 0.4 * lift);
        qy += step * sin(turn + curl * t) * (1.0 - 0.4 * lift);
        height += step * lift * (1.0 - 1.2 * t);
    }
    strand->width = (float)(hair->thickness * px_per_mm * rng_range(&grown, 0.7, 1.2));
    strand->dark = (float)(hair->dark * shade);
    strand->red = (float)hair->red;
}

/* Darkens the rows y0..y1 along one line; width and softness in px. */
static void draw_line(struct image *light, const float *xs, const float *ys, double width,
                      double soft, const double density[3], int y0, int y1)
{
    for (int k = 0; k < SEGMENTS; k++) {
        double ax = xs[k], ay = ys[k], ex = xs[k + 1] - ax, ey = ys[k + 1] - ay;
        double taper = width * (1.0 - 0.75 * (double)k / SEGMENTS);
        double sigma = sqrt(soft * soft + taper * taper / 12.0), reach = 3.0 * sigma;
        double square = fmax(ex * ex + ey * ey, 1e-9);
        /* A line of this width smeared to sigma: its peak covers this part of a pixel. */
        double peak = fmin(1.0, taper / (2.5066 * sigma));
        int from = (int)fmax(floor(fmin(ay, ay + ey) - reach), y0);
        int to = (int)fmin(ceil(fmax(ay, ay + ey) + reach), y1);
        int left = (int)fmax(floor(fmin(ax, ax + ex) - reach), 0);
        int right = (int)fmin(ceil(fmax(ax, ax + ex) + reach), light->width - 1);
        for (int y = from; y <= to; y++) {
            for (int x = left; x <= right; x++) {
                double t = ((x - ax) * ex + (y - ay) * ey) / square;
                if (t < 0.0 || t >= 1.0) {
                    if ((t < 0.0 && k > 0) || (t >= 1.0 && k + 1 < SEGMENTS) || t < -0.5 || t > 1.5)
                        continue;
                    t = t < 0.0 ? 0.0 : 1.0;
                }
                double dx = x - ax - t * ex, dy = y - ay - t * ey, d2 = dx * dx + dy * dy;
                if (d2 > reach * reach)
                    continue;
                double part = peak * exp(-0.5 * d2 / (sigma * sigma));
                for (int c = 0; c < 3; c++) {
                    float *value = &plane_row(&light->channel[c], y)[x];
                    *value *= (float)(1.0 - part * (1.0 - exp(-density[c])));
                }
            }
        }
    }
}

static void draw_band(void *context, int band)
{
    const struct brush *brush = context;
    int y0 = band * BAND, y1 = y0 + BAND - 1;
    y1 = y1 < brush->light->height ? y1 : brush->light->height - 1;
    for (size_t i = 0; i < brush->count; i++) {
        const struct strand *s = &brush->strands[i];
        if (s->y1 < y0 || s->y0 > y1)
            continue;
        const double shadow[3] = {0.25, 0.35, 0.4};
        const double hair[3] = {s->dark * (1.0 - 0.4 * s->red), s->dark, s->dark * 1.15};
        draw_line(brush->light, s->sx, s->sy, 1.6 * s->width, 0.8 + 0.5 * s->width, shadow, y0, y1);
        draw_line(brush->light, s->x, s->y, s->width, 0.35, hair, y0, y1);
    }
}

striae_status render_hair(const struct scene *scene, int session, struct image *light,
                          striae_error *error)
{
    const struct view *view = &scene->session[session].view;
    const double *eye = view->eye;
    double px_per_mm = view->focal / sqrt(eye[0] * eye[0] + eye[1] * eye[1] + eye[2] * eye[2]);
    const struct hair_plan *plans[] = {&scene->hair, &scene->session[session].hair};
    size_t count = (size_t)plans[0]->count + (size_t)plans[1]->count, grown = 0;
    if (count == 0)
        return STRIAE_OK;
    struct strand *strands = calloc(count, sizeof *strands);
    if (!strands)
        return fail_memory(error);
    for (int k = 0; k < 2; k++) {
        struct rng roots;
        rng_seed(&roots, scene->options.seed, k ? STREAM_FAULTS : STREAM_HAIR);
        for (int i = 0; i < plans[k]->count; i++)
            grow_hair(scene, plans[k], session, (uint32_t)i, &roots, px_per_mm, &strands[grown++]);
    }
    struct brush brush = {strands, count, light};
    threads_run(scene->options.threads, (light->height + BAND - 1) / BAND, draw_band, &brush);
    free(strands);
    return STRIAE_OK;
}
