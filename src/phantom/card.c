#include "phantom/card.h"

#include "base/threads.h"
#include "calibrate/calibrate.h"
#include "colour/colour.h"

#include <math.h>

#define PI       3.14159265358979323846
#define PER_MM   40.0 /* px of the card's picture */
#define AROUND   4.0  /* mm of skin beside it that stay in view, and that its shadow may reach */
#define SHADOW   0.25 /* light that it takes from the skin at its edge */
#define FADES    0.6  /* mm over which its shadow fades */
#define TRIES    60
#define UPRIGHT  0.85 /* cosine between the skin's normal and the camera's axis, less the tilt */
#define MOST_SUB 5

static double dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static void cross(const double a[3], const double b[3], double to[3])
{
    for (int k = 0; k < 3; k++)
        to[k] = a[(k + 1) % 3] * b[(k + 2) % 3] - a[(k + 2) % 3] * b[(k + 1) % 3];
}

static void unit(double v[3])
{
    double length = sqrt(dot(v, v));
    for (int k = 0; k < 3; k++)
        v[k] /= length;
}

/* ---- where it lies -------------------------------------------------------------------------- */

/* Tangent to the body where the sight meets it, turned by angle. */
static void lay(const struct sight *sight, double angle, struct laid_card *card)
{
    double inward[3], first[3] = {1, 0, 0}, second[3];
    for (int k = 0; k < 3; k++) {
        card->normal[k] = sight->normal[k];
        card->middle[k] = sight->point[k];
        inward[k] = -sight->normal[k];
    }
    double along = dot(first, inward);
    for (int k = 0; k < 3; k++)
        first[k] -= along * inward[k];
    unit(first);
    cross(inward, first, second);
    for (int k = 0; k < 3; k++)
        card->right[k] = cos(angle) * first[k] + sin(angle) * second[k];
    cross(inward, card->right, card->down);
    card->present = true;
}

static void point_on(const struct laid_card *card, double x, double y, double body[3])
{
    for (int k = 0; k < 3; k++)
        body[k] = card->middle[k] + (x - CARD_WIDTH / 2) * card->right[k] +
                  (y - CARD_HEIGHT / 2) * card->down[k];
}

static bool in_view(const struct laid_card *card, const struct view *view)
{
    for (int k = 0; k < 4; k++) {
        double body[3];
        point_on(card, k == 1 || k == 2 ? CARD_WIDTH + AROUND : -AROUND,
                 k >= 2 ? CARD_HEIGHT + AROUND : -AROUND, body);
        struct point at = view_point(view, body);
        if (!(at.x > 0 && at.y > 0 && at.x < view->width - 1 && at.y < view->height - 1))
            return false;
    }
    return true;
}

static bool choose_place(const struct scene *scene, int session, struct rng *rng,
                         struct laid_card *card)
{
    const struct view *view = &scene->session[session].view;
    double lean = fmin((scene->options.tilt + 20.0) * PI / 180.0, 1.3);
    for (int i = 0; i < TRIES; i++) {
        struct sight sight;
        /* The last ones in the middle of the photo, where it fits if anywhere. */
        double reach = i < TRIES / 2 ? 1.0 : 0.0;
        view_sight(view, view->width * (0.5 + reach * rng_range(rng, -0.5, 0.5)),
                   view->height * (0.5 + reach * rng_range(rng, -0.5, 0.5)), &sight);
        double angle = rng_range(rng, 0, 2 * PI);
        if (sight.clearance <= 0.0 || dot(sight.normal, sight.to_eye) < cos(lean) * UPRIGHT)
            continue;
        lay(&sight, angle, card);
        if (in_view(card, view))
            return true;
    }
    return false;
}

striae_status scene_lay_card(struct scene *scene, striae_error *error)
{
    struct rng rng;
    if (!scene->options.card)
        return STRIAE_OK;
    rng_seed(&rng, scene->options.seed, STREAM_CARD);
    for (int s = 0; s < 2; s++)
        if (!choose_place(scene, s, &rng, &scene->session[s].card))
            return fail_with(error, STRIAE_ERROR_ARGUMENT,
                             "phantom: the card (86 x 54 mm) does not fit into a photo of %d x %d "
                             "px at %g px per mm",
                             scene->options.width, scene->options.height, scene->options.px_per_mm);
    return calibrate_card_picture(PER_MM, &scene->card_picture, error);
}

/* ---- what is seen of it --------------------------------------------------------------------- */

/* mm on the card that the pixel looks at; false where its plane is not before the camera. */
static bool seen_at(const struct laid_card *card, const struct view *view, double px, double py,
                    double mm[2])
{
    double ray[3], to_card[3];
    view_ray(view, px, py, ray);
    for (int k = 0; k < 3; k++)
        to_card[k] = card->middle[k] - view->eye[k];
    double depth = dot(card->normal, to_card) / dot(card->normal, ray);
    for (int k = 0; k < 3; k++)
        ray[k] = depth * ray[k] - to_card[k];
    mm[0] = dot(ray, card->right) + CARD_WIDTH / 2;
    mm[1] = dot(ray, card->down) + CARD_HEIGHT / 2;
    return depth > 0;
}

/* mm outside the card's edge; negative inside. */
static double outside(const double mm[2])
{
    double x = fabs(mm[0] - CARD_WIDTH / 2) - CARD_WIDTH / 2;
    double y = fabs(mm[1] - CARD_HEIGHT / 2) - CARD_HEIGHT / 2;
    return x > 0 && y > 0 ? hypot(x, y) : fmax(x, y);
}

bool card_covers(const struct laid_card *card, const struct view *view, double px, double py)
{
    double mm[2];
    return card->present && seen_at(card, view, px, py, mm) && outside(mm) < 0;
}

struct drawing {
    const struct scene *scene;
    const struct session_plan *plan;
    struct image *light;
    int left, right, top;
    int sub;          /* samples per pixel and side */
    float paper[256]; /* linear reflectance of the picture's values */
};

/* Matt paper: the lamp by its distance and the angle at which it stands, and the even light. */
static void light_at(const struct drawing *d, const double mm[2], double to[3])
{
    const struct laid_card *card = &d->plan->card;
    const struct lamp *lamp = &d->plan->lamp;
    double light[3];
    for (int k = 0; k < 3; k++)
        light[k] = lamp->place[k] - card->middle[k] - (mm[0] - CARD_WIDTH / 2) * card->right[k] -
                   (mm[1] - CARD_HEIGHT / 2) * card->down[k];
    double power = lamp->strength * lamp->reference * lamp->reference / dot(light, light);
    unit(light);
    double direct = fmax(dot(card->normal, light), 0.0), open = 0.5 - 0.5 * card->normal[2];
    for (int c = 0; c < 3; c++)
        to[c] = d->scene->options.ideal ? 1.0
                                        : power * direct * lamp->colour[c] +
                                              lamp->ambient * (0.55 + 0.45 * open) * lamp->shade[c];
}

static void add_paper(const struct drawing *d, const double mm[2], const double lamp[3],
                      double rgb[3])
{
    const struct rgb8 *p = &d->scene->card_picture;
    double x = fmin(fmax(mm[0] * PER_MM - 0.5, 0), p->width - 1.001);
    double y = fmin(fmax(mm[1] * PER_MM - 0.5, 0), p->height - 1.001);
    int x0 = (int)x, y0 = (int)y;
    double tx = x - x0, ty = y - y0;
    const uint8_t *top = p->data + 3 * ((size_t)y0 * (size_t)p->width + (size_t)x0);
    const uint8_t *bottom = top + 3 * (size_t)p->width;
    for (int c = 0; c < 3; c++) {
        double above = (1 - tx) * (double)d->paper[top[c]] + tx * (double)d->paper[top[3 + c]];
        double below =
            (1 - tx) * (double)d->paper[bottom[c]] + tx * (double)d->paper[bottom[3 + c]];
        rgb[c] += lamp[c] * ((1 - ty) * above + ty * below);
    }
}

static void draw_pixel(const struct drawing *d, int x, int y)
{
    const struct laid_card *card = &d->plan->card;
    double rgb[3] = {0, 0, 0}, lamp[3], mm[2], covered = 0, skin = 0, n = d->sub * d->sub;
    if (!seen_at(card, &d->plan->view, x, y, mm) || outside(mm) > AROUND)
        return;
    light_at(d, mm, lamp);
    for (int k = 0; k < d->sub * d->sub; k++) {
        double dx = (k % d->sub + 0.5) / d->sub - 0.5, dy = (k / d->sub + 0.5) / d->sub - 0.5;
        seen_at(card, &d->plan->view, x + dx, y + dy, mm);
        double out = outside(mm);
        if (out < 0) {
            add_paper(d, mm, lamp, rgb);
            covered++;
        } else {
            skin += d->scene->options.ideal ? 1 : 1 - SHADOW * exp(-out / FADES);
        }
    }
    for (int c = 0; c < 3; c++) {
        float *at = &plane_row(&d->light->channel[c], y)[x];
        *at = (float)((rgb[c] + skin * (double)*at) / n);
    }
}

static void draw_row(void *context, int row)
{
    const struct drawing *d = context;
    for (int x = d->left; x <= d->right; x++)
        draw_pixel(d, x, d->top + row);
}

void render_card(const struct scene *scene, int session, struct image *light)
{
    struct drawing d = {.scene = scene, .plan = &scene->session[session], .light = light};
    const struct laid_card *card = &d.plan->card;
    double left = light->width, right = 0, top = light->height, bottom = 0;
    if (!card->present)
        return;
    for (int k = 0; k < 4; k++) {
        double body[3];
        point_on(card, k == 1 || k == 2 ? CARD_WIDTH + AROUND : -AROUND,
                 k >= 2 ? CARD_HEIGHT + AROUND : -AROUND, body);
        struct point at = view_point(&d.plan->view, body);
        left = fmin(left, at.x);
        right = fmax(right, at.x);
        top = fmin(top, at.y);
        bottom = fmax(bottom, at.y);
    }
    d.left = (int)fmax(left - 2, 0);
    d.right = (int)fmin(right + 2, light->width - 1);
    d.top = (int)fmax(top - 2, 0);
    d.sub = (int)fmin(fmax(ceil(0.5 * PER_MM / scene->options.px_per_mm), 2), MOST_SUB);
    for (int i = 0; i < 256; i++)
        d.paper[i] = (float)colour_srgb_decode(i / 255.0);
    threads_run(scene->options.threads, (int)fmin(bottom + 2, light->height - 1) - d.top + 1,
                draw_row, &d);
}

void card_truth(const struct laid_card *card, const struct view *view, struct phantom_card *truth)
{
    *truth = (struct phantom_card){.present = card->present};
    if (!card->present)
        return;
    double body[3];
    for (int k = 0; k < 4; k++) {
        point_on(card, k == 1 || k == 2 ? CARD_WIDTH : 0, k >= 2 ? CARD_HEIGHT : 0, body);
        truth->corner[k] = view_point(view, body);
    }
    const double step = 0.05;
    struct point at[3];
    for (int k = 0; k < 3; k++) {
        point_on(card, CARD_WIDTH / 2 + (k == 1 ? step : 0), CARD_HEIGHT / 2 + (k == 2 ? step : 0),
                 body);
        at[k] = view_point(view, body);
    }
    double area =
        (at[1].x - at[0].x) * (at[2].y - at[0].y) - (at[1].y - at[0].y) * (at[2].x - at[0].x);
    truth->px_per_mm = sqrt(fabs(area)) / step;
    truth->focal = view->focal;
    truth->tilt = acos(fmin(fabs(dot(card->normal, view->rotation + 6)), 1)) * 180 / PI;
}
