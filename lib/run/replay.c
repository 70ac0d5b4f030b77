/*
 * The second half of ingest.h: rejects that are decoded again.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "db/store.h"
#include "embedded.h"
#include "io/doc.h"
#include "run/ingest.h"

enum { REPLAY_LINES = 1000 };	/* a batch; each may hold REJECT_KEEP_BYTES */

enum verdict { VERDICT_EVENT, VERDICT_DUPLICATE, VERDICT_IGNORED };

/* How far a replay has come. */
struct replay_state {
	struct run_row row;
	int64_t source_id, at_line;	/* the last one tried */
	struct replay_result result;
};

struct replay {
	const struct profiles *profiles;
	struct db *db;
	struct store *store;
	struct decoder *decoder;
	struct decode_warnings warnings;
	struct drift_set drift;		/* of the batch; its lines are rows, from 1 */
	struct db_param reason;
	struct arena arena;		/* of a batch */
	struct buf line;		/* one line and its padding */
	struct replay_state is;		/* what is committed */
	struct replay_state next;	/* what will be, when the transaction under way is */
};

/* Lines of a batch that are understood now. */
struct settled {
	int64_t *source_id, *line;
	int16_t *verdict;
	struct store_item *item;
	size_t *item_of;		/* place in item, for events */
	size_t n, items;
};

static bool
settled_open(struct settled *s, struct arena *a, size_t n)
{
	*s = (struct settled){
		.source_id = arena_alloc(a, n * sizeof(*s->source_id)),
		.line = arena_alloc(a, n * sizeof(*s->line)),
		.verdict = arena_alloc(a, n * sizeof(*s->verdict)),
		.item = arena_alloc(a, n * sizeof(*s->item)),
		.item_of = arena_alloc(a, n * sizeof(*s->item_of)),
	};
	return !a->failed;
}

static enum decode_result
decode_again(struct replay *r, struct str raw, struct decode_out *out)
{
	static const char padding[DOC_PADDING_BYTES];

	buf_reset(&r->line);
	buf_puts(&r->line, raw);
	buf_put(&r->line, padding, sizeof(padding));
	if (r->line.failed)
		return DECODED_NO_MEMORY;
	return decode_line(r->decoder, (struct str){ r->line.p, raw.n },
	    &r->arena, &r->warnings, out);
}

/* Decodes one reject; what is understood goes into *s. */
static bool
try_one(struct replay *r, const struct db_rows *rows, size_t row,
    struct settled *s, struct err *err)
{
	int64_t source_id = db_get_int(rows, row, 0);
	int64_t line = db_get_int(rows, row, 1);
	struct decode_out out;

	switch (decode_again(r, db_get_text(rows, row, 2), &out)) {
	case DECODED_NO_MEMORY:
		return err_nomem(err);
	case DECODED_REJECT:
		r->next.result.still_rejected++;
		return true;
	case DECODED_IGNORED:
		s->verdict[s->n] = VERDICT_IGNORED;
		break;
	case DECODED_EVENT:
		out.event->source_id = source_id;
		out.event->line = line;
		s->item_of[s->n] = s->items;
		s->item[s->items++] = (struct store_item){ .event = out.event };
		s->verdict[s->n] = VERDICT_EVENT;
		break;
	}
	s->source_id[s->n] = source_id;
	s->line[s->n++] = line;
	return true;
}

static void
judge(struct replay *r, struct settled *s)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->verdict[i] == VERDICT_EVENT &&
		    s->item[s->item_of[i]].duplicate)
			s->verdict[i] = VERDICT_DUPLICATE;
		r->next.result.ignored += s->verdict[i] == VERDICT_IGNORED;
	}
}

static bool
settle_books(struct replay *r, const struct settled *s, struct err *err)
{
	struct buf ids = BUF_INIT(0), lines = BUF_INIT(0), verdicts = BUF_INIT(0);
	struct db_param p[] = {
		db_int8_array(&ids, s->source_id, s->n),
		db_int8_array(&lines, s->line, s->n),
	};
	struct db_param q[] = {
		p[0], db_int2_array(&verdicts, s->verdict, s->n),
	};
	bool ok = db_run(r->db, sql_remove_rejects, p, 2, NULL, err) &&
	    db_run(r->db, sql_settle_sources, q, 2, NULL, err);

	buf_free(&ids);
	buf_free(&lines);
	buf_free(&verdicts);
	return ok;
}

/* The run's row says what its result says. */
static void
fill_row(struct replay_state *s)
{
	const struct replay_result *n = &s->result;

	s->row.counts = (struct line_counts){
		.lines = n->tried,
		.events = n->events,
		.duplicates = n->duplicates,
		.rejected = n->still_rejected,
		.ignored = n->ignored,
	};
	s->row.calls = n->calls;
}

static bool
store_settled(struct replay *r, struct settled *s, struct err *err)
{
	struct replay_result *n = &r->next.result;
	struct store_counts stored = { 0 };

	if (!store_put(r->store, s->item, s->items, &stored, err))
		return false;
	judge(r, s);
	n->events += (int64_t)stored.events;
	n->duplicates += (int64_t)stored.duplicates;
	n->calls += (int64_t)stored.calls;
	fill_row(&r->next);
	return (s->n == 0 || settle_books(r, s, err)) &&
	    run_put(r->db, &r->next.row, err) && db_commit(r->db, err);
}

/* What is new in the lines of a batch. */
static bool
put_drift(struct replay *r, const struct db_rows *rows, struct err *err)
{
	struct drift_row *news = arena_alloc(&r->arena,
	    (r->drift.n + 1) * sizeof(*news));
	struct drift_counts counts = { 0 };

	if (news == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < r->drift.n; i++) {
		size_t row = (size_t)r->drift.v[i].line - 1;

		news[i] = (struct drift_row){ r->drift.v[i],
		    db_get_int(rows, row, 0) };
		news[i].drift.line = db_get_int(rows, row, 1);
	}
	return drift_put(r->db, news, r->drift.n, clock_now_us(), &counts,
	    err);
}

static bool
replay_rows(struct replay *r, const struct db_rows *rows, struct err *err)
{
	size_t n = db_rows_count(rows);
	struct settled s;

	arena_reset(&r->arena);
	if (!settled_open(&s, &r->arena, n))
		return err_nomem(err);
	r->drift = (struct drift_set){ .arena = &r->arena };
	decoder_watch(r->decoder, &r->drift);
	for (size_t i = 0; i < n; i++) {
		r->drift.line = (int64_t)i + 1;
		if (!try_one(r, rows, i, &s, err))
			return false;
	}
	if (!put_drift(r, rows, err))
		return false;
	r->next.result.tried += (int64_t)n;
	r->next.source_id = db_get_int(rows, n - 1, 0);
	r->next.at_line = db_get_int(rows, n - 1, 1);
	return store_settled(r, &s, err);
}

/* One batch in one transaction; *end when there was none left. */
static bool
replay_batch(struct replay *r, bool *end, struct err *err)
{
	struct db_slot slot[3];
	struct db_param p[] = {
		db_int8(r->is.source_id, &slot[0]),
		db_int8(r->is.at_line, &slot[1]), r->reason,
		db_int8(REPLAY_LINES, &slot[2]),
	};
	struct db_rows *rows;
	bool ok;

	r->next = r->is;
	if (!db_begin(r->db, err))
		return false;
	rows = db_query(r->db, sql_get_rejects, p, 4, err);
	*end = rows != NULL && db_rows_count(rows) == 0;
	ok = rows != NULL && (*end || replay_rows(r, rows, err));
	db_rows_free(rows);
	if (!ok || *end)
		db_rollback(r->db);
	if (ok)
		r->is = r->next;
	return ok;
}

static bool
count_not_whole(struct replay *r, struct err *err)
{
	struct db_rows *rows = db_query(r->db, sql_count_rejects_not_whole,
	    &r->reason, 1, err);

	if (rows == NULL)
		return false;
	r->is.result.not_whole = db_get_int(rows, 0, 0);
	db_rows_free(rows);
	return true;
}

/* Begins, or begins again, on an open connection. */
static bool
replay_begin(struct replay *r, struct err *err)
{
	store_close(r->store);
	r->store = NULL;
	if (!db_exec(r->db, sql_set_writer, err) ||
	    !drift_forget_known(r->db, r->profiles, err))
		return false;
	r->store = store_open(r->db, r->profiles, &r->is.row.run_id, err);
	return r->store != NULL;
}

static bool
replay_all(struct replay *r, struct err *err)
{
	bool end = false, ok = replay_begin(r, err);

	while (ok && !end)
		ok = replay_batch(r, &end, err);
	if (!ok || !count_not_whole(r, err))
		return false;
	return run_end(r->db, &r->is.row, r->is.row.counts.rejected > 0 ?
	    "partial" : "done", NULL, clock_now_us(), err);
}

/* The server was away: finds out where it stands, and goes on from there. */
static bool
replay_rest(struct replay *r, struct err *err)
{
	bool is_next;

	if (!run_settle(r->db, &r->is.row, &r->next.row, &is_next, err))
		return false;
	if (is_next)
		r->is = r->next;
	return replay_all(r, err);
}

static bool
replay_open(struct replay *r, struct err *err)
{
	struct run_row *row = &r->is.row;

	row->command = "rejects replay";
	row->started_us = clock_now_us();
	if (!id128_random(&row->run_id, err))
		return false;
	r->next = r->is;
	if ((r->decoder = decoder_open(r->profiles)) == NULL)
		return err_nomem(err);
	return run_begin(r->db, row, err);
}

bool
ingest_replay(const struct profiles *profiles, struct db *db,
    const char *reason, struct comeback *comeback,
    struct replay_result *result, struct err *err)
{
	struct replay r = {
		.profiles = profiles,
		.db = db,
		.reason = db_text(str_of(reason)),
		.is.source_id = -1,
	};
	bool ok;

	arena_init(&r.arena, 0);
	ok = replay_open(&r, err) && replay_all(&r, err);
	while (!ok && comeback_reopen(comeback, db, err))
		ok = replay_rest(&r, err);
	*result = r.is.result;
	store_close(r.store);
	decoder_close(r.decoder);
	arena_close(&r.arena);
	buf_free(&r.line);
	return ok;
}
