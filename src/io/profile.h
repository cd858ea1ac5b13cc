/* What the samples of a photo mean: from encoded values to linear light with sRGB primaries. */
#ifndef STRIAE_IO_PROFILE_H
#define STRIAE_IO_PROFILE_H

#include "io/raster.h"

enum conversion_kind {
    CONVERSION_CURVES,    /* a table per channel */
    CONVERSION_MATRIX,    /* the tables, then the matrix */
    CONVERSION_TRANSFORM, /* profiles that are tables themselves: slow */
};

struct conversion {
    enum conversion_kind kind;
    bool is_srgb;       /* the tables are sRGB's: samples can be shown as they are */
    float *table[3];    /* of every sample value; owned; not for a transform */
    float matrix[3][3]; /* rows: linear R, G, B */
    void *context, *transform;
};

/* Chooses by the raster's profile and tags: cICP, then ICC, then sRGB, then gamma and primaries,
 * then what EXIF claims, else sRGB. Sets info->profile and info->profile_state; a profile that is
 * not usable is no error. MEMORY. Closed by conversion_close, also after a failure. */
striae_status conversion_open(const struct raster *raster, struct photo_info *info,
                              struct conversion *conversion, striae_error *error);
void conversion_close(struct conversion *conversion);

/* count pixels of three floats, 0..1, to linear sRGB, by the transform. From any thread. */
void conversion_transform(const struct conversion *conversion, const float *encoded, float *linear,
                          int count);

/* ---- how the tags are understood ---- */

/* Primaries and transfer function in CIE 1931 x, y and numbers. */
struct colour_space {
    char name[64];
    double white[2], red[2], green[2], blue[2];
    double gamma; /* light = sample^gamma; 0 = the curve of sRGB */
};
enum tag_meaning { TAGS_SILENT, TAGS_KNOWN, TAGS_UNUSABLE };
/* What the tags of PNG and HEIF say, after the third edition of the PNG specification. */
enum tag_meaning tags_space(const struct colour_tags *tags, struct colour_space *space);
/* A transfer function of high dynamic range, PQ or HLG. */
bool tags_are_hdr(const struct colour_tags *tags);
extern const struct colour_space space_srgb, space_adobe_rgb;

#endif
