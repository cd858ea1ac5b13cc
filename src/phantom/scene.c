#include "phantom/tiles.h"

#include <math.h>
#include <stdlib.h>

#define PI          3.14159265358979323846
#define OTHERS_ROOM 40 /* ribbons that are not striae */

/* ---- skin ----------------------------------------------------------------------------------- */

/* Melanin (as density in blue) that gives skin of this ITA with the coefficients below; the points
 * were solved from CIELAB values typical for each class. */
static double melanin_for_ita(double ita)
{
    static const double table[][2] = {{70, 0.02},  {65, 0.084}, {53, 0.386}, {38, 0.723},
                                      {17, 1.153}, {-13, 1.65}, {-45, 2.15}, {-66, 2.35}};
    size_t last = sizeof table / sizeof *table - 1, i = 0;
    while (i + 1 < last && ita < table[i + 1][0])
        i++;
    double t = (ita - table[i][0]) / (table[i + 1][0] - table[i][0]);
    return table[i][1] + t * (table[i + 1][1] - table[i][1]);
}

/* Density of melanin falls with wavelength; in dark skin the deeper layers no longer throw light
 * back, so that the channels move closer together. */
static void set_absorbers(struct skin *skin)
{
    double deep = pow(skin->melanin / 2.31, 2.3);
    const double base[3] = {0.406, 0.479, 0.749}, blood[3] = {0.09, 1.0, 0.62};
    const double melanin[3] = {0.39 + 0.38 * deep, 0.73 + 0.22 * deep, 1.0};
    for (int k = 0; k < 3; k++) {
        skin->base[k] = base[k];
        skin->k_blood[k] = blood[k];
        skin->k_melanin[k] = melanin[k];
    }
}

static void choose_troubles(struct skin *skin, double hard, struct rng *rng)
{
    double odds = 0.35 * hard;
    double draw[6];
    for (int k = 0; k < 6; k++)
        draw[k] = rng_uniform(rng);
    skin->trouble_size = rng_range(rng, 1.8, 4.5);
    double strength = rng_range(rng, 0.3, 1.0);
    skin->goose = draw[0] < odds * 0.7 ? 0.16 * strength : 0.0;
    skin->scale = draw[1] < odds * 0.7 ? strength : 0.0;
    skin->bump = draw[2] < odds * 0.6 ? 0.12 * strength : 0.0;
    skin->pore = draw[3] < odds * 2.0 ? strength : 0.0;
    skin->flush = draw[4] < odds ? 0.25 * strength : 0.0;
}

void scene_choose_skin(struct scene *scene)
{
    static const double ita[6][2] = {{56, 63}, {42, 56}, {29, 42}, {11, 29}, {-29, 11}, {-52, -29}};
    struct rng rng;
    rng_seed(&rng, scene->options.seed, STREAM_SKIN);
    double hard = scene->options.hardness;
    struct skin *skin = &scene->skin;
    int tone = 1 + (int)(6.0 * rng_uniform(&rng));
    scene->tone = scene->options.tone ? scene->options.tone : tone;
    int kind = PHANTOM_RUBRA + (int)(4.0 * rng_uniform(&rng));
    scene->kind = scene->options.kind ? scene->options.kind : (enum phantom_kind)kind;
    skin->melanin =
        melanin_for_ita(rng_range(&rng, ita[scene->tone - 1][0], ita[scene->tone - 1][1]));
    skin->blood = rng_range(&rng, 0.15, 0.28) + 0.02 * scene->tone * rng_uniform(&rng);
    skin->blood *= 1.0 - 0.12 * skin->melanin; /* in dark skin less light comes back from it */
    set_absorbers(skin);
    skin->melanin_mottle = rng_range(&rng, 0.02, 0.04 + 0.08 * hard);
    skin->melanin_mottle /= fmax(1.0, skin->melanin); /* what counts is the density */
    skin->blood_mottle = rng_range(&rng, 0.04, 0.10 + 0.17 * hard);
    skin->mottle_size = log_range(&rng, 22, 80);
    skin->grain = rng_range(&rng, 0.04, 0.25);
    skin->sheen = 0.006;
    skin->relief = log_range(&rng, 0.015, 0.085) * (0.6 + 0.8 * hard);
    skin->plate = log_range(&rng, 0.45, 1.25);
    skin->line_angle = rng_range(&rng, 0, PI);
    skin->line_ratio = rng_range(&rng, 1.0, 1.9);
    skin->furrow_tint = rng_range(&rng, 0.02, 0.2);
    skin->rough = log_range(&rng, 0.004, 0.03) * (0.4 + hard);
    skin->dimple = log_range(&rng, 0.05, 0.5) * (0.4 + hard);
    skin->gloss = log_range(&rng, 0.02, 0.22) * (0.4 + 1.2 * hard);
    skin->polish = log_range(&rng, 6, 40);
    choose_troubles(skin, hard, &rng);
    if (scene->options.ideal)
        skin->melanin_mottle = skin->blood_mottle = skin->grain = skin->furrow_tint = skin->relief =
            skin->rough = skin->dimple = skin->gloss = skin->goose = skin->scale = skin->bump =
                skin->pore = skin->flush = skin->sheen = 0.0;
}

striae_status scene_make_tiles(struct scene *scene, striae_error *error)
{
    struct rng rng;
    rng_seed(&rng, scene->options.seed, STREAM_TILES);
    struct tile_sizes sizes = tiles_plan(scene);
    int threads = scene->options.threads;
    double spacing = fmax(scene->skin.plate * scene->relief_rate, 2.5);
    striae_status status = tile_cloud(&scene->cloud, sizes.cloud, 1.5, 128, 5, &rng, error);
    if (!status)
        status = tile_cloud(&scene->grain, sizes.grain, 0.4, 24, 3, &rng, error);
    if (!status)
        status = tile_furrows(&scene->relief, sizes.relief, spacing, rng_range(&rng, 0.2, 0.8),
                              fmax(0.10, 0.9 / spacing), threads, &rng, error);
    if (!status)
        status = tile_furrows(&scene->cells, sizes.cells, 16, 0, 0.16, threads, &rng, error);
    return status;
}

/* ---- body and camera ------------------------------------------------------------------------ */

static void place_session(struct scene *scene, int session, const double pose[6])
{
    struct view *view = &scene->session[session].view;
    double diagonal = 2.0 * hypot(scene->half_width, scene->half_height);
    double distance = fmax(pose[5] * diagonal, 100.0);
    view_place(view, scene->options.px_per_mm * pose[4], distance, pose[0], pose[1], pose[2],
               pose[3], 0.0);
}

/* Turns the picture about its own middle as well. */
static void turn_view(struct view *view, double angle)
{
    double c = cos(angle), s = sin(angle);
    for (int k = 0; k < 3; k++) {
        double x = view->rotation[k], y = view->rotation[3 + k];
        view->rotation[k] = c * x - s * y;
        view->rotation[3 + k] = s * x + c * y;
    }
}

static void choose_body(struct scene *scene, struct view *view)
{
    struct rng rng;
    rng_seed(&rng, scene->options.seed, STREAM_BODY);
    double hard = scene->options.hardness, size = fmin(scene->half_width, scene->half_height);
    double angle = rng_range(&rng, 0, PI);
    bool contour = chance(&rng, 0.3 * hard);
    /* Radius of a waist or a thigh; with a contour in view the body is turned towards its edge. */
    double radius = fmax(log_range(&rng, 90, 400), 1.05 * size);
    double apex = rng_range(&rng, -0.3, 0.3) * size;
    if (contour) {
        radius = fmax(log_range(&rng, 0.8, 1.6) * size, 25.0);
        apex = (chance(&rng, 0.5) ? 1 : -1) * rng_range(&rng, 0.1, 0.6) * size;
    }
    view->axis[0] = cos(angle);
    view->axis[1] = sin(angle);
    if (scene->options.radius > 0.0)
        view->curvature = 1.0 / scene->options.radius;
    if (hard <= 0.0 || scene->options.ideal || scene->options.radius > 0.0)
        return;
    view->curvature = 1.0 / radius;
    view->apex = apex;
}

void scene_choose_views(struct scene *scene)
{
    const struct phantom_options *o = &scene->options;
    struct rng rng;
    rng_seed(&rng, o->seed, STREAM_POSE);
    double tilt = 0.05 * o->pose, size = fmin(scene->half_width, scene->half_height);
    double shift = fmin(0.10 * size, 12.0) * o->pose, wide = rng_range(&rng, 1.6, 5.0);
    struct view view = {.width = o->width, .height = o->height};
    choose_body(scene, &view);
    double k1 = rng_range(&rng, -0.035, 0.02), k2 = rng_range(&rng, -0.008, 0.008);
    double strength = fmin(o->pose, 1.0);
    for (int s = 0; s < 2; s++) {
        double pose[6] = {0, 0, 0, 0, 1, wide}, turn = 0.0;
        pose[0] = s ? shift * rng_normal(&rng) : 0.0;
        pose[1] = s ? shift * rng_normal(&rng) : 0.0;
        pose[2] = tilt * rng_normal(&rng) * 0.8;
        pose[3] = tilt * rng_normal(&rng) * 0.8;
        pose[2] += o->tilt * (PI / 180.0) * cos(o->tilt_toward * (PI / 180.0));
        pose[3] += o->tilt * (PI / 180.0) * sin(o->tilt_toward * (PI / 180.0));
        double zoom = exp(o->pose * 0.04 * rng_normal(&rng));
        double away = exp(o->pose * 0.08 * rng_normal(&rng));
        turn = 0.055 * o->pose * rng_normal(&rng);
        pose[4] = s ? zoom : 1.0;
        pose[5] = s ? wide * away : wide;
        if (s) {
            pose[2] += o->faults.askew * PI / 180.0;
            pose[0] += 2.0 * o->shift_x * scene->half_width;
            pose[1] += 2.0 * o->shift_y * scene->half_height;
            pose[4] *= o->zoom;
            turn += o->turn * PI / 180.0;
        }
        scene->session[s].view = view;
        scene->session[s].view.k1 = strength * k1;
        scene->session[s].view.k2 = strength * k2;
        place_session(scene, s, pose);
        if (s)
            turn_view(&scene->session[s].view, turn);
    }
    if (o->deform) {
        rng_seed(&rng, o->seed, STREAM_DEFORM);
        deform_choose(&scene->session[1].view.deform, rng_range(&rng, 0.35, 1.0), &rng);
    }
    double *linear = scene->session[1].view.deform.linear, eased = 1.0 / (1.0 + o->stretch) - 1.0;
    linear[0] += eased;
    linear[3] += eased;
}

/* ---- all ------------------------------------------------------------------------------------ */

static size_t choose_stria_count(const struct scene *scene)
{
    struct rng rng;
    rng_seed(&rng, scene->options.seed, STREAM_STRIAE + 100);
    double area = 4.0 * scene->half_width * scene->half_height;
    double usual = 1.0 + 22.0 * sqrt(fmin(area, 60000.0) / 24000.0);
    double count = usual * log_range(&rng, 0.35, 1.8);
    return scene->options.stria_count >= 0 ? (size_t)scene->options.stria_count
                                           : (size_t)(count + rng_uniform(&rng));
}

striae_status scene_init(struct scene *scene, const struct phantom_options *options,
                         striae_error *error)
{
    *scene = (struct scene){.options = *options};
    scene->half_width = 0.5 * options->width / options->px_per_mm;
    scene->half_height = 0.5 * options->height / options->px_per_mm;
    scene_choose_skin(scene);
    scene_choose_views(scene);
    scene_choose_light(scene);
    scene_choose_cameras(scene);
    scene_choose_cloth(scene);
    scene_spoil(scene);
    striae_status status = scene_lay_card(scene, error);
    if (!status)
        status = scene_make_tiles(scene, error);
    size_t count = choose_stria_count(scene);
    if (!status && !(scene->ribbons = calloc(count + OTHERS_ROOM, sizeof *scene->ribbons)))
        status = fail_memory(error);
    if (!status)
        status = scene_plant_striae(scene, count, error);
    if (!status)
        status = scene_plant_others(scene, OTHERS_ROOM, error);
    if (!status)
        status = scene_scatter_spots(scene, error);
    /* The later photo may be shifted, turned and tilted: the grid reaches past the first one. */
    double margin = 1.6 * fmax(scene->half_width, scene->half_height) + 20.0;
    if (!status)
        status = ribbon_grid_init(&scene->grid, scene->ribbons, scene->ribbon_count, -margin,
                                  -margin, margin, margin, error);
    if (status)
        scene_free(scene);
    return status;
}

void scene_free(struct scene *scene)
{
    for (size_t i = 0; i < scene->ribbon_count; i++)
        ribbon_free(&scene->ribbons[i]);
    free(scene->ribbons);
    free(scene->spots);
    ribbon_grid_free(&scene->grid);
    tile_free(&scene->cloud);
    tile_free(&scene->grain);
    tile_free(&scene->relief);
    tile_free(&scene->cells);
    rgb8_free(&scene->card_picture);
    *scene = (struct scene){0};
}
