#include "db/store.h"

#include <stdlib.h>

#include "base/clock.h"
#include "db/copy.h"
#include "db/event_row.h"
#include "embedded.h"

enum {
	LOOKUP_CALLS = 8192,	/* calls asked for at a time */
	LOOKUP_EVENTS = 16384,	/* events asked for at a time */
	FOLD_CALLS = 2048,	/* calls whose events are in memory at a time */
	MONTHS_MAX = 1202,	/* of one call: every month there is */
};

/* A distinct event of the batch, or a copy of one. */
struct entry {
	struct event *event;
	struct store_item *item;
	bool known;		/* in the database already */
	bool moved;		/* known, and its time is moved to event->time_us */
};

/* The entries of one call, which stand together. */
struct group {
	struct entry *entry;
	size_t n;
	const int16_t *month;	/* where its stored events lie */
	size_t months;
	struct id128 run_id;	/* that last gave it an event */
	bool exists;
	bool has_override;	/* stored */
	bool changed;		/* new or moved events: to be written */
	bool fresh;		/* at least one new event */
};

struct store {
	struct db *db;
	const struct profiles *profiles;
	struct id128 run_id;
	bool overrides;		/* any call of the database has one */
	struct arena scratch;	/* of one store_put */
	struct arena fold_arena;	/* of FOLD_CALLS calls */
	struct entry *entry;	/* distinct events, by (key, identity) */
	size_t entries;
	struct group *group;	/* by key */
	size_t groups;
	/* parameters under construction */
	struct buf months, keys, identities, times;
};

struct store *
store_open(struct db *db, const struct profiles *profiles,
    const struct id128 *run_id, struct err *err)
{
	struct db_rows *rows = db_query(db, sql_has_overrides, NULL, 0, err);
	struct store *s;

	if (rows == NULL)
		return NULL;
	if ((s = calloc(1, sizeof(*s))) == NULL) {
		db_rows_free(rows);
		err_nomem(err);
		return NULL;
	}
	s->db = db;
	s->profiles = profiles;
	s->run_id = *run_id;
	s->overrides = db_get_bool(rows, 0, 0);
	arena_init(&s->scratch, 0);
	arena_init(&s->fold_arena, 0);
	db_rows_free(rows);
	return s;
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	arena_close(&s->scratch);
	arena_close(&s->fold_arena);
	buf_free(&s->months);
	buf_free(&s->keys);
	buf_free(&s->identities);
	buf_free(&s->times);
	free(s);
}

/* By call, then event, then order of reading. */
static int
entry_order(const void *pa, const void *pb)
{
	const struct entry *a = pa, *b = pb;
	int c = id128_cmp(&a->event->key, &b->event->key);

	if (c == 0)
		c = id128_cmp(&a->event->identity, &b->event->identity);
	if (c == 0)
		c = (a->item > b->item) - (a->item < b->item);
	return c;
}

/* True when a receipt at us is earlier news than what an event has. */
static bool
earlier(int64_t us, int64_t has)
{
	return us != TIME_NONE && (has == TIME_NONE || us < has);
}

/* Keeps one entry of each event, at its earliest receipt; marks the others' items. */
static void
drop_copies(struct store *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->entries; i++) {
		struct entry *e = &s->entry[i], *last;

		if (kept > 0 && id128_cmp(&e->event->identity,
		    &(last = &s->entry[kept - 1])->event->identity) == 0 &&
		    id128_cmp(&e->event->key, &last->event->key) == 0) {
			e->item->duplicate = true;
			if (!last->event->time_stated &&
			    earlier(e->event->time_us, last->event->time_us))
				last->event->time_us = e->event->time_us;
			continue;
		}
		s->entry[kept++] = *e;
	}
	s->entries = kept;
}

static bool
make_entries(struct store *s, struct store_item *item, size_t n,
    struct err *err)
{
	s->entry = arena_alloc(&s->scratch, n * sizeof(*s->entry));
	s->group = arena_alloc(&s->scratch, n * sizeof(*s->group));
	if (s->scratch.failed)
		return err_nomem(err);
	for (size_t i = 0; i < n; i++) {
		item[i].duplicate = false;
		s->entry[i] = (struct entry){
			.event = item[i].event, .item = &item[i],
		};
	}
	s->entries = n;
	qsort(s->entry, n, sizeof(*s->entry), entry_order);
	drop_copies(s);
	return true;
}

static void
make_groups(struct store *s)
{
	struct group *g = NULL;

	s->groups = 0;
	for (size_t i = 0; i < s->entries; i++) {
		struct entry *e = &s->entry[i];

		if (g == NULL ||
		    id128_cmp(&g->entry->event->key, &e->event->key) != 0) {
			g = &s->group[s->groups++];
			*g = (struct group){ .entry = e };
		}
		g->n++;
	}
}

static const struct id128 *
group_key(const struct group *g)
{
	return &g->entry->event->key;
}

static int
group_find_order(const void *key, const void *group)
{
	return id128_cmp(key, group_key(group));
}

static struct group *
find_group(struct store *s, const struct id128 *key)
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
	struct group *g = find_group(s, key);

	return g == NULL ? NULL : bsearch(identity, g->entry, g->n,
	    sizeof(*g->entry), entry_find_order);
}

/* The keys of groups [from, to), as a parameter. */
static struct db_param
key_array(struct store *s, size_t from, size_t to)
{
	struct id128 *key = arena_alloc(&s->scratch, (to - from) * sizeof(*key));

	for (size_t i = from; key != NULL && i < to; i++)
		key[i - from] = *group_key(&s->group[i]);
	return db_uuid_array(&s->keys, key, key == NULL ? 0 : to - from);
}

/* Runs a query over parameters that were built; fails when one could not be. */
static struct db_rows *
ask(struct store *s, const char *sql, const struct db_param *param, int n,
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
	int16_t month[MONTHS_MAX], *copy;
	struct id128 key = db_get_uuid(rows, row, 0);
	struct id128 run = db_get_uuid(rows, row, 2);
	struct group *g = find_group(s, &key);
	size_t n = db_get_int2_array(rows, row, 1, month, MONTHS_MAX);

	if (g == NULL || n > MONTHS_MAX)
		return err_fail(err, "the database answered for a call that was not asked for");
	if ((copy = arena_alloc(&s->scratch, (n + 1) * sizeof(*copy))) == NULL)
		return err_nomem(err);
	memcpy(copy, month, n * sizeof(*copy));
	g->exists = true;
	g->month = copy;
	g->months = n;
	g->run_id = run;
	return true;
}

static bool
look_up_calls(struct store *s, size_t from, size_t to, struct err *err)
{
	struct db_param keys = key_array(s, from, to);
	struct db_rows *rows = ask(s, sql_find_calls, &keys, 1, err);
	bool ok = rows != NULL;

	for (size_t i = 0; ok && i < db_rows_count(rows); i++)
		ok = note_call(s, rows, i, err);
	db_rows_free(rows);
	return ok;
}

static bool
look_up_overrides(struct store *s, size_t from, size_t to, struct err *err)
{
	struct db_param keys;
	struct db_rows *rows;

	if (!s->overrides)
		return true;
	keys = key_array(s, from, to);
	if ((rows = ask(s, sql_find_overrides, &keys, 1, err)) == NULL)
		return false;
	for (size_t i = 0; i < db_rows_count(rows); i++) {
		struct id128 key = db_get_uuid(rows, i, 0);
		struct group *g = find_group(s, &key);

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
	if ((rows = ask(s, sql_find_events, param, 3, err)) == NULL)
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

/* True when an event of this group may be stored already. */
static bool
may_be_known(const struct group *g)
{
	return g->exists || g->has_override;
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

static bool
look_up(struct store *s, struct err *err)
{
	for (size_t from = 0; from < s->groups; from += LOOKUP_CALLS) {
		size_t to = from + LOOKUP_CALLS;

		if (to > s->groups)
			to = s->groups;
		if (!look_up_calls(s, from, to, err) ||
		    !look_up_overrides(s, from, to, err))
			return false;
	}
	return look_up_all_events(s, err);
}

/* An override that is new replaces whatever the call had; only the last of a batch stands. */
static void
settle_overrides(struct group *g)
{
	struct entry *last = NULL;

	for (size_t i = 0; i < g->n; i++) {
		struct entry *e = &g->entry[i];

		if (e->event->kind != KIND_OVERRIDE)
			continue;
		if (last == NULL || e->item > last->item)
			last = e;
	}
	for (size_t i = 0; last != NULL && i < g->n; i++)
		if (g->entry[i].event->kind == KIND_OVERRIDE &&
		    &g->entry[i] != last)
			g->entry[i].known = g->entry[i].item->duplicate = true;
}

/* Marks which calls are to be written, and whether for new events. */
static void
settle(struct store *s)
{
	for (size_t i = 0; i < s->groups; i++) {
		struct group *g = &s->group[i];

		settle_overrides(g);
		for (size_t j = 0; j < g->n; j++) {
			g->fresh = g->fresh || !g->entry[j].known;
			g->changed = g->changed || g->entry[j].moved;
		}
		g->changed = g->changed || g->fresh;
	}
}

/* Removes the stored overrides of calls that get a new one. */
static bool
replace_overrides(struct store *s, struct err *err)
{
	struct id128 *key = arena_alloc(&s->scratch, s->groups * sizeof(*key));
	struct db_param param;
	size_t n = 0;

	if (key == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < s->groups; i++)
		for (size_t j = 0; j < s->group[i].n; j++) {
			const struct entry *e = &s->group[i].entry[j];

			if (e->event->kind != KIND_OVERRIDE || e->known)
				continue;
			key[n++] = e->event->key;
			s->overrides = true;
		}
	if (n == 0)
		return true;
	param = db_uuid_array(&s->keys, key, n);
	return db_run(s->db, sql_remove_overrides, &param, 1, NULL, err);
}

static bool
move_times(struct store *s, struct err *err)
{
	struct id128 *id = arena_alloc(&s->scratch, 2 * s->entries * sizeof(*id));
	int16_t *month = arena_alloc(&s->scratch, s->entries * sizeof(*month));
	int64_t *us = arena_alloc(&s->scratch, s->entries * sizeof(*us));
	struct db_param p[4];
	size_t n = 0;

	if (s->scratch.failed)
		return err_nomem(err);
	for (size_t i = 0; i < s->entries; i++) {
		const struct event *e = s->entry[i].event;

		if (!s->entry[i].moved)
			continue;
		month[n] = e->month;
		id[n] = e->key;
		id[s->entries + n] = e->identity;
		us[n++] = e->time_us;
	}
	if (n == 0)
		return true;
	p[0] = db_int2_array(&s->months, month, n);
	p[1] = db_uuid_array(&s->keys, id, n);
	p[2] = db_uuid_array(&s->identities, id + s->entries, n);
	p[3] = db_time_array(&s->times, us, n);
	return db_run(s->db, sql_move_event_times, p, 4, NULL, err) &&
	    db_run(s->db, sql_move_balance_times, p + 1, 3, NULL, err);
}

static int
place_order(const void *pa, const void *pb)
{
	const struct event *a = (*(struct entry *const *)pa)->event;
	const struct event *b = (*(struct entry *const *)pb)->event;

	if (a->month != b->month)
		return a->month < b->month ? -1 : 1;
	return entry_order(*(struct entry *const *)pa,
	    *(struct entry *const *)pb);
}

/* The new entries in the order of the events' primary key. */
static struct entry **
fresh_entries(struct store *s, size_t *n)
{
	struct entry **fresh = arena_alloc(&s->scratch,
	    (s->entries + 1) * sizeof(*fresh));

	*n = 0;
	for (size_t i = 0; fresh != NULL && i < s->entries; i++)
		if (!s->entry[i].known)
			fresh[(*n)++] = &s->entry[i];
	if (fresh != NULL)
		qsort(fresh, *n, sizeof(*fresh), place_order);
	return fresh;
}

static bool
copy_events(struct store *s, struct entry **fresh, size_t n, struct err *err)
{
	struct copy_in in;

	if (!copy_in_begin(&in, s->db, sql_copy_events, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!event_row_put(&in, fresh[i]->event, err)) {
			copy_in_abort(&in);
			return false;
		}
	return copy_in_end(&in, err);
}

static bool
put_balance(struct copy_in *in, const struct event *e, struct err *err)
{
	if (!copy_in_row(in, 4, err))
		return false;
	copy_in_uuid(in, &e->key);
	copy_in_uuid(in, &e->identity);
	copy_in_time(in, e->time_us);
	copy_in_int8(in, event_value(e, FIELD_CREDITS_AVAILABLE)->num);
	return true;
}

static bool
copy_balances(struct store *s, struct entry **fresh, size_t n,
    struct err *err)
{
	struct copy_in in;
	size_t first = 0;

	while (first < n &&
	    !event_states(fresh[first]->event, FIELD_CREDITS_AVAILABLE))
		first++;
	if (first == n)
		return true;
	if (!copy_in_begin(&in, s->db, sql_copy_balances, err))
		return false;
	for (size_t i = first; i < n; i++)
		if (event_states(fresh[i]->event, FIELD_CREDITS_AVAILABLE) &&
		    !put_balance(&in, fresh[i]->event, err)) {
			copy_in_abort(&in);
			return false;
		}
	return copy_in_end(&in, err);
}

/* Where all events of a call lie: the stored months and those of the batch, ascending. */
static size_t
all_months(const struct group *g, int16_t out[MONTHS_MAX])
{
	size_t n = g->months;

	if (n > 0)
		memcpy(out, g->month, n * sizeof(*out));
	for (size_t i = 0; i < g->n; i++) {
		int16_t m = g->entry[i].event->month;
		size_t at = n;

		if (m == EVENT_MONTH_OVERRIDE)
			continue;
		while (at > 0 && out[at - 1] > m)
			at--;
		if (at > 0 && out[at - 1] == m)
			continue;
		memmove(out + at + 1, out + at, (n - at) * sizeof(*out));
		out[at] = m;
		n++;
	}
	return n;
}

/* The stored events of a chunk of calls. */
struct stored {
	const struct event **event;	/* sorted by call */
	size_t n;
	size_t at;	/* the first that is not taken yet */
};

static int
by_key(const void *pa, const void *pb)
{
	const struct event *a = *(const struct event *const *)pa;
	const struct event *b = *(const struct event *const *)pb;

	return id128_cmp(&a->key, &b->key);
}

/* Asks for all stored events of the calls in [from, to) that are to be written. */
static struct db_rows *
ask_stored(struct store *s, size_t from, size_t to, struct err *err)
{
	struct db_param p[2];
	size_t n = 0, cap = 0;
	struct id128 *key;
	int16_t *month;

	for (size_t i = from; i < to; i++)
		cap += s->group[i].months + 1;
	key = arena_alloc(&s->fold_arena, cap * sizeof(*key));
	month = arena_alloc(&s->fold_arena, cap * sizeof(*month));
	if (s->fold_arena.failed) {
		err_nomem(err);
		return NULL;
	}
	for (size_t i = from; i < to; i++) {
		const struct group *g = &s->group[i];

		for (size_t m = 0; g->changed && m < g->months; m++) {
			key[n] = *group_key(g);
			month[n++] = g->month[m];
		}
		if (g->changed && g->has_override) {
			key[n] = *group_key(g);
			month[n++] = EVENT_MONTH_OVERRIDE;
		}
	}
	p[0] = db_int2_array(&s->months, month, n);
	p[1] = db_uuid_array(&s->keys, key, n);
	return ask(s, sql_get_call_events, p, 2, err);
}

static bool
read_stored(struct store *s, const struct db_rows *rows, struct stored *all,
    struct err *err)
{
	*all = (struct stored){ .n = db_rows_count(rows) };
	all->event = arena_alloc(&s->fold_arena,
	    (all->n + 1) * sizeof(*all->event));
	if (all->event == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < all->n; i++) {
		struct id128 key = db_get_uuid(rows, i, 0);
		const struct group *g = find_group(s, &key);

		if (g == NULL)
			return err_fail(err, "the database answered for a call that was not asked for");
		all->event[i] = event_row_get(rows, i, s->profiles,
		    g->entry->event->provider, g->entry->event->call_id,
		    &s->fold_arena, err);
		if (all->event[i] == NULL)
			return false;
	}
	qsort(all->event, all->n, sizeof(*all->event), by_key);
	return true;
}

/*
 * All events of a call: the batch's new ones, and the stored ones. The
 * batch's are copied in later, so none is there twice. NULL: out of memory.
 */
static const struct event **
all_events(struct store *s, const struct group *g, struct stored *stored,
    size_t *n)
{
	size_t first = stored->at;
	const struct event **all;

	while (stored->at < stored->n &&
	    id128_cmp(&stored->event[stored->at]->key, group_key(g)) == 0)
		stored->at++;
	*n = 0;
	all = arena_alloc(&s->fold_arena,
	    (g->n + stored->at - first) * sizeof(*all));
	for (size_t i = 0; all != NULL && i < g->n; i++)
		if (!g->entry[i].known)
			all[(*n)++] = g->entry[i].event;
	for (size_t i = first; all != NULL && i < stored->at; i++)
		all[(*n)++] = stored->event[i];
	return all;
}

/* A list's override alone makes no call. */
static bool
makes_call(const struct group *g)
{
	if (g->exists)
		return true;
	for (size_t i = 0; i < g->n; i++)
		if (g->entry[i].event->kind != KIND_OVERRIDE)
			return true;
	return false;
}

static bool
write_call(struct store *s, struct copy_in *in, const struct group *g,
    struct stored *stored, struct err *err)
{
	int16_t month[MONTHS_MAX];
	const struct event **event;
	struct call call;
	size_t n;

	if ((event = all_events(s, g, stored, &n)) == NULL)
		return err_nomem(err);
	if (!makes_call(g))
		return true;
	if (!fold(event, n, &s->fold_arena, &call, err))
		return false;
	return call_row_put(in, &call, g->fresh ? &s->run_id : &g->run_id,
	    month, all_months(g, month), err);
}

static bool
copy_calls(struct store *s, size_t from, size_t to, struct stored *stored,
    struct err *err)
{
	struct copy_in in;

	if (!copy_in_begin(&in, s->db, sql_copy_calls, err))
		return false;
	for (size_t i = from; i < to; i++)
		if (s->group[i].changed &&
		    !write_call(s, &in, &s->group[i], stored, err)) {
			copy_in_abort(&in);
			return false;
		}
	return copy_in_end(&in, err);
}

/* Removes the rows of calls in [from, to) that are about to be rewritten. */
static bool
remove_calls(struct store *s, size_t from, size_t to, struct err *err)
{
	struct id128 *key = arena_alloc(&s->fold_arena, (to - from) * sizeof(*key));
	struct db_param param;
	size_t n = 0;

	if (key == NULL)
		return err_nomem(err);
	for (size_t i = from; i < to; i++)
		if (s->group[i].exists && s->group[i].changed)
			key[n++] = *group_key(&s->group[i]);
	if (n == 0)
		return true;
	param = db_uuid_array(&s->keys, key, n);
	return db_run(s->db, sql_remove_calls, &param, 1, NULL, err);
}

/* How many of the calls in [from, to) are to be written, and how many of them are there. */
static size_t
count_changed(const struct store *s, size_t from, size_t to, size_t *stored)
{
	size_t n = 0;

	*stored = 0;
	for (size_t i = from; i < to; i++) {
		n += s->group[i].changed;
		*stored += s->group[i].changed && may_be_known(&s->group[i]);
	}
	return n;
}

static bool
write_calls(struct store *s, size_t from, size_t to, struct err *err)
{
	struct stored stored = { 0 };
	struct db_rows *rows = NULL;
	size_t n_stored;
	bool ok = true;

	if (count_changed(s, from, to, &n_stored) == 0)
		return true;
	arena_reset(&s->fold_arena);
	if (n_stored > 0)
		ok = (rows = ask_stored(s, from, to, err)) != NULL &&
		    read_stored(s, rows, &stored, err) &&
		    remove_calls(s, from, to, err);
	ok = ok && copy_calls(s, from, to, &stored, err);
	db_rows_free(rows);
	return ok;
}

static bool
write_all_calls(struct store *s, struct err *err)
{
	for (size_t from = 0; from < s->groups; from += FOLD_CALLS) {
		size_t to = from + FOLD_CALLS;

		if (to > s->groups)
			to = s->groups;
		if (!write_calls(s, from, to, err))
			return false;
	}
	return true;
}

/* True when this batch gave the call its first new event of this run. */
static bool
counts_as_call(const struct store *s, const struct group *g)
{
	return g->fresh && makes_call(g) &&
	    !(g->exists && id128_cmp(&g->run_id, &s->run_id) == 0);
}

static void
count(const struct store *s, size_t items, size_t fresh,
    struct store_counts *counts)
{
	counts->events += fresh;
	counts->duplicates += items - fresh;
	for (size_t i = 0; i < s->groups; i++)
		counts->calls += counts_as_call(s, &s->group[i]);
}

static bool
put(struct store *s, struct store_item *item, size_t n,
    struct store_counts *counts, struct err *err)
{
	struct entry **fresh;
	size_t n_fresh;

	if (!make_entries(s, item, n, err))
		return false;
	make_groups(s);
	if (!look_up(s, err))
		return false;
	settle(s);
	if ((fresh = fresh_entries(s, &n_fresh)) == NULL)
		return err_nomem(err);
	if (!move_times(s, err) || !replace_overrides(s, err))
		return false;
	if (!write_all_calls(s, err))
		return false;
	if (n_fresh > 0 && (!copy_events(s, fresh, n_fresh, err) ||
	    !copy_balances(s, fresh, n_fresh, err)))
		return false;
	count(s, n, n_fresh, counts);
	return true;
}

bool
store_put(struct store *s, struct store_item *item, size_t n,
    struct store_counts *counts, struct err *err)
{
	bool ok = n == 0 || put(s, item, n, counts, err);

	arena_reset(&s->scratch);
	arena_reset(&s->fold_arena);
	return ok;
}

/* The months of one call's events, the overrides' place behind them. */
static bool
months_of(struct db *db, const struct id128 *key, int16_t month[MONTHS_MAX + 1],
    size_t *n, struct err *err)
{
	struct buf keys = BUF_INIT(0);
	struct db_param param = db_uuid_array(&keys, key, 1);
	struct db_rows *rows = db_query(db, sql_find_calls, &param, 1, err);

	buf_free(&keys);
	if (rows == NULL)
		return false;
	*n = 0;
	if (db_rows_count(rows) > 0)
		*n = db_get_int2_array(rows, 0, 1, month, MONTHS_MAX);
	db_rows_free(rows);
	if (*n > MONTHS_MAX)
		return err_fail(err, "a call's list of months is too long");
	month[(*n)++] = EVENT_MONTH_OVERRIDE;
	return true;
}

bool
store_call_events(struct db *db, const struct profiles *profiles,
    struct arena *arena, struct str provider, struct str call_id,
    struct event ***events, size_t *n, struct err *err)
{
	struct id128 key = event_call_key(provider, call_id), keys[MONTHS_MAX + 1];
	int16_t month[MONTHS_MAX + 1];
	struct buf month_buf = BUF_INIT(0), key_buf = BUF_INIT(0);
	struct db_rows *rows = NULL;
	struct db_param p[2];
	size_t months;
	bool ok = false;

	*events = NULL;
	*n = 0;
	if (!months_of(db, &key, month, &months, err))
		return false;
	for (size_t i = 0; i < months; i++)
		keys[i] = key;
	p[0] = db_int2_array(&month_buf, month, months);
	p[1] = db_uuid_array(&key_buf, keys, months);
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
	buf_free(&month_buf);
	buf_free(&key_buf);
	return ok;
}
