/* Hairs, out of the picture before anything is looked for.
 *
 * The usual way (DullRazor, Lee et al. 1997) finds thin dark structures by closing each colour and
 * fills them from the skin beside. Here the place must be darker than both its sides along a short
 * way, and by the same in all three colours: a thin stria changes red against green too, and stays.
 *
 * With it, against without (12 photos of a generator that is not ours, 6 real photos marked by two
 * persons, 12 rendered photos of bare skin of hardness 1; end to end, 2026-11-21):
 *                            Dice   found  real    F1      lines a photo on bare skin
 *   without                  0.869   95 %   96 %   0.729   5.5
 *   neutral dark lines out   0.882   97 %   98 %   0.730   3.9
 *   and neutral pale ones    0.882   96 %   98 %   0.595   3.5  (faded thin striae are that)
 * NEUTRAL 0.15 to 0.25 and DARK 0.7 to 1.0 are as good within what such numbers vary by; NEUTRAL
 * 0.35 costs F1 (0.69), DARK 0.5 costs Dice (0.86). */
#include "segment/hair.h"

#include "base/filter.h"

#include <math.h>

#define PI         3.14159265358979323846
#define DIRECTIONS 16
#define ALONG      4    /* px to either end over which a place is averaged along the hair */
#define APART      3    /* px to either side, where there is skin again */
#define REACH      6    /* px, at least as far as both together */
#define DARK       0.8f /* local RMS that it is darker by than either side */
#define NEUTRAL    0.2f /* most that ln R/G may change, over the change of density */
#define MARGIN     1    /* px around the hair that are filled too */
#define FILL       2.5  /* px, standard deviation of the skin that it is filled from */

enum { LINE, ONE_SIDE, OTHER_SIDE, PLACES };

/* Steps from a pixel to those on a line through it, and beside that line. */
struct stencil {
    int x[PLACES][2 * ALONG + 1], y[PLACES][2 * ALONG + 1];
};

static void stencil_make(int direction, struct stencil *stencil)
{
    static const int beside[PLACES] = {0, APART, -APART};
    double angle = direction * PI / DIRECTIONS, dx = cos(angle), dy = sin(angle);
    for (int p = 0; p < PLACES; p++)
        for (int k = -ALONG; k <= ALONG; k++) {
            stencil->x[p][k + ALONG] = (int)lround(k * dx - beside[p] * dy);
            stencil->y[p][k + ALONG] = (int)lround(k * dy + beside[p] * dx);
        }
}

static float mean_at(const struct plane *in, const struct stencil *stencil, int place, int x, int y)
{
    float sum = 0;
    for (int k = 0; k <= 2 * ALONG; k++)
        sum += plane_row(in, y + stencil->y[place][k])[x + stencil->x[place][k]];
    return sum / (2 * ALONG + 1);
}

/* Whether, in the direction in which the place is most darker than both its sides, it is by enough
 * and hardly redder or less red. */
static bool on_hair(const struct channels *channels, const struct stencil stencils[DIRECTIONS],
                    int x, int y)
{
    const struct plane *shade = &channels->density[0], *red = &channels->density[1];
    const struct stencil *best = NULL;
    float most = DARK * plane_row(&channels->rms[0], y)[x];
    for (int d = 0; d < DIRECTIONS; d++) {
        float here = mean_at(shade, &stencils[d], LINE, x, y);
        float darker = here - mean_at(shade, &stencils[d], ONE_SIDE, x, y);
        if (darker >= most)
            darker = fminf(darker, here - mean_at(shade, &stencils[d], OTHER_SIDE, x, y));
        if (darker >= most) {
            most = darker;
            best = &stencils[d];
        }
    }
    if (!best)
        return false;
    float sides = mean_at(red, best, ONE_SIDE, x, y) + mean_at(red, best, OTHER_SIDE, x, y);
    return fabsf(mean_at(red, best, LINE, x, y) - 0.5f * sides) <= NEUTRAL * most;
}

/* Sets `bare` to 0 where there is hair. */
static void find_hairs(const struct channels *channels, struct plane *bare)
{
    struct stencil stencils[DIRECTIONS];
    for (int d = 0; d < DIRECTIONS; d++)
        stencil_make(d, &stencils[d]);
    for (int y = REACH; y < bare->height - REACH; y++)
        for (int x = REACH; x < bare->width - REACH; x++)
            if (plane_row(&channels->value[0], y)[x] > 0 && on_hair(channels, stencils, x, y))
                for (int ny = y - MARGIN; ny <= y + MARGIN; ny++)
                    for (int nx = x - MARGIN; nx <= x + MARGIN; nx++)
                        plane_row(bare, ny)[nx] = 0;
}

static striae_status fill(struct plane *value, const struct plane *bare, const struct plane *skin,
                          striae_error *error)
{
    struct plane smooth = {0};
    striae_status status = filter_gaussian_weighted(value, bare, FILL, 0, 1, &smooth, error);
    for (int y = 0; y < value->height && status == STRIAE_OK; y++)
        for (int x = 0; x < value->width; x++)
            if (plane_row(bare, y)[x] <= 0 && plane_row(skin, y)[x] > 0)
                plane_row(value, y)[x] = plane_row(&smooth, y)[x];
    plane_free(&smooth);
    return status;
}

striae_status hairs_remove(struct channels *channels, striae_error *error)
{
    const struct plane *skin = &channels->skin;
    struct plane bare = {0};
    striae_status status = filter_gaussian(skin, 0, 1, &bare, error);
    if (status == STRIAE_OK)
        find_hairs(channels, &bare);
    for (int c = 0; c < CHANNEL_COUNT && status == STRIAE_OK; c++)
        status = fill(&channels->value[c], &bare, skin, error);
    plane_free(&bare);
    return status;
}
