#include "phantom/phantom.h"

#include "phantom/truth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void phantom_options_default(struct phantom_options *options)
{
    *options = (struct phantom_options){
        .width = 1800,
        .height = 1350,
        .px_per_mm = 10.0,
        .stria_count = -1,
        .contrast = 1.0,
        .hardness = 0.5,
        .change = true,
        .deform = true,
        .pose = 1.0,
        .light = 1.0,
        .zoom = 1.0,
        .marks = -1,
        .reddened = -1,
        .defocus = -1.0,
    };
}

static const char *const kind_names[] = {
    [PHANTOM_ANY] = "any",   [PHANTOM_RUBRA] = "rubra", [PHANTOM_ALBA] = "alba",
    [PHANTOM_DARK] = "dark", [PHANTOM_MIXED] = "mixed",
};

const char *phantom_kind_name(enum phantom_kind kind)
{
    return kind_names[kind];
}

bool phantom_kind_parse(const char *name, enum phantom_kind *kind)
{
    for (int k = PHANTOM_ANY; k <= PHANTOM_MIXED; k++) {
        if (strcmp(name, kind_names[k]) == 0) {
            *kind = (enum phantom_kind)k;
            return true;
        }
    }
    return false;
}

struct range {
    const char *name;
    double value, low, high;
};

static striae_status check_options(const struct phantom_options *o, striae_error *error)
{
    const struct range ranges[] = {
        {"width", o->width, 16, 16384},
        {"height", o->height, 16, 16384},
        {"px_per_mm", o->px_per_mm, 1, 60},
        {"tone", o->tone, 0, 6},
        {"kind", (int)o->kind, PHANTOM_ANY, PHANTOM_MIXED},
        {"stria_count", o->stria_count, -1, 400},
        {"marks", o->marks, -1, 30},
        {"reddened", o->reddened, -1, 400},
        {"stria_width", o->stria_width, 0, 20},
        {"contrast", o->contrast, 1e-3, 10},
        {"hardness", o->hardness, 0, 1},
        {"jpeg_quality", o->jpeg_quality, 0, 100},
        {"pose", o->pose, 0, 3},
        {"light", o->light, 0, 3},
        {"turn", o->turn, -180, 180},
        {"zoom", o->zoom, 0.2, 5},
        {"shift_x", o->shift_x, -1, 1},
        {"shift_y", o->shift_y, -1, 1},
        {"stretch", o->stretch, -0.3, 0.3},
        {"width_factor", o->width_factor, 0, 4},
        {"colour_factor", o->colour_factor, 0, 4},
        {"tilt", o->tilt, 0, 60},
        {"tilt_toward", o->tilt_toward, -360, 360},
        {"cast", o->cast, 0, 0.5},
        {"defocus", o->defocus, -1, 20},
        {"radius", o->radius > 0 ? o->radius : 20, 20, 1e6},
        {"motion", o->faults.motion, 0, 60},
        {"exposure", o->faults.exposure, -6, 6},
        {"shine", o->faults.shine, 0, 1},
        {"shade", o->faults.shade, 0, 1},
        {"flush", o->faults.flush, 0, 1},
        {"hair", o->faults.hair, 0, 20},
        {"cover", o->faults.cover, 0, 0.95},
        {"askew", o->faults.askew, -60, 60},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (!(ranges[i].value >= ranges[i].low && ranges[i].value <= ranges[i].high))
            return fail_with(error, STRIAE_ERROR_ARGUMENT, "phantom: %s is %g; use %g to %g",
                             ranges[i].name, ranges[i].value, ranges[i].low, ranges[i].high);
    return STRIAE_OK;
}

static void session_free(struct phantom_session *session)
{
    rgb8_free(&session->picture);
    mask_free(&session->mask);
    mask_free(&session->skin);
    labels_free(&session->labels);
    for (size_t i = 0; i < session->stria_count; i++)
        polyline_free(&session->striae[i].centreline);
    free(session->striae);
    polyline_free(&session->landmarks);
    polyline_free(&session->watch);
    *session = (struct phantom_session){0};
}

void phantom_pair_free(struct phantom_pair *pair)
{
    session_free(&pair->session[0]);
    session_free(&pair->session[1]);
    *pair = (struct phantom_pair){0};
}

static striae_status make_session(const struct scene *scene, int index, struct rendering *rendering,
                                  struct phantom_session *session, striae_error *error)
{
    striae_status status = render_session(scene, index, rendering, error);
    if (!status)
        status = develop(scene, index, &rendering->light, &session->picture, error);
    image_free(&rendering->light);
    if (!status)
        status = phantom_truth_session(scene, index, rendering, session, error);
    return status;
}

/* The skin mask includes what clothes cover only where it can be seen: nowhere. */
static void move_masks(struct rendering *rendering, struct phantom_session *session)
{
    session->mask = rendering->mask;
    session->skin = rendering->skin;
    session->labels = rendering->labels;
    rendering->mask = rendering->skin = (struct mask){0};
    rendering->labels = (struct labels){0};
}

striae_status phantom_render(const struct phantom_options *options, struct phantom_pair *pair,
                             striae_error *error)
{
    struct scene scene;
    struct rendering rendering[2] = {0};
    *pair = (struct phantom_pair){0};
    striae_status status = check_options(options, error);
    if (!status)
        status = scene_init(&scene, options, error);
    if (status)
        return status;
    pair->seed = options->seed;
    pair->tone = scene.tone;
    pair->kind = scene.kind;
    struct rng rng;
    rng_seed(&rng, options->seed, STREAM_JPEG);
    pair->jpeg_quality =
        options->jpeg_quality ? options->jpeg_quality : 60 + (int)(39 * sqrt(rng_uniform(&rng)));
    for (int k = 0; k < 2 && !status; k++)
        status = make_session(&scene, k, &rendering[k], &pair->session[k], error);
    if (!status)
        status = phantom_truth_landmarks(&scene, rendering, pair->session, error);
    if (!status) {
        pair->px_per_mm = rendering[0].skin_px
                              ? sqrt((double)rendering[0].skin_px / rendering[0].skin_mm2)
                              : options->px_per_mm;
        for (int k = 0; k < 2; k++)
            move_masks(&rendering[k], &pair->session[k]);
    }
    for (int k = 0; k < 2; k++)
        rendering_free(&rendering[k]);
    scene_free(&scene);
    if (status)
        phantom_pair_free(pair);
    return status;
}
