/*
 * seen: of which calls and events the batches of a run have spoken so far.
 *
 * Is a call in a batch that is still under way? Can the database have a call,
 * or an event, at all? The first is exact but for 64-bit collisions, the
 * others are asked of filters that know every call and event only when the run
 * began with an empty database; all err on the safe side. Memory: 4 MiB for
 * each filter, some 16 bytes for each call of the batches under way. For one
 * thread at a time.
 */
#ifndef CALLTALLY_RUN_SEEN_H
#define CALLTALLY_RUN_SEEN_H

#include "base/hash.h"

enum { SEEN_BATCHES = 2 };	/* at most so many are under way at a time */

/* The calls of one batch: an open table of their keys' first words. */
struct seen_batch {
	uint64_t number;
	uint64_t *word;		/* 0: free */
	size_t mask;
};

struct seen {
	struct seen_batch batch[SEEN_BATCHES];
	struct seen_batch *now;	/* that seen_add adds to */
	uint64_t done;		/* all batches below are committed */
	uint64_t *calls, *events;	/* filters; NULL: the database was not empty */
};

/* False when memory ran out; seen_close is harmless then. */
bool seen_open(struct seen *, bool database_is_empty);
void seen_close(struct seen *);

/*
 * Begins batch number, of at most so many events; those below done are no
 * more under way. False when memory ran out.
 */
bool seen_begin(struct seen *, uint64_t number, uint64_t done, size_t events);

/* True when an earlier batch that is under way speaks of this call. */
bool seen_busy(const struct seen *, const struct id128 *key);

/* Notes a call of the batch; true when the database cannot have it. */
bool seen_add(struct seen *, const struct id128 *key);

/* The same for an event, by its identity. */
bool seen_add_event(struct seen *, const struct id128 *identity);

#endif
