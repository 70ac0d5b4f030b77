/*
 * fold: from the set of a call's events to the call. The only place where
 * merge rules live. Pure: no I/O, no clock, no order of arrival.
 *
 * Events are ordered by (level, event time with none first, stage, outcome
 * rank, identity), level being dispatch < webhook and detail < override.
 * Then, field by field, the rules of field.h; the outcome is the last
 * terminal one, else the highest rank (of equals the last), else other.
 * first/last_event and the count are over webhook and dispatch events.
 */
#ifndef CALLTALLY_CALL_FOLD_H
#define CALLTALLY_CALL_FOLD_H

#include "base/err.h"
#include "base/clock.h"
#include "call/event.h"

struct call {
	struct id128 key;
	struct str provider;
	struct str call_id;
	enum outcome outcome;		/* OUTCOME_OTHER when no status was stated */
	struct str status;		/* raw, of the event that gave the outcome */
	uint32_t stated;		/* bit f: field f has a value in v[f] */
	union value v[FIELD_COUNT];
	int64_t first_event_us;		/* TIME_NONE when there is none */
	int64_t last_event_us;
	int64_t events;			/* webhook and dispatch events */
	/* Which event decided: for the way back. NULL where nothing is stated. */
	const struct event *from[FIELD_COUNT];
	const struct event *outcome_from;
};

/* The fold's order, for qsort over (const struct event *)[]. */
int fold_order(const void *, const void *);

/*
 * Folds n > 0 events of one call; sorts the array in place. Text in *out
 * points into the events, merged insights into the arena. False only when
 * memory ran out.
 */
bool fold(const struct event **events, size_t n, struct arena *,
    struct call *out, struct err *);

#endif
