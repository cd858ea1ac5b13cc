/* Two-dimensional real Fourier transforms through FFTW, single precision. */
#ifndef STRIAE_BASE_FFT_H
#define STRIAE_BASE_FFT_H

#include "base/status.h"

#include <fftw3.h>

/* Plans for one size. A plan may be executed by several threads at once, each on its own buffers,
 * which must come from fft_real_alloc and fft_complex_alloc. */
struct fft {
    int width, height; /* real: height rows of width; complex: height rows of width/2+1 */
    fftwf_plan forward, inverse;
};

/* Smallest n >= length with no prime factor over 5. */
int fft_good_size(int length);
/* Always FFTW_ESTIMATE: measured plans differ from run to run, and with them the last bits. */
striae_status fft_init(struct fft *fft, int width, int height, striae_error *error);
void fft_free(struct fft *fft);

/* Buffers for this plan, uninitialised; NULL without memory. Free with fftwf_free. */
float *fft_real_alloc(const struct fft *fft);
fftwf_complex *fft_complex_alloc(const struct fft *fft);

/* Neither is scaled: inverse(forward(x)) = width*height*x. The inverse destroys its input. */
void fft_forward(const struct fft *fft, float *real, fftwf_complex *spectrum);
void fft_inverse(const struct fft *fft, fftwf_complex *spectrum, float *real);

#endif
