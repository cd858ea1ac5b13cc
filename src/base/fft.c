#include "base/fft.h"

#include <pthread.h>

/* FFTW's planner is the one part of it that is not safe to call from several threads. */
static pthread_mutex_t planner = PTHREAD_MUTEX_INITIALIZER;

int fft_good_size(int length)
{
    for (int n = length < 1 ? 1 : length;; n++) {
        int rest = n;
        while (rest % 2 == 0)
            rest /= 2;
        while (rest % 3 == 0)
            rest /= 3;
        while (rest % 5 == 0)
            rest /= 5;
        if (rest == 1)
            return n;
    }
}

striae_status fft_init(struct fft *fft, int width, int height, striae_error *error)
{
    *fft = (struct fft){.width = width, .height = height};
    float *real = fft_real_alloc(fft);
    fftwf_complex *spectrum = fft_complex_alloc(fft);
    if (real && spectrum) {
        pthread_mutex_lock(&planner);
        fft->forward = fftwf_plan_dft_r2c_2d(height, width, real, spectrum,
                                             FFTW_ESTIMATE | FFTW_DESTROY_INPUT);
        fft->inverse = fftwf_plan_dft_c2r_2d(height, width, spectrum, real,
                                             FFTW_ESTIMATE | FFTW_DESTROY_INPUT);
        pthread_mutex_unlock(&planner);
    }
    fftwf_free(real);
    fftwf_free(spectrum);
    if (fft->forward && fft->inverse)
        return STRIAE_OK;
    fft_free(fft);
    return fail_memory(error);
}

void fft_free(struct fft *fft)
{
    pthread_mutex_lock(&planner);
    if (fft->forward)
        fftwf_destroy_plan(fft->forward);
    if (fft->inverse)
        fftwf_destroy_plan(fft->inverse);
    pthread_mutex_unlock(&planner);
    *fft = (struct fft){0};
}

float *fft_real_alloc(const struct fft *fft)
{
    return fftwf_alloc_real((size_t)fft->width * (size_t)fft->height);
}

fftwf_complex *fft_complex_alloc(const struct fft *fft)
{
    return fftwf_alloc_complex((size_t)(fft->width / 2 + 1) * (size_t)fft->height);
}

void fft_forward(const struct fft *fft, float *real, fftwf_complex *spectrum)
{
    fftwf_execute_dft_r2c(fft->forward, real, spectrum);
}

void fft_inverse(const struct fft *fft, fftwf_complex *spectrum, float *real)
{
    fftwf_execute_dft_c2r(fft->inverse, spectrum, real);
}
