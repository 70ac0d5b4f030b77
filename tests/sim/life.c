#include "life.h"

#include <stdlib.h>
#include <string.h>

#include "due.h"
#include "post.h"

enum {
	POSTERS = 4,
	CALL_SPACING_S = 11,		/* between the clocks of two calls */
	FIRST_BALANCE_CENTI = 10000000,	/* credits, in hundredths */
};

/* What a step does to a call, besides the webhook of its type. */
enum {
	ATTEMPT = 1 << 0,	/* dialed again */
	BOOKED = 1 << 1,	/* dialed again at a time that was agreed upon */
	DIAL = 1 << 2,		/* startedAt, the first time */
	FAIL = 1 << 3,		/* endedAt without a talk */
	HANGUP = 1 << 4,	/* endedAt after a talk as long as the gap */
	TAPE = 1 << 5,		/* recordingUrl */
	ANALYSE = 1 << 6,	/* analysis and credits, in this webhook */
	REPORT = 1 << 7,	/* report, in this webhook */
	LATE = 1 << 8,		/* takes long to come */
	SILENT = 1 << 9,	/* no webhook tells of it */
};

struct step {
	const char *type;
	const char *status;	/* NULL: stays */
	unsigned does;
	unsigned gap_s;		/* 0 with HANGUP: the seed's choice */
};

#define INITIATE { "call.initiate", "initiate", DIAL, 0 }
#define REDIAL { "call.initiate", "initiate", ATTEMPT, 300 }
#define PICKUP { "call.in-progress", "in-progress", 0, 9 }
#define TALK { "call.ended", "ended", HANGUP, 0 }
#define COMPLETE { "call.completed", "completed", TAPE, 3 }
#define ANALYSIS { "end-of-call", NULL, ANALYSE, 5 }
#define OVER { "call.lifecycle-ended", NULL, REPORT, 2 }
#define NO_ANSWER { "call.no-answer", "no-answer", FAIL, 30 }
#define BUSY { "call.busy", "busy", FAIL, 4 }
#define FAILED { "call.failed", "failed", FAIL, 2 }
#define ABORTED { "call.aborted", "aborted", FAIL, 4 }
#define END { NULL, NULL, 0, 0 }

static const struct step answered[] = { INITIATE, PICKUP, TALK, COMPLETE,
    ANALYSIS, OVER, END };
static const struct step retried[] = { INITIATE, NO_ANSWER, REDIAL, PICKUP,
    TALK, COMPLETE, ANALYSIS, OVER, END };
static const struct step busy[] = { INITIATE, BUSY, REDIAL, BUSY, OVER, END };
static const struct step no_answer[] = { INITIATE, NO_ANSWER, REDIAL,
    NO_ANSWER, REDIAL, NO_ANSWER, OVER, END };
static const struct step failed[] = { INITIATE, FAILED, OVER, END };
static const struct step invalid[] = {
    { "call.validation-failed", "validation-failed", DIAL | FAIL, 1 }, OVER,
    END };
static const struct step skipped[] = { { "call.skip", "skip", DIAL | FAIL, 1 },
    OVER, END };
static const struct step rescheduled[] = { INITIATE, PICKUP, TALK,
    { "call.rescheduled", "rescheduled", 0, 4 },
    { "call.initiate", "initiate", BOOKED, 3600 }, PICKUP, TALK, COMPLETE,
    ANALYSIS, OVER, END };
static const struct step timed_out[] = { INITIATE, PICKUP,
    { "call.timeout", "timeout", HANGUP | TAPE, 600 }, ANALYSIS, OVER, END };
static const struct step late[] = { INITIATE, PICKUP, TALK, COMPLETE, OVER,
    { "end-of-call", NULL, ANALYSE | LATE, 5 }, END };
static const struct step silent[] = { INITIATE, PICKUP, TALK, COMPLETE,
    { "end-of-call", NULL, ANALYSE | SILENT, 5 },
    { "call.lifecycle-ended", NULL, REPORT | SILENT, 2 }, END };
static const struct step aborted[] = { INITIATE, ABORTED, OVER, END };
static const struct step open_end[] = { INITIATE, END };
static const struct step by_abort[] = { ABORTED, OVER, END };

static const struct script {
	const char *name;
	const struct step *steps;
	unsigned percent;
} scripts[] = {
	{ "answered", answered, 40 },
	{ "retried", retried, 12 },
	{ "busy", busy, 6 },
	{ "no_answer", no_answer, 8 },
	{ "failed", failed, 5 },
	{ "invalid", invalid, 3 },
	{ "skipped", skipped, 3 },
	{ "rescheduled", rescheduled, 6 },
	{ "timeout", timed_out, 3 },
	{ "late", late, 6 },
	{ "silent", silent, 6 },
	{ "aborted", aborted, 2 },
	{ "open", open_end, 0 },
};

enum { SCRIPT_COUNT = sizeof(scripts) / sizeof(scripts[0]) };

static const struct finding {
	bool success;
	const char *summary;
	const char *action;	/* NULL: none */
	bool interested;
	bool callback;
	const char *sentiment;
} findings[] = {
	{ true, "Ordered again; asked for an invoice.", "send-email", true,
	    false, "positive" },
	{ false, "Interested, but asked to be called back later.", NULL, true,
	    true, "neutral" },
	{ false, "Said \"no, thank you\",\nand hung up.", NULL, false, false,
	    "negative" },
	{ true, "=Wants the offer by WhatsApp; prix: 1 895 \xe2\x82\xb9.",
	    "send-whatsapp", true, false, "positive" },
	{ false, "Wrong number.", NULL, false, false, "mixed" },
};

enum { FINDING_COUNT = sizeof(findings) / sizeof(findings[0]) };

struct life {
	struct lives *lives;
	struct sim_call *call;
	const struct step *next;
	bool queued;		/* its next step will be taken by a thread */
	json_t *request;
	const char *callback;	/* in the request; NULL: nothing is posted */
	uint64_t rng;
	int64_t clock_us;
	int64_t started_us;	/* 0: none; the same for ended_us */
	int64_t ended_us;
	unsigned duration_s;
	const char *status;
	bool taped;
	bool analysed;
	bool reported;
	const struct finding *finding;
	unsigned used_centi;
	int64_t available_centi;
	unsigned reattempts;
	unsigned reschedules;
};

struct lives {
	struct life_options opt;
	struct calls *calls;
	pthread_mutex_t *lock;
	struct due *due;
	pthread_t threads[POSTERS];
	bool started;
	struct map by_id;
	size_t begun;
	size_t open;
	int64_t balance_centi;
	unsigned long sent;
	unsigned long lost;
	unsigned long repeated;
	unsigned long undelivered;
};

struct lives *
lives_open(const struct life_options *opt, struct calls *calls,
    pthread_mutex_t *lock)
{
	struct lives *l = mem_new(sizeof(*l));

	l->opt = *opt;
	l->calls = calls;
	l->lock = lock;
	l->due = due_new();
	l->balance_centi = FIRST_BALANCE_CENTI;
	return l;
}

void
lives_free(struct lives *l)
{
	for (size_t i = 0; i < l->by_id.cap; i++) {
		struct life *life = l->by_id.slots[i].value;

		if (life != NULL)
			json_decref(life->request);
		free(life);
	}
	map_free(&l->by_id);
	due_free(l->due);
	free(l);
}

/* A time as JSON; null for 0. A new reference, as all below. */
static json_t *
time_json(int64_t us)
{
	char buf[TIME_TEXT_MAX];

	return us != 0 ? json_string(time_text(buf, us, false)) : json_null();
}

/* The object `call`. */
static json_t *
call_json(const struct life *f)
{
	const char *base = f->lives->opt.detail_base;
	char *tape = mem_fmt("%s/recordings/%s.mp3", base, f->call->id);
	char *detail = mem_fmt("%s/v2/calls/%s", base, f->call->id);
	json_t *v = json_pack("{s:s, s:s, s:o, s:o, s:o, s:s, s:o}",
	    "id", f->call->id, "status", f->status,
	    "startedAt", time_json(f->started_us),
	    "endedAt", time_json(f->ended_us),
	    "recordingUrl", f->taped ? json_string(tape) : json_null(),
	    "detailUrl", detail, "durationSeconds",
	    f->ended_us != 0 ? json_integer(f->duration_s) : json_null());

	free(tape);
	free(detail);
	return v;
}

/* The object `analysis`; null before there is one. */
static json_t *
analysis_json(const struct life *f)
{
	const struct finding *d = f->finding;
	json_t *actions;

	if (!f->analysed)
		return json_null();
	actions = d->action != NULL ? json_pack("[s]", d->action) : json_array();
	return json_pack("{s:b, s:s, s:o, s:{s:b, s:b, s:s}}",
	    "success", d->success, "summary", d->summary,
	    "requiredActions", actions, "insights",
	    "interested", d->interested, "callback_requested", d->callback,
	    "sentiment", d->sentiment);
}

/* The object `credits`; null before the call was charged. */
static json_t *
credits_json(const struct life *f)
{
	if (!f->analysed)
		return json_null();
	return json_pack("{s:f, s:f}", "used", f->used_centi / 100.0,
	    "available", (double)f->available_centi / 100.0);
}

/* The object `report`; null before the end of the life. */
static json_t *
report_json(const struct life *f)
{
	if (!f->reported)
		return json_null();
	return json_pack("{s:i, s:i, s:s}",
	    "reAttemptCount", (int)f->reattempts,
	    "rescheduledCount", (int)f->reschedules, "finalStatus", f->status);
}

/* All that the detail path answers. */
static json_t *
detail_json(const struct life *f)
{
	json_t *metadata = json_object_get(f->request, "metadata");
	json_t *v = json_pack("{s:O, s:o, s:o, s:o, s:o}",
	    "assistant", json_object_get(f->request, "assistant"),
	    "call", call_json(f), "analysis", analysis_json(f),
	    "credits", credits_json(f), "report", report_json(f));

	if (metadata != NULL)
		(void)json_object_set(v, "metadata", metadata);
	return v;
}

/*
 * The webhook of a step. In some calls the four objects stand twice, and in
 * some the request's metadata come along, as in the provider's documents.
 */
static json_t *
webhook_json(const struct life *f, const struct step *s)
{
	json_t *data = json_pack("{s:o}", "call", call_json(f));
	json_t *event = json_pack("{s:s, s:O}", "type", s->type, "data", data);
	json_t *metadata = json_object_get(f->request, "metadata");
	json_t *v = json_pack("{s:O}", "event", event);
	uint64_t id = hash_bytes(f->call->id, strlen(f->call->id));

	if (s->does & ANALYSE) {
		(void)json_object_set_new(data, "analysis", analysis_json(f));
		(void)json_object_set_new(data, "credits", credits_json(f));
	}
	if (s->does & REPORT)
		(void)json_object_set_new(data, "report", report_json(f));
	if (coin(id, 30))
		(void)json_object_update(event, data);
	if (metadata != NULL && coin(id + 1, 70))
		(void)json_object_set(v, "metadata", metadata);
	json_decref(data);
	json_decref(event);
	return v;
}

/* A JSON value as compact text; takes the value, the caller frees the text. */
static char *
text_of(json_t *v)
{
	char *text = v != NULL ? json_dumps(v, JSON_COMPACT) : NULL;

	if (text == NULL)
		abort();
	json_decref(v);
	return text;
}

/* Charges for the talk: a quarter of a credit for each half minute. */
static void
charge(struct life *f)
{
	f->used_centi = 25 * ((f->duration_s + 29) / 30);
	f->lives->balance_centi -= f->used_centi;
	f->available_centi = f->lives->balance_centi;
	f->finding = &findings[rng_next(&f->rng) % FINDING_COUNT];
	f->analysed = true;
}

/* Does to the call what a step says. */
static void
step_take(struct life *f, const struct step *s)
{
	unsigned gap_s = s->gap_s;

	if ((s->does & HANGUP) && gap_s == 0)
		gap_s = 5 + (unsigned)(rng_next(&f->rng) % 236);
	f->clock_us += gap_s * SECOND_US;
	f->reattempts += (s->does & ATTEMPT) != 0;
	f->reschedules += (s->does & BOOKED) != 0;
	if (s->does & (ATTEMPT | BOOKED))
		f->ended_us = 0;
	if ((s->does & DIAL) && f->started_us == 0)
		f->started_us = f->clock_us;
	if (s->does & (FAIL | HANGUP)) {
		f->ended_us = f->clock_us;
		f->duration_s = (s->does & HANGUP) ? gap_s : 0;
	}
	if (s->does & TAPE)
		f->taped = true;
	if (s->status != NULL)
		f->status = s->status;
	if (s->does & ANALYSE)
		charge(f);
	if (s->does & REPORT)
		f->reported = true;
	call_set_body(f->call, PART_DETAIL, text_of(detail_json(f)));
}

/* A number that is the same for the same step of the same call. */
static uint64_t
step_key(const struct life *f, const struct step *s)
{
	char *text = mem_fmt("%s %s %u %u", f->call->id, s->type,
	    f->reattempts, f->reschedules);
	uint64_t key = hash_bytes(text, strlen(text)) ^ f->lives->opt.seed;

	free(text);
	return key;
}

/*
 * Takes the next step. Returns the webhook's body, which is in the dump then,
 * or NULL when none is sent; *times is how often it is to be sent.
 */
static char *
life_step(struct life *f, unsigned *times)
{
	struct lives *l = f->lives;
	const struct step *s = f->next++;
	uint64_t key = step_key(f, s);
	char *body;

	step_take(f, s);
	if (s->does & SILENT)
		return NULL;
	if (coin(key, l->opt.lose_percent)) {
		l->lost++;
		return NULL;
	}
	*times = coin(key + 1, l->opt.repeat_percent) ? 2 : 1;
	body = text_of(webhook_json(f, s));
	l->sent += *times;
	l->repeated += *times - 1;
	for (unsigned i = 0; i < *times; i++)
		out_line(l->opt.dump, body);
	return body;
}

/* Queues the next step for the threads, or ends the life. Under the lock. */
static void
life_queue(struct life *f)
{
	struct lives *l = f->lives;
	bool was = f->queued;
	int64_t wait_ms;

	f->queued = f->next->type != NULL;
	if (f->queued) {
		wait_ms = (f->next->does & LATE) ? l->opt.late_ms :
		    l->opt.step_ms;
		f->queued = due_push(l->due, mono_us() + wait_ms * 1000, f);
	}
	if (f->queued && !was)
		l->open++;
	if (!f->queued && was)
		l->open--;
}

/* Takes the steps of all lives as they become due, and posts. */
static void *
post_thread(void *cls)
{
	struct lives *l = cls;
	struct poster *p = poster_new(l->opt.ca_file);
	struct life *f;

	while ((f = due_pop(l->due)) != NULL) {
		unsigned times = 0, failed_posts = 0;
		char *body;

		(void)pthread_mutex_lock(l->lock);
		body = life_step(f, &times);
		(void)pthread_mutex_unlock(l->lock);
		for (unsigned i = 0; body != NULL && i < times; i++)
			failed_posts += !poster_send(p, f->callback, body);
		free(body);
		(void)pthread_mutex_lock(l->lock);
		l->undelivered += failed_posts;
		life_queue(f);
		(void)pthread_mutex_unlock(l->lock);
	}
	poster_free(p);
	return NULL;
}

void
lives_start(struct lives *l)
{
	for (size_t i = 0; i < POSTERS; i++)
		if (pthread_create(&l->threads[i], NULL, post_thread, l) != 0)
			die("no thread can be started");
	l->started = true;
}

void
lives_stop(struct lives *l)
{
	due_close(l->due, false);
	for (size_t i = 0; l->started && i < POSTERS; i++)
		(void)pthread_join(l->threads[i], NULL);
	l->started = false;
}

/* The script of a name; NULL when there is none. */
static const struct script *
script_named(const char *name)
{
	for (size_t i = 0; i < SCRIPT_COUNT; i++)
		if (strcmp(scripts[i].name, name) == 0)
			return &scripts[i];
	return NULL;
}

/* The script's name that the request asks for; NULL when it does not. */
static const char *
script_asked(const json_t *request)
{
	return json_string_value(json_object_get(json_object_get(request,
	    "payload"), "sim"));
}

/* The script of a request: the one it names, else one by chance. */
static const struct script *
script_for(const json_t *request, uint64_t *rng)
{
	const char *name = script_asked(request);
	unsigned point = (unsigned)(rng_next(rng) % 100);
	size_t i = 0;

	if (name != NULL)
		return script_named(name);
	while (point >= scripts[i].percent)
		point -= scripts[i++].percent;
	return &scripts[i];
}

const char *
life_refusal(const json_t *request)
{
	const char *url = json_string_value(json_object_get(request,
	    "callbackUrl"));
	const char *script = script_asked(request);

	if (!json_is_string(json_object_get(request, "phoneNumber")))
		return "phoneNumber is required";
	if (!json_is_string(json_object_get(request, "assistant")))
		return "assistant is required";
	if (url == NULL)
		return "callbackUrl is required";
	if (!post_is_local(url))
		return "callbackUrl must lead to a loopback address";
	if (script != NULL && script_named(script) == NULL)
		return "payload.sim names no life";
	return NULL;
}

/* Writes a line of the dispatch log; takes the response. */
static void
note_dispatch(const struct lives *l, int64_t at_us, json_t *request,
    const char *workspace, json_t *response)
{
	char at[TIME_TEXT_MAX];
	char *line = text_of(json_pack("{s:s, s:s, s:O, s:o}",
	    "sentAt", time_text(at, at_us, false),
	    "workspace", workspace != NULL ? workspace : "",
	    "request", request, "response", response));

	out_line(l->opt.dispatch, line);
	free(line);
}

/* The clock of the next call to begin. */
static int64_t
next_clock(const struct lives *l)
{
	return l->opt.epoch_us + (int64_t)l->begun * CALL_SPACING_S * SECOND_US;
}

/* A life with its call, before its first step. */
static struct life *
life_new(struct lives *l, json_t *request)
{
	struct life *f = mem_new(sizeof(*f));
	const struct script *script;
	uint64_t number;
	char *id;

	f->lives = l;
	f->rng = rng_start(~l->opt.seed, l->begun);
	f->clock_us = next_clock(l);
	number = rng_next(&f->rng);
	id = mem_fmt("c_%08x-%04x", (unsigned)(number >> 32),
	    (unsigned)(number & 0xffff));
	script = script_for(request, &f->rng);
	f->request = json_incref(request);
	f->status = "initiate";
	f->next = script->steps;
	f->call = calls_add(l->calls, P_MIRAIMINDS, id, NULL, NULL, NULL);
	f->call->life = script->name;
	call_set_body(f->call, PART_DETAIL, text_of(detail_json(f)));
	map_put(&l->by_id, f->call->id, f);
	free(id);
	return f;
}

struct sim_call *
life_begin(struct lives *l, json_t *request, const char *workspace, bool post)
{
	struct life *f = life_new(l, request);
	unsigned times;

	note_dispatch(l, f->clock_us, request, workspace,
	    json_pack("{s:s, s:s}", "status", "initiate", "callId",
	    f->call->id));
	l->begun++;
	if (post) {
		f->callback = json_string_value(json_object_get(request,
		    "callbackUrl"));
		life_queue(f);
		return f->call;
	}
	while (f->next->type != NULL)
		free(life_step(f, &times));
	return f->call;
}

void
life_refused(struct lives *l, json_t *request, const char *workspace,
    const char *answer)
{
	json_t *response = json_loads(answer, 0, NULL);

	note_dispatch(l, next_clock(l), request, workspace,
	    response != NULL ? response : json_object());
}

/* True for a status after which the platform does not dial again. */
static bool
is_over(const char *status)
{
	static const char *const last[] = { "completed", "timeout", "aborted",
	    "skip", "validation-failed" };

	for (size_t i = 0; i < sizeof(last) / sizeof(last[0]); i++)
		if (strcmp(last[i], status) == 0)
			return true;
	return false;
}

bool
life_abort(struct lives *l, struct sim_call *call)
{
	struct life *f = map_get(&l->by_id, call->id);

	if (f == NULL || f->callback == NULL || f->reported ||
	    is_over(f->status) || f->next == by_abort)
		return false;
	f->next = by_abort;
	if (!f->queued)
		life_queue(f);
	return true;
}

const char *
life_status(const struct lives *l, const struct sim_call *call)
{
	const struct life *f = map_get(&l->by_id, call->id);

	return f != NULL ? f->status : "completed";
}

json_t *
lives_json(const struct lives *l)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}",
	    "begun", (json_int_t)l->begun, "open", (json_int_t)l->open,
	    "webhooks", (json_int_t)l->sent, "lost", (json_int_t)l->lost,
	    "repeated", (json_int_t)l->repeated,
	    "undelivered", (json_int_t)l->undelivered);
}
