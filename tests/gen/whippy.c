/*
 * whippy: the calls of Whippy: started, ended, analyzed, each message with
 * the whole call as it was then. Durations are milliseconds. Some calls are
 * in the shape of 2023, without metadata and without created_at on top.
 */
#include "call.h"

#include <stdio.h>

enum type { STARTED, ENDED, ANALYZED };

static const char *const type_names[] = { "call.started", "call.ended", "call.analyzed" };

enum quirk {
	QUIRK_2023 = 1,
	QUIRK_MISSPELT = 2,	/* custom_analysis_dat */
	QUIRK_NO_AGENT = 4
};

static const struct ending {
	const char *status;
	const char *outcome;
	unsigned weight;
	bool answered;
	bool terminal;
} endings[] = {
	{ "call_completed.agent_hangup", "completed", 250, true, true },
	{ "call_completed.user_hangup", "completed", 260, true, true },
	{ "call_completed.inactivity", "completed", 25, true, true },
	{ "call_completed.max_duration_reached", "completed", 10, true, true },
	{ "call_completed.error_llm_websocket_open", "completed", 5, true, true },
	{ "call_completed.call_transfer", "transferred", 70, true, true },
	{ "call_completed.voicemail_reached", "completed", 110, true, true },
	{ "call_completed.dial_no_answer", "no_answer", 130, false, true },
	{ "call_completed.dial_busy", "busy", 50, false, true },
	{ "call_completed.dial_failed", "failed", 40, false, true },
	{ "call_in_progress", "in_progress", 25, true, false },
	{ "call_parked.operator", "other", 8, false, false },
};

/* A call while it is invented. */
struct life {
	struct call *c;
	struct rng *r;
	const struct ending *end;
	int64_t end_us;
	int64_t duration_ms;
};

/* The first letter of what stands behind "call_completed." */
static char
reason(const char *status)
{
	return status[sizeof("call_completed.") - 1];
}

static bool
is_voicemail(const struct ending *end)
{
	return reason(end->status) == 'v';
}

/* A message; at_us is its created_at, which the old shape lacks. */
static struct event *
say(struct life *l, enum type type, const char *status, int64_t updated_us, int64_t at_us)
{
	struct call *c = l->c;
	bool old = (c->quirks & QUIRK_2023) != 0;
	struct event *e = call_say(c, (int)type, status, old ? updated_us : at_us,
	    at_us + latency_us(l->r));

	e->start_us = c->at_us;
	e->end_us = updated_us;
	call_began(c, c->at_us);
	c->truth.campaign = c->campaign;
	c->truth.direction = c->truth.numbers = true;
	if (!old && !(c->quirks & QUIRK_NO_AGENT))
		c->truth.assistant = c->assistant;
	return e;
}

/* The duration, which the old shape lacks. */
static void
state_duration(struct life *l, struct event *e, int64_t ms)
{
	if (l->c->quirks & QUIRK_2023)
		return;
	e->duration_ms = ms;
	if (ms != NOT_STATED)
		l->c->truth.duration_ms = ms;
}

static void
started(struct life *l)
{
	say(l, STARTED, "call_in_progress", l->c->at_us, l->c->at_us + latency_us(l->r));
	call_reach(l->c, "in_progress", "call_in_progress");
}

/* What ended and analyzed have in common. */
static struct event *
over(struct life *l, enum type type, int64_t updated_us, int64_t at_us)
{
	struct event *e = say(l, type, l->end->status, updated_us, at_us);

	if (l->end->terminal)
		call_settle(l->c, l->end->outcome, l->end->status);
	else if (l->c->truth.status == NULL)
		call_reach(l->c, l->end->outcome, l->end->status);
	if (is_voicemail(l->end))
		l->c->truth.voicemail = 1;
	state_duration(l, e, l->end->answered ? l->duration_ms :
	    l->c->seed % 2 ? 0 : NOT_STATED);
	if (l->end->answered && l->end->terminal) {
		e->says |= SAYS_RECORDING;
		l->c->truth.recording = 0;
	}
	return e;
}

/* The voicemail flag of the analysis: agrees with the status, or adds to it. */
static bool
in_voicemail(const struct call *c, const struct event *e)
{
	return reason(e->status) == 'v' ||
	    (reason(e->status) == 'u' && c->seed % 16 == 3);
}

/* An analysis; the ratings are among the insights, sentiment has its own place. */
static void
analyzed(struct life *l, int64_t after_us)
{
	const unsigned ratings = 1u << INSIGHT_AGENT_RATING | 1u << INSIGHT_CALL_RATING;
	struct event *e = over(l, ANALYZED, l->end_us + after_us,
	    l->end_us + after_us + SECOND_US);

	e->says |= SAYS_ANALYSIS;
	e->analysis = analysis_draw(l->r, ~(1u << INSIGHT_SENTIMENT));
	e->analysis.actions = 0;
	if (rng_chance(l->r, 800))
		e->analysis.insights |= ratings;
	call_analyzed(l->c, &e->analysis);
	l->c->truth.voicemail = in_voicemail(l->c, e);
}

/* Ended and analyzed; late calls are analysed late, or once more. */
static void
finish(struct life *l)
{
	bool ended = rng_chance(l->r, 960), old = (l->c->quirks & QUIRK_2023) != 0;
	bool again = l->c->late && rng_chance(l->r, 400);

	if (ended || old)
		over(l, ENDED, l->end_us, l->end_us + rng_span(l->r, 1, 6) * SECOND_US);
	if (old)
		return;
	if (!ended || again || rng_chance(l->r, l->end->answered ? 900 : 500))
		analyzed(l, l->c->late && !again ? late_us(l->r) : rng_span(l->r, 5200, 9000) * 1000);
	if (again)
		analyzed(l, late_us(l->r));
}

/* Ids, numbers, direction. */
static void
draw_names(struct call *c, struct rng *r)
{
	uint64_t x = mix64(c->number + c->world->seed * 1000003);
	char ours[16], theirs[16];

	words_uuid(c->id, x, mix64(x + 1));
	snprintf(ours, sizeof(ours), "+1555010%04u", (unsigned)c->assistant % 100 * 7 + 100);
	snprintf(theirs, sizeof(theirs), "+15552%06u", rng_below(r, 1000000));
	c->inbound = rng_chance(r, 350);
	snprintf(c->from, sizeof(c->from), "%s", c->inbound ? theirs : ours);
	snprintf(c->to, sizeof(c->to), "%s", c->inbound ? ours : theirs);
	if (c->inbound && rng_chance(r, 700))
		c->campaign = NOT_STATED;
}

static void
draw_quirks(struct call *c, struct rng *r)
{
	c->quirks = (rng_chance(r, 50) ? QUIRK_2023 : 0u) |
	    (rng_chance(r, 400) ? QUIRK_MISSPELT : 0u) |
	    (rng_chance(r, 20) ? QUIRK_NO_AGENT : 0u);
	c->spelling = rng_chance(r, 3) ? SPELL_BROKEN : rng_chance(r, 3) ? SPELL_NUL : 0u;
	c->times = TIME_MICRO;
	c->at_us += rng_below(r, 1000000);
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
whippy_plan(struct call *c, struct rng *r)
{
	struct life l = { .c = c, .r = r, .end = draw_ending(r) };

	draw_names(c, r);
	draw_quirks(c, r);
	l.duration_ms = is_voicemail(l.end) ? rng_span(r, 2000, 35000) :
	    rng_span(r, 4000, 60000) * rng_span(r, 1, 8);
	l.end_us = c->at_us + (l.duration_ms + rng_span(r, 500, 4000)) * 1000;
	if (l.end->answered && (!l.end->terminal || rng_chance(r, 930)))
		started(&l);
	if (l.end->terminal)
		finish(&l);
	else if (!l.end->answered)
		over(&l, ENDED, l.end_us, l.end_us + SECOND_US);
}

/* A uuid that belongs to the call, null where purpose is 0. */
static void
write_uuid(const struct call *c, const char *key, uint64_t purpose, struct text *t)
{
	char id[ID_MAX];
	uint64_t x = call_number(c, purpose);

	words_uuid(id, x, mix64(x));
	json_str(t, key, purpose ? id : NULL);
}

/* The transcript, 1 to 6 KB; a summary line where transcripts are not asked for. */
static void
write_body(const struct call *c, const struct event *e, struct text *t)
{
	static struct text raw;
	uint64_t x = call_number(c, 20);

	raw.n = 0;
	if (e->type == STARTED || e->duration_ms <= 0) {
		json_nothing(t, "body");
		return;
	}
	words_transcript(&raw, x, c->world->transcripts ? 900 + x % 5000 : 60);
	json_strn(t, "body", raw.p, raw.n);
}

static void
write_party(const struct call *c, struct text *t)
{
	char id[ID_MAX];

	json_str(t, "from", c->from);
	json_str(t, "to", c->to);
	write_uuid(c, "conversation_id", 21, t);
	write_uuid(c, "contact_id", 22, t);
	write_uuid(c, "channel_id", 23, t);
	if (c->campaign != NOT_STATED)
		words_campaign_id(id, WHIPPY, c->campaign);
	json_str(t, "campaign_id", c->campaign != NOT_STATED ? id : NULL);
	write_uuid(c, "campaign_contact_id", c->campaign != NOT_STATED ? 24 : 0, t);
	json_nothing(t, "sequence_id");
	json_nothing(t, "step_id");
}

/* The insights that the customer defined, in either spelling of their place. */
static void
write_custom(const struct call *c, const struct analysis *a, unsigned ratings, struct text *t)
{
	json_open(t, c->quirks & QUIRK_MISSPELT ? "custom_analysis_dat" :
	    "custom_analysis_data", '{');
	json_insights(t, a, ~ratings);
	json_close(t, '}');
}

static void
write_analysis(const struct call *c, const struct event *e, struct text *t)
{
	static const char *const raw[] = { "Positive", "Neutral", "Negative", "Unknown" };
	const unsigned ratings = 1u << INSIGHT_AGENT_RATING | 1u << INSIGHT_CALL_RATING;
	const struct analysis *a = &e->analysis;

	if (!(e->says & SAYS_ANALYSIS)) {
		json_nothing(t, "analysis");
		return;
	}
	json_open(t, "analysis", '{');
	json_insights(t, a, ratings);
	if (a->success != NOT_STATED)
		json_bool(t, "call_successful", a->success == 1);
	if (a->summary)
		json_summary(t, "call_summary", c, a->seed);
	write_custom(c, a, ratings, t);
	json_bool(t, "in_voicemail", in_voicemail(c, e));
	json_str(t, "user_sentiment", a->sentiment != NOT_STATED ? raw[a->sentiment] : NULL);
	json_close(t, '}');
}

static void
write_metadata(const struct call *c, const struct event *e, struct text *t)
{
	char id[ID_MAX];

	words_assistant_id(id, WHIPPY, c->assistant);
	json_open(t, "metadata", '{');
	json_str(t, "type", "phone");
	if (e->duration_ms == NOT_STATED)
		json_nothing(t, "duration");
	else
		json_int(t, "duration", e->duration_ms);
	json_open(t, "placeholders_data", '{');
	json_str(t, "last_name||sir", words_person(call_number(c, 5)));
	json_close(t, '}');
	write_analysis(c, e, t);
	json_str(t, "agent_id", c->quirks & QUIRK_NO_AGENT ? NULL : id);
	write_uuid(c, "agent_version_id", 25, t);
	write_uuid(c, "llm_id", 26, t);
	json_close(t, '}');
}

/* One attachment. */
static void
write_attachment(const char *type, const char *url, struct text *t)
{
	json_open(t, NULL, '{');
	json_str(t, "content_type", type);
	json_str(t, "url", url);
	json_close(t, '}');
}

static void
write_attachments(const struct call *c, const struct event *e, struct text *t)
{
	char url[160];

	json_open(t, "attachments", '[');
	if (e->says & SAYS_RECORDING) {
		if (c->seed % 5 == 0)
			write_attachment("application/json",
			    "https://files.example.com/calls/transcript.json", t);
		call_recording_url(c, 0, url);
		write_attachment("audio/x-wav", url, t);
	}
	if (e->says & SAYS_ANALYSIS)
		write_attachment("application/json",
		    "https://files.example.com/calls/analysis.json", t);
	json_close(t, ']');
}

static void
write_data(const struct call *c, const struct event *e, struct text *t)
{
	bool old = (c->quirks & QUIRK_2023) != 0;

	json_open(t, "data", '{');
	json_str(t, "id", c->id);
	json_str(t, "delivery_status", e->status);
	json_str(t, "direction", c->inbound ? "INBOUND" : "OUTBOUND");
	json_str(t, "type", "call");
	write_body(c, e, t);
	json_nothing(t, "language");
	write_party(c, t);
	json_time(t, "created_at", e->start_us, c->times);
	json_time(t, "updated_at", e->end_us, c->times);
	if (old)
		json_int(t, "user_id", 42);
	else
		write_metadata(c, e, t);
	write_attachments(c, e, t);
	json_close(t, '}');
}

void
whippy_write(const struct call *c, const struct event *e, unsigned copy, struct text *t)
{
	json_open(t, NULL, '{');
	write_data(c, e, t);
	json_str(t, "api_version", "v1");
	json_str(t, "event", type_names[e->type]);
	if (!(c->quirks & QUIRK_2023))
		json_time(t, "created_at", e->at_us, c->times);
	/* A retry is the same but for this. */
	write_uuid(c, "request_id", 1000 + (uint64_t)(e - c->event) * 64 + copy, t);
	json_close(t, '}');
}
