/*
 * store: events and calls into the database, a batch at a time.
 *
 * The caller has a transaction open and the writer lock. A batch is
 * deduplicated against itself and the database; new events are copied in,
 * and each call that got one is folded anew from all its events and
 * rewritten. A copy of a known event with an earlier receipt time moves the
 * event's time when its body states none. Memory: some 150 bytes an event of
 * the batch, beside the events themselves.
 */
#ifndef CALLTALLY_DB_STORE_H
#define CALLTALLY_DB_STORE_H

#include "base/arena.h"
#include "call/event.h"
#include "call/fold.h"
#include "call/profile.h"
#include "db/db.h"

struct store;

/* One event of a batch, in the order of reading. */
struct store_item {
	struct event *event;	/* its time_us may be moved to an earlier receipt time */
	bool unseen;		/* the caller is sure that the database has nothing of its call, */
	bool surely_new;	/* or not this event at least */
	bool duplicate;		/* filled: it was known, or came earlier in the batch */
};

struct store_counts {
	uint64_t events;	/* new */
	uint64_t duplicates;
	uint64_t calls;		/* that got their first new event of this run */
};

/* db and profiles stay the caller's; what these say of providers is written. NULL on error. */
struct store *store_open(struct db *, const struct profiles *,
    const struct id128 *run_id, struct err *);
void store_close(struct store *);

/*
 * Stores a batch; adds to *counts only when it succeeds. Override events
 * replace the call's former override and make no call. After false the
 * transaction is to be rolled back; the batch may then be put again.
 */
bool store_put(struct store *, struct store_item *, size_t n,
    struct store_counts *counts, struct err *);

#endif
