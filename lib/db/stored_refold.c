/*
 * Stored calls folded anew from the events that are stored of them.
 */
#include "db/copy.h"
#include "db/event_row.h"
#include "db/stored.h"
#include "embedded.h"

/* Calls that are folded anew in one go. */
struct refolding {
	struct db *db;
	const struct profiles *profiles;
	const struct id128 *run_id;
	struct refold_counts *counts;
	struct arena arena;
	struct stored_call *wrong;	/* to be written */
	size_t wrongs;
	struct id128 *gone;		/* to be removed: the wrong ones and those without events */
	size_t gones;
};

/* The events in rows [from, to) are those of the call. */
static bool
read_events(struct refolding *r, const struct stored_call *s,
    const struct db_rows *rows, size_t from, size_t to,
    const struct event **event, struct err *err)
{
	for (size_t i = from; i < to; i++)
		if ((event[i - from] = event_row_get(rows, i, r->profiles,
		    s->call.provider, s->call.call_id, &r->arena, err)) == NULL)
			return false;
	return true;
}

static void
count_changed(struct refold_counts *counts, uint64_t diff)
{
	counts->changed++;
	for (unsigned p = 0; p < STORED_PARTS; p++)
		counts->part[p] += (diff >> p & 1u) != 0;
}

/* Folds one call and notes what is to be done with its row. */
static bool
refold_one(struct refolding *r, const struct stored_call *s,
    const struct db_rows *rows, size_t from, size_t to, struct err *err)
{
	const struct event **event = arena_alloc(&r->arena,
	    (to - from + 1) * sizeof(*event));
	struct stored_call *now = &r->wrong[r->wrongs];
	struct call call;
	uint64_t diff;

	if (event == NULL)
		return err_nomem(err);
	if (!read_events(r, s, rows, from, to, event, err))
		return false;
	r->counts->calls++;
	if (!events_make_call(event, to - from)) {
		r->gone[r->gones++] = s->call.key;
		r->counts->removed++;
		return true;
	}
	if (!fold(event, to - from, &r->arena, &call, err) ||
	    !stored_call_make(&call, event, to - from, &r->arena, now, err))
		return false;
	if ((diff = stored_call_diff(s, now)) == 0)
		return true;
	count_changed(r->counts, diff);
	r->gone[r->gones++] = s->call.key;
	r->wrongs++;
	return true;
}

/* Both are in the order of keys. */
static bool
refold_rows(struct refolding *r, const struct db_rows *calls,
    const struct db_rows *events, struct err *err)
{
	size_t at = 0, n = db_rows_count(events);

	for (size_t i = 0; i < db_rows_count(calls); i++) {
		struct stored_call s;
		size_t from;
		int c = -1;

		if (!stored_call_get(calls, i, &r->arena, &s, err))
			return false;
		for (; at < n; at++) {
			struct id128 key = db_get_uuid(events, at, 0);

			if ((c = id128_cmp(&key, &s.call.key)) >= 0)
				break;
		}
		for (from = at; at < n; at++) {
			struct id128 key = db_get_uuid(events, at, 0);

			if (id128_cmp(&key, &s.call.key) != 0)
				break;
		}
		if (!refold_one(r, &s, events, from, at, err))
			return false;
	}
	return true;
}

static bool
write_wrong(struct refolding *r, struct err *err)
{
	struct copy_in in;

	if (r->wrongs == 0)
		return true;
	if (!copy_in_begin(&in, r->db, sql_copy_calls, err))
		return false;
	for (size_t i = 0; i < r->wrongs; i++)
		if (!call_row_put(&in, &r->wrong[i].call, r->run_id,
		    r->wrong[i].utc_day, r->wrong[i].utc_days, err)) {
			copy_in_abort(&in);
			return false;
		}
	return copy_in_end(&in, err);
}

static bool
remove_gone(struct refolding *r, struct err *err)
{
	struct buf b = BUF_INIT(0);
	struct db_param p;
	bool ok;

	if (r->gones == 0)
		return true;
	p = db_uuid_array(&b, r->gone, r->gones);
	ok = db_run(r->db, sql_remove_calls, &p, 1, NULL, err);
	buf_free(&b);
	return ok;
}

/* Ends the rows. */
static bool
refold_calls(struct db *db, const struct profiles *profiles,
    const struct id128 *run_id, struct db_rows *calls, struct db_rows *events,
    struct refold_counts *counts, struct err *err)
{
	struct refolding r = {
		.db = db, .profiles = profiles, .run_id = run_id,
		.counts = counts,
	};
	size_t n = db_rows_count(calls);
	bool ok = false;

	arena_init(&r.arena, 0);
	r.wrong = arena_alloc(&r.arena, (n + 1) * sizeof(*r.wrong));
	r.gone = arena_alloc(&r.arena, (n + 1) * sizeof(*r.gone));
	if (r.arena.failed)
		err_nomem(err);
	else
		ok = refold_rows(&r, calls, events, err) &&
		    remove_gone(&r, err) && write_wrong(&r, err);
	arena_close(&r.arena);
	return ok;
}

bool
stored_refold_next(struct db *db, const struct profiles *profiles,
    const struct id128 *run_id, const int16_t *utc_day, size_t utc_days,
    struct id128 *after, int64_t limit, struct refold_counts *counts,
    bool *end, struct err *err)
{
	struct db_slot slot;
	struct db_param p[3] = { db_uuid(after), db_int8(limit, &slot) };
	struct db_rows *calls = db_query(db, sql_list_calls_after, p, 2, err);
	struct db_rows *events = NULL;
	struct buf b = BUF_INIT(0);
	struct id128 last;
	bool ok = calls != NULL;

	*end = ok && db_rows_count(calls) == 0;
	if (ok && !*end) {
		last = db_get_uuid(calls, db_rows_count(calls) - 1, 0);
		p[0] = db_int2_array(&b, utc_day, utc_days);
		p[1] = db_uuid(after);
		p[2] = db_uuid(&last);
		events = db_query(db, sql_list_events_between, p, 3, err);
		ok = events != NULL && refold_calls(db, profiles, run_id, calls,
		    events, counts, err);
		*after = last;
	}
	db_rows_free(calls);
	db_rows_free(events);
	buf_free(&b);
	return ok;
}

bool
stored_refold(struct db *db, const struct profiles *profiles,
    const struct id128 *run_id, const int16_t *utc_day, size_t utc_days,
    const struct id128 *key, size_t keys, struct refold_counts *counts,
    struct err *err)
{
	struct buf b = BUF_INIT(0), w = BUF_INIT(0);
	struct db_param p[2] = {
		db_int2_array(&w, utc_day, utc_days), db_uuid_array(&b, key, keys),
	};
	struct db_rows *calls, *events = NULL;
	bool ok;

	if (keys == 0)
		return true;
	calls = db_query(db, sql_get_calls, &p[1], 1, err);
	if (calls != NULL)
		events = db_query(db, sql_list_events_of, p, 2, err);
	ok = events != NULL && refold_calls(db, profiles, run_id, calls, events,
	    counts, err);
	db_rows_free(calls);
	db_rows_free(events);
	buf_free(&b);
	buf_free(&w);
	return ok;
}
