/*
 * stored: calls as they lie in the database, and what they would be when
 * folded anew from the events that lie there.
 *
 * For show, explain, verify and refold. Text and lists live in the arena that is given.
 */
#ifndef CALLTALLY_DB_STORED_H
#define CALLTALLY_DB_STORED_H

#include "base/arena.h"
#include "call/differ.h"
#include "call/profile.h"
#include "db/db.h"

/* Behind the parts of a call: what only its row has. */
enum stored_part {
	STORED_UTC_DAYS = CALL_PARTS,
	STORED_DAY,
	STORED_HAS_SUMMARY,
	STORED_NAME,		/* provider or call id are not those of the key */
	STORED_PARTS
};

extern const char *const stored_part_name[STORED_PARTS];

/* A row of calltally.call. */
struct stored_call {
	struct call call;	/* without from */
	struct id128 run_id;
	int64_t day_us;
	bool has_summary;
	int16_t *utc_day;
	size_t utc_days;
};

/* Reads a row with the columns of copy_calls. */
bool stored_call_get(const struct db_rows *, size_t row, struct arena *,
    struct stored_call *out, struct err *);

/* What the row of a folded call must say: its events lie in event[0..n). */
bool stored_call_make(const struct call *, const struct event *const *event,
    size_t n, struct arena *, struct stored_call *out, struct err *);

/* The mask of parts in which two rows differ; the run is none. */
uint64_t stored_call_diff(const struct stored_call *, const struct stored_call *);

/* Puts the value of a part into out; false when the call is silent about it. */
bool stored_part_text(const struct stored_call *, unsigned part, struct buf *out);

/* True when some of the events makes a call: a list's override alone does not. */
bool events_make_call(const struct event *const *event, size_t n);

/* The days in which any events lie, in the arena, ascending. */
bool stored_utc_days(struct db *, struct arena *, int16_t **utc_day, size_t *n,
    struct err *);

/*
 * All stored events of one call, in the arena, *n of them; *events is NULL
 * when there are none. provider and call_id must outlive the arena.
 */
bool stored_events(struct db *, const struct profiles *, struct arena *,
    struct str provider, struct str call_id, struct event ***events, size_t *n,
    struct err *);

/* Ids and names of the sources of n events; NULL on error. The caller frees them. */
struct db_rows *event_sources(struct db *, const struct event *const *event,
    size_t n, struct arena *scratch, struct err *);
/* The name of an event's source among them, borrowed; {NULL,0}: it has none. */
struct str event_source_name(const struct db_rows *, const struct event *);

/* What became of calls that were folded anew. */
struct refold_counts {
	int64_t calls;			/* looked at */
	int64_t changed;
	int64_t added;
	int64_t removed;		/* no event speaks of them any more */
	int64_t part[STORED_PARTS];	/* of the changed ones */
};

/*
 * Folds the next calls behind *after in the order of keys, at most limit,
 * from all their stored events, and rewrites those that differ, within the
 * caller's transaction; moves *after. *end: there were none left.
 */
bool stored_refold_next(struct db *, const struct profiles *,
    const struct id128 *run_id, const int16_t *utc_day, size_t utc_days,
    struct id128 *after, int64_t limit, struct refold_counts *, bool *end,
    struct err *);

/* The same for the calls of these keys. */
bool stored_refold(struct db *, const struct profiles *,
    const struct id128 *run_id, const int16_t *utc_day, size_t utc_days,
    const struct id128 *key, size_t keys, struct refold_counts *,
    struct err *);

#endif
