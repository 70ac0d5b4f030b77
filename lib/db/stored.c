#include "db/stored.h"

#include "base/clock.h"
#include "db/event_row.h"
#include "embedded.h"

/* The columns of copy_calls before the fields. */
enum {
	COL_KEY, COL_PROVIDER, COL_CALL_ID, COL_RUN, COL_UTC_DAYS, COL_DAY,
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
	[STORED_UTC_DAYS] = "utc_days",
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
	out->utc_day = utc_days_get(rows, row, COL_UTC_DAYS, a, &out->utc_days);
	if (out->utc_day == NULL || a->failed)
		return err_nomem(err);
	return true;
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
		.utc_day = arena_alloc(a, (n + 1) * sizeof(*out->utc_day)),
	};
	if (out->utc_day == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < n; i++)
		if (event[i]->utc_day != EVENT_UTC_DAY_OVERRIDE)
			utc_days_add(out->utc_day, &out->utc_days,
			    event[i]->utc_day);
	return true;
}

static bool
same_utc_days(const struct stored_call *a, const struct stored_call *b)
{
	return a->utc_days == b->utc_days && (a->utc_days == 0 ||
	    memcmp(a->utc_day, b->utc_day, a->utc_days * sizeof(*a->utc_day)) == 0);
}

uint64_t
stored_call_diff(const struct stored_call *a, const struct stored_call *b)
{
	uint64_t diff = call_diff(&a->call, &b->call);

	diff |= !same_utc_days(a, b) ? PART(STORED_UTC_DAYS) : 0;
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
	case STORED_UTC_DAYS:
		for (size_t i = 0; i < s->utc_days; i++)
			buf_printf(out, "%s%d", i > 0 ? " " : "", s->utc_day[i]);
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
stored_utc_days(struct db *db, struct arena *a, int16_t **utc_day, size_t *n,
    struct err *err)
{
	struct db_rows *rows = db_query(db, sql_list_utc_days, NULL, 0, err);

	if (rows == NULL)
		return false;
	*n = db_rows_count(rows);
	*utc_day = arena_alloc(a, (*n + 1) * sizeof(**utc_day));
	for (size_t i = 0; *utc_day != NULL && i < *n; i++)
		(*utc_day)[i] = (int16_t)db_get_int(rows, i, 0);
	db_rows_free(rows);
	return *utc_day != NULL || err_nomem(err);
}

/* The days of one call's events, in the arena, the overrides' place behind them. */
static bool
utc_days_of(struct db *db, const struct id128 *key, struct arena *a,
    int16_t **utc_day, size_t *n, struct err *err)
{
	struct buf keys = BUF_INIT(0);
	struct db_param param = db_uuid_array(&keys, key, 1);
	struct db_rows *rows = db_query(db, sql_find_calls, &param, 1, err);

	buf_free(&keys);
	if (rows == NULL)
		return false;
	*n = 0;
	*utc_day = db_rows_count(rows) > 0 ? utc_days_get(rows, 0, 1, a, n) :
	    arena_alloc(a, sizeof(**utc_day));
	db_rows_free(rows);
	if (*utc_day == NULL)
		return err_nomem(err);
	(*utc_day)[(*n)++] = EVENT_UTC_DAY_OVERRIDE;
	return true;
}

bool
stored_events(struct db *db, const struct profiles *profiles,
    struct arena *arena, struct str provider, struct str call_id,
    struct event ***events, size_t *n, struct err *err)
{
	struct id128 key = event_call_key(provider, call_id);
	struct buf day_buf = BUF_INIT(0), key_buf = BUF_INIT(0);
	struct db_rows *rows = NULL;
	struct db_param p[2];
	int16_t *utc_day;
	size_t utc_days;
	bool ok = false;

	*events = NULL;
	*n = 0;
	if (!utc_days_of(db, &key, arena, &utc_day, &utc_days, err))
		return false;
	p[0] = db_int2_array(&day_buf, utc_day, utc_days);
	p[1] = db_uuid_array(&key_buf, &key, 1);
	if ((rows = db_query(db, sql_list_events_of, p, 2, err)) == NULL)
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
	buf_free(&day_buf);
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
