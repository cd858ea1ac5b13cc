/* The recipe: photo files in, a result out. */
#ifndef STRIAE_PIPELINE_H
#define STRIAE_PIPELINE_H

#include "base/result.h"

struct card;
struct card_colours;
struct segmenter;

striae_status pipeline_run(const char *const *paths, size_t count, const striae_options *options,
                           struct striae_result *result, striae_error *error);

/* Reads a file for striae_options.repeatability for nothing but to see whether that works. */
striae_status pipeline_check_repeatability(const char *path, striae_error *error);

/* ---- parts of the recipe with files of their own ---- */

/* ARGUMENT when the options of `count` photos are out of range or against each other. */
striae_status pipeline_check_options(const striae_options *options, size_t count,
                                     striae_error *error);

/* hex = sha256 of everything that changes a number; result as far as it is read. */
void pipeline_fingerprint(const striae_options *options, const struct striae_result *result,
                          const struct card_colours *card_colours, char hex[65]);

/* Writes what each step of finding striae saw in session `index` into options->debug. OUTPUT,
 * MEMORY. */
striae_status pipeline_show_steps(const striae_options *options, const struct session *session,
                                  size_t index, const struct segmenter *segmenter,
                                  const struct mask *striae, striae_error *error);

/* Area of the searched skin and, where the card (found or not) gave colours, its tone. print: the
 * colours of the card; image: corrected by it. */
void pipeline_describe_skin(const struct image *image, const struct card *card,
                            const struct card_colours *print, struct session *session);

/* Change of the skin's tone, where both photos have a card that gave colours. images, cards and
 * sessions: the first and the later one. */
void pipeline_describe_tone_change(const struct image *const images[2],
                                   const struct card *const cards[2],
                                   const struct session *const sessions[2], struct change *change);

/* Takes away what failed checks do not let be measured; what was to be watched for by it is
 * replaced by a row that says so. MEMORY. */
striae_status pipeline_withhold(struct striae_result *result, striae_error *error);

/* Nothing was measured: every number says so. */
void pipeline_leave_unmeasured(struct striae_result *result);

#endif
