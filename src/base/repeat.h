/* The record of a repeatability study: photos of unchanged skin taken again, and how much the
 * numbers differ. What study/ fills in and report/ draws. */
#ifndef STRIAE_BASE_REPEAT_H
#define STRIAE_BASE_REPEAT_H

#include "striae.h"

#define REPEAT_METRICS 11

enum repeat_status {
    REPEAT_PENDING,
    REPEAT_OK,      /* measured */
    REPEAT_REFUSED, /* could not be lined up with the first photo of its target */
    REPEAT_FAILED,  /* could not be read, or is the same file as another */
    REPEAT_SKIPPED, /* nothing wrong with it, but it has no partner */
};

struct repeat_photo {
    size_t line;                 /* in the manifest, 1.. */
    char *photo;                 /* as the manifest names it; owned, as are the others */
    char *path;                  /* from the working directory */
    char *subject, *site, *side; /* "" = not said */
    int session;                 /* -1 = not said */
    double px_per_mm;            /* NaN = not said */
    bool has_ruler;
    double ruler[5];
    size_t target;
    enum repeat_status status;
    char *reason; /* why not measured, and what to do; "" when ok */
    /* In the order of repeat.metric, over the skin that the target's photos share; NaN = unknown.
     * Lengths and areas are in the unit of the target. */
    double value[REPEAT_METRICS];
};

/* The same skin, photographed several times. */
struct repeat_target {
    char *name; /* "01 abdomen L"; owned */
    size_t count;
    size_t *photos;  /* indices, in the order of session and line; owned */
    size_t measured; /* photos with status ok; >= 2, or 0 */
    bool has_scale;  /* in mm; else in px */
    size_t subject;  /* equal for targets of the same person */
};

/* One pair of photos in a Bland-Altman plot. */
struct repeat_point {
    double mean, difference; /* later less first */
    size_t target;
};

struct repeat_metric {
    const char *name; /* as in result.json; static */
    const char *unit; /* static */
    bool is_percent;  /* area_percent, which is no striae_metric */
    striae_metric metric;
    size_t targets, photos; /* that were measured at least twice */
    double mean;            /* of the targets' means; NaN = none */
    /* Standard error of measurement (within-subject standard deviation), minimal detectable change,
     * ICC(2,1), bias and 95 % limits of agreement, coefficient of variation in %. */
    striae_quantity sem, mdc95, icc, bias, lower, upper, cv;
    size_t icc_targets, icc_replicates;
    /* Of a single stria: striae found in every photo of their target, and their SEM. Its interval
     * counts a target's striae as one. */
    size_t striae;
    striae_quantity stria_sem, stria_mdc95;
    size_t point_count;
    struct repeat_point *points; /* owned */
};

struct repeat {
    char *manifest;  /* path as given; owned */
    char sha256[65]; /* of its bytes */
    char config_sha256[65];
    bool by_session; /* only photos of one session are repeats of each other */
    size_t photo_count, target_count;
    struct repeat_photo *photos;                        /* in the order of the manifest; owned */
    struct repeat_target *targets;                      /* by name; owned */
    size_t measured_targets, measured_photos, subjects; /* that went into the figures */
    bool has_scale; /* lengths are in mm: targets without a scale have none */
    struct repeat_metric metric[REPEAT_METRICS];
};

#endif
