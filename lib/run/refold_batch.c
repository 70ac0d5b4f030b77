/*
 * Lines of one source into the database: their events in the place of those
 * that are stored, their rejects, the books, and the calls that are touched.
 */
#include <stdlib.h>

#include "db/transcript.h"
#include "embedded.h"
#include "run/refold_inner.h"

bool
refold_batch_begin(struct refold_batch *b)
{
	arena_reset(&b->arena);
	b->item = arena_alloc(&b->arena, REFOLD_BATCH_LINES * sizeof(*b->item));
	b->removal = arena_alloc(&b->arena, REFOLD_BATCH_LINES * sizeof(*b->removal));
	b->reject = arena_alloc(&b->arena, REFOLD_BATCH_LINES * sizeof(*b->reject));
	b->told = arena_alloc(&b->arena,
	    REFOLD_BATCH_LINES * sizeof(const struct event *));
	b->items = b->removals = b->rejects = b->tolds = 0;
	b->first = b->last = 0;
	b->counts = (struct line_counts){ 0 };
	b->result = b->r->is.result;
	return !b->arena.failed;
}

/* ---- the calls that it touches ---- */

static int
by_id(const void *a, const void *b)
{
	return id128_cmp(a, b);
}

static size_t
distinct(struct id128 *id, size_t n)
{
	size_t kept = 0;

	if (n > 0)
		qsort(id, n, sizeof(*id), by_id);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || id128_cmp(&id[kept - 1], &id[i]) != 0)
			id[kept++] = id[i];
	return kept;
}

/* Keys of calls: those that lose an event first, then all that are touched. */
struct touched {
	struct id128 *losing, *all;
	size_t n_losing, n_all;
};

static bool
touch(struct refold_batch *b, struct touched *t)
{
	t->losing = arena_alloc(&b->arena,
	    (b->removals + 1) * sizeof(*t->losing));
	t->all = arena_alloc(&b->arena,
	    (b->removals + b->items + 1) * sizeof(*t->all));
	if (b->arena.failed)
		return false;
	t->n_losing = t->n_all = 0;
	for (size_t i = 0; i < b->removals; i++) {
		t->losing[t->n_losing++] = b->removal[i].event->key;
		t->all[t->n_all++] = b->removal[i].event->key;
	}
	for (size_t i = 0; i < b->items; i++)
		t->all[t->n_all++] = b->item[i].event->key;
	t->n_losing = distinct(t->losing, t->n_losing);
	t->n_all = distinct(t->all, t->n_all);
	return true;
}

/* Calls as they are stored at a moment, by key. */
struct picture {
	struct stored_call *call;
	size_t n;
};

static bool
take_picture(struct refold_batch *b, const struct touched *t, struct picture *p,
    struct err *err)
{
	struct buf buf = BUF_INIT(0);
	struct db_param keys = db_uuid_array(&buf, t->all, t->n_all);
	struct db_rows *rows = db_query(b->r->db, sql_get_calls, &keys, 1, err);
	bool ok = rows != NULL;

	*p = (struct picture){ .n = ok ? db_rows_count(rows) : 0 };
	p->call = arena_alloc(&b->arena, (p->n + 1) * sizeof(*p->call));
	if (p->call == NULL)
		ok = err_nomem(err);
	for (size_t i = 0; ok && i < p->n; i++)
		ok = stored_call_get(rows, i, &b->arena, &p->call[i], err);
	db_rows_free(rows);
	buf_free(&buf);
	return ok;
}

static void
count_parts(struct refold_counts *n, const struct stored_call *was,
    const struct stored_call *is)
{
	uint64_t diff = stored_call_diff(was, is);

	n->changed += diff != 0;
	for (unsigned p = 0; p < STORED_PARTS; p++)
		n->part[p] += (diff >> p & 1u) != 0;
}

/* What became of the calls between two pictures. */
static void
compare_pictures(struct refold_counts *n, const struct picture *was,
    const struct picture *is)
{
	size_t i = 0, j = 0;

	while (i < was->n || j < is->n) {
		int c = i == was->n ? 1 : j == is->n ? -1 :
		    id128_cmp(&was->call[i].call.key, &is->call[j].call.key);

		n->removed += c < 0;
		n->added += c > 0;
		if (c == 0)
			count_parts(n, &was->call[i], &is->call[j]);
		i += c <= 0;
		j += c >= 0;
	}
}

/* ---- its events ---- */

static bool
remove_events(struct refold_batch *b, struct err *err)
{
	size_t n = b->removals;
	struct id128 *key = arena_alloc(&b->arena, (n + 1) * sizeof(*key));
	struct id128 *identity = arena_alloc(&b->arena,
	    (n + 1) * sizeof(*identity));
	int16_t *utc_day = arena_alloc(&b->arena, (n + 1) * sizeof(*utc_day));
	struct buf buf[3] = { 0 };
	struct db_param p[3];
	bool ok;

	if (b->arena.failed)
		return err_nomem(err);
	if (n == 0)
		return true;
	for (size_t i = 0; i < n; i++) {
		key[i] = b->removal[i].event->key;
		identity[i] = b->removal[i].event->identity;
		utc_day[i] = b->removal[i].event->utc_day;
	}
	p[0] = db_int2_array(&buf[0], utc_day, n);
	p[1] = db_uuid_array(&buf[1], key, n);
	p[2] = db_uuid_array(&buf[2], identity, n);
	ok = db_run(b->r->db, sql_remove_events, p, 3, NULL, err) &&
	    db_run(b->r->db, sql_remove_balances, p, 3, NULL, err) &&
	    db_run(b->r->db, sql_remove_transcripts, p + 1, 2, NULL, err);
	for (int i = 0; i < 3; i++)
		buf_free(&buf[i]);
	return ok;
}

static int
by_number(const void *pa, const void *pb)
{
	int16_t a = *(const int16_t *)pa, b = *(const int16_t *)pb;

	return (a > b) - (a < b);
}

/* Where events of the touched calls lie: where they did, where the batch's do, and overrides. */
static int16_t *
touched_days(struct refold_batch *b, const struct picture *was, size_t *n)
{
	size_t all = b->items + 1, kept = 0, at = 0;
	int16_t *day;

	for (size_t i = 0; i < was->n; i++)
		all += was->call[i].utc_days;
	if ((day = arena_alloc(&b->arena, all * sizeof(*day))) == NULL)
		return NULL;
	day[at++] = EVENT_UTC_DAY_OVERRIDE;
	for (size_t i = 0; i < b->items; i++)
		day[at++] = b->item[i].event->utc_day;
	for (size_t i = 0; i < was->n; i++)
		for (size_t j = 0; j < was->call[i].utc_days; j++)
			day[at++] = was->call[i].utc_day[j];
	qsort(day, all, sizeof(*day), by_number);
	for (size_t i = 0; i < all; i++)
		if (kept == 0 || day[kept - 1] != day[i])
			day[kept++] = day[i];
	*n = kept;
	return day;
}

/* Calls that lost an event are folded anew from what is left and what came. */
static bool
refold_losing(struct refold_batch *b, const struct touched *t,
    const struct picture *was, struct err *err)
{
	struct refold_counts ignored = { 0 };
	int16_t *day;
	size_t days;

	if (t->n_losing == 0)
		return true;
	if ((day = touched_days(b, was, &days)) == NULL)
		return err_nomem(err);
	return stored_refold(b->r->db, b->r->opt->profiles, &b->r->is.row.run_id,
	    day, days, t->losing, t->n_losing, &ignored, err);
}

static bool
put_events(struct refold_batch *b, struct err *err)
{
	struct store_counts stored = { 0 };
	struct picture was, is;
	struct touched t;

	if (b->items == 0 && b->removals == 0)
		return true;
	if (!touch(b, &t))
		return err_nomem(err);
	if (!take_picture(b, &t, &was, err) || !remove_events(b, err) ||
	    !store_put(b->r->store, b->item, b->items, &stored, err) ||
	    !refold_losing(b, &t, &was, err) || !take_picture(b, &t, &is, err))
		return false;
	compare_pictures(&b->result.calls, &was, &is);
	return true;
}

/* ---- what became of its events ---- */

/* An event that took the place of another. */
static void
count_changed(struct refold_result *res, const struct event *was,
    const struct event *is)
{
	uint64_t diff = event_diff(was, is);

	res->events_changed++;
	res->identities += id128_cmp(&was->identity, &is->identity) != 0;
	for (unsigned p = 0; p < EVENT_PARTS; p++)
		res->event_part[p] += (diff >> p & 1u) != 0;
}

/* Counts what became of the items: new, in the place of another, or known. */
static void
count_events(struct refold_batch *b)
{
	struct refold_result *res = &b->result;
	int64_t replaced = 0, put = 0;

	for (size_t i = 0; i < b->items; i++)
		put += !b->item[i].duplicate;
	for (size_t i = 0; i < b->removals; i++) {
		const struct refold_removal *m = &b->removal[i];

		if (m->item == REFOLD_NO_ITEM || b->item[m->item].duplicate) {
			res->events_removed++;
			continue;
		}
		replaced++;
		count_changed(res, m->event, b->item[m->item].event);
	}
	res->events_added += put - replaced;
	b->counts.events += put;
	b->counts.duplicates += (int64_t)b->items - put;
}

/* ---- its rejects ---- */

static bool
same_reject(const struct db_rows *rows, size_t i, const struct reject_row *r)
{
	return str_eq(db_get_text(rows, i, 1), str_of(r->reason)) &&
	    str_eq(db_get_text(rows, i, 2), r->message);
}

/* Which stored rejects must go, and which of the batch's must come (at the front of it). */
static void
settle_rejects(struct refold_batch *b, const struct db_rows *rows, int64_t *gone,
    size_t *n_gone)
{
	size_t i = 0, j = 0, n = db_rows_count(rows), kept = 0;

	*n_gone = 0;
	while (i < n || j < b->rejects) {
		int64_t line = i < n ? db_get_int(rows, i, 0) : INT64_MAX;
		bool is_stored = j == b->rejects || line <= b->reject[j].line;
		bool is_now = j < b->rejects && line >= b->reject[j].line;

		if (is_stored && is_now &&
		    same_reject(rows, i, &b->reject[j])) {
			i++;
			j++;
			continue;
		}
		if (is_stored) {
			gone[(*n_gone)++] = line;
			i++;
		}
		b->result.newly_rejected += is_now && !is_stored;
		if (is_now)
			b->reject[kept++] = b->reject[j++];
	}
	b->rejects = kept;
}

static bool
put_rejects(struct refold_batch *b, struct err *err)
{
	struct db_slot slot[3];
	struct db_param p[] = {
		db_int8(b->source->source_id, &slot[0]),
		db_int8(b->first, &slot[1]), db_int8(b->last, &slot[2]),
	};
	struct db_rows *rows = db_query(b->r->db, sql_get_source_rejects, p, 3,
	    err);
	int64_t *gone;
	size_t n_gone;
	bool ok;

	if (rows == NULL)
		return false;
	gone = arena_alloc(&b->arena, (db_rows_count(rows) + 1) * sizeof(*gone));
	if (gone != NULL)
		settle_rejects(b, rows, gone, &n_gone);
	db_rows_free(rows);
	if (gone == NULL)
		return err_nomem(err);
	ok = rejects_remove(b->r->db, b->source->source_id, gone, n_gone, err) &&
	    rejects_put(b->r->db, b->reject, b->rejects, &b->r->is.row.run_id, err);
	b->result.rejects_removed += (int64_t)n_gone;
	b->result.rejects_added += (int64_t)b->rejects;
	return ok;
}

/* ---- the books ---- */

static bool
put_books(const struct refold_batch *b, const struct line_counts *n, struct err *err)
{
	const struct line_counts *was = &b->source->counts;
	struct db_slot slot[5];
	struct db_param p[] = {
		db_int8(b->source->source_id, &slot[0]),
		db_int8(n->events, &slot[1]), db_int8(n->duplicates, &slot[2]),
		db_int8(n->rejected, &slot[3]), db_int8(n->ignored, &slot[4]),
		db_uuid(&b->r->is.row.run_id),
	};

	if (n->events == was->events && n->duplicates == was->duplicates &&
	    n->rejected == was->rejected && n->ignored == was->ignored)
		return true;
	return db_run(b->r->db, sql_set_source_books, p, 6, NULL, err);
}

/* In the run's books an event that was put is new, one that is as it was a duplicate. */
static struct run_row
run_row_after(const struct refold_batch *b)
{
	const struct refold_result *res = &b->result;
	const struct refold_result *was = &b->r->is.result;
	struct run_row row = b->r->is.row;
	struct line_counts n = b->counts;
	int64_t told = n.events + n.duplicates;

	n.events = res->events_changed + res->events_added -
	    was->events_changed - was->events_added;
	n.duplicates = told - n.events;
	line_counts_add(&row.counts, &n);
	row.calls = res->calls.changed + res->calls.added + res->calls.removed;
	return row;
}

/* How far the run will be when this batch, perhaps the last of its source, is committed. */
static void
state_after(const struct refold_batch *b, bool last, struct refold_state *next)
{
	next->row = run_row_after(b);
	next->result = b->result;
	next->line = b->last > 0 ? b->last : next->line;
	line_counts_add(&next->counts, &b->counts);
	if (!last)
		return;
	next->result.sources++;
	next->source++;
	next->line = 0;
}

static bool
write_batch(struct refold_batch *b, bool last, struct err *err)
{
	struct refold *r = b->r;
	struct refold_state *next = &r->next;

	*next = r->is;
	if (!put_events(b, err) || !transcripts_put(r->db, &b->arena, b->told,
	    b->tolds, err))
		return false;
	count_events(b);
	if (b->first > 0 && !put_rejects(b, err))
		return false;
	b->result.lines += b->counts.lines;
	state_after(b, last, next);
	if (last && !put_books(b, &next->counts, err))
		return false;
	if (last)
		next->counts = (struct line_counts){ 0 };
	return run_put(r->db, &next->row, err) && db_commit(r->db, err);
}

bool
refold_batch_flush(struct refold_batch *b, struct placed *placed, bool last,
    struct err *err)
{
	if (!refold_begin_batch(b->r, placed, err))
		return false;
	if (!write_batch(b, last, err)) {
		db_rollback(b->r->db);
		return false;
	}
	b->r->is = b->r->next;
	return refold_batch_begin(b) || err_nomem(err);
}
