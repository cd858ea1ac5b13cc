/* Periodic textures and smooth random lines, made once per scene. */
#ifndef STRIAE_PHANTOM_NOISE_H
#define STRIAE_PHANTOM_NOISE_H

#include "base/random.h"
#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

/* A square that repeats in both directions. size is a power of two. */
struct tile {
    int size;
    float *data;
};

/* Gaussian noise of mean 0 and deviation 1 with the power law amplitude ~ frequency^-slope between
 * wavelengths longest and shortest (texels). */
striae_status tile_cloud(struct tile *tile, int size, double slope, double longest, double shortest,
                         struct rng *rng, striae_error *error);

/* The polygonal furrows of skin: 0 in the middle of a plate, towards 1 in the furrow. spacing =
 * typical plate size in texels, `sub` = depth of the finer furrows inside each plate (0..1),
 * furrow = half width of a furrow as a part of the spacing. Furrows come from the difference of
 * the distances to the two nearest of a set of scattered points (Worley 1996). */
striae_status tile_furrows(struct tile *tile, int size, double spacing, double sub, double furrow,
                           int threads, struct rng *rng, striae_error *error);
void tile_free(struct tile *tile);

/* Value at (x,y) in texels, bilinear. */
static inline float tile_at(const struct tile *tile, double x, double y)
{
    double fx = __builtin_floor(x), fy = __builtin_floor(y);
    int mask = tile->size - 1, x0 = (int)fx & mask, y0 = (int)fy & mask;
    int x1 = (x0 + 1) & mask, y1 = (y0 + 1) & mask;
    float tx = (float)(x - fx), ty = (float)(y - fy);
    const float *top = tile->data + (size_t)y0 * (size_t)tile->size;
    const float *bottom = tile->data + (size_t)y1 * (size_t)tile->size;
    float a = top[x0] + tx * (top[x1] - top[x0]);
    float b = bottom[x0] + tx * (bottom[x1] - bottom[x0]);
    return a + ty * (b - a);
}

/* out[0..count-1] = smooth noise of deviation about 1 whose features are about `wavelength` samples
 * long: cubic interpolation between random heights. */
void smooth_line(struct rng *rng, double wavelength, size_t count, float *out);

/* 0 below low, 1 above high, smooth between. */
static inline double smoothstep(double low, double high, double x)
{
    double t = (x - low) / (high - low);
    t = t < 0.0 ? 0.0 : t > 1.0 ? 1.0 : t;
    return t * t * (3.0 - 2.0 * t);
}

/* A hash of three numbers to 32 even bits: per-pixel noise that needs no order. */
static inline uint32_t hash3(uint32_t a, uint32_t b, uint32_t c)
{
    uint32_t h = a * 0x9E3779B1u ^ b * 0x85EBCA77u ^ c * 0xC2B2AE3Du;
    h ^= h >> 15;
    h *= 0x2C1B3C6Du;
    h ^= h >> 12;
    h *= 0x297A2D39u;
    return h ^ (h >> 15);
}

#endif
