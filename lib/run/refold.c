#include "run/refold.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "db/drift.h"
#include "db/passage.h"
#include "embedded.h"
#include "run/archive.h"
#include "run/comeback.h"
#include "run/paths.h"
#include "run/refold_inner.h"

enum { FOLD_CALLS = 2000 };

static bool
placed_open(struct placed *p, const char *conninfo, struct err *err)
{
	*p = (struct placed){ .db = db_open(conninfo, err) };
	return p->db != NULL && db_exec(p->db, sql_begin_reading, err) &&
	    cursor_open(&p->events, p->db, sql_declare_refold_events, NULL, 0,
	    sql_fetch_refold_events, err);
}

static void
placed_close(struct placed *p)
{
	cursor_close(&p->events);
	db_close(p->db);
	p->db = NULL;
}

/* Waits until nobody wants one of the tables for himself; nothing is held meanwhile. */
static bool
give_way(struct refold *r, struct placed *p, struct err *err)
{
	placed_close(p);
	if (!db_begin(r->db, err))
		return false;
	if (db_exec(r->db, sql_lock_batch, err) && db_commit(r->db, err))
		return placed_open(p, r->opt->conninfo, err);
	db_rollback(r->db);
	return false;
}

bool
refold_begin_batch(struct refold *r, struct placed *p, struct err *err)
{
	bool got = false;

	while (!got) {
		if (!db_begin(r->db, err))
			return false;
		if (!db_lock_now(r->db, sql_lock_batch, &got, err)) {
			db_rollback(r->db);
			return false;
		}
		if (!got && !give_way(r, p, err))
			return false;
	}
	return true;
}

/* ---- which sources ---- */

struct source_list {
	struct arena arena;
	struct source_row *row;		/* by source_id */
	const char **path;		/* where each is in reach; NULL: nowhere */
	size_t n;
	bool found;			/* they were looked for */
};

static bool
keep_rows(struct source_list *l, const struct db_rows *rows, struct err *err)
{
	l->n = db_rows_count(rows);
	l->row = arena_alloc(&l->arena, (l->n + 1) * sizeof(*l->row));
	l->path = arena_alloc(&l->arena, (l->n + 1) * sizeof(*l->path));
	if (l->arena.failed)
		return err_nomem(err);
	for (size_t i = 0; i < l->n; i++) {
		l->row[i] = source_row_get(rows, i, &l->arena);
		l->path[i] = NULL;
	}
	return l->arena.failed ? err_nomem(err) : true;
}

static bool
query_sources(struct source_list *l, struct db *db, struct db_param names,
    struct err *err)
{
	struct db_rows *rows = db_query(db, sql_list_sources, &names, 1, err);
	bool ok = rows != NULL && keep_rows(l, rows, err);

	db_rows_free(rows);
	return ok;
}

/* The sources of the files that were given. */
static bool
sources_of_paths(struct source_list *l, const struct refold *r,
    struct err *err)
{
	struct path_list list;
	struct buf b = BUF_INIT(0);
	struct str *name;
	bool ok = false;

	if (!path_list_open(&list, r->opt->path, r->opt->paths, err))
		return false;
	name = path_list_names(&list, 0, list.n, &list.arena);
	if (name == NULL)
		err_nomem(err);
	else
		ok = query_sources(l, r->db, db_text_array(&b, name, list.n),
		    err);
	if (ok && l->n == 0)
		ok = err_fail(err, "no line was ever loaded from these files");
	buf_free(&b);
	path_list_close(&list);
	return ok;
}

static void
note_gone(struct refold *r, const struct source_row *row, const char *why)
{
	struct err e = ERR_INIT;

	r->is.result.sources_gone++;
	if (r->opt->note == NULL)
		return;
	err_fail(&e, "%.*s: %s; its events stay as they are stored",
	    STR_ARG(row->name), why);
	r->opt->note(r->opt->note_data, e.text);
}

/* Finds the file of a source, if it still begins with what was loaded from it. */
static bool
find_file(struct refold *r, struct source_list *l, size_t i, struct err *err)
{
	const struct source_row *row = &l->row[i];
	struct progress *progress = r->opt->progress;
	char *path = arena_cstr(&l->arena, row->name);
	struct err why = ERR_INIT;
	struct stat st;
	bool same;

	if (path == NULL)
		return err_nomem(err);
	if (str_eq(row->name, STR("-")) || stat(path, &st) != 0) {
		note_gone(r, row, str_eq(row->name, STR("-")) ?
		    "was standard input" : "is not there any more");
		return true;
	}
	if (!archive_begins_with(path, row, r->opt->max_line_bytes, &same,
	    &why) || !same) {
		note_gone(r, row, why.kind != ERR_NONE ? why.text :
		    "has changed since it was loaded");
		return true;
	}
	l->path[i] = path;
	atomic_fetch_add(&progress->files_total, 1);
	atomic_fetch_add(&progress->raw_bytes_total, (uint64_t)st.st_size);
	return true;
}

static bool
find_sources(struct refold *r, struct source_list *l, struct err *err)
{
	progress_begin(r->opt->progress, "refold", NULL, 0);
	if (!(r->opt->paths > 0 ? sources_of_paths(l, r, err) :
	    query_sources(l, r->db, db_null(), err)))
		return false;
	for (size_t i = 0; i < l->n; i++)
		if (!find_file(r, l, i, err))
			return false;
	l->found = true;
	return true;
}

/* The next source from *at on that is in reach; false when there is none. */
static bool
next_source(const struct source_list *l, size_t *at)
{
	while (*at < l->n && l->path[*at] == NULL)
		++*at;
	return *at < l->n;
}

static bool
refold_sources(struct refold *r, const struct source_list *l,
    struct err *err)
{
	struct placed placed;
	bool ok;

	if (!next_source(l, &r->is.source))
		return true;
	ok = passages_forget(r->db, err) &&
	    placed_open(&placed, r->opt->conninfo, err);
	while (ok && next_source(l, &r->is.source)) {
		size_t i = r->is.source;

		ok = refold_source(r, &l->row[i], l->path[i], &placed, err) ||
		    err_add(err, "%s", l->path[i]);
		atomic_fetch_add(&r->opt->progress->files_done, ok);
	}
	placed_close(&placed);
	return ok;
}

/* ---- all calls ---- */

/* The next calls, in one transaction. */
static bool
refold_some(struct refold *r, const int16_t *utc_day, size_t utc_days,
    bool *end, struct err *err)
{
	struct refold_state *next = &r->next;
	struct refold_counts *counts = &next->result.calls;

	*next = r->is;
	if (!db_begin(r->db, err))
		return false;
	if (!stored_refold_next(r->db, r->opt->profiles, &next->row.run_id,
	    utc_day, utc_days, &next->after, FOLD_CALLS, counts, end, err))
		goto fail;
	next->row.calls = counts->changed + counts->added + counts->removed;
	if (!run_put(r->db, &next->row, err) || !db_commit(r->db, err))
		goto fail;
	r->is = *next;
	return true;
fail:
	db_rollback(r->db);
	return false;
}

static bool
refold_calls(struct refold *r, struct err *err)
{
	struct arena arena;
	int16_t *utc_day;
	size_t utc_days;
	bool end = false, ok;

	arena_init(&arena, 0);
	ok = stored_utc_days(r->db, &arena, &utc_day, &utc_days, err);
	while (ok && !end)
		ok = progress_goes_on(r->opt->progress, err) &&
		    refold_some(r, utc_day, utc_days, &end, err);
	arena_close(&arena);
	return ok;
}

static bool
open_run(struct refold *r, struct err *err)
{
	struct run_row *row = &r->is.row;

	row->command = "refold";
	row->started_us = clock_now_us();
	if (!id128_random(&row->run_id, err))
		return false;
	r->is.result.run_id = row->run_id;
	r->next = r->is;
	return run_begin(r->db, row, err);
}

static const char *
end_state(const struct refold *r, bool ok)
{
	if (!ok)
		return "failed";
	return r->is.result.newly_rejected > 0 ? "partial" : "done";
}

/* Says how the run ended; its own trouble counts only when nothing else went wrong. */
static bool
close_run(struct refold *r, bool ok, struct err *err)
{
	struct run_row *row = &r->is.row;
	struct err end_err = ERR_INIT;
	bool put;

	row->files = r->is.result.sources;
	put = run_put(r->db, row, &end_err) &&
	    run_end(r->db, row, end_state(r, ok), ok ? NULL : err->text,
	    clock_now_us(), &end_err);
	if (ok && !put)
		*err = end_err;
	return ok && put;
}

/* All that is not done yet, on an open connection. */
static bool
run_rest(struct refold *r, struct source_list *l, struct err *err)
{
	bool ok = db_exec(r->db, sql_set_writer, err) &&
	    drift_forget_known(r->db, r->opt->profiles, err);

	if (!ok)
		return false;
	r->store = store_open(r->db, r->opt->profiles, &r->is.row.run_id, err);
	ok = r->store != NULL && (l->found || r->opt->stored_only ||
	    find_sources(r, l, err)) && refold_sources(r, l, err) &&
	    refold_calls(r, err) && close_run(r, true, err);
	store_close(r->store);
	return ok;
}

/* The server was away: finds out where the run stands. */
static bool
resume(struct refold *r, struct err *err)
{
	bool is_next;

	if (!run_settle(r->db, &r->is.row, &r->next.row, &is_next, err))
		return false;
	if (is_next)
		r->is = r->next;
	return true;
}

bool
refold_run(const struct refold_options *o, struct db *db,
    struct refold_result *result, struct err *err)
{
	struct comeback c = {
		.limit_ms = o->comeback_ms, .progress = o->progress,
		.note = o->note, .note_data = o->note_data,
	};
	struct refold r = { .opt = o, .db = db };
	struct source_list l = { .n = 0 };
	bool ok;

	arena_init(&l.arena, 0);
	ok = open_run(&r, err) && run_rest(&r, &l, err);
	while (!ok && comeback_reopen(&c, db, err))
		ok = resume(&r, err) && run_rest(&r, &l, err);
	if (!ok)
		(void)close_run(&r, false, err);
	*result = r.is.result;
	arena_close(&l.arena);
	return ok;
}
