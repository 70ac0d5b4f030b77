/*
 * store_inner: a batch under way, shared by the steps of store_put.
 */
#ifndef CALLTALLY_DB_STORE_INNER_H
#define CALLTALLY_DB_STORE_INNER_H

#include "base/clock.h"
#include "db/store.h"

/*
 * A distinct event of the batch, or a copy of one. What sorting and looking up
 * need of the event is here, too: the events themselves lie all over the place.
 */
struct entry {
	struct id128 key, identity;
	struct event *event;
	struct store_item *item;
	int16_t utc_day;
	bool undated;		/* its body states no time: an earlier receipt moves it */
	bool tells_balance, has_transcript;
	bool unseen;		/* the database cannot have its call, */
	bool surely_new;	/* or it */
	bool known;		/* in the database already */
	bool moved;		/* known, and its time is moved to event->time_us */
};

/* The entries of one call, which stand together. */
struct group {
	struct entry *entry;
	size_t n;
	const int16_t *utc_day;	/* where its stored events lie */
	size_t utc_days;
	size_t stored;		/* about how many they are */
	struct id128 run_id;	/* that last gave it an event */
	bool unseen;		/* need not be looked up */
	bool surely_fresh;	/* at least one event is surely new: the call is to be written */
	bool surely_all;	/* they all are */
	bool exists;
	bool removed;		/* it did exist, and its row is removed already */
	bool has_override;	/* stored */
	bool changed;		/* new or moved events: to be written */
	bool fresh;		/* at least one new event */
};

struct store {
	struct db *db;
	const struct profiles *profiles;
	struct id128 run_id;
	bool overrides;		/* any call of the database has one */
	bool mostly_copies;	/* the last batch was, so the next one may be; */
	bool guessed;		/* or there was none yet */
	struct arena scratch;	/* of one store_put */
	struct arena fold_arena;	/* of what is stored of a chunk of calls */
	struct arena call_arena;	/* of what is folded */
	struct entry *entry;	/* distinct events, by (key, identity) */
	size_t entries;
	struct group *group;	/* by key */
	size_t groups;
	struct group *found;	/* by the last search */
	/* parameters under construction */
	struct buf utc_days, keys, identities, times;
};

static inline const struct id128 *
group_key(const struct group *g)
{
	return &g->entry->key;
}

static inline bool
is_override(const struct entry *e)
{
	return e->utc_day == EVENT_UTC_DAY_OVERRIDE;
}

/* How many events ahead memory is asked for one, and for its text. */
enum { PREFETCH_EVENT = 8, PREFETCH_TEXT = 4 };

/* True when an event of this group may be stored already. */
static inline bool
may_be_known(const struct group *g)
{
	return g->exists || g->has_override;
}

/* The batch's events of that call; NULL when it has none. */
struct group *store_find_group(struct store *, const struct id128 *key);

/* Runs a query over parameters that were built; fails when one could not be. */
struct db_rows *store_ask(struct store *, const char *sql,
    const struct db_param *, int n, struct err *);

/* Asks the database which calls and events of the batch it has. */
bool store_look_up(struct store *, struct err *);

/* A list's override alone makes no call. */
bool store_makes_call(const struct group *);

/* Folds the changed calls of the batch from all their events, and writes them. */
bool store_write_calls(struct store *, struct err *);

#endif
