#include <string.h>

#include "answer.h"
#include "command.h"
#include "db/drift.h"
#include "embedded.h"
#include "say.h"
#include "session.h"
#include "style.h"
#include "table.h"

enum { RUNS = 5, UNFINISHED = 10, STATUSES = 20, DAYS = 10, SUSPICIONS = 20 };

struct view {
	struct db *db;
	const struct profiles *profiles;
	bool json;
	struct answer_root a;
};

/* A part of the answer: a query, its member, its heading and its columns. */
struct part {
	const char *member;
	const char *heading;
	const char *sql;
	int64_t limit;			/* $1; 0: the query has no parameter */
	const struct col *cols;
	bool drift;			/* rows that the profiles know by now are left out */
};

static const struct col source_cols[] = {
	{ "file", COL_TEXT, 0, COL_ALL }, { "lines", COL_INT, 1, COL_ALL },
	{ "damage", COL_TEXT, 2, COL_ALL }, { "read_at", COL_TIME, 3, COL_ALL },
	{ .name = NULL }
};

static const struct col day_cols[] = {
	{ "day", COL_TEXT, 0, COL_ALL }, { "calls", COL_INT, 1, COL_ALL },
	{ "open", COL_INT, 2, COL_ALL },
	{ "without_assistant", COL_INT, 3, COL_ALL },
	{ "without_campaign", COL_INT, 4, COL_ALL },
	{ "without_analysis", COL_INT, 5, COL_ALL },
	{ "changed_at", COL_TIME, 6, COL_ALL },
	{ .name = NULL }
};

static const struct col reject_cols[] = {
	{ "reason", COL_TEXT, 0, COL_ALL }, { "lines", COL_INT, 1, COL_ALL },
	{ "first_place", COL_PLACE, 2, COL_PEOPLE },
	{ "last_place", COL_PLACE, 4, COL_PEOPLE },
	{ "first_file", COL_TEXT, 2, COL_JSON },
	{ "first_line", COL_INT, 3, COL_JSON },
	{ "last_file", COL_TEXT, 4, COL_JSON },
	{ "last_line", COL_INT, 5, COL_JSON },
	{ .name = NULL }
};

static const struct col status_cols[] = {
	{ "provider", COL_TEXT, 0, COL_ALL }, { "status", COL_TEXT, 1, COL_ALL },
	{ "calls", COL_INT, 2, COL_ALL },
	{ "first_place", COL_PLACE, 3, COL_PEOPLE },
	{ "first_file", COL_TEXT, 3, COL_JSON },
	{ "first_line", COL_INT, 4, COL_JSON },
	{ "first_event_at", COL_TIME, 5, COL_JSON },
	{ "first_seen_at", COL_TIME, 6, COL_JSON },
	{ .name = NULL }
};

static const struct col drift_cols[] = {
	{ "provider", COL_TEXT, 0, COL_ALL },
	{ "shape", COL_TEXT, 1, COL_ALL }, { "kind", COL_TEXT, 2, COL_ALL },
	{ "name", COL_TEXT, 3, COL_ALL }, { "lines", COL_INT, 4, COL_ALL },
	{ "first_event_at", COL_TIME, 7, COL_ALL },
	{ "first_place", COL_PLACE, 5, COL_PEOPLE },
	{ "first_file", COL_TEXT, 5, COL_JSON },
	{ "first_line", COL_INT, 6, COL_JSON },
	{ "first_seen_at", COL_TIME, 8, COL_JSON },
	{ .name = NULL }
};

static const struct col suspicion_cols[] = {
	{ "provider", COL_TEXT, 0, COL_ALL }, { "day", COL_TEXT, 1, COL_ALL },
	{ "rule", COL_TEXT, 2, COL_ALL }, { "calls", COL_INT, 3, COL_ALL },
	{ "typical", COL_MICRO, 4, COL_ALL },
	{ "expected", COL_MICRO, 5, COL_ALL },
	{ "factor", COL_MICRO, 6, COL_ALL },
	{ "example", COL_PLACE, 7, COL_PEOPLE },
	{ "file", COL_TEXT, 7, COL_JSON }, { "line", COL_INT, 8, COL_JSON },
	{ .name = NULL }
};

static const struct col balance_cols[] = {
	{ "provider", COL_TEXT, 0, COL_ALL },
	{ "workspace", COL_TEXT, 1, COL_ALL },
	{ "available", COL_MICRO, 2, COL_ALL }, { "at", COL_TIME, 3, COL_ALL },
	{ .name = NULL }
};

static const struct col run_cols[] = {
	{ "run_id", COL_ID, 0, COL_JSON }, { "command", COL_TEXT, 1, COL_ALL },
	{ "started_at", COL_TIME, 2, COL_ALL },
	{ "finished_at", COL_TIME, 3, COL_JSON },
	{ "state", COL_STATE, 4, COL_ALL },
	{ "files", COL_INT, 6, COL_ALL }, { "lines", COL_INT, 7, COL_ALL },
	{ "events", COL_INT, 8, COL_ALL },
	{ "duplicates", COL_INT, 9, COL_ALL },
	{ "rejected", COL_INT, 10, COL_ALL },
	{ "ignored", COL_INT, 11, COL_ALL },
	{ "calls", COL_INT, 12, COL_ALL }, { "message", COL_TEXT, 5, COL_ALL },
	{ .name = NULL }
};

static const struct part parts[] = {
	{ "unfinished", "files whose end is missing",
	    sql_list_unfinished_sources, UNFINISHED, source_cols, false },
	{ "rejects", "rejected lines (calltally rejects list)",
	    sql_count_rejects, 0, reject_cols, false },
	{ "drift", "news: what no profile knows", sql_list_drift, 0, drift_cols,
	    true },
	{ "unknown_statuses", "calls that stand on a status that no profile knows",
	    sql_count_unknown_statuses, STATUSES, status_cols, false },
	{ "unit_suspicions", "numbers that look as if their unit were another",
	    sql_list_unit_suspicions, SUSPICIONS, suspicion_cols, false },
	{ "balances", "latest balances", sql_list_balances, 0, balance_cols,
	    false },
	{ "runs", "latest runs", sql_list_runs, RUNS, run_cols, false },
};
static const struct part days_part = {
	"days", "latest days with calls (UTC)", sql_list_days, DAYS, day_cols,
	false,
};

static bool
is_news(const struct db_rows *rows, size_t row, const void *profiles)
{
	return drift_row_is_news(rows, row, profiles);
}

static void
say_heading(const char *text)
{
	printf("\n%s%s%s\n", style_mark(stdout, STYLE_HEADING), text,
	    style_mark(stdout, STYLE_PLAIN));
}

static bool
show_part(struct view *v, const struct part *p, struct err *err)
{
	struct db_slot slot;
	struct db_param limit = db_int8(p->limit, &slot);
	struct table t = {
		.rows = db_query(v->db, p->sql, &limit, p->limit == 0 ? 0 : 1,
		    err),
		.cols = p->cols,
		.shown = p->drift ? is_news : NULL,
		.data = v->profiles,
	};
	bool ok = t.rows != NULL;

	if (ok && v->json) {
		table_answer(answer_list(v->a.top, p->member), &t);
	} else if (ok && table_rows(&t) > 0) {
		say_heading(p->heading);
		ok = table_say(&t, err);
	}
	db_rows_free((struct db_rows *)t.rows);
	return ok;
}

static bool
show_database(struct view *v, struct err *err)
{
	struct db_rows *rows = db_query(v->db, sql_get_database_size, NULL, 0,
	    err);
	char bytes[SAY_COUNT_BYTES];
	int64_t n;

	if (rows == NULL)
		return false;
	n = db_get_int(rows, 0, 0);
	db_rows_free(rows);
	if (v->json) {
		answer_text(v->a.top, "database", str_of(db_name(v->db)));
		answer_int(v->a.top, "database_bytes", n);
	} else {
		printf("%-12s%s, %s\n", "database", db_name(v->db),
		    say_bytes(n, bytes));
	}
	return true;
}

static void
say_sources(const int64_t n[7])
{
	char c[7][SAY_COUNT_BYTES];

	for (int i = 0; i < 7; i++)
		say_count(n[i], c[i]);
	printf("%-12s%s, %s finished\n", "sources", c[0], c[1]);
	printf("%-12s%s = %s new + %s duplicate + %s rejected + %s ignored\n",
	    "lines", c[2], c[3], c[4], c[5], c[6]);
}

static bool
show_sources(struct view *v, struct err *err)
{
	static const char *const name[] = {
		"files", "finished", "lines", "events", "duplicates",
		"rejected", "ignored",
	};
	struct db_rows *rows = db_query(v->db, sql_count_sources, NULL, 0, err);
	struct answer a;
	int64_t n[7];

	if (rows == NULL)
		return false;
	for (int i = 0; i < 7; i++)
		n[i] = db_get_int(rows, 0, i);
	db_rows_free(rows);
	if (!v->json) {
		say_sources(n);
		return true;
	}
	a = answer_object(v->a.top, "sources");
	for (int i = 0; i < 7; i++)
		answer_int(a, name[i], n[i]);
	answer_int(a, "unfinished", n[0] - n[1]);
	return true;
}

/* What count_calls says, added up. */
struct call_sums {
	int64_t calls, open, no_assistant, no_campaign, no_analysis;
};

static struct call_sums
sum_calls(const struct db_rows *rows)
{
	struct call_sums s = { 0 };

	for (size_t i = 0; i < db_rows_count(rows); i++) {
		enum outcome o = outcome_by_name(db_get_text(rows, i, 1));
		int64_t n = db_get_int(rows, i, 2);

		s.calls += n;
		if (o == OUTCOME_QUEUED || o == OUTCOME_IN_PROGRESS ||
		    o == OUTCOME_ENDED)
			s.open += n;
		s.no_assistant += db_get_int(rows, i, 3);
		s.no_campaign += db_get_int(rows, i, 4);
		if (o == OUTCOME_COMPLETED)
			s.no_analysis += db_get_int(rows, i, 5);
	}
	return s;
}

static const struct col outcome_cols[] = {
	{ "provider", COL_TEXT, 0, COL_ALL }, { "outcome", COL_TEXT, 1, COL_ALL },
	{ "calls", COL_INT, 2, COL_ALL },
	{ "without_assistant", COL_INT, 3, COL_ALL },
	{ "without_campaign", COL_INT, 4, COL_ALL },
	{ "without_analysis", COL_INT, 5, COL_ALL },
	{ "first_at", COL_TIME, 6, COL_ALL }, { "last_at", COL_TIME, 7, COL_ALL },
	{ .name = NULL }
};

static void
answer_calls(struct view *v, const struct table *outcomes,
    const struct call_sums *s)
{
	answer_int(v->a.top, "calls", s->calls);
	answer_int(v->a.top, "calls_open", s->open);
	answer_int(v->a.top, "calls_without_assistant", s->no_assistant);
	answer_int(v->a.top, "calls_without_campaign", s->no_campaign);
	answer_int(v->a.top, "completed_without_analysis", s->no_analysis);
	table_answer(answer_list(v->a.top, "outcomes"), outcomes);
}

static bool
say_calls(const struct table *outcomes, const struct call_sums *s,
    struct err *err)
{
	char c[4][SAY_COUNT_BYTES];

	printf("%-12s%s, %s still open, %s without assistant, "
	    "%s completed without analysis\n", "calls",
	    say_count(s->calls, c[0]), say_count(s->open, c[1]),
	    say_count(s->no_assistant, c[2]),
	    say_count(s->no_analysis, c[3]));
	if (table_rows(outcomes) > 0)
		say_heading("calls by outcome");
	return table_say(outcomes, err);
}

static bool
show_calls(struct view *v, struct err *err)
{
	struct db_rows *rows = db_query(v->db, sql_count_calls, NULL, 0, err);
	struct table outcomes = { .rows = rows, .cols = outcome_cols };
	struct call_sums sums;
	bool ok = true;

	if (rows == NULL)
		return false;
	sums = sum_calls(rows);
	if (v->json)
		answer_calls(v, &outcomes, &sums);
	else
		ok = say_calls(&outcomes, &sums, err);
	db_rows_free(rows);
	return ok;
}

/* Whether some provider has as many news of a kind as are kept. */
static bool
show_drift_cap(struct view *v, struct err *err)
{
	struct db_slot slot;
	struct db_param cap = db_int8(DRIFT_KEEP, &slot);
	bool full;

	if (!db_query_bool(v->db, sql_is_drift_full, &cap, 1, &full, err))
		return false;
	if (v->json)
		answer_bool(v->a.top, "drift_is_full", full);
	else if (full)
		printf("  of some there are %d, as many as are kept: later ones are "
		    "only counted\n", DRIFT_KEEP);
	return true;
}

static bool
show_parts(struct view *v, struct err *err)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (!show_part(v, &parts[i], err) ||
		    (parts[i].drift && !show_drift_cap(v, err)))
			return false;
	return true;
}

static void
show(struct view *v, struct err *err)
{
	bool ok;

	answer_open(&v->a);
	ok = show_database(v, err) && show_sources(v, err) &&
	    show_calls(v, err) && show_part(v, &days_part, err) &&
	    show_parts(v, err);
	if (ok && v->json)
		answer_print(&v->a, err);
	else
		answer_free(&v->a);
}

static int
run(const struct request *r, struct err *err)
{
	struct session s;

	if (session_open(&s, &r->opt, SESSION_READ, err)) {
		struct view v = { .db = s.db, .profiles = s.profiles,
		    .json = r->opt.json != 0 };

		show(&v, err);
	}
	session_close(&s);
	return STATUS_DONE;
}

static const struct opt opts[] = {
	OPT_DSN, OPT_PROFILES, OPT_JSON, OPT_END
};

const struct command command_status = {
	.name = "status",
	.args = "",
	.summary = "tell what is loaded and what is missing",
	.text =
	    "Tells how many files, lines and calls there are, calls by outcome and by day\n"
	    "and what they lack, files whose end is missing, why lines were rejected, the\n"
	    "latest balances and the latest runs.\n"
	    "\n"
	    "News are members, types and statuses of messages that no profile knows, each\n"
	    "with the first place where it was read; as many as 200 of a provider and kind\n"
	    "are kept. Numbers look as if their unit were another where a provider's\n"
	    "durations are 30 times (or a 30th of) what lies between the calls' own times,\n"
	    "or durations or credits 50 times (or a 50th of) those of the day before; that\n"
	    "changes no number. Nothing is written.",
	.example = "status",
	.opts = opts,
	.run = run,
};
