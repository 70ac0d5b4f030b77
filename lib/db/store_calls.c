/*
 * The second step of store_put: the calls that a batch changes, folded from
 * all their events, a chunk at a time.
 */
#include <stdlib.h>

#include "db/copy.h"
#include "db/event_row.h"
#include "db/store_inner.h"
#include "embedded.h"

/*
 * Of calls that are there already so many are in memory at a time, with about
 * so many stored events; of all, what is folded of about so many bytes.
 */
enum { FOLD_CALLS = 2048, FOLD_EVENTS = 4096, FOLD_BYTES = 256 * 1024 };

bool
store_makes_call(const struct group *g)
{
	if (g->exists)
		return true;
	for (size_t i = 0; i < g->n; i++)
		if (!is_override(&g->entry[i]))
			return true;
	return false;
}

/* Where all events of a call lie: the stored days and those of the batch, ascending. */
static size_t
all_utc_days(const struct group *g, int16_t *out)
{
	size_t n = g->utc_days;

	if (n > 0)
		memcpy(out, g->utc_day, n * sizeof(*out));
	for (size_t i = 0; i < g->n; i++)
		if (!is_override(&g->entry[i]))
			utc_days_add(out, &n, g->entry[i].utc_day);
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
	int16_t *utc_day;

	for (size_t i = from; i < to; i++)
		cap += s->group[i].utc_days + 1;
	key = arena_alloc(&s->fold_arena, cap * sizeof(*key));
	utc_day = arena_alloc(&s->fold_arena, cap * sizeof(*utc_day));
	if (s->fold_arena.failed) {
		err_nomem(err);
		return NULL;
	}
	for (size_t i = from; i < to; i++) {
		const struct group *g = &s->group[i];

		for (size_t w = 0; g->changed && w < g->utc_days; w++) {
			key[n] = *group_key(g);
			utc_day[n++] = g->utc_day[w];
		}
		if (g->changed && g->has_override) {
			key[n] = *group_key(g);
			utc_day[n++] = EVENT_UTC_DAY_OVERRIDE;
		}
	}
	p[0] = db_int2_array(&s->utc_days, utc_day, n);
	p[1] = db_uuid_array(&s->keys, key, n);
	return store_ask(s, sql_get_call_events, p, 2, err);
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
		const struct group *g = store_find_group(s, &key);

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
	all = arena_alloc(&s->call_arena,
	    (g->n + stored->at - first) * sizeof(*all));
	for (size_t i = 0; all != NULL && i < g->n; i++)
		if (!g->entry[i].known)
			all[(*n)++] = g->entry[i].event;
	for (size_t i = first; all != NULL && i < stored->at; i++)
		all[(*n)++] = stored->event[i];
	return all;
}

static bool
write_call(struct store *s, struct copy_in *in, const struct group *g,
    struct stored *stored, struct err *err)
{
	const struct event **event;
	struct call call;
	int16_t *utc_day;
	size_t n;

	if (s->call_arena.used_bytes > FOLD_BYTES)
		arena_reset(&s->call_arena);
	event = all_events(s, g, stored, &n);
	utc_day = arena_alloc(&s->call_arena,
	    (g->utc_days + g->n) * sizeof(*utc_day));
	if (event == NULL || utc_day == NULL)
		return err_nomem(err);
	if (!store_makes_call(g))
		return true;
	if (!fold(event, n, &s->call_arena, &call, err))
		return false;
	return call_row_put(in, &call, g->fresh ? &s->run_id : &g->run_id,
	    utc_day, all_utc_days(g, utc_day), err);
}

/* Asks memory for as many events as a call has, that far ahead of it. */
static void
prefetch_call(const struct store *s, const struct group *g)
{
	const struct entry *end = s->entry + s->entries;

	for (const struct entry *e = g->entry; e < g->entry + g->n; e++) {
		if (end - e > PREFETCH_EVENT)
			event_prefetch(e[PREFETCH_EVENT].event);
		if (end - e > PREFETCH_TEXT)
			event_prefetch_text(e[PREFETCH_TEXT].event);
	}
}

static bool
copy_calls(struct store *s, size_t from, size_t to, struct stored *stored,
    struct err *err)
{
	struct copy_in in;

	if (!copy_in_begin(&in, s->db, sql_copy_calls, err))
		return false;
	for (size_t i = from; i < to; i++) {
		prefetch_call(s, &s->group[i]);
		if (s->group[i].changed &&
		    !write_call(s, &in, &s->group[i], stored, err)) {
			copy_in_abort(&in);
			return false;
		}
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
		if (s->group[i].exists && s->group[i].changed &&
		    !s->group[i].removed)
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

/* The end of the chunk that begins at group from: calls that are new need no memory of their own. */
static size_t
chunk_end(const struct store *s, size_t from)
{
	size_t to = from, calls = 0, events = 0;

	for (; to < s->groups && calls < FOLD_CALLS && events < FOLD_EVENTS; to++)
		if (s->group[to].changed && may_be_known(&s->group[to])) {
			calls++;
			events += s->group[to].stored;
		}
	return to;
}

bool
store_write_calls(struct store *s, struct err *err)
{
	for (size_t from = 0, to; from < s->groups; from = to) {
		to = chunk_end(s, from);
		if (!write_calls(s, from, to, err))
			return false;
	}
	return true;
}
