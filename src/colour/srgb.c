/* The transfer function of sRGB, IEC 61966-2-1:1999. */
#include "colour/colour.h"

#include <math.h>
#include <pthread.h>

double colour_srgb_decode(double encoded)
{
    double v = fabs(encoded);
    double linear = v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
    return copysign(linear, encoded);
}

double colour_srgb_encode(double linear)
{
    double v = fabs(linear);
    double encoded = v <= 0.0031308 ? v * 12.92 : 1.055 * pow(v, 1 / 2.4) - 0.055;
    return copysign(encoded, linear);
}

/* Codes are found by a first guess from the bin of the linear value, then a step up where the value
 * is past the next code's lower end: the result is the correctly rounded one. The steepest part of
 * the curve climbs 12.92 * 255 / BINS = 0.8 codes per bin, so one step is enough. */
#define BINS 4096

struct encoding {
    uint8_t guess[BINS];  /* code at the lower end of each bin */
    float lower_end[257]; /* smallest value that rounds to the code; the last is out of reach */
};

static struct encoding encoding; /* filled once, constant from then on */
static pthread_once_t encoding_filled = PTHREAD_ONCE_INIT;

static void fill_encoding(void)
{
    encoding.lower_end[0] = -INFINITY;
    for (int code = 1; code < 256; code++)
        encoding.lower_end[code] = (float)colour_srgb_decode((code - 0.5) / 255);
    encoding.lower_end[256] = INFINITY;
    int code = 0;
    for (int bin = 0; bin < BINS; bin++) {
        while (encoding.lower_end[code + 1] <= (float)bin / BINS)
            code++;
        encoding.guess[bin] = (uint8_t)code;
    }
}

static inline uint8_t encode8(float linear)
{
    if (!(linear > 0)) /* NaN too */
        return 0;
    if (linear >= 1)
        return 255;
    int code = encoding.guess[(int)(linear * BINS)];
    return (uint8_t)(code + (linear >= encoding.lower_end[code + 1]));
}

uint8_t colour_srgb_encode8(float linear)
{
    pthread_once(&encoding_filled, fill_encoding);
    return encode8(linear);
}

void colour_srgb_encode8_row(const float *r, const float *g, const float *b, int count,
                             uint8_t *rgb)
{
    pthread_once(&encoding_filled, fill_encoding);
    for (int i = 0; i < count; i++) {
        rgb[3 * i] = encode8(r[i]);
        rgb[3 * i + 1] = encode8(g[i]);
        rgb[3 * i + 2] = encode8(b[i]);
    }
}
