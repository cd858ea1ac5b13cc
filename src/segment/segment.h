/* Finds striae in one photo. */
#ifndef STRIAE_SEGMENT_H
#define STRIAE_SEGMENT_H

#include "base/found.h"
#include "base/image.h"

struct segment_input {
    const struct image *image;
    const struct mask *skin;
    double px_per_mm; /* 0 = unknown */
    double least;     /* 0..1: probability from which a line is a stria; 0.5 is normal */
};

/* What speaks for a stria at each place, direction and width of one photo; opaque. */
struct segmenter;

struct segmentation {
    size_t count;
    struct found_stria *striae; /* owned; most probable first */
    struct found_doubt missed;  /* what else there may be */
};

/* The evidence. *segmenter is freed with segment_free. The same at any number of threads. */
striae_status segment_prepare(const struct segment_input *input, int threads,
                              struct segmenter **segmenter, striae_error *error);
void segment_free(struct segmenter **segmenter);
/* Lower-case hex sha256 of the model that was asked; lives as long as the segmenter. */
const char *segment_model_sha256(const struct segmenter *segmenter);

/* What the segmentation sees: its channels, what the network makes of them, and the lines that both
 * together speak for. *out: at the working scale, initialised here. MEMORY. */
enum segment_view { SEGMENT_CHANNELS, SEGMENT_NETWORK, SEGMENT_LINES, SEGMENT_VIEWS };
striae_status segment_show(const struct segmenter *segmenter, enum segment_view view,
                           struct rgb8 *out, striae_error *error);

/* The striae. hints (may be NULL, 0): centrelines seen in other sessions, in this photo's pixels;
 * along them less evidence is asked for, so that a mark that fades is followed as far as it can be
 * seen. */
striae_status segment_find(const struct segmenter *segmenter, const struct found_stria *hints,
                           size_t hint_count, struct segmentation *segmentation,
                           striae_error *error);
void segmentation_free(struct segmentation *segmentation);

#endif
