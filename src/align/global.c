#include "align/global.h"

#include "align/confirm.h"
#include "align/grow.h"
#include "align/propose.h"
#include "align/search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_PROPOSALS 100    /* from features */
#define MOST_SEARCHED  24     /* from the search without features */
#define GROW_SIDE      560    /* px: longest side of the octave in which maps grow */
#define CLEAR_SCORE    1500   /* a map that grew so well is taken at once */
#define ENOUGH_SCORE   500    /* below it, the search without features is worth its time */
#define LEAST_FINER    0.5    /* of the skin that fields cover: less, and the coarser are kept */
#define NODE_SIGMA     0.4    /* px of the octave: how well a field is placed */
#define STIFFNESS      300    /* of the plate through the fields */
#define MAP_STEP       0.0625 /* of the diagonal, between nodes of the coarse map */

/* The octaves in which both photos show the skin at about the same size; `coarser` by so many. */
static void choose_levels(const struct bands *first, const struct bands *later, double zoom,
                          int coarser, int *first_level, int *later_level)
{
    int longest = first->weight[0].width > first->weight[0].height ? first->weight[0].width
                                                                   : first->weight[0].height;
    int step = (int)lround(log2(zoom)), level = 0;
    while (level + 1 < first->levels && (longest >> level) > GROW_SIDE)
        level++;
    level += coarser;
    level = level < first->levels ? level : first->levels - 1;
    while (level + step < 0 && level + 1 < first->levels)
        level++;
    int there = level + step;
    there = there < 0 ? 0 : there >= later->levels ? later->levels - 1 : there;
    *first_level = level;
    *later_level = there;
}

static struct patch_pair pair_of(const struct bands *first, int first_level,
                                 const struct bands *later, int later_level)
{
    struct patch_pair pair = {.first_weight = &first->weight[first_level],
                              .later_weight = &later->weight[later_level]};
    for (int c = 0; c < BAND_CHANNELS; c++) {
        pair.first[c] = &first->band[first_level][c];
        pair.later[c] = &later->band[later_level][c];
    }
    return pair;
}

/* The affine map between octaves instead of between coarse pictures. */
static void between_octaves(const double m[6], int first_level, int later_level, double out[6])
{
    double ratio = ldexp(1, first_level - later_level), x = to_photo(0, ldexp(1, -first_level));
    for (int c = 0; c < 2; c++) {
        out[3 * c] = m[3 * c] * ratio;
        out[3 * c + 1] = m[3 * c + 1] * ratio;
        out[3 * c + 2] =
            to_working(m[3 * c] * x + m[3 * c + 1] * x + m[3 * c + 2], ldexp(1, -later_level));
    }
}

static struct grow_seed seed_between(const struct grow_seed *s, int first_level, int later_level)
{
    double first = ldexp(1, -first_level), later = ldexp(1, -later_level);
    return (struct grow_seed){to_working(s->x, first), to_working(s->y, first),
                              to_working(s->u, later), to_working(s->v, later)};
}

struct attempt {
    struct grown grown;
    int first_level, later_level;
    double m[6]; /* coarse px */
};

static striae_status try_proposal(const struct sketch *first, const struct sketch *later,
                                  const struct proposal *p, int coarser, int threads,
                                  struct attempt *attempt, striae_error *error)
{
    double m[6], zoom = sqrt(p->m[0] * p->m[4] - p->m[1] * p->m[3]);
    *attempt = (struct attempt){0};
    memcpy(attempt->m, p->m, sizeof attempt->m);
    choose_levels(first->bands, later->bands, zoom, coarser, &attempt->first_level,
                  &attempt->later_level);
    struct grow_seed *seeds = calloc(p->agreed + 1, sizeof *seeds);
    if (!seeds)
        return fail_memory(error);
    for (size_t k = 0; k < p->agreed; k++)
        seeds[k] = seed_between(&p->seeds[k], attempt->first_level, attempt->later_level);
    struct patch_pair pair =
        pair_of(first->bands, attempt->first_level, later->bands, attempt->later_level);
    between_octaves(p->m, attempt->first_level, attempt->later_level, m);
    striae_status status = grow(&pair, m, seeds, p->agreed, threads, &attempt->grown, error);
    free(seeds);
    return status;
}

static struct decision_growth growth_of(const struct grown *g)
{
    return (struct decision_growth){g->placed, g->common, g->evidence};
}

static double score(const struct grown *g)
{
    struct decision_growth growth = growth_of(g);
    return decide_score(&growth);
}

/* Keeps the attempt that grew best. */
static striae_status try_all(const struct sketch *first, const struct sketch *later,
                             const struct proposals *proposals, int coarser, int threads,
                             struct attempt *best, striae_error *error)
{
    striae_status status = STRIAE_OK;
    for (size_t k = 0; k < proposals->count && status == STRIAE_OK; k++) {
        struct attempt attempt;
        if (score(&best->grown) >= CLEAR_SCORE)
            break;
        status =
            try_proposal(first, later, &proposals->items[k], coarser, threads, &attempt, error);
        if (status == STRIAE_OK && score(&attempt.grown) > score(&best->grown)) {
            struct attempt other = *best;
            *best = attempt;
            attempt = other;
        }
        grown_free(&attempt.grown);
    }
    return status;
}

static striae_status try_features(const struct sketch *first, const struct sketch *later,
                                  int threads, struct attempt *best, striae_error *error)
{
    struct proposals proposals;
    const struct plane *picture = &first->bands->weight[0];
    striae_status status =
        proposals_find(first->features, later->features, hypot(picture->width, picture->height),
                       MOST_PROPOSALS, threads, &proposals, error);
    if (status == STRIAE_OK) {
        status = try_all(first, later, &proposals, 0, threads, best, error);
        proposals_free(&proposals);
    }
    return status;
}

/* Each octave lower a field covers four times the skin, and noise of pixels and JPEG is gone. */
static striae_status try_search(const struct sketch *first, const struct sketch *later, int threads,
                                struct attempt *best, striae_error *error)
{
    struct proposals proposals;
    striae_status status =
        search_find(first->bands, later->bands, MOST_SEARCHED, threads, &proposals, error);
    if (status != STRIAE_OK)
        return status;
    status = try_all(first, later, &proposals, 0, threads, best, error);
    if (status == STRIAE_OK && score(&best->grown) < ENOUGH_SCORE)
        status = try_all(first, later, &proposals, 1, threads, best, error);
    proposals_free(&proposals);
    return status;
}

/* Fields of half the size, where both photos have the octave for them. */
static striae_status try_finer(const struct sketch *first, const struct sketch *later, int threads,
                               struct attempt *best, striae_error *error)
{
    if (best->first_level == 0 || best->later_level == 0 || best->grown.placed == 0)
        return STRIAE_OK;
    struct attempt finer = *best;
    finer.first_level--;
    finer.later_level--;
    struct patch_pair pair =
        pair_of(first->bands, finer.first_level, later->bands, finer.later_level);
    striae_status status = grow_finer(&pair, &best->grown, threads, &finer.grown, error);
    if (status != STRIAE_OK)
        return status;
    struct grown *drop = &finer.grown;
    if ((double)finer.grown.placed > LEAST_FINER * 4 * (double)best->grown.placed) {
        struct attempt other = *best;
        *best = finer;
        finer = other;
    }
    grown_free(drop);
    return STRIAE_OK;
}

static striae_status confirm(const struct sketch *first, const struct sketch *later, int threads,
                             struct attempt *best, striae_error *error)
{
    if (best->grown.placed == 0)
        return STRIAE_OK;
    struct patch_pair pair =
        pair_of(first->bands, best->first_level, later->bands, best->later_level);
    return grow_confirm(&pair, threads, &best->grown, error);
}

/* The placed fields as measurements in coarse px. */
static striae_status make_anchors(const struct attempt *attempt, struct global *global,
                                  striae_error *error)
{
    const struct grown *g = &attempt->grown;
    double sigma = ldexp(NODE_SIGMA, attempt->later_level), info = 1 / (sigma * sigma);
    global->anchors = calloc(g->placed + 1, sizeof *global->anchors);
    if (!global->anchors)
        return fail_memory(error);
    for (int node = 0; node < g->columns * g->rows; node++) {
        const struct grow_node *n = &g->nodes[node];
        if (!n->placed)
            continue;
        global->anchors[global->anchor_count++] =
            (struct datum){to_photo(grow_place(node % g->columns), ldexp(1, -attempt->first_level)),
                           to_photo(grow_place(node / g->columns), ldexp(1, -attempt->first_level)),
                           to_photo(n->u, ldexp(1, -attempt->later_level)),
                           to_photo(n->v, ldexp(1, -attempt->later_level)),
                           info,
                           0,
                           info};
    }
    return STRIAE_OK;
}

striae_status global_find(const struct sketch *first, const struct sketch *later, size_t least,
                          bool searching, int threads, struct global *global, striae_error *error)
{
    int width = first->bands->weight[0].width, height = first->bands->weight[0].height;
    struct attempt best = {0};
    *global = (struct global){.zoom = 1};
    striae_status status = try_features(first, later, threads, &best, error);
    if (status == STRIAE_OK && searching && score(&best.grown) < ENOUGH_SCORE)
        status = try_search(first, later, threads, &best, error);
    global->grown = growth_of(&best.grown);
    if (status == STRIAE_OK && best.grown.placed >= least)
        status = confirm(first, later, threads, &best, error);
    if (status == STRIAE_OK && best.grown.placed >= least)
        status = try_finer(first, later, threads, &best, error);
    if (status == STRIAE_OK && best.grown.placed >= least)
        status = confirm(first, later, threads, &best, error);
    if (status == STRIAE_OK && best.grown.placed >= least) {
        global->zoom = sqrt(best.m[0] * best.m[4] - best.m[1] * best.m[3]);
        global->field = ldexp(GROW_STEP, best.first_level);
        status = make_anchors(&best, global, error);
        if (status == STRIAE_OK)
            status = lattice_init(&global->map, width, height, MAP_STEP * hypot(width, height),
                                  best.m, error);
        if (status == STRIAE_OK)
            status = lattice_fit(&global->map, global->anchors, global->anchor_count, STIFFNESS,
                                 200, error);
    }
    grown_free(&best.grown);
    if (status != STRIAE_OK)
        global_free(global);
    return status;
}

void global_free(struct global *global)
{
    lattice_free(&global->map);
    free(global->anchors);
    *global = (struct global){0};
}
