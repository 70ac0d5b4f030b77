#include "db/stored.h"

#include "base/clock.h"
#include "db/event_row.h"
#include "embedded.h"

/* The columns of copy_calls before the fields. */
enum {
	COL_KEY, COL_PROVIDER, COL_CALL_ID, COL_RUN, COL_WEEKS, COL_DAY,
	COL_FIRST, COL_LAST, COL_EVENTS, COL_HAS_SUMMARY, COL_OUTCOME,
	COL_STATUS, COL_FIELDS
};

const char *const stored_part_name[STORED_PARTS] = {
#define X(id, profile_name, column, type, merge) [FIELD_##id] = profile_name,
	FIELDS(X)
#undef X
	[CALL_OUTCOME] = "outcome",
	[CALL_STATUS] = "status",
	[CALL_FIRST_EVENT] = "first_event_at",
	[CALL_LAST_EVENT] = "last_event_at",
	[CALL_EVENTS] = "events",
	[STORED_WEEKS] = "weeks",
	[STORED_DAY] = "day_at",
	[STORED_HAS_SUMMARY] = "has_summary",
	[STORED_NAME] = "call_id",
};

#define PART(p) (UINT64_C(1) << (p))

static void
get_fields(const struct db_rows *rows, size_t row, struct arena *a,
    struct call *c)
{
	int col = COL_FIELDS;

	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if (f == FIELD_CREDITS_AVAILABLE)
			continue;
		if (!db_is_null(rows, row, col)) {
			c->v[f] = field_row_get(rows, row, col, f, a);
			c->stated |= UINT32_C(1) << f;
		}
		col++;
	}
}

static bool
get_weeks(const struct db_rows *rows, size_t row, struct arena *a,
    struct stored_call *s)
{
	int16_t week[EVENT_WEEKS_MAX];

	s->weeks = db_get_int2_array(rows, row, COL_WEEKS, week, EVENT_WEEKS_MAX);
	if (s->weeks > EVENT_WEEKS_MAX)
		s->weeks = EVENT_WEEKS_MAX;
	s->week = arena_alloc(a, (s->weeks + 1) * sizeof(*s->week));
	if (s->week == NULL)
		return false;
	memcpy(s->week, week, s->weeks * sizeof(*s->week));
	return true;
}

bool
stored_call_get(const struct db_rows *rows, size_t row, struct arena *a,
    struct stored_call *out, struct err *err)
{
	struct call *c = &out->call;

	*out = (struct stored_call){
		.run_id = db_get_uuid(rows, row, COL_RUN),
		.day_us = db_get_time(rows, row, COL_DAY),
		.has_summary = db_get_bool(rows, row, COL_HAS_SUMMARY),
	};
	c->key = db_get_uuid(rows, row, COL_KEY);
	c->provider = arena_str(a, db_get_text(rows, row, COL_PROVIDER));
	c->call_id = arena_str(a, db_get_text(rows, row, COL_CALL_ID));
	c->first_event_us = db_get_time(rows, row, COL_FIRST);
	c->last_event_us = db_get_time(rows, row, COL_LAST);
	c->events = db_get_int(rows, row, COL_EVENTS);
	c->outcome = outcome_by_name(db_get_text(rows, row, COL_OUTCOME));
	if (c->outcome == OUTCOME_COUNT)	/* a word that we do not know */
		c->outcome = OUTCOME_NONE;
	if (!db_is_null(rows, row, COL_STATUS))
		c->status = arena_str(a, db_get_text(rows, row, COL_STATUS));
	get_fields(rows, row, a, c);
	if (!get_weeks(rows, row, a, out) || a->failed)
		return err_nomem(err);
	return true;
}

/* Puts a week into its place, once. */
static void
add_week(struct stored_call *s, int16_t week)
{
	size_t at = s->weeks;

	while (at > 0 && s->week[at - 1] > week)
		at--;
	if (at > 0 && s->week[at - 1] == week)
		return;
	memmove(s->week + at + 1, s->week + at,
	    (s->weeks - at) * sizeof(*s->week));
	s->week[at] = week;
	s->weeks++;
}

bool
stored_call_make(const struct call *c, const struct event *const *event,
    size_t n, struct arena *a, struct stored_call *out, struct err *err)
{
	bool started = (c->stated >> FIELD_STARTED_AT & 1u) != 0;

	*out = (struct stored_call){
		.call = *c,
		.day_us = started ? c->v[FIELD_STARTED_AT].num :
		    c->first_event_us,
		.has_summary = (c->stated >> FIELD_SUMMARY & 1u) != 0,
		.week = arena_alloc(a, (n + 1) * sizeof(*out->week)),
	};
	if (out->week == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < n; i++)
		if (event[i]->week != EVENT_WEEK_OVERRIDE)
			add_week(out, event[i]->week);
	return true;
}

static bool
same_weeks(const struct stored_call *a, const struct stored_call *b)
{
	return a->weeks == b->weeks && (a->weeks == 0 ||
	    memcmp(a->week, b->week, a->weeks * sizeof(*a->week)) == 0);
}

uint64_t
stored_call_diff(const struct stored_call *a, const struct stored_call *b)
{
	uint64_t diff = call_diff(&a->call, &b->call);

	diff |= !same_weeks(a, b) ? PART(STORED_WEEKS) : 0;
	diff |= a->day_us != b->day_us ? PART(STORED_DAY) : 0;
	diff |= a->has_summary != b->has_summary ?
	    PART(STORED_HAS_SUMMARY) : 0;
	diff |= !str_eq(a->call.provider, b->call.provider) ||
	    !str_eq(a->call.call_id, b->call.call_id) ? PART(STORED_NAME) : 0;
	return diff;
}

bool
stored_part_text(const struct stored_call *s, unsigned part, struct buf *out)
{
	char text[TIME_TEXT_BYTES];

	switch (part) {
	case STORED_WEEKS:
		for (size_t i = 0; i < s->weeks; i++)
			buf_printf(out, "%s%d", i > 0 ? " " : "", s->week[i]);
		return true;
	case STORED_DAY:
		if (s->day_us == TIME_NONE)
			return false;
		time_text(s->day_us, text);
		return buf_puts(out, str_of(text));
	case STORED_HAS_SUMMARY:
		return buf_puts(out, str_of(s->has_summary ? "true" : "false"));
	case STORED_NAME:
		buf_puts(out, s->call.provider);
		buf_putc(out, ' ');
		return buf_puts(out, s->call.call_id);
	}
	return call_part_text(&s->call, part, out);
}

bool
events_make_call(const struct event *const *event, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (event[i]->kind != KIND_OVERRIDE)
			return true;
	return false;
}

bool
stored_weeks(struct db *db, struct arena *a, int16_t **week, size_t *n,
    struct err *err)
{
	struct db_rows *rows = db_query(db, sql_list_weeks, NULL, 0, err);

	if (rows == NULL)
		return false;
	*n = db_rows_count(rows);
	*week = arena_alloc(a, (*n + 1) * sizeof(**week));
	for (size_t i = 0; *week != NULL && i < *n; i++)
		(*week)[i] = (int16_t)db_get_int(rows, i, 0);
	db_rows_free(rows);
	return *week != NULL || err_nomem(err);
}

/* The weeks of one call's events, the overrides' place behind them. */
static bool
weeks_of(struct db *db, const struct id128 *key,
    int16_t week[EVENT_WEEKS_MAX + 1], size_t *n, struct err *err)
{
	struct buf keys = BUF_INIT(0);
	struct db_param param = db_uuid_array(&keys, key, 1);
	struct db_rows *rows = db_query(db, sql_find_calls, &param, 1, err);

	buf_free(&keys);
	if (rows == NULL)
		return false;
	*n = 0;
	if (db_rows_count(rows) > 0)
		*n = db_get_int2_array(rows, 0, 1, week, EVENT_WEEKS_MAX);
	db_rows_free(rows);
	if (*n > EVENT_WEEKS_MAX)
		return err_fail(err, "a call's list of weeks is too long");
	week[(*n)++] = EVENT_WEEK_OVERRIDE;
	return true;
}

bool
stored_events(struct db *db, const struct profiles *profiles,
    struct arena *arena, struct str provider, struct str call_id,
    struct event ***events, size_t *n, struct err *err)
{
	struct id128 key = event_call_key(provider, call_id);
	struct id128 keys[EVENT_WEEKS_MAX + 1];
	int16_t week[EVENT_WEEKS_MAX + 1];
	struct buf week_buf = BUF_INIT(0), key_buf = BUF_INIT(0);
	struct db_rows *rows = NULL;
	struct db_param p[2];
	size_t weeks;
	bool ok = false;

	*events = NULL;
	*n = 0;
	if (!weeks_of(db, &key, week, &weeks, err))
		return false;
	for (size_t i = 0; i < weeks; i++)
		keys[i] = key;
	p[0] = db_int2_array(&week_buf, week, weeks);
	p[1] = db_uuid_array(&key_buf, keys, weeks);
	if ((rows = db_query(db, sql_get_call_events, p, 2, err)) == NULL)
		goto out;
	*events = arena_alloc(arena, (db_rows_count(rows) + 1) * sizeof(**events));
	if (*events == NULL) {
		err_nomem(err);
		goto out;
	}
	for (; *n < db_rows_count(rows); (*n)++) {
		(*events)[*n] = event_row_get(rows, *n, profiles, provider,
		    call_id, arena, err);
		if ((*events)[*n] == NULL)
			goto out;
	}
	ok = true;
out:
	db_rows_free(rows);
	buf_free(&week_buf);
	buf_free(&key_buf);
	return ok;
}

struct db_rows *
event_sources(struct db *db, const struct event *const *event, size_t n,
    struct arena *scratch, struct err *err)
{
	int64_t *id = arena_alloc(scratch, (n + 1) * sizeof(*id));
	struct buf b = BUF_INIT(0);
	struct db_rows *rows;
	struct db_param p;

	if (id == NULL) {
		err_nomem(err);
		return NULL;
	}
	for (size_t i = 0; i < n; i++)
		id[i] = event[i]->source_id;
	p = db_int8_array(&b, id, n);
	rows = db_query(db, sql_get_source_names, &p, 1, err);
	buf_free(&b);
	return rows;
}

struct str
event_source_name(const struct db_rows *rows, const struct event *e)
{
	for (size_t i = 0; i < db_rows_count(rows); i++)
		if (db_get_int(rows, i, 0) == e->source_id)
			return db_get_text(rows, i, 1);
	return (struct str){ NULL, 0 };
}
