/* What else is on the skin: veins, creases, scars, marks of clothes, freckles, moles, hair. */
#include "phantom/scene.h"

#include <math.h>
#include <stdlib.h>

#define PI 3.14159265358979323846

/* ---- ribbons -------------------------------------------------------------------------------- */

static striae_status wander(const struct scene *scene, double length, double sway,
                            double wavelength, struct rng *rng, struct polyline *line,
                            striae_error *error)
{
    double x = scene->half_width * rng_range(rng, -0.9, 0.9);
    double y = scene->half_height * rng_range(rng, -0.9, 0.9), angle = rng_range(rng, 0, 2 * PI);
    size_t n = (size_t)fmax(8.0, length / 0.6);
    float *turn = malloc(n * sizeof(float));
    if (!turn)
        return fail_memory(error);
    smooth_line(rng, wavelength / 0.6, n, turn);
    double step = length / (double)n;
    x -= 0.5 * length * cos(angle);
    y -= 0.5 * length * sin(angle);
    striae_status status = STRIAE_OK;
    for (size_t i = 0; i < n && !status; i++) {
        status = polyline_append(line, x, y, error);
        x += step * cos(angle + sway * turn[i]);
        y += step * sin(angle + sway * turn[i]);
    }
    free(turn);
    return status;
}

struct look {
    enum ribbon_class class;
    double most, odds; /* how many at most; chance of having any, at hardness 1 */
    double length[2], width[2], sway, wavelength, ragged, patchy;
};

static void dress(struct ribbon *r, struct rng *rng)
{
    double s = rng_range(rng, 0.3, 1.0);
    r->softness = rng_range(rng, 0.5, 1.0);
    switch (r->class) {
    case RIBBON_VEIN: /* deep blood: takes red, gives back blue */
        r->softness = 1.0;
        r->absorb[0] = 0.11 * s;
        r->absorb[1] = 0.04 * s;
        r->absorb[2] = -0.01 * s;
        r->relief = chance(rng, 0.3) ? 0.15 * s : 0.0;
        break;
    case RIBBON_CREASE:
        r->softness = 1.0;
        r->relief = -rng_range(rng, 0.05, 0.35);
        r->blood = 0.08 * s * rng_uniform(rng);
        r->absorb[0] = r->absorb[1] = r->absorb[2] = 0.12 * s;
        break;
    case RIBBON_SCAR:
        r->softness = rng_range(rng, 0.2, 0.6);
        r->blood = chance(rng, 0.5) ? 0.35 * s : 0.0;
        r->melanin = -0.4 * s;
        r->clear = -0.4 * s;
        r->relief = rng_range(rng, -0.15, 0.25);
        r->smooth = 0.9;
        r->gloss = 3.0 * s;
        break;
    case RIBBON_PRESSURE:
        r->blood = 0.14 * s;
        r->relief = -rng_range(rng, 0.05, 0.25);
        r->wrinkle = 0.04 * s;
        r->spacing = rng_range(rng, 0.8, 2.2);
        break;
    case RIBBON_SCRATCH:
        r->blood = 0.45 * s;
        r->absorb[0] = 0.06 * s;
        r->relief = 0.04 * s;
        break;
    default:
        break;
    }
}

/* Which sessions show it: veins and creases stay; scratches and pressure marks come and go. */
static void come_and_go(const struct scene *scene, struct ribbon *r, struct rng *rng)
{
    bool passing = r->class == RIBBON_SCRATCH || r->class == RIBBON_PRESSURE;
    bool first = chance(rng, 0.5);
    if (passing && scene->options.change)
        r->state[first ? 1 : 0].present = false;
    r->state[1].colour = scene->options.change ? exp(0.1 * rng_normal(rng)) : 1.0;
}

striae_status scene_plant_others(struct scene *scene, size_t room, striae_error *error)
{
    static const struct look looks[] = {
        {RIBBON_VEIN, 5, 0.7, {40, 160}, {1.5, 4.5}, 0.5, 30, 0.1, 0.7},
        {RIBBON_CREASE, 3, 0.6, {30, 200}, {0.4, 1.6}, 0.15, 25, 0.3, 0.9},
        {RIBBON_SCAR, 1, 0.3, {8, 70}, {1.0, 5.0}, 0.15, 30, 0.4, 0.4},
        {RIBBON_PRESSURE, 2, 0.4, {60, 200}, {1.0, 6.0}, 0.04, 60, 0.2, 0.6},
        {RIBBON_SCRATCH, 3, 0.3, {6, 40}, {0.15, 0.5}, 0.1, 15, 0.4, 1.0},
    };
    struct rng rng;
    rng_seed(&rng, scene->options.seed, STREAM_RIBBONS);
    double size = scene->half_width + scene->half_height,
           reach = fmax(fmin(size / 150.0, 1.5), 0.4);
    striae_status status = STRIAE_OK;
    size_t left = scene->options.ideal ? 0 : room;
    for (size_t k = 0; k < sizeof looks / sizeof *looks; k++) {
        const struct look *look = &looks[k];
        bool any = chance(&rng, look->odds * scene->options.hardness);
        size_t count = any ? 1 + (size_t)(rng_uniform(&rng) * look->most * fmin(reach, 1.0)) : 0;
        for (size_t i = 0; i < count && i < left && !status; i++) {
            struct polyline line = {0};
            struct ribbon *r = &scene->ribbons[scene->ribbon_count];
            double length = log_range(&rng, look->length[0], look->length[1]) * reach;
            double width = log_range(&rng, look->width[0], look->width[1]);
            status = wander(scene, length, look->sway, look->wavelength, &rng, &line, error);
            if (!status)
                status = ribbon_init(r, &line, width, look->ragged, look->patchy, 0.3, &rng, error);
            polyline_free(&line);
            if (status)
                break;
            r->class = look->class;
            dress(r, &rng);
            come_and_go(scene, r, &rng);
            scene->ribbon_count++;
            left--;
        }
    }
    return status;
}

/* ---- spots ---------------------------------------------------------------------------------- */

static struct spot new_spot(const struct scene *scene, double radius, struct rng *rng)
{
    struct spot spot = {.radius = radius, .present = {true, true}};
    spot.x = 1.3 * scene->half_width * rng_range(rng, -1, 1);
    spot.y = 1.3 * scene->half_height * rng_range(rng, -1, 1);
    spot.soft = rng_range(rng, 0.3, 1.0);
    for (int k = 0; k < 2; k++) {
        spot.lobe[k] = rng_range(rng, 0.0, k ? 0.08 : 0.2);
        spot.lobe[2 + k] = rng_range(rng, 0, 2 * PI);
    }
    return spot;
}

/* Dark marks left behind by a treatment: near a stria of the later photo. */
static void place_mark(const struct scene *scene, struct spot *spot, struct rng *rng)
{
    const struct ribbon *r =
        &scene->ribbons[(size_t)(rng_uniform(rng) * (double)scene->stria_count)];
    size_t i = (size_t)(rng_uniform(rng) * (double)r->count);
    spot->x = r->x[i] + 3.0 * rng_normal(rng);
    spot->y = r->y[i] + 3.0 * rng_normal(rng);
    spot->melanin = (0.10 + 0.15 * scene->skin.melanin) * rng_range(rng, 0.5, 1.2);
    spot->present[0] = false;
    spot->mark = true;
    spot->soft = 1.0;
}

static void choose_navel(struct scene *scene, struct rng *rng)
{
    struct navel *navel = &scene->navel;
    double size = fmin(scene->half_width, scene->half_height);
    navel->present = chance(rng, 0.25 * scene->options.hardness) && size > 35.0;
    navel->x = scene->half_width * rng_range(rng, -0.6, 0.6);
    navel->y = scene->half_height * rng_range(rng, -0.6, 0.6);
    navel->radius = rng_range(rng, 4.5, 9.0);
    navel->squeeze = rng_range(rng, 0.45, 1.0);
    navel->angle = rng_range(rng, 0, PI);
    navel->depth = rng_range(rng, 2.0, 6.0);
    if (scene->options.ideal)
        navel->present = false;
}

static void choose_hair(struct scene *scene, double area, struct rng *rng)
{
    struct hair_plan *hair = &scene->hair;
    double hard = scene->options.hardness, kind = rng_uniform(rng);
    /* Everybody has vellus hair: short, thin, pale. Some have more. */
    double density = kind < 0.55 ? rng_range(rng, 0.0, 0.02) : log_range(rng, 0.004, 0.12);
    hair->count = (int)fmin(density * area * hard, 6000.0);
    hair->length = kind < 0.55 ? rng_range(rng, 2, 5) : log_range(rng, 3, 22);
    hair->thickness = kind < 0.55 ? rng_range(rng, 0.02, 0.04) : rng_range(rng, 0.04, 0.10);
    hair->dark = rng_range(rng, 0.6, 3.0);
    hair->curl = rng_range(rng, 0.1, 1.4);
    hair->direction = rng_range(rng, 0, 2 * PI);
    hair->spread = rng_range(rng, 0.2, 1.2);
    hair->red = rng_uniform(rng);
    hair->session_seed[0] = hair->session_seed[1] = rng_u32(rng);
    if (scene->options.change)
        hair->session_seed[1] = rng_u32(rng);
    if (scene->options.ideal)
        hair->count = 0;
}

striae_status scene_scatter_spots(struct scene *scene, striae_error *error)
{
    struct rng rng;
    rng_seed(&rng, scene->options.seed, STREAM_SPOTS);
    double hard = scene->options.hardness;
    double area = 4.0 * scene->half_width * scene->half_height * 1.69;
    double freckled = chance(&rng, 0.3 * hard) ? log_range(&rng, 0.003, 0.05) : 0.0008;
    size_t freckles = (size_t)fmin(area * freckled * rng_range(&rng, 0.3, 1.0), 1500.0);
    size_t moles = (size_t)(area / 24000.0 * rng_range(&rng, 0.0, 9.0) + rng_uniform(&rng));
    size_t dots = (size_t)(area / 24000.0 * rng_range(&rng, 0.0, 6.0) * hard);
    bool marked = scene->options.change && scene->stria_count > 0 && chance(&rng, 0.12);
    size_t marks = marked ? 1 + (size_t)(3.0 * rng_uniform(&rng)) : 0;
    if (scene->options.marks >= 0)
        marks = scene->stria_count > 0 ? (size_t)scene->options.marks : 0;
    moles = moles > 60 ? 60 : moles;
    dots = dots > 60 ? 60 : dots;
    choose_navel(scene, &rng);
    choose_hair(scene, area, &rng);
    if (scene->options.ideal)
        return STRIAE_OK;
    scene->spots = calloc(freckles + moles + dots + marks + 1, sizeof *scene->spots);
    if (!scene->spots)
        return fail_memory(error);
    for (size_t i = 0; i < freckles + moles + dots + marks; i++) {
        bool freckle = i < freckles, mole = !freckle && i < freckles + moles;
        double radius =
            freckle ? log_range(&rng, 0.3, 1.6) : log_range(&rng, 0.4, mole ? 2.6 : 1.0);
        struct spot spot = new_spot(scene, radius, &rng);
        double s = rng_range(&rng, 0.2, 1.0), room = fmax(2.6 - scene->skin.melanin, 0.4);
        if (freckle) {
            spot.melanin = 0.22 * s * room;
        } else if (mole) {
            spot.melanin = s * room;
            spot.absorb = 0.3 * s;
            spot.raise = chance(&rng, 0.4) ? 0.5 * s : 0.0;
            spot.soft = rng_range(&rng, 0.2, 0.7);
        } else if (i < freckles + moles + dots) {
            spot.blood = 0.8 * s;
            spot.raise = chance(&rng, 0.4) ? 0.2 * s : 0.0;
            spot.present[chance(&rng, 0.5)] = !scene->options.change;
        } else {
            spot.radius = rng_range(&rng, 1.5, 4.0);
            place_mark(scene, &spot, &rng);
        }
        scene->spots[scene->spot_count++] = spot;
    }
    return STRIAE_OK;
}
