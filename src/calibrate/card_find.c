/* Finding the card's tags, through libapriltag. */
#include "calibrate/card.h"

#include <apriltag/apriltag.h>
#include <apriltag/tag36h11.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REDUCED_SIDE 2200  /* px; larger photos are first looked at with half the pixels */
#define LEAST_MARGIN 20.0f /* of the decoding; less is chance */

/* The library's corners of a sharp square are this much too far up and left; and it counts from the
 * corner of the first pixel, not from its centre. */
#define CORNER_SHIFT (-0.5 + 0.12)

/* The level that all but a hundredth of the photo stays under. */
static float white_level(const struct plane *green)
{
    enum { BINS = 256, STEP = 7 };
    int count[BINS] = {0}, all = 0, above = 0, bin = BINS;
    for (int y = 0; y < green->height; y += STEP)
        for (int x = 0; x < green->width; x += STEP) {
            float v = fminf(fmaxf(plane_row(green, y)[x], 0), 0.999f);
            count[(int)(v * BINS)]++;
            all++;
        }
    while (bin > 1 && above * 100 <= all)
        above += count[--bin];
    return (float)(bin + 1) / BINS;
}

/* Green in linear light, white at 255: blur leaves an edge between black and white where it was in
 * linear light only; in sRGB's encoding it moves towards the black. The caller frees buf. */
static striae_status grey_picture(const struct image *image, image_u8_t *grey, striae_error *error)
{
    const struct plane *green = &image->channel[1];
    float scale = 255 / white_level(green);
    uint8_t *buffer = malloc(checked_bytes((size_t)image->height, (size_t)image->width, 1));
    if (!buffer)
        return fail_memory(error);
    for (int y = 0; y < image->height; y++)
        for (int x = 0; x < image->width; x++)
            buffer[(size_t)y * (size_t)image->width + (size_t)x] =
                (uint8_t)(fminf(fmaxf(plane_row(green, y)[x] * scale, 0), 255) + 0.5f);
    /* Its sizes are const, hence the copy. */
    image_u8_t made = {
        .width = image->width, .height = image->height, .stride = image->width, .buf = buffer};
    memcpy(grey, &made, sizeof made);
    return STRIAE_OK;
}

static int tag_number(const apriltag_detection_t *detection)
{
    for (int i = 0; i < CARD_TAGS; i++)
        if (detection->id == card_tags[i].id && detection->hamming <= 1 &&
            detection->decision_margin > LEAST_MARGIN)
            return i;
    return -1;
}

static void take_corners(const apriltag_detection_t *detection, int tag,
                         struct card_corners *corners)
{
    /* As the library orders them, seen upright: left below, right below, right above, left above.
     */
    static const double place[4][2] = {{-1, 1}, {1, 1}, {1, -1}, {-1, -1}};
    for (int k = 0; k < 4; k++) {
        double *mm = corners->mm[corners->count], *px = corners->px[corners->count];
        mm[0] = card_tags[tag].x + place[k][0] * CARD_TAG_SIDE / 2;
        mm[1] = card_tags[tag].y + place[k][1] * CARD_TAG_SIDE / 2;
        memcpy(corners->out[corners->count], place[k], sizeof *place);
        px[0] = detection->p[k][0] + CORNER_SHIFT;
        px[1] = detection->p[k][1] + CORNER_SHIFT;
        corners->count++;
    }
    corners->tags++;
}

static void take_tags(zarray_t *detections, struct card_corners *corners, bool *twice)
{
    int seen[CARD_TAGS] = {0};
    *corners = (struct card_corners){0};
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < zarray_size(detections); i++) {
            apriltag_detection_t *detection;
            zarray_get(detections, i, &detection);
            int tag = tag_number(detection);
            if (tag < 0)
                continue;
            if (pass == 0)
                seen[tag]++;
            else if (seen[tag] == 1)
                take_corners(detection, tag, corners);
            *twice = *twice || seen[tag] > 1;
        }
}

striae_status card_find_tags(const struct image *image, struct card_corners *corners, bool *twice,
                             striae_error *error)
{
    image_u8_t grey;
    *corners = (struct card_corners){0};
    *twice = false;
    striae_status status = grey_picture(image, &grey, error);
    if (status != STRIAE_OK)
        return status;
    apriltag_family_t *family = tag36h11_create();
    apriltag_detector_t *detector = apriltag_detector_create();
    if (family && detector) {
        bool large = image->width > REDUCED_SIDE || image->height > REDUCED_SIDE;
        apriltag_detector_add_family_bits(detector, family, 1);
        /* One thread: the library's (3.3) pool of workers now and then runs a task from memory
         * that has moved (seen once in some thousand photos), and its clusters race. */
        detector->nthreads = 1;
        detector->refine_edges = true;
        for (int step = large ? 2 : 1, more = 1; more; step--) {
            detector->quad_decimate = (float)step;
            zarray_t *detections = apriltag_detector_detect(detector, &grey);
            take_tags(detections, corners, twice);
            apriltag_detections_destroy(detections);
            /* All pixels, which take four times as long, only where there is a card. */
            more = step > 1 && corners->tags > 0 && corners->tags < CARD_TAGS;
        }
    } else {
        status = fail_memory(error);
    }
    if (detector)
        apriltag_detector_destroy(detector);
    if (family)
        tag36h11_destroy(family);
    free(grey.buf);
    return status;
}
