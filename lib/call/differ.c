#include "call/differ.h"

#include "base/clock.h"
#include "base/num.h"

enum { MS_PLACES = 3, MICRO_PLACES = 6 };

_Static_assert(EVENT_PARTS <= 64 && CALL_PARTS <= 64, "a mask holds all parts");

const char *const event_part_name[EVENT_PARTS] = {
#define X(id, profile_name, column, type, merge) [FIELD_##id] = profile_name,
	FIELDS(X)
#undef X
	[EVENT_TIME] = "event_time",
	[EVENT_TIME_STATED] = "time_stated",
	[EVENT_UTC_DAY] = "utc_day",
	[EVENT_KIND] = "kind",
	[EVENT_TYPE] = "type",
	[EVENT_STATUS] = "status",
	[EVENT_OUTCOME] = "outcome",
};

const char *const call_part_name[CALL_PARTS] = {
#define X(id, profile_name, column, type, merge) [FIELD_##id] = profile_name,
	FIELDS(X)
#undef X
	[CALL_OUTCOME] = "outcome",
	[CALL_STATUS] = "status",
	[CALL_FIRST_EVENT] = "first_event_at",
	[CALL_LAST_EVENT] = "last_event_at",
	[CALL_EVENTS] = "events",
};

#define PART(p) (UINT64_C(1) << (p))

static bool
same_value(enum field f, const union value *a, const union value *b)
{
	return field_is_text(f) ? str_eq(a->text, b->text) : a->num == b->num;
}

/* {NULL,0} is silence, which an empty text is not. */
static bool
same_text(struct str a, struct str b)
{
	return (a.p == NULL) == (b.p == NULL) && str_eq(a, b);
}

uint64_t
event_diff(const struct event *a, const struct event *b)
{
	uint64_t diff = a->stated ^ b->stated;

	for (uint32_t both = a->stated & b->stated; both; both &= both - 1) {
		enum field f = (enum field)__builtin_ctz(both);

		if (!same_value(f, event_value(a, f), event_value(b, f)))
			diff |= PART(f);
	}
	diff |= a->time_us != b->time_us ? PART(EVENT_TIME) : 0;
	diff |= a->time_stated != b->time_stated ? PART(EVENT_TIME_STATED) : 0;
	diff |= a->utc_day != b->utc_day ? PART(EVENT_UTC_DAY) : 0;
	diff |= a->kind != b->kind ? PART(EVENT_KIND) : 0;
	diff |= !same_text(a->type, b->type) ? PART(EVENT_TYPE) : 0;
	diff |= !same_text(a->status, b->status) ? PART(EVENT_STATUS) : 0;
	diff |= a->outcome != b->outcome ? PART(EVENT_OUTCOME) : 0;
	return diff;
}

uint64_t
call_diff(const struct call *a, const struct call *b)
{
	uint64_t diff = a->stated ^ b->stated;

	for (uint32_t both = a->stated & b->stated; both; both &= both - 1) {
		enum field f = (enum field)__builtin_ctz(both);

		if (!same_value(f, &a->v[f], &b->v[f]))
			diff |= PART(f);
	}
	diff |= a->outcome != b->outcome ? PART(CALL_OUTCOME) : 0;
	diff |= !same_text(a->status, b->status) ? PART(CALL_STATUS) : 0;
	diff |= a->first_event_us != b->first_event_us ?
	    PART(CALL_FIRST_EVENT) : 0;
	diff |= a->last_event_us != b->last_event_us ?
	    PART(CALL_LAST_EVENT) : 0;
	diff |= a->events != b->events ? PART(CALL_EVENTS) : 0;
	return diff;
}

static void
put_number(struct buf *out, int64_t n)
{
	buf_printf(out, "%lld", (long long)n);
}

static void
put_time(struct buf *out, int64_t us)
{
	char text[TIME_TEXT_BYTES];

	time_text(us, text);
	buf_puts(out, str_of(text));
}

static void
put_scaled(struct buf *out, int64_t n, unsigned places)
{
	char text[NUM_TEXT_BYTES];

	num_scaled_text(n, places, text);
	buf_puts(out, str_of(text));
}

static void
put_bool(struct buf *out, bool b)
{
	buf_puts(out, b ? STR("true") : STR("false"));
}

void
field_text(enum field f, const union value *v, struct buf *out)
{
	switch (field_info[f].type) {
	case TYPE_TIME:
		put_time(out, v->num);
		break;
	case TYPE_MS:
		put_scaled(out, v->num, MS_PLACES);
		break;
	case TYPE_MICRO:
		put_scaled(out, v->num, MICRO_PLACES);
		break;
	case TYPE_COUNT:
		put_number(out, v->num);
		break;
	case TYPE_BOOL:
		put_bool(out, v->num != 0);
		break;
	default:
		buf_puts(out, v->text);
	}
}

/* False for a time that there is none of. */
static bool
time_part(int64_t us, struct buf *out)
{
	if (us != TIME_NONE)
		put_time(out, us);
	return us != TIME_NONE;
}

static bool
text_part(struct str s, struct buf *out)
{
	buf_puts(out, s);
	return s.p != NULL;
}

bool
event_part_text(const struct event *e, unsigned part, struct buf *out)
{
	switch (part) {
	case EVENT_TIME:
		return time_part(e->time_us, out);
	case EVENT_TIME_STATED:
		put_bool(out, e->time_stated);
		return true;
	case EVENT_UTC_DAY:
		put_number(out, e->utc_day);
		return true;
	case EVENT_KIND:
		return text_part(str_of(event_kind_name[e->kind]), out);
	case EVENT_TYPE:
		return text_part(e->type, out);
	case EVENT_STATUS:
		return text_part(e->status, out);
	case EVENT_OUTCOME:
		return e->outcome != OUTCOME_NONE &&
		    text_part(str_of(outcome_name[e->outcome]), out);
	}
	if (!event_states(e, (enum field)part))
		return false;
	field_text((enum field)part, event_value(e, (enum field)part), out);
	return true;
}

bool
call_part_text(const struct call *c, unsigned part, struct buf *out)
{
	switch (part) {
	case CALL_OUTCOME:
		return text_part(str_of(outcome_name[c->outcome]), out);
	case CALL_STATUS:
		return text_part(c->status, out);
	case CALL_FIRST_EVENT:
		return time_part(c->first_event_us, out);
	case CALL_LAST_EVENT:
		return time_part(c->last_event_us, out);
	case CALL_EVENTS:
		put_number(out, c->events);
		return true;
	}
	if ((c->stated >> part & 1u) == 0)
		return false;
	field_text((enum field)part, &c->v[part], out);
	return true;
}
