#include <string.h>

#include "answer.h"
#include "command.h"
#include "embedded.h"
#include "rejects.h"
#include "run/ingest.h"
#include "say.h"
#include "session.h"

enum { EXCERPT_BYTES = 160 };

bool
reject_reason_known(const char *reason, struct err *err)
{
	struct buf known = BUF_INIT(0);

	if (reason == NULL)
		return true;
	for (int i = 0; i < REJECT_COUNT; i++) {
		if (strcmp(reason, reject_name[i]) == 0) {
			buf_free(&known);
			return true;
		}
		buf_printf(&known, "%s%s", i > 0 ? ", " : "", reject_name[i]);
	}
	err_set(err, ERR_USAGE, "--reason: \"%.60s\" is none of %s", reason,
	    buf_cstr(&known));
	buf_free(&known);
	return false;
}

/* The columns of list_rejects. */
enum { FILE_NAME, LINE, OFFSET, REASON, MESSAGE, LINE_BYTES, EXCERPT };

static void
masked(const struct db_rows *rows, size_t i, int col, enum phones phones,
    struct buf *out)
{
	buf_reset(out);
	phones_put_text(out, db_get_text(rows, i, col), phones);
}

static void
answer_reject(struct answer list, const struct db_rows *rows, size_t i,
    enum phones phones, struct buf *scratch)
{
	struct answer a = answer_object(list, NULL);

	answer_text(a, "file", db_get_text(rows, i, FILE_NAME));
	answer_int(a, "line", db_get_int(rows, i, LINE));
	answer_int(a, "byte_offset", db_get_int(rows, i, OFFSET));
	answer_text(a, "reason", db_get_text(rows, i, REASON));
	masked(rows, i, MESSAGE, phones, scratch);
	answer_text(a, "message", buf_str(scratch));
	answer_int(a, "line_bytes", db_get_int(rows, i, LINE_BYTES));
	masked(rows, i, EXCERPT, phones, scratch);
	answer_text(a, "excerpt", buf_str(scratch));
}

static void
say_reject(const struct db_rows *rows, size_t i, enum phones phones,
    struct buf *scratch)
{
	say_text(stdout, db_get_text(rows, i, FILE_NAME));
	printf(":%lld: ", (long long)db_get_int(rows, i, LINE));
	say_text(stdout, db_get_text(rows, i, REASON));
	fputs(": ", stdout);
	masked(rows, i, MESSAGE, phones, scratch);
	say_text(stdout, buf_str(scratch));
	fputs("\n    ", stdout);
	masked(rows, i, EXCERPT, phones, scratch);
	say_text(stdout, buf_str(scratch));
	puts(db_get_int(rows, i, LINE_BYTES) > EXCERPT_BYTES ? " ..." : "");
}

/* rows may hold one more than is to be shown: then there are more. */
static bool
list(const struct db_rows *rows, const struct opts *o, struct err *err)
{
	/* Programs, too, get what was not understood masked. */
	enum phones phones = opt_phones(o, PHONES_MASKED);
	size_t limit = (size_t)o->limit;
	size_t n = db_rows_count(rows);
	struct buf scratch = BUF_INIT(0);
	struct answer_root a;
	struct answer items;

	answer_open(&a);
	items = answer_list(a.top, "rejects");
	for (size_t i = 0; i < n && i < limit; i++)
		if (o->json)
			answer_reject(items, rows, i, phones, &scratch);
		else
			say_reject(rows, i, phones, &scratch);
	buf_free(&scratch);
	answer_bool(a.top, "more", n > limit);
	if (o->json)
		return answer_print(&a, err);
	answer_free(&a);
	if (n == 0)
		puts("no rejected lines");
	else if (n > limit)
		printf("and more; see --limit\n");
	return true;
}

static int
run_list(const struct request *r, struct err *err)
{
	struct db_slot slot[2];
	struct db_param p[] = {
		db_text(str_of(r->opt.reason)),
		db_int8(r->opt.limit + 1, &slot[0]),
		db_int8(EXCERPT_BYTES, &slot[1]),
	};
	struct db_rows *rows;
	struct session s;

	if (!reject_reason_known(r->opt.reason, err))
		return STATUS_USAGE;
	if (session_open(&s, &r->opt, SESSION_READ, err) &&
	    (rows = db_query(s.db, sql_list_rejects, p, 3, err)) != NULL) {
		list(rows, &r->opt, err);
		db_rows_free(rows);
	}
	session_close(&s);
	return STATUS_DONE;
}

static bool
answer_replay(const struct replay_result *res, struct err *err)
{
	struct answer_root a;

	answer_open(&a);
	answer_int(a.top, "tried", res->tried);
	answer_int(a.top, "events", res->events);
	answer_int(a.top, "duplicates", res->duplicates);
	answer_int(a.top, "ignored", res->ignored);
	answer_int(a.top, "still_rejected", res->still_rejected);
	answer_int(a.top, "not_whole", res->not_whole);
	answer_int(a.top, "calls", res->calls);
	return answer_print(&a, err);
}

static void
say_replay(const struct replay_result *res)
{
	char c[6][SAY_COUNT_BYTES];

	printf("%s tried = %s new + %s duplicate + %s ignored + %s still rejected; "
	    "%s calls with something new\n", say_count(res->tried, c[0]),
	    say_count(res->events, c[1]), say_count(res->duplicates, c[2]),
	    say_count(res->ignored, c[3]), say_count(res->still_rejected, c[4]),
	    say_count(res->calls, c[5]));
	if (res->not_whole > 0)
		printf("%s not tried: only their start is kept; see calltally "
		    "rejects export -h, and ingest --max-line\n",
		    say_count(res->not_whole, c[0]));
}

static int
run_replay(const struct request *r, struct err *err)
{
	struct comeback c = {
		.limit_ms = r->opt.reconnect_s * 1000, .note = say_note,
	};
	struct replay_result res = { 0 };
	struct session s;

	if (!reject_reason_known(r->opt.reason, err))
		return STATUS_USAGE;
	if (session_open(&s, &r->opt, SESSION_WRITE, err) &&
	    ingest_replay(s.profiles, s.db, r->opt.reason, &c, &res,
	    err)) {
		if (r->opt.json)
			answer_replay(&res, err);
		else
			say_replay(&res);
	}
	session_close(&s);
	return res.still_rejected + res.not_whole > 0 ? STATUS_PARTLY :
	    STATUS_DONE;
}

static const struct opt list_opts[] = {
	OPT_REASON,
	{ "limit", "N", "how many to show", OPT_AT(limit), .type = OPT_NUMBER,
	    .min = 1, .max = 1000000, .preset = OPT_LIMIT },
	OPT_PHONES("\n(default: masked)"),
	OPT_DSN, OPT_PROFILES, OPT_JSON, OPT_END
};

const struct command command_rejects_list = {
	.name = "rejects list",
	.args = "",
	.summary = "show rejected lines and why",
	.text =
	    "Shows rejected lines: file, line, reason, what is wrong, and how they begin.\n"
	    "Phone numbers are masked unless --phones says otherwise, control characters\n"
	    "made visible.",
	.example = "rejects list --reason no_shape --limit 5",
	.opts = list_opts,
	.run = run_list,
};

static const struct opt replay_opts[] = {
	OPT_REASON, OPT_DSN, OPT_PROFILES, OPT_WAIT, OPT_RECONNECT, OPT_JSON, OPT_END
};

const struct command command_rejects_replay = {
	.name = "rejects replay",
	.args = "",
	.summary = "try rejected lines again, after a profile was mended",
	.text =
	    "Decodes the kept lines again. What is understood now becomes events, and moves\n"
	    "from rejected to new, duplicate or ignored in the books of its file. The exit\n"
	    "status is 3 when lines are still rejected.",
	.example = "rejects replay --profiles /etc/calltally/profiles",
	.opts = replay_opts,
	.run = run_replay,
};
