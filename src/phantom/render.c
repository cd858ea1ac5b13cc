#include "phantom/render.h"

#include "base/threads.h"
#include "colour/colour.h"
#include "phantom/card.h"
#include "phantom/cover.h"
#include "phantom/surface.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK       16   /* rows per task: fixed, so that sums do not depend on threads */
#define GRAZING     0.25 /* skin seen at less than this cosine does not count as visible */
#define ROW_SPOTS   512
#define PIXEL_SPOTS 8
#define OIL_POLISH  90.0
#define SHADE_LIGHT 0.2 /* that of open light, in deep shade */
#define SHADE_EDGE  6.0 /* mm over which it begins */

struct spot_box {
    const struct spot *spot;
    int x0, x1, y0, y1;
};

struct work {
    const struct scene *scene;
    int session;
    double px_per_mm; /* of this photo, about */
    struct rendering *out;
    struct plane u, v, height, gloss; /* per pixel */
    struct spot_box *boxes;
    size_t box_count;
    struct tally *tallies; /* per block, stria_count + 1 each */
    struct {
        size_t px, bare;
        double mm2, light[3];
    } * skin; /* per block */
};

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* ---- first pass: what each pixel sees ------------------------------------------------------- */

static striae_status box_spots(struct work *work, striae_error *error)
{
    const struct scene *scene = work->scene;
    work->boxes = malloc((scene->spot_count + 1) * sizeof *work->boxes);
    if (!work->boxes)
        return fail_memory(error);
    for (size_t i = 0; i < scene->spot_count; i++) {
        const struct spot *spot = &scene->spots[i];
        double facing, reach = 2.2 * spot->radius * work->px_per_mm * 1.4 + 2.0;
        struct point at =
            view_project(&scene->session[work->session].view, spot->x, spot->y, &facing);
        if (!spot->present[work->session] || facing < -0.2 || fabs(at.x) > 1e6 || fabs(at.y) > 1e6)
            continue;
        work->boxes[work->box_count++] =
            (struct spot_box){spot, (int)(at.x - reach), (int)(at.x + reach), (int)(at.y - reach),
                              (int)(at.y + reach)};
    }
    return STRIAE_OK;
}

static size_t row_spots(const struct work *work, int y, const struct spot_box *row[ROW_SPOTS])
{
    size_t count = 0;
    for (size_t i = 0; i < work->box_count && count < ROW_SPOTS; i++)
        if (y >= work->boxes[i].y0 && y <= work->boxes[i].y1)
            row[count++] = &work->boxes[i];
    return count;
}

static void add_lab(const double density[3], double lab[3])
{
    struct lab c = colour_lab(exp(-density[0]), exp(-density[1]), exp(-density[2]));
    lab[0] += c.l;
    lab[1] += c.a;
    lab[2] += c.b;
}

/* Adds the pixel to the sums of its stria or of the rings it lies in. */
static void count_pixel(struct tally *tally, const struct hit *hits, int count,
                        const struct surface *surface, double mm2)
{
    if (surface->id > 0) {
        double lab[3] = {0, 0, 0};
        add_lab(surface->clean, lab);
        const int ids[2] = {0, surface->id};
        for (int k = 0; k < 2; k++) {
            struct tally *t = &tally[ids[k]];
            t->stria_px++;
            t->stria_mm2 += mm2;
            for (int i = 0; i < 3; i++)
                t->stria_lab[i] += lab[i];
        }
        return;
    }
    bool ring = false;
    for (int i = 0; i < count; i++) {
        if (hits[i].ribbon->class != RIBBON_STRIA)
            continue;
        if (hits[i].beyond < 1.0)
            return; /* too close to some stria */
        ring = ring || hits[i].beyond <= 3.0;
    }
    if (!ring)
        return;
    double lab[3] = {0, 0, 0};
    add_lab(surface->clean, lab);
    for (int i = -1; i < count; i++) {
        if (i >= 0 && (hits[i].ribbon->class != RIBBON_STRIA || hits[i].beyond > 3.0))
            continue;
        struct tally *t = &tally[i < 0 ? 0 : hits[i].ribbon->id];
        t->ring_px++;
        for (int k = 0; k < 3; k++)
            t->ring_lab[k] += lab[k];
    }
}

/* Skin area of a pixel, mm2 of unstretched skin. It varies slowly: looked up once for every run of
 * eight pixels, in their middle. */
static double pixel_area(const struct view *view, int x, int y)
{
    struct sight at, right, below;
    double middle = (x & ~7) + 3.5;
    view_sight(view, middle, y, &at);
    view_sight(view, middle + 0.25, y, &right);
    view_sight(view, middle, y + 0.25, &below);
    return 16.0 * fabs((right.x - at.x) * (below.y - at.y) - (right.y - at.y) * (below.x - at.x));
}

static bool under_cloth(const struct session_plan *plan, const struct sight *sight)
{
    for (int k = 0; k < 2; k++)
        if (plan->cloth[k].present && cloth_depth(&plan->cloth[k], sight->qx, sight->qy) > 0.0)
            return true;
    return false;
}

static void look_pixel(struct work *work, int x, int y, const struct spot_box *const *row,
                       size_t row_count, int block, double *mm2)
{
    const struct scene *scene = work->scene;
    const struct session_plan *plan = &scene->session[work->session];
    struct sight sight;
    struct hit hits[RIBBON_HITS];
    struct surface surface;
    const struct spot *spots[PIXEL_SPOTS];
    size_t spot_count = 0;
    view_sight(&plan->view, x, y, &sight);
    for (size_t i = 0; i < row_count && spot_count < PIXEL_SPOTS; i++)
        if (x >= row[i]->x0 && x <= row[i]->x1)
            spots[spot_count++] = row[i]->spot;
    int count = ribbons_at(&scene->grid, scene->ribbons, work->session, sight.x, sight.y, hits);
    surface_at(scene, work->session, sight.x, sight.y, hits, count, spots, spot_count, &surface);
    plane_row(&work->u, y)[x] = (float)sight.x;
    plane_row(&work->v, y)[x] = (float)sight.y;
    plane_row(&work->height, y)[x] = (float)surface.height;
    plane_row(&work->gloss, y)[x] = (float)surface.gloss;
    for (int k = 0; k < 3; k++)
        plane_row(&work->out->light.channel[k], y)[x] = (float)surface.density[k];
    double facing = 0.0;
    for (int k = 0; k < 3; k++)
        facing += sight.normal[k] * sight.to_eye[k];
    bool cloth = under_cloth(plan, &sight), body = sight.clearance > 0.0 && facing > GRAZING;
    mask_row(&work->out->cloth, y)[x] = cloth ? 255 : 0;
    if (cloth || !body || card_covers(&plan->card, &plan->view, x, y))
        return;
    if (*mm2 < 0.0)
        *mm2 = pixel_area(&plan->view, x, y);
    mask_row(&work->out->skin, y)[x] = 255;
    work->skin[block].px++;
    work->skin[block].mm2 += *mm2;
    if (surface.id > 0) {
        size_t i = (size_t)y * (size_t)work->out->labels.width + (size_t)x;
        work->out->labels.data[i] = (uint16_t)surface.id;
        mask_row(&work->out->mask, y)[x] = 255;
    } else {
        work->skin[block].bare++;
        for (int k = 0; k < 3; k++)
            work->skin[block].light[k] += exp(-surface.clean[k]);
    }
    count_pixel(work->tallies + (size_t)block * (scene->stria_count + 1), hits, count, &surface,
                *mm2);
}

static void look_block(void *context, int block)
{
    struct work *work = context;
    int end = least((block + 1) * BLOCK, work->out->light.height);
    for (int y = block * BLOCK; y < end; y++) {
        const struct spot_box *row[ROW_SPOTS];
        size_t count = row_spots(work, y, row);
        double mm2 = -1.0; /* of the present run of eight pixels; < 0: not known */
        for (int x = 0; x < work->out->light.width; x++) {
            if ((x & 7) == 0)
                mm2 = -1.0;
            look_pixel(work, x, y, row, count, block, &mm2);
        }
    }
}

/* ---- second pass: light --------------------------------------------------------------------- */

/* Gradient of the relief along the skin's x and y, from the neighbours in the picture. */
static void relief_gradient(const struct work *work, int x, int y, double gradient[2])
{
    int w = work->u.width, h = work->u.height;
    int x0 = x > 0 ? x - 1 : 0, x1 = x + 1 < w ? x + 1 : w - 1;
    int y0 = y > 0 ? y - 1 : 0, y1 = y + 1 < h ? y + 1 : h - 1;
    double a[3], b[3];
    const struct plane *planes[3] = {&work->u, &work->v, &work->height};
    for (int k = 0; k < 3; k++) {
        const float *row = plane_row(planes[k], y);
        a[k] = (double)row[x1] - (double)row[x0];
        b[k] = (double)plane_row(planes[k], y1)[x] - (double)plane_row(planes[k], y0)[x];
    }
    double det = a[0] * b[1] - a[1] * b[0];
    gradient[0] = gradient[1] = 0.0;
    if (fabs(det) < 1e-12)
        return;
    gradient[0] = (a[2] * b[1] - a[1] * b[2]) / det;
    gradient[1] = (a[0] * b[2] - a[2] * b[0]) / det;
}

static void unit(double v[3])
{
    double length = sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
    for (int k = 0; k < 3; k++)
        v[k] /= length;
}

static double dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/* Light spreads in skin, red the farthest: relief shades red less than blue. */
static const double spread[3] = {0.62, 0.88, 1.0};

/* Share of the light that reaches skin partly in something's shadow. */
static double lit_part(const struct session_plan *plan, const struct sight *sight)
{
    double in = (sight->qy - plan->shaded_from) / SHADE_EDGE + 0.5;
    return 1.0 - (1.0 - SHADE_LIGHT) * fmin(fmax(in, 0.0), 1.0);
}

static void skin_light(const struct work *work, const struct sight *sight, int x, int y,
                       const double density[3], double rgb[3])
{
    const struct scene *scene = work->scene;
    const struct session_plan *plan = &scene->session[work->session];
    const struct lamp *lamp = &plan->lamp;
    if (scene->options.ideal) {
        for (int k = 0; k < 3; k++)
            rgb[k] = exp(-density[k]);
        return;
    }
    double gradient[2], light[3], half[3], tangent[3], normal[3];
    relief_gradient(work, x, y, gradient);
    const double *axis = plan->view.axis;
    double along = gradient[0] * axis[0] + gradient[1] * axis[1];
    double across = -gradient[0] * axis[1] + gradient[1] * axis[0];
    double square = 0.0;
    for (int k = 0; k < 3; k++) {
        tangent[k] = along * (k < 2 ? axis[k] : 0.0) + across * sight->across[k];
        light[k] = lamp->place[k] - sight->point[k];
        square += light[k] * light[k];
    }
    double open_to = plan->shaded ? lit_part(plan, sight) : 1.0;
    double power = open_to * lamp->strength * lamp->reference * lamp->reference / square;
    double ambient = open_to * lamp->ambient;
    unit(light);
    for (int k = 0; k < 3; k++)
        half[k] = light[k] + sight->to_eye[k];
    unit(half);
    double diffuse[3], shine = 0.0;
    for (int c = 0; c < 3; c++) {
        for (int k = 0; k < 3; k++)
            normal[k] = sight->normal[k] - spread[c] * tangent[k];
        unit(normal);
        double direct = fmax(dot(normal, light), 0.0), open = 0.5 - 0.5 * normal[2];
        diffuse[c] =
            power * direct * lamp->colour[c] + ambient * (0.55 + 0.45 * open) * lamp->shade[c];
        if (c == 2) {
            double toward = fmax(dot(normal, half), 0.0), gloss = plane_row(&work->gloss, y)[x];
            double polish = scene->skin.polish;
            double fresnel = 1.0 - fmax(dot(half, sight->to_eye), 0.0);
            shine = gloss * power * (polish + 2.0) * 0.125 * pow(toward, polish) *
                    (direct > 0.0 ? 1.0 : 0.0) * (1.0 + 8.0 * fresnel * fresnel * fresnel);
            shine += 0.25 * gloss * ambient;
            shine += plan->oil * power * pow(toward, OIL_POLISH);
        }
    }
    for (int k = 0; k < 3; k++)
        rgb[k] = (scene->skin.sheen + (1.0 - scene->skin.sheen) * exp(-density[k])) * diffuse[k] +
                 0.3 * shine * lamp->colour[k];
}

/* Part of the pixel that the body covers, from the clearance of its ray and of the next ones. */
static double body_part(const struct view *view, const struct sight *sight, int x, int y)
{
    /* Clearance is near 1 for a ray that meets the body squarely and changes by little per pixel.
     */
    if (view->curvature <= 0.0 || sight->clearance > 0.1)
        return 1.0;
    struct sight right, below;
    view_sight(view, x + 1.0, y, &right);
    view_sight(view, x, y + 1.0, &below);
    double slope = hypot(right.clearance - sight->clearance, below.clearance - sight->clearance);
    return fmin(fmax(0.5 + sight->clearance / fmax(slope, 1e-12), 0.0), 1.0);
}

static void light_pixel(struct work *work, int x, int y)
{
    const struct scene *scene = work->scene;
    const struct session_plan *plan = &scene->session[work->session];
    struct sight sight;
    double rgb[3], density[3], other[3];
    view_sight(&plan->view, x, y, &sight);
    for (int k = 0; k < 3; k++)
        density[k] = plane_row(&work->out->light.channel[k], y)[x];
    skin_light(work, &sight, x, y, density, rgb);
    for (int i = 0; i < 2; i++) {
        const struct cloth *cloth = &plan->cloth[i];
        if (!cloth->present)
            continue;
        double depth = cloth_depth(cloth, sight.qx, sight.qy);
        double part = fmin(fmax(0.5 + depth * work->px_per_mm, 0.0), 1.0);
        double shadow = cloth_shadow(cloth, &plan->lamp, depth);
        cloth_light(scene, cloth, &plan->lamp, &sight, depth, work->px_per_mm, other);
        for (int k = 0; k < 3; k++)
            rgb[k] += part * other[k] + (shadow * (1.0 - part) - 1.0) * rgb[k];
    }
    double body = body_part(&plan->view, &sight, x, y);
    if (body < 1.0) {
        background_light(scene, (double)x / work->u.width, (double)y / work->u.height, other);
        for (int k = 0; k < 3; k++)
            rgb[k] = body * rgb[k] + (1.0 - body) * other[k];
    }
    for (int k = 0; k < 3; k++)
        plane_row(&work->out->light.channel[k], y)[x] = (float)rgb[k];
}

static void light_block(void *context, int block)
{
    struct work *work = context;
    int end = least((block + 1) * BLOCK, work->out->light.height);
    for (int y = block * BLOCK; y < end; y++)
        for (int x = 0; x < work->out->light.width; x++)
            light_pixel(work, x, y);
}

/* ---- all ------------------------------------------------------------------------------------ */

static void sum_blocks(struct work *work, int blocks)
{
    size_t ids = work->scene->stria_count + 1;
    struct rendering *out = work->out;
    for (int b = 0; b < blocks; b++) {
        out->skin_px += work->skin[b].px;
        out->skin_mm2 += work->skin[b].mm2;
        out->bare_px += work->skin[b].bare;
        for (int k = 0; k < 3; k++)
            out->bare_light[k] += work->skin[b].light[k];
        for (size_t i = 0; i < ids; i++) {
            const struct tally *from = &work->tallies[(size_t)b * ids + i];
            struct tally *to = &out->tally[i];
            to->stria_px += from->stria_px;
            to->ring_px += from->ring_px;
            to->stria_mm2 += from->stria_mm2;
            for (int k = 0; k < 3; k++) {
                to->stria_lab[k] += from->stria_lab[k];
                to->ring_lab[k] += from->ring_lab[k];
            }
        }
    }
}

static striae_status allocate(struct work *work, int blocks, striae_error *error)
{
    int w = work->scene->options.width, h = work->scene->options.height;
    size_t ids = work->scene->stria_count + 1;
    struct rendering *out = work->out;
    striae_status status = image_init(&out->light, w, h, error);
    struct plane *planes[4] = {&work->u, &work->v, &work->height, &work->gloss};
    for (int k = 0; k < 4 && !status; k++)
        status = plane_init(planes[k], w, h, error);
    struct mask *masks[3] = {&out->skin, &out->cloth, &out->mask};
    for (int k = 0; k < 3 && !status; k++)
        status = mask_init(masks[k], w, h, error);
    if (!status)
        status = labels_init(&out->labels, w, h, error);
    if (status)
        return status;
    out->tally = calloc(ids, sizeof *out->tally);
    work->tallies = calloc(ids * (size_t)blocks, sizeof *work->tallies);
    work->skin = calloc((size_t)blocks, sizeof *work->skin);
    return out->tally && work->tallies && work->skin ? STRIAE_OK : fail_memory(error);
}

striae_status render_session(const struct scene *scene, int session, struct rendering *out,
                             striae_error *error)
{
    const struct view *view = &scene->session[session].view;
    int blocks = (scene->options.height + BLOCK - 1) / BLOCK, threads = scene->options.threads;
    double eye = sqrt(dot(view->eye, view->eye));
    *out = (struct rendering){0};
    struct work work = {.scene = scene, .session = session, .out = out};
    work.px_per_mm = view->focal / eye;
    striae_status status = allocate(&work, blocks, error);
    if (!status)
        status = box_spots(&work, error);
    if (!status) {
        threads_run(threads, blocks, look_block, &work);
        sum_blocks(&work, blocks);
        threads_run(threads, blocks, light_block, &work);
        status = render_hair(scene, session, &out->light, error);
    }
    if (!status)
        render_card(scene, session, &out->light);
    plane_free(&work.u);
    plane_free(&work.v);
    plane_free(&work.height);
    plane_free(&work.gloss);
    free(work.boxes);
    free(work.tallies);
    free(work.skin);
    if (status)
        rendering_free(out);
    return status;
}

void rendering_free(struct rendering *rendering)
{
    image_free(&rendering->light);
    mask_free(&rendering->skin);
    mask_free(&rendering->cloth);
    mask_free(&rendering->mask);
    labels_free(&rendering->labels);
    free(rendering->tally);
    *rendering = (struct rendering){0};
}
