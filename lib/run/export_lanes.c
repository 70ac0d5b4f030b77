/*
 * The connections of an export, the reports that run on them, and the record
 * of what these state.
 *
 * The first connection holds what it has read until the second one is done,
 * and it must not wait for what the second holds: whatever both use they take
 * at their begin, the second only if nobody stands between them. Else it runs
 * no reports, and the first one runs them all.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "db/provider.h"
#include "run/export_csv.h"
#include "run/export_inner.h"
#include "run/restate.h"

enum { CANCELS_MAX = 250 };	/* in five seconds */

static bool
uses_rollup(const struct job *j)
{
	return strstr(j->report->sql, "report_rollup") != NULL;
}

/* The second lane reads only what both have taken at their begin: a user's report may read any table. */
static bool
is_first_ones(const struct job *j)
{
	return uses_rollup(j) || j->report->is_own;
}

static bool
has_ended(struct lane *lane)
{
	bool ended;

	(void)pthread_mutex_lock(&lane->export->lock);
	ended = lane->ended || lane->db == NULL;
	(void)pthread_mutex_unlock(&lane->export->lock);
	return ended;
}

/*
 * Cancels what the lane runs until it runs nothing: one request may come
 * between two statements. Where none helps, as with a server process that
 * does not get to it, or with libpq, which waits for ever for an answer that
 * it had no memory to take, the connection is cut.
 */
static void
stop(struct lane *lane)
{
	static const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };

	for (int n = 0; !has_ended(lane); n++) {
		if (n < CANCELS_MAX)
			db_cancel(lane->db);
		else
			db_cut(lane->db);
		(void)nanosleep(&pause, NULL);
	}
}

/* Tells the first failure and ends what the other lane runs. */
static void
fail(struct lane *lane, const struct err *err)
{
	struct export *x = lane->export;
	bool first;

	(void)pthread_mutex_lock(&x->lock);
	first = !x->failed;
	x->failed = true;
	if (first)
		(void)err_set(x->err, err->kind, "%s", err->text);
	(void)pthread_mutex_unlock(&x->lock);
	if (first)
		stop(lane == &x->lane[0] ? &x->lane[1] : &x->lane[0]);
}

static void
end(struct lane *lane)
{
	(void)pthread_mutex_lock(&lane->export->lock);
	lane->ended = true;
	(void)pthread_mutex_unlock(&lane->export->lock);
}

/*
 * The next report for a lane, NULL when there is none or something failed.
 * Reports that read the rollups belong to the first lane, which has them as a
 * table, as do a user's own; they come first there, the others go to whichever
 * lane is free.
 */
static struct job *
take_job(struct lane *lane)
{
	struct export *x = lane->export;
	bool first = lane == &x->lane[0];
	struct job *found = NULL;

	(void)pthread_mutex_lock(&x->lock);
	for (size_t i = 0; i < x->set.n && !x->failed; i++) {
		struct job *j = &x->job[i];

		if (j->taken || (is_first_ones(j) && !first))
			continue;
		if (found == NULL || (is_first_ones(j) && !is_first_ones(found)))
			found = j;
	}
	if (found != NULL)
		found->taken = true;
	(void)pthread_mutex_unlock(&x->lock);
	return found;
}

static bool
run_job(struct lane *lane, struct job *j, struct err *err)
{
	j->outlet.progress = lane->export->options->progress;
	return (export_csv(lane->db, j->report->sql, j->file,
	    lane->export->options->plain, &j->outlet, &j->statement, &j->rows,
	    &j->made, err) ||
	    err_add(err, "%s", j->report->origin)) &&
	    /* now, while the other lane has work for the processor */
	    atomicfile_settle(j->file, err);
}

static void
end_job(struct lane *lane, struct job *j)
{
	(void)pthread_mutex_lock(&lane->export->lock);
	j->ended = true;
	(void)pthread_mutex_unlock(&lane->export->lock);
	progress_step(lane->export->options->progress, 1, 0);
}

/* A report with days that has ended and is not on record; NULL: there is none now. */
static struct job *
find_unrecorded(struct export *x)
{
	struct job *found = NULL;

	(void)pthread_mutex_lock(&x->lock);
	for (size_t i = 0; i < x->set.n && found == NULL && !x->failed; i++) {
		struct job *j = &x->job[i];

		if (j->ended && !j->recorded && statement_stands(&j->statement))
			found = j;
	}
	(void)pthread_mutex_unlock(&x->lock);
	return found;
}

static bool
leave_snapshot(struct lane *lane, struct err *err)
{
	bool was = lane->in_snapshot;

	lane->in_snapshot = false;
	return !was || db_commit(lane->db, err);
}

/*
 * Puts the reports that have ended on record, where that may be; without wait
 * not while somebody wants to have the record for himself. By one thread at a
 * time.
 */
static bool
record(struct export *x, bool wait, struct err *err)
{
	struct publication *p = &x->publication;
	struct db *db = x->publisher->db;
	struct job *j;

	if (!p->may_write)
		return true;
	while ((j = find_unrecorded(x)) != NULL) {
		if (!leave_snapshot(x->publisher, err) ||
		    !publication_begin(p, db, x->options, x->zone,
		    &x->position, wait, err))
			return false;
		if (!p->is_open)
			return true;
		j->recorded = true;
		if (!publication_add(p, db, x->options, &j->statement,
		    err))
			return false;
	}
	return true;
}

static bool
run_jobs(struct lane *lane, struct err *err)
{
	struct job *j;

	if (!export_protect(lane->db, err))
		return false;
	while ((j = take_job(lane)) != NULL) {
		if (!run_job(lane, j, err))
			return false;
		end_job(lane, j);
	}
	/* the first lane's snapshot is still needed, and with it what it has taken */
	return lane == &lane->export->lane[0] ||
	    record(lane->export, false, err);
}

/* The second lane's thread. */
static void *
second_lane(void *arg)
{
	struct lane *lane = arg;
	struct err err = ERR_INIT;

	if (!run_jobs(lane, &err))
		fail(lane, &err);
	end(lane);
	return NULL;
}

static bool
wants_rollup(const struct export *x)
{
	if (x->page_file != NULL)
		return true;
	for (size_t i = 0; i < x->set.n; i++)
		if (uses_rollup(&x->job[i]))
			return true;
	return false;
}

static void
first_lane(struct lane *lane)
{
	struct err err = ERR_INIT;

	if ((wants_rollup(lane->export) &&
	    !export_make_rollup(lane->db, &err)) || !run_jobs(lane, &err))
		fail(lane, &err);
	end(lane);
}

static bool
begin_lane(struct lane *lane, struct err *err)
{
	struct export *x = lane->export;
	bool record = x->publication.may_read;

	if (lane != &x->lane[0])
		return export_join(lane->db, x->options, record, x->snapshot,
		    &lane->in_snapshot, err);
	lane->in_snapshot = export_begin(lane->db, x->options, record,
	    x->snapshot, x->zone, err);
	return lane->in_snapshot;
}

bool
export_open_lanes(struct export *x, struct err *err)
{
	const struct export_options *o = x->options;
	size_t n = x->set.n < LANES ? x->set.n : LANES;

	for (size_t i = 0; i < n; i++)
		if ((x->lane[i].db = db_open(o->conninfo, err)) == NULL)
			return false;
	x->publisher = &x->lane[n - 1];
	if (!publication_open(&x->publication, x->publisher->db, err) ||
	    !providers_put(x->lane[0].db, o->profiles, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!begin_lane(&x->lane[i], err))
			return false;
	return true;
}

bool
export_write_files(struct export *x, struct err *err)
{
	bool has_second = x->lane[1].in_snapshot;
	pthread_t thread;
	int e;

	progress_begin(x->options->progress, "export", "reports", x->set.n);
	x->err = err;
	x->lane[1].ended = !has_second;
	if (has_second &&
	    (e = pthread_create(&thread, NULL, second_lane, &x->lane[1])) != 0)
		return err_sys(err, e, "cannot start a thread");
	first_lane(&x->lane[0]);
	if (has_second)
		(void)pthread_join(thread, NULL);
	return !x->failed;
}

/* Which reports are published: those with days, by name. */
static bool
find_stated(struct export *x, struct err *err)
{
	x->stated = calloc(x->set.n, sizeof(struct statement *));
	if (x->stated == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < x->set.n; i++) {
		struct statement *s = &x->job[i].statement;

		if (statement_stands(s))
			x->stated[x->stateds++] = s;
	}
	return true;
}

bool
export_publish(struct export *x, struct err *err)
{
	struct db *db = x->lane[0].db;

	if (!find_stated(x, err) ||
	    !restate_write(db, x->stated, x->stateds, x->restatements,
	    x->options->plain, &x->restated_outlet, &x->restated, err) ||
	    (x->workbook != NULL &&
	    !export_xlsx_write(x->workbook, x->zone, err)) ||
	    (x->page_file != NULL &&
	    !export_page(db, &x->page, x->page_file, err)) ||
	    !leave_snapshot(&x->lane[0], err))
		return false;
	return record(x, true, err) &&
	    publication_commit(&x->publication, x->publisher->db, err);
}
