/* Seeded random numbers: the same seed gives the same numbers on every machine.
 * Generator: PCG-XSH-RR 64/32 (O'Neill 2014, "PCG: A Family of Simple Fast Space-Efficient
 * Statistically Good Algorithms for Random Number Generation"). */
#ifndef STRIAE_BASE_RANDOM_H
#define STRIAE_BASE_RANDOM_H

#include <stdint.h>

struct rng {
    uint64_t state, increment;
};

/* stream selects one of many independent sequences of the same seed. */
void rng_seed(struct rng *rng, uint64_t seed, uint64_t stream);
uint32_t rng_u32(struct rng *rng);
/* Uniform in [0, 1). */
double rng_uniform(struct rng *rng);
/* Uniform in [low, high). */
double rng_range(struct rng *rng, double low, double high);
/* Standard normal. */
double rng_normal(struct rng *rng);

#endif
