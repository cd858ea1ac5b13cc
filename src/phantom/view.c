#include "phantom/view.h"

#include <math.h>

#define PI         3.14159265358979323846
#define ITERATIONS 40

/* ---- elastic skin --------------------------------------------------------------------------- */

void deform_choose(struct deform *deform, double strength, struct rng *rng)
{
    *deform = (struct deform){.count = DEFORM_WAVES};
    for (int k = 0; k < 4; k++)
        deform->linear[k] = strength * 0.012 * rng_normal(rng);
    double breath = strength * rng_range(rng, -0.025, 0.025); /* stretched evenly */
    deform->linear[0] += breath;
    deform->linear[3] += breath;
    for (int k = 0; k < DEFORM_WAVES; k++) {
        double wavelength = 55.0 * pow(4.0, rng_uniform(rng)), angle = rng_range(rng, 0, 2 * PI);
        /* The strain of each wave is limited to 4 %, its amplitude to 2 mm. */
        double amplitude = fmin(2.0, 0.04 * wavelength / (2.0 * PI)) * rng_range(rng, 0.2, 1.0);
        double turn = rng_range(rng, 0, 2 * PI);
        deform->wave[k].kx = 2.0 * PI / wavelength * cos(angle);
        deform->wave[k].ky = 2.0 * PI / wavelength * sin(angle);
        deform->wave[k].phase = rng_range(rng, 0, 2 * PI);
        deform->wave[k].ax = strength * amplitude * cos(turn);
        deform->wave[k].ay = strength * amplitude * sin(turn);
    }
}

static void deform_shift(const struct deform *d, double qx, double qy, double *sx, double *sy)
{
    double x = d->linear[0] * qx + d->linear[1] * qy, y = d->linear[2] * qx + d->linear[3] * qy;
    for (int k = 0; k < d->count; k++) {
        double s = sin(d->wave[k].kx * qx + d->wave[k].ky * qy + d->wave[k].phase);
        x += d->wave[k].ax * s;
        y += d->wave[k].ay * s;
    }
    *sx = x;
    *sy = y;
}

/* ---- camera --------------------------------------------------------------------------------- */

void view_place(struct view *view, double px_per_mm, double distance, double x, double y, double rx,
                double ry, double rz)
{
    double cx = cos(rx), sx = sin(rx), cy = cos(ry), sy = sin(ry), cz = cos(rz), sz = sin(rz);
    /* rotation = Rz * Rx * Ry */
    double a[9] = {cy, 0, sy, sx * sy, cx, -sx * cy, -cx * sy, sx, cx * cy};
    for (int k = 0; k < 3; k++) {
        view->rotation[k] = cz * a[k] - sz * a[3 + k];
        view->rotation[3 + k] = sz * a[k] + cz * a[3 + k];
        view->rotation[6 + k] = a[6 + k];
    }
    /* The optical axis (third row) goes through (x, y, 0). */
    for (int k = 0; k < 3; k++)
        view->eye[k] = (k == 0 ? x : k == 1 ? y : 0.0) - distance * view->rotation[6 + k];
    view->focal = px_per_mm * distance;
    view->corner = 0.5 * hypot(view->width, view->height) / view->focal;
}

static double lens_factor(const struct view *view, double radius)
{
    double r2 = radius * radius / (view->corner * view->corner);
    return 1.0 + view->k1 * r2 + view->k2 * r2 * r2;
}

/* Meets the ray with the cylinder a^2 + z^2 = 2 z / curvature (a = across) in its first point. */
static double hit_distance(const struct view *view, const double eye[3], const double ray[3],
                           double *clearance)
{
    double ea = -view->axis[1] * eye[0] + view->axis[0] * eye[1] - view->apex;
    double ra = -view->axis[1] * ray[0] + view->axis[0] * ray[1];
    double k = view->curvature, a = 0.5 * k * (ra * ra + ray[2] * ray[2]);
    double b = k * (ea * ra + eye[2] * ray[2]) - ray[2];
    double c = 0.5 * k * (ea * ea + eye[2] * eye[2]) - eye[2];
    double root = b * b - 4.0 * a * c;
    *clearance = root;
    return 2.0 * c / (-b + sqrt(fmax(root, 0.0)));
}

void view_ray(const struct view *view, double px, double py, double ray[3])
{
    double sx = (px - 0.5 * (view->width - 1)) / view->focal;
    double sy = (py - 0.5 * (view->height - 1)) / view->focal;
    double lens = lens_factor(view, sqrt(sx * sx + sy * sy));
    double camera[3] = {sx * lens, sy * lens, 1.0};
    for (int k = 0; k < 3; k++)
        ray[k] = view->rotation[k] * camera[0] + view->rotation[3 + k] * camera[1] +
                 view->rotation[6 + k] * camera[2];
}

void view_sight(const struct view *view, double px, double py, struct sight *sight)
{
    double ray[3];
    view_ray(view, px, py, ray);
    double t = hit_distance(view, view->eye, ray, &sight->clearance);
    double length = sqrt(ray[0] * ray[0] + ray[1] * ray[1] + ray[2] * ray[2]);
    for (int k = 0; k < 3; k++) {
        sight->point[k] = view->eye[k] + t * ray[k];
        sight->to_eye[k] = -ray[k] / length;
    }
    const double *p = sight->point;
    double along = view->axis[0] * p[0] + view->axis[1] * p[1];
    double across = -view->axis[1] * p[0] + view->axis[0] * p[1] - view->apex;
    double k = view->curvature, sine = k * across, cosine = 1.0 - k * p[2];
    double arc = k > 1e-9 ? atan2(sine, cosine) / k : across;
    sight->normal[0] = -view->axis[1] * sine;
    sight->normal[1] = view->axis[0] * sine;
    sight->normal[2] = -cosine;
    sight->across[0] = -view->axis[1] * cosine;
    sight->across[1] = view->axis[0] * cosine;
    sight->across[2] = sine;
    arc += view->apex;
    sight->qx = view->axis[0] * along - view->axis[1] * arc;
    sight->qy = view->axis[1] * along + view->axis[0] * arc;
    double dx, dy;
    deform_shift(&view->deform, sight->qx, sight->qy, &dx, &dy);
    sight->x = sight->qx + dx;
    sight->y = sight->qy + dy;
}

struct point view_point(const struct view *view, const double body[3])
{
    double camera[3] = {0, 0, 0}, lens = 1.0;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            camera[i] += view->rotation[3 * i + j] * (body[j] - view->eye[j]);
    double ix = camera[0] / camera[2], iy = camera[1] / camera[2];
    double radius = sqrt(ix * ix + iy * iy);
    for (int i = 0; i < ITERATIONS; i++)
        lens = lens_factor(view, radius / lens);
    return (struct point){0.5 * (view->width - 1) + view->focal * ix / lens,
                          0.5 * (view->height - 1) + view->focal * iy / lens};
}

struct point view_project(const struct view *view, double x, double y, double *facing)
{
    double qx = x, qy = y, dx, dy;
    for (int i = 0; i < ITERATIONS; i++) {
        deform_shift(&view->deform, qx, qy, &dx, &dy);
        qx = x - dx;
        qy = y - dy;
    }
    double along = view->axis[0] * qx + view->axis[1] * qy;
    double arc = -view->axis[1] * qx + view->axis[0] * qy - view->apex;
    double k = view->curvature, turn = k * arc;
    double across = (k > 1e-9 ? sin(turn) / k : arc) + view->apex;
    double z = k > 1e-9 ? (1.0 - cos(turn)) / k : 0.0;
    double body[3] = {view->axis[0] * along - view->axis[1] * across,
                      view->axis[1] * along + view->axis[0] * across, z};
    double normal[3] = {-view->axis[1] * sin(turn), view->axis[0] * sin(turn), -cos(turn)};
    double dot = 0.0, square = 0.0;
    for (int i = 0; i < 3; i++) {
        double from_eye = body[i] - view->eye[i];
        dot -= normal[i] * from_eye;
        square += from_eye * from_eye;
    }
    *facing = dot / sqrt(square);
    return view_point(view, body);
}
