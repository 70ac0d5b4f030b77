/*
 * event: one thing that was said about one call.
 *
 * Made by decode (or read back from the database) in an arena, never
 * changed afterwards except for an earlier receipt time. The values of the
 * stated fields stand packed behind it in the order of enum field. All text
 * lives in the same arena; the profile outlives it.
 */
#ifndef CALLTALLY_CALL_EVENT_H
#define CALLTALLY_CALL_EVENT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "call/field.h"
#include "call/outcome.h"

struct profile;

/* In the order of the fold's levels: dispatch < webhook and detail < override. */
enum event_kind {
	KIND_DISPATCH,
	KIND_WEBHOOK,
	KIND_DETAIL,
	KIND_OVERRIDE,
	KIND_COUNT
};

union value {
	struct str text;	/* field_is_text */
	int64_t num;		/* microseconds, milliseconds, millionths, counts, 0/1 */
};

/*
 * Where an event's row lies: the day (time_utc_day) of the first time that the
 * body itself states, EVENT_UTC_DAY_NONE if it states none. A function of the
 * body alone, so that a copy of an event is found in the same place.
 * Overrides have a place of their own.
 */
enum {
	EVENT_UTC_DAY_NONE = 0,
	EVENT_UTC_DAY_OVERRIDE = -1,
};

struct event {
	struct id128 key;	/* of the call: event_call_key */
	struct id128 identity;	/* of the event */
	const struct profile *profile;	/* NULL: a provider that no profile knows (overrides) */
	struct str provider;
	struct str call_id;
	struct str type;	/* as the body names it; {NULL,0} when it does not */
	struct str status;	/* raw; {NULL,0} when none is stated */
	struct str transcript;	/* {NULL,0}: none, or not to be kept; it is no part of the fold */
	int64_t time_us;	/* TIME_NONE when neither body nor receipt states one */
	int64_t source_id;
	int64_t line;		/* in the source, from 1 */
	int16_t utc_day;
	uint16_t stage;		/* place of the type in the profile's list */
	uint8_t kind;		/* enum event_kind */
	uint8_t outcome;	/* enum outcome; OUTCOME_NONE when no status is stated */
	bool time_stated;	/* by the body; else time_us is a receipt time or none */
	uint32_t stated;	/* bit f set: field f has a value */
	union value v[];	/* one for each set bit, lowest first */
};

static inline bool
event_states(const struct event *e, enum field f)
{
	return (e->stated >> f & 1u) != 0;
}

/* The value of a stated field. */
static inline const union value *
event_value(const struct event *e, enum field f)
{
	uint32_t below = e->stated & ((UINT32_C(1) << f) - 1);

	return &e->v[__builtin_popcount(below)];
}

/* The key of a call: a hash of provider and call id. */
struct id128 event_call_key(struct str provider, struct str call_id);

/* Room for an event with the fields of stated, zeroed; NULL when memory ran out. */
struct event *event_alloc(struct arena *, uint32_t stated);

/*
 * Asks memory for an event that is to be read soon, in two steps: first the
 * event, some time later its text. Events that are sorted lie all over the
 * place, and waiting for each would take longer than what is done with it.
 */
static inline void
event_prefetch(const struct event *e)
{
	const char *p = (const char *)e;

	for (size_t i = 0; i < sizeof(*e); i += 64)
		__builtin_prefetch(p + i);
}

static inline void
event_prefetch_text(const struct event *e)
{
	for (size_t i = 0; i < 256; i += 64)
		__builtin_prefetch(e->call_id.p + i);
}

extern const char *const event_kind_name[KIND_COUNT];
/* The kind of that name; KIND_COUNT when there is none. */
enum event_kind event_kind_by_name(struct str name);

#endif
