/* Writes a result: result.json, masks, labels, overlays, maps, report.html.
 *
 * The one stage that includes io/io.h besides the ground floor: writing files is its work. */
#ifndef STRIAE_REPORT_H
#define STRIAE_REPORT_H

#include "base/repeat.h"
#include "base/result.h"

/* result.json ("striae-result/1"), freed with free(); NULL without memory. The same bytes for the
 * same result, whatever the locale. */
char *report_json(const struct striae_result *result);

/* The photo with centrelines and edges drawn in, and what is to be watched in it (change: the one
 * that leads to this session; may be NULL); *out initialised here. */
striae_status report_overlay(const struct session *session, const struct change *change,
                             struct rgb8 *out, striae_error *error);

/* One self-contained HTML file (no external requests, works without JavaScript but for the slider);
 * *html freed with free(). */
striae_status report_html(const struct striae_result *result, char **html, size_t *size,
                          striae_error *error);

/* The page of a repeatability study, alike: figures, Bland-Altman plots, what became of each photo.
 */
striae_status report_repeat(const struct repeat *repeat, char **html, size_t *size,
                            striae_error *error);

/* Everything into dir (created if missing), result.json last. */
striae_status report_save(const struct striae_result *result, const char *dir, bool overwrite,
                          striae_error *error);

/* The maps that lead from session `from` to session `to`, as saved beside result.json: one, or two
 * to be applied in turn when neither is session 0. *count = 1 or 2. Freed with warp_free. */
striae_status report_load_maps(const char *result_json, size_t from, size_t to, struct warp maps[2],
                               int *count, striae_error *error);

#endif
