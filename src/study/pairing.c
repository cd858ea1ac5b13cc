#include "study/pairing.h"

#include "study/names.h"

#include "base/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

striae_status study_set_input(struct study_input *input, enum study_status status,
                              const char *reason, striae_error *error)
{
    char *copy = strdup(reason);
    if (!copy) {
        return fail_memory(error);
    }
    free(input->reason);
    input->reason = copy;
    input->status = status;
    return STRIAE_OK;
}

/* A group: the inputs order[begin..end-1], all of the same key, by session and then path. */
struct group {
    struct study *study;
    const size_t *order;
    size_t begin, end;
};

static struct study_input *member(const struct group *group, size_t i)
{
    return &group->study->inputs[group->order[i]];
}

static int compare_members(const void *a, const void *b, void *inputs)
{
    const struct study_input *first = (const struct study_input *)inputs + *(const size_t *)a;
    const struct study_input *second = (const struct study_input *)inputs + *(const size_t *)b;
    int by_key = strcmp(first->key, second->key);
    if (by_key != 0) {
        return by_key;
    }
    if (first->session != second->session) {
        return first->session < second->session ? -1 : 1;
    }
    return strcmp(first->path, second->path);
}

/* Two photos of one session: nobody can say which is meant, so neither is taken. */
static striae_status reject_doubles(const struct group *group, striae_error *error)
{
    for (size_t i = group->begin; i < group->end; i++) {
        const struct study_input *input = member(group, i);
        const struct study_input *other = NULL;
        if (i > group->begin && member(group, i - 1)->session == input->session) {
            other = member(group, i - 1);
        } else if (i + 1 < group->end && member(group, i + 1)->session == input->session) {
            other = member(group, i + 1);
        }
        if (!other || input->status == STUDY_FAILED) {
            continue;
        }
        char reason[STRIAE_MESSAGE_SIZE];
        snprintf(reason, sizeof reason,
                 "session %d is there twice, %s is the other: keep one of them", input->session,
                 other->path);
        striae_status status = study_set_input(member(group, i), STUDY_SKIPPED, reason, error);
        if (status != STRIAE_OK) {
            return status;
        }
    }
    return STRIAE_OK;
}

/* Gives every photo of a group that makes no series the reason. */
static striae_status reject_group(const struct group *group, int baseline, striae_error *error)
{
    bool has_baseline = false, doubles = false;
    const struct study_input *broken = NULL;
    for (size_t i = group->begin; i < group->end; i++) {
        const struct study_input *input = member(group, i);
        has_baseline |= input->status == STUDY_PENDING && input->session == baseline;
        doubles |= input->status == STUDY_SKIPPED;
        broken = input->status == STUDY_FAILED ? input : broken;
    }
    for (size_t i = group->begin; i < group->end; i++) {
        struct study_input *input = member(group, i);
        if (input->status != STUDY_PENDING) {
            continue;
        }
        char reason[STRIAE_MESSAGE_SIZE];
        if (broken && (!has_baseline || group->end - group->begin == 2)) {
            snprintf(reason, sizeof reason, "its partner %s cannot be used", broken->path);
        } else if (doubles) {
            snprintf(reason, sizeof reason, "no partner: another session is there twice");
        } else if (!has_baseline) {
            snprintf(reason, sizeof reason,
                     "no first photo: none of session %d has the same name otherwise", baseline);
        } else {
            snprintf(reason, sizeof reason,
                     "no later photo: none of another session has the same name otherwise");
        }
        striae_status status = study_set_input(input, STUDY_SKIPPED, reason, error);
        if (status != STRIAE_OK) {
            return status;
        }
    }
    return STRIAE_OK;
}

/* The name of the series' result folder, made from its first photo; unique without regard to case,
 * since some file systems have none. */
static striae_status name_series(const struct study *study, struct study_series *series,
                                 striae_error *error)
{
    const struct study_input *first = &study->inputs[series->inputs[0]];
    const char *source = first->key[0] ? first->key : study->name;
    char *base = name_for_folder(source);
    if (!base) {
        return fail_memory(error);
    }
    for (int number = 1;; number++) {
        char *name = NULL;
        int size =
            number == 1 ? asprintf(&name, "%s", base) : asprintf(&name, "%s-%d", base, number);
        if (size < 0) {
            free(base);
            return fail_memory(error);
        }
        bool taken = strcasecmp(name, "long.csv") == 0 || strcasecmp(name, "inputs.csv") == 0;
        for (size_t i = 0; i < study->series_count && !taken; i++) {
            taken = strcasecmp(study->series[i].name, name) == 0;
        }
        if (!taken) {
            series->name = name;
            free(base);
            return STRIAE_OK;
        }
        free(name);
    }
}

/* Makes a series of the group's usable photos, if they are two and the baseline is one of them. */
static striae_status take_group(const struct group *group, const int baseline[2],
                                striae_error *error)
{
    striae_status status = reject_doubles(group, error);
    if (status != STRIAE_OK) {
        return status;
    }
    struct study *study = group->study;
    struct study_series series = {0};
    series.inputs = calloc(group->end - group->begin, sizeof *series.inputs);
    if (!series.inputs) {
        return fail_memory(error);
    }
    for (size_t i = group->begin; i < group->end; i++) {
        if (member(group, i)->status == STUDY_PENDING) {
            series.inputs[series.count++] = group->order[i];
        }
    }
    int first = baseline[member(group, group->begin)->numbered];
    if (series.count < 2 || study->inputs[series.inputs[0]].session != first) {
        free(series.inputs);
        return reject_group(group, first, error);
    }
    status = name_series(study, &series, error);
    if (status != STRIAE_OK) {
        free(series.inputs);
        return status;
    }
    for (size_t i = 0; i < series.count; i++) {
        study->inputs[series.inputs[i]].series = study->series_count;
    }
    study->series[study->series_count++] = series;
    return STRIAE_OK;
}

/* Lowest session of the photos whose names have words [0] and numbers [1]. */
static void find_baselines(const struct study *study, int baseline[2])
{
    baseline[0] = 0; /* "before" is always the first */
    baseline[1] = -1;
    for (size_t i = 0; i < study->input_count; i++) {
        const struct study_input *input = &study->inputs[i];
        if (!input->bystander && input->numbered &&
            (baseline[1] < 0 || input->session < baseline[1])) {
            baseline[1] = input->session;
        }
    }
}

static striae_status reject_unnamed(struct study_input *input, striae_error *error)
{
    return study_set_input(input, STUDY_SKIPPED,
                           "the name does not say which session it is: call it NAME_before and "
                           "NAME_after, or sub-X_site-Y_side-Z_ses-N",
                           error);
}

striae_status study_pair(struct study *study, striae_error *error)
{
    size_t count = 0;
    striae_status status = STRIAE_OK;
    size_t *order = calloc(study->input_count + 1, sizeof *order);
    study->series = calloc(study->input_count + 1, sizeof *study->series);
    if (!order || !study->series) {
        status = fail_memory(error);
        goto done;
    }
    for (size_t i = 0; i < study->input_count && status == STRIAE_OK; i++) {
        struct study_input *input = &study->inputs[i];
        if (!input->bystander && input->session >= 0) {
            order[count++] = i;
        } else if (input->status == STUDY_PENDING) {
            status = reject_unnamed(input, error);
        }
    }
    qsort_r(order, count, sizeof *order, compare_members, study->inputs);
    int baseline[2];
    find_baselines(study, baseline);
    for (size_t begin = 0; begin < count && status == STRIAE_OK;) {
        size_t end = begin + 1;
        const char *key = study->inputs[order[begin]].key;
        while (end < count && strcmp(study->inputs[order[end]].key, key) == 0) {
            end++;
        }
        struct group group = {study, order, begin, end};
        status = take_group(&group, baseline, error);
        begin = end;
    }
done:
    free(order);
    return status;
}
