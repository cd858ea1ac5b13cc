/* Ridge following.
 *
 * From the strongest place outward, a line is followed in steps of one pixel along its own
 * direction, re-centred on the ridge of the evidence for that direction. Inertia of the direction
 * carries it through crossings; a gap (hair, shine, a faint stretch) may be bridged when the line
 * goes on behind it. Two thresholds as in Canny 1986: high to begin, low to go on. */
#include "segment/trace.h"

#include "base/filter.h"
#include "base/select.h"
#include "segment/claim.h"
#include "segment/hint.h"
#include "segment/setting.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PI              3.14159265358979323846
#define BEGIN_STRENGTH  4.0 /* standard deviations of the skin's texture */
#define GO_ON_STRENGTH  3.2
#define GO_ON_SHARE     0.30 /* of the strength where the line was begun */
#define HINT_STRENGTH   2.5
#define HINT_LEAST      12   /* points of a hint that show the line, to begin from */
#define HINT_GAP        12   /* points that need not */
#define LENGTH_LIMIT    4000 /* steps */
#define GAP_WIDTHS      2.0  /* longest gap bridged, in widths of the line */
#define GAP_FLOOR       8.0  /* px */
#define HINTED_SLACK    0.3  /* of the colours that a line may have which another session shows */
#define LEAST_GREY      4.0  /* working px; thinner lines that are only dark are hairs */
#define VISIBLE_ALONE   1.2  /* of what is asked of a line another session shows */
#define TURN            (PI / 32)
#define TURN_WIDTHS     0.7 /* smallest radius of a bend, in widths of the line */
#define WIDTH_PER_SIGMA 2.5
#define LENGTH_FLOOR    18.0 /* px */
#define ELONGATION      4.0  /* length over width */

struct tracer {
    const struct evidence *evidence;
    const struct channels *channels;
    struct claims taken;  /* by the lines filed */
    struct claims looked; /* by all that was followed, and cut off since */
};

void trace_list_free(struct trace_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        polyline_free(&list->traces[i].path);
    free(list->traces);
    *list = (struct trace_list){0};
}

static striae_status list_append(struct trace_list *list, struct trace trace, striae_error *error)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 64;
        struct trace *traces = reallocarray(list->traces, capacity, sizeof *traces);
        if (!traces)
            return fail_memory(error);
        list->traces = traces;
        list->capacity = capacity;
    }
    list->traces[list->count++] = trace;
    return STRIAE_OK;
}

/* ---- following ---- */

/* Evidence of going on from (x,y) along `angle`: mean over a short look ahead. */
static double look_ahead(const struct tracer *t, double x, double y, double angle)
{
    double sum = 0;
    for (int k = 1; k <= 3; k++)
        sum +=
            evidence_at(t->evidence, x + 2 * k * cos(angle), y + 2 * k * sin(angle), angle, NULL);
    return sum / 3;
}

/* Moves (x,y) towards the ridge across `angle`, by at most 0.6 px; returns the evidence there. */
static double recentre(const struct tracer *t, double *x, double *y, double angle, double *sigma)
{
    double nx = -sin(angle), ny = cos(angle), best = -1, move = 0;
    for (int k = -2; k <= 2; k++) {
        double e = evidence_at(t->evidence, *x + 0.5 * k * nx, *y + 0.5 * k * ny, angle, NULL);
        e -= 1e-4 * abs(k); /* ties stay in the middle */
        if (e > best) {
            best = e;
            move = 0.3 * k;
        }
    }
    *x += move * nx;
    *y += move * ny;
    return evidence_at(t->evidence, *x, *y, angle, sigma);
}

/* Appends the points from (x,y) along `angle` until the line ends, that is, shows less than
 * `enough` for longer than a gap; a gap at the end is cut off. */
static striae_status follow(const struct tracer *t, double x, double y, double angle, double enough,
                            struct polyline *path, striae_error *error)
{
    striae_status status = STRIAE_OK;
    size_t good = path->count; /* points up to the last one that showed the line */
    double gap = 0, sigma = evidence_sigma(1);
    for (int step = 0; step < LENGTH_LIMIT && status == STRIAE_OK; step++) {
        double best = -1, heading = angle;
        for (int k = -3; k <= 3; k++) {
            double e = look_ahead(t, x, y, angle + k * TURN) - 0.05 * abs(k);
            if (e > best) {
                best = e;
                heading = angle + k * TURN;
            }
        }
        double most = 1 / (TURN_WIDTHS * WIDTH_PER_SIGMA * sigma);
        angle += fmin(fmax(0.5 * (heading - angle), -most), most);
        x += cos(angle);
        y += sin(angle);
        double here = recentre(t, &x, &y, angle, &sigma);
        if (x < 0 || y < 0 || x > t->channels->skin.width - 1 || y > t->channels->skin.height - 1 ||
            claims_along(&t->taken, x, y, angle))
            break;
        status = polyline_append(path, x, y, error);
        if (here >= enough) {
            good = path->count;
            gap = 0;
        } else if (++gap > fmax(GAP_FLOOR, GAP_WIDTHS * WIDTH_PER_SIGMA * sigma)) {
            break;
        }
    }
    path->count = good;
    return status;
}

/* Medians along the path: a mole or a stretch of hair on it does not count. */
static striae_status describe(const struct tracer *t, struct trace *trace, striae_error *error)
{
    const struct polyline *path = &trace->path;
    double *sigma = calloc(3 * path->count, sizeof *sigma);
    double *strength = sigma + path->count, *support = strength + path->count;
    if (!sigma)
        return fail_memory(error);
    for (size_t i = 0; i < path->count; i++) {
        struct point at = path->points[i];
        double angle = polyline_tangent(path, i);
        (void)evidence_at(t->evidence, at.x, at.y, angle, &sigma[i]);
        strength[i] = evidence_part_at(t->evidence->strength, at.x, at.y, angle) /
                      (double)sample_bilinear(&t->evidence->lively, at.x, at.y);
        support[i] = evidence_part_at(t->evidence->support, at.x, at.y, angle);
    }
    trace->width = WIDTH_PER_SIGMA * select_nth(sigma, path->count, path->count / 2);
    trace->strength = select_nth(strength, path->count, path->count / 2);
    trace->support = select_nth(support, path->count, path->count / 2);
    free(sigma);
    return STRIAE_OK;
}

/* What only the judge asks, of a line that is filed. */
static striae_status describe_filed(const struct tracer *t, struct trace *trace,
                                    striae_error *error)
{
    trace->glare = setting_glare(t->channels, &trace->path);
    trace->border = setting_border(t->channels, &trace->path, trace->width);
    return hue_contrast(t->channels->value, &trace->path, trace->width, trace->contrast, error);
}

/* Cuts off the ends that do not have the colour of the line. */
static striae_status trim(struct tracer *t, struct trace *trace, striae_error *error)
{
    size_t first = 0, last = 0;
    struct polyline *path = &trace->path;
    striae_status status = hue_trim(t->channels, path, trace->width, &first, &last, error);
    if (status != STRIAE_OK || (first == 0 && last + 1 == path->count))
        return status;
    memmove(path->points, path->points + first, (last - first + 1) * sizeof *path->points);
    path->count = last - first + 1;
    status = describe(t, trace, error);
    if (status == STRIAE_OK)
        status = hue_measure(t->channels, path, trace->width, &trace->hue, error);
    return status;
}

static bool coloured(const struct tracer *t, const struct trace *trace)
{
    struct hue_limits limits = hue_limits_of(t->channels, trace->hinted ? HINTED_SLACK : 0);
    bool hair = hue_of_shade(&trace->hue) && trace->width < LEAST_GREY;
    return !hair && hue_of_stria(&trace->hue, &limits) &&
           hue_visible(&trace->hue, trace->hinted ? 1 : VISIBLE_ALONE);
}

/* Extends the path at both ends as long as it shows a good share of the reference strength (0: a
 * line that another session shows), cuts off what is not coloured like the rest, and files it if it
 * is long enough. Takes over the path. */
static striae_status finish(struct tracer *t, struct polyline *path, double reference,
                            struct trace_list *list, striae_error *error)
{
    double enough = fmax(GO_ON_STRENGTH, GO_ON_SHARE * reference);
    struct trace trace = {.hinted = reference <= 0};
    striae_status status = STRIAE_OK;
    for (int end = 0; end < 2 && status == STRIAE_OK; end++) {
        polyline_reverse(path);
        size_t last = path->count - 1;
        status = follow(t, path->points[last].x, path->points[last].y, polyline_tangent(path, last),
                        enough, path, error);
    }
    trace.path = *path;
    *path = (struct polyline){0};
    if (status == STRIAE_OK)
        status = describe(t, &trace, error);
    if (status == STRIAE_OK)
        status = hue_measure(t->channels, &trace.path, trace.width, &trace.hue, error);
    if (status == STRIAE_OK && !trace.hinted)
        claims_add(&t->looked, &trace); /* what is cut off is not begun again */
    if (status == STRIAE_OK)
        status = trim(t, &trace, error);
    bool file = status == STRIAE_OK && coloured(t, &trace) &&
                (double)trace.path.count > fmax(LENGTH_FLOOR, ELONGATION * trace.width);
    if (file) {
        status = describe_filed(t, &trace, error);
        claims_add(&t->looked, &trace);
        claims_add(&t->taken, &trace);
        if (status == STRIAE_OK)
            status = list_append(list, trace, error);
    }
    if (!file || status != STRIAE_OK)
        polyline_free(&trace.path);
    return status;
}

/* ---- seeds ---- */

struct seed {
    float strength;
    int x, y, direction;
};

static int by_strength(const void *a, const void *b)
{
    const struct seed *p = a, *q = b;
    if (p->strength != q->strength)
        return p->strength < q->strength ? 1 : -1;
    return p->y != q->y ? p->y - q->y : p->x - q->x;
}

/* Whether the evidence is largest here across the seed's direction. */
static bool on_ridge(const struct evidence *evidence, const struct seed *seed)
{
    double angle = seed->direction * PI / DIRECTION_COUNT;
    for (int k = -3; k <= 3; k++)
        if (evidence_at(evidence, seed->x - k * sin(angle), seed->y + k * cos(angle), angle, NULL) >
            seed->strength)
            return false;
    return true;
}

static size_t collect_seeds(const struct evidence *evidence, double least, struct seed *seeds)
{
    size_t count = 0;
    const struct plane *first = &evidence->fused[0];
    for (int y = 0; y < first->height; y++)
        for (int x = 0; x < first->width; x++) {
            struct seed seed = {0, x, y, 0};
            for (int d = 0; d < DIRECTION_COUNT; d++)
                if (plane_row(&evidence->fused[d], y)[x] > seed.strength) {
                    seed.strength = plane_row(&evidence->fused[d], y)[x];
                    seed.direction = d;
                }
            if ((double)seed.strength >= least && on_ridge(evidence, &seed))
                seeds[count++] = seed;
        }
    return count;
}

static striae_status trace_seed(struct tracer *t, const struct seed *seed, struct trace_list *list,
                                striae_error *error)
{
    struct polyline path = {0};
    double angle = seed->direction * PI / DIRECTION_COUNT;
    /* Two points give the path its direction. */
    striae_status status =
        polyline_append(&path, seed->x - 0.5 * cos(angle), seed->y - 0.5 * sin(angle), error);
    if (status == STRIAE_OK)
        status =
            polyline_append(&path, seed->x + 0.5 * cos(angle), seed->y + 0.5 * sin(angle), error);
    if (status == STRIAE_OK)
        status = finish(t, &path, seed->strength, list, error);
    polyline_free(&path);
    return status;
}

static striae_status trace_seeds(struct tracer *t, struct trace_list *list, striae_error *error)
{
    const struct plane *first = &t->evidence->fused[0];
    struct seed *seeds = calloc((size_t)first->width * (size_t)first->height, sizeof *seeds);
    striae_status status = seeds ? STRIAE_OK : fail_memory(error);
    size_t count = seeds ? collect_seeds(t->evidence, BEGIN_STRENGTH, seeds) : 0;
    if (seeds)
        qsort(seeds, count, sizeof *seeds, by_strength);
    for (size_t i = 0; i < count && status == STRIAE_OK; i++)
        if (!claims_any(&t->looked, seeds[i].x, seeds[i].y))
            status = trace_seed(t, &seeds[i], list, error);
    free(seeds);
    return status;
}

/* ---- hints ---- */

/* Where point i of the hint is in this photo. */
static struct point shifted(const struct polyline *hint, const int *offset, size_t i)
{
    double angle = polyline_tangent(hint, i);
    return (struct point){hint->points[i].x - offset[i] * sin(angle),
                          hint->points[i].y + offset[i] * cos(angle)};
}

/* Whether the line shows around point i of the hint, and is not one that was filed before: hints
 * may run over several striae. */
static bool hint_seen(const struct tracer *t, const struct polyline *hint, const int *offset,
                      const float *strength, size_t i)
{
    size_t from = i >= 6 ? i - 6 : 0, to = i + 6 < hint->count ? i + 6 : hint->count - 1;
    struct point at = shifted(hint, offset, i);
    double sum = 0;
    for (size_t k = from; k <= to; k++)
        sum += (double)strength[k];
    return sum >= HINT_STRENGTH * (double)(to - from + 1) &&
           !claims_along(&t->taken, at.x, at.y, polyline_tangent(hint, i));
}

/* The stretches of a hint along which the line is still to be seen, each filed as a line. */
static striae_status trace_hint(struct tracer *t, const struct polyline *hint,
                                struct trace_list *list, striae_error *error)
{
    int *offset = calloc(hint->count + 1, sizeof *offset);
    float *strength = calloc(hint->count + 1, sizeof *strength);
    struct polyline path = {0};
    striae_status status = offset && strength ? STRIAE_OK : fail_memory(error);
    if (status == STRIAE_OK)
        status = hint_offsets(t->evidence, hint, offset, strength, error);
    size_t good = 0;
    for (size_t i = 0; i <= hint->count && status == STRIAE_OK; i++) {
        bool seen = i < hint->count && hint_seen(t, hint, offset, strength, i);
        if (seen || (path.count && i < hint->count && path.count - good < HINT_GAP)) {
            struct point at = shifted(hint, offset, i);
            status = polyline_append(&path, at.x, at.y, error);
            if (seen)
                good = path.count;
            continue;
        }
        path.count = good;
        if (good >= HINT_LEAST)
            status = finish(t, &path, 0, list, error);
        polyline_free(&path);
        good = 0;
    }
    polyline_free(&path);
    free(offset);
    free(strength);
    return status;
}

striae_status trace_lines(const struct evidence *evidence, const struct channels *channels,
                          const struct found_stria *hints, size_t hint_count,
                          struct trace_list *list, striae_error *error)
{
    struct tracer t = {.evidence = evidence, .channels = channels};
    *list = (struct trace_list){0};
    const struct plane *skin = &channels->skin;
    striae_status status = claims_init(&t.taken, skin->width, skin->height, error);
    if (status == STRIAE_OK)
        status = claims_init(&t.looked, skin->width, skin->height, error);
    for (size_t i = 0; i < hint_count && status == STRIAE_OK; i++)
        if (hints[i].centreline.count >= 2)
            status = trace_hint(&t, &hints[i].centreline, list, error);
    if (status == STRIAE_OK)
        status = trace_seeds(&t, list, error);
    claims_free(&t.taken);
    claims_free(&t.looked);
    if (status != STRIAE_OK)
        trace_list_free(list);
    return status;
}
