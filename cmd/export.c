#include "run/export.h"

#include <string.h>

#include "answer.h"
#include "command.h"
#include "parts.h"
#include "say.h"
#include "session.h"

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
		answer_int(file, "rows", (int64_t)f->rows);
		answer_int(file, "bytes", (int64_t)f->bytes);
		answer_text(file, "sha256", str_of(f->sha256));
	}
}

static bool
answer(const struct export_options *o, const struct export_result *res,
    struct err *err)
{
	struct answer_root a;

	answer_open(&a);
	part_export_answer(a.top, o, res);
	return answer_print(&a, err);
}

void
part_export_say(const struct export_options *o,
    const struct export_result *res)
{
	char rows[SAY_COUNT_BYTES], bytes[SAY_COUNT_BYTES];

	for (size_t i = 0; i < res->files; i++) {
		const struct export_file *f = &res->file[i];

		printf("%12s %-4s %12s  ", say_count((int64_t)f->rows, rows),
		    f->rows == 1 ? "row" : "rows",
		    say_bytes((int64_t)f->bytes, bytes));
		say_text(stdout, str_of(o->out));
		printf("/%s\n", f->name);
	}
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
	};
}

static bool
export(const struct request *r, const struct session *s, struct err *err)
{
	struct export_options o = part_export_options(r, s);
	struct export_result res = { 0 };
	bool ok = export_run(&o, &res, err);

	if (ok && r->opt.json)
		ok = answer(&o, &res, err);
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

static int
run(const struct request *r, struct err *err)
{
	struct session s;

	if (!part_export_check(r, err))
		return STATUS_USAGE;
	if (session_open(&s, &r->opt, SESSION_READ, err))
		export(r, &s, err);
	session_close(&s);
	return STATUS_DONE;
}

static const struct opt opts[] = {
	OPTS_EXPORT,
	OPT_DSN, OPT_PROFILES, OPT_JSON, OPT_END
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
	    "the same way.",
	.example =
	    "export --out reports --tz Asia/Kolkata\n"
	    "export --out march --from 2026-03-01 --to 2026-03-31 --plain",
	.opts = opts,
	.run = run,
};
