#include "run/map.h"

#include "answer.h"
#include "command.h"
#include "say.h"
#include "session.h"

static bool
answer(const struct map_result *res, struct err *err)
{
	struct answer_root a;

	answer_open(&a);
	answer_int(a.top, "rows", res->rows);
	answer_int(a.top, "assistant_names", res->assistant_names);
	answer_int(a.top, "campaign_names", res->campaign_names);
	answer_int(a.top, "overrides", res->overrides);
	answer_int(a.top, "overrides_known", res->overrides_known);
	answer_int(a.top, "calls", res->calls);
	return answer_print(&a, err);
}

static void
say(const struct map_result *res)
{
	say_some(stdout, res->rows, "row: ", "rows: ");
	if (res->assistant_names > 0)
		say_some(stdout, res->assistant_names, "assistant named",
		    "assistants named");
	else if (res->campaign_names > 0)
		say_some(stdout, res->campaign_names, "campaign named",
		    "campaigns named");
	else {
		say_some(stdout, res->overrides, "override new, ",
		    "overrides new, ");
		say_some(stdout, res->overrides_known, "known, ", "known, ");
		say_some(stdout, res->calls, "call changed", "calls changed");
	}
	putchar('\n');
}

static int
run(const struct request *r, struct err *err)
{
	struct comeback c = {
		.limit_ms = r->opt.reconnect_s * 1000, .note = say_note,
	};
	struct map_result res = { 0 };
	struct session s;

	if (session_open(&s, &r->opt, SESSION_WRITE, err) &&
	    map_run(s.db, s.profiles, r->arg[0], r->opt.provider, &c, &res,
	    err)) {
		if (r->opt.json)
			answer(&res, err);
		else
			say(&res);
	}
	session_close(&s);
	return STATUS_DONE;
}

static const struct opt opts[] = {
	{ "provider", "NAME", "provider of rows that name none",
	    OPT_AT(provider), .type = OPT_TEXT },
	OPT_DSN, OPT_PROFILES, OPT_WAIT, OPT_RECONNECT, OPT_JSON, OPT_END
};

const struct command command_map = {
	.name = "map",
	.args = "FILE",
	.summary = "take names and overrides from a CSV list",
	.text =
	    "Reads a CSV file with a header (\"-\": standard input) and applies all of it, or\n"
	    "nothing when a row is wrong. The columns, in any order, say what the rows are:\n"
	    "\n"
	    "  provider,assistant_id,name                   display names of assistants\n"
	    "  provider,campaign_id,name                    display names of campaigns\n"
	    "  provider,call_id,assistant_id,campaign_id    overrides of single calls\n"
	    "\n"
	    "An override stands above what webhooks say and replaces the call's former one.\n"
	    "An empty cell says nothing. A call that is not there yet gets it when it comes.",
	.example = "map --provider acme assistants.csv",
	.min_args = 1,
	.max_args = 1,
	.opts = opts,
	.run = run,
};
