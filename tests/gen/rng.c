#include "rng.h"

#define GOLDEN UINT64_C(0x9e3779b97f4a7c15)

uint64_t
mix64(uint64_t x)
{
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

struct rng
rng_for(uint64_t seed, uint64_t number, uint64_t purpose)
{
	return (struct rng){ mix64(mix64(mix64(seed + GOLDEN) ^ number) + purpose) };
}

uint64_t
rng_next(struct rng *r)
{
	r->state += GOLDEN;
	return mix64(r->state);
}

uint32_t
rng_below(struct rng *r, uint32_t n)
{
	return (uint32_t)(((rng_next(r) >> 32) * n) >> 32);
}

int64_t
rng_span(struct rng *r, int64_t low, int64_t high)
{
	return low + (int64_t)(rng_next(r) % (uint64_t)(high - low + 1));
}

bool
rng_chance(struct rng *r, uint32_t permille)
{
	return rng_below(r, 1000) < permille;
}

size_t
rng_weighted(struct rng *r, const unsigned *weight, size_t n)
{
	unsigned sum = 0, at;

	for (size_t i = 0; i < n; i++)
		sum += weight[i];
	at = rng_below(r, sum);
	for (size_t i = 0; i < n; i++) {
		if (at < weight[i])
			return i;
		at -= weight[i];
	}
	return n - 1;
}
