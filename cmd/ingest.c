#include "run/ingest.h"

#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "base/num.h"
#include "command.h"
#include "meter.h"
#include "parts.h"
#include "say.h"
#include "session.h"
#include "stop.h"
#include "view.h"

/* Outlives the run: a signal may come at any time. */
static struct progress progress;

int
part_ingest_status(const struct ingest_result *res)
{
	if (res->files_failed > 0)
		return STATUS_FAILED;
	return res->counts.rejected > 0 || res->files_unfinished > 0 ?
	    STATUS_PARTLY : STATUS_DONE;
}

static void
answer_reasons(struct answer a, const int64_t by_reason[REJECT_COUNT])
{
	struct answer reasons = answer_object(a, "rejects");

	for (int i = 0; i < REJECT_COUNT; i++)
		if (by_reason[i] > 0)
			answer_int(reasons, reject_name[i], by_reason[i]);
}

static void
answer_counts(struct answer a, const struct ingest_result *res)
{
	const struct { const char *name; int64_t n; } count[] = {
		{ "files", res->files },
		{ "files_unchanged", res->files_unchanged },
		{ "files_unfinished", res->files_unfinished },
		{ "files_failed", res->files_failed },
		{ "lines", res->counts.lines },
		{ "events", res->counts.events },
		{ "duplicates", res->counts.duplicates },
		{ "rejected", res->counts.rejected },
		{ "ignored", res->counts.ignored },
		{ "calls", res->calls },
		{ "bytes", res->plain_bytes },
		{ "drift_new", res->drift.fresh },
		{ "drift_left_out", res->drift.left_out },
	};

	for (size_t i = 0; i < sizeof(count) / sizeof(count[0]); i++)
		answer_int(a, count[i].name, count[i].n);
}

void
part_ingest_answer(struct answer a, const struct ingest_result *res)
{
	answer_counts(a, res);
	answer_scaled(a, "seconds", res->elapsed_us / 1000, 3);
	answer_id(a, "run_id", &res->run_id);
	answer_reasons(a, res->by_reason);
	answer_warnings(a, &res->warnings);
}

static bool
answer(const struct ingest_result *res, struct err *err)
{
	struct answer_root a;

	answer_open(&a);
	part_ingest_answer(a.top, res);
	return answer_print(&a, err);
}

static void
say_files(const struct ingest_result *res)
{
	char bytes[SAY_COUNT_BYTES];
	double s = (double)(res->elapsed_us > 0 ? res->elapsed_us : 1) / 1e6;

	printf("%-12s", "files");
	say_some(stdout, res->files, "read", "read");
	say_also(stdout, res->files_unchanged, "unchanged");
	say_also(stdout, res->files_unfinished, "unfinished");
	say_also(stdout, res->files_failed, "failed");
	printf("; %s in %.1f s, %.1f MB/s\n",
	    say_bytes(res->plain_bytes, bytes), s,
	    (double)res->plain_bytes / 1e6 / s);
}

static void
say_lines(const struct line_counts *n)
{
	char c[5][SAY_COUNT_BYTES];

	printf("%-12s%s = %s new + %s duplicate + %s rejected + %s ignored\n",
	    "lines", say_count(n->lines, c[0]), say_count(n->events, c[1]),
	    say_count(n->duplicates, c[2]), say_count(n->rejected, c[3]),
	    say_count(n->ignored, c[4]));
}

static void
say_rejects(const int64_t by_reason[REJECT_COUNT])
{
	const char *between = "";
	char count[SAY_COUNT_BYTES];

	printf("%-12s", "rejected");
	for (int i = 0; i < REJECT_COUNT; i++) {
		if (by_reason[i] == 0)
			continue;
		printf("%s%s %s", between, reject_name[i],
		    say_count(by_reason[i], count));
		between = ", ";
	}
	puts("  (calltally rejects list)");
}

/* What the profiles have never heard of. */
static void
say_drift(const struct drift_counts *n)
{
	char count[SAY_COUNT_BYTES];

	if (n->fresh > 0) {
		printf("%-12s", "news");
		say_some(stdout, n->fresh, "member, type or status",
		    "members, types and statuses");
		puts(" that no profile knew before  (calltally status)");
	}
	if (n->left_out > 0)
		printf("%-12s%s findings more were not kept\n", "",
		    say_count(n->left_out, count));
}

void
part_ingest_say(const struct ingest_result *res)
{
	char count[SAY_COUNT_BYTES];

	say_files(res);
	say_lines(&res->counts);
	if (res->counts.rejected > 0)
		say_rejects(res->by_reason);
	printf("%-12s%s with something new\n", "calls",
	    say_count(res->calls, count));
	say_warnings(&res->warnings);
	say_drift(&res->drift);
}

/* For tests: batches of about so many lines. */
static int64_t
batch_lines(void)
{
	const char *told = getenv("CALLTALLY_BATCH_LINES");
	int64_t n;

	return told != NULL && num_int(str_of(told), &n) && n > 0 ? n : 0;
}

struct ingest_options
part_ingest_options(const struct request *r, const struct session *s)
{
	return (struct ingest_options){
		.path = r->arg,
		.paths = r->args,
		.profiles = s->profiles,
		.conninfo = s->conninfo,
		.make_tables = s->bare,
		.max_line_bytes = (size_t)r->opt.max_line_bytes,
		.memory_bytes = (size_t)r->opt.memory_bytes,
		.batch_lines = batch_lines(),
		.transcripts = r->opt.transcripts,
		.jobs = (int)r->opt.jobs,
		.comeback_ms = r->opt.reconnect_s * 1000,
	};
}

/* Runs it beside the meter. A run that failed still tells what it committed. */
static bool
ingest(const struct request *r, const struct session *s,
    struct ingest_result *res, struct err *err)
{
	struct meter meter;
	struct ingest_options o = part_ingest_options(r, s);
	bool ok;

	o.progress = &progress;
	o.note = meter_note;
	o.note_data = &meter;
	stop_on_signals(&progress);
	ok = meter_start(&meter, &progress, r->opt.progress, err) &&
	    ingest_run(&o, s->db, res, err);
	meter_stop(&meter);
	return ok;
}

static int
run(const struct request *r, struct err *err)
{
	struct ingest_result res = { 0 };
	struct session s;

	if (session_open(&s, &r->opt, SESSION_FILL, err)) {
		bool ok = ingest(r, &s, &res, err);

		if (r->opt.json && (ok || res.counts.lines > 0))
			answer(&res, err);
		else if (ok || res.counts.lines > 0)
			part_ingest_say(&res);
	}
	session_close(&s);
	return part_ingest_status(&res);
}

static const struct opt opts[] = {
	OPTS_INGEST,
	OPT_DSN, OPT_PROFILES, OPT_WAIT, OPT_RECONNECT, OPT_PROGRESS, OPT_NO_PROGRESS,
	OPT_JSON, OPT_END
};

const struct command command_ingest = {
	.name = "ingest",
	.args = "PATH...",
	.summary = "load dumps, dispatch logs and archived details",
	.text =
	    "Loads files of JSON lines, plain or gzipped. A folder stands for all *.jsonl,\n"
	    "*.ndjson, *.jsonl.gz and *.ndjson.gz below it, \"-\" for standard input. Files may\n"
	    "come in any order and any number of times: what is known already is counted as\n"
	    "duplicate, a file that has not changed is not read again, and a run that was cut\n"
	    "off goes on where it stopped.\n"
	    "\n"
	    "Every line is accounted for: new, duplicate, rejected or ignored. Rejected lines\n"
	    "are kept (see calltally rejects list -h). The exit status is 3 when lines were\n"
	    "rejected or a file is damaged, and 1 when a file could not be read.\n"
	    "\n"
	    "What was said in a call, word by word, is left in the files unless --transcripts\n"
	    "is given; of files that were loaded without it refold --transcripts takes it.\n"
	    "Rejected lines are kept whole in any case.",
	.example =
	    "ingest /var/lib/calltally/dumps\n"
	    "ingest --json - < dump.jsonl.gz",
	.min_args = 1,
	.max_args = ARGS_ANY,
	.opts = opts,
	.run = run,
};
