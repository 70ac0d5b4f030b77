/*
 * What the archive says beside what the database has, call by call: both come
 * in the order of the calls' keys, one from the spill, the other from cursors.
 */
#include <stdlib.h>

#include "db/cursor.h"
#include "db/event_row.h"
#include "embedded.h"
#include "run/verify_inner.h"

/* ---- the archive's events ---- */

/* The archive's events, slice by slice, sorted. */
struct said {
	struct spill *spill;
	uint64_t slice_bytes;
	unsigned part, slice;	/* the next one to load */
	struct arena arena;
	struct event **event;
	size_t n, at;
};

/* By call, event, file, line. */
static int
said_order(const void *pa, const void *pb)
{
	const struct event *a = *(struct event *const *)pa;
	const struct event *b = *(struct event *const *)pb;
	int c = id128_cmp(&a->key, &b->key);

	if (c == 0)
		c = id128_cmp(&a->identity, &b->identity);
	if (c == 0)
		c = (a->source_id > b->source_id) - (a->source_id < b->source_id);
	return c != 0 ? c : (a->line > b->line) - (a->line < b->line);
}

/* The provider's name was not spilled: it lives with the profile. */
static void
mend_events(struct said *s)
{
	for (size_t i = 0; i < s->n; i++)
		s->event[i]->provider = profile_name(s->event[i]->profile);
}

/* Makes sure that an event is there, unless there are no more. */
static bool
said_fill(struct said *s, struct err *err)
{
	while (s->at == s->n && s->part < SPILL_PARTS) {
		unsigned slices = spill_slices(s->spill, s->part,
		    s->slice_bytes);

		arena_reset(&s->arena);
		s->at = 0;
		if (!spill_get(s->spill, s->part, s->slice, slices, &s->arena,
		    &s->event, &s->n, err))
			return false;
		mend_events(s);
		if (s->n > 0)
			qsort(s->event, s->n, sizeof(*s->event), said_order);
		if (++s->slice == slices) {
			s->slice = 0;
			s->part++;
		}
	}
	return true;
}

/* ---- call by call ---- */

struct merge {
	struct verify *v;
	struct said said;
	struct cursor calls, events, balances;	/* the call's key is their first column */
};

static void
lower(struct id128 *least, bool *has, const struct id128 *key)
{
	if (!*has || id128_cmp(key, least) < 0)
		*least = *key;
	*has = true;
}

/* The least key that anybody has; false at the end. */
static bool
next_key(const struct merge *m, struct id128 *key)
{
	const struct cursor *cursor[] = { &m->calls, &m->events, &m->balances };
	bool has = false;

	if (m->said.at < m->said.n)
		lower(key, &has, &m->said.event[m->said.at]->key);
	for (size_t i = 0; i < sizeof(cursor) / sizeof(cursor[0]); i++) {
		struct id128 k;

		if (cursor[i]->ended)
			continue;
		k = db_get_uuid(cursor[i]->rows, cursor[i]->at, 0);
		lower(key, &has, &k);
	}
	return has;
}

static bool
is_at(const struct cursor *s, const struct id128 *key)
{
	struct id128 k;

	if (s->ended)
		return false;
	k = db_get_uuid(s->rows, s->at, 0);
	return id128_cmp(&k, key) == 0;
}

/* Goes to the next row; *more: it is of the same key as the one before. */
static bool
step(struct cursor *s, bool *more, struct err *err)
{
	struct id128 before = db_get_uuid(s->rows, s->at, 0);

	if (!cursor_next(s, err))
		return false;
	*more = is_at(s, &before);
	return true;
}

/* A call's events never go beyond a slice. */
static void
take_said(struct merge *m, struct group *g)
{
	struct said *s = &m->said;

	g->said = s->event + s->at;
	while (s->at < s->n &&
	    id128_cmp(&s->event[s->at]->key, &g->key) == 0) {
		s->at++;
		g->n_said++;
	}
	if (g->n_said == 0)
		return;
	m->v->result->calls++;
	g->provider = g->said[0]->provider;
	g->call_id = g->said[0]->call_id;
}

static bool
take_call(struct merge *m, struct group *g, struct err *err)
{
	bool more;

	if (!is_at(&m->calls, &g->key))
		return true;
	if (!stored_call_get(m->calls.rows, m->calls.at, &g->arena, &g->call,
	    err) || !step(&m->calls, &more, err))
		return false;
	m->v->result->stored_calls++;
	g->has_call = true;
	if (g->n_said == 0) {
		g->provider = g->call.call.provider;
		g->call_id = g->call.call.call_id;
	}
	return true;
}

/* Room for one more of n things of so many bytes, in the arena, doubling. */
static void *
grown(struct arena *a, void *old, size_t n, size_t bytes)
{
	void *p;

	if ((n & (n - 1)) != 0)
		return old;
	p = arena_alloc(a, (n ? 2 * n : 1) * bytes);
	if (p != NULL && n > 0)
		memcpy(p, old, n * bytes);
	return p;
}

static bool
take_events(struct merge *m, struct group *g, struct err *err)
{
	struct cursor *s = &m->events;
	bool more = is_at(s, &g->key);

	while (more) {
		g->stored = grown(&g->arena, g->stored, g->n_stored,
		    sizeof(*g->stored));
		if (g->stored == NULL)
			return err_nomem(err);
		g->stored[g->n_stored] = event_row_get(s->rows, s->at,
		    m->v->opt->profiles, g->provider, g->call_id, &g->arena,
		    err);
		if (g->stored[g->n_stored++] == NULL)
			return err_add(err, "call %.*s of %.*s",
			    STR_ARG(g->call_id), STR_ARG(g->provider));
		if (!step(s, &more, err))
			return false;
	}
	m->v->result->stored_events += (int64_t)g->n_stored;
	return true;
}

static bool
take_balances(struct merge *m, struct group *g, struct err *err)
{
	struct cursor *s = &m->balances;
	bool more = is_at(s, &g->key);

	while (more) {
		g->balance = grown(&g->arena, g->balance, g->n_balances,
		    sizeof(*g->balance));
		if (g->balance == NULL)
			return err_nomem(err);
		g->balance[g->n_balances++] = (struct balance){
			.utc_day = (int16_t)db_get_int(s->rows, s->at, 1),
			.identity = db_get_uuid(s->rows, s->at, 2),
			.time_us = db_get_time(s->rows, s->at, 3),
			.micro = db_get_int(s->rows, s->at, 4),
		};
		if (!step(s, &more, err))
			return false;
	}
	m->v->result->stored_balances += (int64_t)g->n_balances;
	return true;
}

static int
by_identity(const void *pa, const void *pb)
{
	return id128_cmp(&(*(struct event *const *)pa)->identity,
	    &(*(struct event *const *)pb)->identity);
}

static bool
merge_one(struct merge *m, struct group *g, struct err *err)
{
	take_said(m, g);
	if (!take_call(m, g, err) || !take_events(m, g, err) ||
	    !take_balances(m, g, err))
		return false;
	if (g->n_stored > 0)
		qsort(g->stored, g->n_stored, sizeof(*g->stored), by_identity);
	return verify_group(m->v, g, err) && said_fill(&m->said, err);
}

static bool
merge_all(struct merge *m, struct err *err)
{
	struct arena arena;
	struct id128 key;
	bool ok = true;

	arena_init(&arena, 0);
	while (ok && next_key(m, &key)) {
		struct group g = { .key = key, .arena = arena };

		ok = progress_goes_on(m->v->opt->progress, err) &&
		    merge_one(m, &g, err);
		progress_step(m->v->opt->progress, g.n_stored, 0);
		arena = g.arena;
		arena_reset(&arena);
	}
	arena_close(&arena);
	return ok;
}

static bool
open_cursors(struct merge *m, struct err *err)
{
	struct db *db = m->v->db;

	return cursor_open(&m->calls, db, sql_declare_verify_calls, NULL, 0,
	    sql_fetch_verify_calls, err) &&
	    cursor_open(&m->events, db, sql_declare_verify_events, NULL, 0,
	    sql_fetch_verify_events, err) &&
	    cursor_open(&m->balances, db, sql_declare_verify_balances, NULL, 0,
	    sql_fetch_verify_balances, err);
}

bool
verify_merge(struct verify *v, struct spill *said, uint64_t slice_bytes,
    struct err *err)
{
	struct merge m = {
		.v = v, .said = { .spill = said, .slice_bytes = slice_bytes },
	};
	bool ok;

	arena_init(&m.said.arena, 0);
	ok = said_fill(&m.said, err) && open_cursors(&m, err) &&
	    merge_all(&m, err);
	cursor_close(&m.calls);
	cursor_close(&m.events);
	cursor_close(&m.balances);
	arena_close(&m.said.arena);
	return ok;
}
