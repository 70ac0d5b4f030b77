/*
 * differ: in which parts two versions of an event, or of a call, differ.
 *
 * Pure. A part is a canonical field or one of the further columns below; a
 * set of parts is a mask with bit p set for part p. Values are told as text
 * for people: times as time_text, seconds and credits as decimals.
 */
#ifndef CALLTALLY_CALL_DIFFER_H
#define CALLTALLY_CALL_DIFFER_H

#include "base/buf.h"
#include "call/event.h"
#include "call/fold.h"

/* Behind the fields: what else an event has. Its key and identity are not compared. */
enum event_part {
	EVENT_TIME = FIELD_COUNT,
	EVENT_TIME_STATED,
	EVENT_UTC_DAY,
	EVENT_KIND,
	EVENT_TYPE,
	EVENT_STATUS,
	EVENT_OUTCOME,
	EVENT_PARTS
};

/* Behind the fields: what else a call has. */
enum call_part {
	CALL_OUTCOME = FIELD_COUNT,
	CALL_STATUS,
	CALL_FIRST_EVENT,
	CALL_LAST_EVENT,
	CALL_EVENTS,
	CALL_PARTS
};

/* Fields by their profile names. */
extern const char *const event_part_name[EVENT_PARTS];
extern const char *const call_part_name[CALL_PARTS];

/* The mask of parts in which they differ; 0 when they are equal. */
uint64_t event_diff(const struct event *, const struct event *);
uint64_t call_diff(const struct call *, const struct call *);

/* Puts a value of a field. */
void field_text(enum field, const union value *, struct buf *out);

/* Puts the value of a part into out; false when the event or call is silent about it. */
bool event_part_text(const struct event *, unsigned part, struct buf *out);
bool call_part_text(const struct call *, unsigned part, struct buf *out);

/* True when the part is text that somebody else wrote, which may hold phone numbers. */
static inline bool
part_is_free_text(unsigned part)
{
	return part < FIELD_COUNT && field_is_text((enum field)part);
}

#endif
