#include "align/bands.h"

#include "base/filter.h"

#define BAND_REACH  4.0 /* sigma of the local mean, px of the level */
#define BAND_SMOOTH 0.7 /* sigma against noise of single pixels */
#define SMALLEST    48  /* px; smaller levels hold too little */

static striae_status make_band(const struct plane *channel, const struct plane *weight, int threads,
                               struct plane *band, striae_error *error)
{
    struct plane smooth = {0};
    striae_status status = filter_gaussian(channel, BAND_SMOOTH, threads, &smooth, error);
    if (status == STRIAE_OK)
        status = channel_normalise(&smooth, weight, BAND_REACH, threads, band, error);
    plane_free(&smooth);
    return status;
}

striae_status bands_init(const struct channels *channels, bool fine_colour, int threads,
                         struct bands *bands, striae_error *error)
{
    const struct plane *source[BAND_CHANNELS] = {&channels->density, &channels->chroma};
    struct plane reduced[BAND_CHANNELS] = {{0}};
    striae_status status = STRIAE_OK;
    *bands = (struct bands){0};
    for (int level = 0; level < BAND_LEVELS && status == STRIAE_OK; level++) {
        if (level > 0 && (channels->density.width >> level) < SMALLEST)
            break;
        if (level > 0 && (channels->density.height >> level) < SMALLEST)
            break;
        status = filter_reduce(level ? &bands->weight[level - 1] : &channels->weight, level ? 2 : 1,
                               &bands->weight[level], error);
        for (int c = 0; c < BAND_CHANNELS && status == STRIAE_OK; c++) {
            struct plane next = {0};
            if (level > 0)
                status = filter_reduce(level > 1 ? &reduced[c] : source[c], 2, &next, error);
            if (level > 0 && status == STRIAE_OK) {
                plane_free(&reduced[c]);
                reduced[c] = next;
            }
            if (status == STRIAE_OK && (level > 0 || c == 0 || fine_colour))
                status = make_band(level ? &reduced[c] : source[c], &bands->weight[level], threads,
                                   &bands->band[level][c], error);
        }
        bands->levels = level + 1;
    }
    for (int c = 0; c < BAND_CHANNELS; c++)
        plane_free(&reduced[c]);
    if (status != STRIAE_OK)
        bands_free(bands);
    return status;
}

void bands_free(struct bands *bands)
{
    for (int level = 0; level < BAND_LEVELS; level++) {
        plane_free(&bands->weight[level]);
        for (int c = 0; c < BAND_CHANNELS; c++)
            plane_free(&bands->band[level][c]);
    }
    *bands = (struct bands){0};
}
