/* The sessions under measurement, and the steps that measure_series takes with them. Private to
 * measure/. */
#ifndef STRIAE_MEASURE_SERIES_H
#define STRIAE_MEASURE_SERIES_H

#include "measure/match.h"
#include "measure/mix.h"
#include "measure/strip.h"
#include "measure/sums.h"

/* The striae of one session. */
struct crew {
    struct trace *traces; /* owned */
    size_t count;
    size_t offset;       /* of its first trace among those of all sessions */
    struct labels owner; /* by owner_map, of its traces; owned */
    bool has_scale;
    struct sums_context context;
};

/* One trace, and what is done with it by one thread at a time. */
struct job {
    size_t session, trace;
    size_t extension; /* points added at either end of what was found */
    struct signature signature;
    double mix[3];       /* shows its contrast best: for widths */
    double place_mix[3]; /* shading counts little: for where it lies */
    striae_status status;
    striae_error error;
};

struct series {
    const struct measure_photo *photos;
    const struct measure_link *links;
    size_t count;
    int threads;
    struct crew *crews; /* owned, one per session */
    struct job *jobs;   /* owned, one per trace */
    size_t job_count;
};

/* ---- series.c ---- */
/* Traces and jobs of all sessions; photos, links, count and threads are set. Free with series_free
 * on failure too. */
striae_status series_init(struct series *series, striae_error *error);
void series_free(struct series *series);
/* Runs one task per trace; the first failure in order is the one reported. */
striae_status series_run(struct series *series, void (*task)(void *series, int job),
                         striae_error *error);
/* Owner maps of all sessions, anew; factor and margin as for owner_map. */
striae_status series_owners(struct series *series, double factor, double margin,
                            striae_error *error);
/* Whether session `later` (>= 1) was lined up with the first. */
bool series_linked(const struct series *series, size_t later);
/* The strip around the job's trace. */
striae_status series_strip(const struct series *series, const struct job *job, int reach,
                           struct strip *strip, striae_error *error);

/* ---- series_group.c ---- */
striae_status series_match(const struct series *series, size_t later, struct matching *matching,
                           striae_error *error);
/* Gives the same stria in all sessions the same group. */
striae_status series_groups(struct series *series, striae_error *error);
/* The mix of channels, one per group. */
striae_status series_mixes(struct series *series, striae_error *error);

/* ---- series_edges.c ---- */
/* Centreline and edges of every trace: first from rough widths, then once more from fitted ones. */
striae_status series_edges(struct series *series, striae_error *error);
striae_status series_edges_again(struct series *series, striae_error *error);

/* Drops the striae that in no session have the profile of one over a third of what is seen of them:
 * shading of the body, folds and blots are found as lines at times, but have no two edges. F1 on
 * six real photos marked by eye 0.632 -> 0.648. */
void series_drop(struct series *series);

/* ---- series_scale.c ---- */
/* Scale along and across at every point; px_per_mm and scale_source of sessions that inherit. */
striae_status series_scales(struct series *series, struct session *sessions, striae_error *error);

/* ---- series_tone.c ---- */
/* Colour and roughness of every trace, and the reference skin of every session. */
striae_status series_tones(struct series *series, striae_error *error);

/* ---- series_session.c ---- */
/* Fills in striae, totals, area_percent and labels; sorts the session's traces by area. */
striae_status series_session(struct series *series, size_t s, struct session *session,
                             striae_error *error);

#endif
