/* Faults of the later photo on demand: what a check of photos must tell. */
#include "phantom/scene.h"

#include <math.h>

#define PI 3.14159265358979323846

#define OIL         3.0  /* of skin that is as oily as can be */
#define FLASH_ASIDE 25.0 /* mm from the lens */

/* The lamp is the camera's own flash, and little else lights the skin. */
static void use_flash(struct session_plan *plan, double strength)
{
    struct lamp *lamp = &plan->lamp;
    const double *eye = plan->view.eye;
    for (int k = 0; k < 3; k++)
        lamp->place[k] = eye[k] + FLASH_ASIDE * plan->view.rotation[k];
    lamp->reference = sqrt(lamp->place[0] * lamp->place[0] + lamp->place[1] * lamp->place[1] +
                           lamp->place[2] * lamp->place[2]);
    lamp->ambient *= 1.0 - 0.7 * strength;
    lamp->strength = 1.0 - lamp->ambient;
    plan->oil = OIL * strength;
}

/* Terminal hair as on a chest or a belly. */
static void grow(struct session_plan *plan, double per_cm2, double area, struct rng *rng)
{
    plan->hair = (struct hair_plan){.count = (int)(per_cm2 * area / 100.0),
                                    .length = 16.0,
                                    .thickness = 0.09,
                                    .dark = 2.5,
                                    .curl = 1.0,
                                    .direction = rng_range(rng, 0, 2 * PI),
                                    .spread = 1.0};
    plan->hair.session_seed[0] = plan->hair.session_seed[1] = rng_u32(rng);
}

void scene_spoil(struct scene *scene)
{
    const struct phantom_faults *faults = &scene->options.faults;
    struct session_plan *plan = &scene->session[1];
    struct rng rng;
    rng_seed(&rng, scene->options.seed, STREAM_FAULTS);
    if (faults->motion > 0.0)
        plan->camera.motion = faults->motion;
    for (int k = 0; k < 3; k++)
        plan->camera.gain[k] *= exp2(faults->exposure);
    if (faults->shine > 0.0)
        use_flash(plan, faults->shine);
    plan->shaded = faults->shade > 0.0;
    plan->shaded_from = scene->half_height * (1.0 - 2.0 * faults->shade);
    plan->flushed = faults->flush > 0.0;
    plan->red_until = scene->half_width * (2.0 * faults->flush - 1.0);
    if (faults->cover > 0.0)
        plan->cloth[0] = scene_cloth(scene, 0.1, faults->cover, &rng);
    grow(plan, faults->hair, 4.0 * 1.69 * scene->half_width * scene->half_height, &rng);
}
