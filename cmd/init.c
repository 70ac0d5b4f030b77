#include "answer.h"
#include "command.h"
#include "session.h"

static bool
answer(const struct session *s, struct err *err)
{
	struct answer_root a;

	answer_open(&a);
	answer_text(a.top, "database", str_of(db_name(s->db)));
	answer_bool(a.top, "private", s->private);
	answer_int(a.top, "steps", s->steps);
	return answer_print(&a, err);
}

static int
run(const struct request *r, struct err *err)
{
	struct session s;

	if (session_open(&s, &r->opt, SESSION_WRITE, err)) {
		if (r->opt.json)
			answer(&s, err);
		else if (s.steps == 0)
			printf("%s: up to date\n", db_name(s.db));
		else
			printf("%s: %d %s of the schema applied\n",
			    db_name(s.db), s.steps,
			    s.steps == 1 ? "step" : "steps");
	}
	session_close(&s);
	return STATUS_DONE;
}

static const struct opt opts[] = {
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
	    "started first (see calltally local -h).",
	.example = "init --dsn 'host=db.example.org dbname=calls user=etl'",
	.opts = opts,
	.run = run,
};
