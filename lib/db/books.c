#include "db/books.h"

#include <stdlib.h>

#include "db/copy.h"
#include "embedded.h"

/* ---- runs ---- */

bool
run_begin(struct db *db, const struct run_row *r, struct err *err)
{
	struct db_slot slot;
	struct db_param stale = db_time(r->started_us, &slot);
	struct db_param p[] = {
		db_uuid(&r->run_id), db_text(str_of(r->command)),
		db_time(r->started_us, &slot),
	};

	return db_run(db, sql_fail_stale_runs, &stale, 1, NULL, err) &&
	    db_run(db, sql_begin_run, p, 3, NULL, err);
}

bool
run_resume(struct db *db, struct run_row *r, bool *done, struct err *err)
{
	struct db_param id = db_uuid(&r->run_id);
	struct db_rows *rows = db_query(db, sql_resume_run, &id, 1, err);
	bool found;

	if (rows == NULL)
		return false;
	if (done != NULL)
		*done = db_rows_count(rows) > 0 && db_get_bool(rows, 0, 6);
	r->counts = (struct line_counts){ 0 };
	r->calls = 0;
	if ((found = db_rows_count(rows) > 0)) {
		r->counts = (struct line_counts){
			.lines = db_get_int(rows, 0, 0),
			.events = db_get_int(rows, 0, 1),
			.duplicates = db_get_int(rows, 0, 2),
			.rejected = db_get_int(rows, 0, 3),
			.ignored = db_get_int(rows, 0, 4),
		};
		r->calls = db_get_int(rows, 0, 5);
	}
	db_rows_free(rows);
	return found || run_begin(db, r, err);
}

static bool
same_counts(const struct run_row *a, const struct run_row *b)
{
	return a->counts.lines == b->counts.lines && a->calls == b->calls;
}

bool
run_settle(struct db *db, const struct run_row *is,
    const struct run_row *next, bool *is_next, struct err *err)
{
	struct run_row row = *is;

	if (!run_resume(db, &row, NULL, err))
		return false;
	*is_next = !same_counts(&row, is);
	return !*is_next || same_counts(&row, next) ||
	    err_set(err, ERR_AGAIN, "database %s: what this run had committed "
	    "is not there any more; start it again", db_name(db));
}

bool
run_put(struct db *db, const struct run_row *r, struct err *err)
{
	const int64_t n[] = {
		r->files, r->files_unchanged, r->counts.lines,
		r->counts.events, r->counts.duplicates, r->counts.rejected,
		r->counts.ignored, r->calls,
	};
	enum { N = sizeof(n) / sizeof(n[0]) };
	struct db_slot slot[N];
	struct db_param p[N + 2];

	p[0] = db_uuid(&r->run_id);
	for (int i = 0; i < N; i++)
		p[i + 1] = db_int8(n[i], &slot[i]);
	p[N + 1] = db_text(r->warnings);
	return db_run(db, sql_put_run, p, N + 2, NULL, err);
}

bool
run_end(struct db *db, const struct run_row *r, const char *state,
    const char *message, int64_t now_us, struct err *err)
{
	struct db_slot slot;
	struct db_param p[] = {
		db_uuid(&r->run_id), db_text(str_of(state)),
		db_text(str_of(message)), db_time(now_us, &slot),
	};

	return db_run(db, sql_end_run, p, 4, NULL, err);
}

/* ---- sources ---- */

bool
source_new_id(int64_t *id, struct err *err)
{
	struct id128 r;
	uint64_t v;

	if (!id128_random(&r, err))
		return false;
	memcpy(&v, r.b, sizeof(v));
	*id = (int64_t)(v >> 1);
	return true;
}

struct source_row
source_row_get(const struct db_rows *rows, size_t i, struct arena *a)
{
	return (struct source_row){
		.source_id = db_get_int(rows, i, 0),
		.name = arena_str(a, db_get_text(rows, i, 1)),
		.done_bytes = db_get_int(rows, i, 2),
		.done_hash = db_get_uuid(rows, i, 3),
		.done_at_line_end = db_get_bool(rows, i, 4),
		.counts = {
			.lines = db_get_int(rows, i, 5),
			.events = db_get_int(rows, i, 6),
			.duplicates = db_get_int(rows, i, 7),
			.rejected = db_get_int(rows, i, 8),
			.ignored = db_get_int(rows, i, 9),
		},
		.finished = db_get_bool(rows, i, 10),
	};
}

/* The columns of put_sources, as arrays. */
struct source_columns {
	int64_t *source_id, *raw_bytes, *done_bytes;
	int64_t *lines, *events, *duplicates, *rejected, *ignored;
	int16_t *done_at_line_end, *finished;
	struct id128 *raw_hash, *done_hash;
	struct str *name, *damage;
};

static void
fill_columns(struct source_columns *c, size_t i, const struct source_row *s)
{
	c->source_id[i] = s->source_id;
	c->name[i] = s->name;
	c->raw_bytes[i] = s->whole ? s->raw_bytes : -1;
	c->raw_hash[i] = s->raw_hash;
	c->done_bytes[i] = s->done_bytes;
	c->done_hash[i] = s->done_hash;
	c->done_at_line_end[i] = s->done_at_line_end;
	c->lines[i] = s->counts.lines;
	c->events[i] = s->counts.events;
	c->duplicates[i] = s->counts.duplicates;
	c->rejected[i] = s->counts.rejected;
	c->ignored[i] = s->counts.ignored;
	c->finished[i] = s->finished;
	c->damage[i] = s->damage;
}

static bool
make_columns(struct source_columns *c, struct arena *a,
    struct source_row *const *row, size_t n)
{
	int64_t **const num[] = {
		&c->source_id, &c->raw_bytes, &c->done_bytes, &c->lines,
		&c->events, &c->duplicates, &c->rejected, &c->ignored,
	};

	for (size_t i = 0; i < sizeof(num) / sizeof(num[0]); i++)
		*num[i] = arena_alloc(a, n * sizeof(**num[i]));
	c->done_at_line_end = arena_alloc(a, n * sizeof(*c->done_at_line_end));
	c->finished = arena_alloc(a, n * sizeof(*c->finished));
	c->raw_hash = arena_alloc(a, n * sizeof(*c->raw_hash));
	c->done_hash = arena_alloc(a, n * sizeof(*c->done_hash));
	c->name = arena_alloc(a, n * sizeof(*c->name));
	c->damage = arena_alloc(a, n * sizeof(*c->damage));
	for (size_t i = 0; !a->failed && i < n; i++)
		fill_columns(c, i, row[i]);
	return !a->failed;
}

bool
sources_put(struct db *db, struct source_row *const *row, size_t n,
    const struct id128 *run_id, int64_t now_us, struct err *err)
{
	enum { ARRAYS = 14 };
	struct buf b[ARRAYS] = { 0 };
	struct source_columns c;
	struct db_slot slot;
	struct arena a;
	bool ok = false;

	if (n == 0)
		return true;
	arena_init(&a, 0);
	if (make_columns(&c, &a, row, n)) {
		struct db_param p[] = {
			db_int8_array(&b[0], c.source_id, n),
			db_text_array(&b[1], c.name, n),
			db_int8_array(&b[2], c.raw_bytes, n),
			db_uuid_array(&b[3], c.raw_hash, n),
			db_int8_array(&b[4], c.done_bytes, n),
			db_uuid_array(&b[5], c.done_hash, n),
			db_int2_array(&b[6], c.done_at_line_end, n),
			db_int8_array(&b[7], c.lines, n),
			db_int8_array(&b[8], c.events, n),
			db_int8_array(&b[9], c.duplicates, n),
			db_int8_array(&b[10], c.rejected, n),
			db_int8_array(&b[11], c.ignored, n),
			db_int2_array(&b[12], c.finished, n),
			db_text_array(&b[13], c.damage, n),
			db_uuid(run_id),
			db_time(now_us, &slot),
		};

		ok = db_run(db, sql_put_sources, p, ARRAYS + 2, NULL, err);
	} else {
		err_nomem(err);
	}
	for (int i = 0; i < ARRAYS; i++)
		buf_free(&b[i]);
	arena_close(&a);
	return ok;
}

/* ---- rejects ---- */

static bool
reject_put(struct copy_in *in, const struct reject_row *r,
    const struct id128 *run_id, struct err *err)
{
	if (!copy_in_row(in, 8, err))
		return false;
	copy_in_int8(in, r->source_id);
	copy_in_int8(in, r->line);
	copy_in_int8(in, r->offset_bytes);
	copy_in_text(in, str_of(r->reason));
	copy_in_text(in, r->message);
	copy_in_int8(in, r->line_bytes);
	copy_in_text(in, r->raw);
	copy_in_uuid(in, run_id);
	return true;
}

bool
rejects_put(struct db *db, const struct reject_row *row, size_t n,
    const struct id128 *run_id, struct err *err)
{
	struct copy_in in;

	if (n == 0)
		return true;
	if (!copy_in_begin(&in, db, sql_copy_rejects, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!reject_put(&in, &row[i], run_id, err)) {
			copy_in_abort(&in);
			return false;
		}
	return copy_in_end(&in, err);
}

bool
rejects_remove(struct db *db, int64_t source_id, const int64_t *line, size_t n,
    struct err *err)
{
	int64_t *source = n > 0 ? malloc(n * sizeof(*source)) : NULL;
	struct buf buf[2] = { 0 };
	struct db_param p[2];
	bool ok;

	if (n == 0)
		return true;
	if (source == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < n; i++)
		source[i] = source_id;
	p[0] = db_int8_array(&buf[0], source, n);
	p[1] = db_int8_array(&buf[1], line, n);
	ok = db_run(db, sql_remove_rejects, p, 2, NULL, err);
	buf_free(&buf[0]);
	buf_free(&buf[1]);
	free(source);
	return ok;
}
