/*
 * The night in Prometheus' text format. One table a part of it: names with
 * units, as Prometheus wants them, and help.
 */
#include "night.h"

#include "base/clock.h"
#include "embedded.h"
#include "io/promtext.h"

enum { MICRO_PLACES = 6 };

/* Columns of list_balances. */
enum { BALANCE_AVAILABLE = 2, BALANCE_AT = 3 };

static const char last_success[] = "calltally_run_last_success_timestamp_seconds";

static const char *const stage_name[PARTS] = { "ingest", "pull", "export" };

/* A number under one label's value; a NULL value: without a label. */
struct labelled {
	const char *value;
	int64_t n;
};

/* A family of one sample. */
static void
put_one(struct buf *out, const char *name, const char *help, int64_t v,
    unsigned places)
{
	promtext_family(out, name, help);
	promtext_sample(out, name, NULL, 0, v, places);
}

/* A family of samples that differ in one label. */
static void
put_each(struct buf *out, const char *name, const char *help,
    const char *label, const struct labelled *v, size_t n)
{
	promtext_family(out, name, help);
	for (size_t i = 0; i < n; i++) {
		struct prom_label l = { label, str_of(v[i].value) };

		promtext_sample(out, name, &l, 1, v[i].n, 0);
	}
}

static void
put_run(struct buf *out, const struct night *n, int status, const char *path)
{
	bool success = status == STATUS_DONE || status == STATUS_PARTLY;
	int64_t now_us = clock_now_us(), last_us;

	put_one(out, "calltally_run_success",
	    "1 when the run came to its end (exit status 0 or 3), else 0.",
	    success, 0);
	put_one(out, "calltally_run_exit_status", "Exit status of the run.",
	    status, 0);
	put_one(out, "calltally_run_start_timestamp_seconds",
	    "When the run began.", n->begun_at_us, MICRO_PLACES);
	put_one(out, "calltally_run_end_timestamp_seconds",
	    "When the run ended.", now_us, MICRO_PLACES);
	put_one(out, "calltally_run_duration_seconds", "How long the run took.",
	    clock_mono_us() - n->begun_us, MICRO_PLACES);
	if (!success && !promtext_read(path, last_success, MICRO_PLACES, &last_us))
		return;
	put_one(out, last_success,
	    "When the last run that came to its end did so.",
	    success ? now_us : last_us, MICRO_PLACES);
}

static void
put_stages(struct buf *out, const struct night *n)
{
	static const char seconds[] = "calltally_stage_duration_seconds";
	static const char status[] = "calltally_stage_exit_status";

	promtext_family(out, seconds, "How long each part of the run took.");
	for (int i = 0; i < PARTS; i++) {
		struct prom_label l = { "stage", str_of(stage_name[i]) };

		if (n->begun[i])
			promtext_sample(out, seconds, &l, 1, n->elapsed_us[i],
			    MICRO_PLACES);
	}
	promtext_family(out, status, "Exit status that each part by itself would have.");
	for (int i = 0; i < PARTS; i++) {
		struct prom_label l = { "stage", str_of(stage_name[i]) };

		if (n->begun[i])
			promtext_sample(out, status, &l, 1, n->status[i], 0);
	}
}

static void
put_ingest(struct buf *out, const struct ingest_result *r)
{
	const struct labelled files[] = {
		{ "read", r->files }, { "unchanged", r->files_unchanged },
		{ "unfinished", r->files_unfinished },
		{ "failed", r->files_failed },
	};
	const struct labelled lines[] = {
		{ "new", r->counts.events }, { "duplicate", r->counts.duplicates },
		{ "rejected", r->counts.rejected },
		{ "ignored", r->counts.ignored },
	};
	struct labelled reasons[REJECT_COUNT];

	for (int i = 0; i < REJECT_COUNT; i++)
		reasons[i] = (struct labelled){ reject_name[i], r->by_reason[i] };
	put_each(out, "calltally_ingest_files",
	    "Files of this run by what became of them.", "result", files, 4);
	put_one(out, "calltally_ingest_lines_read", "Lines read in this run.",
	    r->counts.lines, 0);
	put_each(out, "calltally_ingest_lines",
	    "Lines of this run by what became of them; they add up to those read.",
	    "result", lines, 4);
	put_each(out, "calltally_ingest_rejected_lines",
	    "Rejected lines of this run by reason.", "reason", reasons,
	    REJECT_COUNT);
	put_one(out, "calltally_ingest_calls",
	    "Calls that got a new event in this run.", r->calls, 0);
	put_one(out, "calltally_ingest_bytes",
	    "Plain bytes read in this run.", r->plain_bytes, 0);
	put_one(out, "calltally_ingest_drift",
	    "Members, types and statuses of this run that no profile had met before.",
	    r->drift.fresh, 0);
}

static void
put_pull_calls(struct buf *out, const char *name,
    const struct pull_provider_result *p)
{
	const struct labelled v[] = {
		{ "asked", p->n.asked }, { "answered", p->n.answered },
		{ "gone", p->n.gone }, { "failed", p->n.failed },
		{ "left", p->n.left },
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		struct prom_label l[] = {
			{ "provider", p->provider },
			{ "result", str_of(v[i].value) },
		};

		promtext_sample(out, name, l, 2, v[i].n, 0);
	}
}

static void
put_pull(struct buf *out, const struct pull_result *r)
{
	static const char calls[] = "calltally_pull_calls";
	static const char requests[] = "calltally_pull_requests";

	promtext_family(out, calls,
	    "Calls that providers were asked for in this run, by what became of it.");
	for (size_t i = 0; i < r->providers; i++)
		put_pull_calls(out, calls, &r->provider[i]);
	promtext_family(out, requests,
	    "Requests that were made of providers in this run.");
	for (size_t i = 0; i < r->providers; i++) {
		struct prom_label l = { "provider", r->provider[i].provider };

		promtext_sample(out, requests, &l, 1, r->provider[i].n.requests,
		    0);
	}
}

/* The report's name is its file's. */
static struct str
report_of(const struct export_file *f)
{
	const char *dot = strrchr(f->name, '.');

	return (struct str){ f->name, dot != NULL ? (size_t)(dot - f->name) :
	    strlen(f->name) };
}

static void
put_export(struct buf *out, const struct export_result *r)
{
	static const char rows[] = "calltally_export_rows";
	static const char bytes[] = "calltally_export_bytes";

	promtext_family(out, rows, "Rows of each report of this run.");
	for (size_t i = 0; i < r->files; i++) {
		struct prom_label l = { "report", report_of(&r->file[i]) };

		promtext_sample(out, rows, &l, 1, (int64_t)r->file[i].rows, 0);
	}
	promtext_family(out, bytes, "Bytes of each report of this run.");
	for (size_t i = 0; i < r->files; i++) {
		struct prom_label l = { "report", report_of(&r->file[i]) };

		promtext_sample(out, bytes, &l, 1, (int64_t)r->file[i].bytes, 0);
	}
	for (size_t i = 0; i < r->files; i++)
		if (str_eq(report_of(&r->file[i]), STR("restatements")))
			put_one(out, "calltally_export_restated_cells",
			    "Published cells that this run restated.",
			    (int64_t)r->file[i].rows, 0);
}

/* One column of the balances, in millionths; where it is NULL there is no sample. */
static void
put_balances(struct buf *out, const char *name, const char *help,
    const struct profiles *profiles, const struct db_rows *rows, int col)
{
	promtext_family(out, name, help);
	for (size_t i = 0; i < db_rows_count(rows); i++) {
		struct str provider = db_get_text(rows, i, 0);
		const struct profile *p = profiles_find(profiles, provider);
		struct prom_label l[] = {
			{ "provider", provider },
			{ "workspace", db_get_text(rows, i, 1) },
			{ "unit", p != NULL ? profile_credits_unit(p) : STR("") },
		};

		if (!db_is_null(rows, i, col))
			promtext_sample(out, name, l, 3, col == BALANCE_AT ?
			    db_get_time(rows, i, col) :
			    db_get_int(rows, i, col), MICRO_PLACES);
	}
}

/* What the database can still tell; one that is out of reach is left out. */
static void
put_database(struct buf *out, const struct session *s)
{
	struct err silent = ERR_INIT;
	struct db_rows *rows;

	if (s->db == NULL)
		return;
	if ((rows = db_query(s->db, sql_get_database_size, NULL, 0, &silent)) != NULL)
		put_one(out, "calltally_database_bytes",
		    "Size of the database on the disk.", db_get_int(rows, 0, 0), 0);
	db_rows_free(rows);
	rows = db_query(s->db, sql_list_balances, NULL, 0, &silent);
	if (rows != NULL && db_rows_count(rows) > 0) {
		put_balances(out, "calltally_credit_balance",
		    "Latest balance that a provider has stated.", s->profiles,
		    rows, BALANCE_AVAILABLE);
		put_balances(out, "calltally_credit_balance_timestamp_seconds",
		    "When it was stated.", s->profiles, rows, BALANCE_AT);
	}
	db_rows_free(rows);
}

bool
night_metrics(const struct night *n, int status, const char *path,
    struct err *err)
{
	struct buf out = BUF_INIT(0);
	struct prom_label version = { "version", STR(CALLTALLY_VERSION) };
	bool ok;

	promtext_family(&out, "calltally_build_info",
	    "The program that wrote this; always 1.");
	promtext_sample(&out, "calltally_build_info", &version, 1, 1, 0);
	put_run(&out, n, status, path);
	if (n->begun[PART_INGEST])
		put_stages(&out, n);
	if (n->done[PART_INGEST])
		put_ingest(&out, &n->ingest);
	if (n->done[PART_PULL])
		put_pull(&out, &n->pull);
	if (n->done[PART_EXPORT])
		put_export(&out, &n->exported);
	put_database(&out, n->session);
	ok = promtext_write(&out, path, err);
	buf_free(&out);
	return ok;
}
