#include "run/verify.h"

#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "command.h"
#include "meter.h"
#include "say.h"
#include "session.h"
#include "stop.h"

/* Outlives the run: a signal may come at any time. */
static struct progress progress;

/* Where findings go while the run goes on. */
struct teller {
	struct meter meter;
	bool json;
	enum phones phones;
	int64_t limit, told;
	struct answer list;
	FILE *text;		/* of people's findings, shown at the end */
};

/* A value with its phone numbers hidden, in a buffer. */
static struct str
hidden(const struct teller *t, struct str s, bool free_text, struct buf *b)
{
	if (!free_text || t->phones == PHONES_FULL || s.p == NULL)
		return s;
	phones_put_text(b, s, t->phones);
	return buf_str(b);
}

/* A value; silence is "nothing". */
static void
put_value(const struct teller *t, struct str s, bool free_text)
{
	struct buf b = BUF_INIT(0);

	if (s.p == NULL) {
		fputs("nothing", t->text);
		return;
	}
	putc('"', t->text);
	say_text(t->text, hidden(t, s, free_text, &b));
	putc('"', t->text);
	buf_free(&b);
}

static void
put_place(const struct teller *t, const char *before, struct str file,
    int64_t line)
{
	if (file.p == NULL)
		return;
	fputs(before, t->text);
	say_text(t->text, file);
	if (line > 0)
		fprintf(t->text, ":%lld", (long long)line);
}

static void
say_finding(const struct teller *t, const struct finding *f)
{
	fprintf(t->text, "%-18s", finding_name[f->kind]);
	if (f->call_id.p != NULL) {
		fputs("call ", t->text);
		say_text(t->text, f->call_id);
		fputs(" of ", t->text);
		say_text(t->text, f->provider);
	}
	put_place(t, f->call_id.p != NULL ? "  " : "", f->file, f->line);
	put_place(t, "  stored from ", f->stored_file, f->stored_line);
	if (f->part != NULL || f->stored.p != NULL || f->computed.p != NULL) {
		fprintf(t->text, "\n    %s: stored ",
		    f->part != NULL ? f->part : "value");
		put_value(t, f->stored, f->free_text);
		fputs(", should be ", t->text);
		put_value(t, f->computed, f->free_text);
	}
	putc('\n', t->text);
}

static void
answer_place(struct answer a, const char *file, const char *line,
    struct str name, int64_t number)
{
	if (name.p == NULL)
		return;
	answer_text(a, file, name);
	if (number > 0)
		answer_int(a, line, number);
}

static void
answer_finding(const struct teller *t, const struct finding *f)
{
	struct answer a = answer_object(t->list, NULL);
	struct buf stored = BUF_INIT(0), computed = BUF_INIT(0);

	answer_text(a, "kind", str_of(finding_name[f->kind]));
	if (f->call_id.p != NULL) {
		answer_text(a, "provider", f->provider);
		answer_text(a, "call_id", f->call_id);
	}
	if (f->identity != NULL)
		answer_id(a, "identity", f->identity);
	if (f->part != NULL)
		answer_text(a, "part", str_of(f->part));
	if (f->part != NULL || f->stored.p != NULL || f->computed.p != NULL) {
		answer_text(a, "stored", hidden(t, f->stored, f->free_text,
		    &stored));
		answer_text(a, "computed", hidden(t, f->computed, f->free_text,
		    &computed));
	}
	answer_place(a, "file", "line", f->file, f->line);
	answer_place(a, "stored_file", "stored_line", f->stored_file,
	    f->stored_line);
	buf_free(&stored);
	buf_free(&computed);
}

static void
found(void *data, const struct finding *f)
{
	struct teller *t = data;

	if (t->told++ >= t->limit)
		return;
	if (t->json)
		answer_finding(t, f);
	else
		say_finding(t, f);
}

static void
note(void *data, const char *text)
{
	meter_note(&((struct teller *)data)->meter, text);
}

static void
answer_result(struct answer a, const struct verify_result *res)
{
	const struct { const char *name; int64_t n; } count[] = {
		{ "files", res->files },
		{ "lines", res->lines },
		{ "events", res->events },
		{ "calls", res->calls },
		{ "stored_events", res->stored_events },
		{ "stored_calls", res->stored_calls },
		{ "stored_balances", res->stored_balances },
		{ "elsewhere", res->elsewhere },
		{ "differences", res->differences },
	};
	struct answer kinds;

	answer_bool(a, "equal", res->differences == 0);
	for (size_t i = 0; i < sizeof(count) / sizeof(count[0]); i++)
		answer_int(a, count[i].name, count[i].n);
	kinds = answer_object(a, "found");
	for (int k = 0; k < FINDING_KINDS; k++)
		answer_int(kinds, finding_name[k], res->finding[k]);
}

static void
say_result(const struct teller *t, const struct verify_result *res)
{
	char c[4][SAY_COUNT_BYTES];

	printf("%-12s%s lines of %s files tell %s events of %s calls\n",
	    "archive", say_count(res->lines, c[0]),
	    say_count(res->files, c[1]), say_count(res->events, c[2]),
	    say_count(res->calls, c[3]));
	printf("%-12s%s events of %s calls, %s balances; %s events from elsewhere\n",
	    "database", say_count(res->stored_events, c[0]),
	    say_count(res->stored_calls, c[1]),
	    say_count(res->stored_balances, c[2]),
	    say_count(res->elsewhere, c[3]));
	for (int k = 0; k < FINDING_KINDS; k++)
		if (res->finding[k] > 0)
			printf("%-12s%s %s\n", "different",
			    say_count(res->finding[k], c[0]), finding_name[k]);
	if (t->told > t->limit)
		printf("%-12s%s findings are not shown (--limit)\n", "",
		    say_count(t->told - t->limit, c[0]));
	if (res->differences == 0)
		puts("equal");
}

static struct verify_options
options_of(const struct request *r, const struct session *s,
    struct teller *t)
{
	const char *temporary = getenv("TMPDIR");

	return (struct verify_options){
		.path = r->arg,
		.paths = r->args,
		.profiles = s->profiles,
		.temporary = temporary != NULL && temporary[0] != '\0' ?
		    temporary : "/var/tmp",
		.max_line_bytes = (size_t)r->opt.max_line_bytes,
		.memory_bytes = (size_t)r->opt.memory_bytes,
		.progress = &progress,
		.note = note,
		.found = found,
		.data = t,
	};
}

/* Runs it beside the meter; what was found is kept in t meanwhile. */
static bool
verify(const struct request *r, const struct session *s, struct teller *t,
    struct verify_result *res, struct err *err)
{
	struct verify_options o = options_of(r, s, t);
	bool ok;

	stop_on_signals(&progress);
	ok = meter_start(&t->meter, &progress, r->opt.progress, err) &&
	    verify_run(&o, s->db, res, err);
	meter_stop(&t->meter);
	return ok;
}

static bool
verify_and_tell(const struct request *r, const struct session *s,
    struct verify_result *res, struct err *err)
{
	struct teller t = {
		.json = r->opt.json != 0,
		.phones = opt_phones_of_answer(&r->opt),
		.limit = r->opt.limit,
	};
	struct answer_root root;
	char *text = NULL;
	size_t bytes;
	bool ok;

	if ((t.text = open_memstream(&text, &bytes)) == NULL)
		return err_nomem(err);
	answer_open(&root);
	t.list = answer_list(root.top, "findings");
	ok = verify(r, s, &t, res, err);
	if (fclose(t.text) != 0)
		ok = err_nomem(err);
	if (ok && t.json) {
		answer_result(root.top, res);
		ok = answer_print(&root, err);
	} else {
		answer_free(&root);
	}
	if (ok && !t.json) {
		fwrite(text, 1, bytes, stdout);
		say_result(&t, res);
	}
	free(text);
	return ok;
}

static int
run(const struct request *r, struct err *err)
{
	struct verify_result res = { 0 };
	struct session s;

	if (session_open(&s, &r->opt, SESSION_READ, err))
		verify_and_tell(r, &s, &res, err);
	session_close(&s);
	return res.differences > 0 ? STATUS_FAILED : STATUS_DONE;
}

static const struct opt opts[] = {
	{ "limit", "N", "how many findings to show",
	    OPT_AT(limit), .type = OPT_NUMBER, .min = 0, .max = 1000000,
	    .preset = OPT_LIMIT },
	{ "memory", "SIZE", "what the program may hold (default: 128M)",
	    OPT_AT(memory_bytes), .type = OPT_BYTES, .min = 16 << 20,
	    .max = INT64_C(1) << 40 },
	{ "max-line", "SIZE", "a longer line is a reject, as it was for ingest\n(default: 4M)",
	    OPT_AT(max_line_bytes), .type = OPT_BYTES, .min = 1024, .max = 1 << 26 },
	OPT_PHONES(OPT_PHONES_MASKED),
	OPT_DSN, OPT_PROFILES, OPT_PROGRESS, OPT_NO_PROGRESS, OPT_JSON, OPT_END
};

const struct command command_verify = {
	.name = "verify",
	.args = "PATH...",
	.summary = "read the archive again and compare with the database",
	.text =
	    "Reads files and folders as ingest does, folds every call anew, and compares\n"
	    "with what is stored: events that are missing, extra or different, calls and\n"
	    "balances that are not what their events make them, files whose lines are\n"
	    "counted otherwise. Each finding tells its place. Nothing is written, and no\n"
	    "lock is taken.\n"
	    "\n"
	    "What the database has from files that were not given, and from lists, is\n"
	    "believed. The exit status is 0 when all is equal and 1 when something differs.\n"
	    "Events wait in temporary files under TMPDIR, else /var/tmp, which take about\n"
	    "as much room as the database's events. Phone numbers are masked unless\n"
	    "--phones full is given, or --json.",
	.example =
	    "verify /var/lib/calltally/dumps\n"
	    "verify --json --limit 1000 dumps details",
	.min_args = 1,
	.max_args = ARGS_ANY,
	.opts = opts,
	.run = run,
};
