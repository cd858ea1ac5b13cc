/* Ridge following.
 *
 * From the strongest place outward, a line is followed in steps of one pixel along its own
 * direction, re-centred on the ridge of the evidence for that direction. Inertia of the direction
 * carries it through crossings; a gap (hair, shine, a faint stretch) may be bridged when the line
 * goes on behind it. Two thresholds as in Canny 1986: high to begin, low to go on. */
#include "segment/trace.h"

#include "base/filter.h"
#include "segment/hue.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PI              3.14159265358979323846
#define BEGIN_STRENGTH  5.5 /* standard deviations of the skin's texture */
#define GO_ON_STRENGTH  3.2
#define GO_ON_SHARE     0.30 /* of the strength where the line was begun */
#define HINT_STRENGTH   2.5
#define LENGTH_LIMIT    4000 /* steps */
#define GAP_WIDTHS      2.0  /* longest gap bridged, in widths of the line */
#define GAP_FLOOR       8.0  /* px */
#define TURN            (PI / 32)
#define WIDTH_PER_SIGMA 2.5
#define HAIR_WIDTH      4.0  /* px; a dark line as thin as that is a hair */
#define SHARED_LIMIT    0.4  /* of a path, over lines found before */
#define VISIBLE_ALONE   1.35 /* of what is asked of a line another session shows */
#define HINT_REACH      8    /* px to either side in which a hint is looked for */

#define PALE 0x80 /* of tracer.taken: the stria here is lighter than skin */

struct tracer {
    const struct evidence *evidence;
    const struct channels *channels;
    double slack;       /* taken off what is asked of a beginning */
    struct mask taken;  /* direction + 1 of the stria that runs here, plus PALE */
    struct mask looked; /* 255 where a line was followed, stria or not */
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

/* ---- what is taken ---- */

static int direction_of(double angle)
{
    int d = (int)lround(angle * DIRECTION_COUNT / PI) % DIRECTION_COUNT;
    return d < 0 ? d + DIRECTION_COUNT : d;
}

static bool on_another(const struct tracer *t, double x, double y)
{
    int ix = (int)lround(x), iy = (int)lround(y);
    return ix >= 0 && iy >= 0 && ix < t->taken.width && iy < t->taken.height &&
           mask_row(&t->taken, iy)[ix];
}

/* Whether another line runs here in about the same direction (within 30 degrees). */
static bool is_taken(const struct tracer *t, double x, double y, double angle)
{
    int ix = (int)lround(x), iy = (int)lround(y);
    if (ix < 0 || iy < 0 || ix >= t->taken.width || iy >= t->taken.height)
        return false;
    int by = mask_row(&t->taken, iy)[ix] & ~PALE;
    if (!by)
        return false;
    int apart = abs(by - 1 - direction_of(angle));
    return (apart < DIRECTION_COUNT - apart ? apart : DIRECTION_COUNT - apart) <= 2;
}

static double tangent(const struct polyline *path, size_t i)
{
    size_t a = i >= 3 ? i - 3 : 0, b = i + 3 < path->count ? i + 3 : path->count - 1;
    return atan2(path->points[b].y - path->points[a].y, path->points[b].x - path->points[a].x);
}

/* Marks the surroundings of the line as looked at, and as taken when it is kept. */
static void take(struct tracer *t, const struct trace *trace, bool keep, bool pale)
{
    double reach = fmax(2.5, 0.9 * trace->width);
    int r = (int)ceil(reach);
    for (size_t i = 0; i < trace->path.count; i++) {
        int cx = (int)lround(trace->path.points[i].x), cy = (int)lround(trace->path.points[i].y);
        int direction = direction_of(tangent(&trace->path, i));
        for (int y = cy - r; y <= cy + r; y++)
            for (int x = cx - r; x <= cx + r; x++)
                if (x >= 0 && y >= 0 && x < t->taken.width && y < t->taken.height &&
                    hypot(x - cx, y - cy) <= reach) {
                    mask_row(&t->looked, y)[x] = 255;
                    if (keep)
                        mask_row(&t->taken, y)[x] = (uint8_t)((direction + 1) | (pale ? PALE : 0));
                }
    }
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
        angle += 0.5 * (heading - angle);
        x += cos(angle);
        y += sin(angle);
        double here = recentre(t, &x, &y, angle, &sigma);
        if (x < 0 || y < 0 || x > t->channels->skin.width - 1 || y > t->channels->skin.height - 1 ||
            is_taken(t, x, y, angle))
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

static void reverse(struct polyline *path)
{
    for (size_t i = 0, j = path->count; i + 1 < j; i++) {
        struct point swap = path->points[i];
        path->points[i] = path->points[--j];
        path->points[j] = swap;
    }
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
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
        double angle = tangent(path, i);
        (void)evidence_at(t->evidence, at.x, at.y, angle, &sigma[i]);
        strength[i] = evidence_part_at(t->evidence->strength, at.x, at.y, angle);
        support[i] = evidence_part_at(t->evidence->support, at.x, at.y, angle);
    }
    qsort(sigma, path->count, sizeof *sigma, compare_doubles);
    qsort(strength, path->count, sizeof *strength, compare_doubles);
    qsort(support, path->count, sizeof *support, compare_doubles);
    trace->width = WIDTH_PER_SIGMA * sigma[path->count / 2];
    trace->strength = strength[path->count / 2];
    trace->support = support[path->count / 2];
    free(sigma);
    return STRIAE_OK;
}

/* Share of the path that runs over lines found before. */
static double shared_part(const struct tracer *t, const struct polyline *path)
{
    size_t shared = 0;
    for (size_t i = 0; i < path->count; i++)
        shared += on_another(t, path->points[i].x, path->points[i].y);
    return (double)shared / (double)path->count;
}

/* Whether a stronger stria of the other polarity runs through (x,y). */
static bool on_opposite(const struct tracer *t, double x, double y, bool pale)
{
    int ix = (int)lround(x), iy = (int)lround(y);
    if (!on_another(t, x, y))
        return false;
    return ((mask_row(&t->taken, iy)[ix] & PALE) != 0) != pale;
}

/* Whether most of the path runs between other lines, or along one of the other polarity: beside a
 * pale stria skin looks dark, beside a red one pale. Stronger lines are followed first. */
static bool is_counterpart(const struct tracer *t, const struct trace *trace, bool pale)
{
    size_t counted = 0;
    for (size_t i = 0; i < trace->path.count; i++) {
        double angle = tangent(&trace->path, i), reach = 1.1 * trace->width;
        double dx = -reach * sin(angle), dy = reach * cos(angle);
        struct point at = trace->path.points[i];
        bool left = on_another(t, at.x + dx, at.y + dy),
             right = on_another(t, at.x - dx, at.y - dy);
        counted += (left && right) || on_opposite(t, at.x + dx, at.y + dy, pale) ||
                   on_opposite(t, at.x - dx, at.y - dy, pale);
    }
    return 2 * counted > trace->path.count;
}

/* Cuts off the ends that do not have the colour of the line. */
static striae_status trim(struct tracer *t, struct trace *trace, struct hue *hue,
                          striae_error *error)
{
    size_t first = 0, last = 0;
    struct polyline *path = &trace->path;
    striae_status status = hue_trim(t->channels, path, trace->width, hue, &first, &last, error);
    if (status != STRIAE_OK || (first == 0 && last + 1 == path->count))
        return status;
    take(t, trace, false, false); /* what is cut off is not begun again */
    memmove(path->points, path->points + first, (last - first + 1) * sizeof *path->points);
    path->count = last - first + 1;
    status = describe(t, trace, error);
    if (status == STRIAE_OK)
        status = hue_measure(t->channels, path, trace->width, hue, error);
    return status;
}

/* Extends the path at both ends as long as it shows a good share of the reference strength, then
 * files it if it is a stria by colour and not another line again. A line that another session shows
 * (reference 0) may be fainter. Takes over the path. */
static striae_status finish(struct tracer *t, struct polyline *path, double reference,
                            struct trace_list *list, striae_error *error)
{
    double enough = fmax(GO_ON_STRENGTH, GO_ON_SHARE * reference);
    struct trace trace = {0};
    struct hue hue;
    striae_status status = STRIAE_OK;
    for (int end = 0; end < 2 && status == STRIAE_OK; end++) {
        reverse(path);
        struct point last = path->points[path->count - 1];
        status = follow(t, last.x, last.y, tangent(path, path->count - 1), enough, path, error);
    }
    trace.path = *path;
    *path = (struct polyline){0};
    if (status == STRIAE_OK)
        status = describe(t, &trace, error);
    if (status == STRIAE_OK)
        status = hue_measure(t->channels, &trace.path, trace.width, &hue, error);
    if (status == STRIAE_OK)
        status = trim(t, &trace, &hue, error);
    bool keep = status == STRIAE_OK && hue_of_stria(&hue, 0) &&
                hue_visible(&hue, reference > 0 ? VISIBLE_ALONE : 1) &&
                !(hue_of_pigment(&hue) && trace.width < HAIR_WIDTH) &&
                shared_part(t, &trace.path) <= SHARED_LIMIT &&
                !is_counterpart(t, &trace, hue.shade < 0);
    if (status == STRIAE_OK)
        take(t, &trace, keep, hue.shade < 0);
    if (keep)
        status = list_append(list, trace, error);
    if (!keep || status != STRIAE_OK)
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
    size_t count = seeds ? collect_seeds(t->evidence, BEGIN_STRENGTH - t->slack, seeds) : 0;
    if (seeds)
        qsort(seeds, count, sizeof *seeds, by_strength);
    for (size_t i = 0; i < count && status == STRIAE_OK; i++)
        if (!mask_row(&t->looked, seeds[i].y)[seeds[i].x])
            status = trace_seed(t, &seeds[i], list, error);
    free(seeds);
    return status;
}

/* ---- hints ---- */

#define HINT_OFFSETS (2 * HINT_REACH + 1)

/* The best line beside the hint: per point of the hint an offset along its normal, chosen by
 * dynamic programming so that the sum of the evidence is largest while the offset changes by at
 * most one pixel a step. The alignment is good to a few pixels; the evidence says where exactly. */
static striae_status best_offsets(const struct tracer *t, const struct polyline *hint, int *offset,
                                  float *strength, striae_error *error)
{
    size_t n = hint->count;
    float *value = calloc(n * HINT_OFFSETS, sizeof *value);
    float *sum = calloc(n * HINT_OFFSETS, sizeof *sum);
    signed char *from = calloc(n * HINT_OFFSETS, sizeof *from);
    striae_status status = value && sum && from ? STRIAE_OK : fail_memory(error);
    for (size_t i = 0; i < n && status == STRIAE_OK; i++) {
        double angle = tangent(hint, i), nx = -sin(angle), ny = cos(angle);
        for (int k = 0; k < HINT_OFFSETS; k++) {
            size_t at = i * HINT_OFFSETS + (size_t)k;
            int off = k - HINT_REACH;
            value[at] = (float)evidence_at(t->evidence, hint->points[i].x + off * nx,
                                           hint->points[i].y + off * ny, angle, NULL);
            sum[at] = fminf(value[at], 4.f) - 0.05f * (float)abs(off);
            if (!i)
                continue;
            float best = -1e30f;
            for (int step = -1; step <= 1; step++) {
                int before = k + step;
                if (before < 0 || before >= HINT_OFFSETS)
                    continue;
                float s = sum[(i - 1) * HINT_OFFSETS + (size_t)before] - 0.3f * (float)abs(step);
                if (s > best) {
                    best = s;
                    from[at] = (signed char)step;
                }
            }
            sum[at] += best;
        }
    }
    if (status == STRIAE_OK && n) {
        int k = 0;
        for (int c = 1; c < HINT_OFFSETS; c++)
            if (sum[(n - 1) * HINT_OFFSETS + (size_t)c] > sum[(n - 1) * HINT_OFFSETS + (size_t)k])
                k = c;
        for (size_t i = n; i-- > 0;) {
            size_t at = i * HINT_OFFSETS + (size_t)k;
            offset[i] = k - HINT_REACH;
            strength[i] = value[at];
            k += from[at];
        }
    }
    free(value);
    free(sum);
    free(from);
    return status;
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
        status = best_offsets(t, hint, offset, strength, error);
    size_t good = 0;
    for (size_t i = 0; i <= hint->count && status == STRIAE_OK; i++) {
        double angle = i < hint->count ? tangent(hint, i) : 0;
        double mean = 0;
        int used = 0;
        for (long k = (long)i - 6; k <= (long)i + 6 && i < hint->count; k++)
            if (k >= 0 && k < (long)hint->count) {
                mean += strength[k];
                used++;
            }
        bool seen = i < hint->count && mean >= HINT_STRENGTH * used;
        if (seen || (path.count && i < hint->count && path.count - good < 12)) {
            status = polyline_append(&path, hint->points[i].x - offset[i] * sin(angle),
                                     hint->points[i].y + offset[i] * cos(angle), error);
            if (seen)
                good = path.count;
            continue;
        }
        path.count = good;
        if (good >= 12)
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
                          const struct found_stria *hints, size_t hint_count, double slack,
                          struct trace_list *list, striae_error *error)
{
    struct tracer t = {.evidence = evidence, .channels = channels, .slack = slack};
    *list = (struct trace_list){0};
    const struct plane *skin = &channels->skin;
    striae_status status = mask_init(&t.taken, skin->width, skin->height, error);
    if (status == STRIAE_OK)
        status = mask_init(&t.looked, skin->width, skin->height, error);
    for (size_t i = 0; i < hint_count && status == STRIAE_OK; i++)
        if (hints[i].centreline.count >= 2)
            status = trace_hint(&t, &hints[i].centreline, list, error);
    if (status == STRIAE_OK)
        status = trace_seeds(&t, list, error);
    mask_free(&t.taken);
    mask_free(&t.looked);
    if (status != STRIAE_OK)
        trace_list_free(list);
    return status;
}
