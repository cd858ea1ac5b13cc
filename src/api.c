/* The public functions that are thin: defaults, version, accessors, saving, maps. */
#include "base/result.h"
#include "base/status.h"
#include "calibrate/calibrate.h"
#include "io/io.h"
#include "pipeline.h"
#include "report/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *striae_version(void)
{
    return STRIAE_VERSION;
}

void striae_options_default(striae_options *options)
{
    *options = (striae_options){.max_pixels = 100e6, .sensitivity = STRIAE_SENSITIVITY_NORMAL};
}

/* ---- a result as a whole ---- */

void striae_result_free(striae_result **result)
{
    if (!result || !*result)
        return;
    result_clear(*result);
    free(*result);
    *result = NULL;
}

striae_status striae_result_save(const striae_result *result, const char *dir,
                                 const striae_options *options, striae_error *error)
{
    return report_save(result, dir, options->overwrite, error);
}

char *striae_result_json(const striae_result *result)
{
    return report_json(result);
}

size_t striae_result_session_count(const striae_result *result)
{
    return result->session_count;
}

const char *striae_result_config_sha256(const striae_result *result)
{
    return result->config_sha256;
}

const char *striae_result_qc(const striae_result *result)
{
    enum qc_status worst = QC_PASS;
    for (size_t i = 0; i < result->session_count; i++) {
        const struct qc *qc = &result->sessions[i].qc;
        for (size_t k = 0; k < qc->count; k++)
            if (qc->rows[k].status > worst)
                worst = qc->rows[k].status;
    }
    return qc_status_name(worst);
}

/* ---- sessions ---- */

static const struct session *session_at(const striae_result *result, size_t session)
{
    return session < result->session_count ? &result->sessions[session] : NULL;
}

size_t striae_result_stria_count(const striae_result *result, size_t session)
{
    const struct session *s = session_at(result, session);
    return s ? s->stria_count : 0;
}

striae_status striae_result_quantity(const striae_result *result, size_t session, size_t stria,
                                     striae_metric metric, striae_quantity *out)
{
    const struct session *s = session_at(result, session);
    *out = quantity_unknown("there is no such number", NULL);
    if (!s || (unsigned)metric >= STRIAE_METRIC_COUNT ||
        (stria != STRIAE_TOTAL && stria >= s->stria_count))
        return STRIAE_ERROR_ARGUMENT;
    *out = stria == STRIAE_TOTAL ? s->total[metric] : s->striae[stria].metric[metric];
    return STRIAE_OK;
}

const char *striae_result_photo(const striae_result *result, size_t session)
{
    const struct session *s = session_at(result, session);
    return s ? s->path : NULL;
}

const char *striae_result_photo_sha256(const striae_result *result, size_t session)
{
    const struct session *s = session_at(result, session);
    return s ? s->sha256 : NULL;
}

size_t striae_result_check_count(const striae_result *result, size_t session)
{
    const struct session *s = session_at(result, session);
    return s ? s->qc.count : 0;
}

striae_status striae_result_check(const striae_result *result, size_t session, size_t index,
                                  striae_check *out)
{
    const struct session *s = session_at(result, session);
    *out = (striae_check){0};
    if (!s || index >= s->qc.count)
        return STRIAE_ERROR_ARGUMENT;
    const struct qc_row *row = &s->qc.rows[index];
    *out = (striae_check){row->check, qc_status_name(row->status), row->value, row->limit,
                          row->message};
    return STRIAE_OK;
}

/* ---- changes ---- */

static const struct change *change_to(const striae_result *result, size_t later)
{
    for (size_t i = 0; i < result->change_count; i++)
        if (result->changes[i].to == later)
            return &result->changes[i];
    return NULL;
}

const char *striae_result_refusal(const striae_result *result, size_t later)
{
    const struct change *change = change_to(result, later);
    return change && change->refused ? change->reason : NULL;
}

size_t striae_result_change_count(const striae_result *result, size_t later)
{
    const struct change *change = change_to(result, later);
    return change && !change->refused ? change->row_count : 0;
}

striae_status striae_result_change(const striae_result *result, size_t later, size_t row,
                                   striae_metric metric, striae_difference *out, const char **label)
{
    const struct change *change = change_to(result, later);
    bool total = row == STRIAE_TOTAL;
    *out = difference_unknown("there is no such number", NULL);
    if (label)
        *label = NULL;
    if (!change || (unsigned)metric >= STRIAE_METRIC_COUNT ||
        (!total && row >= striae_result_change_count(result, later)))
        return STRIAE_ERROR_ARGUMENT;
    if (change->refused) {
        *out = difference_unknown("the photos could not be aligned",
                                  change->total[metric].difference.unit);
        return STRIAE_OK;
    }
    *out = total ? change->total[metric] : change->rows[row].metric[metric];
    if (label && !total)
        *label = change->rows[row].label;
    return STRIAE_OK;
}

const char *striae_result_change_status(const striae_result *result, size_t later, size_t row)
{
    const struct change *change = change_to(result, later);
    return row < striae_result_change_count(result, later)
               ? change_status_name(change->rows[row].status)
               : NULL;
}

double striae_result_shared_skin(const striae_result *result, size_t later)
{
    const struct change *change = change_to(result, later);
    const striae_quantity *skin = &result->sessions[0].skin_area;
    return change && !change->refused && !skin->reason ? skin->value * change->overlap_percent / 100
                                                       : NAN;
}

/* ---- mapping points ---- */

struct striae_map {
    struct warp steps[2]; /* applied in turn */
    int count;
};

striae_status striae_map_open(const char *result_json, size_t from, size_t to, striae_map **map,
                              striae_error *error)
{
    *map = NULL;
    struct striae_map *opened = calloc(1, sizeof *opened);
    if (!opened)
        return fail_memory(error);
    striae_status status =
        report_load_maps(result_json, from, to, opened->steps, &opened->count, error);
    if (status == STRIAE_OK)
        *map = opened;
    else
        free(opened);
    return status;
}

bool striae_map_point(const striae_map *map, double x, double y, double *u, double *v)
{
    *u = x;
    *v = y;
    for (int i = 0; i < map->count; i++)
        if (!warp_point(&map->steps[i], *u, *v, u, v))
            return false;
    return true;
}

void striae_map_free(striae_map **map)
{
    if (!map || !*map)
        return;
    for (int i = 0; i < (*map)->count; i++)
        warp_free(&(*map)->steps[i]);
    free(*map);
    *map = NULL;
}

/* ---- the card ---- */

static bool ends_in(const char *text, const char *end)
{
    size_t length = strlen(text), size = strlen(end);
    return length > size && strcasecmp(text + length - size, end) == 0;
}

striae_status striae_card_save(const char *path, const char *batch, bool overwrite,
                               striae_error *error)
{
    static const char *const ends[] = {".pdf", ".svg", ".png", ".csv"};
    int format = 0;
    while (format < 4 && !ends_in(path, ends[format]))
        format++;
    if (format == 4)
        return fail_with(error, STRIAE_ERROR_ARGUMENT,
                         "%s: name a file that ends in .pdf, .svg, .png or .csv", path);
    if (batch && strlen(batch) > 24)
        return fail_with(error, STRIAE_ERROR_ARGUMENT,
                         "the name of the batch has %zu characters: give at most 24",
                         strlen(batch));
    void *data;
    size_t size;
    striae_status status =
        calibrate_card_draw((enum card_format)format, batch ? batch : "1", &data, &size, error);
    if (status == STRIAE_OK)
        status = io_write_file(path, data, size, overwrite, error);
    free(data);
    return status;
}

/* ---- comparing ---- */

striae_status striae_repeatability_check(const char *path, striae_error *error)
{
    return pipeline_check_repeatability(path, error);
}

striae_status striae_compare(const char *const *paths, size_t count, const striae_options *options,
                             striae_result **result, striae_error *error)
{
    struct striae_result *made = calloc(1, sizeof *made);
    striae_status status =
        made ? pipeline_run(paths, count, options, made, error) : fail_memory(error);
    *result = NULL;
    if (status == STRIAE_OK)
        *result = made;
    else
        free(made);
    return status;
}
