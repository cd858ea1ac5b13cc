/* What a colour profile costs: seconds to turn 12 decoded megapixels into linear light, the best of
 * five, without a profile, with one of curves and a matrix, and with a table. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "io/profile.h"
#include "unit/test_io_make_icc.h"

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double seconds(const struct bytes *icc, int sample_bytes, int threads)
{
    struct raster raster = {
        .width = 4000, .height = 3000, .channels = 3, .sample_bytes = sample_bytes};
    struct photo photo = {.info = {.orientation = 1}};
    size_t size = 36000000u * (size_t)sample_bytes;
    uint8_t *data = raster.data = malloc(size);
    raster.icc = icc ? malloc(icc->size) : NULL;
    if (!data || (icc && !raster.icc))
        abort();
    for (size_t i = 0; i < size; i++)
        data[i] = (uint8_t)(i * 2654435761u >> 13);
    if (icc) {
        memcpy(raster.icc, icc->data, icc->size);
        raster.icc_size = icc->size;
    }
    double began = now();
    if (upright(&raster, threads, &photo, NULL) != STRIAE_OK)
        abort();
    double taken = now() - began;
    photo_free(&photo);
    return taken;
}

static double best(const struct bytes *icc, int sample_bytes, int threads, int times)
{
    double least = 1e9;
    for (int i = 0; i < times; i++) {
        double s = seconds(icc, sample_bytes, threads);
        least = s < least ? s : least;
    }
    return least;
}

int main(void)
{
    struct bytes p3 = icc_bytes(icc_matrix(&icc_p3, 0), "P3");
    struct bytes table = icc_bytes(icc_table(icc_matrix(&icc_p3, 0)), "table");
    for (int bytes = 1; bytes <= 2; bytes++)
        for (int threads = 1; threads <= 2; threads++) {
            double plain = best(NULL, bytes, threads, 5), matrix = best(&p3, bytes, threads, 5);
            printf("%2d bits, %d threads: sRGB %.3f s, Display P3 %.3f s (%+.3f), table %.2f s\n",
                   8 * bytes, threads, plain, matrix, matrix - plain,
                   best(&table, bytes, threads, 1));
        }
    free(p3.data);
    free(table.data);
    return 0;
}
