#include "phantom/surface.h"

#include "phantom/tiles.h"

#include <math.h>

#define FLUSHED    0.35 /* blood added where skin was rubbed, as in skin->blood */
#define FLUSH_EDGE 4.0  /* mm to either side of its edge */

/* What has been added up so far in a point. */
struct mix {
    double melanin, blood, absorb[3];
    double height, gloss, smooth;
};

/* ---- striae and other ribbons --------------------------------------------------------------- */

/* Two crossing sets of fine folds that run across the stria. */
static double wrinkles(const struct scene *scene, const struct hit *hit)
{
    const struct ribbon *r = hit->ribbon;
    double a = 6.0 * hit->along / r->spacing, b = 6.0 * hit->offset / r->spacing;
    double place = 256.0 * r->seed;
    return 0.6 * tile_at(&scene->grain, a + 0.3 * b + place, 0.22 * b) +
           0.4 * tile_at(&scene->grain, a - 0.35 * b, 0.25 * b + place);
}

/* Colour inside a stria is broken up by the skin's own grain; on average it stays the same. */
static double speckles(const struct scene *scene, const struct hit *hit)
{
    const struct ribbon *r = hit->ribbon;
    double texel = fmax(0.07, 0.35 / scene->options.px_per_mm), place = 91.0 * r->seed;
    double noise =
        tile_at(&scene->grain, hit->along / texel + place, hit->offset / texel - 2.0 * place);
    return fmax(1.0 + r->speckle * noise, 0.0);
}

static void add_ribbon(const struct scene *scene, int session, const struct hit *hit, double share,
                       struct mix *mix)
{
    const struct ribbon *r = hit->ribbon;
    double profile = hit->profile * share, amount = profile * hit->strength;
    double worn = profile * fmin(1.0, 0.3 + 0.7 * r->state[session].colour);
    if (r->speckle > 0.0)
        amount *= speckles(scene, hit);
    mix->melanin *= fmax(1.0 + r->melanin * amount, 0.05);
    mix->blood = mix->blood * (1.0 + r->clear * amount) + r->blood * amount;
    for (int k = 0; k < 3; k++)
        mix->absorb[k] += r->absorb[k] * amount;
    mix->height += r->relief * worn;
    if (r->wrinkle > 0.0)
        mix->height += r->wrinkle * worn * wrinkles(scene, hit);
    if (r->rim > 0.0)
        mix->height += r->rim * share * exp(-6.0 * hit->beyond * hit->beyond);
    mix->smooth = fmax(mix->smooth, r->smooth * worn);
    mix->gloss *= 1.0 + r->gloss * worn;
    if (r->state[session].erythema > 0.0) {
        double away = fmax(hit->beyond, 0.0);
        mix->blood += r->state[session].erythema * exp(-0.5 * away * away);
    }
}

/* Where striae cross, together they are no stronger than the union of their profiles. */
static int add_ribbons(const struct scene *scene, int session, const struct hit *hits, int count,
                       struct mix *mix)
{
    double sum = 0.0, rest = 1.0, best = 0.0;
    int id = 0;
    for (int i = 0; i < count; i++) {
        if (hits[i].ribbon->class != RIBBON_STRIA)
            continue;
        sum += hits[i].profile;
        rest *= 1.0 - hits[i].profile;
        if (hits[i].profile >= 0.5 && hits[i].profile > best) {
            best = hits[i].profile;
            id = hits[i].ribbon->id;
        }
    }
    double share = sum > 1e-9 ? (1.0 - rest) / sum : 0.0;
    for (int i = 0; i < count; i++)
        add_ribbon(scene, session, &hits[i], hits[i].ribbon->class == RIBBON_STRIA ? share : 1.0,
                   mix);
    return id;
}

/* ---- skin ----------------------------------------------------------------------------------- */

static double cloud_at(const struct scene *scene, double x, double y, double texel, double place)
{
    return tile_at(&scene->cloud, x / texel + place, y / texel + 0.37 * place);
}

/* Two turned and differently scaled looks at the tile: does not repeat within a photo. */
static double mottle_at(const struct scene *scene, double x, double y, double texel, double place)
{
    double a = MOTTLE_COS * x + MOTTLE_SIN * y, b = MOTTLE_COS * y - MOTTLE_SIN * x;
    return 0.75 * cloud_at(scene, x, y, MOTTLE_WIDE * texel, place) +
           0.66 * cloud_at(scene, a, b, MOTTLE_FINE * texel, place + 57.0);
}

/* 0 on the plates .. 1 in the furrows. Two looks at the tile take turns: the eye finds no
 * repetition. */
static double furrows_at(const struct scene *scene, double x, double y)
{
    const struct skin *skin = &scene->skin;
    double wx = x + 0.5 * skin->plate * cloud_at(scene, x, y, 0.09, 31);
    double wy = y + 0.5 * skin->plate * cloud_at(scene, x, y, 0.09, 97);
    double look[2][2];
    relief_looks(scene, wx, wy, look);
    double first = tile_at(&scene->relief, look[0][0], look[0][1]);
    double second = tile_at(&scene->relief, look[1][0], look[1][1]);
    double turn = smoothstep(-0.5, 0.5, cloud_at(scene, x, y, 0.25, 177));
    return first + turn * (second - first);
}

static void add_troubles(const struct scene *scene, double x, double y, struct mix *mix)
{
    const struct skin *skin = &scene->skin;
    double texel = trouble_texel(scene);
    double wx = x + 0.6 * cloud_at(scene, x, y, 0.12, 61),
           wy = y + 0.6 * cloud_at(scene, x, y, 0.12, 13);
    if (skin->goose > 0.0 || skin->bump > 0.0 || skin->scale > 0.0) {
        double cell = tile_at(&scene->cells, wx / texel, wy / texel);
        double where = smoothstep(-0.8, 0.6, cloud_at(scene, x, y, 0.4, 201));
        mix->height += skin->goose * where * (1.0 - smoothstep(0.0, 0.12, cell));
        mix->height -= skin->bump * where * cell;
        /* Scales: pale raised edges with dark cracks between them. */
        double edge = smoothstep(0.2, 0.6, cell), crack = smoothstep(0.75, 0.98, cell);
        mix->height += 0.06 * skin->scale * where * (edge - 2.0 * crack);
        for (int k = 0; k < 3; k++)
            mix->absorb[k] += skin->scale * where * (0.12 * crack - 0.10 * edge);
    }
    if (skin->pore > 0.0) {
        double cell = tile_at(&scene->cells, wy / PORE_TEXEL, wx / PORE_TEXEL);
        double pore = 1.0 - smoothstep(0.0, 0.007, cell);
        mix->height -= 0.03 * skin->pore * pore;
        mix->melanin *= 1.0 + 0.16 * skin->pore * pore;
    }
    if (skin->flush > 0.0)
        mix->blood += skin->flush * smoothstep(0.1, 2.2, mottle_at(scene, x, y, 0.22, 143));
}

static struct mix plain_skin(const struct scene *scene, int session, double x, double y)
{
    const struct skin *skin = &scene->skin;
    struct mix mix = {.gloss = skin->gloss};
    mix.melanin = skin->melanin * scene->session[session].tan;
    mix.blood = skin->blood;
    if (skin->melanin_mottle > 0.0)
        mix.melanin *=
            fmax(1.0 + skin->melanin_mottle * mottle_at(scene, x, y, mottle_texel(scene), 7), 0.2);
    if (skin->blood_mottle > 0.0) {
        double slow = mottle_at(scene, x, y, blood_texel(scene), 111);
        double texel = grain_texel(scene), fine = tile_at(&scene->grain, x / texel, y / texel);
        mix.blood *= fmax(1.0 + skin->blood_mottle * slow + skin->grain * fine, 0.1);
    }
    if (skin->rough > 0.0)
        mix.height += skin->rough * cloud_at(scene, x, y, ROUGH_TEXEL, 19) +
                      skin->dimple * mottle_at(scene, x, y, DIMPLE_TEXEL, 83);
    add_troubles(scene, x, y, &mix);
    const struct session_plan *plan = &scene->session[session];
    if (plan->flushed)
        mix.blood += FLUSHED * (1.0 - smoothstep(-FLUSH_EDGE, FLUSH_EDGE, x - plan->red_until));
    return mix;
}

/* ---- spots and navel ------------------------------------------------------------------------ */

static double spot_profile(const struct spot *spot, double x, double y)
{
    double dx = x - spot->x, dy = y - spot->y, distance = sqrt(dx * dx + dy * dy);
    if (distance > 2.2 * spot->radius)
        return 0.0;
    double angle = atan2(dy, dx);
    double outline = 1.0 + spot->lobe[0] * sin(2.0 * angle + spot->lobe[2]) +
                     spot->lobe[1] * sin(3.0 * angle + spot->lobe[3]);
    double r = distance / (spot->radius * outline);
    return 1.0 - smoothstep(1.0 - 0.75 * spot->soft, 1.0 + 0.35 * spot->soft, r);
}

static void add_spot(const struct scene *scene, const struct spot *spot, double x, double y,
                     struct mix *mix)
{
    double profile = spot_profile(spot, x, y);
    if (profile <= 0.0)
        return;
    double uneven = 1.0 + 0.25 * cloud_at(scene, x, y, 0.03, spot->radius * 100.0);
    mix->melanin += spot->melanin * profile * uneven;
    mix->blood += spot->blood * profile;
    for (int k = 0; k < 3; k++)
        mix->absorb[k] += spot->absorb * profile;
    mix->height += spot->raise * profile * (2.0 - profile);
}

static void add_navel(const struct scene *scene, double x, double y, struct mix *mix)
{
    const struct navel *navel = &scene->navel;
    double c = cos(navel->angle), s = sin(navel->angle);
    double dx = x - navel->x, dy = y - navel->y;
    double a = (c * dx + s * dy) / navel->radius;
    double b = (c * dy - s * dx) / (navel->radius * navel->squeeze);
    double swirl = 0.10 * cloud_at(scene, x, y, 0.4, 5), r = sqrt(a * a + b * b) + swirl;
    if (r > 3.0)
        return;
    double hole = 1.0 - smoothstep(0.25, 1.15, r), knot = exp(-9.0 * (a * a + b * b));
    mix->height -= navel->depth * (exp(-1.1 * r * r) - 0.25 * knot);
    mix->height += 0.25 * navel->depth * exp(-8.0 * (r - 1.35) * (r - 1.35));
    for (int k = 0; k < 3; k++)
        mix->absorb[k] += hole * (0.9 - 0.5 * knot) * (0.6 + 0.1 * k);
    mix->blood += 0.25 * hole;
    mix->gloss *= 1.0 - 0.9 * hole;
}

static void to_density(const struct skin *skin, const struct mix *mix, double density[3])
{
    for (int k = 0; k < 3; k++)
        density[k] = skin->base[k] + mix->melanin * skin->k_melanin[k] +
                     mix->blood * skin->k_blood[k] + mix->absorb[k];
}

void surface_at(const struct scene *scene, int session, double x, double y, const struct hit *hits,
                int hit_count, const struct spot *const *spots, size_t spot_count,
                struct surface *surface)
{
    const struct skin *skin = &scene->skin;
    struct mix mix = plain_skin(scene, session, x, y);
    surface->id = add_ribbons(scene, session, hits, hit_count, &mix);
    if (skin->relief > 0.0) {
        double furrow = furrows_at(scene, x, y) * (1.0 - mix.smooth);
        mix.height -= skin->relief * furrow;
        mix.blood += skin->furrow_tint * (furrow - 0.3);
        mix.gloss *= 1.0 - 0.6 * furrow;
    }
    to_density(skin, &mix, surface->clean);
    for (size_t i = 0; i < spot_count; i++)
        add_spot(scene, spots[i], x, y, &mix);
    if (scene->navel.present)
        add_navel(scene, x, y, &mix);
    to_density(skin, &mix, surface->density);
    surface->height = mix.height;
    surface->gloss = mix.gloss;
}
