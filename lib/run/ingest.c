#include "run/ingest.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "embedded.h"
#include "run/ingest_inner.h"
#include "run/paths.h"
#include "run/warnings.h"

/*
 * Of the memory that is allowed, one part for the batch that is being decoded,
 * one each for the two that are being written, one for what is computed and
 * asked about them, and three for parsers, raw blocks and the program itself.
 */
enum { MEMORY_SHARES = 7, BATCH_MIN_BYTES = 256 * 1024 };

static int
default_jobs(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	if (n < 2)
		return 1;
	return n - 1 > INGEST_JOBS_MAX ? INGEST_JOBS_MAX : (int)n - 1;
}

static struct pipeline_options
pipeline_options(const struct ingest_options *opt,
    const struct path_list *list, struct ledger *ledger)
{
	size_t memory = opt->memory_bytes ? opt->memory_bytes :
	    INGEST_MEMORY_BYTES;
	size_t batch = memory / MEMORY_SHARES;

	return (struct pipeline_options){
		.list = list,
		.ledger = ledger,
		.ingest = opt,
		.max_line_bytes = opt->max_line_bytes ? opt->max_line_bytes :
		    INGEST_MAX_LINE_BYTES,
		.batch_bytes = batch > BATCH_MIN_BYTES ? batch :
		    BATCH_MIN_BYTES,
		.jobs = opt->jobs ? opt->jobs : default_jobs(),
	};
}

/* Reads everything and stores it, batch by batch. */
static bool
run_files(struct run *r, const struct path_list *list, struct ledger *ledger,
    struct err *err)
{
	struct pipeline_options opt = pipeline_options(r->opt, list, ledger);
	struct pipeline_counts n = { 0 };
	struct pipeline *p = pipeline_open(&opt, err);
	bool ok;

	if (p == NULL)
		return false;
	ok = lanes_run(r, p, err);
	pipeline_close(p, &n);
	r->result->files = r->row.files = n.files;
	r->result->files_unchanged = r->row.files_unchanged =
	    n.files_unchanged;
	r->result->files_failed = n.files_failed;
	return ok;
}

static const char *
end_state(const struct ingest_result *res, bool ok)
{
	if (!ok || res->files_failed > 0)
		return "failed";
	return res->counts.rejected > 0 || res->files_unfinished > 0 ?
	    "partial" : "done";
}

/* Says how the run ended; its own trouble counts only when nothing else went wrong. */
static bool
close_run(struct run *r, bool ok, struct err *err)
{
	const char *state = end_state(r->result, ok);
	struct err end_err = ERR_INIT;
	bool put;

	warnings_json(&r->result->warnings, &r->warnings_json);
	r->row.warnings = buf_str(&r->warnings_json);
	put = db_begin(r->db, &end_err) &&
	    run_put(r->db, &r->row, &end_err) &&
	    run_end(r->db, &r->row, state, ok ? NULL : err->text,
	    clock_now_us(), &end_err) &&
	    db_commit(r->db, &end_err);
	if (!put)
		db_rollback(r->db);
	if (ok && !put)
		*err = end_err;
	return ok && put;
}

static bool
run_open(struct run *r, struct err *err)
{
	r->row.command = "ingest";
	r->row.started_us = clock_now_us();
	if (!id128_random(&r->row.run_id))
		return err_fail(err, "the system gives no random numbers");
	r->result->run_id = r->row.run_id;
	return run_begin(r->db, &r->row, err) &&
	    drift_forget_known(r->db, r->opt->profiles, err);
}

/* The names of a list's files. NULL: out of memory. */
static struct str *
path_names(struct path_list *list)
{
	struct str *name = arena_alloc(&list->arena,
	    (list->n + 1) * sizeof(*name));

	for (size_t i = 0; name != NULL && i < list->n; i++)
		name[i] = list->path[i].name;
	return name;
}

static bool
run_list(struct run *r, struct path_list *list, struct err *err)
{
	struct str *names = path_names(list);
	struct ledger *ledger;
	bool ok;
	int sig;

	if (names == NULL)
		return err_nomem(err);
	if ((ledger = ledger_load(r->db, names, list->n, err)) == NULL)
		return false;
	ok = run_files(r, list, ledger, err);
	ledger_free(ledger);
	if (ok && (sig = atomic_load(&r->opt->progress->stop_signal)) != 0) {
		err->signal_no = sig;
		ok = err_set(err, ERR_SIGNAL, "stopped by signal %d", sig);
	}
	return ok;
}

bool
ingest_run(const struct ingest_options *opt, struct db *db,
    struct ingest_result *result, struct err *err)
{
	struct run r = { .opt = opt, .db = db, .result = result };
	int64_t start = clock_mono_us();
	struct path_list list;
	bool ok;

	*result = (struct ingest_result){ 0 };
	if (!path_list_open(&list, opt->path, opt->paths, err))
		return false;
	progress_begin(opt->progress, opt->stage != NULL ? opt->stage :
	    "ingest", NULL, 0);
	atomic_store(&opt->progress->files_total, list.n);
	atomic_store(&opt->progress->raw_bytes_total, (uint64_t)list.bytes);
	ok = run_open(&r, err);
	if (ok)
		ok = close_run(&r, run_list(&r, &list, err), err);
	result->plain_bytes =
	    (int64_t)atomic_load(&opt->progress->plain_bytes);
	result->elapsed_us = clock_mono_us() - start;
	buf_free(&r.warnings_json);
	path_list_close(&list);
	return ok;
}
