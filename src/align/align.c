/* Lining up two photos of skin.
 *
 * The best known general methods are local features with a robust homography, followed by dense
 * flow (SIFT, MAGSAC, DIS), and intensity registration with free-form deformations (elastix). Skin
 * moves by millimetres, so a homography alone is off by tens of pixels; other light turns the
 * relief, which is most of what features see, into something else. Tried here, in this order, on
 * rendered pairs of the whole range (tests/accuracy/alignment.c, 1200 x 900, seed 5000; turned,
 * zoomed 0.4 to 2.5, 40 % in common, JPEG from 60), 2026-11-21:
 *   features in density, similarity by vote, plate through features, elastic
 *                                          62 % lined up, 5 of 200 of them wrong by over 3 px
 *   features in ln(R/G) and on striae too  80 % of the first 40, 1 wrong
 *   every hypothesis grown over the skin   90 % of 200, 2 wrong; median error 0.26 px
 * and on 6 pairs of another renderer (median of medians, median of p95):
 *   elastic with all octaves and channels alike        0.12 px, 0.34 px, 3.8 processor seconds
 *   colour's information counted at a third            0.10 px, 0.30 px
 *   no colour at full size, two rounds there           0.10 px, 0.30 px, 3.0 processor seconds
 *   the same at half size                              0.13 px, 0.40 px, 1.9 processor seconds
 * The two wrong ones were the renderer's: its relief repeated within the picture. With the skin
 * better known: 90 % of 157, 1 wrong, 0.26 px. Then, thresholds chosen on the first 60 of these and
 * in sight of the 15 that were refused:
 *   growth from each match's own place, and        95 % of 157, none wrong, 0.27 px
 *     continued from what grew; what says most
 *     against chance wins, not what is largest;
 *     pieces searched (search.h) where features
 *     agree on nothing
 *   features at 650 instead of 1300 px             as many; 0.37 s instead of 1.34 s
 *   fields an octave finer where there is one      p95 of the map handed on halved
 *   the search alone, without features             57 of 60 right, 56 by its first proposal
 *   48 turns and 12 zooms of 1.1 in it             60 turns find no more, 10 zooms one less
 *   bands cut at 3 RMS in patches                  at 2 a true pair is lost, at 4 moles grow
 *   3 rounds an octave, 2 at full size             p95 0.28; one less 0.31; twice as many 0.27 px
 * 40 pairs of another seed: 95 %, none wrong, 0.31 px. One of them was off by 656 px until the
 * renderer's unevenness of 2 to 8 cm no longer repeated; it is refused now.
 * Of 300 pairs of skin that fills the picture four were called right and off by 1 to 10 px over up
 * to half of it: fields overlap, and what grew beyond the right place agreed with itself. Tried
 * then, on 37 of these and 42 pairs in all (landmarks within 1 px against those off by over 3 px):
 *   correlation after the elastic stage: 0.40 to 0.58 against 0.29 to 0.38, but by other limits in
 *     every pair
 *   how a field strays from those that do not overlap it: 0.5 to 1.2 against 1.1 to 1.6 px
 *   whether a better place is near (patch_prominence), of fields as they grow (confirm.h): nine in
 *     ten wrong fields go
 *   the same of the finished map, two finest octaves together (prominence.h): 99 in 100 right ones
 *     over 2.3, 95 in 100 wrong ones under 1.9
 * What is left of the error in right places is one and the same move over the photo (shading.h).
 * Fields of skin that could not be placed are not known: the map has no value there. */
#include "align/align.h"

#include "align/channel.h"
#include "align/decide.h"
#include "align/elastic.h"
#include "align/global.h"
#include "align/maps.h"
#include "base/filter.h"

#include <math.h>

#define COARSE_SIDE    650  /* px: longest side on which features are looked for */
#define FINE_SIDE      2000 /* px: longest side for the elastic stage */
#define DENSITY_REACH  10.0 /* sigma of the local mean, px of the coarse picture */
#define CHROMA_REACH   20.0 /* the same in the reduced one */
#define MOST_DENSITY   2000 /* features */
#define MOST_CHROMA    1500
#define CHROMA_REDUCED 3    /* colour is noisy, and JPEG halves it anyway */
#define START_STEP     32.0 /* px between nodes of the map handed to the elastic stage */
#define ANCHOR_TRUST   0.3  /* factor on the features' information: neighbours err alike */
#define ALIKE_SCALE    1.15 /* zoom between the working pictures that needs no correction */

/* One photo's working state. */
struct view {
    const struct align_input *input;
    struct channels coarse, fine;
    struct features features;
    struct bands sketch, bands; /* of the coarse and of the fine picture */
    double skin;                /* share of the photo */
};

static void view_free(struct view *view)
{
    channels_free(&view->coarse);
    channels_free(&view->fine);
    features_free(&view->features);
    bands_free(&view->sketch);
    bands_free(&view->bands);
}

static double reduced_scale(const struct image *image, int side)
{
    int longest = image->width > image->height ? image->width : image->height;
    return 1.0 / ((longest + side - 1) / side);
}

/* ---- features ------------------------------------------------------------------------------- */

static double mean_of(const struct plane *plane)
{
    double sum = 0;
    for (int y = 0; y < plane->height; y++)
        for (int x = 0; x < plane->width; x++)
            sum += (double)plane_row(plane, y)[x];
    return sum / plane->width / plane->height;
}

/* Striae count here: they show where things are, as long as they last. What decides whether the
 * photos show the same skin, and where exactly, is the skin between them.
 * Features of one channel, looked for in the coarse picture reduced by `reduced`. */
static striae_status find_in_channel(const struct channels *coarse, int reduced,
                                     enum feature_channel channel, size_t most, int threads,
                                     struct features *features, striae_error *error)
{
    const struct plane *source = channel == FEATURE_DENSITY ? &coarse->density : &coarse->chroma;
    struct plane small = {0}, weight = {0}, detail = {0};
    striae_status status = filter_reduce(source, reduced, &small, error);
    if (status == STRIAE_OK)
        status = filter_reduce(&coarse->coverage, reduced, &weight, error);
    if (status == STRIAE_OK)
        status = channel_normalise(&small, &weight,
                                   channel == FEATURE_DENSITY ? DENSITY_REACH : CHROMA_REACH,
                                   threads, &detail, error);
    if (status == STRIAE_OK)
        status = features_add(&detail, &weight, reduced, channel, most, threads, features, error);
    plane_free(&small);
    plane_free(&weight);
    plane_free(&detail);
    return status;
}

static striae_status sketch(struct view *view, int threads, striae_error *error)
{
    striae_status status = find_in_channel(&view->coarse, 1, FEATURE_DENSITY, MOST_DENSITY, threads,
                                           &view->features, error);
    if (status == STRIAE_OK)
        status = find_in_channel(&view->coarse, CHROMA_REDUCED, FEATURE_CHROMA, MOST_CHROMA,
                                 threads, &view->features, error);
    if (status == STRIAE_OK)
        status = bands_init(&view->coarse, true, threads, &view->sketch, error);
    return status;
}

static striae_status find_details(struct view *view, int threads, striae_error *error)
{
    striae_status status = channels_init(
        view->input, reduced_scale(view->input->image, COARSE_SIDE), threads, &view->coarse, error);
    if (status != STRIAE_OK)
        return status;
    view->skin = mean_of(&view->coarse.coverage);
    return sketch(view, threads, error);
}

static striae_status compare_sketches(const struct view *first, const struct view *later,
                                      size_t least, bool searching, int threads,
                                      struct global *global, striae_error *error)
{
    struct sketch a = {&first->features, &first->sketch}, b = {&later->features, &later->sketch};
    return global_find(&a, &b, least, searching, threads, global, error);
}

/* Whether the later photo fits clearly once it is mirrored. */
static striae_status try_mirrored(const struct view *first, const struct view *later, int threads,
                                  bool *mirrored, striae_error *error)
{
    struct view other = {.input = later->input};
    struct global global = {0};
    const struct plane *from[] = {&later->coarse.density, &later->coarse.chroma,
                                  &later->coarse.weight, &later->coarse.coverage};
    struct plane *to[] = {&other.coarse.density, &other.coarse.chroma, &other.coarse.weight,
                          &other.coarse.coverage};
    striae_status status = STRIAE_OK;
    for (int k = 0; k < 4 && status == STRIAE_OK; k++) {
        status = plane_copy(from[k], to[k], error);
        if (status == STRIAE_OK)
            plane_mirror(to[k]);
    }
    if (status == STRIAE_OK)
        status = sketch(&other, threads, error);
    if (status == STRIAE_OK)
        status =
            compare_sketches(first, &other, DECIDE_CLEAR_PLACED, false, threads, &global, error);
    *mirrored = status == STRIAE_OK && decide_clear(&global.grown);
    global_free(&global);
    view_free(&other);
    return status;
}

/* ---- from the coarse to the fine picture ---------------------------------------------------- */

/* Scales at which both fine pictures show the skin at about the same size: the octaves of the
 * elastic stage must correspond. */
static void choose_scales(const struct view *first, const struct view *later, double zoom,
                          double *first_scale, double *later_scale)
{
    *first_scale = reduced_scale(first->input->image, FINE_SIDE);
    *later_scale = reduced_scale(later->input->image, FINE_SIDE);
    double photo_zoom = zoom * first->coarse.scale / later->coarse.scale;
    double ratio = photo_zoom * *later_scale / *first_scale;
    if (ratio > ALIKE_SCALE)
        *later_scale = *first_scale / photo_zoom;
    else if (ratio < 1 / ALIKE_SCALE)
        *first_scale = *later_scale * photo_zoom;
}

static double rescale(double at, const struct channels *from, const struct channels *to)
{
    return to_working(to_photo(at, from->scale), to->scale);
}

static striae_status refine_map(const struct lattice *coarse, const struct view *first,
                                const struct view *later, struct lattice *fine, striae_error *error)
{
    static const double identity[6] = {1, 0, 0, 0, 1, 0};
    striae_status status = lattice_init(fine, first->fine.density.width, first->fine.density.height,
                                        START_STEP, identity, error);
    for (int j = 0; status == STRIAE_OK && j < fine->rows; j++)
        for (int i = 0; i < fine->columns; i++) {
            size_t at = (size_t)j * (size_t)fine->columns + (size_t)i;
            double x = rescale((i - 1) * fine->step, &first->fine, &first->coarse), u, v;
            double y = rescale((j - 1) * fine->step, &first->fine, &first->coarse);
            lattice_map(coarse, x, y, &u, &v, NULL);
            fine->x[at] = rescale(u, &later->coarse, &later->fine);
            fine->y[at] = rescale(v, &later->coarse, &later->fine);
        }
    return status;
}

static void refine_anchors(struct global *global, const struct view *first,
                           const struct view *later)
{
    global->field *= first->fine.scale / first->coarse.scale;
    double finer = later->fine.scale / later->coarse.scale;
    double trust = ANCHOR_TRUST / (finer * finer);
    for (size_t k = 0; k < global->anchor_count; k++) {
        struct datum *d = &global->anchors[k];
        d->at_x = rescale(d->at_x, &first->coarse, &first->fine);
        d->at_y = rescale(d->at_y, &first->coarse, &first->fine);
        d->to_x = rescale(d->to_x, &later->coarse, &later->fine);
        d->to_y = rescale(d->to_y, &later->coarse, &later->fine);
        d->xx *= trust;
        d->xy *= trust;
        d->yy *= trust;
    }
}

static striae_status make_fine(struct view *view, double scale, int threads, striae_error *error)
{
    striae_status status = channels_init(view->input, scale, threads, &view->fine, error);
    if (status == STRIAE_OK)
        status = bands_init(&view->fine, false, threads, &view->bands, error);
    return status;
}

static striae_status refine(struct view *first, struct view *later, struct global *global,
                            int threads, struct elastic *elastic, striae_error *error)
{
    struct lattice start = {0};
    double first_scale, later_scale;
    choose_scales(first, later, global->zoom, &first_scale, &later_scale);
    striae_status status = make_fine(first, first_scale, threads, error);
    if (status == STRIAE_OK)
        status = make_fine(later, later_scale, threads, error);
    if (status == STRIAE_OK)
        status = refine_map(&global->map, first, later, &start, error);
    if (status == STRIAE_OK) {
        refine_anchors(global, first, later);
        status = elastic_refine(&first->bands, &later->bands, &start, global->anchors,
                                global->anchor_count, threads, elastic, error);
    }
    lattice_free(&start);
    return status;
}

/* ---- the recipe ----------------------------------------------------------------------------- */

striae_status align_photos(const struct align_input *first_input,
                           const struct align_input *later_input, int threads,
                           struct alignment *alignment, striae_error *error)
{
    struct view first = {.input = first_input}, later = {.input = later_input};
    struct global global = {0};
    struct elastic elastic = {0};
    struct decision_facts facts = {0};
    *alignment = (struct alignment){0};

    /* 1. Skin details in each photo. */
    striae_status status = find_details(&first, threads, error);
    if (status == STRIAE_OK)
        status = find_details(&later, threads, error);

    /* 2. The coarse map that most of them agree on. */
    if (status == STRIAE_OK)
        status =
            compare_sketches(&first, &later, DECIDE_LEAST_PLACED, true, threads, &global, error);
    facts = (struct decision_facts){.skin_first = first.skin,
                                    .skin_later = later.skin,
                                    .details_first = first.features.count,
                                    .details_later = later.features.count,
                                    .grown = global.grown};

    /* 3. The elastic map, then what of it is known, in both directions. */
    if (status == STRIAE_OK && global.map.x) {
        status = refine(&first, &later, &global, threads, &elastic, error);
        facts.refined = status == STRIAE_OK;
        facts.agreement = elastic.agreement;
    }
    if (status == STRIAE_OK && facts.agreement >= DECIDE_LEAST_AGREEMENT) {
        struct maps_input input = {first_input, later_input, &first.fine,
                                   &later.fine, &elastic,    &global};
        status = maps_make(&input, alignment, error);
        facts.overlap_percent = fmax(alignment->overlap_percent, alignment->overlap_later_percent);
    }

    /* 4. The same skin? If not: is it mirrored? */
    if (status == STRIAE_OK)
        decide(&facts, alignment);
    if (status == STRIAE_OK && alignment->refused) {
        status = try_mirrored(&first, &later, threads, &facts.mirrored, error);
        decide(&facts, alignment);
    }
    if (status != STRIAE_OK) {
        alignment_free(alignment);
    } else if (alignment->refused) {
        warp_free(&alignment->forward);
        warp_free(&alignment->backward);
    }
    elastic_free(&elastic);
    global_free(&global);
    view_free(&first);
    view_free(&later);
    return status;
}

void alignment_free(struct alignment *alignment)
{
    warp_free(&alignment->forward);
    warp_free(&alignment->backward);
    *alignment = (struct alignment){0};
}
