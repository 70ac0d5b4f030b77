#include "puller.h"

#include "meter.h"
#include "stop.h"

/* Outlives the run: a signal may come at any time. */
static struct progress progress;

/* Runs it beside the meter. */
static bool
pull(const struct request *r, const struct session *s, struct puller *p,
    struct pull_result *res, struct err *err)
{
	struct meter meter;
	bool ok;

	p->opt.progress = &progress;
	p->opt.note = meter_note;
	p->opt.note_data = &meter;
	stop_on_signals(&progress);
	ok = meter_start(&meter, &progress, r->opt.progress, err) &&
	    pull_run(&p->opt, s->db, res, err);
	meter_stop(&meter);
	p->opt.note_data = NULL;
	return ok;
}

static bool
tell(const struct request *r, const struct pull_result *res, struct err *err)
{
	struct answer_root a;

	if (!r->opt.json) {
		puller_say(res);
		return true;
	}
	answer_open(&a);
	puller_answer(a.top, res);
	return answer_print(&a, err);
}

static int
run(const struct request *r, struct err *err)
{
	static struct pull_result res;
	struct puller p = { .n = 0 };
	struct session s = { 0 };

	if (puller_open(&p, &r->opt, err) &&
	    session_open(&s, &r->opt, SESSION_WRITE, err) &&
	    puller_choose(&p, &r->opt, s.profiles, err) &&
	    pull(r, &s, &p, &res, err) && tell(r, &res, err) &&
	    r->opt.call != NULL && res.n.asked == 0 &&
	    puller_status(&res) == STATUS_DONE)
		err_fail(err, "%.100s: no such call, or none that can be asked "
		    "for", r->opt.call);
	puller_close(&p);
	session_close(&s);
	return puller_status(&res);
}

static const struct opt opts[] = {
	{ "call", "ID", "ask for this call, whatever is known of it",
	    OPT_AT(call), .type = OPT_TEXT },
	OPTS_PULL,
	OPT_TRANSCRIPTS,
	OPT_DSN, OPT_PROFILES, OPT_WAIT, OPT_RECONNECT, OPT_PROGRESS, OPT_NO_PROGRESS,
	OPT_JSON, OPT_END
};

const struct command command_pull = {
	.name = "pull",
	.args = "",
	.summary = "ask the providers for the detail of calls that lack it",
	.text =
	    "Asks for calls that have no terminal outcome after a grace time, were held but\n"
	    "have no analysis, or have no assistant. Each answer goes to the archive first\n"
	    "(detail-DAY.jsonl.gz) and from there the way of every event; the archive alone\n"
	    "can bring the same state back. A call that was answered when it was over, or\n"
	    "that the provider does not know, is not asked for again; others are, after\n"
	    "growing waits. A pull may be killed at any moment and started again.\n"
	    "\n"
	    "Keys come from the environment variables that the provider's profile names\n"
	    "(calltally providers show NAME), or from systemd's credentials of these names.\n"
	    "CALLTALLY_<PROVIDER>_URL replaces the base URL of an API, CALLTALLY_CA_FILE the\n"
	    "trusted certificates.\n"
	    "\n"
	    "The exit status is 1 when keys were refused, 75 when an API was not available,\n"
	    "and 3 when some calls were asked for in vain.",
	.example =
	    "pull --archive /var/lib/calltally/archive --since 14d\n"
	    "pull --call c_550e8400-e29b --json",
	.opts = opts,
	.run = run,
};
