#include "phantom/cover.h"

#include <math.h>

#define PI 3.14159265358979323846

double cloth_depth(const struct cloth *cloth, double qx, double qy)
{
    double along = cloth->nx * qy - cloth->ny * qx;
    double depth = cloth->nx * qx + cloth->ny * qy - cloth->offset;
    for (int k = 0; k < 3; k++)
        depth += cloth->wave[k] * sin(2.0 * PI * along / cloth->wavelength[k] + cloth->phase[k]);
    if (cloth->weave == 4) /* lace has a scalloped edge */
        depth += 1.2 * fabs(sin(PI * along / 7.0));
    return depth;
}

/* Brightness of the threads: -1..1, fading where they are finer than the pixels. */
static double weave_at(const struct scene *scene, const struct cloth *cloth, double a, double b,
                       double px_per_mm)
{
    double pitch = cloth->pitch, seen = smoothstep(1.5, 4.0, pitch * px_per_mm);
    double wander = 0.4 * tile_at(&scene->cloud, a * 0.9, b * 0.9);
    double u = 2.0 * PI * a / pitch + wander, v = 2.0 * PI * b / pitch + wander;
    double noise = tile_at(&scene->grain, 7.0 * a, 7.0 * b + 99.0);
    switch (cloth->weave) {
    case 0:
        return seen * sin(u) * sin(v) + 0.25 * noise;
    case 1: /* ribs with a V in each stitch */
        return seen * (0.7 * sin(0.5 * u) + 0.4 * sin(v + 2.0 * fabs(sin(0.25 * u)))) + 0.2 * noise;
    case 2:
        return seen * sin(u + v) + 0.4 * noise;
    case 3:
        return 1.1 * noise + 0.6 * tile_at(&scene->grain, 3.0 * a, 11.0 * b);
    case 4:
        return seen * 0.5 * sin(u) + 1.3 * sin(PI * a / 5.0) * sin(PI * b / 5.0) + 0.2 * noise;
    default:
        return 0.3 * noise + 0.3 * seen * sin(u);
    }
}

/* Folds hang down from the band. */
static double fold_slope(const struct scene *scene, const struct cloth *cloth, double along,
                         double depth)
{
    double loose = smoothstep(cloth->band, cloth->band + 25.0, depth);
    double place = 300.0 * cloth->seed;
    double near = tile_at(&scene->cloud, along / 0.5 + place, depth / 2.2);
    double far = tile_at(&scene->cloud, (along + 1.5) / 0.5 + place, depth / 2.2);
    double wave = cos(2.0 * PI * along / cloth->wavelength[0] + cloth->phase[0]);
    return loose * (0.9 * (far - near) + 0.15 * wave);
}

void cloth_light(const struct scene *scene, const struct cloth *cloth, const struct lamp *lamp,
                 const struct sight *sight, double depth, double px_per_mm, double rgb[3])
{
    double along = cloth->nx * sight->qy - cloth->ny * sight->qx;
    double thread = weave_at(scene, cloth, along, depth, px_per_mm), shade = 1.0;
    const double *colour = cloth->colour;
    if (cloth->band > 0.0 && depth < cloth->band) { /* ribbed elastic with two seams */
        double rib = sin(2.0 * PI * along / (0.8 + cloth->pitch));
        thread = 0.5 * thread + 0.6 * rib * smoothstep(1.5, 4.0, (0.8 + cloth->pitch) * px_per_mm);
        for (int k = 0; k < 2; k++) {
            double seam = depth - (k ? 0.85 : 0.12) * cloth->band;
            double dash = sin(2.0 * PI * along / 2.4) > -0.4 ? 1.0 : 0.4;
            shade -= 0.25 * dash * exp(-8.0 * seam * seam);
        }
    }
    if (cloth->weave == 5) { /* print: blots of a second colour */
        double blot = tile_at(&scene->cloud, along / 0.16, depth / 0.16);
        colour = blot > 0.8 ? cloth->print : cloth->colour;
    }
    double hem = smoothstep(0.0, 1.2, depth);
    double slope = fold_slope(scene, cloth, along, depth), facing = 0.0, length = 0.0;
    double light[3];
    for (int k = 0; k < 3; k++) {
        light[k] = lamp->place[k] - sight->point[k];
        length += light[k] * light[k];
        facing += light[k] * sight->normal[k];
    }
    length = sqrt(length);
    double side = (-cloth->ny * light[0] + cloth->nx * light[1]) / length;
    double direct = fmax(facing / length - slope * side, 0.0);
    direct *= lamp->strength * lamp->reference * lamp->reference / (length * length);
    double even = lamp->ambient * (1.0 - 0.35 * fabs(slope));
    shade *= (0.72 + 0.28 * hem) * fmax(1.0 + 0.10 * thread, 0.2);
    for (int k = 0; k < 3; k++)
        rgb[k] = colour[k] * shade * (direct * lamp->colour[k] + even * lamp->shade[k]);
}

double cloth_shadow(const struct cloth *cloth, const struct lamp *lamp, double depth)
{
    if (depth >= 0.0)
        return 0.55;
    double across = cloth->nx * lamp->place[0] + cloth->ny * lamp->place[1];
    double high = fmax(-lamp->place[2], 1.0), throw = cloth->thickness * fmax(across / high, 0.0);
    double contact = 0.45 * exp(depth / (0.6 * cloth->thickness));
    double cast = 0.4 * (1.0 - smoothstep(0.5 * throw, 1.5 * throw +0.6, -depth));
    return 1.0 - fmax(contact, across > 0.0 ? cast : 0.0);
}

void background_light(const struct scene *scene, double x, double y, double rgb[3])
{
    const struct background *back = &scene->background;
    double c = cos(back->angle), s = sin(back->angle);
    double along = c * (x - 0.5) + s * (y - 0.5);
    double spot = tile_at(&scene->cloud, 40.0 * x + 256.0 * back->seed, 40.0 * y);
    double cloth = tile_at(&scene->grain, 900.0 * x, 900.0 * y);
    /* Half of the rooms have an edge in them: a table, a door, a towel. */
    double edge = back->seed < 0.5 ? smoothstep(-0.01, 0.01, along + 0.3 * back->mottle - 0.1)
                                   : smoothstep(-0.8, 0.8, along);
    double shade = 1.0 + 0.25 * back->mottle * spot + 0.05 * (1.0 - back->mottle) * cloth;
    for (int k = 0; k < 3; k++)
        rgb[k] = fmax(shade, 0.1) * (back->colour[k] + edge * (back->other[k] - back->colour[k]));
}
