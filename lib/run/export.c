#include "run/export.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "db/provider.h"
#include "run/comeback.h"
#include "run/export_csv.h"
#include "run/export_manifest.h"
#include "run/export_page.h"
#include "run/export_report.h"
#include "run/export_session.h"
#include "run/publication.h"
#include "run/restate.h"
#include "run/export_xlsx.h"

enum { LANES = 2 };

/* One report on its way to a file. */
struct job {
	const struct report *report;
	struct atomicfile *file;
	struct statement statement;
	struct outlet outlet;
	uint64_t rows;
	bool taken;
	bool ended;	/* its statement is whole */
	bool recorded;	/* and on record, or on its way there */
	bool made;	/* the file is to be there: not so of a report without days, when only changed ones are wanted */
};

struct export;

/* One connection and the thread that runs reports on it. */
struct lane {
	struct export *export;
	struct db *db;	/* NULL: this lane is not used */
	bool in_snapshot;	/* its transaction sees the snapshot */
	bool ended;	/* it runs nothing any more */
};

/* An export; of what both lanes touch, the lock guards taken, ended, recorded, failed and *err. */
struct export {
	const struct export_options *options;
	struct report_set set;
	struct job *job;	/* one for each of the set */
	struct arena docs;	/* of the reports */
	struct publication publication;
	struct ledger_position position;
	struct statement **stated;	/* of the jobs that have one */
	size_t stateds;
	struct atomicfile *restatements;
	uint64_t restated;	/* its rows */
	struct outlet restated_outlet;
	struct export_xlsx *workbook;	/* NULL: none is asked for */
	struct atomicfile *page_file;	/* NULL: no page is wanted */
	struct page page;
	struct lane lane[LANES];
	struct lane *publisher;	/* the last lane, which has time to publish before the others end */
	char snapshot[SNAPSHOT_BYTES];
	char zone[ZONE_BYTES];
	pthread_mutex_t lock;
	bool failed;
	struct err *err;
};

/* Days that are real, written as YYYY-MM-DD. */
static bool
is_day(const char *s)
{
	int year, month, day, n = 0;

	if (strlen(s) != 10 || strspn(s, "0123456789-") != 10 ||
	    sscanf(s, "%4d-%2d-%2d%n", &year, &month, &day, &n) != 3 ||
	    n != 10 || year < 1 || month < 1 || month > 12 || day < 1)
		return false;
	return day <= time_month_days(year, month);
}

static bool
check_window(const struct export_options *o, struct err *err)
{
	if (o->from != NULL && !is_day(o->from))
		return err_set(err, ERR_USAGE, "--from: \"%.40s\" is no day "
		    "(YYYY-MM-DD)", o->from);
	if (o->to != NULL && !is_day(o->to))
		return err_set(err, ERR_USAGE, "--to: \"%.40s\" is no day "
		    "(YYYY-MM-DD)", o->to);
	if (o->from != NULL && o->to != NULL && strcmp(o->from, o->to) > 0)
		return err_set(err, ERR_USAGE, "--from %s is behind --to %s",
		    o->from, o->to);
	return true;
}

static bool
open_files(struct export *x, struct err *err)
{
	char name[sizeof(((struct export_file *)0)->name)];

	x->job = calloc(x->set.n, sizeof(*x->job));
	if (x->job == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < x->set.n; i++) {
		struct job *j = &x->job[i];

		j->report = &x->set.report[i];
		j->outlet.phones = x->options->phones;
		(void)snprintf(name, sizeof(name), "%s.csv", j->report->name);
		j->file = atomicfile_open(x->options->out, name, err);
		if (j->file == NULL)
			return false;
	}
	return true;
}

/* What a job is to know before its report runs. */
static bool
open_statement(struct export *x, struct job *j, struct err *err)
{
	const struct export_options *o = x->options;
	struct statement *s = &j->statement;

	statement_init(s, o->out);
	s->report = j->report->name;
	s->zone = x->zone;
	s->from = o->from;
	s->to = o->to;
	s->changed_only = o->changed_only;
	s->position = x->publication.position;
	return report_doc_read(&s->doc, NULL, j->report, &x->docs, err);
}

static bool
open_statements(struct export *x, struct err *err)
{
	for (size_t i = 0; i < x->set.n; i++)
		if (!open_statement(x, &x->job[i], err))
			return false;
	x->restated_outlet = (struct outlet){
		.phones = x->options->phones, .restates = true,
	};
	x->restatements = atomicfile_open(x->options->out, RESTATEMENTS ".csv",
	    err);
	return x->restatements != NULL;
}

/* The workbook, with a sheet at each report's outlet. */
static bool
open_workbook(struct export *x, struct err *err)
{
	struct sheet **sheet;

	if (!x->options->xlsx)
		return true;
	x->workbook = export_xlsx_open(x->options, &x->set, &x->position, &sheet,
	    err);
	if (x->workbook == NULL)
		return false;
	for (size_t i = 0; i < x->set.n; i++)
		x->job[i].outlet.sheet = sheet[i];
	x->restated_outlet.sheet = export_xlsx_restatements(x->workbook);
	return true;
}

static bool
open_page(struct export *x, struct err *err)
{
	x->page = (struct page){
		.options = x->options,
		.zone = x->zone,
		.at_us = x->publication.at_us,
		.ledger = &x->position,
	};
	if (!x->options->html)
		return true;
	x->restated_outlet.page = &x->page;
	x->page_file = atomicfile_open(x->options->out, PAGE_FILE, err);
	return x->page_file != NULL;
}

static bool
uses_rollup(const struct job *j)
{
	return strstr(j->report->sql, "report_rollup") != NULL;
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

/* Cancels what the lane runs until it runs nothing: one request may come between two statements. */
static void
stop(struct lane *lane)
{
	static const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };

	while (!has_ended(lane)) {
		db_cancel(lane->db);
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
 * table, and come first there; the others go to whichever lane is free.
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

		if (j->taken || (uses_rollup(j) && !first))
			continue;
		if (found == NULL || (uses_rollup(j) && !uses_rollup(found)))
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
take_unrecorded(struct export *x)
{
	struct job *found = NULL;

	(void)pthread_mutex_lock(&x->lock);
	for (size_t i = 0; i < x->set.n && found == NULL && !x->failed; i++) {
		struct job *j = &x->job[i];

		if (j->ended && !j->recorded && j->statement.has_day &&
		    j->statement.refused == NULL)
			found = j;
	}
	if (found != NULL)
		found->recorded = true;
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

/* Puts the reports that have ended on record, where that may be. */
static bool
record(struct export *x, struct err *err)
{
	struct job *j;

	if (!x->publication.may_write)
		return true;
	while ((j = take_unrecorded(x)) != NULL)
		if (!leave_snapshot(x->publisher, err) ||
		    !publication_add(&x->publication, x->publisher->db,
		    x->options, x->zone, &x->position, &j->statement, err))
			return false;
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
	/* the first lane's snapshot is still needed */
	return lane == &lane->export->lane[0] || record(lane->export, err);
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

/* Opens the connections, all with the first one's snapshot; one report needs one. */
static bool
open_lanes(struct export *x, struct err *err)
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
	for (size_t i = 0; i < n; i++) {
		struct lane *lane = &x->lane[i];

		if (i == 0 ? !export_begin(lane->db, o, x->snapshot, x->zone, err) :
		    !export_join(lane->db, o, x->snapshot, err))
			return false;
		lane->in_snapshot = true;
	}
	return true;
}

/* Writes all files under their temporary names. */
static bool
write_files(struct export *x, struct err *err)
{
	bool has_second = x->lane[1].db != NULL;
	pthread_t thread;
	int e;

	progress_begin(x->options->progress, "export", "reports", x->set.n);
	x->err = err;
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

		if (s->has_day && s->refused == NULL)
			x->stated[x->stateds++] = s;
	}
	return true;
}

/* Tells what is restated, while the snapshot is there, and records what is published. */
static bool
publish(struct export *x, struct err *err)
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
	return record(x, err) &&
	    publication_commit(&x->publication, x->publisher->db, err);
}

static bool
commit_file(struct export *x, struct export_result *result,
    struct atomicfile *file, struct err *err)
{
	struct export_file *f = &result->file[result->files++];

	return atomicfile_commit(file, f->sha256, &f->bytes, err) ||
	    err_add(err, "%s", x->options->out);
}

static bool
commit_table(struct export *x, struct export_result *result, const char *name,
    struct atomicfile *file, uint64_t rows, struct err *err)
{
	struct export_file *f = &result->file[result->files];

	(void)snprintf(f->name, sizeof(f->name), "%s.csv", name);
	f->rows = rows;
	return commit_file(x, result, file, err);
}

static bool
commit_page(struct export *x, struct export_result *result, struct err *err)
{
	struct export_file *f = &result->file[result->files];

	if (x->page_file == NULL)
		return true;
	(void)snprintf(f->name, sizeof(f->name), "%s", PAGE_FILE);
	f->is_page = true;
	return commit_file(x, result, x->page_file, err);
}

/* Whether restatements.csv belongs to the files. */
static bool
wants_restatements(const struct export *x)
{
	const struct export_options *o = x->options;

	for (size_t i = 0; i < o->reports; i++)
		if (strcmp(o->report[i], RESTATEMENTS) == 0)
			return true;
	return o->reports == 0 || x->restated > 0;
}

static bool
commit_workbook(struct export *x, struct export_result *result,
    struct err *err)
{
	return x->workbook == NULL || export_xlsx_commit(x->workbook,
	    &result->file[result->files++], &result->workbook, err) ||
	    err_add(err, "%s", x->options->out);
}

/* Gives the files their names. */
static bool
commit_files(struct export *x, struct export_result *result, struct err *err)
{
	result->file = calloc(x->set.n + 3, sizeof(*result->file));
	if (result->file == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < x->set.n; i++) {
		struct job *j = &x->job[i];
		struct export_file *f = &result->file[result->files];

		if (!j->made)
			continue;
		if (j->statement.refused != NULL)
			(void)snprintf(f->unpublished, sizeof(f->unpublished),
			    "%s", j->statement.refused);
		if (!commit_table(x, result, j->report->name, j->file, j->rows,
		    err))
			return false;
	}
	return (!wants_restatements(x) || commit_table(x, result, RESTATEMENTS,
	    x->restatements, x->restated, err)) &&
	    commit_workbook(x, result, err) && commit_page(x, result, err);
}

static const char *
why_unpublished(const struct publication *p)
{
	if (p->number > 0)
		return NULL;
	return p->may_write ? "no report with days was written" :
	    p->may_read ? "this role or server may only read" :
	    "this role may not read what was published";
}

static bool
write_manifest(struct export *x, struct export_result *result,
    struct err *err)
{
	const struct publication *p = &x->publication;
	struct manifest_publication m = {
		.is_published = p->number > 0,
		.why_not = why_unpublished(p),
		.id = p->id,
		.number = p->number,
		.at_us = p->at_us,
	};

	if (!p->may_write)
		result->unpublished = m.why_not;
	return export_manifest(x->options, x->zone, &m, &x->position, result,
	    err);
}

/* The chosen reports but for the restatements, which are no report. */
static bool
load_reports(struct export *x, struct err *err)
{
	const struct export_options *o = x->options;
	const char **name = calloc(o->reports + 1, sizeof(*name));
	size_t n = 0;
	bool ok;

	if (name == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < o->reports; i++)
		if (strcmp(o->report[i], RESTATEMENTS) != 0)
			name[n++] = o->report[i];
	if (o->reports > 0 && n == 0)
		ok = err_set(err, ERR_USAGE, RESTATEMENTS " are those of the "
		    "reports beside it: name them, too");
	else
		ok = report_set_load(&x->set, o->reports_folder, name, n, err);
	free(name);
	return ok;
}

static bool
run(struct export *x, struct export_result *result, struct err *err)
{
	const struct export_options *o = x->options;

	return check_window(o, err) &&
	    load_reports(x, err) &&
	    open_lanes(x, err) &&
	    ledger_position_get(x->lane[0].db, &x->position, err) &&
	    export_make_folder(o->out, err) &&
	    open_files(x, err) &&
	    open_statements(x, err) &&
	    open_workbook(x, err) &&
	    open_page(x, err) &&
	    write_files(x, err) &&
	    publish(x, err) &&
	    commit_files(x, result, err) &&
	    write_manifest(x, result, err) &&
	    publication_confirm(&x->publication, x->publisher->db, err);
}

static void
close_all(struct export *x)
{
	for (size_t i = 0; x->job != NULL && i < x->set.n; i++) {
		atomicfile_close(x->job[i].file);
		statement_close(&x->job[i].statement);
	}
	free(x->job);
	free(x->stated);
	atomicfile_close(x->restatements);
	export_xlsx_close(x->workbook);
	atomicfile_close(x->page_file);
	page_free(&x->page);
	arena_close(&x->docs);
	for (size_t i = 0; i < LANES; i++)
		db_close(x->lane[i].db);
	report_set_free(&x->set);
	(void)pthread_mutex_destroy(&x->lock);
}

/* One try, with connections and a snapshot of its own. */
static bool
run_once(const struct export_options *o, struct export_result *result,
    struct err *err)
{
	struct export x = {
		.options = o,
		.lock = PTHREAD_MUTEX_INITIALIZER,
	};
	bool ok;

	arena_init(&x.docs, 0);
	for (size_t i = 0; i < LANES; i++)
		x.lane[i].export = &x;
	ok = run(&x, result, err);
	close_all(&x);
	return ok;
}

bool
export_run(const struct export_options *o, struct export_result *result,
    struct err *err)
{
	struct comeback c = {
		.limit_ms = o->comeback_ms, .progress = o->progress,
	};
	bool ok;

	*result = (struct export_result){ 0 };
	while (!(ok = run_once(o, result, err)) && comeback_wait(&c, err))
		export_result_free(result);
	return ok;
}

void
export_result_free(struct export_result *result)
{
	free(result->file);
	free(result->workbook.sheet);
	*result = (struct export_result){ 0 };
}
