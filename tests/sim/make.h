/*
 * make: calls of the simulator's own, from a seed.
 *
 * Made calls are in the past: their webhooks go into the dump as if a receiver
 * had archived them (MiraiMinds' initiates into the dispatch log too), and
 * the APIs answer how they ended. What the webhooks do not tell: MiraiMinds'
 * assistant, Whippy's analysis of two calls in three, MiniVoice's analysis,
 * and whatever is lost on request.
 */
#ifndef SIM_MAKE_H
#define SIM_MAKE_H

#include "life.h"

struct maker {
	struct calls *calls;
	struct lives *lives;
	uint64_t seed;
	int64_t epoch_us;
	unsigned lose_percent;	/* webhooks behind a call's first one */
	struct out *dump;
	size_t made;
};

/* Makes n calls: of one provider, or of all in turn for PROVIDER_COUNT. */
void make_calls(struct maker *, enum provider, size_t n);

#endif
