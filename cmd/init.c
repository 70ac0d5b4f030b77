#include "answer.h"
#include "command.h"
#include "db/late_index.h"
#include "db/role.h"
#include "say.h"
#include "session.h"

static bool
answer(const struct session *s, bool roles, struct err *err)
{
	struct answer_root a;

	answer_open(&a);
	answer_text(a.top, "database", str_of(db_name(s->db)));
	answer_bool(a.top, "private", s->private);
	answer_int(a.top, "steps", s->steps);
	answer_bool(a.top, "roles", roles);
	return answer_print(&a, err);
}

static void
say(const struct session *s, bool roles)
{
	say_text(stdout, str_of(db_name(s->db)));
	if (s->steps == 0)
		puts(": up to date");
	else
		printf(": %d %s of the schema applied\n", s->steps,
		    s->steps == 1 ? "step" : "steps");
	if (roles)
		puts("roles calltally_loader and calltally_reader have their "
		    "rights; GRANT them to who logs in");
}

static int
run(const struct request *r, struct err *err)
{
	bool roles = r->opt.roles != 0;
	struct session s;

	if (session_open(&s, &r->opt, SESSION_WRITE, err) &&
	    late_indexes_make(s.db, err) && (!roles || roles_put(s.db, err))) {
		if (r->opt.json)
			answer(&s, roles, err);
		else
			say(&s, roles);
	}
	session_close(&s);
	return STATUS_DONE;
}

static const struct opt opts[] = {
	{ "roles", NULL, "also make the roles of those who load and who read",
	    OPT_AT(roles), .type = OPT_FLAG, .set = 1 },
	OPT_DSN, OPT_PROFILES, OPT_WAIT, OPT_JSON, OPT_END
};

const struct command command_init = {
	.name = "init",
	.args = "",
	.summary = "make the tables, or bring them up to date",
	.text =
	    "Makes calltally's tables in the database, in a schema named calltally, or\n"
	    "brings those of an older version up to date. ingest and map do the same by\n"
	    "themselves; init is for those who want to see it done, or do it with other\n"
	    "rights. Without any database named, a private PostgreSQL cluster is made and\n"
	    "started first (see calltally local -h).\n"
	    "\n"
	    "--roles makes two roles without a login, to be granted to those who have one:\n"
	    "calltally_loader may do all that changes rows, and calltally_reader may export,\n"
	    "show, explain and verify. It may be done again.",
	.example =
	    "init --dsn 'host=db.example.org dbname=calls user=owner'\n"
	    "init --roles",
	.opts = opts,
	.run = run,
};
