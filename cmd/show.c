#include <string.h>

#include "answer.h"
#include "call/differ.h"
#include "call/fold.h"
#include "command.h"
#include "db/stored.h"
#include "db/transcript.h"
#include "say.h"
#include "session.h"
#include "view.h"

/* Of a longer journey it is not told what each event changed. */
enum { STEPS_MAX = 500 };

/* One call: its events in the order of the fold, and what became of them. */
struct journey {
	struct str provider;
	struct str call_id;
	const struct event **event;
	size_t events;
	struct call call;
	struct call *after;	/* the call after each event; NULL: too many events */
	bool is_call;		/* false: only a list's override speaks of it */
	struct arena *arena;
	struct db_rows *source;	/* id and name of the files */
	struct db_rows *transcripts;	/* NULL: they are not asked for */
};

/* What to do with each journey that is found. */
struct show {
	struct session *session;
	struct arena arena;
	enum phones phones;
	bool json;
	bool transcripts;
	struct answer list;
	size_t found;
};

/* The file that an event came from. */
static struct str
file_of(const struct journey *j, const struct event *e)
{
	struct str name = event_source_name(j->source, e);

	return name.p != NULL ? name : STR("?");
}

static void
say_place(const struct journey *j, const struct event *e)
{
	struct str file = file_of(j, e);

	say_text(stdout, str_eq(file, STR("-")) ? STR("standard input") : file);
	printf(":%lld", (long long)e->line);
}

static void
say_event(const struct journey *j, const struct event *e, enum phones phones)
{
	putchar('\n');
	say_time(e->time_us);
	printf("  %s", event_kind_name[e->kind]);
	if (e->type.n > 0) {
		putchar(' ');
		say_text(stdout, e->type);
	}
	fputs("  ", stdout);
	say_place(j, e);
	putchar('\n');
	if (e->outcome != OUTCOME_NONE) {
		printf("    %-20s", "status");
		say_text(stdout, e->status);
		printf(", %s\n", outcome_name[e->outcome]);
	}
	say_stated(e, phones);
}

static const union value *
value_of(const struct call *c, enum field f)
{
	return (c->stated >> f & 1u) != 0 ? &c->v[f] : NULL;
}

/* "    => outcome         ended -> completed" */
static void
say_change(enum field f, const union value *was, const union value *is,
    enum phones phones)
{
	printf("    => %-17s", field_info[f].profile_name);
	say_value(f, was, phones);
	fputs(" -> ", stdout);
	say_value(f, is, phones);
	putchar('\n');
}

/* The fields that the call did not have before, in one line. */
static bool
say_new_fields(const struct call *before, const struct call *after)
{
	const char *between = "    => new              ";
	uint32_t fresh = after->stated & ~before->stated;

	for (enum field f = 0; f < FIELD_COUNT; f++)
		if ((fresh >> f & 1u) != 0) {
			printf("%s%s", between, field_info[f].profile_name);
			between = ", ";
		}
	if (fresh != 0)
		putchar('\n');
	return fresh != 0;
}

/* What the i-th event changed in the call that the ones before it made. */
static void
say_changes(const struct journey *j, size_t i, enum phones phones)
{
	const struct call *before = &j->after[i - 1], *after = &j->after[i];
	uint64_t diff = call_diff(before, after);
	bool any = before->outcome != after->outcome;

	if (any)
		printf("    => %-17s%s -> %s\n", "outcome",
		    outcome_name[before->outcome], outcome_name[after->outcome]);
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		const union value *was = value_of(before, f);

		if ((diff >> f & 1u) == 0 || was == NULL)
			continue;
		say_change(f, was, &after->v[f], phones);
		any = true;
	}
	if (!say_new_fields(before, after) && !any)
		puts("    => changes nothing");
}

/* What was said, line by line. */
static void
say_transcript(const struct journey *j, const struct event *e,
    enum phones phones)
{
	struct str s = transcript_of(j->transcripts, e);
	struct buf b = BUF_INIT(0);

	phones_put_text(&b, s, phones);
	for (s = buf_str(&b); s.n > 0; ) {
		const char *end = memchr(s.p, '\n', s.n);
		size_t n = end != NULL ? (size_t)(end - s.p) : s.n;

		fputs("    | ", stdout);
		say_text(stdout, (struct str){ s.p, n });
		putchar('\n');
		s = str_from(s, n + (end != NULL));
	}
	buf_free(&b);
}

static void
say_decided(const struct journey *j, const struct event *e)
{
	if (e != NULL) {
		fputs("  <- ", stdout);
		say_place(j, e);
	}
	putchar('\n');
}

static void
say_call(const struct journey *j, enum phones phones)
{
	const struct call *c = &j->call;

	puts("\nmerged, each value with the event that decided it:");
	printf("    %-20s%s", "outcome", outcome_name[c->outcome]);
	if (c->status.n > 0) {
		fputs(" (", stdout);
		say_text(stdout, c->status);
		putchar(')');
	}
	say_decided(j, c->outcome_from);
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if ((c->stated >> f & 1u) == 0)
			continue;
		printf("    %-20s", field_info[f].profile_name);
		say_value(f, &c->v[f], phones);
		say_decided(j, c->from[f]);
	}
}

static void
say_journey(const struct journey *j, enum phones phones)
{
	fputs("call ", stdout);
	say_text(stdout, j->call_id);
	fputs(" of ", stdout);
	say_text(stdout, j->provider);
	if (!j->is_call)
		fputs(": no call yet, only a list's override", stdout);
	putchar('\n');
	for (size_t i = 0; i < j->events; i++) {
		say_event(j, j->event[i], phones);
		if (i > 0 && j->after != NULL)
			say_changes(j, i, phones);
		if (j->transcripts != NULL)
			say_transcript(j, j->event[i], phones);
	}
	if (j->is_call)
		say_call(j, phones);
}

/* The place of an event in the journey, from 0. */
static void
answer_decided(struct answer a, const struct journey *j, const char *name,
    const struct event *e)
{
	for (size_t i = 0; i < j->events; i++)
		if (j->event[i] == e)
			answer_int(a, name, (int64_t)i);
}

static void
answer_call(struct answer a, const struct journey *j, enum phones phones)
{
	const struct call *c = &j->call;
	struct answer call = answer_object(a, "call");
	struct answer from = answer_object(a, "decided_by");

	answer_text(call, "outcome", str_of(outcome_name[c->outcome]));
	answer_text(call, "status", c->status);
	answer_time(call, "first_event_at", c->first_event_us);
	answer_time(call, "last_event_at", c->last_event_us);
	answer_int(call, "events", c->events);
	answer_decided(from, j, "outcome", c->outcome_from);
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if ((c->stated >> f & 1u) == 0)
			continue;
		answer_value(call, f, &c->v[f], phones);
		answer_decided(from, j, field_info[f].profile_name, c->from[f]);
	}
}

/* The changed fields of the call before or after an event. */
static void
answer_state(struct answer a, const char *name, const struct call *c,
    uint64_t diff, enum phones phones)
{
	struct answer state = answer_object(a, name);

	if ((diff >> CALL_OUTCOME & 1u) != 0)
		answer_text(state, "outcome", str_of(outcome_name[c->outcome]));
	for (enum field f = 0; f < FIELD_COUNT; f++)
		if ((diff >> f & 1u) != 0 && value_of(c, f) != NULL)
			answer_value(state, f, &c->v[f], phones);
}

/* "changes": what was and what is; of the first event there was nothing. */
static void
answer_changes(struct answer event, const struct journey *j, size_t i,
    enum phones phones)
{
	static const struct call nothing;
	const struct call *before = i > 0 ? &j->after[i - 1] : &nothing;
	uint64_t diff = call_diff(before, &j->after[i]);
	struct answer a = answer_object(event, "changes");

	answer_state(a, "was", before, i > 0 ? diff : 0, phones);
	answer_state(a, "is", &j->after[i], diff | (i == 0 ?
	    UINT64_C(1) << CALL_OUTCOME : 0), phones);
}

static void
answer_transcript(struct answer a, const struct journey *j,
    const struct event *e, enum phones phones)
{
	struct str s = transcript_of(j->transcripts, e);
	struct buf b = BUF_INIT(0);

	phones_put_text(&b, s, phones);
	answer_text(a, "transcript", s.n > 0 ? buf_str(&b) : s);
	buf_free(&b);
}

static void
answer_journey(struct answer list, const struct journey *j,
    enum phones phones)
{
	struct answer a = answer_object(list, NULL), events;

	answer_text(a, "provider", j->provider);
	answer_text(a, "call_id", j->call_id);
	events = answer_list(a, "events");
	for (size_t i = 0; i < j->events; i++) {
		struct answer event = answer_object(events, NULL);

		answer_text(event, "file", file_of(j, j->event[i]));
		answer_int(event, "line", j->event[i]->line);
		answer_event(event, j->event[i], phones);
		if (j->after != NULL)
			answer_changes(event, j, i, phones);
		if (j->transcripts != NULL)
			answer_transcript(event, j, j->event[i], phones);
	}
	if (j->is_call)
		answer_call(a, j, phones);
}

/* The call after each event, in the order in which they count. */
static bool
fold_steps(struct journey *j, struct err *err)
{
	if (j->events > STEPS_MAX)
		return true;
	j->after = arena_alloc(j->arena, j->events * sizeof(*j->after));
	if (j->after == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < j->events; i++)
		if (!fold(j->event, i + 1, j->arena, &j->after[i], err))
			return false;
	return true;
}

static bool
fold_journey(struct journey *j, struct event **event, size_t n,
    struct err *err)
{
	j->events = n;
	j->event = arena_alloc(j->arena, n * sizeof(const struct event *));
	if (j->event == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < n; i++) {
		j->event[i] = event[i];
		j->is_call = j->is_call || event[i]->kind != KIND_OVERRIDE;
	}
	return fold(j->event, n, j->arena, &j->call, err) &&
	    fold_steps(j, err);
}

/* Shows the call of that id of one provider, if there is one. */
static bool
show_call(struct show *s, struct str provider, struct str call_id,
    struct err *err)
{
	struct journey j = {
		.provider = provider, .call_id = call_id, .arena = &s->arena,
	};
	struct event **event;
	size_t n;

	if (!stored_events(s->session->db, s->session->profiles,
	    &s->arena, provider, call_id, &event, &n, err))
		return false;
	if (n == 0)
		return true;
	if (!fold_journey(&j, event, n, err) ||
	    (j.source = event_sources(s->session->db, j.event, n, j.arena,
	    err)) == NULL ||
	    (s->transcripts && (j.transcripts = transcripts_get(
	    s->session->db, &event[0]->key, err)) == NULL))
		return false;
	if (s->json)
		answer_journey(s->list, &j, s->phones);
	else if (s->found > 0)
		putchar('\n');
	if (!s->json)
		say_journey(&j, s->phones);
	db_rows_free(j.source);
	db_rows_free(j.transcripts);
	s->found++;
	return true;
}

/* The call of every provider that knows the id, or of the one that was named. */
static bool
show_calls(struct show *s, const char *provider, struct str id,
    struct err *err)
{
	const struct profiles *set = s->session->profiles;

	if (provider != NULL) {
		if (!show_call(s, str_of(provider), id, err))
			return false;
	} else {
		for (size_t i = 0; i < profiles_count(set); i++)
			if (!show_call(s, profile_name(profiles_at(set, i)),
			    id, err))
				return false;
	}
	if (s->found > 0)
		return true;
	return err_fail(err, "no call \"%.*s\"%s%s", STR_ARG(id),
	    provider != NULL ? " of " : "", provider != NULL ? provider : "");
}

static void
show(const struct request *r, struct session *session, struct err *err)
{
	struct show s = {
		.session = session,
		.json = r->opt.json != 0,
		.phones = opt_phones_of_answer(&r->opt),
		.transcripts = r->opt.transcripts != 0,
	};
	struct answer_root root;
	bool ok;

	arena_init(&s.arena, 0);
	answer_open(&root);
	s.list = answer_list(root.top, "calls");
	ok = show_calls(&s, r->opt.provider, str_of(r->arg[0]), err);
	if (ok && s.json)
		answer_print(&root, err);
	else
		answer_free(&root);
	arena_close(&s.arena);
}

static int
run(const struct request *r, struct err *err)
{
	struct session s;

	if (session_open(&s, &r->opt, SESSION_READ, err))
		show(r, &s, err);
	session_close(&s);
	return STATUS_DONE;
}

static const struct opt opts[] = {
	{ "transcript", NULL, "also what was said, where ingest --transcripts kept it",
	    OPT_AT(transcripts), .type = OPT_FLAG, .set = 1 },
	{ "provider", "NAME", "only this provider's call",
	    OPT_AT(provider), .type = OPT_TEXT },
	OPT_PHONES(OPT_PHONES_MASKED),
	OPT_DSN, OPT_PROFILES, OPT_JSON, OPT_END
};

const struct command command_show = {
	.name = "show",
	.args = "CALL",
	.summary = "tell the journey of one call, event by event",
	.text =
	    "Tells what was said about a call, in the order in which it counts: when, by\n"
	    "what, in which file and line, what it stated, and what that changed (of calls\n"
	    "with at most 500 events); then the merged call, each value with the event that\n"
	    "decided it. The calls of all providers that know the\n"
	    "id are shown. Phone numbers are masked unless --phones full is given, or --json.\n"
	    "With --phones none they are left out. --transcript adds what was said in the\n"
	    "call, where a transcript is stored.",
	.example = "show call_123456",
	.min_args = 1,
	.max_args = 1,
	.opts = opts,
	.run = run,
};
