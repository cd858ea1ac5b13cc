/* striae: measures how stretch marks (striae distensae) change between photo sessions.
 *
 * The whole public interface. Every function is safe to call from several threads at once as long
 * as each call works on its own handle; a handle may be read by several threads at once.
 * Pictures: x right, y down, (0,0) is the centre of the top-left pixel of the upright photo.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STRIAE_H
#define STRIAE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- status and errors ---------------------------------------------------------------------- */

typedef enum striae_status {
    STRIAE_OK = 0,
    STRIAE_ERROR_INTERNAL,    /* a bug in this library */
    STRIAE_ERROR_MEMORY,      /* out of memory */
    STRIAE_ERROR_ARGUMENT,    /* an option or argument is out of its range */
    STRIAE_ERROR_NOT_FOUND,   /* the file does not exist or cannot be opened */
    STRIAE_ERROR_FORMAT,      /* not a picture in a format this build reads */
    STRIAE_ERROR_UNSUPPORTED, /* a known format in a form that is not read (CMYK, ...) */
    STRIAE_ERROR_DAMAGED,     /* truncated or corrupt picture */
    STRIAE_ERROR_TOO_LARGE,   /* more pixels than options.max_pixels */
    STRIAE_ERROR_OUTPUT, /* output cannot be written, or exists and options.overwrite is false */
} striae_status;

#define STRIAE_MESSAGE_SIZE 512

/* What went wrong, in words that name the file and what to do. Filled on every failure; untouched
 * on success. Callers may pass NULL where they do not care. */
typedef struct striae_error {
    striae_status status;
    char message[STRIAE_MESSAGE_SIZE];
} striae_error;

/* ---- numbers -------------------------------------------------------------------------------- */

/* A number with its 95 % interval. When it cannot be given, reason is not NULL (a static string in
 * plain words) and value, low and high are NaN. unit is a static string ("mm", "px", "mm2", ...).
 */
typedef struct striae_quantity {
    double value, low, high;
    const char *unit;
    const char *reason;
} striae_quantity;

/* What is measured per stria and in total; definitions in docs of measure.h. */
typedef enum striae_metric {
    STRIAE_METRIC_WIDTH = 0, /* mm or px; FWHM, stretch-corrected */
    STRIAE_METRIC_WIDTH_RAW, /* mm or px; without stretch correction */
    STRIAE_METRIC_LENGTH,    /* mm or px; along the centreline */
    STRIAE_METRIC_AREA,      /* mm2 or px2; integral of width along the centreline */
    STRIAE_METRIC_AREA_RAW,
    STRIAE_METRIC_DELTA_A,   /* CIELAB a* of stria less adjacent skin (redness) */
    STRIAE_METRIC_DELTA_L,   /* CIELAB L* likewise */
    STRIAE_METRIC_DELTA_B,   /* CIELAB b* likewise */
    STRIAE_METRIC_DELTA_E00, /* CIEDE2000 of stria against adjacent skin */
    STRIAE_METRIC_ERYTHEMA,  /* log10(R/G), stria less adjacent skin (RGB erythema index) */
    STRIAE_METRIC_MELANIN,   /* -log10(R), stria less adjacent skin (RGB melanin index) */
    STRIAE_METRIC_TEXTURE,   /* band-passed luminance roughness, stria over adjacent skin */
    STRIAE_METRIC_COUNT
} striae_metric;

typedef enum striae_verdict {
    STRIAE_NOT_MEASURABLE = 0,
    STRIAE_DECREASED,
    STRIAE_UNCHANGED,
    STRIAE_INCREASED,
} striae_verdict;

/* How readily a mark is called a stria. Low: fewer false striae, faint ones are missed. High: faint
 * ones are shown as well, with more false ones. How many false striae to expect per photo of skin
 * without any is in the README. */
typedef enum striae_sensitivity {
    STRIAE_SENSITIVITY_LOW = 0,
    STRIAE_SENSITIVITY_NORMAL,
    STRIAE_SENSITIVITY_HIGH
} striae_sensitivity;

/* Where a minimal detectable change comes from: rendered photos of the same skin taken again, or
 * striae_options.repeatability. */
typedef enum striae_mdc_source { STRIAE_MDC_BUILT_IN = 0, STRIAE_MDC_FILE } striae_mdc_source;

/* A difference, later less first. percent is of the first value (NaN where that is 0 or signless).
 * first and later are the two values themselves, over the skin and the striae that both photos
 * show. NaN where not measurable.
 *
 * verdict is DECREASED or INCREASED where the difference exceeds mdc95 and its interval lies on one
 * side of 0, UNCHANGED where it does not exceed mdc95. Where it does, but its interval holds 0, or
 * where the interval of a length or area reaches to changes of more than half of first, it cannot
 * be told from no change: NOT_MEASURABLE, the numbers stay given (difference.reason is NULL), and
 * reason says why in plain words. reason is set (a static string) wherever verdict is
 * NOT_MEASURABLE, else NULL. */
typedef struct striae_difference {
    striae_quantity difference;
    double percent;
    striae_verdict verdict;
    const char *reason; /* why there is no verdict */
    double first, later;
    double mdc95; /* minimal detectable change (95 %) that the verdict was made with */
    striae_mdc_source mdc_source;
} striae_difference;

/* Name as in result.json ("width", "delta_a", ...). Static; NULL when metric is out of range. */
const char *striae_metric_name(striae_metric metric);
/* "decreased", "unchanged", "increased", "not_measurable". Static. */
const char *striae_verdict_name(striae_verdict verdict);

/* ---- options -------------------------------------------------------------------------------- */

typedef enum striae_level {
    STRIAE_LEVEL_DETAIL,
    STRIAE_LEVEL_INFO,
    STRIAE_LEVEL_WARNING
} striae_level;

typedef struct striae_options {
    /* Scale of photo i in px per mm, i < px_per_mm_count. One value scales the first photo; later
     * photos inherit it through the alignment. 0 values: everything in px. Each in (0.1, 1000).
     * Borrowed for the call. Default: NULL, 0. */
    const double *px_per_mm;
    size_t px_per_mm_count;
    /* A known length in the first photo: x1, y1, x2, y2 in px, then its length in mm. Used when
     * has_ruler. Default: off. Excludes px_per_mm. */
    bool has_ruler;
    double ruler[5];
    /* A repeat.json made by `striae repeat` from the user's own photos: verdicts use its minimal
     * detectable changes, where it has them in the unit of the comparison, instead of those built
     * in. Borrowed for the call. Default NULL. */
    const char *repeatability;
    /* Default STRIAE_SENSITIVITY_NORMAL. */
    striae_sensitivity sensitivity;
    /* Worker threads, 0 = one per processor. The result does not depend on it. Default 0. */
    int threads;
    /* Largest photo accepted, in pixels; checked before anything is allocated. Default 100e6. */
    double max_pixels;
    /* Read photos whose decoder warns (truncated, corrupt) instead of failing. Default false. */
    bool accept_damaged;
    /* Let striae_result_save replace files it would write. Default false. */
    bool overwrite;
    /* Where to look for striae in the first photo: a PNG mask of the size of the upright photo, or
     * a polygon in JSON, [[x, y], ...]; else skin is found. Borrowed for the call. Default NULL. */
    const char *roi;
    /* Measured CIELAB (D65) of the reference card's patches: a table "patch,L,a,b", as
     * striae_card_save makes it with the nominal ones. Borrowed for the call. Default NULL: the
     * nominal ones. */
    const char *card_colours;
    /* mm between the centres of neighbouring patches of a colour chart of 24 patches, for its
     * scale: such charts are sold in several sizes. Default 0: a chart gives colours alone. */
    double chart_pitch;
    /* A folder, made if missing, for a picture of each step of finding striae: skin, channels,
     * network, lines, striae as first found. Borrowed for the call. Default NULL: none. */
    const char *debug;
    /* Only judge the photos (read, scale, quality): no striae are looked for. Default false. */
    bool qc_only;
    /* Called with fraction 0..1 and the stage's name, from the calling thread. May be NULL. */
    void (*progress)(void *user, const char *stage, double fraction);
    /* Called with a message for people, from the calling thread. May be NULL. */
    void (*message)(void *user, striae_level level, const char *text);
    void *user;
} striae_options;

/* Fills in every default. Always call it first. */
void striae_options_default(striae_options *options);

/* ---- comparing ------------------------------------------------------------------------------ */

/* The outcome of one comparison (or of measuring one photo). Immutable once returned. */
typedef struct striae_result striae_result;

/* Measures paths[0..count-1] (count >= 1) and compares each later photo with the first.
 * On success *result owns everything and is freed with striae_result_free; on failure it is NULL.
 * Photos that turn out not to show the same skin are not an error: see striae_result_refusal. */
striae_status striae_compare(const char *const *paths, size_t count, const striae_options *options,
                             striae_result **result, striae_error *error);

/* Whether striae_options.repeatability can be this file; an early word before hours of work.
 * NOT_FOUND, FORMAT, MEMORY. */
striae_status striae_repeatability_check(const char *path, striae_error *error);

/* Frees and sets *result to NULL. NULL is allowed. */
void striae_result_free(striae_result **result);

/* Writes result.json, masks, labels, overlays, maps and report.html into dir, which is created if
 * missing. Each file is written aside and renamed; result.json last, so that a folder with a
 * result.json is complete. Uses options->overwrite. */
striae_status striae_result_save(const striae_result *result, const char *dir,
                                 const striae_options *options, striae_error *error);

/* result.json as text, UTF-8, NUL-terminated; the caller frees it with free(). NULL: no memory. */
char *striae_result_json(const striae_result *result);

size_t striae_result_session_count(const striae_result *result);
size_t striae_result_stria_count(const striae_result *result, size_t session);

#define STRIAE_TOTAL SIZE_MAX /* in place of a stria's index: the total */

/* A measured number of session's stria (0-based index) or total. */
striae_status striae_result_quantity(const striae_result *result, size_t session, size_t stria,
                                     striae_metric metric, striae_quantity *out);

/* The comparison of session `later` (>= 1) with session 0. NULL when it was not refused, else why,
 * in words; owned by the result. */
const char *striae_result_refusal(const striae_result *result, size_t later);
/* How many rows (matched, gone, new, split, merged striae) that comparison has; 0 when refused. */
size_t striae_result_change_count(const striae_result *result, size_t later);
/* A change; row = 0-based index or STRIAE_TOTAL. For a row, *label is its name for tables: the ids
 * of the baseline striae joined by '+', or "new:ID"; owned by the result; may be NULL. */
striae_status striae_result_change(const striae_result *result, size_t later, size_t row,
                                   striae_metric metric, striae_difference *out,
                                   const char **label);
/* What became of that row's stria: "matched", "gone", "new", "split" or "merged". Static; NULL when
 * there is no such row. */
const char *striae_result_change_status(const striae_result *result, size_t later, size_t row);
/* Area of the skin that session 0 and `later` both show, in the unit of area of the totals; NaN
 * when refused. */
double striae_result_shared_skin(const striae_result *result, size_t later);
/* Worst quality-control status over the sessions: "pass", "warn" or "fail". Static. */
const char *striae_result_qc(const striae_result *result);
/* One quality check of a session's photo. value and limit may be NaN; texts are owned by the
 * result.
 */
typedef struct striae_check {
    const char *name;    /* "focus", ... */
    const char *status;  /* "pass", "warn" or "fail" */
    double value, limit; /* what was found, and where it begins to be bad */
    const char *message; /* in words, with what to do about it */
} striae_check;
/* How many checks a session has, and one of them; ARGUMENT when there is none. */
size_t striae_result_check_count(const striae_result *result, size_t session);
striae_status striae_result_check(const striae_result *result, size_t session, size_t index,
                                  striae_check *out);
/* Path, sha256 (hex) of the session's photo, owned by the result. */
const char *striae_result_photo(const striae_result *result, size_t session);
const char *striae_result_photo_sha256(const striae_result *result, size_t session);
/* sha256 (hex) of every option that changes a number, and of the model; owned by the result. */
const char *striae_result_config_sha256(const striae_result *result);

/* ---- mapping points ------------------------------------------------------------------------- */

/* Where a point of one photo lies in another, from a saved result. */
typedef struct striae_map striae_map;

/* Opens the map between two sessions of DIR/result.json. Free with striae_map_free. */
striae_status striae_map_open(const char *result_json, size_t from, size_t to, striae_map **map,
                              striae_error *error);
/* false (and NaN) outside the overlap or where the alignment is unsure. */
bool striae_map_point(const striae_map *map, double x, double y, double *u, double *v);
void striae_map_free(striae_map **map);

/* ---- the reference card --------------------------------------------------------------------- */

/* Writes the card to print: path ends in .pdf (a sheet of A4), .svg or .png (the card alone), or
 * .csv (a table of its colours). batch
 * is printed on it, at most 24 characters; NULL = "1". The same batch, the same bytes. ARGUMENT,
 * OUTPUT. */
striae_status striae_card_save(const char *path, const char *batch, bool overwrite,
                               striae_error *error);

/* "MAJOR.MINOR.PATCH", static. */
const char *striae_version(void);

#ifdef __cplusplus
}
#endif
#endif
