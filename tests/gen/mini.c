/*
 * mini: the calls of MiniVoice: created, answered, gathered, completed or
 * failed, and recordings with a duration of their own, which is not the
 * call's. Times are whole seconds, durations seconds.
 */
#include "call.h"

#include <stdio.h>

enum type { CREATED, ANSWERED, GATHERED, COMPLETED, FAILED, NAMED, RECORDED, RECORDING };

/* NAMED is "call." and the event's name. */
static const char *const type_names[] = { "call.created", "call.answered", "call.gathered",
	"call.completed", "call.failed", NULL, "recording.completed", "recording.started" };

enum life_kind { TALKED, BROKEN_OFF, TALKING, QUEUED, LOST, OVERHEARD };

static const struct ending {
	const char *status;
	const char *outcome;
	unsigned weight;
	enum life_kind kind;
} endings[] = {
	{ "completed", "completed", 560, TALKED },
	{ "in_progress", "completed", 25, TALKED },	/* stale: the event's name counts */
	{ "failed", "failed", 60, BROKEN_OFF },
	{ "busy", "busy", 70, BROKEN_OFF },
	{ "no_answer", "no_answer", 90, BROKEN_OFF },
	{ "no-answer", "no_answer", 40, BROKEN_OFF },
	{ "canceled", "aborted", 40, BROKEN_OFF },
	{ "in_progress", "in_progress", 25, TALKING },
	{ "queued", "queued", 15, QUEUED },
	{ "completed", "completed", 20, LOST },		/* only its recording says so */
	{ "in_progress", "in_progress", 15, OVERHEARD },	/* a recording completes no call */
};

/* Where the members that have several places stand. */
enum { PLACES_DURATION = 4, PLACES_CAMPAIGN = 6 };

/* A call while it is invented. */
struct life {
	struct call *c;
	struct rng *r;
	const struct ending *end;
	int64_t now_us;
};

static bool
has_application(const struct call *c)
{
	return call_number(c, 1) % 100 >= 5;
}

/* A message of this moment. */
static struct event *
say(struct life *l, enum type type, const char *status)
{
	struct call *c = l->c;
	struct event *e = call_say(c, (int)type, status, l->now_us,
	    l->now_us + latency_us(l->r));

	c->truth.campaign = c->campaign;
	c->truth.direction = c->truth.numbers = true;
	if (has_application(c))
		c->truth.assistant = c->assistant;
	return e;
}

/* Time goes by. */
static void
pass(struct life *l, int64_t low_s, int64_t high_s)
{
	l->now_us += rng_span(l->r, low_s, high_s) * SECOND_US;
}

/* call.created, in one of the states that the documents show. */
static void
created(struct life *l)
{
	static const char *const raw[] = { "queued", "initiated", "dialing", "ringing",
		"created", "in_progress", "in-progress" };
	uint32_t known = l->end->kind == QUEUED ? 5 : COUNT(raw);
	uint32_t i = rng_below(l->r, known);

	say(l, CREATED, raw[i]);
	call_began(l->c, l->now_us);
	call_reach(l->c, i < 5 ? "queued" : "in_progress", raw[i]);
}

static void
answered(struct life *l)
{
	static const char *const raw[] = { "answered", "in_progress", "in-progress" };
	const char *status = raw[rng_below(l->r, COUNT(raw))];

	pass(l, 2, 25);
	say(l, ANSWERED, status);
	call_reach(l->c, "in_progress", status);
}

/* Digits were pressed; the event key is the same each time. */
static void
gathered(struct life *l)
{
	pass(l, 3, 30);
	say(l, GATHERED, "in_progress");
	call_reach(l->c, "in_progress", "in_progress");
}

/* The recording, weeks late for some. */
static void
recorded(struct life *l, const char *status)
{
	struct event *e;

	pass(l, 5, 90);
	if (l->c->late)
		l->now_us += late_us(l->r) / SECOND_US * SECOND_US;
	e = say(l, RECORDED, status);
	e->says |= SAYS_RECORDING;
	l->c->truth.recording = 0;
	call_reach(l->c, "in_progress", status);	/* of a call that is over: no news */
}

/* call.completed, with the duration in one of its places or nowhere. */
static void
completed(struct life *l, int64_t answered_us)
{
	struct event *e = say(l, COMPLETED, l->end->status);

	call_settle(l->c, l->end->outcome, "completed");
	call_ended(l->c, l->now_us);
	if (rng_chance(l->r, 950)) {
		e->duration_ms = (l->now_us - answered_us) / 1000 -
		    (rng_chance(l->r, 100) ? 500 : 0);
		l->c->truth.duration_ms = e->duration_ms;
	}
}

/* From the answer on. */
static void
talk(struct life *l)
{
	int64_t answered_us;
	uint32_t digits = rng_chance(l->r, 300) ? 1 + rng_below(l->r, 2) : 0;

	answered(l);
	answered_us = l->now_us;
	for (uint32_t i = 0; i < digits; i++)
		gathered(l);
	if (l->end->kind == TALKING)
		return;
	if (rng_chance(l->r, 100))
		say(l, RECORDING, "in_progress");
	pass(l, 5, rng_span(l->r, 20, 500));
	if (l->end->kind == TALKED)
		completed(l, answered_us);
	if (l->end->kind == LOST)
		call_settle(l->c, l->end->outcome, l->end->status);
	if (l->end->kind != TALKED || rng_chance(l->r, 450))
		recorded(l, l->end->status);
	else if (rng_chance(l->r, 30))
		say(l, RECORDING, "completed");
}

/* call.failed with what went wrong as its status, or an event of that name. */
static void
break_off(struct life *l)
{
	bool named = l->end->outcome[0] != 'f' && rng_chance(l->r, 200);
	struct event *e;

	pass(l, 3, 40);
	e = say(l, named ? NAMED : FAILED, l->end->status);
	e->name = l->end->status;
	call_settle(l->c, l->end->outcome, l->end->status);
	if (!named)
		call_ended(l->c, l->now_us);
	if (rng_chance(l->r, 200))
		e->duration_ms = l->c->truth.duration_ms = 0;
}

/* Ids and numbers. An id may be the same as a MiraiMinds call's. */
static void
draw_names(struct call *c, struct rng *r)
{
	char day[11];

	when_day(c->at_us, day);
	if (rng_chance(r, 500))
		snprintf(c->id, sizeof(c->id), "call_%.4s%.2s%.2sT%06lld.%09llu", day, day + 5,
		    day + 8, (long long)(c->at_us % DAY_US / SECOND_US),
		    (unsigned long long)c->number);
	else
		snprintf(c->id, sizeof(c->id), "call_%016llx", (unsigned long long)
		    mix64((c->number ^ 1) + c->world->seed * 1000003));
	c->inbound = rng_chance(r, 500);
	snprintf(c->from, sizeof(c->from), "+15553%06u", rng_below(r, 1000000));
	snprintf(c->to, sizeof(c->to), "+15554%06u", rng_below(r, 1000000));
}

static const struct ending *
draw_ending(struct rng *r)
{
	unsigned weight[COUNT(endings)];

	for (size_t i = 0; i < COUNT(endings); i++)
		weight[i] = endings[i].weight;
	return &endings[rng_weighted(r, weight, COUNT(endings))];
}

void
mini_plan(struct call *c, struct rng *r)
{
	struct life l = { c, r, draw_ending(r), c->at_us };

	draw_names(c, r);
	created(&l);
	if (l.end->kind == BROKEN_OFF)
		break_off(&l);
	else if (l.end->kind != QUEUED)
		talk(&l);
}

/* seconds as a number, whole or not. */
static void
json_seconds(struct text *t, const char *key, int64_t ms)
{
	json_decimal(t, key, ms, 3);
}

static void
write_call(const struct call *c, const struct event *e, struct text *t)
{
	char id[ID_MAX];
	uint64_t place = c->seed % PLACES_DURATION;

	json_open(t, "call", '{');
	json_str(t, "id", c->id);
	json_str(t, "customer_id", "cust_123");
	words_assistant_id(id, MINI, c->assistant);
	if (has_application(c))
		json_str(t, "application_id", id);
	else if (c->seed % 2)
		json_nothing(t, "application_id");
	json_str(t, "status", e->status);
	json_str(t, "direction", c->inbound ? "inbound" : "outbound");
	json_str(t, "from", c->from);
	json_str(t, "to", c->to);
	if (e->duration_ms != NOT_STATED && place < 2)
		json_seconds(t, place == 0 ? "duration" : "duration_seconds", e->duration_ms);
	json_close(t, '}');
}

/* The campaign, in `variables` or in `metadata`, under one of three names. */
static void
write_variables(const struct call *c, struct text *t)
{
	static const char *const keys[] = { "campaign", "campaign_id", "campaignId" };
	uint64_t place = call_number(c, 2) % PLACES_CAMPAIGN;
	char id[ID_MAX];

	if (place >= 3)
		json_raw(t, "variables", "{}");
	json_open(t, place < 3 ? "variables" : "metadata", '{');
	if (place % 2)
		json_str(t, "customer_name", words_person(call_number(c, 5)));
	if (c->campaign != NOT_STATED) {
		words_campaign_id(id, MINI, c->campaign);
		json_str(t, keys[place % 3], id);
	}
	json_close(t, '}');
}

/* What was pressed; two gathers of one call differ in it. */
static void
write_digits(const struct call *c, const struct event *e, struct text *t)
{
	json_key(t, "digits");
	text_char(t, '"');
	text_int(t, (int64_t)(call_number(c, (uint64_t)(30 + (e - c->event))) % 10000));
	text_char(t, '"');
	json_str(t, "status", "completed");
	json_bool(t, "timed_out", false);
}

/* A recording is as long as it likes. */
static void
write_recording(const struct call *c, struct text *t)
{
	char url[160];

	call_recording_url(c, 0, url);
	json_str(t, c->seed % 3 ? "recording_url" : "url", url);
	json_int(t, "duration", 1000 + (int64_t)(c->seed % 1000));
}

static void
write_data(const struct call *c, const struct event *e, const char *type, struct text *t)
{
	json_open(t, "data", '{');
	if (c->seed % 7 < 4) {
		json_key(t, "event_key");
		text_char(t, '"');
		text_puts(t, c->id);
		text_char(t, ':');
		text_puts(t, type);
		text_char(t, '"');
	}
	if (e->type == GATHERED)
		write_digits(c, e, t);
	if (e->says & SAYS_RECORDING)
		write_recording(c, t);
	else if (e->duration_ms != NOT_STATED && c->seed % PLACES_DURATION >= 2)
		json_seconds(t, "duration", e->duration_ms);
	json_close(t, '}');
}

void
mini_write(const struct call *c, const struct event *e, unsigned copy, struct text *t)
{
	char name[40];
	const char *type = e->type == NAMED ? name : type_names[e->type];

	(void)copy;	/* a retry is the same to the byte */
	snprintf(name, sizeof(name), "call.%s", e->name ? e->name : "");
	json_open(t, NULL, '{');
	json_str(t, "event", type);
	json_time(t, "created_at", e->at_us, TIME_Z);
	write_call(c, e, t);
	write_variables(c, t);
	write_data(c, e, type, t);
	json_close(t, '}');
}
