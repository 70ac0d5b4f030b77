/*
 * rng: the generator's own random numbers (splitmix64), so that its output
 * depends on its options alone, on any machine.
 */
#ifndef GEN_RNG_H
#define GEN_RNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct rng {
	uint64_t state;
};

/* A bijection of 64 bits that scatters well: equal only for equal x. */
uint64_t mix64(uint64_t x);

/* A stream of its own for each (seed, number, purpose). */
struct rng rng_for(uint64_t seed, uint64_t number, uint64_t purpose);

uint64_t rng_next(struct rng *);

/* 0 ... n-1; n must not be 0. */
uint32_t rng_below(struct rng *, uint32_t n);

/* low ... high, both possible. */
int64_t rng_span(struct rng *, int64_t low, int64_t high);

/* True in permille of 1000 cases. */
bool rng_chance(struct rng *, uint32_t permille);

/* An index below n, each as often as its weight says; their sum must not be 0. */
size_t rng_weighted(struct rng *, const unsigned *weight, size_t n);

#endif
