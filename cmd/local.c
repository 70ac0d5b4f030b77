#include "db/local.h"

#include "answer.h"
#include "command.h"
#include "say.h"

static bool
answer(const struct local *l, const struct local_status *st, struct err *err)
{
	char conninfo[LOCAL_CONNINFO_BYTES];
	struct answer_root a;

	local_conninfo(l, conninfo, sizeof(conninfo));
	answer_open(&a);
	answer_bool(a.top, "made", st->made);
	answer_bool(a.top, "running", st->running);
	if (st->running)
		answer_int(a.top, "pid", st->pid);
	answer_text(a.top, "version", str_of(st->version));
	answer_text(a.top, "dsn", str_of(conninfo));
	answer_text(a.top, "folder", str_of(l->folder));
	answer_text(a.top, "data", str_of(l->data));
	answer_text(a.top, "socket", str_of(l->socket));
	answer_text(a.top, "bindir", str_of(l->bindir));
	return answer_print(&a, err);
}

static void
say(const struct local *l, const struct local_status *st)
{
	char conninfo[LOCAL_CONNINFO_BYTES];

	local_conninfo(l, conninfo, sizeof(conninfo));
	if (st->running)
		printf("%-10srunning, process %ld\n", "cluster", st->pid);
	else
		printf("%-10s%s\n", "cluster",
		    st->made ? "stopped" : "not made yet");
	printf("%-10s%s\n%-10s%s\n%-10s%s\n%-10s%s\n", "version", st->version,
	    "folder", l->folder, "programs", l->bindir, "dsn", conninfo);
}

/* Does what was asked for, if anything, then tells how things stand. */
static int
run(const struct request *r, bool (*act)(struct local *, struct err *),
    struct err *err)
{
	struct local_status st = { 0 };
	struct local local;

	if (!local_find(&local, r->opt.folder, err) ||
	    (act != NULL && !act(&local, err)) ||
	    !local_status(&local, &st, err))
		return STATUS_FAILED;
	if (r->opt.json)
		answer(&local, &st, err);
	else
		say(&local, &st);
	return STATUS_DONE;
}

static int
run_start(const struct request *r, struct err *err)
{
	return run(r, local_start, err);
}

static int
run_stop(const struct request *r, struct err *err)
{
	return run(r, local_stop, err);
}

static int
run_status(const struct request *r, struct err *err)
{
	return run(r, NULL, err);
}

static const struct opt opts[] = {
	{ "folder", "DIR", "where the cluster lies (default: calltally in\n"
	    "$XDG_DATA_HOME, of root: /var/lib/calltally)",
	    OPT_AT(folder), .type = OPT_TEXT },
	OPT_JSON, OPT_END
};

const struct command command_local_start = {
	.name = "local start",
	.args = "",
	.summary = "make and start the private PostgreSQL cluster",
	.text =
	    "Makes the private cluster if there is none and starts it if it does not run.\n"
	    "Commands that are told of no other database do this by themselves. It is a real\n"
	    "PostgreSQL, of the installed server's own programs, durable, reached by a Unix\n"
	    "socket only. The dsn that is printed is good for psql.",
	.example = "local start",
	.opts = opts,
	.run = run_start,
};

const struct command command_local_stop = {
	.name = "local stop",
	.args = "",
	.summary = "stop it",
	.text =
	    "Stops the private cluster, if it runs, and waits for its end. The data stays;\n"
	    "the next command that needs it starts it again.",
	.example = "local stop",
	.opts = opts,
	.run = run_stop,
};

const struct command command_local_status = {
	.name = "local status",
	.args = "",
	.summary = "tell where it is and whether it runs",
	.text =
	    "Tells where the private cluster lies, whether it runs, and how to reach it. This\n"
	    "neither makes nor starts it.",
	.example = "local status --json",
	.opts = opts,
	.run = run_status,
};
