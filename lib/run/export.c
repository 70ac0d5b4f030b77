#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "run/comeback.h"
#include "run/export_inner.h"
#include "run/restate.h"

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
	    export_open_lanes(x, err) &&
	    ledger_position_get(x->lane[0].db, &x->position, err) &&
	    export_make_folder(o->out, err) &&
	    open_files(x, err) &&
	    open_statements(x, err) &&
	    open_workbook(x, err) &&
	    open_page(x, err) &&
	    export_write_files(x, err) &&
	    export_publish(x, err) &&
	    export_commit_files(x, result, err) &&
	    export_write_manifest(x, result, err) &&
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
