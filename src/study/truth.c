#include "study/truth.h"

#include "study/paths.h"
#include "study/score.h"

#include "io/io.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

const char *const truth_session_names[2] = {"before", "after"};

json_t *truth_load(const char *dir, const char *name, striae_error *error)
{
    char *path = path_join(dir, name);
    char *text = NULL;
    size_t size;
    json_t *json = NULL;
    if (!path) {
        fail_memory(error);
    } else if (io_read_file(path, &text, &size, error) == STRIAE_OK) {
        json_error_t problem;
        json = json_loadb(text, size, 0, &problem);
        if (!json) {
            fail_with(error, STRIAE_ERROR_FORMAT, "%s: line %d: %s", path, problem.line,
                      problem.text);
        }
    }
    free(text);
    free(path);
    return json;
}

double truth_number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

const json_t *truth_session(const json_t *truth, size_t session)
{
    return json_object_get(json_object_get(truth, "sessions"), truth_session_names[session]);
}

double truth_scale(const json_t *truth, size_t session)
{
    double own = truth_number(truth_session(truth, session), "px_per_mm");
    return own > 0 ? own : truth_number(truth, "px_per_mm");
}

/* Of the options of a rendering; what says nothing of it has changes. */
static bool says_unchanged(const json_t *options)
{
    return json_is_false(json_object_get(options, "change")) &&
           !(truth_number(options, "width_factor") > 0) &&
           !(truth_number(options, "colour_factor") > 0);
}

striae_status score_read_truth(const char *dir, double *px_per_mm, struct score *score,
                               striae_error *error)
{
    *score = (struct score){.landmark_median = NAN, .landmark_p95 = NAN};
    json_t *truth = truth_load(dir, "truth.json", error);
    if (!truth) {
        return error ? error->status : STRIAE_ERROR_FORMAT;
    }
    *px_per_mm = truth_number(truth, "px_per_mm");
    double tone = truth_number(truth, "tone");
    score->tone = tone >= 1 && tone <= 6 ? (int)tone : 0;
    const char *kind = json_string_value(json_object_get(truth, "kind"));
    snprintf(score->kind, sizeof score->kind, "%s", kind ? kind : "");
    score->unchanged = says_unchanged(json_object_get(truth, "options"));
    char *name = path_own_name(dir);
    snprintf(score->name, sizeof score->name, "%s", name ? name : "");
    free(name);
    json_decref(truth);
    if (!(*px_per_mm > 0)) {
        return fail_with(error, STRIAE_ERROR_FORMAT, "%s/truth.json: has no px_per_mm", dir);
    }
    return STRIAE_OK;
}
