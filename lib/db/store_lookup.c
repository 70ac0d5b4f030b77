/*
 * The first step of store_put: what of a batch is known already.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "db/event_row.h"
#include "db/store_inner.h"
#include "embedded.h"

enum {
	LOOKUP_CALLS = 8192,	/* calls asked for at a time */
	LOOKUP_EVENTS = 16384,	/* events asked for at a time */
	FEW = 4,		/* times as many events of a call as are asked for are few */
	COPIES_SAMPLE = 256,	/* calls that tell whether a guess was right */
	COPIES_MAX = 8,		/* of a call that are looked for ahead; find_copies.sql answers with twice as many */
};

static int
group_find_order(const void *key, const void *group)
{
	return id128_cmp(key, group_key(group));
}

/* Answers mostly come in the order of the questions: looks where the last one was first. */
struct group *
store_find_group(struct store *s, const struct id128 *key)
{
	struct group *g = s->found, *end = s->group + s->groups;

	for (int i = 0; g != NULL && g < end && i < 2; g++, i++)
		if (id128_cmp(key, group_key(g)) == 0)
			return s->found = g;
	g = bsearch(key, s->group, s->groups, sizeof(*s->group),
	    group_find_order);
	if (g != NULL)
		s->found = g;
	return g;
}

static int
entry_find_order(const void *identity, const void *entry)
{
	return id128_cmp(identity, &((const struct entry *)entry)->identity);
}

static struct entry *
find_entry(struct store *s, const struct id128 *key,
    const struct id128 *identity)
{
	struct group *g = store_find_group(s, key);

	return g == NULL ? NULL : bsearch(identity, g->entry, g->n,
	    sizeof(*g->entry), entry_find_order);
}

/*
 * The keys of groups from *at on that are to be looked up, of those that are
 * surely to be written or of the others; moves *at behind them.
 */
static size_t
next_keys(const struct store *s, size_t *at, bool surely_fresh,
    struct id128 key[LOOKUP_CALLS])
{
	size_t n = 0;

	for (; *at < s->groups && n < LOOKUP_CALLS; ++*at) {
		const struct group *g = &s->group[*at];

		if (!g->unseen && g->surely_fresh == surely_fresh)
			key[n++] = *group_key(g);
	}
	return n;
}

struct db_rows *
store_ask(struct store *s, const char *sql, const struct db_param *param, int n,
    struct err *err)
{
	if (s->scratch.failed || s->utc_days.failed || s->keys.failed ||
	    s->identities.failed || s->times.failed) {
		err_nomem(err);
		return NULL;
	}
	return db_query(s->db, sql, param, n, err);
}

static bool
note_call(struct store *s, const struct db_rows *rows, size_t row,
    struct err *err)
{
	struct id128 key = db_get_uuid(rows, row, 0);
	struct id128 run = db_get_uuid(rows, row, 2);
	struct group *g = store_find_group(s, &key);

	if (g == NULL)
		return err_fail(err, "the database answered for a call that was not asked for");
	g->utc_day = utc_days_get(rows, row, 1, &s->scratch, &g->utc_days);
	if (g->utc_day == NULL)
		return err_nomem(err);
	g->exists = true;
	g->removed = g->surely_fresh;
	g->stored = (size_t)db_get_int(rows, row, 3);
	g->run_id = run;
	return true;
}

static bool
look_up_calls(struct store *s, const char *sql, const struct id128 *key,
    size_t n, struct err *err)
{
	struct db_param keys = db_uuid_array(&s->keys, key, n);
	struct db_rows *rows = store_ask(s, sql, &keys, 1, err);
	bool ok = rows != NULL;

	for (size_t i = 0; ok && i < db_rows_count(rows); i++)
		ok = note_call(s, rows, i, err);
	db_rows_free(rows);
	return ok;
}

static bool
look_up_overrides(struct store *s, const struct id128 *key, size_t n,
    struct err *err)
{
	struct db_param keys;
	struct db_rows *rows;

	if (!s->overrides)
		return true;
	keys = db_uuid_array(&s->keys, key, n);
	if ((rows = store_ask(s, sql_find_overrides, &keys, 1, err)) == NULL)
		return false;
	for (size_t i = 0; i < db_rows_count(rows); i++) {
		struct id128 k = db_get_uuid(rows, i, 0);
		struct group *g = store_find_group(s, &k);

		if (g != NULL)
			g->has_override = true;
	}
	db_rows_free(rows);
	return true;
}

/* A known event: a duplicate, and perhaps an earlier receipt. */
static void
note_event(struct entry *e, int64_t stored_us)
{
	e->known = true;
	e->item->duplicate = true;
	e->moved = e->undated && time_is_earlier(e->event->time_us, stored_us);
}

/* Notes the events that the database answered with. */
static bool
note_events(struct store *s, const char *sql, const struct db_param *param,
    int n, struct err *err)
{
	struct db_rows *rows = store_ask(s, sql, param, n, err);

	if (rows == NULL)
		return false;
	for (size_t i = 0; i < db_rows_count(rows); i++) {
		struct id128 k = db_get_uuid(rows, i, 0);
		struct id128 d = db_get_uuid(rows, i, 1);
		struct entry *e = find_entry(s, &k, &d);

		if (e != NULL)
			note_event(e, db_get_time(rows, i, 2));
	}
	db_rows_free(rows);
	return true;
}

/* Questions that are being put together. */
struct questions {
	int16_t utc_day[LOOKUP_EVENTS];
	struct id128 key[LOOKUP_EVENTS];
	struct id128 identity[LOOKUP_EVENTS];	/* not of calls */
	size_t n;
};

/* Asks for single events. */
static bool
ask_events(struct store *s, struct questions *q, struct err *err)
{
	const struct db_param param[] = {
		db_int2_array(&s->utc_days, q->utc_day, q->n),
		db_uuid_array(&s->keys, q->key, q->n),
		db_uuid_array(&s->identities, q->identity, q->n),
	};
	bool ok = q->n == 0 || note_events(s, sql_find_events, param, 3, err);

	q->n = 0;
	return ok;
}

/* Asks for all events of calls in some days. */
static bool
ask_calls(struct store *s, struct questions *q, struct err *err)
{
	const struct db_param param[] = {
		db_int2_array(&s->utc_days, q->utc_day, q->n),
		db_uuid_array(&s->keys, q->key, q->n),
	};
	bool ok = q->n == 0 || note_events(s, sql_find_call_events, param, 2, err);

	q->n = 0;
	return ok;
}

/* Whether all stored events of the call are looked at: one question for them all. */
static bool
ask_by_call(const struct group *g)
{
	return g->stored <= FEW * g->n && g->utc_days <= FEW * g->n;
}

static bool
add_events(struct store *s, struct questions *q, const struct group *g,
    struct err *err)
{
	for (size_t j = 0; j < g->n; j++) {
		if (q->n == LOOKUP_EVENTS && !ask_events(s, q, err))
			return false;
		q->utc_day[q->n] = g->entry[j].utc_day;
		q->key[q->n] = g->entry[j].key;
		q->identity[q->n++] = g->entry[j].identity;
	}
	return true;
}

static bool
add_call(struct store *s, struct questions *q, const struct group *g,
    struct err *err)
{
	for (size_t j = 0; j < g->utc_days + g->has_override; j++) {
		if (q->n == LOOKUP_EVENTS / FEW && !ask_calls(s, q, err))
			return false;
		q->utc_day[q->n] = j < g->utc_days ? g->utc_day[j] :
		    EVENT_UTC_DAY_OVERRIDE;
		q->key[q->n++] = *group_key(g);
	}
	return true;
}

static bool
look_up_all_events(struct store *s, struct err *err)
{
	struct questions *q = arena_alloc(&s->scratch, 2 * sizeof(*q));

	if (q == NULL)
		return err_nomem(err);
	q[0].n = q[1].n = 0;
	for (size_t i = 0; i < s->groups; i++) {
		const struct group *g = &s->group[i];

		if (may_be_known(g) && !g->surely_all && !(ask_by_call(g) ?
		    add_call(s, &q[0], g, err) : add_events(s, &q[1], g, err)))
			return false;
	}
	return ask_calls(s, &q[0], err) && ask_events(s, &q[1], err);
}

/* Questions for the events of calls from one identity to another. */
struct ranges {
	int16_t utc_day[LOOKUP_CALLS];
	struct id128 key[LOOKUP_CALLS];
	struct id128 first[LOOKUP_CALLS], last[LOOKUP_CALLS];
	struct group *group[LOOKUP_CALLS];
	size_t n;
};

/* Notes an answer, which gives the number of its question, from 1. */
static bool
note_copy(const struct ranges *q, const struct db_rows *rows, size_t row,
    struct err *err)
{
	int64_t no = db_get_int(rows, row, 0);
	struct id128 identity = db_get_uuid(rows, row, 1);
	const struct group *g;

	if (no < 1 || (uint64_t)no > q->n)
		return err_fail(err, "the database answered for a call that was not asked for");
	g = q->group[no - 1];
	for (size_t i = 0; i < g->n; i++)
		if (id128_cmp(&identity, &g->entry[i].identity) == 0)
			note_event(&g->entry[i], db_get_time(rows, row, 2));
	return true;
}

/* A call that is told nothing new need not be looked up. */
static void
drop_old_news(struct group *g)
{
	size_t i = 0;

	while (i < g->n && g->entry[i].known && !g->entry[i].moved)
		i++;
	g->unseen |= i == g->n;
}

static bool
ask_ranges(struct store *s, struct ranges *q, struct err *err)
{
	const struct db_param param[] = {
		db_int2_array(&s->utc_days, q->utc_day, q->n),
		db_uuid_array(&s->keys, q->key, q->n),
		db_uuid_array(&s->identities, q->first, q->n),
		db_uuid_array(&s->times, q->last, q->n),
	};
	struct db_rows *rows;
	bool ok = true;

	if (q->n == 0)
		return true;
	if ((rows = store_ask(s, sql_find_copies, param, 4, err)) == NULL)
		return false;
	for (size_t i = 0; ok && i < db_rows_count(rows); i++)
		ok = note_copy(q, rows, i, err);
	db_rows_free(rows);
	q->n = 0;
	return ok;
}

/* Adds the range from entry at on of one day, unless one before is of the same. */
static bool
add_range(struct store *s, struct ranges *q, struct group *g, size_t at,
    struct err *err)
{
	const struct entry *first = &g->entry[at];
	size_t last = g->n - 1;

	for (size_t i = 0; i < at; i++)
		if (g->entry[i].utc_day == first->utc_day)
			return true;
	if (q->n == LOOKUP_CALLS && !ask_ranges(s, q, err))
		return false;
	while (g->entry[last].utc_day != first->utc_day)
		last--;
	q->utc_day[q->n] = first->utc_day;
	q->key[q->n] = first->key;
	q->first[q->n] = first->identity;
	q->last[q->n] = g->entry[last].identity;
	q->group[q->n++] = g;
	return true;
}

/* Whether a look ahead may find the call's events. */
static bool
ask_ahead(const struct group *g)
{
	return !g->unseen && g->n <= COPIES_MAX;
}

/* Of the events asked for of the first n calls, which are any calls: their keys are hashes. */
static bool
mostly_known(const struct store *s, size_t n)
{
	size_t entries = 0, known = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; ask_ahead(&s->group[i]) &&
		    j < s->group[i].n; j++) {
			entries++;
			known += s->group[i].entry[j].known;
		}
	return known > entries / 2;
}

/*
 * Where most events are copies, as in files that were cut anew, a look at the
 * events of a call mostly settles it. What is left, something new or among too
 * many, is looked up as if this had not been; and so is all the rest where
 * that was a guess and the first calls tell otherwise.
 */
static bool
look_up_copies(struct store *s, struct err *err)
{
	struct ranges *q = arena_alloc(&s->scratch, sizeof(*q));

	if (q == NULL)
		return err_nomem(err);
	q->n = 0;
	for (size_t i = 0; i < s->groups; i++) {
		struct group *g = &s->group[i];
		size_t n = ask_ahead(g) ? g->n : 0;

		if (s->guessed && i == COPIES_SAMPLE) {
			if (!ask_ranges(s, q, err))
				return false;
			if (!mostly_known(s, i))
				break;
		}
		for (size_t j = 0; j < n; j++)
			if (!add_range(s, q, g, j, err))
				return false;
	}
	if (!ask_ranges(s, q, err))
		return false;
	for (size_t i = 0; i < s->groups; i++)
		drop_old_news(&s->group[i]);
	return true;
}

/* Rows of calls that are surely to be written anew are taken away at once. */
static bool
look_up_all_calls(struct store *s, bool surely_fresh, struct err *err)
{
	const char *sql = surely_fresh ? sql_take_calls : sql_find_calls;
	struct id128 *key = arena_alloc(&s->scratch, LOOKUP_CALLS * sizeof(*key));
	size_t at = 0, n;

	if (key == NULL)
		return err_nomem(err);
	while ((n = next_keys(s, &at, surely_fresh, key)) > 0)
		if (!look_up_calls(s, sql, key, n, err) ||
		    !look_up_overrides(s, key, n, err))
			return false;
	return true;
}

bool
store_look_up(struct store *s, struct err *err)
{
	return (!s->mostly_copies || look_up_copies(s, err)) &&
	    look_up_all_calls(s, true, err) &&
	    look_up_all_calls(s, false, err) && look_up_all_events(s, err);
}
