/* Grows striae: families of lines along a smooth field of directions. */
#include "phantom/scene.h"

#include <math.h>
#include <stdlib.h>

#define PI    3.14159265358979323846
#define FADED 0.15 /* colour factor below which a stria counts as gone */

/* Direction of the strongest stretch of the skin: striae run across it. */
struct field {
    double angle, kx[3], ky[3], phase[3], swing[3];
};

static struct field choose_field(const struct scene *scene, struct rng *rng)
{
    struct field field = {.angle = rng_range(rng, 0, PI)};
    double size = fmax(scene->half_width + scene->half_height, 40.0);
    for (int k = 0; k < 3; k++) {
        double wavelength = size * rng_range(rng, 1.0, 3.0), turn = rng_range(rng, 0, 2 * PI);
        field.kx[k] = 2.0 * PI / wavelength * cos(turn);
        field.ky[k] = 2.0 * PI / wavelength * sin(turn);
        field.phase[k] = rng_range(rng, 0, 2 * PI);
        field.swing[k] = rng_range(rng, 0.05, 0.35);
    }
    return field;
}

static double field_at(const struct field *field, double x, double y)
{
    double angle = field->angle;
    for (int k = 0; k < 3; k++)
        angle += field->swing[k] * sin(field->kx[k] * x + field->ky[k] * y + field->phase[k]);
    return angle;
}

struct family {
    double x, y, turn, spacing, length, width;
    enum phantom_kind kind;
    double strength;
};

/* What all striae of a scene have in common, give or take. */
struct habit {
    struct field field;
    double ragged, patchy, wavy, strength, soft, width;
    double livid; /* 0 = bright red blood, 1 = blue-red */
    int family_count;
    struct family family[4];
};

static enum phantom_kind choose_kind(enum phantom_kind kind, struct rng *rng)
{
    double u = rng_uniform(rng);
    if (kind != PHANTOM_MIXED)
        return kind;
    return u < 0.45 ? PHANTOM_RUBRA : u < 0.85 ? PHANTOM_ALBA : PHANTOM_DARK;
}

static struct habit choose_habit(const struct scene *scene, struct rng *rng)
{
    struct habit habit = {.field = choose_field(scene, rng)};
    double hard = scene->options.hardness;
    habit.ragged = rng_range(rng, 0.1, 0.35 + 0.6 * hard);
    habit.patchy = rng_range(rng, 0.15, 0.5 + 0.6 * hard);
    habit.wavy = rng_range(rng, 0.1, 0.4 + 0.6 * hard);
    habit.strength = log_range(rng, 0.55 - 0.3 * hard, 1.3);
    habit.soft = rng_range(rng, 0.25, 1.0);
    habit.width = log_range(rng, 1.3, 5.5);
    habit.livid = rng_uniform(rng);
    if (scene->options.stria_width > 0.0)
        habit.width = scene->options.stria_width;
    habit.family_count = 1 + (int)(3.2 * rng_uniform(rng));
    double reach = fmin(scene->half_width, scene->half_height);
    for (int k = 0; k < habit.family_count; k++) {
        struct family *f = &habit.family[k];
        f->x = scene->half_width * rng_range(rng, -0.7, 0.7);
        f->y = scene->half_height * rng_range(rng, -0.7, 0.7);
        f->turn = k ? rng_range(rng, -0.5, 0.5) : 0.0;
        f->spacing = log_range(rng, 4, 16);
        f->length = fmin(log_range(rng, 18, 75), 2.5 * reach + 10.0);
        f->width =
            habit.width * (scene->options.stria_width > 0.0 ? 1.0 : log_range(rng, 0.7, 1.5));
        f->kind = choose_kind(scene->kind, rng);
        f->strength = log_range(rng, 0.6, 1.3);
    }
    return habit;
}

/* Follows the field from (x,y) both ways and lays waves and small steps over the line. */
static striae_status grow_line(const struct habit *habit, double x, double y, double turn,
                               double length, double width, struct rng *rng, struct polyline *line,
                               striae_error *error)
{
    size_t n = (size_t)fmax(8.0, ceil(length / 0.3));
    float *sway = malloc(2 * n * sizeof(float));
    struct point *spine = malloc(n * sizeof *spine);
    striae_status status = sway && spine ? STRIAE_OK : fail_memory(error);
    if (!status) {
        double step = length / (double)(n - 1), bend = rng_normal(rng) * 0.006;
        double slow = rng_range(rng, 8, 22), fast = rng_range(rng, 2.5, 5.5);
        smooth_line(rng, slow / step, n, sway);
        smooth_line(rng, fast / step, n, sway + n);
        size_t middle = n / 2;
        for (int way = -1; way <= 1; way += 2) {
            double px = x, py = y;
            for (size_t i = middle; i < n; i = way < 0 ? i - 1 : i + 1) {
                spine[i] = (struct point){px, py};
                double along = ((double)i - (double)middle) * step;
                double angle = field_at(&habit->field, px, py) + turn + bend * along;
                px += way * step * cos(angle);
                py += way * step * sin(angle);
                if (i == 0)
                    break;
            }
        }
        double wave = habit->wavy * (0.25 * slow / 10.0), zigzag = habit->wavy * 0.08 * width;
        for (size_t i = 0; i < n && !status; i++) {
            size_t a = i ? i - 1 : 0, b = i + 1 < n ? i + 1 : n - 1;
            double dx = spine[b].x - spine[a].x, dy = spine[b].y - spine[a].y;
            double unit = fmax(hypot(dx, dy), 1e-9), off = wave * sway[i] + zigzag * sway[n + i];
            status = polyline_append(line, spine[i].x - dy / unit * off,
                                     spine[i].y + dx / unit * off, error);
        }
    }
    free(sway);
    free(spine);
    return status;
}

/* Colour and relief at full strength, by kind. strength 1 is an easily seen stria. */
static void paint(const struct scene *scene, const struct habit *habit, struct ribbon *r,
                  double strength, struct rng *rng)
{
    const struct skin *skin = &scene->skin;
    double s = strength * scene->options.contrast, vary = rng_range(rng, 0.7, 1.3);
    double deep = skin->melanin / 2.3; /* in dark skin the blood shows less, the pigment more */
    if (r->kind == PHANTOM_RUBRA) {
        r->blood = s * 0.30 * vary;
        r->melanin = -s * 0.08 * rng_uniform(rng);
        r->absorb[0] = s * (0.02 + 0.07 * habit->livid) * rng_uniform(rng);
        r->absorb[2] = -s * 0.05 * habit->livid;
        r->relief = rng_range(rng, -0.04, 0.10);
    } else if (r->kind == PHANTOM_ALBA) {
        r->melanin = -fmin(s * (0.25 - 0.07 * deep) * vary, 0.85);
        r->clear = -fmin(s * 0.4 * rng_uniform(rng), 0.9);
        for (int k = 0; k < 3; k++) /* scarred dermis throws back more light, bluish most */
            r->absorb[k] = -s * (0.05 + 0.02 * k) * (1.0 - 0.4 * deep) * vary;
        r->relief = rng_range(rng, -0.16, 0.02);
    } else {
        r->melanin = s * (0.55 - 0.25 * deep) * vary;
        r->blood = s * 0.03 * rng_uniform(rng);
        r->relief = rng_range(rng, -0.10, 0.05);
    }
    double hard = scene->options.ideal ? 0.0 : 0.3 + 0.9 * scene->options.hardness;
    r->relief *= hard;
    r->rim = chance(rng, 0.3) ? hard * rng_range(rng, 0.0, 0.05) : 0.0;
    r->wrinkle = hard * (r->kind == PHANTOM_ALBA ? log_range(rng, 0.004, 0.05)
                                                 : log_range(rng, 0.002, 0.02));
    r->speckle = scene->options.ideal ? 0.0 : rng_range(rng, 0.05, 0.3);
    r->spacing = log_range(rng, 0.35, 1.0);
    r->smooth = rng_range(rng, 0.2, 0.9);
    r->gloss = rng_range(rng, 0.0, 1.2) * (scene->options.ideal ? 0.0 : 1.0);
}

static void change_stria(const struct scene *scene, struct ribbon *r, double width, double colour,
                         struct rng *rng)
{
    const struct phantom_options *o = &scene->options;
    struct ribbon_state *state = r->state;
    double fate = rng_uniform(rng), w = exp(0.12 * rng_normal(rng)),
           c = exp(0.15 * rng_normal(rng));
    double red = rng_uniform(rng), redness = rng_range(rng, 0.03, 0.12);
    if (o->change) {
        state[1].width = fmin(fmax(width * w, 0.3), 1.6);
        state[1].colour = fmin(fmax(colour * c, 0.06), 1.6);
        if (fate < 0.06 || state[1].colour < FADED)
            state[1].present = false;
        else if (fate > 0.95)
            state[0].present = false;
        if (red < 0.06 && state[1].present && !o->ideal)
            state[1].erythema = redness;
    }
    if (o->reddened >= 0)
        state[1].erythema = state[1].present && r->id <= o->reddened ? redness : 0.0;
    if (o->width_factor > 0.0)
        state[1].width = o->width_factor;
    if (o->colour_factor > 0.0)
        state[1].colour = o->colour_factor;
}

/* A place for the next stria: beside the others of its family, or branching off an earlier one. */
static void choose_start(const struct scene *scene, const struct habit *habit,
                         const struct family *f, struct rng *rng, double *x, double *y,
                         double *turn)
{
    double spread = rng_normal(rng), along = rng_normal(rng), jitter = rng_normal(rng);
    double angle = field_at(&habit->field, f->x, f->y) + f->turn;
    double across = f->spacing * (2.2 * spread), shift = 0.35 * f->length * along;
    *x = f->x - sin(angle) * across + cos(angle) * shift;
    *y = f->y + cos(angle) * across + sin(angle) * shift;
    *turn = f->turn + 0.08 * jitter;
    if (fabs(*x) > 0.9 * scene->half_width || fabs(*y) > 0.9 * scene->half_height ||
        chance(rng, 0.1)) {
        *x = scene->half_width * rng_range(rng, -0.85, 0.85);
        *y = scene->half_height * rng_range(rng, -0.85, 0.85);
    }
}

static void branch_off(const struct scene *scene, struct rng *rng, double length, double *x,
                       double *y, double *turn)
{
    size_t other = (size_t)(rng_uniform(rng) * (double)scene->ribbon_count);
    const struct ribbon *r = &scene->ribbons[other];
    size_t i = (size_t)(rng_range(rng, 0.25, 0.75) * (double)(r->count - 1));
    double dx = r->x[i + 1] - r->x[i], dy = r->y[i + 1] - r->y[i], unit = hypot(dx, dy);
    double side = chance(rng, 0.5) ? 1.0 : -1.0;
    *turn += side * rng_range(rng, 0.25, 0.6);
    *x = r->x[i] + 0.45 * length * (dx / unit - side * 0.3 * dy / unit);
    *y = r->y[i] + 0.45 * length * (dy / unit + side * 0.3 * dx / unit);
}

static striae_status plant_one(struct scene *scene, const struct habit *habit, double change[2],
                               struct rng *rng, striae_error *error)
{
    const struct family *f = &habit->family[(int)(rng_uniform(rng) * (double)habit->family_count)];
    double x, y, turn, given = scene->options.stria_width;
    struct polyline line = {0};
    choose_start(scene, habit, f, rng, &x, &y, &turn);
    double length = f->length * log_range(rng, 0.5, 1.7);
    if (scene->ribbon_count > 0 && chance(rng, 0.13))
        branch_off(scene, rng, length, &x, &y, &turn);
    double width = f->width * (given > 0.0 ? 1.0 : exp(0.3 * rng_normal(rng)));
    width = given > 0.0 ? width : fmin(fmax(width, 0.5), 10.0);
    striae_status status = grow_line(habit, x, y, turn, length, width, rng, &line, error);
    struct ribbon *r = &scene->ribbons[scene->ribbon_count];
    if (!status)
        status = ribbon_init(r, &line, width, habit->ragged, habit->patchy,
                             rng_range(rng, 0.1, 0.4), rng, error);
    polyline_free(&line);
    if (status)
        return status;
    scene->ribbon_count++;
    r->class = RIBBON_STRIA;
    r->id = (int)scene->ribbon_count;
    r->kind = chance(rng, 0.7) ? f->kind : choose_kind(scene->kind, rng);
    r->softness = fmin(1.0, fmax(0.15, habit->soft + 0.15 * rng_normal(rng)));
    double strength = habit->strength * f->strength * exp(0.35 * rng_normal(rng));
    paint(scene, habit, r, fmax(strength, 0.25), rng);
    struct rng later;
    rng_seed(&later, scene->options.seed, STREAM_CHANGE + 1000 * (uint64_t)r->id);
    change_stria(scene, r, change[0], change[1], &later);
    return STRIAE_OK;
}

striae_status scene_plant_striae(struct scene *scene, size_t count, striae_error *error)
{
    struct rng rng, later;
    rng_seed(&rng, scene->options.seed, STREAM_STRIAE);
    rng_seed(&later, scene->options.seed, STREAM_CHANGE);
    struct habit habit = choose_habit(scene, &rng);
    /* Most are treated and fade, some only age, a few get worse. */
    double course = rng_uniform(&later);
    double change[2] = {1.0, 1.0};
    if (course < 0.65) {
        change[0] = rng_range(&later, 0.55, 0.95);
        change[1] = rng_range(&later, 0.2, 0.85);
    } else if (course > 0.85) {
        change[0] = rng_range(&later, 1.0, 1.25);
        change[1] = rng_range(&later, 1.0, 1.3);
    }
    scene->session[0].tan = scene->session[1].tan = 1.0;
    double tan = exp(0.04 * rng_normal(&later)) * (chance(&later, 0.2) ? 1.12 : 1.0);
    if (scene->options.change)
        scene->session[1].tan = tan;
    striae_status status = STRIAE_OK;
    for (size_t i = 0; i < count && !status; i++)
        status = plant_one(scene, &habit, change, &rng, error);
    scene->stria_count = scene->ribbon_count;
    return status;
}
