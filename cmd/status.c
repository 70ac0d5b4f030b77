#include <string.h>

#include "answer.h"
#include "command.h"
#include "embedded.h"
#include "say.h"
#include "session.h"
#include "table.h"

enum { RUNS = 5, UNFINISHED = 10, STATUSES = 20 };

struct view {
	struct db *db;
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
};

static const struct col source_cols[] = {
	{ "file", COL_TEXT, 0, false }, { "lines", COL_INT, 1, false },
	{ "damage", COL_TEXT, 2, false }, { "read_at", COL_TIME, 3, false },
	{ .name = NULL }
};

static const struct col reject_cols[] = {
	{ "reason", COL_TEXT, 0, false }, { "lines", COL_INT, 1, false },
	{ "first_file", COL_TEXT, 2, false }, { "first_line", COL_INT, 3, false },
	{ .name = NULL }
};

static const struct col status_cols[] = {
	{ "provider", COL_TEXT, 0, false }, { "status", COL_TEXT, 1, false },
	{ "calls", COL_INT, 2, false },
	{ .name = NULL }
};

static const struct col balance_cols[] = {
	{ "provider", COL_TEXT, 0, false }, { "workspace", COL_TEXT, 1, false },
	{ "available", COL_MICRO, 2, false }, { "at", COL_TIME, 3, false },
	{ .name = NULL }
};

static const struct col run_cols[] = {
	{ "run_id", COL_ID, 0, true }, { "command", COL_TEXT, 1, false },
	{ "started_at", COL_TIME, 2, false },
	{ "finished_at", COL_TIME, 3, true }, { "state", COL_TEXT, 4, false },
	{ "files", COL_INT, 6, false }, { "lines", COL_INT, 7, false },
	{ "events", COL_INT, 8, false }, { "duplicates", COL_INT, 9, false },
	{ "rejected", COL_INT, 10, false }, { "ignored", COL_INT, 11, false },
	{ "calls", COL_INT, 12, false }, { "message", COL_TEXT, 5, false },
	{ .name = NULL }
};

static const struct part unfinished_part = {
	"unfinished", "files whose end is missing", sql_list_unfinished_sources,
	UNFINISHED, source_cols,
};
static const struct part parts[] = {
	{ "rejects", "rejected lines (calltally rejects list)",
	    sql_count_rejects, 0, reject_cols },
	{ "unknown_statuses", "statuses that no profile knows",
	    sql_count_unknown_statuses, STATUSES, status_cols },
	{ "balances", "latest balances", sql_list_balances, 0, balance_cols },
	{ "runs", "latest runs", sql_list_runs, RUNS, run_cols },
};

static bool
show_part(struct view *v, const struct part *p, struct err *err)
{
	struct db_slot slot;
	struct db_param limit = db_int8(p->limit, &slot);
	struct db_rows *rows = db_query(v->db, p->sql, &limit,
	    p->limit == 0 ? 0 : 1, err);
	bool ok = rows != NULL;

	if (ok && v->json) {
		table_answer(answer_list(v->a.top, p->member), rows, p->cols);
	} else if (ok && db_rows_count(rows) > 0) {
		printf("\n%s:\n", p->heading);
		ok = table_say(rows, p->cols, err);
	}
	db_rows_free(rows);
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
	{ "provider", COL_TEXT, 0, false }, { "outcome", COL_TEXT, 1, false },
	{ "calls", COL_INT, 2, false },
	{ "without_assistant", COL_INT, 3, false },
	{ "without_campaign", COL_INT, 4, false },
	{ "without_analysis", COL_INT, 5, false },
	{ "first_at", COL_TIME, 6, false }, { "last_at", COL_TIME, 7, false },
	{ .name = NULL }
};

static void
answer_calls(struct view *v, const struct db_rows *rows,
    const struct call_sums *s)
{
	answer_int(v->a.top, "calls", s->calls);
	answer_int(v->a.top, "calls_open", s->open);
	answer_int(v->a.top, "calls_without_assistant", s->no_assistant);
	answer_int(v->a.top, "calls_without_campaign", s->no_campaign);
	answer_int(v->a.top, "completed_without_analysis", s->no_analysis);
	table_answer(answer_list(v->a.top, "outcomes"), rows, outcome_cols);
}

static bool
say_calls(const struct db_rows *rows, const struct call_sums *s,
    struct err *err)
{
	char c[4][SAY_COUNT_BYTES];

	printf("%-12s%s, %s still open, %s without assistant, "
	    "%s completed without analysis\n", "calls",
	    say_count(s->calls, c[0]), say_count(s->open, c[1]),
	    say_count(s->no_assistant, c[2]),
	    say_count(s->no_analysis, c[3]));
	if (db_rows_count(rows) > 0)
		putchar('\n');
	return table_say(rows, outcome_cols, err);
}

static bool
show_calls(struct view *v, struct err *err)
{
	struct db_rows *rows = db_query(v->db, sql_count_calls, NULL, 0, err);
	struct call_sums sums;
	bool ok = true;

	if (rows == NULL)
		return false;
	sums = sum_calls(rows);
	if (v->json)
		answer_calls(v, rows, &sums);
	else
		ok = say_calls(rows, &sums, err);
	db_rows_free(rows);
	return ok;
}

static bool
show_parts(struct view *v, struct err *err)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (!show_part(v, &parts[i], err))
			return false;
	return true;
}

static void
show(struct view *v, struct err *err)
{
	bool ok;

	answer_open(&v->a);
	ok = show_database(v, err) && show_sources(v, err) &&
	    show_calls(v, err) && show_part(v, &unfinished_part, err) &&
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
		struct view v = { .db = s.db, .json = r->opt.json != 0 };

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
	    "Tells how many files, lines and calls there are, calls by outcome, what they\n"
	    "lack, files whose end is missing, why lines were rejected, statuses that no\n"
	    "profile knows, the latest balances and the latest runs.",
	.example = "status",
	.opts = opts,
	.run = run,
};
