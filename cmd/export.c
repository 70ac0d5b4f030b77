#include "run/dictionary.h"
#include "run/export_asof.h"

#include <string.h>

#include "answer.h"
#include "base/clock.h"
#include "command.h"
#include "meter.h"
#include "parts.h"
#include "say.h"
#include "session.h"

static void
answer_workbook(struct answer a, const struct export_workbook *w)
{
	struct answer sheets = answer_list(a, "sheets");

	for (size_t i = 0; i < w->sheets; i++) {
		struct answer sheet = answer_object(sheets, NULL);

		answer_text(sheet, "name", str_of(w->sheet[i].name));
		answer_text(sheet, "report", str_of(w->sheet[i].report));
		answer_int(sheet, "rows", (int64_t)w->sheet[i].rows);
		answer_int(sheet, "number", w->sheet[i].number);
	}
	answer_int(a, "cut_texts", (int64_t)w->cut_texts);
	answer_int(a, "long_numbers", (int64_t)w->long_numbers);
}

void
part_export_answer(struct answer a, const struct export_options *o,
    const struct export_result *res)
{
	struct answer files;

	answer_text(a, "out", str_of(o->out));
	answer_text(a, "from", str_of(o->from));
	answer_text(a, "to", str_of(o->to));
	answer_text(a, "tz", str_of(o->tz != NULL ? o->tz : "UTC"));
	files = answer_list(a, "files");
	for (size_t i = 0; i < res->files; i++) {
		const struct export_file *f = &res->file[i];
		struct answer file = answer_object(files, NULL);

		answer_text(file, "name", str_of(f->name));
		if (!f->is_page)
			answer_int(file, "rows", (int64_t)f->rows);
		answer_int(file, "bytes", (int64_t)f->bytes);
		answer_text(file, "sha256", str_of(f->sha256));
	}
	answer_text(a, "unpublished", str_of(res->unpublished));
	if (res->workbook.sheets > 0)
		answer_workbook(answer_object(a, "workbook"), &res->workbook);
}

static bool
answer(const struct export_options *o, const struct export_result *res,
    int64_t published_us, struct err *err)
{
	struct answer_root a;

	answer_open(&a);
	part_export_answer(a.top, o, res);
	if (published_us != TIME_NONE)
		answer_time(a.top, "published_at", published_us);
	return answer_print(&a, err);
}

/* Where the workbook is not as the CSV files are. */
static void
say_workbook(const struct export_workbook *w)
{
	for (size_t i = 0; i < w->sheets; i++) {
		if (w->sheet[i].number < 2)
			continue;
		fputs("calltally: " WORKBOOK_NAME ": a sheet was full: ",
		    stderr);
		say_text(stderr, str_of(w->sheet[i].report));
		fputs(" goes on in \"", stderr);
		say_text(stderr, str_of(w->sheet[i].name));
		fputs("\"\n", stderr);
	}
	if (w->cut_texts > 0)
		fprintf(stderr, "calltally: " WORKBOOK_NAME ": %llu texts are "
		    "longer than a cell holds and were cut; the CSV files have "
		    "them whole\n", (unsigned long long)w->cut_texts);
	if (w->long_numbers > 0)
		fprintf(stderr, "calltally: " WORKBOOK_NAME ": %llu numbers "
		    "have more than %d digits and stand as text\n",
		    (unsigned long long)w->long_numbers, NUMBER_MAX_DIGITS);
}

void
part_export_say(const struct export_options *o,
    const struct export_result *res)
{
	char rows[SAY_COUNT_BYTES], bytes[SAY_COUNT_BYTES];

	for (size_t i = 0; i < res->files; i++) {
		const struct export_file *f = &res->file[i];

		printf("%12s %-4s %12s  ",
		    f->is_page ? "a" : say_count((int64_t)f->rows, rows),
		    f->is_page ? "page" : f->rows == 1 ? "row" : "rows",
		    say_bytes((int64_t)f->bytes, bytes));
		say_text(stdout, str_of(o->out));
		putchar('/');
		say_text(stdout, str_of(f->name));
		putchar('\n');
	}
	if (res->unpublished != NULL)
		printf("not put on record as published: %s\n",
		    res->unpublished);
	say_workbook(&res->workbook);
}

struct export_options
part_export_options(const struct request *r, const struct session *s)
{
	return (struct export_options){
		.conninfo = s->conninfo,
		.profiles = s->profiles,
		.out = r->opt.out,
		.from = r->opt.from,
		.to = r->opt.to,
		.tz = r->opt.tz,
		.report = r->opt.report.n > 0 ? r->opt.report.v : NULL,
		.reports = r->opt.report.n,
		.reports_folder = r->opt.reports_folder,
		.version = CALLTALLY_VERSION,
		.plain = r->opt.plain,
		.phones = opt_phones(&r->opt, PHONES_FULL),
		.xlsx = r->opt.xlsx,
		.sheet_rows = (uint32_t)r->opt.sheet_rows,
		.changed_only = r->opt.changed,
		.html = r->opt.html,
		.comeback_ms = r->opt.reconnect_s * 1000,
	};
}

static bool
export(const struct request *r, const struct session *s, struct err *err)
{
	struct export_options o = part_export_options(r, s);
	struct export_result res = { 0 };
	int64_t published_us = TIME_NONE;	/* of a former export */
	struct progress progress = { 0 };
	struct meter meter;
	bool ok;

	o.progress = &progress;
	ok = meter_start(&meter, &progress, r->opt.progress, err) &&
	    (r->opt.as_of == NULL ? export_run(&o, &res, err) :
	    export_as_of(&o, r->opt.as_of, &res, &published_us, err));
	meter_stop(&meter);

	if (ok && r->opt.json)
		ok = answer(&o, &res, published_us, err);
	else if (ok)
		part_export_say(&o, &res);
	export_result_free(&res);
	return ok;
}

bool
part_export_check(const struct request *r, struct err *err)
{
	/* Days of one form compare as texts. */
	return r->opt.from == NULL || r->opt.to == NULL ||
	    strcmp(r->opt.from, r->opt.to) <= 0 ||
	    err_set(err, ERR_USAGE, "--from %s is after --to %s", r->opt.from,
	    r->opt.to);
}

/* One report of the dictionary, for programs. */
static void
answer_doc(struct answer list, const struct report *report,
    const struct report_doc *doc)
{
	struct answer a = answer_object(list, NULL), keys, columns;

	answer_text(a, "report", str_of(report->name));
	answer_text(a, "text", doc->sentence);
	keys = answer_list(a, "key");
	for (size_t i = 0; i < doc->keys; i++)
		answer_text(keys, NULL, doc->key[i]);
	columns = answer_list(a, "columns");
	for (size_t i = 0; i < doc->columns; i++) {
		struct answer column = answer_object(columns, NULL);

		answer_text(column, "name", doc->column[i].name);
		answer_text(column, "text", doc->column[i].meaning);
	}
}

/* The same for people. */
static void
say_doc(const struct report *report, const struct report_doc *doc, bool first)
{
	int width = 0;

	printf("%s", first ? "" : "\n");
	say_text(stdout, str_of(report->name));
	printf(".csv: ");
	say_text(stdout, doc->sentence);
	printf("\n");
	for (size_t i = 0; i < doc->columns; i++)
		if ((int)doc->column[i].name.n > width)
			width = (int)doc->column[i].name.n;
	for (size_t i = 0; i < doc->columns; i++) {
		struct str name = doc->column[i].name;

		printf("  ");
		say_text(stdout, name);
		printf("%*s", width - (int)name.n + 2, "");
		say_text(stdout, doc->column[i].meaning);
		printf("\n");
	}
}

static bool
tell_docs(const struct request *r, const struct report_set *wanted,
    const struct report_set *all, struct arena *arena, struct err *err)
{
	struct answer_root a;
	struct answer list;
	struct report_doc doc;

	answer_open(&a);
	list = answer_list(a.top, "reports");
	for (size_t i = 0; i < wanted->n; i++) {
		const struct report *report = &wanted->report[i];

		if (!report_doc_read(&doc, all, report, arena, err)) {
			answer_free(&a);
			return false;
		}
		if (r->opt.json)
			answer_doc(list, report, &doc);
		else
			say_doc(report, &doc, i == 0);
	}
	if (r->opt.json)
		return answer_print(&a, err);
	answer_free(&a);
	return true;
}

/* What the columns mean; needs no database. */
static bool
dictionary(const struct request *r, struct err *err)
{
	const struct opt_list *names = &r->opt.report;
	struct report_set all, wanted = { 0 };
	struct arena arena;
	bool ok;

	arena_init(&arena, 0);
	ok = report_set_load(&all, r->opt.reports_folder, NULL, 0, err) &&
	    report_set_load(&wanted, r->opt.reports_folder, names->v,
	    names->n, err) &&
	    tell_docs(r, &wanted, &all, &arena, err);
	arena_close(&arena);
	report_set_free(&wanted);
	report_set_free(&all);
	return ok;
}

/* Options that cannot be meant together. */
static bool
check(const struct opts *o, struct err *err)
{
	if (o->dictionary) {
		if (o->out != NULL || o->as_of != NULL || o->changed || o->html)
			return err_set(err, ERR_USAGE, "--dictionary stands "
			    "alone, with --report, --reports or --json");
		return true;
	}
	if (o->out == NULL)
		return err_set(err, ERR_USAGE, "--out DIR is missing");
	if (o->as_of != NULL && (o->from != NULL || o->to != NULL ||
	    o->plain || o->xlsx || o->changed || o->reports_folder != NULL))
		return err_set(err, ERR_USAGE, "--as-of gives back the CSV files "
		    "that were published: --from, --to, --plain, --changed and "
		    "--reports are as they were then, and there is no --xlsx");
	if (o->html && (o->as_of != NULL || o->changed))
		return err_set(err, ERR_USAGE, "--html shows the whole window "
		    "as it is now: not with --as-of or --changed");
	return true;
}

static int
run(const struct request *r, struct err *err)
{
	struct session s;

	if (!check(&r->opt, err) || !part_export_check(r, err))
		return STATUS_USAGE;
	if (r->opt.dictionary) {
		dictionary(r, err);
		return STATUS_DONE;
	}
	if (session_open(&s, &r->opt, SESSION_READ, err))
		export(r, &s, err);
	session_close(&s);
	return STATUS_DONE;
}

static const struct opt opts[] = {
	OPTS_EXPORT(false),
	{ "changed", NULL, "only days that are not as they were published last",
	    OPT_AT(changed), .type = OPT_FLAG, .set = 1 },
	{ "as-of", "TIME", "what was published then: a day, or a time in --tz",
	    OPT_AT(as_of), .type = OPT_TEXT },
	{ "dictionary", NULL, "write nothing, and tell what the columns mean",
	    OPT_AT(dictionary), .type = OPT_FLAG, .set = 1 },
	OPT_DSN, OPT_PROFILES, OPT_RECONNECT, OPT_PROGRESS, OPT_NO_PROGRESS,
	OPT_JSON, OPT_END
};

const struct command command_export = {
	.name = "export",
	.args = "",
	.summary = "write the CSV reports",
	.text =
	    "Writes one CSV file a report, all from the same moment, and manifest.json last.\n"
	    "Each file appears whole or not at all. Days are inclusive and local to --tz; a\n"
	    "call belongs to the day on which it started, else to that of its first event.\n"
	    "The files open in Excel as they are; --plain is for programs.\n"
	    "\n"
	    "A report is one SQL file with its documentation on top; those of --reports work\n"
	    "the same way. --html adds report.html, the built-in reports as one page to look\n"
	    "at, which needs neither the files beside it nor a network.\n"
	    "\n"
	    "--phones masked leaves of each phone number the country code and two digits,\n"
	    "--phones none nothing; in free text every run of seven digits or more counts as\n"
	    "one. Names, addresses and what else people said stay in free text, and ids and\n"
	    "links are left as they are. What is put on record has whole numbers, so that\n"
	    "nothing is restated for it; --as-of hides what was hidden then.\n"
	    "\n"
	    "--xlsx writes one workbook of the same rows beside the CSV files: a sheet a\n"
	    "report, cells with types, two charts. What is text stays text, whatever it\n"
	    "looks like. A report that does not fit into a sheet goes on in the next one; a\n"
	    "text longer than 32,767 characters is cut; both are told.\n"
	    "\n"
	    "What reports with a day say is put on record. restatements.csv tells which of\n"
	    "these cells are not as they were published last, for days that were over then:\n"
	    "what they were, what they are, and which source brought it. --changed writes\n"
	    "reports with a day only, and of them the days that changed. --as-of gives back\n"
	    "the files of the last export in --tz up to then, to the byte.",
	.example =
	    "export --out reports --tz Asia/Kolkata\n"
	    "export --out march --from 2026-03-01 --to 2026-03-31 --plain\n"
	    "export --out then --tz Asia/Kolkata --as-of '2026-03-02 09:00'",
	.opts = opts,
	.run = run,
};
