#include "run/ingest.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "db/store.h"
#include "embedded.h"
#include "run/paths.h"
#include "run/pipeline.h"
#include "run/warnings.h"

/*
 * Of the memory that is allowed, one part each for the batch that is being
 * decoded, the batch that is being written, what is computed and asked about
 * it, and three for parsers, raw blocks and the program itself.
 */
enum { MEMORY_SHARES = 6, BATCH_MIN_BYTES = 256 * 1024 };

struct run {
	const struct ingest_options *opt;
	struct db *db;
	struct store *store;
	struct run_row row;
	struct buf warnings_json;
	struct ingest_result *result;
};

/* One batch: parts and what they hold together. */
struct batch {
	struct part *list;
	struct arena arena;
	struct store_item *item;
	size_t items;
	struct reject_row *reject;
	size_t rejects;
	struct source_row **source;	/* distinct, in the order of reading */
	size_t sources;
	struct drift_row *drift;
	size_t drifts;
	struct line_counts counts;
	struct store_counts stored;
	struct drift_counts drifted;
};

static void
batch_sizes(const struct batch *b, size_t *events, size_t *rejects,
    size_t *parts, size_t *drifts)
{
	*events = *rejects = *parts = *drifts = 0;
	for (const struct part *p = b->list; p != NULL; p = p->next) {
		*events += p->events;
		*rejects += p->rejects;
		*drifts += p->drift.n;
		(*parts)++;
	}
}

static void
add_part(struct batch *b, struct part *p)
{
	struct source_row *s = &p->source->row;

	for (size_t i = 0; i < p->events; i++) {
		p->event[i]->source_id = s->source_id;
		b->item[b->items++].event = p->event[i];
	}
	for (size_t i = 0; i < p->rejects; i++) {
		b->reject[b->rejects] = p->reject[i];
		b->reject[b->rejects++].source_id = s->source_id;
	}
	for (size_t i = 0; i < p->drift.n; i++)
		b->drift[b->drifts++] = (struct drift_row){
			p->drift.v[i], s->source_id };
	b->drifted.left_out += (int64_t)p->drift.left_out;
	if (b->sources == 0 || b->source[b->sources - 1] != s)
		b->source[b->sources++] = s;
}

/* Lays the parts' events and rejects side by side. */
static bool
batch_open(struct batch *b, struct part *list, struct err *err)
{
	size_t events, rejects, parts, drifts;

	*b = (struct batch){ .list = list };
	arena_init(&b->arena, 0);
	batch_sizes(b, &events, &rejects, &parts, &drifts);
	b->item = arena_alloc(&b->arena, (events + 1) * sizeof(*b->item));
	b->reject = arena_alloc(&b->arena, (rejects + 1) * sizeof(*b->reject));
	b->source = arena_alloc(&b->arena, (parts + 1) * sizeof(*b->source));
	b->drift = arena_alloc(&b->arena, (drifts + 1) * sizeof(*b->drift));
	if (b->arena.failed)
		return err_nomem(err);
	for (struct part *p = list; p != NULL; p = p->next)
		add_part(b, p);
	return true;
}

static void
batch_close(struct batch *b)
{
	parts_free(b->list);
	arena_close(&b->arena);
}

/* Moves a part's counts into its source's row, after its events were judged. */
static void
count_part(struct batch *b, const struct part *p, const struct store_item *item)
{
	struct source_row *s = &p->source->row;
	struct line_counts n = {
		.lines = p->lines,
		.rejected = (int64_t)p->rejects,
		.ignored = p->ignored,
	};

	for (size_t i = 0; i < p->events; i++)
		n.duplicates += item[i].duplicate;
	n.events = (int64_t)p->events - n.duplicates;
	line_counts_add(&s->counts, &n);
	line_counts_add(&b->counts, &n);
	if (p->ends_source) {
		s->whole = p->whole;
		s->raw_bytes = (int64_t)p->raw_bytes;
		s->raw_hash = p->raw_hash;
		s->damage = p->damage;
		s->finished = p->whole && p->damage.p == NULL;
		return;
	}
	s->done_bytes = (int64_t)p->done_bytes;
	s->done_hash = p->done_hash;
	s->done_at_line_end = p->at_line_end;
}

static void
count_batch(struct batch *b)
{
	const struct store_item *item = b->item;

	for (const struct part *p = b->list; p != NULL; p = p->next) {
		count_part(b, p, item);
		item += p->events;
	}
}

/* What the run's row says once this batch is committed. */
static struct run_row
run_row_after(const struct run *r, const struct batch *b)
{
	struct run_row row = r->row;

	line_counts_add(&row.counts, &b->counts);
	row.calls += (int64_t)b->stored.calls;
	return row;
}

static bool
write_batch(struct run *r, struct batch *b, struct err *err)
{
	struct run_row row;

	if (!store_put(r->store, b->item, b->items, &b->stored, err))
		return false;
	count_batch(b);
	row = run_row_after(r, b);
	if (!rejects_put(r->db, b->reject, b->rejects, &r->row.run_id, err) ||
	    !sources_put(r->db, b->source, b->sources, &r->row.run_id,
	    clock_now_us(), err) || !run_put(r->db, &row, err) ||
	    !drift_put(r->db, b->drift, b->drifts, clock_now_us(),
	    &b->drifted, err))
		return false;
	if (!db_commit(r->db, err))
		return false;
	r->row = row;
	return true;
}

/* Adds what a committed batch says beyond its lines. */
static void
sum_up(struct run *r, const struct batch *b)
{
	struct ingest_result *res = r->result;

	for (const struct part *p = b->list; p != NULL; p = p->next) {
		warnings_add(&res->warnings, &p->warnings);
		for (size_t i = 0; i < p->rejects; i++)
			res->by_reason[p->reason[i]]++;
		if (p->damage.p != NULL)
			res->files_unfinished++;
	}
	res->drift.fresh += b->drifted.fresh;
	res->drift.left_out += b->drifted.left_out;
	res->counts = r->row.counts;
	res->calls = r->row.calls;
	atomic_store(&r->opt->progress->events,
	    (uint64_t)r->row.counts.events);
}

/*
 * Batches do not wait for the disk: a server that crashes loses the last of
 * them together with their part of the ledger, and close_run's commit, which
 * waits, makes them all durable before the run is called done.
 */
static bool
put_batch(struct run *r, struct part *list, struct err *err)
{
	struct batch b;
	bool ok = batch_open(&b, list, err) && db_begin(r->db, err) &&
	    db_exec(r->db, sql_set_commit_later, err) &&
	    write_batch(r, &b, err);

	if (ok)
		sum_up(r, &b);
	else
		db_rollback(r->db);
	batch_close(&b);
	return ok;
}

static bool
put_all(struct run *r, struct pipeline *p, struct err *err)
{
	struct part *list;

	for (;;) {
		if (!pipeline_take(p, &list, err))
			return false;
		if (list == NULL)
			return true;
		if (!put_batch(r, list, err))
			return false;
	}
}

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
	ok = put_all(r, p, err);
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
	if (!db_exec(r->db, sql_set_writer, err) ||
	    !run_begin(r->db, &r->row, err) ||
	    !drift_forget_known(r->db, r->opt->profiles, err))
		return false;
	r->store = store_open(r->db, r->opt->profiles, &r->row.run_id, err);
	return r->store != NULL;
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
	atomic_store(&opt->progress->files_total, list.n);
	atomic_store(&opt->progress->raw_bytes_total, (uint64_t)list.bytes);
	ok = run_open(&r, err);
	if (ok)
		ok = close_run(&r, run_list(&r, &list, err), err);
	result->plain_bytes =
	    (int64_t)atomic_load(&opt->progress->plain_bytes);
	result->elapsed_us = clock_mono_us() - start;
	store_close(r.store);
	buf_free(&r.warnings_json);
	path_list_close(&list);
	return ok;
}
