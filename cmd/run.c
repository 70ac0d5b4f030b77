/*
 * run: the night in one command. Each part has its own error; a part that
 * failed is told, and the others are done all the same.
 */
#include "night.h"

#include "base/clock.h"
#include "meter.h"
#include "say.h"
#include "stop.h"

/* Outlives the run: a signal may come at any time. */
static struct progress progress;

static const char *const part_name[PARTS] = { "ingest", "pull", "export" };

/* The worse of two statuses. Some words of the command line only a part can judge. */
static int
worse(int a, int b)
{
	static const int order[] = { STATUS_USAGE, STATUS_FAILED, STATUS_AGAIN,
	    STATUS_PARTLY };

	if (a > STATUS_SIGNAL || b > STATUS_SIGNAL)
		return a > b ? a : b;
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (a == order[i] || b == order[i])
			return order[i];
	return STATUS_DONE;
}

/* True when some provider can be asked. */
static bool
any_keys(const struct puller *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->provider[i].missing == NULL)
			return true;
	return false;
}

static void
ingest(struct night *n, struct meter *meter)
{
	struct ingest_options o = part_ingest_options(n->request, n->session);

	o.progress = &progress;
	o.note = meter_note;
	o.note_data = meter;
	(void)ingest_run(&o, n->session->db, &n->ingest, &n->err[PART_INGEST]);
	n->done[PART_INGEST] = true;
	n->status[PART_INGEST] = part_ingest_status(&n->ingest);
}

static void
pull(struct night *n, struct meter *meter)
{
	struct puller *p = n->puller;

	if (!puller_choose(p, &n->request->opt, n->session->profiles,
	    &n->err[PART_PULL]))
		return;
	if (!any_keys(p)) {
		meter_note(meter, "pull: left out: no provider's keys are set");
		return;
	}
	p->opt.progress = &progress;
	p->opt.note = meter_note;
	p->opt.note_data = meter;
	(void)pull_run(&p->opt, n->session->db, &n->pull, &n->err[PART_PULL]);
	p->opt.note_data = NULL;
	n->done[PART_PULL] = true;
	n->status[PART_PULL] = puller_status(&n->pull);
}

static void
export(struct night *n, struct meter *meter)
{
	(void)meter;
	n->export = part_export_options(n->request, n->session);
	n->export.progress = &progress;
	n->done[PART_EXPORT] = export_run(&n->export, &n->exported,
	    &n->err[PART_EXPORT]);
}

static bool
stopped(const struct night *n, enum part part)
{
	return n->err[part].kind == ERR_SIGNAL;
}

static void
do_part(struct night *n, enum part part,
    void (*work)(struct night *, struct meter *), struct meter *meter)
{
	int64_t begun_us = clock_mono_us();

	n->begun[part] = true;
	work(n, meter);
	n->elapsed_us[part] = clock_mono_us() - begun_us;
}

/* Does all parts; a signal ends them, an error only its own. */
static bool
do_all(struct night *n, struct err *err)
{
	struct meter meter;

	if (!meter_start(&meter, &progress, n->request->opt.progress, err))
		return false;
	do_part(n, PART_INGEST, ingest, &meter);
	if (!stopped(n, PART_INGEST))
		do_part(n, PART_PULL, pull, &meter);
	if (!stopped(n, PART_INGEST) && !stopped(n, PART_PULL))
		do_part(n, PART_EXPORT, export, &meter);
	meter_stop(&meter);
	for (int i = 0; i < PARTS; i++)
		n->status[i] = worse(n->status[i], status_of_err(&n->err[i]));
	return true;
}

static int
status_of(const struct night *n)
{
	int status = STATUS_DONE;

	for (int i = 0; i < PARTS; i++)
		status = worse(status, n->status[i]);
	return status;
}

static void
answer_part(const struct night *n, struct answer a, enum part part)
{
	if (n->done[part] && part == PART_INGEST)
		part_ingest_answer(a, &n->ingest);
	if (n->done[part] && part == PART_PULL)
		puller_answer(a, &n->pull);
	if (n->done[part] && part == PART_EXPORT)
		part_export_answer(a, &n->export, &n->exported);
	answer_int(a, "status", n->status[part]);
	answer_text(a, "error", str_of(n->err[part].kind == ERR_NONE ? NULL :
	    n->err[part].text));
}

static bool
answer(const struct night *n, struct err *err)
{
	struct answer_root a;

	answer_open(&a);
	for (int i = 0; i < PARTS; i++)
		answer_part(n, answer_object(a.top, part_name[i]),
		    (enum part)i);
	answer_scaled(a.top, "seconds", (clock_mono_us() - n->begun_us) / 1000,
	    3);
	answer_int(a.top, "status", status_of(n));
	return answer_print(&a, err);
}

static void
say(const struct night *n)
{
	if (n->done[PART_INGEST])
		part_ingest_say(&n->ingest);
	if (n->done[PART_PULL])
		puller_say(&n->pull);
	if (n->done[PART_EXPORT])
		part_export_say(&n->export, &n->exported);
}

static void
say_errors(const struct night *n)
{
	for (int i = 0; i < PARTS; i++) {
		if (n->err[i].kind == ERR_NONE)
			continue;
		fprintf(stderr, "calltally: %s: ", part_name[i]);
		say_message(stderr, n->err[i].text);
		putc('\n', stderr);
	}
}

/* A run is not lost for want of a file about it. */
static void
tell_metrics(const struct night *n, int status)
{
	struct err err = ERR_INIT;

	if (night_metrics(n, status, n->request->opt.metrics, &err))
		return;
	fputs("calltally: --metrics: ", stderr);
	say_message(stderr, err.text);
	putc('\n', stderr);
}

/* What failed because a signal ended the waiting for it failed for the signal. */
static void
blame_signal(struct err *err)
{
	int sig = atomic_load(&progress.stop_signal);

	if (sig == 0)
		return;
	err->kind = ERR_SIGNAL;
	err->signal_no = sig;
}

static int
run(const struct request *r, struct err *err)
{
	static struct night n;
	struct puller p = { .n = 0 };
	struct session s = { 0 };
	bool ok;

	n = (struct night){ .request = r, .session = &s, .puller = &p,
	    .begun_us = clock_mono_us(), .begun_at_us = clock_now_us() };
	stop_on_signals(&progress);
	ok = part_export_check(r, err) && puller_open(&p, &r->opt, err) &&
	    session_open(&s, &r->opt, SESSION_WRITE, err) && do_all(&n, err);
	if (!ok)
		blame_signal(err);
	if (ok) {
		say_errors(&n);
		if (r->opt.json)
			answer(&n, err);
		else
			say(&n);
	}
	if (r->opt.metrics != NULL)
		tell_metrics(&n, err->kind != ERR_NONE ? status_of_err(err) :
		    status_of(&n));
	export_result_free(&n.exported);
	puller_close(&p);
	session_close(&s);
	return status_of(&n);
}

static const struct opt opts[] = {
	OPTS_EXPORT(true),
	OPTS_PULL,
	OPTS_INGEST,
	{ "metrics", "FILE", "write how the run went for Prometheus' node_exporter,\nalso when it fails (a name that ends in .prom)",
	    OPT_AT(metrics), .type = OPT_TEXT },
	OPT_DSN, OPT_PROFILES, OPT_WAIT, OPT_RECONNECT, OPT_PROGRESS, OPT_NO_PROGRESS,
	OPT_JSON, OPT_END
};

const struct command command_run = {
	.name = "run",
	.args = "PATH...",
	.summary = "ingest, pull and export in one, for every night",
	.text =
	    "Loads what is new in the given files and folders, asks the providers for the\n"
	    "detail of calls that lack it, and writes the reports: see ingest -h, pull -h and\n"
	    "export -h. Without any keys nothing is pulled.\n"
	    "\n"
	    "A part that fails is told and does not keep the others from being done. The exit\n"
	    "status is the worst of the three: 2 an option that one could not take, 1 failed,\n"
	    "75 try again later, 3 done, but some lines were rejected or some calls asked for\n"
	    "in vain.\n"
	    "\n"
	    "--metrics FILE tells the same in Prometheus' text format: written to a temporary\n"
	    "name and renamed, with calltally_run_success 1 for an exit status of 0 or 3 and\n"
	    "0 for any other, as when the lock or the database was not available or a signal\n"
	    "ended the run.",
	.example =
	    "run /var/lib/calltally/dumps --out /var/lib/calltally/reports",
	.min_args = 1,
	.max_args = ARGS_ANY,
	.opts = opts,
	.run = run,
};
