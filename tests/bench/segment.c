/* Segmentation alone, step by step: wall and processor seconds, and the peak of memory.
 * Usage: segment PHOTO [THREADS] */
#include "segment/segment.h"
#include "base/threads.h"
#include "calibrate/calibrate.h"
#include "io/io.h"
#include "segment/evidence.h"
#include "segment/fuse.h"
#include "segment/net.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

struct times {
    double wall, processor;
};

static double seconds(clockid_t clock)
{
    struct timespec now;
    (void)clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static struct times now(void)
{
    return (struct times){seconds(CLOCK_MONOTONIC), seconds(CLOCK_PROCESS_CPUTIME_ID)};
}

static void tell(const char *step, struct times since)
{
    struct times end = now();
    printf("%-10s %7.3f s %7.3f processor s\n", step, end.wall - since.wall,
           end.processor - since.processor);
}

static int failed(const striae_error *error)
{
    (void)fprintf(stderr, "%s\n", error->message);
    return 1;
}

/* The parts of it that are not the tracing of lines. */
static striae_status parts(const struct image *image, const struct mask *skin, int threads,
                           striae_error *error)
{
    struct channels channels = {0};
    struct model model = {0};
    struct plane logit = {0};
    struct evidence evidence = {0};
    struct times began = now();
    striae_status status = segment_channels_init(image, skin, threads, &channels, error);
    tell("channels", began);
    if (status == STRIAE_OK)
        status = model_built_in(&model, error);
    began = now();
    if (status == STRIAE_OK)
        status = net_run(&model, &channels, threads, &logit, error);
    tell("network", began);
    began = now();
    if (status == STRIAE_OK)
        status = evidence_init(&channels, &logit, threads, &evidence, error);
    tell("evidence", began);
    began = now();
    if (status == STRIAE_OK)
        fuse_evidence(&logit, threads, &evidence);
    tell("fusion", began);
    evidence_free(&evidence);
    plane_free(&logit);
    model_free(&model);
    segment_channels_free(&channels);
    return status;
}

static striae_status whole(const struct image *image, const struct mask *skin, int threads,
                           striae_error *error)
{
    const struct segment_input input = {image, skin, 0, 0.5};
    struct segmenter *segmenter = NULL;
    struct segmentation found = {0};
    struct times began = now();
    striae_status status = segment_prepare(&input, threads, &segmenter, error);
    struct times prepared = now();
    if (status == STRIAE_OK)
        status = segment_find(segmenter, NULL, 0, &found, error);
    tell("lines", prepared);
    tell("all", began);
    printf("striae     %7zu\n", found.count);
    segmentation_free(&found);
    segment_free(&segmenter);
    return status;
}

int main(int count, char **arguments)
{
    struct photo photo = {0};
    struct mask skin = {0};
    striae_error error;
    struct rusage usage;
    if (count < 2)
        return 2;
    int threads = threads_resolve(count > 2 ? atoi(arguments[2]) : 0);
    const struct io_limits limits = {100e6, false, threads};
    striae_status status = io_read_photo(arguments[1], &limits, &photo, &error);
    if (status == STRIAE_OK)
        status = calibrate_skin(&photo.image, threads, &skin, &error);
    if (status == STRIAE_OK)
        status = parts(&photo.image, &skin, threads, &error);
    if (status == STRIAE_OK)
        status = whole(&photo.image, &skin, threads, &error);
    if (status == STRIAE_OK && getrusage(RUSAGE_SELF, &usage) == 0)
        printf("memory     %7ld MiB at most, %d threads\n", usage.ru_maxrss / 1024, threads);
    photo_free(&photo);
    mask_free(&skin);
    return status == STRIAE_OK ? 0 : failed(&error);
}
