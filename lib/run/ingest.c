#include "run/ingest.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "db/late_index.h"
#include "db/migrate.h"
#include "embedded.h"
#include "run/comeback.h"
#include "run/ingest_inner.h"
#include "run/paths.h"
#include "run/warnings.h"

/*
 * Of the memory that is allowed, 9 parts for the batch that is being decoded,
 * 9 each for the two that are being written, some 18 for what is computed and
 * asked about these, and 19 for parsers, raw blocks and the program itself.
 */
enum { MEMORY_SHARES = 64, BATCH_SHARES = 9, BATCH_MIN_BYTES = 256 * 1024 };

static int
default_jobs(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	if (n < 2)
		return 1;
	return n - 1 > INGEST_JOBS_MAX ? INGEST_JOBS_MAX : (int)n - 1;
}

static struct pipeline_options
pipeline_options(const struct run *r, size_t first, size_t end)
{
	const struct ingest_options *opt = r->opt;
	size_t memory = opt->memory_bytes ? opt->memory_bytes :
	    INGEST_MEMORY_BYTES;
	size_t batch = memory / MEMORY_SHARES * BATCH_SHARES;

	return (struct pipeline_options){
		.list = &r->list,
		.first = first,
		.end = end,
		.ledger = r->ledger,
		.ingest = opt,
		.max_line_bytes = opt->max_line_bytes ? opt->max_line_bytes :
		    INGEST_MAX_LINE_BYTES,
		.batch_bytes = opt->batch_lines > 0 ? 1 :
		    batch > BATCH_MIN_BYTES ? batch : BATCH_MIN_BYTES,
		.jobs = opt->jobs ? opt->jobs : default_jobs(),
		.passages = r->passages,
		.seen = r->seen,
	};
}

/* Starts to read these files. NULL on error. */
static struct pipeline *
start_reading(struct run *r, size_t first, size_t end, struct err *err)
{
	struct pipeline_options opt = pipeline_options(r, first, end);

	return pipeline_open(&opt, err);
}

/* Ends the reading, and counts what was read. NULL is fine. */
static void
stop_reading(struct run *r, struct pipeline *p)
{
	struct pipeline_counts n = { 0 };

	pipeline_close(p, &n);
	r->row.files = r->result->files += n.files;
	r->row.files_unchanged = r->result->files_unchanged +=
	    n.files_unchanged;
	r->result->files_failed += n.files_failed;
}

/* Reads these files, unless they are being read, and stores them, batch by batch. */
static bool
run_files(struct run *r, size_t first, size_t end, struct err *err)
{
	struct pipeline *p = r->reading;
	bool ok;

	r->reading = NULL;
	if (p == NULL && (p = start_reading(r, first, end, err)) == NULL)
		return false;
	ok = lanes_run(r, p, err);
	stop_reading(r, p);
	return ok;
}

static const char *
end_state(const struct ingest_result *res)
{
	if (res->files_failed > 0)
		return "failed";
	return res->counts.rejected > 0 || res->files_unfinished > 0 ?
	    "partial" : "done";
}

/* Says how the run ended; its commit makes all that came before it durable. */
static bool
end_run(struct run *r, const char *state, const char *message,
    struct err *err)
{
	if (!warnings_json(&r->result->warnings, &r->warnings_json))
		return err_nomem(err);
	r->row.warnings = buf_str(&r->warnings_json);
	if (db_begin(r->db, err) && run_put(r->db, &r->row, err) &&
	    run_end(r->db, &r->row, state, message, clock_now_us(), err) &&
	    db_commit(r->db, err))
		return true;
	db_rollback(r->db);
	return false;
}

static bool
run_open(struct run *r, struct err *err)
{
	r->row.command = "ingest";
	r->row.started_us = clock_now_us();
	if (!id128_random(&r->row.run_id, err))
		return false;
	r->result->run_id = r->row.run_id;
	r->begun = run_begin(r->db, &r->row, err);
	return r->begun && drift_forget_known(r->db, r->opt->profiles, err);
}

static enum reject_reason
reason_of(struct str name)
{
	int i = 0;

	while (i < REJECT_COUNT && !str_eq(name, str_of(reject_name[i])))
		i++;
	return (enum reject_reason)i;
}

/* The committed rejects of this run, which are not those that it saw. */
static bool
recount_rejects(struct run *r, struct err *err)
{
	struct db_param id = db_uuid(&r->row.run_id);
	struct db_rows *rows = db_query(r->db, sql_count_run_rejects, &id, 1,
	    err);
	int64_t *n = r->result->by_reason;

	if (rows == NULL)
		return false;
	memset(n, 0, sizeof(r->result->by_reason));
	for (size_t i = 0; i < db_rows_count(rows); i++) {
		enum reject_reason reason = reason_of(db_get_text(rows, i, 0));

		if (reason < REJECT_COUNT)
			n[reason] = db_get_int(rows, i, 1);
	}
	db_rows_free(rows);
	return true;
}

static bool
reread_warnings(struct run *r, struct err *err)
{
	struct db_param id = db_uuid(&r->row.run_id);
	struct db_rows *rows = db_query(r->db, sql_list_run_warnings, &id, 1,
	    err);
	struct decode_warnings *w = &r->result->warnings;

	if (rows == NULL)
		return false;
	*w = (struct decode_warnings){ 0 };
	for (size_t i = 0; i < db_rows_count(rows); i++)
		warnings_set(w, db_get_text(rows, i, 0),
		    (uint64_t)db_get_int(rows, i, 1));
	db_rows_free(rows);
	return true;
}

/*
 * The server was away. What counts is what it has now; a file that is
 * damaged is read, and counted, once more. Only drift of batches that were
 * lost may be told as new twice.
 */
static bool
resume(struct run *r, struct err *err)
{
	struct progress *p = r->opt->progress;

	if (!run_resume(r->db, &r->row, NULL, err) || !recount_rejects(r, err) ||
	    !reread_warnings(r, err))
		return false;
	r->result->counts = r->row.counts;
	r->result->calls = r->row.calls;
	r->result->files_unfinished = 0;
	atomic_store(&p->files_done, 0);
	atomic_store(&p->raw_bytes_done, 0);
	return true;
}

static bool
is_in_list(const void *list, struct str name)
{
	return path_list_find(list, name) != PATH_NONE;
}

/* What the ledger knows of these files. */
static bool
look_up(struct run *r, size_t first, size_t end, struct err *err)
{
	struct arena a;
	struct str *name;
	bool ok;

	arena_init(&a, 0);
	name = path_list_names(&r->list, first, end - first, &a);
	ok = name != NULL ? ledger_look(r->ledger, r->db, name, end - first,
	    is_in_list, &r->list, err) : err_nomem(err);
	arena_close(&a);
	return ok;
}

static bool
is_stopped(const struct run *r)
{
	return atomic_load(&r->opt->progress->stop_signal) != 0;
}

/* For all its threads: what heaps of their own would keep free adds up from one time to the next. */
enum { HEAPS = 2 };

/* Some files at a time: there may be a million. Where those end that begin at at. */
static size_t
end_of_some(const struct run *r, size_t at)
{
	size_t left = r->list.n - at;

	return at + (left < LEDGER_FILES_MAX ? left : LEDGER_FILES_MAX);
}

static bool
run_all_files(struct run *r, struct err *err)
{
	size_t n = r->list.n;
	bool ok = true;

	for (size_t at = 0, end; ok && at < n && !is_stopped(r); at = end) {
		end = end_of_some(r, at);
		ok = (r->reading != NULL || look_up(r, at, end, err)) &&
		    run_files(r, at, end, err);
		if (end < n)
			(void)malloc_trim(0);
	}
	return ok;
}

/* Whether all that is to be read can be read again, and nobody waits for a pipe. */
static bool
all_regular(const struct run *r)
{
	size_t i = 0;

	while (i < r->list.n && path_list_is_regular(&r->list, i))
		i++;
	return i == r->list.n;
}

/*
 * Makes the tables of a database that has none, while the first files are
 * read: no ledger can know them.
 */
static bool
make_tables(struct run *r, struct err *err)
{
	if (all_regular(r) && ((r->ledger = ledger_empty(err)) == NULL ||
	    (r->reading = start_reading(r, 0, end_of_some(r, 0), err)) == NULL))
		return false;
	return migrate(r->db, NULL, err);
}

/* Ends what is read ahead, and forgets the ledger, which it looks into. */
static void
forget_ledger(struct run *r)
{
	stop_reading(r, r->reading);
	r->reading = NULL;
	ledger_free(r->ledger);
	r->ledger = NULL;
}

/* Reads all that is not committed yet, and ends the run. */
static bool
run_once(struct run *r, struct err *err)
{
	bool ok;

	if (r->ledger == NULL)
		r->ledger = ledger_open(r->db, err);
	ok = r->ledger != NULL && lanes_begin(r, err) && run_all_files(r, err);
	lanes_end(r);
	forget_ledger(r);
	return ok && progress_goes_on(r->opt->progress, err) &&
	    end_run(r, end_state(r->result), NULL, err);
}

/* What was read from a pipe cannot be read again. */
static bool
can_start_over(const struct run *r)
{
	for (size_t i = 0; i < r->list.n; i++)
		if (!path_list_is_regular(&r->list, i) &&
		    r->seen[i] == SEEN_COUNTED)
			return false;
	return true;
}

static bool
run_list(struct run *r, struct err *err)
{
	struct comeback c = {
		.limit_ms = r->opt->comeback_ms, .progress = r->opt->progress,
		.note = r->opt->note, .note_data = r->opt->note_data,
	};
	bool ok = run_once(r, err);

	while (!ok && can_start_over(r) && comeback_reopen(&c, r->db, err))
		ok = resume(r, err) && run_once(r, err);
	if (!ok && err->kind == ERR_LOST && !can_start_over(r))
		err_add(err, "what came through a pipe cannot be read again, "
		    "give it once more");
	return ok;
}

/* What is to be read, and the memory of what was. */
static bool
list_files(struct run *r, struct err *err)
{
	struct progress *p = r->opt->progress;

	if (!path_list_open(&r->list, r->opt->path, r->opt->paths, err))
		return false;
	if (r->list.n > LEDGER_FILES_MAX)
		(void)mallopt(M_ARENA_MAX, HEAPS);
	progress_begin(p, r->opt->stage != NULL ? r->opt->stage : "ingest",
	    NULL, 0);
	atomic_store(&p->files_total, r->list.n);
	atomic_store(&p->raw_bytes_total, (uint64_t)r->list.bytes);
	r->seen = arena_alloc(&r->list.arena, r->list.n + 1);
	if (r->seen == NULL)
		return err_nomem(err);
	memset(r->seen, 0, r->list.n + 1);
	return true;
}

/*
 * Makes what a large first load, this one or one that was killed, did without.
 * The run has ended: what it loaded stands, whatever comes of this.
 */
static void
make_late_indexes(struct run *r)
{
	struct err own = ERR_INIT, told = ERR_INIT;

	if (is_stopped(r) || late_indexes_make(r->db, &own) ||
	    r->opt->note == NULL)
		return;
	err_fail(&told, "what was loaded stands, but an index that makes "
	    "reports quick is left to the next ingest: %s", own.text);
	r->opt->note(r->opt->note_data, told.text);
}

bool
ingest_run(const struct ingest_options *opt, struct db *db,
    struct ingest_result *result, struct err *err)
{
	struct run r = { .opt = opt, .db = db, .result = result };
	int64_t start = clock_mono_us();
	struct err ignored = ERR_INIT;
	bool ok;

	*result = (struct ingest_result){ 0 };
	ok = list_files(&r, err) && (!opt->make_tables || make_tables(&r, err)) &&
	    run_open(&r, err) && run_list(&r, err);
	forget_ledger(&r);
	if (!ok && r.begun)
		(void)end_run(&r, "failed", err->text, &ignored);
	if (r.begun && (ok || err->kind != ERR_LOST))
		make_late_indexes(&r);
	result->plain_bytes =
	    (int64_t)atomic_load(&opt->progress->plain_bytes);
	result->elapsed_us = clock_mono_us() - start;
	buf_free(&r.warnings_json);
	path_list_close(&r.list);
	return ok;
}
