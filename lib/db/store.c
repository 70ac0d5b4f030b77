#include "db/store_inner.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/sort.h"
#include "db/copy.h"
#include "db/event_row.h"
#include "db/provider.h"
#include "db/transcript.h"
#include "embedded.h"

struct store *
store_open(struct db *db, const struct profiles *profiles,
    const struct id128 *run_id, struct err *err)
{
	struct db_rows *rows;
	struct store *s;

	if (!providers_put(db, profiles, err) ||
	    (rows = db_query(db, sql_has_overrides, NULL, 0, err)) == NULL)
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
	s->mostly_copies = s->guessed = true;
	arena_init(&s->scratch, 0);
	arena_init(&s->fold_arena, 0);
	arena_init(&s->call_arena, 0);
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
	arena_close(&s->call_arena);
	buf_free(&s->utc_days);
	buf_free(&s->keys);
	buf_free(&s->identities);
	buf_free(&s->times);
	free(s);
}

enum { BUCKET_BITS_MAX = 16 };

/* By call, then event, then order of reading. */
static int
entry_order(const void *pa, const void *pb)
{
	const struct entry *a = pa, *b = pb;
	int c = id128_cmp(&a->key, &b->key);

	if (c == 0)
		c = id128_cmp(&a->identity, &b->identity);
	if (c == 0)
		c = (a->item > b->item) - (a->item < b->item);
	return c;
}

/* Reads the event where it lies beside its neighbours, once for all. */
static struct entry
entry_of(struct store_item *item)
{
	struct event *e = item->event;

	return (struct entry){
		.key = e->key, .identity = e->identity,
		.event = e, .item = item, .utc_day = e->utc_day,
		.undated = !e->time_stated && e->kind != KIND_OVERRIDE,
		.tells_balance = event_states(e, FIELD_CREDITS_AVAILABLE),
		.has_transcript = e->transcript.p != NULL,
		.unseen = item->unseen, .surely_new = item->surely_new,
	};
}

/* Which bucket of 2^bits an event is in. */
static inline size_t
bucket_of(const struct event *e, unsigned bits)
{
	return id128_word(&e->key, 0) >> (64 - bits);
}

/*
 * Sorts the entries of n items into out. Keys are hashes: as many buckets as
 * entries, told by the first bits, hold some call each.
 */
static bool
sort_entries(struct arena *a, struct store_item *item, size_t n,
    struct entry *out)
{
	unsigned bits = 1;
	uint32_t *end, at = 0;
	size_t buckets;

	while (bits < BUCKET_BITS_MAX && (size_t)1 << bits < n)
		bits++;
	buckets = (size_t)1 << bits;
	if ((end = arena_alloc(a, buckets * sizeof(*end))) == NULL)
		return false;
	memset(end, 0, buckets * sizeof(*end));
	for (size_t i = 0; i < n; i++)
		end[bucket_of(item[i].event, bits)]++;
	for (size_t i = 0; i < buckets; i++) {
		uint32_t here = end[i];

		end[i] = at;
		at += here;
	}
	for (size_t i = 0; i < n; i++)
		out[end[bucket_of(item[i].event, bits)]++] = entry_of(&item[i]);
	for (size_t i = 0, from = 0; i < buckets; from = end[i++])
		sort_short(out + from, end[i] - from, sizeof(*out), entry_order);
	return true;
}

/* Keeps one entry of each event, at its earliest receipt; marks the others' items. */
static void
drop_copies(struct store *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->entries; i++) {
		struct entry *e = &s->entry[i], *last;

		if (kept > 0 && id128_cmp(&e->identity,
		    &(last = &s->entry[kept - 1])->identity) == 0 &&
		    id128_cmp(&e->key, &last->key) == 0) {
			e->item->duplicate = true;
			last->unseen = last->unseen || e->unseen;
			last->surely_new = last->surely_new || e->surely_new;
			if (is_override(e))
				last->item = e->item;	/* the last row stands */
			if (last->undated && time_is_earlier(
			    e->event->time_us, last->event->time_us))
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
	for (size_t i = 0; i < n; i++)
		item[i].duplicate = false;
	s->entries = n;
	if (s->entry == NULL || !sort_entries(&s->scratch, item, n, s->entry))
		return err_nomem(err);
	drop_copies(s);
	return true;
}

/* True when this entry is the first one of its call. */
static bool
begins_group(const struct store *s, size_t i)
{
	return i == 0 ||
	    id128_cmp(&s->entry[i - 1].key, &s->entry[i].key) != 0;
}

static bool
make_groups(struct store *s, struct err *err)
{
	struct group *g = NULL;

	s->groups = 0;
	for (size_t i = 0; i < s->entries; i++)
		s->groups += begins_group(s, i);
	s->group = arena_alloc(&s->scratch, s->groups * sizeof(*g));
	if (s->group == NULL)
		return err_nomem(err);
	s->found = s->group;
	for (size_t i = 0; i < s->entries; i++) {
		struct entry *e = &s->entry[i];

		if (begins_group(s, i)) {
			g = g == NULL ? s->group : g + 1;
			*g = (struct group){ .entry = e, .surely_all = true };
		}
		g->n++;
		g->unseen = g->unseen || e->unseen;
		g->surely_fresh = g->surely_fresh || e->surely_new;
		g->surely_all = g->surely_all && e->surely_new;
	}
	return true;
}

/* An override that is new replaces whatever the call had; only the last of a batch stands. */
static void
settle_overrides(struct group *g)
{
	struct entry *last = NULL;

	for (size_t i = 0; i < g->n; i++) {
		struct entry *e = &g->entry[i];

		if (!is_override(e))
			continue;
		if (last == NULL || e->item > last->item)
			last = e;
	}
	for (size_t i = 0; last != NULL && i < g->n; i++)
		if (is_override(&g->entry[i]) &&
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

			if (!is_override(e) || e->known)
				continue;
			key[n++] = e->key;
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
	struct id128 *key, *identity;
	struct db_param p[4];
	size_t moved = 0, n = 0;
	int16_t *utc_day;
	int64_t *us;

	for (size_t i = 0; i < s->entries; i++)
		moved += s->entry[i].moved;
	if (moved == 0)
		return true;
	key = arena_alloc(&s->scratch, moved * sizeof(*key));
	identity = arena_alloc(&s->scratch, moved * sizeof(*identity));
	utc_day = arena_alloc(&s->scratch, moved * sizeof(*utc_day));
	us = arena_alloc(&s->scratch, moved * sizeof(*us));
	if (s->scratch.failed)
		return err_nomem(err);
	for (size_t i = 0; i < s->entries; i++) {
		const struct event *e = s->entry[i].event;

		if (!s->entry[i].moved)
			continue;
		utc_day[n] = e->utc_day;
		key[n] = e->key;
		identity[n] = e->identity;
		us[n++] = e->time_us;
	}
	p[0] = db_int2_array(&s->utc_days, utc_day, n);
	p[1] = db_uuid_array(&s->keys, key, n);
	p[2] = db_uuid_array(&s->identities, identity, n);
	p[3] = db_time_array(&s->times, us, n);
	return db_run(s->db, sql_move_event_times, p, 4, NULL, err) &&
	    db_run(s->db, sql_move_balance_times, p, 4, NULL, err);
}

/* The new entries in the order of the events' primary key: by day, then as they are. */
static struct entry **
fresh_entries(struct store *s, size_t *n)
{
	enum { FIRST = EVENT_UTC_DAY_OVERRIDE, PLACES = TIME_UTC_DAYS - FIRST + 1 };
	uint32_t *at = arena_alloc(&s->scratch, PLACES * sizeof(*at)), before = 0;
	struct entry **fresh = arena_alloc(&s->scratch,
	    (s->entries + 1) * sizeof(*fresh));

	if (at == NULL || fresh == NULL)
		return NULL;
	memset(at, 0, PLACES * sizeof(*at));
	for (size_t i = 0; i < s->entries; i++)
		at[s->entry[i].utc_day - FIRST] += !s->entry[i].known;
	for (size_t d = 0; d < PLACES; d++) {
		uint32_t here = at[d];

		at[d] = before;
		before += here;
	}
	for (size_t i = 0; i < s->entries; i++)
		if (!s->entry[i].known)
			fresh[at[s->entry[i].utc_day - FIRST]++] = &s->entry[i];
	*n = before;
	return fresh;
}

static bool
copy_events(struct store *s, struct entry **fresh, size_t n, struct err *err)
{
	struct copy_in in;

	if (!copy_in_begin(&in, s->db, sql_copy_events, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (i + PREFETCH_EVENT < n)
			event_prefetch(fresh[i + PREFETCH_EVENT]->event);
		if (i + PREFETCH_TEXT < n)
			event_prefetch_text(fresh[i + PREFETCH_TEXT]->event);
		if (!event_row_put(&in, fresh[i]->event, err)) {
			copy_in_abort(&in);
			return false;
		}
	}
	return copy_in_end(&in, err);
}

static bool
put_balance(struct copy_in *in, const struct event *e, struct err *err)
{
	if (!copy_in_row(in, 5, err))
		return false;
	copy_in_int2(in, e->utc_day);
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

	while (first < n && !fresh[first]->tells_balance)
		first++;
	if (first == n)
		return true;
	if (!copy_in_begin(&in, s->db, sql_copy_balances, err))
		return false;
	for (size_t i = first; i < n; i++)
		if (fresh[i]->tells_balance &&
		    !put_balance(&in, fresh[i]->event, err)) {
			copy_in_abort(&in);
			return false;
		}
	return copy_in_end(&in, err);
}

/* Known events, too: they may have been stored without. */
static bool
put_transcripts(struct store *s, struct err *err)
{
	const struct event **event = arena_alloc(&s->scratch,
	    (s->entries + 1) * sizeof(const struct event *));
	size_t n = 0;

	if (event == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < s->entries; i++)
		if (s->entry[i].has_transcript)
			event[n++] = s->entry[i].event;
	return transcripts_put(s->db, &s->scratch, event, n, err);
}

/* True when this batch gave the call its first new event of this run. */
static bool
counts_as_call(const struct store *s, const struct group *g)
{
	return g->fresh && store_makes_call(g) &&
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
	if (!make_groups(s, err) || !store_look_up(s, err))
		return false;
	settle(s);
	if ((fresh = fresh_entries(s, &n_fresh)) == NULL)
		return err_nomem(err);
	if (!move_times(s, err) || !replace_overrides(s, err))
		return false;
	if (!store_write_calls(s, err))
		return false;
	if (n_fresh > 0 && (!copy_events(s, fresh, n_fresh, err) ||
	    !copy_balances(s, fresh, n_fresh, err)))
		return false;
	if (!put_transcripts(s, err))
		return false;
	count(s, n, n_fresh, counts);
	s->mostly_copies = n_fresh < n / 2;
	s->guessed = false;
	return true;
}

bool
store_put(struct store *s, struct store_item *item, size_t n,
    struct store_counts *counts, struct err *err)
{
	bool ok = n == 0 || put(s, item, n, counts, err);

	arena_reset(&s->scratch);
	arena_reset(&s->fold_arena);
	arena_reset(&s->call_arena);
	return ok;
}
