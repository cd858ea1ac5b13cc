/* Lamps, cameras, clothes and backdrop of the two sessions. */
#include "phantom/scene.h"

#include <math.h>

#define PI 3.14159265358979323846

/* ---- light ---------------------------------------------------------------------------------- */

static void colour_cast(struct rng *rng, double strength, double out[3])
{
    double warm = 0.05 * strength * rng_normal(rng), tint = 0.02 * strength * rng_normal(rng);
    out[0] = exp(warm);
    out[1] = exp(tint);
    out[2] = exp(-warm);
}

static struct lamp choose_lamp(const struct scene *scene, struct rng *rng)
{
    double hard = scene->options.hardness;
    double size = hypot(scene->half_width, scene->half_height);
    double azimuth = rng_range(rng, 0, 2 * PI), flat = rng_range(rng, 0, 1);
    /* From nearly overhead to raking light. */
    double elevation = PI / 180 * (75.0 - flat * (25.0 + 30.0 * hard));
    double away = fmax(size * rng_range(rng, 2.0, 9.0), 150.0);
    struct lamp lamp = {.reference = away};
    lamp.place[0] = away * cos(elevation) * cos(azimuth);
    lamp.place[1] = away * cos(elevation) * sin(azimuth);
    lamp.place[2] = -away * sin(elevation);
    lamp.ambient = rng_range(rng, 0.75 - 0.5 * hard, 0.85);
    lamp.strength = (1.0 - lamp.ambient) / sin(elevation);
    colour_cast(rng, 0.6 * hard, lamp.colour);
    colour_cast(rng, 0.6 * hard, lamp.shade);
    return lamp;
}

void scene_choose_light(struct scene *scene)
{
    struct rng rng;
    rng_seed(&rng, scene->options.seed, STREAM_LIGHT);
    struct lamp first = choose_lamp(scene, &rng), later = choose_lamp(scene, &rng);
    double t = fmin(scene->options.light, 1.0) * rng_range(&rng, 0.3, 1.0);
    if (scene->options.light <= 0.0)
        t = 0.0;
    scene->session[0].lamp = first;
    scene->session[1].lamp = first;
    struct lamp *lamp = &scene->session[1].lamp;
    for (int k = 0; k < 3; k++) {
        lamp->place[k] += t * (later.place[k] - first.place[k]);
        lamp->colour[k] *= pow(later.colour[k] / first.colour[k], t);
        lamp->shade[k] *= pow(later.shade[k] / first.shade[k], t);
    }
    lamp->reference = sqrt(lamp->place[0] * lamp->place[0] + lamp->place[1] * lamp->place[1] +
                           lamp->place[2] * lamp->place[2]);
    lamp->ambient += t * (later.ambient - first.ambient);
    lamp->strength = (1.0 - lamp->ambient) * lamp->reference / fmax(-lamp->place[2], 1.0);
}

/* ---- cameras -------------------------------------------------------------------------------- */

static struct camera choose_camera(const struct scene *scene, struct rng *rng)
{
    double hard = scene->options.hardness;
    struct camera camera = {.blur = rng_range(rng, 0.5, 0.75)};
    double noise = log_range(rng, 0.0004, 0.0006 + 0.003 * hard);
    if (chance(rng, 0.15 + 0.35 * hard))
        camera.blur = hypot(camera.blur, rng_range(rng, 0.3, 0.6 + 1.2 * hard));
    camera.chroma_blur = rng_range(rng, 0.4, 1.2);
    if (chance(rng, 0.35 * hard))
        camera.motion = rng_range(rng, 1.0, 3.5);
    camera.motion_angle = rng_range(rng, 0, PI);
    camera.vignette = rng_range(rng, 0.0, 0.05 + 0.3 * hard);
    camera.shot = noise * 0.35;
    camera.read = 0.5 * noise;
    camera.grain_size = rng_range(rng, 0.0, 0.8);
    camera.sharpen = chance(rng, 0.75) ? rng_range(rng, 0.1, 0.4 + 0.5 * hard) : 0.0;
    camera.sharpen_radius = rng_range(rng, 0.7, 1.3);
    camera.seed = rng_u32(rng);
    return camera;
}

static void choose_gain(const struct scene *scene, int session, struct rng *rng, double gain[3])
{
    double strength = scene->options.light, exposure = exp(0.08 * strength * rng_normal(rng));
    double warm = 0.035 * strength * rng_normal(rng), tint = 0.015 * strength * rng_normal(rng);
    double usual = session && scene->options.light <= 0.0 ? 0.0 : 1.0;
    gain[0] = exposure * exp(usual * warm);
    gain[1] = exposure * exp(usual * tint);
    gain[2] = exposure * exp(-usual * warm);
}

/* White balance off by up to `cast`, and filters that let through some of the other channels'
 * light; white stays white under them. */
static void choose_cast(const struct scene *scene, int session, struct camera *camera)
{
    struct rng rng;
    rng_seed(&rng, scene->options.seed, STREAM_CAST + 1000 * (uint64_t)(session + 1));
    double cast = scene->options.cast;
    camera->gain[0] *= 1.0 + cast * rng_range(&rng, -1, 1);
    camera->gain[2] *= 1.0 + cast * rng_range(&rng, -1, 1);
    camera->mixes = true;
    for (int i = 0; i < 3; i++) {
        camera->mix[i][i] = 1.0;
        for (int j = 0; j < 3; j++) {
            double part = 0.5 * cast * rng_range(&rng, -1, 1);
            camera->mix[i][j] += i == j ? 0.0 : part;
            camera->mix[i][i] -= i == j ? 0.0 : part;
        }
    }
}

void scene_choose_cameras(struct scene *scene)
{
    for (int s = 0; s < 2; s++) {
        struct rng rng;
        rng_seed(&rng, scene->options.seed, s ? STREAM_CAMERA_LATER : STREAM_CAMERA_FIRST);
        struct camera *camera = &scene->session[s].camera;
        *camera = choose_camera(scene, &rng);
        choose_gain(scene, s, &rng, camera->gain);
        if (s && scene->options.defocus >= 0.0)
            camera->blur = hypot(scene->session[0].camera.blur, scene->options.defocus);
        if (scene->options.card) /* paper is lighter than skin: exposed so that it is not cut off */
            for (int k = 0; k < 3; k++)
                camera->gain[k] *= 0.75;
        if (scene->options.cast > 0.0)
            choose_cast(scene, s, camera);
    }
}

/* ---- clothes and backdrop ------------------------------------------------------------------- */

static void cloth_colour(struct rng *rng, double out[3])
{
    double hue = rng_range(rng, 0, 2 * PI), pale = rng_uniform(rng);
    double light = pale < 0.35  ? rng_range(rng, 0.6, 0.85)
                   : pale < 0.6 ? rng_range(rng, 0.01, 0.06)
                                : rng_range(rng, 0.08, 0.5);
    /* Some clothes have the colour of skin. */
    double strong = chance(rng, 0.5) ? 0.06 : 0.5;
    if (chance(rng, 0.15))
        hue = 0.6, strong = 0.35;
    for (int k = 0; k < 3; k++)
        out[k] = light * exp(strong * cos(hue - 2.0 * PI * k / 3.0));
}

struct cloth scene_cloth(const struct scene *scene, double angle, double cover, struct rng *rng)
{
    struct cloth cloth = {.present = true};
    cloth.nx = cos(angle);
    cloth.ny = sin(angle);
    double reach = fabs(cloth.nx) * scene->half_width + fabs(cloth.ny) * scene->half_height;
    cloth.offset = reach * (1.0 - 2.0 * cover);
    for (int k = 0; k < 3; k++) {
        cloth.wavelength[k] = log_range(rng, 12, 150);
        cloth.wave[k] = 0.035 * cloth.wavelength[k] * rng_uniform(rng);
        cloth.phase[k] = rng_range(rng, 0, 2 * PI);
    }
    cloth_colour(rng, cloth.colour);
    cloth_colour(rng, cloth.print);
    cloth.weave = (int)(6.0 * rng_uniform(rng));
    cloth.pitch = log_range(rng, 0.35, 1.8);
    cloth.band = chance(rng, 0.6) ? log_range(rng, 4, 30) : 0.0;
    cloth.thickness = rng_range(rng, 0.4, 2.5);
    cloth.seed = rng_uniform(rng);
    return cloth;
}

void scene_choose_cloth(struct scene *scene)
{
    struct rng rng;
    rng_seed(&rng, scene->options.seed, STREAM_CLOTH);
    double hard = scene->options.hardness;
    bool any = chance(&rng, 0.55 * hard) && !scene->options.ideal;
    bool second = chance(&rng, 0.3);
    double angle =
        chance(&rng, 0.6) ? rng_range(&rng, -0.25, 0.25) + PI / 2 : rng_range(&rng, 0, 2 * PI);
    double cover = rng_range(&rng, 0.03, 0.2);
    for (int s = 0; s < 2 && any; s++) {
        /* Clothes are put on again: they sit a little differently, and are often others. */
        bool same = s == 1 && (!scene->options.change || chance(&rng, 0.5));
        double shift = scene->options.change ? 0.06 : 0.0;
        struct rng own = rng;
        struct session_plan *plan = &scene->session[s];
        plan->cloth[0] = scene_cloth(scene, angle + shift * rng_normal(&rng),
                                     cover * (1.0 + 4 * shift * rng_range(&rng, -1, 1)), &own);
        if (second)
            plan->cloth[1] =
                scene_cloth(scene, angle + PI + shift * rng_normal(&rng), 0.6 * cover, &own);
        if (same) {
            for (int k = 0; k < 2; k++) {
                struct cloth now = plan->cloth[k];
                plan->cloth[k] = scene->session[0].cloth[k];
                plan->cloth[k].offset = now.offset;
                plan->cloth[k].nx = now.nx;
                plan->cloth[k].ny = now.ny;
                plan->cloth[k].present = now.present;
            }
        }
        rng_seed(&rng, scene->options.seed, STREAM_CLOTH + 200);
    }
    rng_seed(&rng, scene->options.seed, STREAM_BACKGROUND);
    cloth_colour(&rng, scene->background.colour);
    cloth_colour(&rng, scene->background.other);
    scene->background.angle = rng_range(&rng, 0, 2 * PI);
    scene->background.mottle = rng_uniform(&rng);
    scene->background.seed = rng_uniform(&rng);
}
