/*
 * The first step of store_put: what of a batch is known already.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "db/store_inner.h"
#include "embedded.h"

enum {
	LOOKUP_CALLS = 8192,	/* calls asked for at a time */
	LOOKUP_EVENTS = 16384,	/* events asked for at a time */
};

static int
group_find_order(const void *key, const void *group)
{
	return id128_cmp(key, group_key(group));
}

struct group *
store_find_group(struct store *s, const struct id128 *key)
{
	return bsearch(key, s->group, s->groups, sizeof(*s->group),
	    group_find_order);
}

static int
entry_find_order(const void *identity, const void *entry)
{
	return id128_cmp(identity, &((const struct entry *)entry)->event->identity);
}

static struct entry *
find_entry(struct store *s, const struct id128 *key,
    const struct id128 *identity)
{
	struct group *g = store_find_group(s, key);

	return g == NULL ? NULL : bsearch(identity, g->entry, g->n,
	    sizeof(*g->entry), entry_find_order);
}

/* The keys of groups from *at on that are to be looked up; moves *at behind them. */
static size_t
next_keys(const struct store *s, size_t *at, struct id128 key[LOOKUP_CALLS])
{
	size_t n = 0;

	for (; *at < s->groups && n < LOOKUP_CALLS; ++*at)
		if (!s->group[*at].unseen)
			key[n++] = *group_key(&s->group[*at]);
	return n;
}

struct db_rows *
store_ask(struct store *s, const char *sql, const struct db_param *param, int n,
    struct err *err)
{
	if (s->scratch.failed || s->months.failed || s->keys.failed ||
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
	int16_t month[EVENT_MONTHS_MAX], *copy;
	struct id128 key = db_get_uuid(rows, row, 0);
	struct id128 run = db_get_uuid(rows, row, 2);
	struct group *g = store_find_group(s, &key);
	size_t n = db_get_int2_array(rows, row, 1, month, EVENT_MONTHS_MAX);

	if (g == NULL || n > EVENT_MONTHS_MAX)
		return err_fail(err, "the database answered for a call that was not asked for");
	if ((copy = arena_alloc(&s->scratch, (n + 1) * sizeof(*copy))) == NULL)
		return err_nomem(err);
	memcpy(copy, month, n * sizeof(*copy));
	g->exists = true;
	g->month = copy;
	g->months = n;
	g->stored = (size_t)db_get_int(rows, row, 3);
	g->run_id = run;
	return true;
}

static bool
look_up_calls(struct store *s, const struct id128 *key, size_t n,
    struct err *err)
{
	struct db_param keys = db_uuid_array(&s->keys, key, n);
	struct db_rows *rows = store_ask(s, sql_find_calls, &keys, 1, err);
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
	e->moved = !e->event->time_stated &&
	    e->event->kind != KIND_OVERRIDE &&
	    earlier(e->event->time_us, stored_us);
}

/* Asks which of the n entries (of calls that are there) are known. */
static bool
look_up_events(struct store *s, struct entry **entry, size_t n,
    struct err *err)
{
	struct id128 *id = arena_alloc(&s->scratch, (2 * n + 1) * sizeof(*id));
	int16_t *month = arena_alloc(&s->scratch, (n + 1) * sizeof(*month));
	struct db_param param[3];
	struct db_rows *rows;

	if (s->scratch.failed)
		return err_nomem(err);
	if (n == 0)
		return true;
	for (size_t i = 0; i < n; i++) {
		month[i] = entry[i]->event->month;
		id[i] = entry[i]->event->key;
		id[n + i] = entry[i]->event->identity;
	}
	param[0] = db_int2_array(&s->months, month, n);
	param[1] = db_uuid_array(&s->keys, id, n);
	param[2] = db_uuid_array(&s->identities, id + n, n);
	if ((rows = store_ask(s, sql_find_events, param, 3, err)) == NULL)
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

static bool
look_up_all_events(struct store *s, struct err *err)
{
	struct entry **ask_for = arena_alloc(&s->scratch,
	    LOOKUP_EVENTS * sizeof(*ask_for));
	size_t n = 0;

	if (ask_for == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < s->groups; i++) {
		struct group *g = &s->group[i];

		for (size_t j = 0; may_be_known(g) && j < g->n; j++) {
			ask_for[n++] = &g->entry[j];
			if (n == LOOKUP_EVENTS) {
				if (!look_up_events(s, ask_for, n, err))
					return false;
				n = 0;
			}
		}
	}
	return look_up_events(s, ask_for, n, err);
}

bool
store_look_up(struct store *s, struct err *err)
{
	struct id128 *key = arena_alloc(&s->scratch, LOOKUP_CALLS * sizeof(*key));
	size_t at = 0, n;

	if (key == NULL)
		return err_nomem(err);
	while ((n = next_keys(s, &at, key)) > 0)
		if (!look_up_calls(s, key, n, err) ||
		    !look_up_overrides(s, key, n, err))
			return false;
	return look_up_all_events(s, err);
}
