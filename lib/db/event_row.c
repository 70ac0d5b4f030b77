#include "db/event_row.h"

#include "base/clock.h"

enum {
	EVENT_COLUMNS = 11 + FIELD_COUNT,
	CALL_COLUMNS = 12 + FIELD_COUNT - 1,	/* no credits_available */
};

/* The columns of get_call_events before the fields. */
enum {
	COL_KEY, COL_IDENTITY, COL_UTC_DAY, COL_TIME_STATED, COL_TIME,
	COL_SOURCE, COL_LINE, COL_KIND, COL_OUTCOME, COL_TYPE, COL_STATUS,
	COL_FIELDS
};

static void
put_value(struct copy_in *in, enum field f, const union value *v)
{
	switch (field_info[f].type) {
	case TYPE_TIME:
		copy_in_time(in, v->num);
		break;
	case TYPE_BOOL:
		copy_in_bool(in, v->num != 0);
		break;
	case TYPE_MS:
	case TYPE_MICRO:
	case TYPE_COUNT:
		copy_in_int8(in, v->num);
		break;
	default:
		copy_in_text(in, v->text);
	}
}

static struct str
outcome_text(enum outcome o)
{
	return o == OUTCOME_NONE ? (struct str){ NULL, 0 } :
	    str_of(outcome_name[o]);
}

bool
event_row_put(struct copy_in *in, const struct event *e, struct err *err)
{
	const union value *v = e->v;
	int at = 0;

	if (!copy_in_row(in, EVENT_COLUMNS, err))
		return false;
	copy_in_int2(in, e->utc_day);
	copy_in_bool(in, e->time_stated);
	copy_in_uuid(in, &e->key);
	copy_in_uuid(in, &e->identity);
	copy_in_time(in, e->time_us);
	copy_in_int8(in, e->source_id);
	copy_in_int8(in, e->line);
	copy_in_text(in, str_of(event_kind_name[e->kind]));
	copy_in_text(in, outcome_text((enum outcome)e->outcome));
	copy_in_text(in, e->type);
	copy_in_text(in, e->status);
	for (uint32_t left = e->stated; left != 0; left &= left - 1) {
		int f = __builtin_ctz(left);

		copy_in_nulls(in, f - at);
		put_value(in, (enum field)f, v++);
		at = f + 1;
	}
	copy_in_nulls(in, FIELD_COUNT - at);
	return true;
}

static int64_t
started_or_first(const struct call *c)
{
	return c->stated >> FIELD_STARTED_AT & 1u ?
	    c->v[FIELD_STARTED_AT].num : c->first_event_us;
}

bool
call_row_put(struct copy_in *in, const struct call *c,
    const struct id128 *run_id, const int16_t *utc_day, size_t utc_days,
    struct err *err)
{
	if (!copy_in_row(in, CALL_COLUMNS, err))
		return false;
	copy_in_uuid(in, &c->key);
	copy_in_text(in, c->provider);
	copy_in_text(in, c->call_id);
	copy_in_uuid(in, run_id);
	copy_in_int2_array(in, utc_day, utc_days);
	copy_in_time(in, started_or_first(c));
	copy_in_time(in, c->first_event_us);
	copy_in_time(in, c->last_event_us);
	copy_in_int8(in, c->events);
	copy_in_bool(in, c->stated >> FIELD_SUMMARY & 1u);
	copy_in_text(in, str_of(outcome_name[c->outcome]));
	copy_in_text(in, c->status);
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if (f == FIELD_CREDITS_AVAILABLE)
			continue;
		if (c->stated >> f & 1u)
			put_value(in, f, &c->v[f]);
		else
			copy_in_null(in);
	}
	return true;
}

static uint32_t
stated_in(const struct db_rows *rows, size_t row)
{
	uint32_t stated = 0;

	for (int f = 0; f < FIELD_COUNT; f++)
		if (!db_is_null(rows, row, COL_FIELDS + f))
			stated |= UINT32_C(1) << f;
	return stated;
}

union value
field_row_get(const struct db_rows *rows, size_t row, int col, enum field f,
    struct arena *a)
{
	switch (field_info[f].type) {
	case TYPE_TIME:
		return (union value){ .num = db_get_time(rows, row, col) };
	case TYPE_BOOL:
		return (union value){ .num = db_get_bool(rows, row, col) };
	case TYPE_MS:
	case TYPE_MICRO:
	case TYPE_COUNT:
		return (union value){ .num = db_get_int(rows, row, col) };
	default:
		return (union value){
			.text = arena_str(a, db_get_text(rows, row, col)),
		};
	}
}

/* A text column that may be NULL, copied. */
static struct str
get_text(const struct db_rows *rows, size_t row, int col, struct arena *a)
{
	if (db_is_null(rows, row, col))
		return (struct str){ NULL, 0 };
	return arena_str(a, db_get_text(rows, row, col));
}

static enum outcome
get_outcome(const struct db_rows *rows, size_t row)
{
	if (db_is_null(rows, row, COL_OUTCOME))
		return OUTCOME_NONE;
	return outcome_by_name(db_get_text(rows, row, COL_OUTCOME));
}

/* False when a word of the row is none that this program knows. */
static bool
get_words(const struct db_rows *rows, size_t row, struct event *e)
{
	enum event_kind kind = event_kind_by_name(
	    db_get_text(rows, row, COL_KIND));
	enum outcome outcome = get_outcome(rows, row);

	if (kind == KIND_COUNT || outcome == OUTCOME_COUNT)
		return false;
	e->kind = (uint8_t)kind;
	e->outcome = (uint8_t)outcome;
	return true;
}

struct event *
event_row_get(const struct db_rows *rows, size_t row,
    const struct profiles *profiles, struct str provider, struct str call_id,
    struct arena *a, struct err *err)
{
	struct event *e = event_alloc(a, stated_in(rows, row));
	union value *v;

	if (e == NULL) {
		err_nomem(err);
		return NULL;
	}
	e->key = db_get_uuid(rows, row, COL_KEY);
	e->identity = db_get_uuid(rows, row, COL_IDENTITY);
	e->utc_day = (int16_t)db_get_int(rows, row, COL_UTC_DAY);
	e->time_stated = db_get_bool(rows, row, COL_TIME_STATED);
	e->time_us = db_get_time(rows, row, COL_TIME);
	e->source_id = db_get_int(rows, row, COL_SOURCE);
	e->line = db_get_int(rows, row, COL_LINE);
	e->type = get_text(rows, row, COL_TYPE, a);
	e->status = get_text(rows, row, COL_STATUS, a);
	e->provider = provider;
	e->call_id = call_id;
	e->profile = profiles_find(profiles, provider);
	if (e->profile != NULL)
		e->stage = profile_stage(e->profile, e->type);
	if (!get_words(rows, row, e)) {
		err_fail(err, "an event is stored in words that this version does not know");
		return NULL;
	}
	v = e->v;
	for (enum field f = 0; f < FIELD_COUNT; f++)
		if (event_states(e, f))
			*v++ = field_row_get(rows, row, COL_FIELDS + (int)f, f, a);
	if (a->failed) {
		err_nomem(err);
		return NULL;
	}
	return e;
}

int16_t *
utc_days_get(const struct db_rows *rows, size_t row, int col, struct arena *a,
    size_t *n)
{
	int16_t *utc_day;

	*n = db_get_int2_array(rows, row, col, NULL, 0);
	utc_day = arena_alloc(a, (*n + 1) * sizeof(*utc_day));
	if (utc_day != NULL)
		(void)db_get_int2_array(rows, row, col, utc_day, *n);
	return utc_day;
}

void
utc_days_add(int16_t *utc_day, size_t *n, int16_t day)
{
	size_t at = *n;

	while (at > 0 && utc_day[at - 1] > day)
		at--;
	if (at > 0 && utc_day[at - 1] == day)
		return;
	memmove(utc_day + at + 1, utc_day + at, (*n - at) * sizeof(*utc_day));
	utc_day[at] = day;
	++*n;
}
