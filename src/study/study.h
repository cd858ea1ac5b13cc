/* Studies: folders of photos paired by their names, compared one by one, and written as tables; and
 * the scoring of a comparison against a rendered pair's truth. Stands on the public interface. */
#ifndef STRIAE_STUDY_STUDY_H
#define STRIAE_STUDY_STUDY_H

#include "base/repeat.h"
#include "striae.h"
#include "study/score.h"
#include "study/score_figures.h"

enum study_status {
    STUDY_PENDING, /* paired, not compared yet (what --dry-run shows) */
    STUDY_OK,      /* measured and compared */
    STUDY_REFUSED, /* measured, but not compared: not the same skin, or not to be lined up */
    STUDY_FAILED,  /* should have been measured and could not be */
    STUDY_SKIPPED, /* left out: no photo, no partner, a name that says nothing */
};

/* "pending", "ok", "refused", "failed", "skipped". Static. */
const char *study_status_name(enum study_status status);

#define STUDY_NO_SERIES SIZE_MAX

/* One file of the folder. Every file has one: nothing is left out silently. */
struct study_input {
    char *path; /* relative to the study's folder; owned, as are the others */
    enum study_status status;
    char *reason; /* why, and what to do; "" when ok or pending */
    /* Not a photo and not meant to be one (notes, masks, hidden files): no reason to worry, and
     * not counted when all is well is decided. */
    bool bystander;
    char *subject, *arm, *site, *side; /* as the name says; "" = it does not */
    int session;                       /* -1 = the name does not say */
    bool numbered;                     /* the name says ses-N, not before or after */
    char *key;                         /* photos with the same key show the same skin */
    size_t series;                     /* index into study.series, or STUDY_NO_SERIES */
};

/* Photos of the same skin, in the order of their sessions; the first is the baseline. */
struct study_series {
    char *name;       /* of its result folder: unique, safe on every file system; owned */
    size_t count;     /* >= 2 */
    size_t *inputs;   /* indices into study.inputs; owned */
    char *rows;       /* its lines of long.csv once compared; owned */
    size_t rows_size; /* bytes */
};

struct study {
    char *folder; /* as given; owned */
    char *name;   /* the folder's own name; owned */
    size_t input_count, series_count;
    struct study_input *inputs;  /* by path; owned */
    struct study_series *series; /* by key; owned */
};

struct study_options {
    striae_options striae; /* for every comparison; its callbacks are not used */
    int jobs;              /* comparisons at once, 1..64 */
    /* Called when a comparison has ended, and with messages on the way; never by two threads at
     * once. May be NULL. */
    void (*done)(void *user, const struct study *study, size_t series, size_t finished);
    void (*message)(void *user, const char *series, striae_level level, const char *text);
    void *user;
};

struct study_counts {
    size_t found, ok, refused, failed, skipped;
    size_t missed; /* not ok and no bystander: what makes an exit code other than 0 */
    size_t photos; /* no bystander */
};

/* Lists every file in and below folder and pairs the photos by their names (names.h). `skip`, a
 * folder that holds output, is not looked into (may be NULL). NOT_FOUND, MEMORY. */
striae_status study_scan(const char *folder, const char *skip, struct study *study,
                         striae_error *error);
void study_free(struct study *study);
struct study_counts study_count(const struct study *study);

/* Whether everything study_run and study_write_tables would write is free to be written. */
striae_status study_check_output(const struct study *study, const char *dir, bool overwrite,
                                 striae_error *error);
/* Compares every series and saves each into dir/NAME. A photo that cannot be read never stops the
 * rest: it becomes the status and reason of its input. Fails for want of memory only. */
striae_status study_run(struct study *study, const struct study_options *options, const char *dir,
                        striae_error *error);
/* dir/inputs.csv and dir/long.csv. */
striae_status study_write_tables(const struct study *study, const char *dir, bool overwrite,
                                 striae_error *error);

/* ---- repeatability: photos of unchanged skin taken again ------------------------------------ */

struct repeat_options {
    striae_options striae; /* for every comparison; one px_per_mm at most, used where the manifest
                              has no scale */
    /* Called when a target has been measured. May be NULL. */
    void (*done)(void *user, const struct repeat *repeat, size_t target);
    void *user;
};

/* Reads a manifest. Photos of the same subject, site and side (and session, with by_session) are
 * repeats of each other: one target, in the order of session and line. FORMAT, NOT_FOUND, MEMORY.
 * Freed with repeat_free. */
striae_status repeat_read(const char *manifest, bool by_session, struct repeat *repeat,
                          striae_error *error);
/* Compares each target's photos with its first one and computes every figure. A photo that cannot
 * be used never stops the rest: it gets status and reason. Fails for want of memory only. */
striae_status repeat_measure(struct repeat *repeat, const struct repeat_options *options,
                             striae_error *error);
/* Whether repeat_save may write into dir. */
striae_status repeat_check_output(const char *dir, bool overwrite, striae_error *error);
/* dir/photos.csv, repeat.csv, report.html (html: its text) and, last, repeat.json. */
striae_status repeat_save(const struct repeat *repeat, const char *html, size_t html_size,
                          const char *dir, bool overwrite, striae_error *error);
/* repeat.json ("striae-repeat/1"), freed with free(); NULL without memory. */
char *repeat_json(const struct repeat *repeat);
size_t repeat_count(const struct repeat *repeat, enum repeat_status status);
void repeat_free(struct repeat *repeat);

#endif
