#include "run/export.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/export_csv.h"
#include "run/export_manifest.h"
#include "run/export_report.h"
#include "run/export_session.h"

enum { FOLDER_MODE = 0750, LANES = 2 };

/* One report on its way to a file. */
struct job {
	const struct report *report;
	struct atomicfile *file;
	uint64_t rows;
	bool taken;
};

struct export;

/* One connection and the thread that runs reports on it. */
struct lane {
	struct export *export;
	struct db *db;	/* NULL: this lane is not used */
};

/* An export; of what both lanes touch, the lock guards taken, failed and *err. */
struct export {
	const struct export_options *options;
	struct report_set set;
	struct job *job;	/* one for each of the set */
	struct lane lane[LANES];
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
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int year, month, day, n = 0;
	bool leap;

	if (strlen(s) != 10 || strspn(s, "0123456789-") != 10 ||
	    sscanf(s, "%4d-%2d-%2d%n", &year, &month, &day, &n) != 3 ||
	    n != 10 || year < 1 || month < 1 || month > 12 || day < 1)
		return false;
	leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return day <= days[month - 1] + (leap && month == 2);
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

/* Makes the last folder of the path, durably, if it is not there. */
static bool
make_folder(const char *path, struct err *err)
{
	char parent[4096];
	int fd;

	if (mkdir(path, FOLDER_MODE) != 0)
		return errno == EEXIST ||
		    err_sys(err, errno, "%s: cannot make the folder", path);
	(void)snprintf(parent, sizeof(parent), "%s/..", path);
	fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return true;	/* it can be entered, but not read */
	(void)fsync(fd);
	(void)close(fd);
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
		(void)snprintf(name, sizeof(name), "%s.csv", j->report->name);
		j->file = atomicfile_open(x->options->out, name, err);
		if (j->file == NULL)
			return false;
	}
	return true;
}

static bool
uses_rollup(const struct job *j)
{
	return strstr(j->report->sql, "report_rollup") != NULL;
}

/* Tells the first failure and ends what the other lane runs. */
static void
fail(struct lane *lane, const struct err *err)
{
	struct export *x = lane->export;
	struct lane *other = lane == &x->lane[0] ? &x->lane[1] : &x->lane[0];
	bool first;

	(void)pthread_mutex_lock(&x->lock);
	first = !x->failed;
	x->failed = true;
	if (first)
		(void)err_set(x->err, err->kind, "%s", err->text);
	(void)pthread_mutex_unlock(&x->lock);
	if (first && other->db != NULL)
		db_cancel(other->db);
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
	return export_csv(lane->db, j->report->sql, j->file,
	    lane->export->options->plain, &j->rows, err) ||
	    err_add(err, "%s", j->report->origin);
}

static bool
run_jobs(struct lane *lane, struct err *err)
{
	struct job *j;

	if (!export_protect(lane->db, err))
		return false;
	while ((j = take_job(lane)) != NULL)
		if (!run_job(lane, j, err))
			return false;
	return true;
}

/* The second lane's thread. */
static void *
second_lane(void *arg)
{
	struct lane *lane = arg;
	struct err err = ERR_INIT;

	if (!run_jobs(lane, &err))
		fail(lane, &err);
	return NULL;
}

/* With one report alone a table of the rollups would not pay. */
static bool
wants_rollup(const struct export *x)
{
	size_t n = 0;

	for (size_t i = 0; i < x->set.n; i++)
		n += uses_rollup(&x->job[i]);
	return n > 1;
}

static void
first_lane(struct lane *lane)
{
	struct err err = ERR_INIT;

	if ((wants_rollup(lane->export) &&
	    !export_make_rollup(lane->db, &err)) || !run_jobs(lane, &err))
		fail(lane, &err);
}

/* Opens the connections, all with the first one's snapshot; one report needs one. */
static bool
open_lanes(struct export *x, struct err *err)
{
	const struct export_options *o = x->options;
	size_t n = x->set.n < LANES ? x->set.n : LANES;

	for (size_t i = 0; i < n; i++) {
		struct lane *lane = &x->lane[i];

		if ((lane->db = db_open(o->conninfo, err)) == NULL)
			return false;
		if (i == 0 && !providers_put(lane->db, o->profiles, err))
			return false;
		if (i == 0 ? !export_begin(lane->db, o, x->snapshot, x->zone, err) :
		    !export_join(lane->db, o, x->snapshot, err))
			return false;
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

	x->err = err;
	if (has_second &&
	    (e = pthread_create(&thread, NULL, second_lane, &x->lane[1])) != 0)
		return err_sys(err, e, "cannot start a thread");
	first_lane(&x->lane[0]);
	if (has_second)
		(void)pthread_join(thread, NULL);
	return !x->failed;
}

/* Gives the files their names. */
static bool
commit_files(struct export *x, struct export_result *result, struct err *err)
{
	result->file = calloc(x->set.n, sizeof(*result->file));
	if (result->file == NULL)
		return err_nomem(err);
	result->files = x->set.n;
	for (size_t i = 0; i < x->set.n; i++) {
		struct export_file *f = &result->file[i];

		(void)snprintf(f->name, sizeof(f->name), "%s.csv",
		    x->job[i].report->name);
		f->rows = x->job[i].rows;
		if (!atomicfile_commit(x->job[i].file, f->sha256, &f->bytes, err))
			return err_add(err, "%s", x->options->out);
	}
	return true;
}

static bool
run(struct export *x, struct export_result *result, struct err *err)
{
	const struct export_options *o = x->options;
	struct ledger_position position;

	return check_window(o, err) &&
	    report_set_load(&x->set, o->reports_folder, o->report, o->reports,
	    err) &&
	    open_lanes(x, err) &&
	    ledger_position_get(x->lane[0].db, &position, err) &&
	    make_folder(o->out, err) &&
	    open_files(x, err) &&
	    write_files(x, err) &&
	    commit_files(x, result, err) &&
	    export_manifest(o, x->zone, &position, result, err);
}

static void
close_all(struct export *x)
{
	for (size_t i = 0; x->job != NULL && i < x->set.n; i++)
		atomicfile_close(x->job[i].file);
	free(x->job);
	for (size_t i = 0; i < LANES; i++)
		db_close(x->lane[i].db);
	report_set_free(&x->set);
	(void)pthread_mutex_destroy(&x->lock);
}

bool
export_run(const struct export_options *o, struct export_result *result,
    struct err *err)
{
	struct export x = {
		.options = o,
		.lock = PTHREAD_MUTEX_INITIALIZER,
	};
	bool ok;

	*result = (struct export_result){ 0 };
	for (size_t i = 0; i < LANES; i++)
		x.lane[i].export = &x;
	ok = run(&x, result, err);
	close_all(&x);
	return ok;
}

void
export_result_free(struct export_result *result)
{
	free(result->file);
	*result = (struct export_result){ 0 };
}
