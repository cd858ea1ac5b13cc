/* How well a comparison of a rendered pair met the truth. */
#ifndef STRIAE_STUDY_SCORE_H
#define STRIAE_STUDY_SCORE_H

#include "striae.h"

/* A true number and what was measured; NaN = not given. */
struct score_number {
    double truth, value;
    bool held; /* the 95 % interval holds the truth */
};

/* Striae by their width, in px of the photo (mm by the session's own scale where the truth
 * has one, else by that of the first photo), and by their contrast, the distance in CIELAB (dE*ab
 * 1976) from the skin beside them. */
enum score_by { SCORE_BY_WIDTH, SCORE_BY_CONTRAST, SCORE_BY_COUNT };
#define SCORE_CLASSES 4

/* What a class begins with: rising, 0 for the first; INFINITY for SCORE_CLASSES, where the last one
 * ends. */
double score_class_from(enum score_by by, size_t index);

/* True striae are in the class of their truth, found ones in that of what was measured. Neither is
 * in any where that is not known. */
struct score_class {
    size_t true_count, found_count, found, real; /* as in score_session */
};

struct score_session {
    double dice; /* of the mask against the true mask, 0..1 */
    /* A true stria counts as found when at least half of its pixels lie within 3 px of a found
     * one; a found stria counts as real when at least half of its pixels lie within 3 px of the
     * true mask. */
    size_t true_count, found_count, found, real;
    struct score_class classes[SCORE_BY_COUNT][SCORE_CLASSES];
    struct score_number width, area; /* totals; mm and mm2 */
    struct score_number delta_a;     /* total; CIELAB */
};

struct score {
    char name[64];
    int tone; /* 1..6 */
    char kind[16];
    bool unchanged; /* the truth says that the skin is the same in both photos */
    bool refused;
    char reason[256]; /* when refused */
    /* Distance in px between where a skin point of the first photo is in the later one and where
     * the map puts it; over the landmarks inside both photos that the map covers. NaN if none. */
    double landmark_median, landmark_p95;
    size_t landmarks, mapped;
    struct score_session session[2];
    struct score_number width_change, area_change; /* percent of the first */
    struct score_number delta_a_change;
    striae_verdict width_verdict, area_verdict, delta_a_verdict;
    double seconds; /* for the comparison */
};

/* Path of a photo of a rendered pair: "before.jpg" or "after.jpg" in dir; the scale of the first
 * photo, tone and kind from dir/truth.json into *score, which is cleared first. FORMAT, NOT_FOUND,
 * MEMORY. */
striae_status score_read_truth(const char *dir, double *px_per_mm, struct score *score,
                               striae_error *error);

/* Fills in *score (tone, kind, name and seconds are left alone) for the pair in dir from its
 * result, saved in result_dir. */
striae_status score_pair(const char *dir, const striae_result *result, const char *result_dir,
                         struct score *score, striae_error *error);

/* 95 % intervals that are given, and those of them that hold the truth. */
struct score_held {
    size_t given, held;
};

/* Figures over many pairs. Errors are absolute values; widths and areas in percent of the truth,
 * both sessions together. */
struct score_summary {
    size_t pairs, aligned;
    double landmark_median, landmark_p95; /* median over the pairs of each pair's figure */
    double landmark_worst;                /* the largest of the pairs' medians */
    double dice_mean, dice_worst;         /* per photo */
    double found_percent, real_percent;
    struct score_class classes[SCORE_BY_COUNT][SCORE_CLASSES]; /* both sessions of all pairs */
    double width_median, width_worst, area_median, area_worst;
    double delta_a_median, delta_a_worst;
    double width_change_median, area_change_median; /* percentage points */
    double delta_a_change_median;
    struct score_held width_held, area_held, delta_a_held; /* of totals */
    struct score_held changes_held;                        /* of the changes of all three */
    double held_percent; /* of all intervals, those that hold the truth */
    size_t wrong_way;    /* verdicts of a change in the wrong direction */
    size_t untold;       /* changes that are given, but could not be told from none */
    double seconds;      /* all pairs */
};

/* NaN of nothing. */
double score_percent(size_t part, size_t whole);

/* Over those of count scores that `include` takes (NULL = all of them). MEMORY. */
striae_status score_summarise(const struct score *scores, size_t count,
                              bool (*include)(const struct score *score, const void *context),
                              const void *context, struct score_summary *summary,
                              striae_error *error);

/* Scores, summary and the figures of score_figures.h (under its keys) as JSON
 * ("striae-validate/1"), freed with free(); NULL without memory. Each
 * session and the summary have "by_width" and "by_contrast", a list of classes: from, to (null for
 * the last), unit ("px" or "dE76"), true_striae, true_striae_found, found_striae,
 * found_striae_real. */
char *score_json(const struct score *scores, size_t count, const struct score_summary *summary,
                 const double *figures);

#endif
