/*
 * Batches into the database, on two connections.
 *
 * What belongs together stays together: a batch is one transaction with its
 * part of the ledger, and commits only after the batch before it. Of its
 * calls, those that the batch before does not speak of are stored at once,
 * the others after that one's commit, when its events can be seen; so a call
 * is folded from all its events, and no two transactions touch one call.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "db/late_index.h"
#include "embedded.h"
#include "run/batch.h"
#include "run/ingest_inner.h"
#include "run/warnings.h"

enum {
	LANES = SEEN_BATCHES,
	PASSAGES_SHARE = 5,	/* what passages may take of the memory that is allowed: a fifth */
	LATE_INDEX_MIN_BYTES = 16 * 1000 * 1000,	/* of files as they lie: with fewer nothing is gained */
};

struct lane {
	struct lanes *all;
	struct db *db;
	struct store *store;
	struct batch batch;	/* under way */
};

struct lanes {
	struct run *run;
	struct pipeline *pipeline;
	struct lane lane[LANES];
	pthread_mutex_t take;	/* guards taken and run->calls: batches are taken one by one */
	uint64_t taken;
	pthread_mutex_t mutex;	/* guards all below */
	pthread_cond_t turn;
	uint64_t done;		/* batches that are committed */
	bool asked;		/* for passages, by one lane for both */
	bool failed;
	struct err err;		/* of the first lane that failed */
};

/* Ends all lanes; of several errors the first stands. */
static void
fail(struct lanes *all, const struct err *err)
{
	pthread_mutex_lock(&all->mutex);
	if (!all->failed)
		all->err = *err;
	all->failed = true;
	pthread_cond_broadcast(&all->turn);
	pthread_mutex_unlock(&all->mutex);
	pipeline_fail(all->pipeline, err);
}

static uint64_t
done_so_far(struct lanes *all)
{
	uint64_t done;

	pthread_mutex_lock(&all->mutex);
	done = all->done;
	pthread_mutex_unlock(&all->mutex);
	return done;
}

/*
 * Begins a batch's transaction, with all its tables. Batches do not wait for
 * the disk: a server that crashes loses the last of them together with their
 * part of the ledger, and the commit at the end of the run, which waits, makes
 * them all durable before the run is called done.
 */
static bool
begin_batch(struct db *db, struct err *err)
{
	return db_begin(db, err) && db_exec(db, sql_set_commit_later, err) &&
	    db_exec(db, sql_lock_batch, err);
}

/*
 * Takes the next batch; *end when there is none. No batch has its tables
 * before the one that it will wait for.
 */
static bool
take_batch(struct lane *l, bool *end, struct err *err)
{
	struct lanes *all = l->all;
	struct part *list = NULL;
	bool ok;

	pthread_mutex_lock(&all->take);
	ok = pipeline_take(all->pipeline, &list, err);
	*end = list == NULL;
	if (ok && !*end)
		ok = batch_open(&l->batch, list, &all->run->calls, all->taken++,
		    done_so_far(all), err) && begin_batch(l->db, err);
	pthread_mutex_unlock(&all->take);
	return ok;
}

/* Waits until the batch before is committed; false when a lane failed. */
static bool
wait_turn(struct lanes *all, uint64_t number)
{
	bool ok;

	pthread_mutex_lock(&all->mutex);
	while (!all->failed && all->done < number)
		pthread_cond_wait(&all->turn, &all->mutex);
	ok = !all->failed;
	pthread_mutex_unlock(&all->mutex);
	return ok;
}

/* Adds what a committed batch says, and lets the next one go on. */
static void
sum_up(struct lanes *all, const struct batch *b, const struct run_row *row)
{
	struct run *r = all->run;
	struct ingest_result *res = r->result;

	r->row = *row;
	for (const struct part *p = b->list; p != NULL; p = p->next) {
		warnings_add(&res->warnings, &p->warnings);
		for (size_t i = 0; i < p->rejects; i++)
			res->by_reason[p->reason[i]]++;
		if (p->damage.p != NULL)
			res->files_unfinished++;
	}
	res->drift.fresh += b->drifted.fresh;
	res->drift.left_out += b->drifted.left_out;
	res->counts = row->counts;
	res->calls = row->calls;
	atomic_store(&r->opt->progress->events, (uint64_t)row->counts.events);
	pthread_mutex_lock(&all->mutex);
	all->done++;
	pthread_cond_broadcast(&all->turn);
	pthread_mutex_unlock(&all->mutex);
}

/* What the run's row says once this batch is committed. */
static bool
run_row_after(struct run *r, const struct batch *b, struct run_row *row,
    struct err *err)
{
	struct decode_warnings warnings = r->result->warnings;

	*row = r->row;
	line_counts_add(&row->counts, &b->counts);
	row->calls += (int64_t)b->stored.calls;
	for (const struct part *p = b->list; p != NULL; p = p->next)
		warnings_add(&warnings, &p->warnings);
	if (!warnings_json(&warnings, &r->warnings_json))
		return err_nomem(err);
	row->warnings = buf_str(&r->warnings_json);
	return true;
}

/* Half lines of the runs before, which this batch tells of anew. */
static bool
forget_half_lines(struct db *db, struct batch *b, struct err *err)
{
	for (size_t i = 0; i < b->sources; i++) {
		struct source_row *s = b->source[i];

		if (s->half_line == 0)
			continue;
		if (!rejects_remove(db, s->source_id, &s->half_line, 1, err))
			return false;
		s->half_line = 0;
	}
	return true;
}

/* The books of a batch whose turn it is, and its commit. */
static bool
close_books(struct lane *l, struct batch *b, struct err *err)
{
	struct run *r = l->all->run;
	struct run_row row;

	batch_count(b);
	if (!run_row_after(r, b, &row, err) ||
	    !forget_half_lines(l->db, b, err) ||
	    !rejects_put(l->db, b->reject, b->rejects, &row.run_id, err) ||
	    !sources_put(l->db, b->source, b->sources, &row.run_id,
	    clock_now_us(), err) || !run_put(l->db, &row, err) ||
	    !drift_put(l->db, b->drift, b->drifts, clock_now_us(),
	    &b->drifted, err) || !passages_put(l->db, b->passage,
	    b->passages, clock_now_us(), err) || !db_commit(l->db, err))
		return false;
	sum_up(l->all, b, &row);
	return true;
}

static bool
put_batch(struct lane *l, struct batch *b, struct err *err)
{
	size_t n = b->free_items;

	return store_put(l->store, b->item, n, &b->stored, err) &&
	    wait_turn(l->all, b->number) &&
	    store_put(l->store, b->item + n, b->items - n, &b->stored, err) &&
	    close_books(l, b, err);
}

/* True for the first that asks. */
static bool
may_ask(struct lanes *all)
{
	bool first;

	pthread_mutex_lock(&all->mutex);
	first = !all->asked;
	all->asked = true;
	pthread_mutex_unlock(&all->mutex);
	return first;
}

/*
 * Where most lines are copies, as in files that were cut anew, whole passages
 * of them may be known. They are asked for once, by the lane that is the first
 * to find so. Not where transcripts are to be kept: events that are known may
 * have been stored without theirs, or lost them since.
 */
static bool
learn_passages(struct lane *l, const struct batch *b, struct err *err)
{
	struct run *r = l->all->run;
	size_t memory = r->opt->memory_bytes ? r->opt->memory_bytes :
	    INGEST_MEMORY_BYTES;

	if (r->opt->transcripts || !batch_is_copy(b) || !may_ask(l->all))
		return true;
	if ((r->passages = passages_load(l->db, memory / PASSAGES_SHARE,
	    err)) == NULL)
		return false;
	pipeline_know(l->all->pipeline, r->passages);
	return true;
}

/*
 * Stores the lane's batch and those that it takes after it. A batch that
 * failed is kept until both lanes are at home: it may own a source that the
 * other lane's batch, which came before it, still counts in.
 */
static bool
put_batches(struct lane *l, struct err *err)
{
	bool ok, end = false;

	do {
		if ((ok = put_batch(l, &l->batch, err) &&
		    learn_passages(l, &l->batch, err))) {
			batch_close(&l->batch);
			l->batch = (struct batch){ 0 };
			ok = take_batch(l, &end, err);
		}
	} while (ok && !end);
	return ok;
}

static void
give_up(struct lane *l, const struct err *err)
{
	db_rollback(l->db);
	fail(l->all, err);
}

static bool
lane_open(struct lane *l, struct lanes *all, struct db *db, struct err *err)
{
	l->all = all;
	l->db = db;
	if (!db_exec(db, sql_set_writer, err))
		return false;
	/* Not that of the run's row, which is written anew with each batch. */
	l->store = store_open(db, all->run->opt->profiles,
	    &all->run->result->run_id, err);
	return l->store != NULL;
}

static void
lane_close(struct lane *l)
{
	batch_close(&l->batch);
	store_close(l->store);
	l->store = NULL;
	if (l->all != NULL && l->db != l->all->run->db)
		db_close(l->db);
}

/* Without a second connection (the server may have no more) one lane does it all. */
static bool
open_second(struct lanes *all)
{
	struct lane *l = &all->lane[1];
	struct err err = ERR_INIT;
	struct db *db = db_open(all->run->opt->conninfo, &err);

	if (db == NULL)
		return false;
	if (db_join_writer(db, &err) && lane_open(l, all, db, &err))
		return true;
	store_close(l->store);
	db_close(db);
	*l = (struct lane){ 0 };
	return false;
}

static void *
second_main(void *arg)
{
	struct lanes *all = arg;
	struct lane *l = &all->lane[1];
	struct err err = ERR_INIT;
	bool end = false;

	if (!open_second(all))
		return NULL;
	if (!take_batch(l, &end, &err) || (!end && !put_batches(l, &err)))
		give_up(l, &err);
	return NULL;
}

/*
 * The second lane connects while the first one stores its first batch: where
 * nothing is new, nobody waits for it.
 */
static bool
run_lanes(struct lanes *all, struct err *err)
{
	struct lane *l = &all->lane[0];
	struct err own = ERR_INIT;
	bool ok, end = false, second = false;
	pthread_t thread;

	ok = take_batch(l, &end, &own);
	if (ok && !end) {
		second = all->run->opt->conninfo != NULL &&
		    pthread_create(&thread, NULL, second_main, all) == 0;
		ok = put_batches(l, &own);
	}
	if (!ok)
		give_up(l, &own);
	if (second)
		(void)pthread_join(thread, NULL);
	if (all->failed)
		*err = all->err;
	return !all->failed;
}

static bool
database_is_empty(struct db *db, bool *empty, struct err *err)
{
	bool has;

	if (!db_query_bool(db, sql_has_events, NULL, 0, &has, err))
		return false;
	*empty = !has;
	return true;
}

/* A large load into an empty database does without the indexes that can be made at its end. */
static bool
remove_indexes(struct run *r, struct err *err)
{
	return r->list.bytes < LATE_INDEX_MIN_BYTES ||
	    late_indexes_remove(r->db, err);
}

bool
lanes_begin(struct run *r, struct err *err)
{
	bool empty;

	r->batches = 0;
	return database_is_empty(r->db, &empty, err) &&
	    (!empty || remove_indexes(r, err)) &&
	    (seen_open(&r->calls, empty) || err_nomem(err));
}

void
lanes_end(struct run *r)
{
	seen_close(&r->calls);
	passages_free(r->passages);
	r->passages = NULL;
}

bool
lanes_run(struct run *r, struct pipeline *p, struct err *err)
{
	struct lanes all = {
		.run = r, .pipeline = p,
		.taken = r->batches, .done = r->batches,
		.asked = r->passages != NULL,
	};
	bool ok;

	pthread_mutex_init(&all.take, NULL);
	pthread_mutex_init(&all.mutex, NULL);
	pthread_cond_init(&all.turn, NULL);
	ok = lane_open(&all.lane[0], &all, r->db, err) && run_lanes(&all, err);
	lane_close(&all.lane[1]);
	lane_close(&all.lane[0]);
	r->batches = all.done;
	pthread_mutex_destroy(&all.take);
	pthread_mutex_destroy(&all.mutex);
	pthread_cond_destroy(&all.turn);
	return ok;
}
