/* Matches striae between sessions and measures them and their change. Definitions: see measure.c.
 */
#ifndef STRIAE_MEASURE_H
#define STRIAE_MEASURE_H

#include "base/found.h"
#include "base/image.h"
#include "base/perspective.h"
#include "base/result.h"

/* One session, ready to be measured. Nothing is owned. */
struct measure_photo {
    const struct image *image; /* linear light */
    const struct mask *skin;
    double blur;               /* sigma of the photo's own blur, px */
    striae_quantity px_per_mm; /* unknown (reason set) when there is no scale */
    const struct found_stria *found;
    size_t found_count;
    struct found_doubt missed; /* what lines that are not among them may add */
    /* The plane that px_per_mm comes from: its scale holds at each place. NULL = the same scale
     * everywhere. */
    const struct perspective *plane;
};

/* Session k against session 0. Nothing is owned. */
struct measure_link {
    bool refused;                          /* then the warps are not used */
    const struct warp *forward, *backward; /* 0 -> k, k -> 0 */
};

/* Minimal detectable changes (95 %) found with the user's own repeated photos; NaN = not known. */
struct measure_detectable {
    bool has_scale; /* lengths are in mm, else px; used for comparisons alike only */
    double total[STRIAE_METRIC_COUNT], stria[STRIAE_METRIC_COUNT];
    size_t targets; /* how many skins they stand on */
};

/* Reads repeat.json ("striae-repeat/1"); path is for messages. FORMAT. */
striae_status measure_read_detectable(const char *path, const char *text,
                                      struct measure_detectable *own, striae_error *error);

/* Measures `count` sessions and the change of each against the first. links[k-1] belongs to session
 * k. A later session without a scale of its own inherits the first's through the alignment. own:
 * minimal detectable changes to judge by, NULL = those built in.
 *
 * Fills in sessions[i]: striae, stria_count, total, area_percent, labels, and px_per_mm and
 * scale_source where inherited (the rest is left alone); changes[k-1]: rows, row_count, total,
 * watch (the rest is left alone). The caller owns what is inside (result_clear); on failure
 * sessions and changes hold only what result_clear can free. Deterministic at any number of
 * threads. */
striae_status measure_series(const struct measure_photo *photos, const struct measure_link *links,
                             size_t count, const struct measure_detectable *own, int threads,
                             struct session *sessions, struct change *changes, striae_error *error);

#endif
