#include "run/explain.h"
#include "run/privacy.h"

#include <string.h>

#include "answer.h"
#include "base/clock.h"
#include "command.h"
#include "say.h"
#include "session.h"
#include "view.h"

static const char *const raw_state[] = {
	[RAW_NOT_ASKED] = "not asked",
	[RAW_FOUND] = "found",
	[RAW_GONE] = "the file is out of reach",
	[RAW_CHANGED] = "the file has changed: this line does not tell it any more",
};

/* ---- for people ---- */

static void
say_words(struct str s, enum privacy p, enum phones phones)
{
	struct buf b = BUF_INIT(0);

	privacy_put(&b, p, s, phones);
	say_text(stdout, buf_str(&b));
	buf_free(&b);
}

static void
say_cell(struct str s, enum privacy p, enum phones phones)
{
	if (s.n == 0)
		fputs("(empty)", stdout);
	else
		say_words(s, p, phones);
}

/* Where the columns end that tell which row it is. */
static bool
ends_keys(struct str name)
{
	static const char *const first[] = {
		"calls", "credits_used", "started_at", "to_number",
	};

	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++)
		if (str_eq(name, str_of(first[i])))
			return true;
	return false;
}

static void
say_row(const struct explanation *x, const char *report, enum phones phones)
{
	fputs(report, stdout);
	for (size_t i = 0; i < x->cells && !ends_keys(x->cell[i].name); i++) {
		printf("  %.*s ", STR_ARG(x->cell[i].name));
		say_cell(x->cell[i].text, privacy_of_column(x->cell[i].name),
		    phones);
	}
	putchar('\n');
}

static void
say_calls(int64_t calls)
{
	fputs(" of ", stdout);
	say_some(stdout, calls, "call", "calls");
}

/* "connected 13 of 13 calls" */
static void
say_measure(struct str measure, struct str sum, int64_t calls)
{
	printf("%.*s %.*s", STR_ARG(measure), STR_ARG(sum));
	say_calls(calls);
}

/* The NN of a column whose name ends in "_pNN": a percentile is no quotient. */
static int
percentile_of(struct str name)
{
	int n = 0;

	if (name.n < 4 || name.p[name.n - 4] != '_' || name.p[name.n - 3] != 'p')
		return 0;
	for (size_t i = name.n - 2; i < name.n; i++) {
		if (name.p[i] < '0' || name.p[i] > '9')
			return 0;
		n = 10 * n + (name.p[i] - '0');
	}
	return n;
}

static void
say_column(const struct explain_column *c, enum phones phones)
{
	enum privacy p = privacy_of_column(c->name);

	printf("  %-20.*s  ", STR_ARG(c->name));
	say_cell(c->cell, p, phones);
	if (c->denominator.p == NULL) {
		say_calls(c->numerator_calls);
	} else if (percentile_of(c->name) > 0) {
		printf(" = percentile %d of %.*s", percentile_of(c->name),
		    STR_ARG(c->numerator));
		say_calls(c->denominator_calls);
	} else {
		fputs(" = ", stdout);
		say_measure(c->numerator, c->numerator_sum, c->numerator_calls);
		fputs(" / ", stdout);
		say_measure(c->denominator, c->denominator_sum,
		    c->denominator_calls);
	}
	if (!c->agrees) {
		fputs("  DIFFERS: the calls make ", stdout);
		say_cell(c->value, p, phones);
	}
	putchar('\n');
}

static void
say_raw(const struct explain_decider *d, enum phones phones)
{
	if (d->raw_state == RAW_NOT_ASKED || d->event == NULL)
		return;
	fputs("        | ", stdout);
	if (d->raw_state == RAW_FOUND)
		say_words(d->raw, PRIVACY_TEXT, phones);
	else
		printf("(%s)", raw_state[d->raw_state]);
	putchar('\n');
}

/* What a deciding value may hold. */
static enum privacy
privacy_of(const struct explain_decider *d)
{
	return d->free_text ? privacy_of_column(d->what) : PRIVACY_NONE;
}

static void
say_decider(const struct explain_decider *d, enum phones phones)
{
	printf("      %-18.*s", STR_ARG(d->what));
	if (d->value.p == NULL)
		fputs("not stated", stdout);
	else
		say_words(d->value, privacy_of(d), phones);
	if (d->event != NULL) {
		fputs("  <- ", stdout);
		say_text(stdout, d->file.p != NULL ? d->file : STR("?"));
		printf(":%lld  ", (long long)d->event->line);
		say_time(d->event->time_us);
		printf(" %s ", event_kind_name[d->event->kind]);
		say_text(stdout, d->event->type);
	}
	putchar('\n');
	say_raw(d, phones);
}

/* "connected 1" for what the call gives to a measure. */
static void
say_gives(struct str gives, struct str measure)
{
	if (gives.p != NULL && measure.p != NULL)
		printf("  %.*s %.*s", STR_ARG(measure), STR_ARG(gives));
}

static void
say_call(const struct explain_call *c, const struct explain_column *of,
    enum phones phones)
{
	fputs("  call ", stdout);
	say_text(stdout, c->call_id);
	fputs(" of ", stdout);
	say_text(stdout, c->provider);
	if (of != NULL) {
		say_gives(c->numerator, of->numerator);
		say_gives(c->denominator, of->denominator);
	}
	putchar('\n');
	for (size_t i = 0; i < c->deciders; i++)
		say_decider(&c->decider[i], phones);
}

static void
say(const struct request *r, const struct explanation *x)
{
	enum phones phones = opt_phones_of_answer(&r->opt);
	const struct explain_column *of = r->opt.column != NULL &&
	    x->columns > 0 ? &x->column[0] : NULL;

	say_row(x, r->arg[0], phones);
	for (size_t i = 0; i < x->columns; i++)
		say_column(&x->column[i], phones);
	if (x->calls > 0)
		putchar('\n');
	for (size_t i = 0; i < x->calls; i++)
		say_call(&x->call[i], of, phones);
	if ((int64_t)x->calls == r->opt.limit && r->opt.limit > 0)
		puts("  (no more are listed: --limit)");
}

/* ---- for programs ---- */

/* A member whose phone numbers are hidden. */
static void
answer_words(struct answer a, const char *name, struct str s, enum privacy p,
    enum phones phones)
{
	struct buf b = BUF_INIT(0);

	privacy_put(&b, p, s, phones);
	answer_text(a, name, s.n > 0 ? buf_str(&b) : s);
	buf_free(&b);
}

static void
answer_column(struct answer list, const struct explain_column *c,
    enum phones phones)
{
	struct answer a = answer_object(list, NULL);
	enum privacy p = privacy_of_column(c->name);

	answer_text(a, "column", c->name);
	answer_words(a, "cell", c->cell, p, phones);
	answer_words(a, "value", c->value, p, phones);
	answer_bool(a, "agrees", c->agrees);
	answer_text(a, "numerator", c->numerator);
	answer_int(a, "numerator_calls", c->numerator_calls);
	answer_text(a, "numerator_sum", c->numerator_sum);
	if (c->denominator.p == NULL)
		return;
	answer_text(a, "denominator", c->denominator);
	answer_int(a, "denominator_calls", c->denominator_calls);
	answer_text(a, "denominator_sum", c->denominator_sum);
}

static void
answer_decider(struct answer list, const struct explain_decider *d,
    enum phones phones)
{
	struct answer a = answer_object(list, NULL);

	answer_text(a, "what", d->what);
	answer_words(a, "value", d->value, privacy_of(d), phones);
	if (d->event == NULL)
		return;
	answer_text(a, "file", d->file);
	answer_int(a, "line", d->event->line);
	answer_event(a, d->event, phones);
	if (d->raw_state == RAW_NOT_ASKED)
		return;
	answer_words(a, "raw", d->raw, PRIVACY_TEXT, phones);
	if (d->raw_state != RAW_FOUND)
		answer_text(a, "raw_missing", str_of(raw_state[d->raw_state]));
}

static void
answer_call(struct answer list, const struct explain_call *c,
    enum phones phones)
{
	struct answer a = answer_object(list, NULL), decided;

	answer_text(a, "provider", c->provider);
	answer_text(a, "call_id", c->call_id);
	answer_text(a, "numerator", c->numerator);
	answer_text(a, "denominator", c->denominator);
	decided = answer_list(a, "decided_by");
	for (size_t i = 0; i < c->deciders; i++)
		answer_decider(decided, &c->decider[i], phones);
}

static bool
answer(const struct request *r, struct explanation *x, struct err *err)
{
	enum phones phones = opt_phones_of_answer(&r->opt);
	struct answer_root root;
	struct answer a;

	answer_open(&root);
	answer_text(root.top, "report", str_of(r->arg[0]));
	answer_bool(root.top, "agrees", x->agrees);
	answer_int(root.top, "calls_behind", x->calls_total);
	a = answer_object(root.top, "row");
	for (size_t i = 0; i < x->cells; i++) {
		char *name = arena_cstr(&x->arena, x->cell[i].name);

		if (name != NULL)
			answer_words(a, name, x->cell[i].text,
			    privacy_of_column(x->cell[i].name), phones);
	}
	a = answer_list(root.top, "columns");
	for (size_t i = 0; i < x->columns; i++)
		answer_column(a, &x->column[i], phones);
	a = answer_list(root.top, "calls");
	for (size_t i = 0; i < x->calls; i++)
		answer_call(a, &x->call[i], phones);
	return answer_print(&root, err);
}

/* A day as YYYY-MM-DD, or the empty one. */
static bool
check_day(const char *day, struct err *err)
{
	char noon[sizeof("YYYY-MM-DDT12:00Z")];
	int64_t us;

	if (day == NULL || day[0] == '\0')
		return true;
	(void)snprintf(noon, sizeof(noon), "%.10sT12:00Z", day);
	if (strlen(day) == 10 && time_parse(str_of(noon), &us))
		return true;
	return err_set(err, ERR_USAGE, "--day: \"%.100s\" is not a day as "
	    "YYYY-MM-DD from 2000 to 2099", day);
}

static bool
explain(const struct request *r, const struct session *s,
    struct explanation *x, struct err *err)
{
	struct explain_options o = {
		.profiles = s->profiles,
		.report = r->arg[0],
		.day = r->opt.day,
		.from = r->opt.from,
		.to = r->opt.to,
		.tz = r->opt.tz,
		.key = r->opt.key.v,
		.keys = r->opt.key.n,
		.column = r->opt.column,
		.limit = r->opt.limit,
		.raw = r->opt.raw != 0,
		.max_line_bytes = (size_t)r->opt.max_line_bytes,
	};

	if (!explain_run(&o, s->db, x, err))
		return false;
	if (r->opt.json)
		return answer(r, x, err);
	say(r, x);
	return true;
}

static int
run(const struct request *r, struct err *err)
{
	struct explanation x = { .agrees = true };
	struct session s;
	bool agrees = true;

	if (!check_day(r->opt.day, err))
		return STATUS_USAGE;
	if (session_open(&s, &r->opt, SESSION_READ, err)) {
		explain(r, &s, &x, err);
		agrees = x.agrees;
		explanation_free(&x);
	}
	session_close(&s);
	return agrees ? STATUS_DONE : STATUS_FAILED;
}

static const struct opt opts[] = {
	{ "day", "DAY", "the row's day, as YYYY-MM-DD; \"\" for the empty one.\nOf a report without a day: a window of that day",
	    OPT_AT(day), .type = OPT_TEXT, .may_be_empty = true },
	{ "key", "COLUMN=VALUE", "what the row has in a column; may come many times",
	    OPT_AT(key), .type = OPT_LIST, .whole = true },
	{ "column", "NAME", "the column to explain\n(default: all, and the row's calls)",
	    OPT_AT(column), .type = OPT_TEXT },
	{ "from", "DAY", "first day of the export (default: open)",
	    OPT_AT(from), .type = OPT_DAY },
	{ "to", "DAY", "last day of the export, inclusive (default: open)",
	    OPT_AT(to), .type = OPT_DAY },
	{ "tz", "AREA/CITY", "time zone of the export (default: UTC)",
	    OPT_AT(tz), .type = OPT_TEXT },
	{ "limit", "N", "how many calls to list",
	    OPT_AT(limit), .type = OPT_NUMBER, .min = 0, .max = 1000000,
	    .preset = OPT_LIMIT },
	{ "raw", NULL, "show the original lines, where their files are in reach",
	    OPT_AT(raw), .type = OPT_FLAG, .set = 1 },
	OPT_PHONES(OPT_PHONES_MASKED),
	OPT_DSN, OPT_PROFILES, OPT_JSON, OPT_END
};

const struct command command_explain = {
	.name = "explain",
	.args = "REPORT",
	.summary = "from a cell of a report back to calls and lines",
	.text =
	    "Finds the row of a report and tells what each of its columns is made of: how\n"
	    "many calls, and for a rate those above and below the line. Then the calls\n"
	    "behind the column, and for each the event, file and line that decided what it\n"
	    "counts as. Any columns of the report may be given as keys, as long as one row\n"
	    "is left.\n"
	    "\n"
	    "--raw shows the lines themselves, from the files as they lie now; it says so\n"
	    "when a file is gone or tells something else. Runs of seven digits and more are\n"
	    "masked there, whatever they are, unless --phones full is given, or --json. The\n"
	    "exit status is 1 when the calls do not make what the report says.",
	.example =
	    "explain assistant_daily --day 2026-03-02 --key assistant_id=a1\n"
	    "explain assistant_total --key assistant_name=Asha --column busy\n"
	    "explain hourly --key assistant_id=a1 --key weekday=1 --key hour=9",
	.min_args = 1,
	.max_args = 1,
	.opts = opts,
	.run = run,
};
