/* The reference card before a camera of a test's own. */
#ifndef STRIAE_TEST_CARD_SCENE_H
#define STRIAE_TEST_CARD_SCENE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/filter.h"
#include "base/random.h"
#include "calibrate/card.h"

#define CARD_RASTER 24.0 /* px per mm of the card that is put into the photos */

/* How the card lies before the camera, and what the camera does. */
struct scene {
    int width, height;
    double focal;                /* px */
    double place[3];             /* of the card's middle, mm, camera's frame */
    double axis[3];              /* rotation vector */
    double gain[3], blur, noise; /* per channel; px sigma; of full scale */
    double fall;                 /* share of the light that is lost from left to right */
    double hidden[4]; /* mm on the card that something covers: left, top, right, bottom */
    uint64_t seed;
};

static inline void rotate(const double axis[3], const double v[3], double to[3])
{
    double angle = sqrt(axis[0] * axis[0] + axis[1] * axis[1] + axis[2] * axis[2]);
    double k[3] = {0, 0, 0}, dot = 0;
    for (int i = 0; i < 3 && angle > 0; i++)
        k[i] = axis[i] / angle;
    for (int i = 0; i < 3; i++)
        dot += k[i] * v[i];
    for (int i = 0; i < 3; i++)
        to[i] = v[i] * cos(angle) +
                (k[(i + 1) % 3] * v[(i + 2) % 3] - k[(i + 2) % 3] * v[(i + 1) % 3]) * sin(angle) +
                k[i] * dot * (1 - cos(angle));
}

/* The mm on the card that a pixel sees: its ray, cut with the card's plane. */
static inline void seen_at(const struct scene *s, double u, double v, double mm[2])
{
    static const double unit[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    double ray[3] = {(u - (s->width - 1) / 2.0) / s->focal, (v - (s->height - 1) / 2.0) / s->focal,
                     1};
    double side[3][3], along = 0, at = 0;
    for (int i = 0; i < 3; i++)
        rotate(s->axis, unit[i], side[i]);
    for (int i = 0; i < 3; i++) {
        along += side[2][i] * ray[i];
        at += side[2][i] * s->place[i];
    }
    mm[0] = CARD_WIDTH / 2;
    mm[1] = CARD_HEIGHT / 2;
    for (int i = 0; i < 3; i++) {
        double d = ray[i] * at / along - s->place[i];
        mm[0] += d * side[0][i];
        mm[1] += d * side[1][i];
    }
}

static inline void card_colour_at(const struct rgb8 *card, const struct scene *s,
                                  const double mm[2], double rgb[3])
{
    static const double skin[3] = {0.42, 0.24, 0.16}, cover[3] = {0.3, 0.15, 0.1};
    int x = (int)floor(mm[0] * CARD_RASTER), y = (int)floor(mm[1] * CARD_RASTER);
    bool inside = x >= 0 && y >= 0 && x < card->width && y < card->height;
    bool covered = mm[0] > s->hidden[0] && mm[1] > s->hidden[1] && mm[0] < s->hidden[2] &&
                   mm[1] < s->hidden[3];
    for (int c = 0; c < 3; c++)
        rgb[c] = covered  ? cover[c]
                 : inside ? colour_srgb_decode(card->data[3 * (y * card->width + x) + c] / 255.0)
                          : skin[c];
}

static inline double gaussian(struct rng *rng)
{
    return sqrt(-2 * log(1 - rng_uniform(rng))) * cos(2 * M_PI * rng_uniform(rng));
}

static inline void develop(const struct scene *s, struct image *image)
{
    struct rng rng;
    rng_seed(&rng, s->seed, 2);
    for (int c = 0; c < 3; c++) {
        struct plane soft;
        assert_int_equal(filter_gaussian(&image->channel[c], s->blur, 1, &soft, NULL), STRIAE_OK);
        for (int y = 0; y < s->height; y++)
            for (int x = 0; x < s->width; x++) {
                double v = plane_row(&soft, y)[x] * s->gain[c] * (1 - s->fall * x / s->width);
                double e = colour_srgb_encode(v + s->noise * gaussian(&rng) * sqrt(v + 0.01));
                e = round(255 * fmin(fmax(e, 0), 1)) / 255;
                plane_row(&image->channel[c], y)[x] = (float)colour_srgb_decode(e);
            }
        plane_free(&soft);
    }
}

static inline void render(const struct rgb8 *card, const struct scene *s, struct image *image)
{
    enum { SUB = 3 };
    assert_int_equal(image_init(image, s->width, s->height, NULL), STRIAE_OK);
    for (int y = 0; y < s->height; y++)
        for (int x = 0; x < s->width; x++) {
            double sum[3] = {0};
            for (int k = 0; k < SUB * SUB; k++) {
                double mm[2], rgb[3];
                seen_at(s, x + (k % SUB - 1.0) / SUB, y + (k / SUB - 1.0) / SUB, mm);
                card_colour_at(card, s, mm, rgb);
                for (int c = 0; c < 3; c++)
                    sum[c] += rgb[c] / (SUB * SUB);
            }
            for (int c = 0; c < 3; c++)
                plane_row(&image->channel[c], y)[x] = (float)sum[c];
        }
    develop(s, image);
}

/* True px per mm where the card's plane is seen at the pixel: root of the px2 of a mm2. */
static inline double true_scale(const struct scene *s, double u, double v)
{
    const double step = 0.01;
    double at[2], right[2], below[2];
    seen_at(s, u, v, at);
    seen_at(s, u + step, v, right);
    seen_at(s, u, v + step, below);
    double area = (right[0] - at[0]) * (below[1] - at[1]) - (right[1] - at[1]) * (below[0] - at[0]);
    return step / sqrt(fabs(area));
}

/* True px per mm in the card's middle, and the tilt. */
static inline void truth_of(const struct scene *s, double *px_per_mm, double *tilt)
{
    static const double normal[3] = {0, 0, 1};
    double n[3];
    rotate(s->axis, normal, n);
    *tilt = acos(fabs(n[2])) * 180 / M_PI;
    *px_per_mm = true_scale(s, s->place[0] / s->place[2] * s->focal + (s->width - 1) / 2.0,
                            s->place[1] / s->place[2] * s->focal + (s->height - 1) / 2.0);
}

/* Looks for card or chart, as it should be printed. info: NULL = the file tells nothing. */
static inline void look(const struct image *image, const struct photo_info *info, struct card *card)
{
    const struct photo_info none = {0};
    struct card_colours nominal;
    calibrate_card_nominal(&nominal);
    assert_int_equal(calibrate_card_find(image, info ? info : &none, &nominal, card, NULL),
                     STRIAE_OK);
}

/* Skin everywhere but under the card. */
static inline void skin_beside(const struct card *card, int width, int height, struct mask *skin)
{
    assert_int_equal(mask_init(skin, width, height, NULL), STRIAE_OK);
    memset(skin->data, 255, (size_t)width * (size_t)height);
    calibrate_card_mask(card, skin);
}

/* Status of the card's row of that name, -1 = there is none. */
static inline int row_status(const struct card *card, const char *check)
{
    struct qc qc = {0};
    int status = -1;
    assert_int_equal(calibrate_card_checks(card, &qc, NULL), STRIAE_OK);
    for (size_t i = 0; i < qc.count; i++)
        if (strcmp(qc.rows[i].check, check) == 0)
            status = (int)qc.rows[i].status;
    free(qc.rows);
    return status;
}

#endif
