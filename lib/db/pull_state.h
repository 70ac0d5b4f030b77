/*
 * pull_state: which calls are to be asked for, and what came of asking.
 *
 * The caller has the writer lock; where it says so, a transaction.
 */
#ifndef CALLTALLY_DB_PULL_STATE_H
#define CALLTALLY_DB_PULL_STATE_H

#include "base/arena.h"
#include "db/db.h"

/* Of the body of an error, kept in the database. */
enum { PULL_BODY_BYTES = 2048 };

/* What is asked of find and count. */
struct pull_choice {
	struct str provider;
	int64_t since_us;
	int64_t grace_us;	/* an open call is asked for when it began before this */
	int64_t now_us;
	int64_t begun_us;	/* of the run: no call is asked for twice in one */
	bool with_url;		/* only calls that have a detail URL */
	struct id128 walk;	/* calls set down for it are marked */
};

struct pull_row {
	struct id128 key;
	struct str call_id;
	int64_t day_us;		/* TIME_NONE: not known */
	struct str detail_url;	/* {NULL,0}: none */
	bool terminal;
	bool held;		/* somebody talked: there may be an analysis */
	bool analyzed;
	bool of_walk;
	int64_t tries;
};

/* At most limit calls, the oldest first, in the arena. */
bool pull_find(struct db *, const struct pull_choice *, size_t limit,
    struct arena *, struct pull_row **rows, size_t *n, struct err *);
/* The one call of that key; n is 0 or 1. */
bool pull_find_one(struct db *, const struct pull_choice *,
    const struct id128 *key, struct arena *, struct pull_row **rows, size_t *n,
    struct err *);
/* How many pull_find would find, and how many lack the detail URL for it. */
bool pull_count(struct db *, const struct pull_choice *, int64_t *due,
    int64_t *without_url, struct err *);

enum pull_state { PULL_DUE, PULL_DONE, PULL_GONE };

struct pull_state_row {
	struct id128 key;
	struct str call_id;
	enum pull_state state;
	int64_t tries;
	int64_t next_try_us;	/* TIME_NONE: never */
	int64_t asked_us;	/* TIME_NONE: not asked, only set down */
	int16_t status;
	struct str error_code;	/* {NULL,0}: none */
	struct str body;	/* {NULL,0}: none; UTF-8 without NUL */
};

/* Writes n rows of one provider, each call once. */
bool pull_put(struct db *, struct str provider, const struct pull_state_row *,
    size_t n, const struct id128 *run_id, struct err *);

/* What was asked in vain in a run of a provider that was not there is due again. */
bool pull_forgive(struct db *, struct str provider, const struct id128 *run_id,
    struct err *);

struct pull_bucket_row {
	int64_t tokens;
	int64_t at_us;
	int64_t not_before_us;	/* TIME_NONE: none */
	bool in_use;
};

/* *found is false when there is none. */
bool pull_get_bucket(struct db *, struct str provider, struct str host,
    struct pull_bucket_row *, bool *found, struct err *);
bool pull_put_bucket(struct db *, struct str provider, struct str host,
    const struct pull_bucket_row *, struct err *);

struct pull_cursor_row {
	struct id128 walk;
	struct str cursor;
	int64_t after_us, before_us;	/* TIME_NONE: open */
};

/* A walk that moved after not_before_us; *found is false when there is none. */
bool pull_get_cursor(struct db *, struct str provider, int64_t not_before_us,
    struct arena *, struct pull_cursor_row *, bool *found, struct err *);
bool pull_put_cursor(struct db *, struct str provider,
    const struct pull_cursor_row *, int64_t now_us, struct err *);
bool pull_remove_cursor(struct db *, struct str provider, struct err *);

/* How far the ledger has read a file. */
struct pull_source {
	int64_t finished_bytes;	/* as it lies, when it was read to its end; else -1 */
	int64_t done_bytes;	/* plain bytes */
};

/* Of n files, by their names in the ledger. */
bool pull_get_sources(struct db *, const struct str *name, size_t n,
    struct pull_source *out, struct err *);

#endif
