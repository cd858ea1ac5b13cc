#include "segment/hue.h"

#include "base/filter.h"
#include "base/select.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Limits are ratios to the change of shade. What they are set between, measured on rendered and
 * real photos: hair, crease, relief |red| < 0.1; veins red 0.0 to 0.15 with yellow > 0.5; pale
 * striae red -0.15 to -0.9, yellow < 0.1; red striae red > 0.45, yellow < 0.2; shaded dark striae
 * red 0.5 to 0.7, yellow up to 0.6; skin between red striae red < -0.75 with yellow > 0.2; dark
 * striae of dark skin, whose red is absorbed as well, red -0.2 to 0.4. */
#define PALE_RED_FROM   (-0.10)
#define PALE_RED_TO     (-1.05)
#define PALE_YELLOW     0.10
#define VISIBLE         1.1 /* CIELAB */
#define VISIBLE_PIGMENT 1.6
#define VISIBLE_SHADE   3.5  /* of what is only darker: less is relief */
#define TRIM_SHARE      0.32 /* of the line's contrast where it shows best, to belong to it */
#define TRIM_RED        0.1  /* of it that may be missing from redness */
#define TRIM_RED_FROM   0.25 /* redness to shade from which a line is told by that */
#define BLUE_LIMIT      1.3  /* noise of compressed colour is mostly blue against yellow */
#define RED_FROM        0.40
#define RED_YELLOW      0.25
#define DARK_RED_FROM   0.30    /* in light skin */
#define DEEP_RED_FROM   (-0.25) /* in dark skin */
#define DARK_SKIN       1.4     /* mean density from which skin is dark, */
#define DEEP_SKIN       1.8     /* and fully so */
#define SHADE_RED       0.30    /* redness to shade, under which a dark line is shade alone */
#define DARK_YELLOW     0.65

bool hue_visible(const struct hue *hue, double times)
{
    /* For skin colours one unit of density is about 33 of L*, one of ln R/G about 33 of a*. */
    double difference = 33 * hypot(hue->shade, hue->red);
    bool pigment = hue->shade > 0 && hue->yellow > 0.25 * hue->shade;
    return difference >= times * (hue_of_shade(hue) ? VISIBLE_SHADE
                                  : pigment         ? VISIBLE_PIGMENT
                                                    : VISIBLE);
}

struct hue_limits hue_limits_of(const struct channels *channels, double slack)
{
    double share = (channels->dark - DARK_SKIN) / (DEEP_SKIN - DARK_SKIN);
    share = fmin(fmax(share, 0), 1);
    return (struct hue_limits){DARK_RED_FROM + share * (DEEP_RED_FROM - DARK_RED_FROM), slack};
}

bool hue_of_stria(const struct hue *hue, const struct hue_limits *limits)
{
    double slack = limits->slack;
    double shade = fmax(fabs(hue->shade), 1e-4);
    double red = hue->red / shade, yellow = hue->yellow / shade;
    if (-hue->yellow > BLUE_LIMIT * fmax(shade, fabs(hue->red)) * (1 + slack))
        return false;
    if (red >= RED_FROM - slack && yellow <= RED_YELLOW + slack)
        return true;
    if (hue->shade < 0)
        return red <= PALE_RED_FROM + 0.3 * slack && red >= PALE_RED_TO - slack &&
               yellow <= PALE_YELLOW + slack;
    return red >= limits->dark_red - slack && yellow <= DARK_YELLOW + slack;
}

bool hue_of_pigment(const struct hue *hue)
{
    return hue->shade > 0 &&
           (hue->red < RED_FROM * hue->shade || hue->yellow > RED_YELLOW * hue->shade);
}

bool hue_of_shade(const struct hue *hue)
{
    double most = SHADE_RED * hue->shade;
    return hue->shade > 0 && hue->red < most && hue->yellow < most;
}

/* Mean over `from`..`to` px beside the point, on the side `sign`. */
static double beside(const struct plane *p, struct point at, const double normal[2], double from,
                     double to, double sign)
{
    double sum = 0;
    for (int k = 0; k < 4; k++) {
        double reach = sign * (from + (to - from) * k / 3);
        sum += sample_bilinear(p, at.x + reach * normal[0], at.y + reach * normal[1]);
    }
    return sum / 4;
}

static double contrast(const struct plane *p, struct point at, const double normal[2], double width)
{
    double middle = 0.5 * (beside(p, at, normal, 0, 0.25 * width, 1) +
                           beside(p, at, normal, 0, 0.25 * width, -1));
    double left = beside(p, at, normal, 0.9 * width, 1.5 * width, 1);
    double right = beside(p, at, normal, 0.9 * width, 1.5 * width, -1);
    return middle - 0.5 * (left + right);
}

/* Contrast of one channel along the path; value has path->count elements. */
static void contrast_along(const struct plane *p, const struct polyline *path, double width,
                           double *value)
{
    for (size_t i = 0; i < path->count; i++) {
        double angle = polyline_tangent(path, i), normal[2] = {-sin(angle), cos(angle)};
        value[i] = contrast(p, path->points[i], normal, width);
    }
}

striae_status hue_contrast(const struct plane planes[CHANNEL_COUNT], const struct polyline *path,
                           double width, double contrast[CHANNEL_COUNT], striae_error *error)
{
    double *value = calloc(path->count + 1, sizeof *value);
    if (!value)
        return fail_memory(error);
    for (int c = 0; c < CHANNEL_COUNT; c++) {
        contrast_along(&planes[c], path, width, value);
        contrast[c] = select_nth(value, path->count, path->count / 2);
    }
    free(value);
    return STRIAE_OK;
}

striae_status hue_measure(const struct channels *channels, const struct polyline *path,
                          double width, struct hue *hue, striae_error *error)
{
    double contrast[CHANNEL_COUNT] = {0};
    striae_status status = hue_contrast(channels->density, path, width, contrast, error);
    *hue = (struct hue){contrast[0], contrast[1], contrast[2]};
    return status;
}

/* values replaced by their running means over 2 half + 1 points, fewer at the ends. */
static void run_means(double *values, double *scratch, size_t n, size_t half)
{
    double sum = 0;
    memcpy(scratch, values, n * sizeof *values);
    for (size_t i = 0; i < n && i <= half; i++)
        sum += scratch[i];
    for (size_t i = 0; i < n; i++) {
        size_t from = i >= half ? i - half : 0, to = i + half < n ? i + half : n - 1;
        values[i] = sum / (double)(to - from + 1);
        if (i + half + 1 < n)
            sum += scratch[i + half + 1];
        if (i >= half)
            sum -= scratch[i - half];
    }
}

/* The run whose values add up to most. */
static void best_run(const double *value, size_t n, size_t *first, size_t *last)
{
    double best = 0, sum = 0;
    size_t from = 0;
    *first = 0;
    *last = n - 1;
    for (size_t i = 0; i < n; i++) {
        if (sum <= 0) {
            sum = 0;
            from = i;
        }
        sum += value[i];
        if (sum > best) {
            best = sum;
            *first = from;
            *last = i;
        }
    }
}

/* The line's contrast where it shows best: mean weighted by its square. Over a long faint tail the
 * median would be the tail's. */
static struct hue best_shown(const double *shade, const double *red, size_t n)
{
    double sums[3] = {1e-12};
    for (size_t i = 0; i < n; i++) {
        double weight = shade[i] * shade[i] + red[i] * red[i];
        sums[0] += weight;
        sums[1] += weight * shade[i];
        sums[2] += weight * red[i];
    }
    return (struct hue){.shade = sums[1] / sums[0], .red = sums[2] / sums[0]};
}

/* Share of the whole line's contrast at a place; of its redness alone, too, where the line is
 * told by that: a vein is as dark as many a stria. */
static double own_share(double shade, double red, const struct hue *hue)
{
    double own = hue->shade * hue->shade + hue->red * hue->red;
    double share = (shade * hue->shade + red * hue->red) / fmax(own, 1e-12);
    if (fabs(hue->red) >= TRIM_RED_FROM * fabs(hue->shade))
        share = fmin(share, red / hue->red + TRIM_RED);
    return fmin(fmax(share, -1), 1);
}

striae_status hue_trim(const struct channels *channels, const struct polyline *path, double width,
                       size_t *first, size_t *last, striae_error *error)
{
    size_t n = path->count, half = (size_t)fmax(4, 0.75 * width);
    double *shade = calloc(3 * n, sizeof *shade), *red = shade + n, *scratch = red + n;
    if (!shade)
        return fail_memory(error);
    contrast_along(&channels->density[0], path, width, shade);
    contrast_along(&channels->density[1], path, width, red);
    run_means(shade, scratch, n, half);
    run_means(red, scratch, n, half);
    struct hue own = best_shown(shade, red, n);
    for (size_t i = 0; i < n; i++)
        scratch[i] = own_share(shade[i], red[i], &own) - TRIM_SHARE;
    best_run(scratch, n, first, last);
    free(shade);
    return STRIAE_OK;
}
