/* The record of a comparison: what the stages fill in, and what report/ writes out. Field names and
 * units follow result.json ("striae-result/1"). */
#ifndef STRIAE_BASE_RESULT_H
#define STRIAE_BASE_RESULT_H

#include "base/image.h"
#include "base/photo_info.h"
#include "base/polyline.h"
#include "base/warp.h"
#include "striae.h"

enum kind { KIND_RUBRA, KIND_ALBA, KIND_DARK };
enum qc_status { QC_PASS, QC_WARN, QC_FAIL };
enum scale_source { SCALE_NONE, SCALE_OPTION, SCALE_RULER, SCALE_CARD };
enum change_status { CHANGE_MATCHED, CHANGE_GONE, CHANGE_NEW, CHANGE_SPLIT, CHANGE_MERGED };

/* As in result.json: "rubra", "pass", "option", "matched", ... Static. */
const char *kind_name(enum kind kind);
const char *qc_status_name(enum qc_status status);
const char *scale_source_name(enum scale_source source);
const char *change_status_name(enum change_status status);
/* Unit of a metric: "mm"/"px", "mm2"/"px2", "CIELAB", "dE00", "log10", "ratio". Static. */
const char *metric_unit(striae_metric metric, bool has_scale);

/* ---- numbers ---- */
/* A known number; low <= value <= high. */
striae_quantity quantity(double value, double low, double high, const char *unit);
/* A number that cannot be given; reason must be static. */
striae_quantity quantity_unknown(const char *reason, const char *unit);
/* {NOT_MEASURABLE, reason}. */
striae_difference difference_unknown(const char *reason, const char *unit);

struct qc_row {
    char check[24]; /* "focus", ... */
    enum qc_status status;
    double value, limit; /* NaN = null */
    char message[240];   /* in words, with what to do about it */
};

struct qc {
    size_t count, capacity;
    struct qc_row *rows; /* owned */
};
striae_status qc_add(struct qc *qc, const char *check, enum qc_status status, double value,
                     double limit, const char *message, striae_error *error);

struct stria {
    int id; /* 1.. within the session */
    enum kind kind;
    double probability;         /* 0..1 */
    struct polyline centreline; /* px of its own photo; owned */
    float
        *half_width; /* px, one per centreline point, NaN where not measured; owned; may be NULL */
    striae_quantity metric[STRIAE_METRIC_COUNT];
};

struct session {
    /* photo */
    char *path;        /* as given; owned */
    char sha256[65];   /* of the file */
    char captured[24]; /* ISO 8601 local time from EXIF, "" = unknown */
    struct photo_info info;
    int width, height;
    struct rgb8 picture; /* upright sRGB copy at full size, for overlays and the report; owned */
    /* scale and colour */
    enum scale_source scale_source;
    striae_quantity px_per_mm;
    const char *colour_source; /* "profile" or "card", static */
    striae_quantity colour_delta_e00;
    struct qc qc;
    /* skin */
    striae_quantity skin_area, skin_lightness, skin_ita;
    struct mask skin; /* 255 = skin that was searched */
    /* striae */
    size_t stria_count;
    struct stria *striae;                       /* owned */
    striae_quantity total[STRIAE_METRIC_COUNT]; /* WIDTH, ... ; LENGTH and AREA are sums */
    striae_quantity area_percent;               /* of the skin in view, "%" */
    struct labels labels;                       /* id per pixel; the mask is labels != 0 */
};

struct change_row {
    enum change_status status;
    size_t from_count, to_count;
    int *from_ids, *to_ids; /* owned */
    char label[64];         /* "3", "3+4", "new:2" */
    striae_difference metric[STRIAE_METRIC_COUNT];
};

struct watch_row {    /* side effects a clinician must see early */
    const char *kind; /* "redness" or "dark_mark", static */
    striae_quantity area;
    struct polyline where;
    char message[240];
};

struct change { /* session `to` against session 0 */
    size_t to;
    bool refused;
    char reason[240];                /* when refused */
    striae_quantity alignment_error; /* px of the first photo */
    double overlap_percent;
    struct warp forward, backward; /* first -> later, later -> first; empty when refused */
    size_t row_count;
    struct change_row *rows; /* owned */
    striae_difference total[STRIAE_METRIC_COUNT];
    striae_difference skin_delta_e00, skin_ita;
    size_t watch_count;
    struct watch_row *watch; /* owned */
};

/* The file that minimal detectable changes come from; path NULL = they are built in. */
struct repeatability {
    char *path;      /* as given; owned */
    char sha256[65]; /* of its bytes */
    size_t targets;  /* skins it stands on */
};

struct striae_result {
    size_t session_count, change_count; /* change_count = session_count - 1 */
    struct session *sessions;           /* owned */
    struct change *changes;             /* owned; changes[k].to = k+1 */
    struct repeatability repeatability;
    char config_sha256[65], model_sha256[65]; /* model: "" = none */
};

/* Takes a metric of one session away, with all changes that it is part of; reason must be static.
 */
void result_withhold(struct striae_result *result, size_t session, striae_metric metric,
                     const char *reason);

/* Frees everything inside; leaves it zeroed. */
void result_clear(struct striae_result *result);

#endif
