#include "run/refold.h"

#include <string.h>

#include "answer.h"
#include "command.h"
#include "meter.h"
#include "say.h"
#include "session.h"
#include "stop.h"

/* Outlives the run: a signal may come at any time. */
static struct progress progress;

static void
answer_parts(struct answer a, const char *name, const char *const *part,
    const int64_t *n, size_t parts)
{
	struct answer list = answer_object(a, name);

	for (size_t i = 0; i < parts; i++)
		if (n[i] > 0)
			answer_int(list, part[i], n[i]);
}

static bool
answer(const struct refold_result *res, struct err *err)
{
	const struct { const char *name; int64_t n; } count[] = {
		{ "sources", res->sources },
		{ "sources_out_of_reach", res->sources_gone },
		{ "lines", res->lines },
		{ "events_changed", res->events_changed },
		{ "events_added", res->events_added },
		{ "events_removed", res->events_removed },
		{ "identities_changed", res->identities },
		{ "rejects_added", res->rejects_added },
		{ "rejects_removed", res->rejects_removed },
		{ "calls", res->calls.calls },
		{ "calls_changed", res->calls.changed },
		{ "calls_added", res->calls.added },
		{ "calls_removed", res->calls.removed },
	};
	struct answer_root a;

	answer_open(&a);
	answer_id(a.top, "run_id", &res->run_id);
	for (size_t i = 0; i < sizeof(count) / sizeof(count[0]); i++)
		answer_int(a.top, count[i].name, count[i].n);
	answer_parts(a.top, "event_fields", event_part_name, res->event_part,
	    EVENT_PARTS);
	answer_parts(a.top, "call_fields", stored_part_name, res->calls.part,
	    STORED_PARTS);
	return answer_print(&a, err);
}

/* "  outcome 12, status 3" behind what changed; nothing when nothing did. */
static void
say_parts(const char *const *part, const int64_t *n, size_t parts)
{
	char count[SAY_COUNT_BYTES];
	const char *between = "";

	for (size_t i = 0; i < parts; i++) {
		if (n[i] == 0)
			continue;
		printf(between[0] != '\0' ? "%s%s %s" : "%-12s%s %s", between,
		    part[i], say_count(n[i], count));
		between = ", ";
	}
	if (between[0] != '\0')
		putchar('\n');
}

static void
say(const struct refold_result *res)
{
	char c[4][SAY_COUNT_BYTES];

	printf("%-12s%s read again, %s out of reach; %s lines\n", "sources",
	    say_count(res->sources, c[0]), say_count(res->sources_gone, c[1]),
	    say_count(res->lines, c[2]));
	printf("%-12s%s changed, %s added, %s removed\n", "events",
	    say_count(res->events_changed, c[0]),
	    say_count(res->events_added, c[1]),
	    say_count(res->events_removed, c[2]));
	say_parts(event_part_name, res->event_part, EVENT_PARTS);
	printf("%-12s%s added, %s removed\n", "rejects",
	    say_count(res->rejects_added, c[0]),
	    say_count(res->rejects_removed, c[1]));
	printf("%-12s%s folded again: %s changed, %s added, %s removed\n",
	    "calls", say_count(res->calls.calls, c[0]),
	    say_count(res->calls.changed, c[1]),
	    say_count(res->calls.added, c[2]),
	    say_count(res->calls.removed, c[3]));
	say_parts(stored_part_name, res->calls.part, STORED_PARTS);
}

/* Runs it beside the meter. A run that failed still tells what it committed. */
static bool
refold(const struct request *r, const struct session *s,
    struct refold_result *res, struct err *err)
{
	struct meter meter;
	struct refold_options o = {
		.conninfo = s->conninfo,
		.profiles = s->profiles,
		.stored_only = r->opt.stored != 0,
		.transcripts = r->opt.transcripts,
		.path = r->arg,
		.paths = r->args,
		.max_line_bytes = (size_t)r->opt.max_line_bytes,
		.comeback_ms = r->opt.reconnect_s * 1000,
		.progress = &progress,
		.note = meter_note,
		.note_data = &meter,
	};
	bool ok;

	stop_on_signals(&progress);
	ok = meter_start(&meter, &progress, r->opt.progress, err) &&
	    refold_run(&o, s->db, res, err);
	meter_stop(&meter);
	return ok;
}

static bool
check(const struct request *r, struct err *err)
{
	if (r->opt.from_archive && r->args == 0)
		return err_set(err, ERR_USAGE, "--from-archive: PATH is missing");
	if (r->args > 0 && !r->opt.from_archive)
		return err_set(err, ERR_USAGE,
		    "files are given behind --from-archive");
	if (r->opt.from_archive && r->opt.stored)
		return err_set(err, ERR_USAGE,
		    "--stored and --from-archive exclude each other");
	return true;
}

static int
run(const struct request *r, struct err *err)
{
	struct refold_result res = { 0 };
	struct session s;
	bool ok = false;

	if (!check(r, err))
		return STATUS_USAGE;
	if (session_open(&s, &r->opt, SESSION_WRITE, err)) {
		ok = refold(r, &s, &res, err);
		if (r->opt.json && (ok || res.lines > 0))
			answer(&res, err);
		else if (ok || res.lines > 0)
			say(&res);
	}
	session_close(&s);
	return res.newly_rejected > 0 ? STATUS_PARTLY : STATUS_DONE;
}

static const struct opt opts[] = {
	{ "from-archive", NULL, "read only these files and folders again",
	    OPT_AT(from_archive), .type = OPT_FLAG, .set = 1 },
	{ "stored", NULL, "read no file: only fold again what is stored",
	    OPT_AT(stored), .type = OPT_FLAG, .set = 1 },
	{ "max-line", "SIZE", "a longer line is a reject, as it was for ingest\n(default: 4M)",
	    OPT_AT(max_line_bytes), .type = OPT_BYTES, .min = 1024, .max = 1 << 26 },
	OPT_TRANSCRIPTS,
	OPT_DSN, OPT_PROFILES, OPT_WAIT, OPT_RECONNECT, OPT_PROGRESS, OPT_NO_PROGRESS,
	OPT_JSON, OPT_END
};

const struct command command_refold = {
	.name = "refold",
	.args = "[PATH...]",
	.summary = "derive events and calls anew, after a profile changed",
	.text =
	    "Reads the files that the ledger knows again, where they are in reach and still\n"
	    "begin with what was loaded from them, and puts what their lines say now in the\n"
	    "place of what is stored; rejects and books follow. Then every call is folded\n"
	    "again from all its events. What came from files out of reach, and from lists,\n"
	    "stays. With --transcripts also what was said is stored of these lines; without\n"
	    "it what is stored of that stays.\n"
	    "\n"
	    "Tells how many events and calls changed, and in which fields. The work is done\n"
	    "in batches: a run that was cut off is simply started again. The exit status is 3\n"
	    "when lines were rejected that were understood before.",
	.example =
	    "refold --profiles /etc/calltally/profiles\n"
	    "refold --from-archive /var/lib/calltally/dumps\n"
	    "refold --stored",
	.max_args = ARGS_ANY,
	.opts = opts,
	.run = run,
};
